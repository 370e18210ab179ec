"""Large files straight into their raw table: typed and written in one pass, inside the transaction of their drop.

A row's place in the file is its place among the new rows of the table, so it is filled in once the rows are there;
numbering rows while they are read would take one core. Until then `_row_number` and `_src` hold the number of the row's
fault and what is noted of it. A file that cannot be written so goes the way of all others (`conform.judged`): rows of
texts or typed rows in a temporary table first. Judges nothing by itself: what is wrong with a row is `conform`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import duckdb

from pipelines.contracts import Form, Kind
from pipelines.contracts.contract import LINEAGE
from pipelines.errors import is_of_surroundings
from pipelines.ingest.conform.cell_notes import note_cells
from pipelines.ingest.conform.judged import ROWS_PER_FILE, Judged, Standards, unjudged
from pipelines.ingest.conform.table import UNCLEAR, aside_rows, noted_of, planning, straight_rows
from pipelines.ingest.landing.delivered import Delivered
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.read.read_rows import ReadRows
from pipelines.ingest.recognise.around import part_said
from pipelines.ingest.sqltext import literal

# Below it a temporary table costs less than what a second look at a few rows would.
LEAST_BYTES = 16 << 20


class NotStraightError(RuntimeError):
    """A file that cannot be written straight: a record of another width, dates that only the whole file explains, too
    many bad rows. Nothing of it is lost.
    """

    def __init__(self, table: Judged, why: str) -> None:
        super().__init__(f"{table.path}: {why}")
        self.table = table


def can_go_straight(read: ReadRows, corrected: Collection[str]) -> bool:
    """Whether a table is a large one of events. corrected: inputs with declared corrections, whose rows are changed
    before they are written. What a line says of the number of rows is held against them before they are written too.
    """
    return (
        read.has_rows
        and read.scanned is not None
        and read.contract.kind is Kind.EVENT
        and read.contract.form is Form.TABLE
        and read.contract.name not in corrected
        and read.scanned.size >= LEAST_BYTES
        and not part_said(read.table.titles, read.below, rows=0)
    )


def judged_while_written(delivered: Delivered, read: ReadRows) -> Judged:
    """A table of which nothing is judged yet, since its rows are judged while they are written."""
    return replace(unjudged(delivered, read), is_straight=True)


def write_straight(drop: str, table: Judged, standards: Standards, scratch: Scratch) -> Judged:
    """Write the rows of a file to its raw table; the table must have its number. What comes back is what `judge_table`
    would have made of it, and `aside`.

    Raises NotStraightError; the transaction cannot go on then.
    """
    try:
        return _write(drop, table, standards, scratch)
    except duckdb.Error as error:
        if is_of_surroundings(error):
            raise
        raise NotStraightError(table, str(error)) from error


def _write(drop: str, table: Judged, standards: Standards, scratch: Scratch) -> Judged:
    con, read, contract, match = scratch.con, table.read, table.contract, table.read.match
    scanned, name = read.scanned, scratch.name()
    assert scanned is not None
    names = ", ".join(f'"{c}"' for c in contract.column_names)
    lineage = ", ".join(column for column, _ in LINEAGE)
    rows_sql = straight_rows(con, match, scanned.scan, table.forms, standards.words)
    with planning(con, small=False):
        con.execute(
            f"insert into {contract.table} ({names}, {lineage}) select {names}, {literal(drop)}, {table.number}, "
            f"{literal(table.sha256)}, "
            f"_fault, _noted, {table.rank}, _hidden, _extra from ({rows_sql})"
        )
    own = f"{contract.table} where _file_no = {table.number}"
    rows, first, last, bad, noted, unclear = con.execute(
        "select count(*), min(rowid), max(rowid), count(*) filter (_row_number <> 0), count(*) filter (_row_number "
        "<> 0 or _src <> 0), "
        f"count(*) filter (_src >= {UNCLEAR}) from {own}"
    ).fetchall()[0]
    if not rows or rows != last - first + 1:
        raise NotStraightError(table, "its rows do not follow each other")
    if unclear:
        raise NotStraightError(table, "a date is read as the rest of the file says")
    if bad > standards.rejected_share * rows:
        raise NotStraightError(table, "too many rows are bad")
    if scanned.has_wide_record(rows):
        raise NotStraightError(table, "a record has a field more than the header")
    if noted:
        places, aside = f"{name}_places", f"{name}_aside"
        con.execute(
            f"create or replace temp table {places} as select rowid - {first} + 1 as _row_number from {own} "
            f"and (_row_number <> 0 or _src <> 0)"
        )
        aside_rows(con, match, scanned.scan, places, aside, table.forms, standards.words)
        unread, unknown = note_cells(con, aside, noted_of(match, standards.words))
        table = replace(table, aside=aside, unread=tuple(unread), unknown=tuple(unknown))
    if bad:
        con.execute(f"delete from {own} and _row_number <> 0")
    number = f"rowid - {first} + 1"
    con.execute(
        f"update {contract.table} set _row_number = {number}, _src = {table.number * ROWS_PER_FILE} + {number} "
        f"where _file_no = {table.number}"
    )
    there = f"{name}_there"
    con.execute(f"create or replace temp view {there} as select *, cast(null as varchar) as _reason from {own}")
    read = replace(read, rows=rows)
    return replace(table, read=read, typed=there, is_view=True, rejected=bad, loaded=rows - bad)
