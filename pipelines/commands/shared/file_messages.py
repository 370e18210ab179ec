"""Files and tables that need attention, each in one line with its first reason and what to do: for the summary of `run`
and for `doctor`. Reads the published file.

A file needs attention if it was refused, lost rows, states that it is a part, is in the wrong month's folder, or was
not Unicode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from pipelines.ingest.conform.advice import what_to_do
from pipelines.ingest.conform.other_months import misplaced
from pipelines.ingest.forms.encodings import UNICODE
from pipelines.ingest.forms.workbook import FORMS

COLUMNS = (
    "drop",
    "path",
    "verdict",
    "input",
    "rows_read",
    "rows_loaded",
    "rows_rejected",
    "rows_duplicate",
    "message",
    "encoding",
    "complete",
    "newest_day",
)
# The encodings recorded for workbooks are Unicode too.
QUIET = (*UNICODE, *FORMS)


def files_to_look_at(connection: duckdb.DuckDBPyConnection, first: str, last: str) -> list[dict[str, Any]]:
    """The files of the drops first to last and of the reference folder that need attention, by drop and path, with
    `first_reason` and `says`, the message.
    """
    rows = connection.execute(
        f"select {', '.join(f'f.{c}' for c in COLUMNS)}, r.row_number, r.reason from calendar.file_register as f "
        "left join (select drop, path, min(row_number) as row_number, arg_min(reason, row_number) as reason "
        "from (select distinct drop, path, row_number, reason from calendar.rejected_rows) group by all) as r on "
        "r.drop = f.drop and r.path = f.path "
        "where (f.drop >= ? and f.drop <= ?) or f.drop = 'reference' order by f.drop, f.path",
        [first, last],
    ).fetchall()
    found = []
    for *values, row_number, reason in rows:
        file: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
        file["first_reason"] = f"row {row_number}: {reason}" if reason else None
        file["says"] = _says(file, reason)
        if file["says"] or (file["verdict"] not in ("loaded", "ignored")):
            found.append(file)
    return found


def _says(file: dict[str, Any], reason: str | None) -> list[str]:
    said = []
    if file["message"] and _needs_words(file):
        said.append(file["message"])
    if file["first_reason"]:
        said.append(f"first bad row: {file['first_reason']}")
        if todo := what_to_do(reason or ""):
            said.append(todo)
    return said


def _needs_words(file: dict[str, Any]) -> bool:
    return (
        file["verdict"] not in ("loaded", "ignored")
        or file["rows_rejected"] > 0
        or file["complete"] == "no"
        or bool(misplaced(file["drop"], file["newest_day"]))
        or (file["encoding"] is not None and file["encoding"] not in QUIET)
        or "the manifest" in (file["message"] or "")
    )


def line_of(file: dict[str, Any]) -> str:
    """One line about a file that needs attention."""
    counts = f", {file['rows_rejected']} of {file['rows_read']} rows rejected" if file["rows_rejected"] else ""
    said: Sequence[str] = file["says"]
    return f"{file['drop']}/{file['path']} is {file['verdict']}{counts}" + (f": {'; '.join(said)}" if said else "")
