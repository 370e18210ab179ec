"""No cell of a published CSV file or of an export is a formula in a spreadsheet: those that begin like one are led by
an apostrophe, others stay."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.publish.datasets import copy_csv, csv_select
from pipelines.publish.sam import FORMULA

# Source: OWASP, "CSV Injection": the characters with which a cell begins that a spreadsheet evaluates.
BEGINNINGS = ["=", "+", "-", "@", "\t", "\r"]


def written(text: str | None) -> str | None:
    with duckdb.connect() as con:
        con.execute("create table t as select ?::varchar as name, 1 as number", [text])
        found = con.execute(f"select {csv_select([('name', 'VARCHAR'), ('number', 'INTEGER')])} from t").fetchone()
    assert found is not None and found[1] == 1
    return found[0]


@pytest.mark.parametrize("first", BEGINNINGS)
def test_a_text_that_begins_like_a_formula_is_led_by_an_apostrophe(first: str):
    assert written(f"{first}SUM(A1)") == f"'{first}SUM(A1)"
    assert written(first) == f"'{first}"
    with duckdb.connect() as con:
        assert con.execute("select regexp_matches(?, ?)", [f"{first}x", FORMULA]).fetchone() == (True,)


@pytest.mark.parametrize("text", ["", "ada@corp.example", "a=b", "1-2", " =1", "'", "ä+", None])
def test_any_other_text_stays_as_it_is(text: str | None):
    assert written(text) == text


@pytest.mark.parametrize(("output", "mark"), [("findings", b"\xef\xbb\xbf"), ("focus", b"")])
def test_a_file_of_an_output_guards_its_cells_and_is_marked_where_people_open_it(tmp_path, output, mark):
    with duckdb.connect() as con:
        con.execute("create schema calendar")
        con.execute(f"create table calendar.{output} as select '=1+1' as title, 2 as number")
        copy_csv(con, output, f"calendar.{output}", tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_bytes() == mark + b"title,number\n'=1+1,2\n"
