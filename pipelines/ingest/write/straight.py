"""Large files straight into their raw table: typed and written in one pass, inside the transaction of their drop.

A row's place in the file is its place among the new rows of the table, so it is filled in once the rows are there;
numbering rows while they are read would take one core. Until then `_row_number` and `_src` hold the number of the row's
fault and what is noted of it. A file that cannot be written so goes the way of all others (`load`): rows of texts or
typed rows in a temporary table first. Judges nothing by itself: what is wrong with a row is `conform`.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from pipelines.contracts import Form, Kind
from pipelines.contracts.contract import LINEAGE
from pipelines.errors import is_of_surroundings
from pipelines.ingest.conform.cell_notes import note_cells
from pipelines.ingest.conform.entries import ROWS_PER_FILE, Registered, contract_of_entry, forms_of
from pipelines.ingest.conform.table import UNCLEAR, aside_rows, noted_of, planning, straight_rows
from pipelines.ingest.read.delimited import has_wide_record
from pipelines.ingest.sqltext import literal

# Below it a temporary table costs less than what a second look at a few rows would.
LEAST_BYTES = 16 << 20


class NotStraightError(RuntimeError):
    """A file that cannot be written straight: a record of another width, dates that only the whole file explains, too
    many bad rows. Nothing of it is lost.
    """

    def __init__(self, entry: Registered, why: str) -> None:
        super().__init__(f"{entry.part.path}: {why}")
        self.entry = entry


def can_go_straight(entry: Registered, corrected: Collection[str]) -> bool:
    """Whether the file is a large table of events. corrected: inputs with declared corrections, whose rows are changed
    before they are written.
    """
    unread, contract = entry.part.unread, contract_of_entry(entry)
    return (
        unread is not None
        and contract.kind is Kind.EVENT
        and contract.form is Form.TABLE
        and contract.name not in corrected
        and unread.plain.stat().st_size >= LEAST_BYTES
    )


def write_straight(con: duckdb.DuckDBPyConnection, drop: str, entry: Registered) -> None:
    """Write the rows of a file to its raw table and count them; the entry must have its number. Sets `typed`, `aside`,
    and what is counted and noted.

    Raises NotStraightError; the transaction cannot go on then.
    """
    try:
        _write(con, drop, entry)
    except duckdb.Error as error:
        if is_of_surroundings(error):
            raise
        raise NotStraightError(entry, str(error)) from error


def _write(con: duckdb.DuckDBPyConnection, drop: str, entry: Registered) -> None:
    part, how, contract = entry.part, entry.how, contract_of_entry(entry)
    assert part.unread is not None and part.match is not None and how is not None
    records, forms = part.unread.relation(), forms_of(entry)
    names = ", ".join(f'"{c}"' for c in contract.column_names)
    lineage = ", ".join(name for name, _ in LINEAGE)
    rows_sql = straight_rows(con, part.match, records, forms, how.words)
    sha = part.sha256 or entry.file.sha256
    with planning(con, small=False):
        con.execute(
            f"insert into {contract.table} ({names}, {lineage}) select {names}, {literal(drop)}, {entry.number}, "
            f"{literal(sha)}, "
            f"_fault, _noted, {entry.rank}, _hidden, _extra from ({rows_sql})"
        )
    own = f"{contract.table} where _file_no = {entry.number}"
    rows, first, last, bad, noted, unclear = con.execute(
        "select count(*), min(rowid), max(rowid), count(*) filter (_row_number <> 0), count(*) filter (_row_number "
        "<> 0 or _src <> 0), "
        f"count(*) filter (_src >= {UNCLEAR}) from {own}"
    ).fetchall()[0]
    if not rows or rows != last - first + 1:
        raise NotStraightError(entry, "its rows do not follow each other")
    if unclear:
        raise NotStraightError(entry, "a date is read as the rest of the file says")
    if bad > how.share * rows:
        raise NotStraightError(entry, "too many rows are bad")
    if has_wide_record(part.unread.plain, part.unread.header, rows):
        raise NotStraightError(entry, "a record has a field more than the header")
    part.rows, entry.rejected, entry.loaded = rows, bad, rows - bad
    entry.aside, entry.unread, entry.unknown = "", [], []
    if noted:
        places = f"{how.name}_places"
        con.execute(
            f"create or replace temp table {places} as select rowid - {first} + 1 as _row_number from {own} "
            f"and (_row_number <> 0 or _src <> 0)"
        )
        entry.aside = f"{how.name}_aside"
        aside_rows(con, part.match, records, places, entry.aside, forms, how.words)
        entry.unread, entry.unknown = note_cells(con, entry.aside, noted_of(part.match, how.words))
    if bad:
        con.execute(f"delete from {own} and _row_number <> 0")
    number = f"rowid - {first} + 1"
    con.execute(
        f"update {contract.table} set _row_number = {number}, _src = {entry.number * ROWS_PER_FILE} + {number} "
        f"where _file_no = {entry.number}"
    )
    entry.typed, entry.is_view = f"{how.name}_there", True
    con.execute(f"create or replace temp view {entry.typed} as select *, cast(null as varchar) as _reason from {own}")
