"""The records the demo estate is made of: people, seats, subscriptions, packs, events, groups, and the world that holds them.

Plain data; who is planted is `plants`, what the files look like is `exports`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pipelines.demo.estate import DAYS, FIRM, HARBOUR, NORDBAU, SYLLABLES
from pipelines.partitions import as_of, months_between, shift

FAR = date(2099, 1, 1)
# Months of use that the first drop looks back on.
HISTORY = 5


@dataclass(frozen=True)
class Seat:
    """A seat: team, offering, the day it was assigned, the day it was taken back (None: still held)."""

    team: str
    offering: str
    assigned: date
    ended: date | None = None

    def held(self, day: date) -> bool:
        """Whether the seat is assigned at the end of a day."""
        return self.assigned <= day and (self.ended is None or self.ended > day)


@dataclass(frozen=True)
class Person:
    """Somebody of the estate.

    products: what is used on the `days` of every month from first_use to last_use, in turn; empty = nothing. also: further days of use.
    shows_product: whether the use names the product inside the offering. role holds from role_from on (before: User).
    last_sign_in: None = signs in to the directory every month, `date.min` = never did.
    """

    number: int
    email: str
    first_name: str
    last_name: str
    seats: tuple[Seat, ...] = ()
    home: str = HARBOUR
    products: tuple[str, ...] = ()
    days: tuple[int, ...] = DAYS
    also: tuple[date, ...] = ()
    first_use: date = date.min
    last_use: date = FAR
    in_hr: bool = True
    in_directory: bool = True
    enabled: bool = True
    leave_date: date | None = None
    on_leave: bool = False
    department: str = "BIM"
    entity: str = NORDBAU
    role: str = "User"
    role_from: str = "2000-01"
    approved: bool = False
    status: str = "Verified"
    contractor_end: date | None = None
    is_contractor: bool = False
    policy: str = "company"
    in_portal: bool = True
    in_sam: bool = True
    last_sign_in: date | None = None

    def role_in(self, month: str) -> str:
        """The portal role in a month."""
        return self.role if self.role_from <= month else "User"

    def teams(self, month: str) -> set[str]:
        """The teams whose user list shows the person: those of the seats held, else the home."""
        return {s.team for s in self.seats if s.held(as_of(month))} or {self.home}

    def is_admin(self, month: str) -> bool:
        """Whether the portal shows an administrator's role in a month."""
        return self.in_portal and self.role_in(month) != "User"


@dataclass(frozen=True)
class Line:
    """A subscription. seats None: as many as are assigned in the month, plus spare. autorenew None: it ends for good."""

    team: str
    offering: str
    start: date
    end: date
    seats: int | None = None
    spare: int = 1
    contract: str = ""
    subscription: str = ""
    autorenew: date | None = None


@dataclass(frozen=True)
class Pack:
    """A Flex pack of a pool (team)."""

    pack: str
    team: str
    tokens: int
    start: date
    end: date


@dataclass(frozen=True)
class Token:
    """Tokens charged to a person on a day; feature empty = charged for the product itself."""

    day: date
    person: Person
    team: str
    offering: str
    tokens: int
    feature: str = ""


@dataclass(frozen=True)
class Event:
    """A telemetry event, delivered in the drop `month`."""

    month: str
    day: date
    email: str
    team: str
    offering: str
    device: str
    hour: int = 9
    minute: int = 0
    minutes: int = 60
    version: str = "2026"
    feature: str = "open"
    claim: str = "named_user"
    country: str = "DE"
    source: str = "desktop"
    lag_hours: int = 24
    in_sam: bool = True


@dataclass(frozen=True)
class Member:
    """Somebody in a portal group, from one review month to another."""

    person: Person
    since: str = "0000-00"
    until: str = "9999-99"


@dataclass(frozen=True)
class Group:
    """A portal group, and the offering it grants (with the predicate that is meant, empty = unknown)."""

    team: str
    name: str
    members: tuple[Member, ...]
    kind: str = "Local"
    grants: str = ""
    intended: str = ""

    def people(self, month: str) -> list[Person]:
        """Its members in a month."""
        return [m.person for m in self.members if m.since <= month <= m.until]


