"""The rules, written a second time from the specification's text, against what is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Reviewed
from tests.oracle.assessability import NEEDS
from tests.oracle.compare import differences, history_differences, review, table_differences
from tests.oracle.estate import Estate
from tests.oracle.evidence import evidence_differences
from tests.oracle.foundations import World
from tests.oracle.rulebook import rules


@pytest.fixture(scope="module")
def estate(demo: Reviewed) -> Iterator[Estate]:
    """The conformed rows of the demo."""
    yield Estate(demo.data)


@pytest.mark.parametrize("back", [1, 2])
def test_what_is_published_is_what_the_text_says(demo: Reviewed, estate: Estate, back: int) -> None:
    """Keys, numbers, severities, confidence, actions and assessability of the last two months."""
    assert differences(World(estate, estate.drops[-back]), demo.published) == []


@pytest.mark.parametrize("back", [1, 2])
def test_tables_beside_the_findings_are_what_the_text_says(demo: Reviewed, estate: Estate, back: int) -> None:
    """Positions, the auditor's count and the de-provisioning list of the last two months."""
    assert table_differences(World(estate, estate.drops[-back]), demo.published) == []


def test_findings_go_on_from_month_to_month_as_the_text_says(demo: Reviewed, estate: Estate) -> None:
    """finding_id, status, first month and months open, over all months."""
    assert history_differences(estate, demo.published) == []


def test_evidence_names_rows_that_were_loaded_and_those_of_the_person(demo: Reviewed) -> None:
    """Every finding of every month; the rows are searched in the warehouse by their file and number."""
    assert evidence_differences(demo.data) == []


def test_evidence_of_another_person_is_a_difference(copied: Path) -> None:
    """Findings of two persons with each other's evidence."""
    with duckdb.connect(str(copied / "published" / "selfaudit.duckdb")) as con:
        swapped = con.execute(
            "update calendar.findings set evidence = (select max(f.evidence) from calendar.findings as f "
            "where f.rule_id = 'USE-02') where rule_id = 'USE-01' returning finding_id"
        ).fetchall()
    assert len(evidence_differences(copied)) == len(swapped) > 0


def test_the_comparison_is_about_every_rule_of_the_demo(estate: Estate) -> None:
    """Each rule is in the oracle, and each that the demo plants has findings in it in one of the two months."""
    assert set(rules()) == set(NEEDS)
    found = {f.rule for month in estate.drops[-2:] for f in review(World(estate, month))[1]}
    assert set(NEEDS) - found == set()


def test_a_wrong_number_is_a_difference(demo: Reviewed, estate: Estate) -> None:
    """A parameter that is not the one of the review shows in the comparison: it is not satisfied by anything."""
    w = World(estate, estate.drops[-1])
    changed = [
        {**r, "value": "91"} if (r["rule_id"], r["parameter"]) == ("USE-01", "days") else r
        for r in w.ref("rule_parameters")
    ]
    w.__dict__["_refs"]["rule_parameters"] = changed
    said = differences(w, demo.published)
    assert said
    # Rules that are defined by the findings of others change with them.
    assert all(any(rule in line for rule in ("USE-01", "USE-10", "HUB-05")) for line in said)
