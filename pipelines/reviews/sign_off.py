"""Sign-off of a review: what may be signed, and the row that records it. Also due dates as iCalendar text.

Pure functions over rows of `calendar.review_calendar`; the clock is passed in. Reads and writes no file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipelines.reviews.activities import EVENTS
from pipelines.reviews.dispositions import as_cell

COLUMNS = ("activity", "period", "by", "at", "publication_sha256", "note")
# States of reviews that need action; signed ones and those not yet due are not put into the calendar.
WAITING = {"waiting", "due", "produced", "overdue"}


class SignOffError(ValueError):
    """A sign-off is not possible; the message says why and what would be valid."""


class AlreadySignedError(SignOffError):
    """The review is already signed. by: the name of the signer."""

    def __init__(self, message: str, by: str) -> None:
        super().__init__(message)
        self.by = by


@dataclass(frozen=True)
class SignOff:
    """One row of sign_offs. activity: as in the review calendar; period: review month; at: UTC; publication_sha256: the
    reviewed entry.
    """

    activity: str
    period: str
    by: str
    at: datetime
    publication_sha256: str
    note: str

    def row(self) -> dict[str, str]:
        """The row as text, in the form that ingestion reads."""
        return {
            "activity": self.activity,
            "period": self.period,
            "by": self.by,
            "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "publication_sha256": self.publication_sha256,
            "note": self.note,
        }


def sign(
    reviews: Sequence[Mapping[str, object]],
    earlier: Sequence[Mapping[str, str]],
    activity: str,
    period: str,
    by: str,
    at: datetime,
    publication_sha256: str,
    note: str = "",
) -> SignOff:
    """The sign-off of a review that was produced.

    reviews: rows of calendar.review_calendar (activity, output, period, state). earlier: rows of sign_offs. activity
    may also be the name of the output. Raises SignOffError if no signer is named, there is no such review, it is not
    due or not produced, or it is already signed (AlreadySignedError).
    """
    if not by.strip():
        raise SignOffError('A sign-off needs a name: --by "NAME".')
    known = [r for r in reviews if activity in (r["activity"], r["output"])]
    if not known:
        names = ", ".join(sorted({str(r["activity"]) for r in reviews}))
        raise SignOffError(f"There is no review '{activity}'. Reviews: {names}.")
    of_period = [r for r in known if r["period"] == period]
    if not of_period:
        raise SignOffError(f"{activity} has no review of {period}: that month was never made.")
    review = next((r for r in of_period if r["state"] != "not_due"), None)
    if review is None:
        raise SignOffError(f"{activity} is not due in {period}; there is nothing to sign.")
    if not publication_sha256:
        raise SignOffError(
            f"{review['output']} of {period} was never published; run the month first: `selfaudit run {period}`."
        )
    name = str(review["activity"])
    for row in earlier:
        if row.get("activity") in (name, review["output"]) and row.get("period") == period:
            raise AlreadySignedError(
                f"{name} of {period} was signed by {row.get('by')} at {row.get('at')}.", row.get("by") or ""
            )
    return SignOff(name, period, as_cell(by), at, publication_sha256, as_cell(note))


def as_csv(earlier: Sequence[Mapping[str, str]], *new: SignOff) -> str:
    """The table sign_offs with the new rows appended; the company's additional columns are kept."""
    names = [*COLUMNS, *dict.fromkeys(k for row in earlier for k in row if k not in COLUMNS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows([*earlier, *(one.row() for one in new)])
    return text.getvalue()


def due_as_icalendar(reviews: Sequence[Mapping[str, object]], stamp: date) -> str:
    """Reviews that need action and upcoming ones, one all-day event each (RFC 5545).

    reviews: rows of calendar.review_calendar (activity, output, period, contract_number, subject, is_ahead, due_on,
    state); if a review has two, that of the earlier period is used. stamp: the file's creation date.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//selfaudit//review calendar//EN", "CALSCALE:GREGORIAN"]
    shown = [r for r in reviews if (r["is_ahead"] or r["state"] in WAITING) and isinstance(r["due_on"], date)]
    once: dict[tuple[str, ...], Mapping[str, object]] = {}
    for review in sorted(shown, key=lambda r: str(r["period"])):
        key = tuple(str(review[n] or "") for n in ("due_on", "activity", "contract_number", "subject"))
        once.setdefault(key, review)
    for (_, activity, contract, subject), review in sorted(once.items()):
        day = review["due_on"]
        assert isinstance(day, date)
        if activity in EVENTS:
            title, state = ": ".join(part for part in (EVENTS[activity], subject) if part), "As known now."
        else:
            title = f"Review {activity.replace('_', ' ')} of {review['period']}"
            state = f"Output: {review['output']}."
            state = f"To come. {state}" if review["is_ahead"] else f"State: {review['state']}. {state}"
        name = "-".join(_text(part) for part in (contract, subject.replace(" ", "_")) if part)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(activity)}-{review['period']}-{name or 'all'}@selfaudit",
            f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(title + (f', contract {contract}' if contract else ''))}",
            f"DESCRIPTION:{_text(state)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _text(value: str) -> str:
    for mark in ("\\", ";", ","):
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """A content line folded into pieces of at most 75 bytes, never within a character; continuation lines begin with a
    blank.
    """
    pieces: list[str] = []
    piece = ""
    for character in line:
        if len((piece + character).encode()) > (75 if not pieces else 74):
            pieces.append(piece)
            piece = ""
        piece += character
    pieces.append(piece)
    return [pieces[0], *(f" {p}" for p in pieces[1:])]
