"""Flex pools: the ledger over the packs, velocities, balance, exhaustion, token price."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import Row


def pack_order(pack: Row) -> tuple[date, Any, str]:
    """Earliest end first, then the smallest, then by pack_id."""
    return pack["end_date"], pack["tokens"], pack["pack_id"]


def pool_token_price(month: Month, team: str) -> tuple[Fraction | None, str | None]:
    """Token price of a pool: of the contract of its active packs (most tokens, latest end, lowest number), else without
    contract.
    """
    tokens: dict[str, Fraction] = {}
    ends: dict[str, int] = {}
    for pack in month.inputs.packs:
        number = pack["contract_number"]
        if number and pack["team"] == team and pack["start_date"] <= month.as_of <= pack["end_date"]:
            tokens[number] = tokens.get(number, Fraction(0)) + Fraction(pack["tokens"])
            ends[number] = max(ends.get(number, 0), pack["end_date"].toordinal())
    contract = min(tokens, key=lambda n: (-tokens[n], -ends[n], n), default=None)
    return month.ref.token_price(contract)


class Ledger:
    """The packs of a pool, consumed day by day up to a last day."""

    def __init__(self, packs: list[Row], tokens: dict[date, Fraction], last: date) -> None:
        self.packs = sorted(packs, key=pack_order)
        self.left = {p["pack_id"]: Fraction(p["tokens"]) for p in self.packs}
        self.overdraft = Fraction(0)
        self.last = last
        if self.packs:
            for day in sorted(tokens):
                if min(p["start_date"] for p in self.packs) <= day <= last:
                    self.take(day, tokens[day])

    def take(self, day: date, amount: Fraction) -> None:
        """Consume an amount on a day."""
        for pack in self.packs:
            if pack["start_date"] <= day <= pack["end_date"]:
                used = min(amount, self.left[pack["pack_id"]])
                self.left[pack["pack_id"]] -= used
                amount -= used
        self.overdraft += amount

    @property
    def balance(self) -> Fraction:
        """Closing balance of the packs active on the last day."""
        return sum(
            (self.left[p["pack_id"]] for p in self.packs if p["start_date"] <= self.last <= p["end_date"]), Fraction(0)
        )

    @property
    def expired(self) -> Fraction:
        """What was left the day after a pack's end."""
        return sum((self.left[p["pack_id"]] for p in self.packs if p["end_date"] < self.last), Fraction(0))


class Pool:
    """Figures of one pool in one month."""

    def __init__(self, month: Month, team: str) -> None:
        self.month, self.team, as_of = month, team, month.as_of
        self.as_of = as_of
        self.packs = [p for p in month.inputs.packs if p["team"] == team]
        self.tokens: dict[date, Fraction] = {}
        for row in month.seats.tokens:
            if row["team"] == team:
                self.tokens[row["day"]] = self.tokens.get(row["day"], Fraction(0)) + Fraction(row["tokens"])
        self.ledger = Ledger(self.packs, self.tokens, as_of)
        self.active = [p for p in self.packs if p["start_date"] <= as_of <= p["end_date"]]
        self.purchased = sum((Fraction(p["tokens"]) for p in self.active), Fraction(0))
        self.balance = self.ledger.balance
        self.term_start = min((p["start_date"] for p in self.active), default=None)
        self.term_end = max((p["end_date"] for p in self.active), default=None)
        self.v_first: Fraction | None = None
        self.v_now: Fraction | None = None
        self.elapsed: int | None = None
        self.consumed = Fraction(0)
        if self.term_start is not None:
            self.elapsed = (as_of - self.term_start).days + 1
            self.consumed = self.sum(self.term_start, as_of)
            last = min(self.term_start + timedelta(days=89), as_of)
            self.v_first = self.sum(self.term_start, last) / ((last - self.term_start).days + 1)
            self.v_now = self.v_first if self.elapsed <= 90 else self.sum(as_of - timedelta(days=89), as_of) / 90

    def sum(self, first: date, last: date) -> Fraction:
        """Tokens of the pool in [first, last]."""
        return sum((t for d, t in self.tokens.items() if first <= d <= last), Fraction(0))

    @property
    def v_30(self) -> Fraction:
        """Mean of the last 30 days."""
        return self.sum(self.as_of - timedelta(days=29), self.as_of) / 30

    @property
    def exhaustion(self) -> date | None:
        """as_of + floor(balance / v_now)."""
        if not self.v_now:
            return None
        days = math.floor(self.balance / self.v_now)
        return self.as_of + timedelta(days=days) if days < 2_000_000 else date.max

    @property
    def projected(self) -> Fraction | None:
        """consumed + v_now x (term_end - as_of)."""
        if self.v_now is None or self.term_end is None:
            return None
        return self.consumed + self.v_now * (self.term_end - self.as_of).days

    @property
    def shortfall(self) -> Fraction | None:
        """max(0, v_now x (term_end - as_of) - balance)."""
        if self.v_now is None or self.term_end is None:
            return None
        return max(Fraction(0), self.v_now * (self.term_end - self.as_of).days - self.balance)


def pools(month: Month, all_teams: bool = False) -> list[Pool]:
    """Pools with packs; for the forecast also those that only have tokens."""
    teams = {p["team"] for p in month.inputs.packs}
    if all_teams:
        teams |= {r["team"] for r in month.seats.tokens}
    return [Pool(month, team) for team in sorted(teams)]
