"""The field cases: every file that should be read is read, and for some the whole run comes to what its owner would
expect. The whole run of every case: `make test-all`, or `python -m tests.field_cases`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.landing.files import list_drops
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema
from tests.field_cases import CASES, differences, expectations, run_case

EXPECTED = expectations()
# One for each way in which a conclusion from what is not there can be wrong: a part, a refused row, a second address.
WHOLE_RUNS = ("03b-first-page-after-a-full-month", "07b-one-sensitive-account", "60-address-is-an-alias")


def test_every_case_has_an_expectation_and_a_landing_zone():
    assert sorted(EXPECTED) == sorted(p.name for p in CASES.iterdir() if p.is_dir())


@pytest.mark.parametrize("name", [n for n, e in EXPECTED.items() if e.get("loaded")])
def test_the_files_of_a_case_are_read(name: str, tmp_path: Path):
    landing = CASES / name / "input"
    con = duckdb.connect(config={"threads": 1})
    ensure_schema(con)
    load_landing(con, landing, list_drops(landing), tmp_path)
    found = dict(
        con.execute(
            "select path, rows_loaded from raw.file_register where verdict = 'loaded' and drop <> 'reference' order "
            "by drop"
        ).fetchall()
    )
    wanted = EXPECTED[name]["loaded"]
    assert {path: found.get(path) for path in wanted} == wanted


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in WHOLE_RUNS else pytest.mark.thorough) for n in EXPECTED]
)
def test_a_review_of_a_case_comes_to_what_its_owner_expects(name: str, tmp_path: Path):
    assert differences(name, run_case(name, tmp_path / "data")) == []
