"""What was bought, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cached_property

from tests.oracle.estate import Row, valid
from tests.oracle.terms import SINGLE_TEAM, Price
from tests.oracle.use_days import UseDays


class Entitlement(UseDays):
    """Subscriptions, positions, prices, rates of exchange."""

    @cached_property
    def subscriptions(self) -> list[Row]:
        """subscriptions of drop(M) after precedence, with keys."""
        rows = []
        for r in self.estate.state("subscriptions", self.month):
            rows.append({**r, "team": r["team_alias"] or SINGLE_TEAM, "offering": self.offering(r["offering_name"])})
        names = ("contract_number", "subscription_id", "offering", "team")
        return self.estate.winning(rows, lambda r: tuple(r[n] for n in names))

    @cached_property
    def product_access(self) -> list[Row]:
        """product_access of drop(M) after precedence, with keys; pools that can be used at as_of."""
        rows = [
            {**r, "team": r["team_alias"] or SINGLE_TEAM, "offering": self.offering(r["offering_name"])}
            for r in self.estate.state("product_access", self.month)
        ]
        rows = self.estate.winning(rows, lambda r: (r["team"], r["offering"]))
        return [r for r in rows if (r["start_date"] or self.as_of) <= self.as_of <= (r["end_date"] or self.as_of)]

    def in_force(self, row: Row, day: date) -> bool:
        """Whether a subscription counts on a day; ahead of as_of an autorenewing one that has not ended does not
        end.
        """
        if row["subscription_status"] == "over" or row["start_date"] > day:
            return False
        renews = day > self.as_of and row["autorenew_date"] and row["end_date"] >= self.as_of
        return bool(renews) or row["end_date"] >= day

    @cached_property
    def subscriptions_of(self) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for r in self.subscriptions:
            found[(r["team"], r["offering"])].append(r)
        return found

    def entitled(self, team: str, offering: str, day: date | None = None) -> int:
        """E(team, offering, d)."""
        day = day or self.as_of
        return sum(r["seat_quantity"] for r in self.subscriptions_of.get((team, offering), ()) if self.in_force(r, day))

    @cached_property
    def positions(self) -> list[tuple[str, str]]:
        """(team, offering) of A or of any subscriptions row of drop(M)."""
        return sorted({*self.assigned, *self.subscriptions_of})

    def gap_team(self, team: str, offering: str) -> int:
        return len(self.assigned.get((team, offering), ())) - self.entitled(team, offering)

    def gap_org(self, offering: str) -> int:
        return sum(self.gap_team(t, o) for t, o in self.positions if o == offering)

    def contract(self, team: str, offering: str) -> str | None:
        """That of the subscription in force with most seats, then latest end, then lowest contract number."""
        rows = [r for r in self.subscriptions_of.get((team, offering), ()) if self.in_force(r, self.as_of)]
        rows.sort(key=lambda r: (-r["seat_quantity"], -r["end_date"].toordinal(), r["contract_number"] or "\uffff"))
        return rows[0]["contract_number"] if rows else None

    def holds_at(self, row: Row) -> bool:
        """Whether a dated reference row holds at as_of."""
        return valid(row, self.as_of)

    def _price_row(self, offering: str, basis: str, contract: str | None, day: date) -> Row | None:
        for r in self.ref("prices"):
            if (r["offering_key"], r["basis"], r["contract_number"]) == (offering, basis, contract) and valid(r, day):
                return r
        return None

    def price(self, team: str | None, offering: str) -> Price:
        """The contract's price, else that of a contract without number, else list; none is null, never 0."""
        tries: list[tuple[str, str | None]] = [("contract", None), ("list", None)]
        contract = self.contract(team, offering) if team else None
        if contract:
            tries.insert(0, ("contract", contract))
        for basis, number in tries:
            row = self._price_row(offering, basis, number, self.as_of)
            if row:
                return Price(row["amount"], row["currency"], basis)
        return Price()

    def token_price(self, pool: str | None = None) -> Price:
        """For a pool the row of the contract of its packs active at as_of, else, and elsewhere, the row without
        contract.
        """
        numbers: list[str | None] = [None]
        if pool:
            packs = [p for p in self.packs if p["team"] == pool and p["start_date"] <= self.as_of <= p["end_date"]]
            of_contract: dict[str, list[Row]] = defaultdict(list)
            for p in packs:
                if p["contract_number"]:
                    of_contract[p["contract_number"]].append(p)
            ranks = {
                c: (-sum(p["tokens"] for p in rows), -max(p["end_date"] for p in rows).toordinal(), c)
                for c, rows in of_contract.items()
            }
            numbers = [*sorted(ranks, key=lambda c: ranks[c])[:1], None]
        for number in numbers:
            for r in self.ref("token_prices"):
                if r["contract_number"] == number and valid(r, self.as_of):
                    return Price(r["amount"], r["currency"], "contract")
        return Price()

    @cached_property
    def packs(self) -> list[Row]:
        rows = [{**r, "team": r["team_alias"] or SINGLE_TEAM} for r in self.estate.state("flex_packs", self.month)]
        return self.estate.winning(rows, lambda r: r["pack_id"])

    def rate(self, currency: str) -> Decimal | None:
        """Units of the organisation's currency for one of another at as_of."""
        if currency == self.own_currency:
            return Decimal(1)
        rows = [r for r in self.ref("exchange_rates") if r["currency"] == currency and valid(r, self.as_of)]
        return rows[0]["per_unit"] if rows else None

    @cached_property
    def own_currency(self) -> str | None:
        return next((r["value"] for r in self.ref("settings") if r["key"] == "currency"), None)
