"""What is late on a given day: reviews that were not signed or never produced, months without a drop, months that are
still provisional.

Pure functions over rows of the published calendar and names of drops; the day is passed in. The `overdue` state in
`review_calendar` uses the clock of the run that made the month; this module uses the day of the query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.partitions import months_between, shift
from pipelines.reviews.activities import MONTHLY_DUE_DAY, Contract, due_day, reviews_of

# The figures of a month may change until the drop two months later has arrived.
SETTLES_AFTER = 2


@dataclass(frozen=True, order=True)
class OverdueReview:
    """A review past its due date. why: `not signed`, or `never produced` if the month has no results."""

    due_on: date
    activity: str
    output: str
    period: str
    contract_number: str
    why: str


@dataclass(frozen=True, order=True)
class AbsentMonth:
    """A month without a drop, and why a drop was expected."""

    month: str
    why: str


@dataclass(frozen=True, order=True)
class Unanswered:
    """A responsible person with overdue actions: how many undecided actions are past the due date of their review, and
    since when.
    """

    responsible: str
    actions: int
    due_on: date


def unanswered(proposed: Iterable[tuple[str, str]], today: date) -> list[Unanswered]:
    """Persons who have not answered in time, by name. proposed: (responsible person, month first seen) of every
    undecided action.
    """
    days: dict[str, list[date]] = {}
    for responsible, first_seen in proposed:
        due_on = due_day(first_seen, MONTHLY_DUE_DAY)
        if due_on < today:
            days.setdefault(responsible, []).append(due_on)
    return [Unanswered(person, len(found), min(found)) for person, found in sorted(days.items())]


def overdue_reviews(
    reviews: Iterable[Mapping[str, object]], contracts: Iterable[Contract], today: date
) -> list[OverdueReview]:
    """Unsigned reviews with a due date before today, by due date.

    reviews: rows of calendar.review_calendar of every month (review_month, activity, output, period, contract_number,
    due, due_on, signed_off_at). contracts: those of the latest month, to derive the reviews of months that were never
    made.
    """
    rows = list(reviews)
    found = []
    for row in rows:
        due_on = row["due_on"]
        if row["due"] and row["signed_off_at"] is None and isinstance(due_on, date) and due_on < today:
            contract = str(row["contract_number"] or "")
            found.append(
                OverdueReview(
                    due_on, str(row["activity"]), str(row["output"]), str(row["period"]), contract, "not signed"
                )
            )
    made = [str(r["review_month"]) for r in rows]
    if made:
        owned = list(contracts)
        for month in _after(max(made), today):
            found += [
                OverdueReview(r.due_on, r.activity, r.output, r.period, r.contract_number, "never produced")
                for r in reviews_of(month, owned)
                if r.due_on < today
            ]
    return _without_duplicates(found)


def _without_duplicates(found: Iterable[OverdueReview]) -> list[OverdueReview]:
    """The brief is made in two months but is one review: the first of them represents both."""
    kept: dict[tuple[date, str, str], OverdueReview] = {}
    for review in sorted(found, key=lambda r: (r.period, r.why)):
        kept.setdefault((review.due_on, review.activity, review.contract_number), review)
    return sorted(kept.values())


def _after(last: str, today: date) -> list[str]:
    """The months after `last` up to the month of today."""
    first, running = shift(last, 1), f"{today:%Y-%m}"
    return months_between(first, running) if first <= running else []


def absent_months(drops: Sequence[str], today: date) -> list[AbsentMonth]:
    """Months without a drop between the first and the last drop, and later months without a drop whose reviews have
    come due.
    """
    if not drops:
        return []
    there, last = set(drops), max(drops)
    found = [
        AbsentMonth(m, "months before and after it have a drop")
        for m in months_between(min(drops), last)
        if m not in there
    ]
    for month in _after(last, today):
        due = due_day(month, MONTHLY_DUE_DAY)
        if due < today:
            found.append(AbsentMonth(month, f"its reviews came due on {due}"))
    return found


def overdue_provisional_months(states: Mapping[str, str], today: date) -> list[str]:
    """Months that are provisional although the drop that settles them is overdue. states: month → state of its
    figures.
    """
    return sorted(
        month
        for month, state in states.items()
        if state == "provisional" and due_day(shift(month, SETTLES_AFTER), MONTHLY_DUE_DAY) < today
    )
