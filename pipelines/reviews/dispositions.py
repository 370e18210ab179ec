"""The table `dispositions`, one row per decision on a finding: parsing and serialising. Does not validate decisions;
`decisions` does.

Pure: reads and writes no file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

DECISIONS = ("accepted", "waived", "remediated", "false_positive")
COLUMNS = ("finding_id", "decided_at", "decision", "until", "by", "reason")
MOMENT = "%Y-%m-%d %H:%M:%S"


class DecisionFileError(ValueError):
    """The file of dispositions was not written by this software; the message says why."""


class Words(NamedTuple):
    """A decision, as in the cells of a row. until: YYYY-MM-DD or empty."""

    decision: str = ""
    until: str = ""
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Disposition:
    """One row of the reference table `dispositions`."""

    finding_id: str
    decided_at: datetime
    decision: str
    until: date | None
    by: str
    reason: str
    # The month decided about, if the file states one; empty means the month of decided_at.
    review_month: str = ""

    @property
    def words(self) -> Words:
        """The decision without its time and month."""
        return Words(self.decision, self.until.isoformat() if self.until else "", self.by, self.reason)


class History:
    """All decisions by finding."""

    def __init__(self, earlier: Iterable[Disposition] = ()) -> None:
        self._of: dict[str, list[Disposition]] = {}
        self.add(earlier)

    def add(self, more: Iterable[Disposition]) -> None:
        """Add decisions, sorted by time for each finding."""
        touched = set()
        for one in more:
            self._of.setdefault(one.finding_id, []).append(one)
            touched.add(one.finding_id)
        for finding in touched:
            self._of[finding].sort(key=lambda d: d.decided_at)

    def latest(self, finding: str) -> Disposition | None:
        """The current decision; None if there is none."""
        found = self._of.get(finding)
        return found[-1] if found else None

    def find(self, finding: str, words: Words) -> Disposition | None:
        """The last decision on the finding with these words, including one that was replaced later."""
        return next((d for d in reversed(self._of.get(finding, [])) if d.words == words), None)


def parse(text: str) -> list[Disposition]:
    """The rows of a file of dispositions written by this software. Raises DecisionFileError for any other file."""
    try:
        return _parsed(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise DecisionFileError(f"it cannot be read as CSV: {error}") from error


def _parsed(reader: csv.DictReader[str]) -> list[Disposition]:
    missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
    if missing:
        raise DecisionFileError(
            f"it lacks the columns {', '.join(missing)} (comma separated, as `selfaudit decide` writes them)"
        )
    found = []
    for number, row in enumerate(reader, start=1):
        try:
            found.append(
                Disposition(
                    row["finding_id"],
                    datetime.fromisoformat(row["decided_at"]).replace(tzinfo=None),
                    row["decision"],
                    date.fromisoformat(row["until"]) if row["until"] else None,
                    row["by"] or "",
                    row["reason"] or "",
                    row.get("review_month") or "",
                )
            )
        except (ValueError, TypeError) as error:
            raise DecisionFileError(f"its row {number} cannot be read: {error}") from error
    return found


def as_cell(text: str) -> str:
    """User text as a table cell: surrounding blanks removed, and carriage returns replaced by line feeds, since the csv
    library leaves them unquoted and they would end the row.
    """
    return re.sub(r"\r(?!\n)", "\n", text).strip()


def write(earlier: Sequence[Disposition], new: Iterable[Disposition]) -> str:
    """The file of dispositions with the new ones appended."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    every = [*earlier, *new]
    has_month = any(d.review_month for d in every)
    writer.writerow([*COLUMNS, "review_month"] if has_month else COLUMNS)
    for d in every:
        until = d.until.isoformat() if d.until else ""
        cells = [d.finding_id, d.decided_at.strftime(MOMENT), d.decision, until, d.by, d.reason]
        writer.writerow([*cells, d.review_month] if has_month else cells)
    return out.getvalue()
