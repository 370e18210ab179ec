"""Judged rows of a small table of texts, without a landing zone: what the tests of cells ask `conform` for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.contracts import INPUTS, Column, Form, Type
from pipelines.ingest.conform.cell_notes import UnknownValue, UnreadCells, note_cells
from pipelines.ingest.conform.table import Forms, conform_table, noted_of
from pipelines.ingest.recognise.inputs import contract_of, match_header

# A cell that each column can hold, so that a row is good but for the one that is looked at.
GOOD = {
    Type.TEXT: "x1",
    Type.EMAIL: "ada@firm.example",
    Type.DATE: "2026-10-29",
    Type.TIMESTAMP: "2026-10-29T09:15:00Z",
    Type.INTEGER: "3",
    Type.NUMBER: "3.5",
    Type.PRICE: "3.5",
    Type.BOOLEAN: "true",
}
TABLES = [c for c in INPUTS.values() if c.form is Form.TABLE]


@dataclass
class Judged:
    """Rows as dicts of canonical columns with `_reason`, and what was noted of the cells."""

    rows: list[dict[str, Any]]
    unread: dict[str, UnreadCells]
    unknown: dict[tuple[str, str], UnknownValue]


def connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    return con


def judge(
    con: duckdb.DuckDBPyConnection,
    input_name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    forms: Forms | None = None,
    company: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
) -> Judged:
    """Conform rows of texts under a header to the contract of an input."""
    contract = contract_of(input_name)
    assert contract is not None
    match = match_header(columns, contract)
    assert match is not None, columns
    cells = ", ".join(f"c{i} varchar" for i in range(len(columns)))
    con.execute(f"create or replace temp table _source (_row_number bigint, {cells})")
    values = ", ".join("(" + ", ".join(["?"] * (len(columns) + 1)) + ")" for _ in rows)
    con.execute(f"insert into _source values {values}", [v for n, row in enumerate(rows, 1) for v in (n, *row)])
    conform_table(con, match, "_source", "_judged", forms or Forms(), company)
    found = con.execute("select * from _judged order by _row_number")
    names = [d[0] for d in found.description]
    judged = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    unread, unknown = note_cells(con, "_judged", noted_of(match, company))
    return Judged(judged, {c.column: c for c in unread}, {(v.column, v.text): v for v in unknown})


def good_cell(column: Column) -> str:
    """A text that the column can hold."""
    return column.values[0] if column.values else GOOD[column.type]
