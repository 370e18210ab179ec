"""The published rows of one month of the demo, and their order, are those that lie beside this file: whoever changes
them shows the difference to a reader."""

from __future__ import annotations

import difflib

import pytest

from tests.conftest import Reviewed
from tests.golden.rows import FOLDER, OUTPUTS, published_rows

SHOWN = 40


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_rows_of_the_month_and_their_order_are_as_they_were(demo: Reviewed, output: str):
    wanted = (FOLDER / f"{output}.csv").read_text(encoding="utf-8").splitlines()
    found = published_rows(demo.data, output).splitlines()
    changed = [*difflib.unified_diff(wanted, found, "tests/golden", "published", n=0, lineterm="")]
    more = f"\n… and {len(changed) - SHOWN} lines more" if len(changed) > SHOWN else ""
    assert not changed, (
        "\n".join(changed[:SHOWN]) + more + "\nIf that is meant: make golden, and commit the difference."
    )


def test_every_file_of_rows_is_compared():
    assert {p.stem for p in FOLDER.glob("*.csv")} == set(OUTPUTS)
