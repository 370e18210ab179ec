"""The table `dispositions`, one row per decision on a finding: parsed and written. Judges nothing; `decisions` does.

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
    """The file of dispositions is not one that this software wrote; the message says why."""


class Words(NamedTuple):
    """What was decided, as the cells of a row say it. until: YYYY-MM-DD or empty."""

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
    # The month that is judged, where the file says one; empty is the month of decided_at.
    review_month: str = ""

    @property
    def words(self) -> Words:
        """What was decided, whenever it was and whichever month it was decided for."""
        return Words(self.decision, self.until.isoformat() if self.until else "", self.by, self.reason)


class History:
    """Everything that was decided, by finding."""

    def __init__(self, earlier: Iterable[Disposition] = ()) -> None:
        self._of: dict[str, list[Disposition]] = {}
        self.add(earlier)

    def add(self, more: Iterable[Disposition]) -> None:
        """Take in decisions; of one finding those decided later stand behind."""
        touched = set()
        for one in more:
            self._of.setdefault(one.finding_id, []).append(one)
            touched.add(one.finding_id)
        for finding in touched:
            self._of[finding].sort(key=lambda d: d.decided_at)

    def latest(self, finding: str) -> Disposition | None:
        """The decision that stands; None where there is none."""
        found = self._of.get(finding)
        return found[-1] if found else None

    def find(self, finding: str, words: Words) -> Disposition | None:
        """The last decision on the finding in these words, also one that another replaced."""
        return next((d for d in reversed(self._of.get(finding, [])) if d.words == words), None)


def parse(text: str) -> list[Disposition]:
    """The rows of a file of dispositions as this software writes it. Raises DecisionFileError if it is another one."""
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
    """A text that somebody wrote as a cell of a table: without blanks around it, and with a line feed for a carriage
    return, which the library would leave unquoted, so that it would end the row.
    """
    return re.sub(r"\r(?!\n)", "\n", text).strip()


def write(earlier: Sequence[Disposition], new: Iterable[Disposition]) -> str:
    """The file of dispositions with the new ones after the earlier ones."""
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
