"""A review month, its reference tables, and whom and what the words of its files mean: persons, offerings,
collections.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from tests.oracle.estate import Estate, Row, valid
from tests.oracle.terms import fold


class Words:
    """A review month as it stands at its last drop, with its parameters and its dictionaries."""

    def __init__(self, estate: Estate, month: str) -> None:
        self.estate, self.month = estate, month
        year, number = int(month[:4]), int(month[5:])
        self.as_of = date(year, number, calendar.monthrange(year, number)[1])
        self.month_start = date(year, number, 1)
        self.horizon = estate.horizon(month)
        self.has_drop = month in estate.drops
        self._days: dict[tuple[str, str], set[date]] = {}

    # ---- parameters and reference tables

    def ref(self, table: str) -> list[Row]:
        """All rows of a reference table for this month."""
        if table not in self.__dict__.setdefault("_refs", {}):
            self.__dict__["_refs"][table] = self.estate.reference(table, self.month)
        return self.__dict__["_refs"][table]

    def parameter(self, rule: str, name: str, offering: str | None = None) -> str:
        """A parameter of a rule at as_of; `<parameter>:<offering_key>` overrides for one offering."""
        rows = [r for r in self.ref("rule_parameters") if r["rule_id"] == rule and valid(r, self.as_of)]
        values = {r["parameter"]: r["value"] for r in sorted(rows, key=lambda r: r["valid_from"] or date.min)}
        return values.get(f"{name}:{offering}", values[name])

    def number(self, rule: str, name: str, offering: str | None = None) -> Decimal:
        """A parameter that is a number."""
        return Decimal(self.parameter(rule, name, offering))

    def days_of(self, rule: str, name: str, offering: str | None = None) -> timedelta:
        """A parameter that is a number of days."""
        return timedelta(days=int(self.number(rule, name, offering)))

    # ---- persons

    @cached_property
    def aliases(self) -> dict[str, str]:
        return {r["alias_email"]: r["email"] for r in self.ref("person_aliases")}

    def mapped(self, email: str | None) -> str | None:
        """An e-mail, trimmed and lower case, mapped once through person_aliases."""
        text = (email or "").strip().lower()
        return self.aliases.get(text, text) or None

    @cached_property
    def persons_of_hash(self) -> dict[str, set[str]]:
        """Per hash the persons whose e-mails some row of the drops used shows beside it; one name space."""
        found: dict[str, set[str]] = defaultdict(set)
        rows = [(r["hashed_autodesk_id"], r["email"]) for r in self.estate.events("usage_report", self.month)]
        rows += [(r["hashed_autodesk_id"], r["email"]) for r in self.estate.events("usage", self.horizon)]
        rows += [(r["user_hash"], r["user_email"]) for r in self.estate.events("lrt", self.horizon)]
        for hash_, email in rows:
            if hash_ and email:
                found[hash_].add(self.mapped(email) or "")
        return found

    def person(self, email: str | None, hash_: str | None = None) -> str | None:
        """person_key: the mapped e-mail, else that of the hash's one person, else `hash:` and the hash."""
        if email:
            return self.mapped(email)
        if not hash_:
            return None
        persons = self.persons_of_hash.get(hash_, set())
        return next(iter(persons)) if len(persons) == 1 else f"hash:{hash_}"

    # ---- offerings

    @cached_property
    def _alias_table(self) -> dict[str, str]:
        rows = [r for r in self.ref("product_aliases") if valid(r, self.as_of)]
        return {r["alias"]: r["offering_key"] for r in sorted(rows, key=lambda r: r["valid_from"] or date.min)}

    def offering(self, text: str) -> str:
        """The offering of a text by product_aliases as of as_of, else `unmapped:<folded name>`."""
        folded = fold(text)
        return self._alias_table.get(folded) or f"unmapped:{folded}"

    @cached_property
    def offerings(self) -> dict[str, Row]:
        return {r["offering_key"]: r for r in self.ref("offerings")}

    def members(self, collection: str, day: date) -> set[str]:
        """Members of a collection on a day."""
        return {
            r["member_key"]
            for r in self._member_rows.get(collection, ())
            if valid(r, day) and r["member_key"] != collection
        }

    @cached_property
    def _member_rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for r in self.ref("collection_members"):
            found[r["collection_key"]].append(r)
        return found

    def is_collection(self, offering: str) -> bool:
        """Of kind collection, or with a statement about its list; what `offerings` does not know is one by having
        members. A product that brings others with it is none.
        """
        return offering in self._collections

    @cached_property
    def _collections(self) -> set[str]:
        told = {r["collection_key"] for r in self.ref("collection_coverage")}
        told |= {r["collection_key"] for r in self.ref("collection_members")} - set(self.offerings)
        return told | {key for key, r in self.offerings.items() if r["kind"] == "collection"}

    def complete(self, collection: str, day: date) -> bool:
        """Whether the list of a collection is complete on a day; without a row it is not."""
        rows = [r for r in self.ref("collection_coverage") if r["collection_key"] == collection and valid(r, day)]
        return bool(rows) and all(r["complete"] for r in rows)

    def excluded(self, collection: str, offering: str, day: date) -> bool:
        return any(
            r["collection_key"] == collection and r["offering_key"] == offering and valid(r, day)
            for r in self.ref("collection_exclusions")
        )
