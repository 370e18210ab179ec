"""Assignments A(M), who holds what, routes, use days, the clock, entitlement and position of one month."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from benchmarks.peers.analyst.inputs import EVENTS, Inputs
from benchmarks.peers.analyst.people import People
from benchmarks.peers.analyst.text import Row, fold

Key = tuple[str, str, str]
OUT = {"expired", "cancelled", "canceled", "terminated", "inactive", "suspended"}


class Seats:
    """Everything about seats of one month; each number once."""

    def __init__(self, inputs: Inputs, people: People) -> None:
        self.inputs, self.people, self.ref = inputs, people, inputs.ref
        self.as_of = inputs.as_of
        self.window_start = self.as_of - timedelta(days=365)  # exclusive

    # ---- A ------------------------------------------------------------------------------------------------------

    @cached_property
    def hidden_teams(self) -> set[str]:
        """Teams more than 5 % of whose usage_report rows have no e-mail."""
        total: dict[str, int] = {}
        without: dict[str, int] = {}
        for row in self.inputs.usage_report:
            total[row["team"]] = total.get(row["team"], 0) + 1
            without[row["team"]] = without.get(row["team"], 0) + (row["email"] is None)
        share = self.ref.number("foundations", "hidden_share")
        return {t for t in total if without[t] > share * total[t]}

    @property
    def known(self) -> bool:
        """Whether A is there at all."""
        return self.inputs.present("usage_report") or self.inputs.present("users")

    @cached_property
    def a(self) -> dict[Key, Row]:
        """A(M): key → assigned_date, last_accessed."""
        found: dict[Key, Row] = {}
        if not self.known:
            return found
        users_only = self.hidden_teams if self.inputs.present("users") else set()
        in_report = set()
        for row in self.inputs.usage_report:
            key = (row["team"], row["offering"], row["person"])
            in_report.add(key)
            if (
                row["seat_assignment"] != "assigned"
                or "flex" in fold(row["access_option"])
                or row["team"] in users_only
            ):
                continue
            seat = found.setdefault(key, {"assigned_date": None, "last_accessed": None})
            for column, choose in (("assigned_date", min), ("last_accessed", max)):
                if row[column] is not None:
                    seat[column] = row[column] if seat[column] is None else choose(seat[column], row[column])
        for row in self.inputs.users:
            if row["offering"] is None:
                continue
            key = (row["team"], row["offering"], row["person"])
            if key not in in_report or row["team"] in users_only:
                found.setdefault(key, {"assigned_date": None, "last_accessed": None})
        return found

    @cached_property
    def teams_by_size(self) -> list[str]:
        """Teams of A, most rows first, then by name."""
        count: dict[str, int] = {}
        for team, _, _ in self.a:
            count[team] = count.get(team, 0) + 1
        return sorted(count, key=lambda t: (-count[t], t))

    @cached_property
    def held(self) -> dict[str, set[str]]:
        """person → offerings held at as_of in any team."""
        found: dict[str, set[str]] = {}
        for _, offering, person in self.a:
            found.setdefault(person, set()).add(offering)
        return found

    def holding(self, person: str | None, offering: str) -> str | None:
        """What the person holds the offering through at as_of: itself, the first collection by key, or nothing."""
        mine = self.held.get(person or "", set())
        if offering in mine:
            return offering
        return min(mine & self.ref.collections_with(offering, self.as_of), default=None)

    @cached_property
    def spells(self) -> dict[str, list[tuple[str, date | None, date | None]]]:
        """person → (offering, from, to) of rows assigned and of rows no longer assigned."""
        found: dict[str, list[tuple[str, date | None, date | None]]] = {}
        for (_, offering, person), seat in self.a.items():
            found.setdefault(person, []).append((offering, seat["assigned_date"], None))
        for row in self.inputs.usage_report:
            if (
                row["seat_assignment"] == "unassigned"
                and "flex" not in fold(row["access_option"])
                and row["unassigned_date"]
            ):
                spell = (row["offering"], row["assigned_date"], row["unassigned_date"])
                found.setdefault(row["person"], []).append(spell)
        return found

    def held_on(self, person: str | None, offering: str, day: date) -> bool:
        """Whether the person held the offering or a collection with it on a day."""
        wanted = {offering} | self.ref.collections_with(offering, day)
        return any(
            o in wanted and (begin is None or begin <= day) and (end is None or day <= end)
            for o, begin, end in self.spells.get(person or "", [])
        )

    @cached_property
    def granting(self) -> dict[tuple[str, str], list[Row]]:
        """(team, group) → group rules in force at as_of."""
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.ref.valid("group_rules"):
            found.setdefault((row["team_alias"] or "(single team)", row["group"]), []).append(row)
        return found

    @cached_property
    def defaults(self) -> set[tuple[str, str]]:
        """(team, offering) of default assignments."""
        return {
            (row["team"], self.ref.offering(text))
            for row in self.inputs.sso
            for text in (row["default_assignment_offerings"] or "").split(";")
            if text.strip()
        }

    @cached_property
    def routes(self) -> dict[Key, list[str]]:
        """Routes of every assignment, sorted."""
        of_person: dict[tuple[str, str], set[str]] = {}
        for team, group, person in self.inputs.groups:
            of_person.setdefault((team, person), set()).add(group)
        found = {}
        for team, offering, person in self.a:
            routes = [
                f"group:{g}"
                for g in of_person.get((team, person), set())
                if any(r["offering_key"] == offering for r in self.granting.get((team, g), []))
            ]
            if (team, offering) in self.defaults:
                routes.append("default")
            found[team, offering, person] = sorted(routes) or ["direct"]
        return found

    # ---- use ----------------------------------------------------------------------------------------------------

    @cached_property
    def lrt(self) -> list[Row]:
        """LRT rows with the team resolved."""
        main = self.teams_by_size[0] if self.teams_by_size else "(single team)"
        return [{**r, "team": r["row_team"] or main} for r in self.inputs.events if r["input"] == "lrt"]

    @cached_property
    def lrt_window(self) -> list[Row]:
        """LRT rows of the window."""
        return [r for r in self.lrt if self.window_start < r["day"] <= self.as_of]

    @cached_property
    def tokens(self) -> list[Row]:
        """Token rows, days up to as_of."""
        return [r for r in self.inputs.events if r["input"] == "token_usage" and r["day"] <= self.as_of]

    @cached_property
    def named(self) -> dict[tuple[str, str], dict[date, set[str]]]:
        """(person, offering) → use day → products named that day."""
        found: dict[tuple[str, str], dict[date, set[str]]] = {}
        for row in self.inputs.events:
            person, day, offering, product = row["person"], row["day"], row["offering"], row["product"]
            if person is None or day > self.as_of:
                continue
            credited = {offering}
            for collection in self.held.get(person, set()):
                members = self.ref.collections_with(offering, day) | (
                    self.ref.collections_with(product, day) if product else set()
                )
                if collection in members:
                    credited.add(collection)
            for target in credited:
                names = found.setdefault((person, target), {}).setdefault(day, set())
                if product:
                    names.add(product)
                elif target != offering:
                    names.add(offering)
        return found

    def use_days(self, person: str, offering: str) -> set[date]:
        """use_days(person, offering), not later than as_of."""
        return set(self.named.get((person, offering), {}))

    def days_12m(self, person: str, offering: str) -> int:
        """Use days in (as_of - 365, as_of]."""
        return sum(1 for d in self.use_days(person, offering) if d > self.window_start)

    def last_use(self, key: Key) -> date | None:
        """Latest use day or last_accessed of an assignment."""
        days = self.use_days(key[2], key[1])
        accessed = self.a[key]["last_accessed"]
        if accessed is not None and accessed <= self.as_of:
            days = days | {accessed}
        return max(days, default=None)

    @cached_property
    def cutoff(self) -> date | None:
        """Least of as_of and max_day_seen - settle_days."""
        seen = self.inputs.max_day_seen
        if seen is None:
            return None
        return min(self.as_of, seen - timedelta(days=int(self.ref.number("foundations", "settle_days"))))

    @cached_property
    def stale(self) -> bool:
        """Whether use is stale."""
        seen = self.inputs.max_day_seen
        limit = self.as_of - timedelta(days=int(self.ref.number("foundations", "stale_days")))
        return seen is None or seen < limit or not any(self.inputs.present(n) for n in ("usage_report", *EVENTS))

    def observed_days(self, *names: str) -> int | None:
        """days_observed over some event inputs."""
        first = min((r["day"] for r in self.inputs.events if r["input"] in (names or EVENTS)), default=None)
        return None if first is None else min(365, (self.as_of - first).days + 1)

    # ---- entitlement --------------------------------------------------------------------------------------------

    def entitled(self, team: str, offering: str, day: date | None = None) -> int:
        """E(team, offering, day)."""
        day = day or self.as_of
        total = 0
        for row in self.lines.get((team, offering), []):
            if fold(row["subscription_status"]) in OUT or row["start_date"] > day:
                continue
            renews = day > self.as_of and row["autorenew_date"] is not None and row["end_date"] >= self.as_of
            if renews or day <= row["end_date"]:
                total += row["seat_quantity"]
        return total

    @cached_property
    def lines(self) -> dict[tuple[str, str], list[Row]]:
        """(team, offering) → subscription rows of drop(M)."""
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.inputs.subscriptions:
            found.setdefault((row["team"], row["offering"]), []).append(row)
        return found

    def in_force(self, team: str, offering: str) -> list[Row]:
        """Subscriptions in force at as_of."""
        return [
            r
            for r in self.lines.get((team, offering), [])
            if fold(r["subscription_status"]) not in OUT and r["start_date"] <= self.as_of <= r["end_date"]
        ]

    def contract(self, team: str, offering: str) -> str | None:
        """Contract of the subscription in force with most seats, then latest end, then lowest number."""
        rows = self.in_force(team, offering)
        if not rows:
            return None
        best = min(
            rows,
            key=lambda r: (
                -r["seat_quantity"],
                -r["end_date"].toordinal(),
                r["contract_number"] is None,
                r["contract_number"] or "",
            ),
        )
        return str(best["contract_number"]) if best["contract_number"] is not None else None

    def price(self, team: str, offering: str) -> tuple[Fraction | None, str | None, str]:
        """Price of a (team, offering)."""
        return self.ref.price(offering, self.contract(team, offering))

    @cached_property
    def assigned(self) -> dict[tuple[str, str], int]:
        """|A| per (team, offering)."""
        count: dict[tuple[str, str], int] = {}
        for team, offering, _ in self.a:
            count[team, offering] = count.get((team, offering), 0) + 1
        return count

    @cached_property
    def positions(self) -> list[tuple[str, str]]:
        """(team, offering) of A or of any subscription row."""
        return sorted(set(self.assigned) | set(self.lines))

    def gap_team(self, team: str, offering: str) -> int:
        """Assigned less entitled."""
        return self.assigned.get((team, offering), 0) - self.entitled(team, offering)

    @cached_property
    def org(self) -> dict[str, tuple[int, int]]:
        """offering → (assigned, entitled) over all teams."""
        found: dict[str, tuple[int, int]] = {}
        for team, offering in self.positions:
            assigned, entitled = found.get(offering, (0, 0))
            found[offering] = (
                assigned + self.assigned.get((team, offering), 0),
                entitled + self.entitled(team, offering),
            )
        return found

    def gap_org(self, offering: str) -> int:
        """Assigned less entitled over all teams."""
        assigned, entitled = self.org.get(offering, (0, 0))
        return assigned - entitled

    def left_out(self, person: str | None, team: str) -> bool:
        """Known only by hash in a team that hides personal data."""
        return person is not None and person.startswith("hash:") and team in self.hidden_teams
