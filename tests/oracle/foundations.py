"""The foundations of 3-rules.md as one `World`: a review month as it stands at its last drop, and what may be concluded
from what is missing in it.

Written from the text of the specification alone. Each layer knows those below it: words, seats, use days, entitlement,
people.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property

from tests.oracle.estate import Row, month_after
from tests.oracle.people import People
from tests.oracle.terms import Seat


class World(People):
    """A review month: everything that rules are told in. This layer: rows that were refused, cells that were not read,
    files that are a part.
    """

    def rejected(self, person: str, *inputs: str, drop: str | None = None) -> bool:
        """Whether a row of the person was rejected in one of these inputs of the drop, by any address or id in it."""
        return any((name, drop or self.month, person) in self._rejected_persons for name in inputs)

    @cached_property
    def _rejected_persons(self) -> set[tuple[str, str, str]]:
        found = set()
        ids: dict[str, set[str]] = defaultdict(set)
        persons = {s.person for s in self.seats.values()} | set(self.uses_of) | {u["person"] for u in self.users}
        persons |= {self.person(r["email"]) or "" for r in self.estate.state("hub_members", self.month)}
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
        """Everybody with a seat, a portal row, a group, a hub or any use."""
        found = {s.person for s in self.seats.values()} | {r["person"] for r in (*self.users, *self.report)}
        found |= {u.person for u in self.uses if u.person}
        groups, hubs = (self.estate.state(name, self.month) for name in ("groups", "hub_members"))
        found |= {self.person(r["email"]) or "" for r in hubs if r["status"] != "ended"}
        return found | {self.person(r["email"]) or "" for r in groups}

    def unread(self, row: Row, column: str) -> bool:
        """Whether the cell of a row could not be read."""
        return (row["_src"], column) in self.estate.unread_rows

    def access_unread(self, seat: Seat) -> bool:
        """Nobody whose last access could not be read is called idle."""
        return any(self.unread(r, "last_accessed") for r in seat.rows)

    def assigned_unread(self, seat: Seat) -> bool:
        """The same for the day of assignment."""
        return any(self.unread(r, "assigned_date") for r in seat.rows)

    def whole(self, name: str, drop: str | None = None) -> bool:
        """Whether an input of drop(M) is whole, or is not there at all."""
        return self.estate.whole(name, drop or self.month)

    def months_before(self, n: int) -> str:
        return month_after(self.month, -n)

    def hidden(self, row: Row) -> bool:
        """Whether a row of telemetry is of somebody known only by hash, in a team that hides personal data."""
        return row["team"] in self.hiding_teams and str(row["person"]).startswith("hash:")

    def hidden_persons(self, since: date) -> set[str]:
        """Persons whose rows of the window are left out for that, from a day on."""
        return {r["person"] for r in self.lrt if r["day"] >= since and self.hidden(r)}
