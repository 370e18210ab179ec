"""The list of mistakes that `make mutate` plants is kept: each can still be planted where it says."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.mutations.planted import planted
from tests.mutations.project import DBT, Mutation
from tests.mutations.sampled import of_models, of_modules

LISTED = planted()


@pytest.mark.parametrize("mutation", LISTED, ids=lambda m: m.what)
def test_a_mistake_of_the_list_can_be_planted(mutation: Mutation):
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert mutation.planted_in(text) != text
    assert mutation.tests == DBT or all((ROOT / tests).is_file() for tests in mutation.tests)


def test_there_are_enough_and_each_has_a_name_of_its_own():
    assert len(LISTED) >= 32
    assert len({m.what for m in LISTED}) == len(LISTED)


def test_a_sample_is_the_same_for_the_same_seed_and_can_be_planted():
    for drawn in (of_models, of_modules):
        assert drawn(10, 5) == drawn(10, 5) != drawn(10, 6)
    for mutation in [*of_models(10, 5), *of_modules(10, 5)]:
        text = (ROOT / mutation.file).read_text(encoding="utf-8")
        assert mutation.planted_in(text) != text
