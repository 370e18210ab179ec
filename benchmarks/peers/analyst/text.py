"""Small helpers: folding, domains, rounding, releases, days. No business rule lives here."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
SINGLE_TEAM = "(single team)"
CENT = Decimal("0.01")


def fold(text: str | None) -> str:
    """Lower case, runs outside [a-z0-9] become `_`, outer `_` dropped."""
    return re.sub(r"[^a-z0-9]+", "_", (text or "").lower()).strip("_")


def domain_of(person: str | None) -> str | None:
    """Domain of an e-mail, lower case; None for a hash."""
    if person is None or person.startswith("hash:") or "@" not in person:
        return None
    return person.rsplit("@", 1)[1].lower()


def release(version: str | None) -> int | None:
    """Leading integer of a version."""
    found = re.match(r"\s*(\d+)", version or "")
    return int(found[1]) if found else None


def fraction(value: Any) -> Fraction:
    """An exact number."""
    return Fraction(value)


def rounded(value: Fraction | Decimal | int | None, places: int = 2) -> Decimal | None:
    """Half away from zero, once."""
    if value is None:
        return None
    exact = Fraction(value) * 10**places
    sign = -1 if exact < 0 else 1
    whole = (abs(exact) * 2 + 1) // 2
    return (Decimal(sign * whole) / Decimal(10**places)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def day_plus(day: date, days: int) -> date:
    """A date some days later."""
    return day + timedelta(days=days)


def month_before(month: str, back: int = 1) -> str:
    """YYYY-MM some months earlier."""
    index = int(month[:4]) * 12 + int(month[5:7]) - 1 - back
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def team_of(value: str | None) -> str:
    """Team, `(single team)` where the input has none."""
    return value or SINGLE_TEAM
