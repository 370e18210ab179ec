"""Whom the directory, the HR list and the list of contractors name."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property

from tests.oracle.entitlement import Entitlement
from tests.oracle.estate import Row
from tests.oracle.terms import GRADES, domain_of


class People(Entitlement):
    """The records of the people of the month."""

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
            # Where the day of hiring could not be read, that of leaving may lie before it.
            if r["status"] in ("active", "on_leave") and (r["_src"], "hire_date") in self.estate.unread_rows:
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
            ids[r["employee_id"] or ""].append(r)
        return mail, upn, ids

    @cached_property
    def _directory_index(self) -> dict[str, dict[str, list[Row]]]:
        found: dict[str, dict[str, list[Row]]] = {g: defaultdict(list) for g in GRADES[:4]}
        for r in self.directory:
            found["mail"][self.mapped(r["mail"]) or ""].append(r)
            found["upn"][self.mapped(r["user_principal_name"]) or ""].append(r)
            for address in (r["other_addresses"] or "").split(";"):
                found["other"][self.mapped(address) or ""].append(r)
            found["employee_id"][r["employee_id"] or ""].append(r)
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
            rows = self._directory_index["employee_id"].get(record[1]["employee_id"]) if record else None
            if rows:
                account = ("employee_id", self._best_account(rows))
        if account[1] is not None and account[1]["employee_id"]:
            candidates += [(2, r) for r in ids.get(account[1]["employee_id"], ())]
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
