"""The company's tables as one month sees them: product keys, collections, prices, rates, parameters."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from benchmarks.peers.analyst.text import Row, fold
from benchmarks.peers.analyst.warehouse import Warehouse


class Reference:
    """Look-ups of one review month; dated tables take the day they are asked for."""

    def __init__(self, warehouse: Warehouse, month: str, as_of: date) -> None:
        self.warehouse, self.month, self.as_of = warehouse, month, as_of
        self.parameters = {(r["rule_id"], r["parameter"]): r["value"] for r in self.valid("rule_parameters")}
        self.aliases = {r["alias"]: r["offering_key"] for r in self.valid("product_aliases")}
        self.domains = {r["domain"]: r["kind"] for r in self.rows("sso_domains")}
        self.person_alias = {r["alias_email"]: r["email"] for r in self.rows("person_aliases")}
        self._members = self.rows("collection_members")
        self._rates: dict[str, list[Row]] = {}
        for row in self.rows("flex_rates"):
            self._rates.setdefault(row["offering_key"], []).append(row)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table for this month."""
        return self.warehouse.reference(table, self.month)

    def valid(self, table: str, day: date | None = None) -> list[Row]:
        """Rows of a dated table that hold on a day (as_of)."""
        day = day or self.as_of
        return [r for r in self.rows(table) if r["valid_from"] <= day <= r["valid_to"]]

    def text(self, rule: str, name: str, offering: str | None = None) -> str:
        """A parameter as written; `<parameter>:<offering_key>` overrides for one offering."""
        own = self.parameters.get((rule, f"{name}:{offering}")) if offering else None
        return str(own if own is not None else self.parameters[rule, name])

    def number(self, rule: str, name: str, offering: str | None = None) -> Fraction:
        """A parameter as an exact number."""
        return Fraction(Decimal(self.text(rule, name, offering)))

    def offering(self, text: str | None) -> str:
        """Key of an offering or product text, `unmapped:<folded>` if no alias knows it."""
        folded = fold(text)
        return self.aliases.get(folded, f"unmapped:{folded}")

    def collections_with(self, member: str, day: date) -> set[str]:
        """Collections that have a member on a day."""
        return {
            r["collection_key"]
            for r in self._members
            if r["member_key"] == member and r["valid_from"] <= day <= r["valid_to"]
        }

    def rate(self, offering: str, day: date) -> Fraction | None:
        """Flex tokens a day."""
        for row in self._rates.get(offering, []):
            if row["valid_from"] <= day <= row["valid_to"]:
                return Fraction(row["tokens_per_day"])
        return None

    def price(self, offering: str, contract: str | None) -> tuple[Fraction | None, str | None, str]:
        """(amount, currency, basis): of the contract, else contract without number, else list, else none."""
        rows = [r for r in self.valid("prices") if r["offering_key"] == offering]
        for basis, number in (("contract", contract), ("contract", None), ("list", None)):
            for row in rows:
                if row["basis"] == basis and row["contract_number"] == number:
                    return Fraction(row["amount"]), row["currency"], basis
        return None, None, "none"

    def price_by_basis(self, offering: str, contract: str | None, basis: str) -> Fraction | None:
        """The price of one basis only."""
        rows = [r for r in self.valid("prices") if r["offering_key"] == offering and r["basis"] == basis]
        for number in (contract, None) if basis == "contract" else (None,):
            for row in rows:
                if row["contract_number"] == number:
                    return Fraction(row["amount"])
        return None

    def token_price(self, contract: str | None = None) -> tuple[Fraction | None, str | None]:
        """(amount, currency) of a token: of the contract, else the row without contract."""
        for number in (contract, None):
            for row in self.valid("token_prices"):
                if row["contract_number"] == number:
                    return Fraction(row["amount"]), row["currency"]
        return None, None

    def support(self, offering: str, day: date) -> Row | None:
        """The row of version_support on a day."""
        return next((r for r in self.valid("version_support", day) if r["offering_key"] == offering), None)

    def requirement(self, feature: str, day: date) -> Row | None:
        """The row of feature_requirements of a folded feature on a day."""
        return next((r for r in self.valid("feature_requirements", day) if r["feature"] == feature), None)
