"""The portal's records as CSV for the company's SAM tool. The layout is data (file, header and source of each column):
`sam_columns.csv`, a map of `sam_maps/`, or a map of the company's own.

Four files, of which a map names those it needs. `usage`: one row per e-mail and offering with a known last use; it is
also the project's input `sam_usage`, so an export can be read back without loss. `assignments`: one row per person,
offering and team, including seats never used and persons known by hash only. `seats`: one row per e-mail and offering
held. `users`: one row per e-mail. Reads the published output `sam_export`. UTF-8, comma, LF, dates YYYY-MM-DD, true or
false; total order, so the same month gives the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.publish.datasets import FORMULA

MAP = Path(__file__).with_name("sam_columns.csv")
TOOLS = Path(__file__).with_name("sam_maps") / "tools.csv"
# Prefix of a source that is a constant instead of a column: `text:Autodesk`.
TEXT = "text:"
_BY_OFFERING = {
    "email": "email",
    "offering_name": "offering_name",
    "offering_key": "min(offering_key)",
    "person_key": "min(person_key)",
    "display_name": "max(display_name)",
    "team_alias": "string_agg(distinct team_alias, ';' order by team_alias)",
    "assigned": "bool_or(assigned)",
    "assigned_date": "min(assigned_date)",
    "last_use": "max(last_use)",
    "days_12m": "max(days_12m)",
    "version": "max_by(version, (last_use, version))",
}
_PLAIN = (
    "person_key",
    "email",
    "display_name",
    "offering_key",
    "offering_name",
    "team_alias",
    "assigned",
    "assigned_date",
    "last_use",
    "days_12m",
    "version",
)
SOURCES = {
    "usage": _BY_OFFERING,
    "assignments": {name: name for name in _PLAIN},
    "seats": _BY_OFFERING,
    "users": {
        "email": "email",
        "person_key": "min(person_key)",
        "display_name": "max(display_name)",
        "team_alias": "string_agg(distinct team_alias, ';' order by team_alias)",
        "licences": "string_agg(distinct replace(offering_name, ',', ' '), ',' order by replace(offering_name, ',', ' "
        "')) filter (where assigned)",
        "assigned": "bool_or(assigned)",
        "last_use": "max(last_use)",
    },
}
ORDER = {
    "usage": ("email", "offering_name"),
    "assignments": ("person_key", "offering_key", "team_alias"),
    "seats": ("email", "offering_name"),
    "users": ("email",),
}
ROWS = {
    "usage": ("and email is not null and last_use is not null", "group by email, offering_name"),
    "assignments": ("", ""),
    "seats": ("and email is not null and assigned", "group by email, offering_name"),
    "users": ("and email is not null", "group by email"),
}
# Written without formula escaping: imports compare them, and neither can be a formula (an e-mail has an @ inside, a key
# is folded text).
VERBATIM = {"email", "person_key", "offering_key"}


class ColumnMapError(ValueError):
    """A column map cannot be used; the message names the file and the row."""


@dataclass(frozen=True)
class Column:
    """One column of an exported file: its header, and the column of `sam_export` that fills it."""

    file: str
    header: str
    source: str


@dataclass(frozen=True)
class Exported:
    """A written file and its row count."""

    file: Path
    rows: int


@dataclass(frozen=True)
class Tool:
    """A SAM tool: its column map (None if its import format is not documented), the confidence in it, the source, and a
    note.
    """

    name: str
    title: str
    map: Path | None
    confidence: str
    source: str
    note: str


def tools() -> list[Tool]:
    """The SAM tools that were examined, those with a map first."""
    with TOOLS.open(encoding="utf-8", newline="") as handle:
        found = [
            Tool(
                r["tool"],
                r["title"],
                TOOLS.with_name(r["map"]) if r["map"] else None,
                r["confidence"],
                r["source"],
                r["note"],
            )
            for r in csv.DictReader(handle)
        ]
    return sorted(found, key=lambda t: (t.map is None, t.name))


def read_map(path: Path = MAP) -> list[Column]:
    """The columns in order. Raises ColumnMapError for an unknown file or source or an empty or repeated header."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    found: list[Column] = []
    for number, row in enumerate(rows, start=2):
        file, header, source = ((row.get(k) or "").strip() for k in ("file", "header", "source"))
        if file not in SOURCES:
            raise ColumnMapError(
                f"{path.name} row {number}: unknown file {file!r}; expected one of {', '.join(SOURCES)}"
            )
        if source not in SOURCES[file] and not source.startswith(TEXT):
            raise ColumnMapError(
                f"{path.name} row {number}: unknown source {source!r}; expected one of {', '.join(SOURCES[file])}, or "
                f"a constant ({TEXT}Autodesk)"
            )
        if not header or any(c.file == file and c.header == header for c in found):
            raise ColumnMapError(f"{path.name} row {number}: the header {header!r} is empty or used twice")
        found.append(Column(file, header, source))
    if not found:
        raise ColumnMapError(
            f"{path.name} defines no column; expected rows under the header file,header,source,description"
        )
    return found


def months_with_export(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Review months that can be exported."""
    return [
        m for (m,) in connection.execute("select distinct review_month from calendar.sam_export order by 1").fetchall()
    ]


def write_export(
    connection: duckdb.DuckDBPyConnection, month: str, folder: Path, columns: Sequence[Column]
) -> list[Exported]:
    """Write each file of the map for the month, by atomic rename. connection: the published file."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in dict.fromkeys(c.file for c in columns):
        own = [c for c in columns if c.file == file]
        part, target = folder / f".{file}.part", folder / f"{file}.csv"
        query = _query(file, own)
        rows = connection.execute(query, [month]).fetchall()
        with part.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow([c.header for c in own])
            writer.writerows(rows)
        part.replace(target)
        written.append(Exported(target, len(rows)))
    return written


def _query(file: str, columns: Sequence[Column]) -> str:
    """SQL of the rows of a file as text, in order."""
    parts = []
    for number, column in enumerate(columns):
        if column.source.startswith(TEXT):
            fixed = column.source.removeprefix(TEXT).replace("'", "''")
            parts.append(f"'{fixed}' as c{number}")
            continue
        text = f"cast({SOURCES[file][column.source]} as varchar)"
        if column.source not in VERBATIM:
            text = f"case when regexp_matches({text}, '{FORMULA}') then '''' || {text} else {text} end"
        parts.append(f"{text} as c{number}")
    where, group = ROWS[file]
    order = ", ".join(ORDER[file])
    return f"select {', '.join(parts)} from calendar.sam_export where review_month = ? {where} {group} order by {order}"
