"""The foundations of 3-rules.md: persons, offerings, coverage, assignments, use, entitlement and price, absence.

Written from the text of the specification alone; one `World` is one review month as it stands at its last drop.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from math import floor
from typing import Any

from tests.oracle.estate import USE_EVENTS, Estate, Row, month_after, valid

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
    reported: bool = False

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


class World:
    """A review month: everything that rules are told in."""

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
        rows = [(r["hashed_autodesk_id"], r["email"]) for r in self.estate.state("usage_report", self.month)]
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
        return self.offerings.get(offering, {}).get("kind") == "collection"

    def complete(self, collection: str, day: date) -> bool:
        """Whether the list of a collection is complete on a day; without a row it is not."""
        rows = [r for r in self.ref("collection_coverage") if r["collection_key"] == collection and valid(r, day)]
        return bool(rows) and all(r["complete"] for r in rows)

    def excluded(self, collection: str, offering: str, day: date) -> bool:
        return any(
            r["collection_key"] == collection and r["offering_key"] == offering and valid(r, day)
            for r in self.ref("collection_exclusions")
        )

    # ---- assignments

    @cached_property
    def report(self) -> list[Row]:
        """usage_report of drop(M) with keys, after precedence per (team, offering, person, version, access option)."""
        rows = []
        for r in self.estate.state("usage_report", self.month):
            rows.append(
                {
                    **r,
                    "team": r["team_alias"] or SINGLE_TEAM,
                    "offering": self.offering(r["offering_name"]),
                    "person": self.person(r["email"], r["hashed_autodesk_id"]),
                }
            )
        names = ("team", "offering", "person", "version", "access_option")
        return self.estate.winning(rows, lambda r: tuple(r[n] for n in names))

    @cached_property
    def users(self) -> list[Row]:
        """users of drop(M) with keys; equal rows count once."""
        return self.users_of(self.month)

    def users_of(self, drop: str) -> list[Row]:
        rows: dict[tuple[Any, ...], Row] = {}
        for r in self.estate.state("users", drop):
            row = {
                **r,
                "team": r["team_alias"] or SINGLE_TEAM,
                "offering": self.offering(r["offering_name"]) if r["offering_name"] else None,
                "person": self.person(r["email"]),
            }
            names = ("email", "first_name", "last_name", "autodesk_id", "role", "account_status", "offering", "team")
            rows.setdefault(tuple(row[n] for n in names), row)
        return list(rows.values())

    @cached_property
    def hiding_teams(self) -> set[str]:
        """Teams of which more than 5 % of the usage_report rows have no e-mail."""
        all_rows: dict[str, int] = defaultdict(int)
        hidden: dict[str, int] = defaultdict(int)
        for r in self.report:
            all_rows[r["team"]] += 1
            hidden[r["team"]] += not r["email"]
        share = self.number("foundations", "hidden_share")
        return {team for team, n in all_rows.items() if hidden[team] > share * n}

    @cached_property
    def has_a(self) -> bool:
        """A is missing, not empty, where drop(M) holds neither usage_report nor users."""
        return any(self.estate.present(n, self.month) for n in ("usage_report", "users"))

    @staticmethod
    def _is_seat(row: Row) -> bool:
        return row["seat_assignment"] == "assigned" and "flex" not in fold(row["access_option"] or "")

    @cached_property
    def seats(self) -> dict[tuple[str, str, str], Seat]:
        """A(M)."""
        found: dict[tuple[str, str, str], Seat] = {}
        users_alone = self.hiding_teams if self.estate.present("users", self.month) else set()
        reported = set()
        for r in self.report:
            key = (r["team"], r["offering"], r["person"])
            if r["team"] in users_alone:
                continue
            reported.add(key)
            if not self._is_seat(r):
                continue
            seat = found.setdefault(key, Seat(*key, reported=True))
            dates = [d for d in (seat.assigned_date, r["assigned_date"]) if d]
            seat.assigned_date = min(dates, default=None)
            seat.last_accessed = max((d for d in (seat.last_accessed, r["last_accessed"]) if d), default=None)
            seat.versions += [r["version"]] if r["version"] else []
        for r in self.users:
            key = (r["team"], r["offering"], r["person"])
            if r["offering"] and key not in reported:
                found.setdefault(key, Seat(*key))
        return found

    @cached_property
    def seats_of(self) -> dict[str, list[Seat]]:
        """Seats by person."""
        found: dict[str, list[Seat]] = defaultdict(list)
        for seat in self.seats.values():
            found[seat.person].append(seat)
        return found

    @cached_property
    def assigned(self) -> dict[tuple[str, str], list[Seat]]:
        """Seats by (team, offering)."""
        found: dict[tuple[str, str], list[Seat]] = defaultdict(list)
        for seat in self.seats.values():
            found[(seat.team, seat.offering)].append(seat)
        return found

    @cached_property
    def seats_by_team(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for seat in self.seats.values():
            found[seat.team] += 1
        return found

    @cached_property
    def largest_team(self) -> str:
        """The team with most rows of A, then by name: that of rows of lrt without a team."""
        return min(self.seats_by_team, key=lambda t: (-self.seats_by_team[t], t), default=SINGLE_TEAM)

    def holds_directly(self, person: str) -> set[str]:
        return {s.offering for s in self.seats_of.get(person, ())}

    def covers(self, held: set[str], offering: str, day: date) -> bool:
        """Whether what is held gives a right to an offering: itself, or a collection whose list has it."""
        return offering in held or any(offering in self.members(c, day) for c in held)

    def right_open(self, held: set[str], offering: str, day: date) -> list[str]:
        """Collections held that make a right to an offering `not known`, where it is not held."""
        kind = self.offerings.get(offering)
        if kind is not None and (
            kind["kind"] == "collection" or not (kind["kind"] == "cloud" or kind["licence_metric"] == "named_user")
        ):
            return []
        return sorted(
            c
            for c in held
            if self.is_collection(c) and not self.complete(c, day) and not self.excluded(c, offering, day)
        )

    def holds(self, person: str, offering: str) -> bool:
        """Holds at as_of, directly or through a collection."""
        return self.covers(self.holds_directly(person), offering, self.as_of)

    def not_known(self, person: str, offering: str) -> bool:
        """Right not known at as_of (asked where the offering is not held)."""
        return bool(self.right_open(self.holds_directly(person), offering, self.as_of))

    @cached_property
    def _spells(self) -> dict[str, list[tuple[str, date | None, date | None]]]:
        """Per person what was held and from when to when: (offering, first day or open, last day or open)."""
        found: dict[str, list[tuple[str, date | None, date | None]]] = defaultdict(list)
        for seat in self.seats.values():
            found[seat.person].append((seat.offering, seat.assigned_date, None))
        for r in self.report:
            if (
                r["seat_assignment"] == "unassigned"
                and "flex" not in fold(r["access_option"] or "")
                and r["unassigned_date"]
            ):
                found[r["person"]].append((r["offering"], r["assigned_date"], r["unassigned_date"]))
        return found

    def held_on(self, person: str, day: date) -> set[str]:
        """Held on a day: assigned_date null or not later, and for rows no longer assigned not after unassigned_date."""
        return {
            o
            for o, start, end in self._spells.get(person, ())
            if (not start or start <= day) and (not end or day <= end)
        }

    # ---- use

    @cached_property
    def token_rows(self) -> list[Row]:
        """token_usage up to the horizon with keys, after precedence."""
        rows = []
        for r in self.estate.events("token_usage", self.horizon):
            rows.append(
                {
                    **r,
                    "team": r["team_alias"] or SINGLE_TEAM,
                    "offering": self.offering(r["offering_name"]),
                    "person": self.person(r["email"]),
                    "feature_key": fold(r["feature"]) if r["feature"] else None,
                }
            )
        names = ("team", "offering", "feature", "person", "day_used")
        return self.estate.winning(rows, lambda r: tuple(r[n] for n in names))

    @cached_property
    def tokens(self) -> list[Row]:
        """Token rows not later than as_of."""
        return [r for r in self.token_rows if r["day_used"] <= self.as_of]

    @cached_property
    def tokens_of_month(self) -> list[Row]:
        return [r for r in self.tokens if r["day_used"] >= self.month_start]

    @cached_property
    def lrt_rows(self) -> list[Row]:
        """Telemetry up to the horizon with keys, after precedence."""
        rows = []
        for r in self.estate.events("lrt", self.horizon):
            rows.append(
                {
                    **r,
                    "team": r["team_alias"] or self.largest_team,
                    "offering": self.offering(r["product"]),
                    "person": self.person(r["user_email"], r["user_hash"]),
                    "day": r["event_at"].date(),
                    "device": r["device_id"] or r["host_name"],
                    "feature_key": fold(r["feature"]) if r["feature"] else None,
                }
            )

        def key(r: Row) -> Any:
            rest = (r["event_at"], r["person"], r["device"], r["offering"], r["feature_key"])
            return r["event_id"] if r["event_id"] else rest

        return self.estate.winning(rows, key)

    @cached_property
    def lrt(self) -> list[Row]:
        """Telemetry of the window (as_of - 365, as_of]."""
        return [r for r in self.lrt_rows if self.as_of - timedelta(365) < r["day"] <= self.as_of]

    @cached_property
    def _portal_use(self) -> list[Use]:
        rows = []
        for r in self.estate.events("usage", self.horizon):
            rows.append(
                {
                    **r,
                    "team": r["team_alias"] or SINGLE_TEAM,
                    "offering": self.offering(r["offering_name"]),
                    "product": self.offering(r["product_name"]) if r["product_name"] else None,
                    "person": self.person(r["email"], r["hashed_autodesk_id"]),
                }
            )
        names = ("team", "offering", "product", "version", "access_option", "person", "day_used")
        rows = self.estate.winning(rows, lambda r: tuple(r[n] for n in names))
        found = [Use(r["person"], r["day_used"], r["offering"], r["product"], "usage", r["team"]) for r in rows]
        rows = []
        for r in self.estate.events("seat_usage", self.horizon):
            rows.append(
                {
                    **r,
                    "team": r["team_alias"] or SINGLE_TEAM,
                    "offering": self.offering(r["offering_name"]),
                    "person": self.person(r["email"]),
                }
            )
        of_seats = ("team", "offering", "version", "feature", "person", "day_used")
        rows = self.estate.winning(rows, lambda r: tuple(r[n] for n in of_seats))
        return found + [Use(r["person"], r["day_used"], r["offering"], None, "seat_usage", r["team"]) for r in rows]

    @cached_property
    def uses(self) -> list[Use]:
        """Every row of use of the four event inputs, not bounded by as_of."""
        found = list(self._portal_use)
        found += [
            Use(r["person"], r["day_used"], r["offering"], None, "token_usage", r["team"]) for r in self.token_rows
        ]
        found += [Use(r["person"], r["day"], r["offering"], None, "lrt", r["team"]) for r in self.lrt_rows]
        return list(dict.fromkeys(found))

    @cached_property
    def uses_of(self) -> dict[str, list[Use]]:
        """Use not later than as_of, by person."""
        found: dict[str, list[Use]] = defaultdict(list)
        for use in self.uses:
            if use.person and use.day <= self.as_of:
                found[use.person].append(use)
        return found

    def use_days(self, person: str, offering: str) -> set[date]:
        """Days of rows of the offering itself and, where it is a collection held, of rows that name a member of it."""
        if (person, offering) not in self._days:
            is_held = offering in self.holds_directly(person)
            days = set()
            for use in self.uses_of.get(person, ()):
                if use.offering == offering:
                    days.add(use.day)
                elif is_held and offering in self._member_rows:
                    members = self.members(offering, use.day)
                    if use.offering in members or use.product in members:
                        days.add(use.day)
            self._days[(person, offering)] = days
        return self._days[(person, offering)]

    def last_use(self, seat: Seat) -> date | None:
        """The latest use day, or the assignment's last_accessed, also where that lies after as_of."""
        days = list(self.use_days(seat.person, seat.offering))
        return max([*days, *([seat.last_accessed] if seat.last_accessed else [])], default=None)

    def days_12m(self, person: str, offering: str) -> int:
        return sum(day > self.as_of - timedelta(365) for day in self.use_days(person, offering))

    @cached_property
    def max_day_seen(self) -> date | None:
        """The latest use day or last_accessed of drops up to M, not bounded by as_of."""
        days = [r["day_used"] for n in USE_EVENTS[:3] for r in self.estate.events(n, self.month)]
        days += [r["event_at"].date() for r in self.estate.events("lrt", self.month)]
        days += [r["last_accessed"] for r in self.estate.events("usage_report", self.month) if r["last_accessed"]]
        return max(days, default=None)

    @cached_property
    def cutoff(self) -> date:
        """least(as_of, max_day_seen - settle_days)."""
        if self.max_day_seen is None:
            return self.as_of
        return min(self.as_of, self.max_day_seen - self.days_of("foundations", "settle_days"))

    @cached_property
    def is_stale(self) -> bool:
        inputs = ("usage_report", *USE_EVENTS)
        if self.max_day_seen is None or self.max_day_seen < self.as_of - self.days_of("foundations", "stale_days"):
            return True
        return not any(self.estate.present(n, self.month) for n in inputs)

    @cached_property
    def days_observed(self) -> int:
        """min(365, as_of - d0 + 1), d0 the first day of anybody in the four event inputs."""
        return self._observed(u.day for u in self.uses)

    @cached_property
    def token_days_observed(self) -> int:
        return self._observed(r["day_used"] for r in self.token_rows)

    def _observed(self, days: Iterable[date]) -> int:
        first = min(days, default=None)
        return min(365, (self.as_of - first).days + 1) if first else 0

    # ---- entitlement and price

    @cached_property
    def subscriptions(self) -> list[Row]:
        """subscriptions of drop(M) after precedence, with keys."""
        rows = []
        for r in self.estate.state("subscriptions", self.month):
            rows.append({**r, "team": r["team_alias"] or SINGLE_TEAM, "offering": self.offering(r["offering_name"])})
        names = ("contract_number", "subscription_id", "offering", "team")
        return self.estate.winning(rows, lambda r: tuple(r[n] for n in names))

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
            packs = [p for p in packs if p["contract_number"]]
            packs.sort(key=lambda p: (-p["tokens"], -p["end_date"].toordinal(), p["contract_number"]))
            numbers = [*[p["contract_number"] for p in packs[:1]], None]
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

    # ---- directory, HR, contractors

    @cached_property
    def directory(self) -> list[Row]:
        return self.estate.winning(self.estate.state("directory_users", self.month), lambda r: r["user_id"])

    @cached_property
    def hr(self) -> list[Row]:
        return self.hr_of(self.month)

    def hr_of(self, drop: str) -> list[Row]:
        """HR records of a drop, with what is to be held of their leave_date."""
        rows = self.estate.winning(self.estate.state("hr_workers", drop), lambda r: r["employee_id"])
        found = []
        for r in rows:
            leave = r["leave_date"]
            if leave and (leave.year == 9999 or (r["hire_date"] and leave < r["hire_date"])):
                leave = None
            found.append({**r, "leave_date": leave})
        return found

    def ended(self, record: Row, day: date | None = None) -> bool:
        """Ended, whatever its status: leave_date <= as_of, or terminated without a leave_date."""
        leave = record["leave_date"]
        return leave <= (day or self.as_of) if leave else record["status"] == "terminated"

    def is_in_force(self, record: Row, day: date | None = None) -> bool:
        if self.ended(record, day):
            return False
        return record["status"] in ("active", "on_leave") or (
            record["status"] == "terminated" and record["leave_date"] is not None
        )

    def _best_record(self, candidates: list[tuple[int, Row]], day: date | None = None) -> tuple[str, Row] | None:
        """In force before unknown before ended, then mail before UPN before id, then the latest hire_date."""

        def rank(candidate: tuple[int, Row]) -> tuple[int, int, int, str]:
            grade, record = candidate
            force = 0 if self.is_in_force(record, day) else 2 if self.ended(record, day) else 1
            return (force, grade, -(record["hire_date"] or date.min).toordinal(), record["employee_id"])

        if not candidates:
            return None
        grade, record = min(candidates, key=rank)
        return ("mail", "upn", "employee_id")[grade], record

    @cached_property
    def _hr_index(self) -> tuple[dict[str, list[Row]], dict[str, list[Row]], dict[str, list[Row]]]:
        return self._hr_indexed(self.hr)

    def _hr_indexed(self, rows: list[Row]) -> tuple[dict[str, list[Row]], dict[str, list[Row]], dict[str, list[Row]]]:
        mail: dict[str, list[Row]] = defaultdict(list)
        upn: dict[str, list[Row]] = defaultdict(list)
        ids: dict[str, list[Row]] = defaultdict(list)
        for r in rows:
            mail[self.mapped(r["email"]) or ""].append(r)
            upn[self.mapped(r["user_principal_name"]) or ""].append(r)
            ids[(r["employee_id"] or "").lower()].append(r)
        return mail, upn, ids

    @cached_property
    def _directory_index(self) -> dict[str, dict[str, list[Row]]]:
        found: dict[str, dict[str, list[Row]]] = {g: defaultdict(list) for g in GRADES[:4]}
        for r in self.directory:
            found["mail"][self.mapped(r["mail"]) or ""].append(r)
            found["upn"][self.mapped(r["user_principal_name"]) or ""].append(r)
            for address in (r["other_addresses"] or "").split(";"):
                found["other"][self.mapped(address) or ""].append(r)
            found["employee_id"][(r["employee_id"] or "").lower()].append(r)
        return found

    @staticmethod
    def _best_account(rows: list[Row]) -> Row:
        """An enabled one, then one of unknown state, then the lowest user_id."""
        state = {True: 0, None: 1, False: 2}
        return min(rows, key=lambda r: (state[r["account_enabled"]], r["user_id"]))

    @cached_property
    def _matches(self) -> dict[str, tuple[tuple[str, Row] | None, tuple[str, Row | None]]]:
        return {}

    def _match(self, person: str) -> tuple[tuple[str, Row] | None, tuple[str, Row | None]]:
        """HR match and directory match of a person, each with its grade."""
        if person in self._matches:
            return self._matches[person]
        mail, upn, ids = self._hr_index
        candidates = [(0, r) for r in mail.get(person, ())] + [(1, r) for r in upn.get(person, ())]
        account: tuple[str, Row | None] = ("none", None)
        for grade in GRADES[:3]:
            rows = self._directory_index[grade].get(person)
            if rows:
                account = (grade, self._best_account(rows))
                break
        if account[1] is None:
            record = self._best_record(candidates)
            rows = self._directory_index["employee_id"].get(record[1]["employee_id"].lower()) if record else None
            if rows:
                account = ("employee_id", self._best_account(rows))
        if account[1] is not None and account[1]["employee_id"]:
            candidates += [(2, r) for r in ids.get(account[1]["employee_id"].lower(), ())]
        self._matches[person] = (self._best_record(candidates), account)
        return self._matches[person]

    def hr_record(self, person: str) -> Row | None:
        match = self._match(person)[0]
        return match[1] if match else None

    def account(self, person: str) -> Row | None:
        return self._match(person)[1][1]

    @cached_property
    def register_of_contractors(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for r in self.estate.state("contractors", self.month):
            found[self.mapped(r["email"]) or ""].append(r)
        return found

    def contractor_end(self, person: str) -> date | None:
        """Of several entries the latest end; a null one is open (the last day there is). None: not in the register."""
        return max((r["end_date"] or date.max for r in self.register_of_contractors.get(person, ())), default=None)

    def valid_contractor(self, person: str) -> bool:
        rows = self.register_of_contractors.get(person, ())
        return any((r["start_date"] or date.min) <= self.as_of <= (r["end_date"] or date.max) for r in rows)

    @cached_property
    def domains(self) -> dict[str, str]:
        return {r["domain"].lower(): r["kind"] for r in self.ref("sso_domains")}

    def domain_kind(self, person: str) -> str | None:
        return self.domains.get(domain_of(person) or "")

    # ---- absence is a claim

    @cached_property
    def _joins(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Per (input, corporate domain): people of A, and how many of them match."""
        people = {s.person for s in self.seats.values() if self.domain_kind(s.person) == "corporate"}
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for person in people:
            domain = domain_of(person) or ""
            for name, matched in (
                ("directory_users", self.account(person) is not None),
                ("hr_workers", self.hr_record(person) is not None),
            ):
                n, m = found.get((name, domain), (0, 0))
                found[(name, domain)] = (n + 1, m + matched)
        return found

    def joinable(self, name: str, person: str) -> bool:
        """Not where fewer than half of the people of A with the corporate domain match the input."""
        n, m = self._joins.get((name, domain_of(person) or ""), (0, 0))
        return m * 2 >= n

    def any_not_joinable(self, name: str) -> bool:
        return self.estate.present(name, self.month) and any(
            m * 2 < n for (i, _), (n, m) in self._joins.items() if i == name
        )

    def rejected(self, person: str, *inputs: str, drop: str | None = None) -> bool:
        """Whether a row of the person was rejected in one of these inputs of the drop, by any address or id in it."""
        return any((name, drop or self.month, person) in self._rejected_persons for name in inputs)

    @cached_property
    def _rejected_persons(self) -> set[tuple[str, str, str]]:
        found = set()
        ids: dict[str, set[str]] = defaultdict(set)
        persons = {s.person for s in self.seats.values()} | set(self.uses_of) | {u["person"] for u in self.users}
        for person in persons:
            record, account = self.hr_record(person), self.account(person)
            for row, names in ((record, ("employee_id",)), (account, ("employee_id", "user_id"))):
                for name in names:
                    if row is not None and row.get(name):
                        ids[row[name].lower()].add(person)
        for r in self.estate.rejected_subjects:
            if r["kind"] == "address":
                found.add((r["input"], r["drop"], self.mapped(r["value"]) or ""))
            else:
                found |= {(r["input"], r["drop"], p) for p in ids.get(r["value"], ())}
        return found

    def any_rejected(self, name: str, drop: str) -> bool:
        """Whether a rejected row of an input is about somebody who is in the estate."""
        return any(i == name and d == drop and p in self.known_persons for i, d, p in self._rejected_persons)

    @cached_property
    def known_persons(self) -> set[str]:
        """Everybody with a seat, a portal row, a group or any use."""
        found = {s.person for s in self.seats.values()} | {r["person"] for r in (*self.users, *self.report)}
        found |= {u.person for u in self.uses if u.person}
        return found | {self.person(r["email"]) or "" for r in self.estate.state("groups", self.month)}

    def unread(self, name: str, column: str) -> bool:
        """Whether cells of a column could not be read in drop(M); whose they are is not kept."""
        return any(
            (r["drop"], r["input"], r["column_name"]) == (self.month, name, column) for r in self.estate.unread_cells
        )

    def access_unread(self, seat: Seat) -> bool:
        """Nobody without a last access is called idle where such cells could not be read: they may be theirs."""
        return seat.reported and seat.last_accessed is None and self.unread("usage_report", "last_accessed")

    def assigned_unread(self, seat: Seat) -> bool:
        """The same for the day of assignment."""
        return seat.reported and seat.assigned_date is None and self.unread("usage_report", "assigned_date")

    def whole(self, name: str, drop: str | None = None) -> bool:
        """Whether an input of drop(M) is whole, or is not there at all."""
        return self.estate.whole(name, drop or self.month)

    def months_before(self, n: int) -> str:
        return month_after(self.month, -n)

    @cached_property
    def hides(self) -> set[str]:
        """Persons known only by hash in a team that hides personal data (any row of theirs there)."""
        found = {r["person"] for r in self.report if r["team"] in self.hiding_teams}
        found |= {u.person for u in self.uses if u.team in self.hiding_teams and u.person}
        return {p for p in found if p.startswith("hash:")}
