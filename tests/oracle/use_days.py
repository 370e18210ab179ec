"""Who used what on which day, and how far that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from tests.oracle.estate import USE_EVENTS, Row
from tests.oracle.seats import Seats
from tests.oracle.terms import SINGLE_TEAM, Seat, Use, fold


class UseDays(Seats):
    """The use of the month and before it."""

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
