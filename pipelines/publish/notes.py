"""Notes on incomplete, unjoinable or refused inputs and the rules that conclude nothing because of them, read from
`calendar.input_notes` for the page, the run summary, `doctor` and the workbooks.

The model `input_notes` defines the wording; the caller decides the layout.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.publish.datasets import existing_outputs

# Limit of the list shown to people; the table has all notes.
SHOWN = 20
TABLE = "input_notes"


@dataclass(frozen=True)
class Note:
    """One sentence about an input of a month. rule_ids: the rules that read the input or wait for it."""

    kind: str
    input: str | None
    path: str | None
    rule_ids: tuple[str, ...]
    sentence: str


def notes(connection: duckdb.DuckDBPyConnection, review_month: str) -> list[Note]:
    """The notes of a month in order; after the first SHOWN, one note states how many more there are. Read-only."""
    if TABLE not in existing_outputs(connection):  # published by a version that had none, or the model failed
        return []
    rows = connection.execute(
        f"select kind, input, path, rule_ids, sentence from calendar.{TABLE} where review_month = ? order by place",
        [review_month],
    ).fetchall()
    found = [Note(kind, name, path, tuple((ids or "").split(";")), text) for kind, name, path, ids, text in rows]
    if len(found) > SHOWN:
        more = f"And {len(found) - SHOWN} more: calendar.{TABLE} has them all."
        return [*found[:SHOWN], Note("more", None, None, (), more)]
    return found
