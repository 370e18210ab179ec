"""Evidence for readers: the texts `sha256:row,row;…` of findings as file names and rows.

Reads the published file register; the models determine the evidence of a finding.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

MOST_ROWS = 5


def file_names(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """SHA-256 of a registered file → `drop/path`; if several have the same bytes, one that was loaded."""
    return {
        sha: f"{drop}/{path}"
        for sha, drop, path in connection.execute(
            "select sha256, drop, path from calendar.file_register order by verdict = 'loaded', drop desc, path desc"
        ).fetchall()
    }


def rows_of(evidence: str | None) -> list[tuple[str, list[int]]]:
    """(SHA-256 of the file, its rows) for each file in an evidence text."""
    parts = (part.partition(":") for part in (evidence or "").split(";"))
    return [(sha, [int(n) for n in numbers.split(",")]) for sha, _, numbers in parts if numbers]


def rows_in_words(evidence: str | None, count: int | None, names: Mapping[str, str]) -> str:
    """`2026-10/lrt.csv rows 12, 15 and 3 more`. count: total number of rows; at most MOST_ROWS are named."""
    said, left = [], MOST_ROWS
    for sha, numbers in rows_of(evidence):
        if not left:
            break
        shown = numbers[:left]
        left -= len(shown)
        rows = ", ".join(str(n) for n in shown)
        said.append(f"{names.get(sha, 'a file that is no longer registered')} row{'s' if shown[1:] else ''} {rows}")
    more = (count or 0) - (MOST_ROWS - left)
    return "; ".join(said) + (f" and {more:,} more" if said and more > 0 else "")
