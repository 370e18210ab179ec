"""Third step of ingestion, *read*: the rows of a recognised table as texts in DuckDB. A delimited text stays where it
is: its rows are read and judged in one pass, and only where that is not possible are they read first. Judges no row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import duckdb

from pipelines.contracts import Contract
from pipelines.contracts.limits import MAX_ROW_BYTES, seconds_for
from pipelines.ingest.forms.text_table import TextTable
from pipelines.ingest.landing.delivered import Delivered
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.landing.time_limit import TimeIsOverError, TimeLimit
from pipelines.ingest.read.delimited import BadRow, has_wide_record, split_records, write_rows
from pipelines.ingest.read.other_lines import (
    body_of,
    is_rule,
    is_total,
    other_lines,
    refuse_second_table,
    without_others,
)
from pipelines.ingest.read.server_text import read_text
from pipelines.ingest.recognise.headers import SHOWN_CHARS, Header
from pipelines.ingest.recognise.inputs import Match
from pipelines.ingest.recognise.recognised import (
    Delimited,
    Recognised,
    ServerText,
    Sheet,
    recognised_tables,
    rejected_for,
)
from pipelines.ingest.sqltext import literal

# A row that was written anew: every quote of it doubled, with its number and separators.
CLEAN_ROW_BYTES = 2 * MAX_ROW_BYTES + (64 << 10)


@dataclass(frozen=True)
class Scanned:
    """A delimited text that is read where it lies. scan: SQL of its records as cells c0..cn, in the file's order; an
    error of DuckDB's where one is not as wide as the header. constant: what a cell behind the file's own says in every
    row, or None.
    """

    plain: Path
    header: Header
    scan: str
    constant: str | None = None

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.plain.stat().st_size

    def has_wide_record(self, rows: int) -> bool:
        """Whether a record has a field more than the header. rows: the rows that were read."""
        return has_wide_record(self.plain, self.header, rows)


@dataclass(frozen=True)
class ReadRows:
    """The rows of a recognised table.

    One of: staged: temporary table with _row_number, c0..cn; typed: relation of rows that their reader typed already;
    scanned: a text that is read when it is judged. None of them: there are no rows. rows: rows read; bad: rows that are
    no rows of the table; totals: lines of totals below the data, which are no rows; below: the fields of every line
    from the header on that is no row; missing: what the text itself says is not in it.
    """

    table: Recognised
    staged: str | None = None
    typed: str | None = None
    scanned: Scanned | None = None
    rows: int = 0
    bad: tuple[BadRow, ...] = ()
    totals: int = 0
    below: tuple[tuple[str | None, ...], ...] = ()
    missing: str = ""

    @property
    def has_rows(self) -> bool:
        """Whether there are rows to judge."""
        return self.table.match is not None and (self.staged or self.typed or self.scanned) is not None

    @property
    def match(self) -> Match:
        """The header as that of its input. Only where the input was recognised."""
        assert self.table.match is not None
        return self.table.match

    @property
    def contract(self) -> Contract:
        """The contract of its input. Only where the input was recognised."""
        return self.match.contract


def read_file(delivered: Delivered, scratch: Scratch, drop: str) -> list[ReadRows]:
    """The rows of every table of a file; where reading it took more time than it may, one without rows that says so.
    drop: the month in whose folder it lies, or the reference folder.
    """
    found: list[ReadRows] = []
    limit = TimeLimit(seconds_for(delivered.file.size), scratch.con)
    with suppress(TimeIsOverError), limit:
        found = [read_rows(table, scratch) for table in recognised_tables(delivered, scratch, drop)]
    if limit.is_over:
        return [ReadRows(Recognised(delivered.file.path, "rejected", took_too_long(limit), failed=True))]
    return found


def took_too_long(limit: TimeLimit) -> str:
    """Why a file was not read in its time."""
    return (
        f"it could not be read within {limit.seconds:.0f} seconds of processor time; export it again, and report this "
        "message if it fails again"
    )


def read_rows(table: Recognised, scratch: Scratch) -> ReadRows:
    """The rows of a table; without rows, and with the reason, where they cannot be read."""
    try:
        source = table.source
        if isinstance(source, Delimited):
            return _scanned(table, source, scratch)
        if isinstance(source, Sheet):
            return _of_sheet(table, source, scratch)
        if isinstance(source, TextTable):
            return _of_objects(table, source, scratch)
        return _of_server_text(table, source, scratch) if isinstance(source, ServerText) else ReadRows(table)
    except Exception as error:
        refused = rejected_for(table.path, error)
        return ReadRows(replace(refused, match=table.match, sha256=table.sha256, member=table.member))


def _scanned(table: Recognised, source: Delimited, scratch: Scratch) -> ReadRows:
    """A delimited text without what stands above its header and below its data."""
    refuse_second_table(source.plain, source.header)
    others = other_lines(source.plain, source.header)
    plain, header = body_of(source.plain, source.header, others, scratch.path(".body"))
    link = scratch.path(".link")
    link.symlink_to(plain.resolve())
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header.texts)))
    scan = (
        f"read_csv({literal(str(link))}, auto_detect=false, columns={{{columns}}}, "
        f"delim={literal(header.separator)}, quote='\"', escape='\"', "
        f"header=false, skip={header.lines}, strict_mode=true, max_line_size={MAX_ROW_BYTES}, encoding='utf-8', "
        "compression='none')"
    )
    if source.constant is not None:
        scan = f"(select *, {literal(source.constant)} as c{len(header.texts)} from {scan})"
    scanned = Scanned(plain, header, scan, source.constant)
    below = tuple(o.fields for o in others)
    return ReadRows(table, scanned=scanned, totals=_totals(table, below), below=below)


def _totals(table: Recognised, below: Sequence[Sequence[str | None]]) -> int:
    """How many lines that are no rows are totals, or drawn."""
    assert table.match is not None
    return sum(1 for row in below if is_total(row, table.match) or is_rule("".join(c or "" for c in row)))


def _of_sheet(table: Recognised, source: Sheet, scratch: Scratch) -> ReadRows:
    clean = scratch.path(".csv")
    left_out: list[list[str | None]] = []
    assert table.match is not None
    width = max((i + 1 for i, t in enumerate(source.header.texts) if t.strip()), default=0)
    if beside := _beside(source, width):
        table = table.saying(f"cells beside the table were not read, such as '{beside}'")
    with source.csv.open(encoding="utf-8", newline="") as handle:
        found = _below_header(handle, source.header)
        rows: Iterator[list[str | None]] = (list(r[:width] if beside else r) for r in found)
        read, bad = write_rows(without_others(rows, replace(source.header, match=table.match), left_out), width, clean)
    staged = _staged_numbered(clean, width, scratch)
    return ReadRows(
        table,
        staged=staged,
        rows=read,
        bad=tuple(bad),
        totals=_totals(table, left_out),
        below=tuple(map(tuple, left_out)),
    )


def _below_header(handle: TextIO, header: Header) -> Iterator[list[str]]:
    """The rows of a sheet below its header."""
    reader = csv.reader(handle)
    for _ in range(header.before + 1 + header.labels):
        next(reader)
    return reader


def _beside(source: Sheet, width: int) -> str:
    """What stands right of a table with an empty column between, as a note does; '' where nothing does.

    Without that column it may be a field too many, before which all of its row is shifted.
    """
    note = ""
    if len(source.header.texts) <= width + 1:
        return note
    with source.csv.open(encoding="utf-8", newline="") as handle:
        for row in _below_header(handle, source.header):
            if len(row) > width and row[width].strip():
                return ""
            if not note and len(row) > width:
                note = next((c.strip() for c in row[width + 1 :] if c.strip()), "")
    return note[:SHOWN_CHARS]


def _of_objects(table: Recognised, source: TextTable, scratch: Scratch) -> ReadRows:
    clean = scratch.path(".csv")
    read, bad = write_rows(iter(source.rows), len(source.header), clean)
    staged = _staged_numbered(clean, len(source.header), scratch)
    return ReadRows(replace(table, source=None), staged=staged, rows=read, bad=tuple(bad))


def _of_server_text(table: Recognised, source: ServerText, scratch: Scratch) -> ReadRows:
    name = scratch.name()
    found = read_text(scratch.con, source.contract, source.plain, scratch.folder / name, name)
    remarks = "; ".join(m for m in (found.message, table.message) if m)
    table = replace(table, message=remarks)
    return ReadRows(table, typed=found.relation, rows=found.rows, missing=found.missing)


def staged(read: ReadRows, scratch: Scratch) -> ReadRows:
    """The rows of a scanned text in a table of texts, by DuckDB's reader, or record by record where that cannot."""
    scanned, name = read.scanned, scratch.name()
    assert scanned is not None
    try:
        scratch.con.execute(
            f"create or replace temp table {name} as select row_number() over () as _row_number, * from {scanned.scan}"
        )
    except duckdb.Error:
        return split(read, scratch)
    rows = int(scratch.con.execute(f"select count(*) from {name}").fetchall()[0][0])
    if scanned.has_wide_record(rows):
        scratch.con.execute(f"drop table {name}")
        return split(read, scratch)
    return replace(read, staged=name, scanned=None, rows=rows)


def split(read: ReadRows, scratch: Scratch) -> ReadRows:
    """The same, record by record: those that are not as wide as the header become bad rows."""
    scanned = read.scanned
    assert scanned is not None
    clean = scratch.path(".csv")
    rows, bad = split_records(scanned.plain, scanned.header, clean)
    width = len(scanned.header.texts)
    name = _staged_numbered(clean, width, scratch)
    if scanned.constant is not None:
        scratch.con.execute(f"alter table {name} add column c{width} varchar default {literal(scanned.constant)}")
    return replace(read, staged=name, scanned=None, rows=rows, bad=tuple(bad))


def _staged_numbered(clean: Path, width: int, scratch: Scratch) -> str:
    name = scratch.name()
    columns = ", ".join(["'_row_number': 'BIGINT'", *(f"'c{i}': 'VARCHAR'" for i in range(width))])
    scratch.con.execute(
        f"create or replace temp table {name} as select * from read_csv({literal(str(clean))}, auto_detect=false, "
        f"columns={{{columns}}}, delim=',', quote='\"', escape='\"', header=false, strict_mode=true, new_line='\\n', "
        f"max_line_size={CLEAN_ROW_BYTES}, compression='none')"
    )
    return name
