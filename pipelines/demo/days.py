"""Days on which people of the estate work, and the cutoff that follows from them."""

from __future__ import annotations

from datetime import date

from pipelines.demo.estate import DAYS
from pipelines.demo.records import Person
from pipelines.partitions import as_of, months_between, shift


def cutoff(month: str) -> date:
    """Two days before the last day that any export of the month shows (the 27th)."""
    return as_of(month).replace(day=DAYS[-1] - 2)


def days_of(first: date, last: date, pattern: tuple[int, ...]) -> list[date]:
    """The days of a monthly pattern between two days, both included."""
    months = months_between(f"{first:%Y-%m}", f"{last:%Y-%m}")
    return [d for m in months for n in pattern if first <= (d := as_of(m).replace(day=n)) <= last]


def use_days(person: Person, first: date, last: date) -> list[date]:
    """Days on which a person uses a product, between two days, both included."""
    if not person.products:
        return []
    begin, end = max(first, person.first_use), min(last, person.last_use)
    days = set(days_of(begin, end, person.days)) if begin <= end else set()
    return sorted(days | {d for d in person.also if first <= d <= last})


def month_days(month: str, back: int = 0) -> tuple[date, date]:
    """First and last day of a month, the first `back` months earlier."""
    return as_of(shift(month, -back)).replace(day=1), as_of(month)


def product_on(person: Person, day: date) -> str:
    """The product a person uses on a day: they take turns."""
    return person.products[(day.month * 31 + day.day) % len(person.products)] if person.products else ""
