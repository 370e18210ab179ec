"""Amounts of several currencies: as they stand where the currency is one, else in the organisation's. Exact; nothing is
rounded here.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from benchmarks.peers.analyst.month import Month


def own_currency(month: Month) -> str | None:
    """What the organisation counts in."""
    return next((r["value"] for r in month.ref.rows("settings") if r["key"] == "currency"), None)


def per_unit(month: Month, currency: str | None) -> Fraction | None:
    """How much of the organisation's currency one unit is; None if nobody says."""
    if currency == own_currency(month):
        return Fraction(1)
    rates = (r["per_unit"] for r in month.ref.valid("exchange_rates") if r["currency"] == currency)
    found = next(rates, None)
    return None if found is None else Fraction(found)


class NoRateError(Exception):
    """Amounts are in several currencies and one has no rate."""


class Common:
    """The currency in which amounts of the given ones are compared. Raises NoRateError."""

    def __init__(self, month: Month, currencies: Iterable[str | None]) -> None:
        seen = {c for c in currencies if c}
        self.factor: dict[str | None, Fraction] = dict.fromkeys(seen, Fraction(1))
        self.currency = next(iter(seen), None)
        if len(seen) > 1:
            self.currency = own_currency(month)
            for one in seen:
                rate = per_unit(month, one)
                if rate is None or self.currency is None:
                    raise NoRateError(str(one))
                self.factor[one] = rate

    def of(self, amount: Fraction, currency: str | None) -> Fraction:
        """The amount in the common currency."""
        return amount * self.factor.get(currency, Fraction(1))
