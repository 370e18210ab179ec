"""What is noted of a file beside its rows: cells that could not be read, values that no table knows, and whom its
rejected rows are about.

Reads the judged rows that `conform` made; writes raw.unread_cell, raw.unread_row, raw.unknown_value and
raw.rejected_subject. Who is thereby not called absent is dbt's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.contracts import Contract, Type
from pipelines.ingest.conform.dates import DATE_TYPES, unread_hint
from pipelines.ingest.conform.judging import EXPECTED, names_person
from pipelines.ingest.conform.table import Noted
from pipelines.ingest.read.delimited import BadRow
from pipelines.ingest.sqltext import literal
from pipelines.warehouse import insert_rows

UNREAD = ("drop", "path", "sha256", "input", "column_name", "cells", "first_row", "first_text", "reason")
UNKNOWN = ("drop", "path", "sha256", "input", "column_name", "text", "value_rows", "first_row")
SUBJECT = ("drop", "input", "path", "row_number", "kind", "value")
# A column of free text taken for one of values has as many texts as rows: the most frequent are kept.
MAX_UNKNOWN_TEXTS = 1_000
# Of a regular expression. Whatever stands before a colon (`smtp:`) is no part of an address.
ADDRESS = r"[^\s,;:<>()\[\]{}|=\"]+@[^\s,;:<>()\[\]{}|=\"]+"
# The address of a guest in the directory that invited it: `name_firm.example#EXT#@tenant.example` is
# `name@firm.example`.
GUEST = r"^(.+)_([^_]+)#ext#@.*$"
# Columns that say of whom a row is; others name somebody else (a manager) or a thing.
PERSON_IDS = ("user_id", "employee_id")


@dataclass(frozen=True)
class UnreadCells:
    """The cells of a column that could not be read and are null: how many, the first row with one, its text, why."""

    column: str
    cells: int
    first_row: int
    first_text: str
    reason: str


@dataclass(frozen=True)
class UnknownValue:
    """A text that the value table of a column does not know, with the number of rows that have it and the first of
    them.
    """

    column: str
    text: str
    rows: int
    first_row: int


def note_cells(
    con: duckdb.DuckDBPyConnection, typed: str, notes: Sequence[Noted]
) -> tuple[list[UnreadCells], list[UnknownValue]]:
    """What was noted of the cells of a file's judged rows. Cells count where their row is loaded, values wherever they
    stand.
    """
    unread: list[UnreadCells] = []
    unknown: list[UnknownValue] = []
    for i, note in enumerate(notes):
        has = f"_noted & {1 << i} <> 0"
        text = f"_noted_cells[{i + 1}]"
        name = note.column.name
        if note.is_value:
            rows = con.execute(
                f"select {text}, count(*), min(_row_number) from {typed} where {has} group by 1 "
                f"order by 2 desc, 3 limit {MAX_UNKNOWN_TEXTS}"
            ).fetchall()
            unknown += [UnknownValue(name, *row) for row in rows]
            continue
        cells, first_row, first_text = con.execute(
            f"select count(*), min(_row_number), min_by({text}, _row_number) from {typed} where {has} and _reason is "
            "null"
        ).fetchall()[0]
        if cells:
            unread.append(UnreadCells(name, cells, first_row, first_text, _why(note, first_text)))
    return unread, unknown


def _why(note: Noted, first_text: str) -> str:
    column = note.column
    if column.type in DATE_TYPES and (hint := unread_hint(first_text)):
        return hint
    if names_person(column):
        return "is not an e-mail address"
    if column.type not in EXPECTED:
        return "is an error of a spreadsheet or the name of a type, not a value"
    above = "" if column.minimum is None else f" of at least {column.minimum}"
    return f"is not {EXPECTED[column.type]}{above}, or it can be read in two ways"


def write_notes(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    path: str,
    sha: str,
    contract: Contract,
    unread: Sequence[UnreadCells],
    unknown: Sequence[UnknownValue],
) -> None:
    """Keep what was noted of the cells of a file."""
    of = [drop, path, sha, contract.name]
    insert_rows(
        con,
        "raw.unread_cell",
        UNREAD,
        [[*of, c.column, c.cells, c.first_row, c.first_text, c.reason] for c in unread],
    )
    insert_rows(con, "raw.unknown_value", UNKNOWN, [[*of, v.column, v.text, v.rows, v.first_row] for v in unknown])


def write_unread_rows(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    contract: Contract,
    typed: str,
    notes: Sequence[Noted],
    unread: Sequence[UnreadCells],
    src: str,
) -> None:
    """Keep which loaded rows of a file have a cell that could not be read. typed: its judged rows; src: SQL of the
    number of a row.
    """
    columns = {c.column for c in unread}
    for i, note in enumerate(notes):
        if note.column.name in columns and not note.is_value:
            con.execute(
                f"insert into raw.unread_row select ?, ?, ?, {src} from {typed} "
                f"where _noted & {1 << i} <> 0 and _reason is null",
                [drop, contract.name, note.column.name],
            )


def write_subjects(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    path: str,
    contract: Contract,
    typed: str,
    bad: Sequence[BadRow],
    every: bool,
) -> None:
    """Keep whom the rejected rows of a file are about, once each: every address in them, in whatever cell, and the ids
    of persons.

    every: the file was refused, so that all its rows are rejected ones. bad: rows that could not be split into cells.
    """
    emails = [f'"{c.name}"' for c in contract.columns if c.type is Type.EMAIL]
    cells = ", ".join([*emails, "_extra"])
    ids = [f'"{name}"' for name in PERSON_IDS if name in contract.column_names]
    found = f"regexp_extract_all(lower(coalesce(_text, concat_ws(';', {cells}))), {literal(ADDRESS)})"
    rows = f"(select * from {typed} where {'true' if every else '_reason is not null'})"
    named = " union all ".join(
        f"select _row_number, 'id', lower({name}) from {rows} where {name} is not null" for name in ids
    )
    con.execute(
        f"insert into raw.rejected_subject ({', '.join(SUBJECT)}) "
        f"with address as (select _row_number, rtrim(unnest({found}), '.') as value from {rows}), "
        f"subject(row_number, kind, value) as ("
        f"select _row_number, 'address', value from address union all "
        f"select _row_number, 'address', regexp_replace(value, {literal(GUEST)}, '\\1@\\2') from address where "
        "contains(value, '#ext#@')"
        f"{' union all ' + named if named else ''}) "
        f"select ?, ?, ?, min(row_number), kind, value from subject group by kind, value order by kind, value",
        [drop, contract.name, path],
    )
    of_bad: dict[str, int] = {}
    for row in bad:
        for address in re.findall(ADDRESS, row.text.lower()):
            of_bad.setdefault(address.rstrip("."), row.number)
            if "#ext#@" in address:
                of_bad.setdefault(re.sub(GUEST, r"\1@\2", address), row.number)
    insert_rows(
        con,
        "raw.rejected_subject",
        SUBJECT,
        [[drop, contract.name, path, number, "address", value] for value, number in sorted(of_bad.items())],
    )
