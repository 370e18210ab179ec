"""What the rules of 3-rules.md are told in: a seat, a use day, a price, a finding; folding, rounding, ranks. Knows no
estate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Any

SINGLE_TEAM = "(single team)"
GRADES = ("mail", "upn", "other", "employee_id", "none")


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Lower case, every run of characters outside [a-z0-9] becomes `_`, leading and trailing `_` dropped."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def cents(amount: Decimal | Fraction) -> Decimal:
    """Two decimals, half away from zero, of the exact amount."""
    exact = Fraction(amount) * 100
    whole = floor(abs(exact) + Fraction(1, 2))
    return Decimal(whole if exact >= 0 else -whole) / 100


def release_of(version: str | None) -> int | None:
    """A version's release is its leading integer."""
    found = re.match(r"\s*(\d+)", version or "")
    return int(found.group(1)) if found else None


def domain_of(person: str | None) -> str | None:
    """The part of an address after the @; none for a hash."""
    return person.rsplit("@", 1)[1] if person and "@" in person else None


def nearest_rank(values: list[Any], share: float) -> Any:
    """The percentile by nearest rank."""
    ordered = sorted(values)
    rank = -(-len(ordered) * round(share * 100) // 100)
    return ordered[max(1, rank) - 1]


@dataclass
class Seat:
    """One row of A(M): a (team, offering, person) with its attributes."""

    team: str
    offering: str
    person: str
    assigned_date: date | None = None
    last_accessed: date | None = None
    versions: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.team, self.offering, self.person)


@dataclass(frozen=True)
class Use:
    """One day of use: what somebody used, and where the row is from."""

    person: str | None
    day: date
    offering: str
    product: str | None
    source: str
    team: str


@dataclass
class Price:
    """A price at a day, and where it is from: `contract`, `list` or `none`."""

    amount: Decimal | None = None
    currency: str | None = None
    basis: str = "none"


@dataclass
class Finding:
    """What a rule says of one key; `amount` is the exposure before it is rounded."""

    rule: str
    severity: str
    team: str | None = None
    offering: str | None = None
    person: str | None = None
    scope: str | None = None
    observed: Any = None
    threshold: Any = None
    excess: Any = None
    amount: Decimal | Fraction | None = None
    price: Price = field(default_factory=Price)
    confidence: str = "high"
    action: str | None = None
    difference: Decimal | None = None

    @property
    def shown(self) -> Decimal | None:
        """The exposure, rounded once; where it is a difference of two amounts shown, that difference."""
        return self.difference if self.difference is not None or self.amount is None else cents(self.amount)

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        return (self.rule, self.team or "", self.offering or "", self.person or "", self.scope or "")


@dataclass
class Outcome:
    """Findings of a rule, and how many persons, pairs or teams it had to leave out."""

    findings: list[Finding] = field(default_factory=list)
    left_out: int = 0
    unassessable: bool = False
