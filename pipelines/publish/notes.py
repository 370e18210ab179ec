"""Notes on incomplete, unjoinable or refused inputs and the rules that conclude nothing because of them, read from
`calendar.input_notes` for the page, the summary of a run, `doctor` and the workbooks.

The wording is that of the model `input_notes`; the layout is up to the reader.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.publish.datasets import existing_outputs

# Shown in a list for people; the table has all of them.
SHOWN = 20
TABLE = "input_notes"


@dataclass(frozen=True)
class Note:
    """One sentence about an input of a month. rule_ids: the rules that wait for it or read it."""

    kind: str
    input: str | None
    path: str | None
    rule_ids: tuple[str, ...]
    sentence: str


def notes(connection: duckdb.DuckDBPyConnection, review_month: str) -> list[Note]:
    """The notes of a month in their order; after SHOWN of them one that says how many more there are. Pure reading."""
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
