"""Cells that hold an end of a line, as addresses and notes of directories do, in every form of file: they are one cell
of one row.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.ingest.forms.text_table import TextTable
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.read.read_rows import read_rows
from pipelines.ingest.recognise.recognised import Recognised
from tests.unit.ingest.landing import Landing

HEADER = ["employee_id", "status", "department"]
# Enough that one row of another width is within what a file may have.
MORE = [[str(n), "Active", "Sales"] for n in range(2, 60)]


def as_json(rows: list[list[str]]) -> bytes:
    return json.dumps([dict(zip(HEADER, row, strict=True)) for row in rows]).encode()


def as_workbook(rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER, *rows]):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def as_csv(rows: list[list[str]]) -> bytes:
    lines = [",".join(f'"{cell}"' for cell in row) for row in [HEADER, *rows]]
    return "\r\n".join([*lines, ""]).encode()


def with_a_broken_row(rows: list[list[str]]) -> bytes:
    """Such a file is read record by record."""
    return as_csv(rows) + b"99,Active\r\n"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
@pytest.mark.parametrize(
    ("name", "written"),
    [("hr.json", as_json), ("hr.xlsx", as_workbook), ("hr.csv", as_csv), ("broken.csv", with_a_broken_row)],
)
def test_an_end_of_a_line_in_a_cell_ends_no_row(tmp_path: Path, name: str, written, end: str):
    landing = Landing(tmp_path)
    landing.put(name, written([["1", "Active", f"Research{end}Design"], *MORE]))
    landing.load()
    rows = landing.con.execute("select employee_id, department from raw.hr_workers order by _row_number").fetchall()
    assert rows == [("1", f"Research{end}Design"), *((n, d) for n, _, d in MORE)]


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
con = duckdb.connect()


@settings(deadline=None, max_examples=30)
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=4))
@example(rows=[("a\rb", ""), ("c\nd", "\r\n"), ('"', ",")])
def test_rows_of_texts_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, rows):
    scratch = Scratch(con, tmp_path_factory.mktemp("scratch"))
    found = read_rows(
        Recognised("a.json", "loaded", "", source=TextTable(["a", "b"], map(list, rows), "json")), scratch
    )
    assert not found.bad, found.bad
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    there = con.execute(
        f"select coalesce(c0, ''), coalesce(c1, '') from {found.staged} order by _row_number"
    ).fetchall()
    assert there == kept and found.rows == len(kept)