@dataclass(frozen=True)
class Installation:
    """A product found on a device; seen_days_ago counts from the as-of date of each month."""

    device: str
    name: str
    version: str = ""
    email: str = ""
    licence_class: str = "commercial"
    seen_days_ago: int = 3


@dataclass(frozen=True)
class Planted:
    """A row of the truth: in this month the rule must (violation) or must not (near_miss) speak on this key."""

    month: str
    rule: str
    team: str
    offering: str
    person: str
    scope: str
    kind: str
    note: str


@dataclass
class World:
    """Everything the exports are written from, for a list of review months, and the truth about it."""

    months: list[str]
    seed: int
    rng: random.Random
    employees: int = 0
    people: list[Person] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    packs: list[Pack] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    installations: list[Installation] = field(default_factory=list)
    truth: list[Planted] = field(default_factory=list)

    # --- dates -------------------------------------------------------------------------------------------------
    @property
    def last(self) -> str:
        """The last review month."""
        return self.months[-1]

    @property
    def middle(self) -> str:
        """The review month in the middle."""
        return self.months[len(self.months) // 2]

    @property
    def first_day(self) -> date:
        """The first day on which use can be seen: the first drop looks back HISTORY months."""
        return as_of(shift(self.months[0], -HISTORY)).replace(day=1)

    @property
    def long_ago(self) -> date:
        """A day well before everything the exports show."""
        return date(int(self.months[0][:4]) - 2, 6, 1)

    def window(self, month: str) -> tuple[date, date]:
        """The 365 days up to the as-of date that the exports show: (first, last), both inside."""
        return max(as_of(month) - timedelta(days=364), self.first_day), as_of(month)

    # --- people ------------------------------------------------------------------------------------------------
    def name(self, parts: int) -> str:
        """An invented name."""
        return "".join(self.rng.choice(SYLLABLES) for _ in range(parts)).capitalize()

    def add(self, **changes: Any) -> Person:
        """Add a person: by default one seat on AutoCAD in the first team, used twelve days a month."""
        number = len(self.people)
        first, last = self.name(2), self.name(3)
        seats = changes.get("seats", (Seat(HARBOUR, "autocad", self.long_ago),))
        base = Person(
            number,
            f"{first}.{last}{number}@{FIRM}".lower(),
            first,
            last,
            seats,
            home=seats[0].team if seats else HARBOUR,
            products=("autocad",) if seats else (),
        )
        person = replace(base, **changes)
        self.people.append(person)
        return person

    def holders(self, team: str, offering: str, month: str) -> list[Person]:
        """Who holds an offering in a team at the end of a month."""
        return [
            p
            for p in self.people
            if p.in_portal
            for s in p.seats
            if (s.team, s.offering) == (team, offering) and s.held(as_of(month))
        ]

    # --- truth -------------------------------------------------------------------------------------------------
    def plant(
        self,
        rule: str,
        kind: str,
        note: str,
        *,
        team: str = "",
        offering: str = "",
        person: Person | str = "",
        scope: str = "",
        months: Iterable[str] | None = None,
    ) -> None:
        """Note what a rule must say on a key. months: of a violation, those in which it is there (it must be silent in the others); None = all."""
        email = person.email if isinstance(person, Person) else person
        wanted = set(self.months if months is None else months)
        for month in self.months:
            if kind == "violation" and month not in wanted:
                self.truth.append(
                    Planted(month, rule, team, offering, email, scope, "near_miss", f"{note} (not in this month)")
                )
            elif month in wanted:
                self.truth.append(Planted(month, rule, team, offering, email, scope, kind, note))

    def plant_month(self, month: str, rule: str, holds: bool, note: str, *, person: str = "", **key: str) -> None:
        """Plant a violation (holds) or a near-miss in one month; nothing is said of the others."""
        kind = "violation" if holds else "near_miss"
        self.truth.append(
            Planted(month, rule, key.get("team", ""), key.get("offering", ""), person, key.get("scope", ""), kind, note)
        )

    def plant_if(self, rule: str, note: str, holds: Callable[[str], bool], **key: Any) -> None:
        """Plant a violation in the months in which `holds` says so; silent in the others."""
        self.plant(rule, "violation", note, months=[m for m in self.months if holds(m)], **key)


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
