"""The world of the demo: the records of the estate, how people are added to it, and how the truth about it is noted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pipelines.demo.estate import FIRM, HARBOUR, SYLLABLES
from pipelines.demo.records import (
    Decision,
    Event,
    Group,
    HubMember,
    Installation,
    Line,
    Pack,
    Person,
    Planted,
    Seat,
    Token,
)
from pipelines.partitions import as_of, shift

# Months of use before the first review month that the first drop looks back on.
HISTORY = 5


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
    hub_members: list[HubMember] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    # (activity, period, day) of reviews that were signed off.
    sign_offs: list[tuple[str, str, date]] = field(default_factory=list)
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
        """Note what a rule must say on a key. months: of a violation, those in which it is there (it must be silent in
        the others); None = all.
        """
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
