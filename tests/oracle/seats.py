"""Who has which seat, and what a seat gives a right to: assignments and coverage."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property
from typing import Any

from tests.oracle.estate import Row
from tests.oracle.terms import SINGLE_TEAM, Seat, fold
from tests.oracle.words import Words


class Seats(Words):
    """The assignments of the month."""

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
            said = ("assignment_type", "pinned_subscription_id")
            rows.setdefault(tuple(row[n] for n in (*names, *said)), row)
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
            seat = found.setdefault(key, Seat(*key))
            seat.rows.append(r)
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
    def stated(self) -> dict[tuple[str, str, str], list[Row]]:
        """Rows of users by seat: they may say the way of the assignment, and the subscription it is pinned to."""
        found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for r in self.users:
            if r["offering"]:
                found[(r["team"], r["offering"], r["person"])].append(r)
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
        # A product without a metric is one of named users.
        is_covered = kind is None or kind["kind"] == "cloud" or (kind["licence_metric"] or "named_user") == "named_user"
        if self.is_collection(offering) or not is_covered:
            return []
        # A collection is held through another one, too.
        through = {m for c in held for m in self.members(c, day)}
        return sorted(
            c
            for c in held | through
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
