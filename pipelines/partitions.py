"""What a month is: keys `YYYY-MM`, as-of dates, ranges, horizons, variants, and the Dagster partitions made of them.

The only Python file that knows; SQL has `int_month` and the macros of `macros/months.sql` and
`macros/engine/dates.sql`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dagster as dg

FIRST_MONTH = "2020-01"
VARIANT = "~"
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class MonthError(ValueError):
    """A text that is no month or no range of months; the message says what was expected."""


def parse_month(text: str) -> tuple[int, int]:
    """(year, month) of `YYYY-MM`. Raises MonthError."""
    match = _MONTH.fullmatch(text)
    if not match:
        raise MonthError(f"'{text}' is not a month. Expected YYYY-MM, for example 2026-10.")
    return int(match[1]), int(match[2])


def shift(month: str, by: int) -> str:
    """The month `by` months later (negative: earlier)."""
    year, number = parse_month(month)
    index = year * 12 + (number - 1) + by
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def as_of(month: str) -> date:
    """Last day of a review month."""
    year, number = parse_month(month)
    return date(year, number, calendar.monthrange(year, number)[1])


def months_between(first: str, last: str) -> list[str]:
    """All months from first to last, both included. Raises MonthError if last is before first."""
    parse_month(first), parse_month(last)
    if last < first:
        raise MonthError(f"The range {first}..{last} ends before it begins.")
    months = [first]
    while months[-1] < last:
        months.append(shift(months[-1], 1))
    return months


def parse_range(text: str) -> list[str]:
    """Months of `YYYY-MM` or `YYYY-MM..YYYY-MM`. Raises MonthError."""
    first, separator, last = text.partition("..")
    return months_between(first, last if separator else first)


def months_to_run(wanted: Sequence[str], drops: Sequence[str], done: Sequence[str]) -> list[str]:
    """The months a run must make: those wanted, and every earlier month since the first drop that was never made.

    A month's statuses stand on the months before it, so a result would otherwise depend on what was run when.
    """
    last = max(wanted)
    known = sorted(d for d in drops if d <= last)
    earlier = months_between(known[0], last) if known else []
    return sorted(set(wanted) | {m for m in earlier if m not in set(done)})


def variant_key(month: str, variant: str) -> str:
    """Key of a month asked with other facts than those it stands on: `2026-08~2026-09` is August as the drop of
    September told it.
    """
    return f"{month}{VARIANT}{variant}"


def month_of(key: str) -> str:
    """The month of a key, whether a variant or the month itself."""
    return key[:7]


def horizons(month: str, drops: Sequence[str], restate_months: int) -> list[str]:
    """The drops up to which event rows count, one per possible version of the month: the month itself, then each later
    drop that may restate it.

    The last one is that of the month as it stands. Source: definition of this project, docs/foundations.md.
    """
    later = sorted(d for d in set(drops) if month < d <= shift(month, restate_months))
    return [month, *later]


def months_definition(first: str = FIRST_MONTH) -> dg.MonthlyPartitionsDefinition:
    """Dagster's monthly partitions from `first` on, with the same keys; the running month is not offered."""
    import dagster as dg

    return dg.MonthlyPartitionsDefinition(start_date=first, fmt="%Y-%m")
