"""Who a person is in other systems: directory account, HR record, contractor entry; and whether the person is a
ghost.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.peers.analyst.inputs import Inputs
from benchmarks.peers.analyst.text import Row, domain_of

FIRST = date(1, 1, 1)
LAST = date(9999, 12, 31)


def _index(rows: list[Row], key: Any) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        value = key(row)
        if value is not None:
            found.setdefault(value, []).append(row)
    return found


class People:
    """Matches of persons in one month."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.ref = inputs.ref
        self.as_of = inputs.as_of
        alias = inputs.alias
        self._mail = _index(inputs.directory, lambda r: alias(r["mail"]))
        self._upn = _index(inputs.directory, lambda r: alias(r["user_principal_name"]))
        self._directory_id = _index(inputs.directory, lambda r: r["employee_id"])
        self._hr_mail = _index(inputs.hr, lambda r: alias(r["email"]))
        self._hr_upn = _index(inputs.hr, lambda r: alias(r["user_principal_name"]))
        self._hr_id = _index(inputs.hr, lambda r: r["employee_id"])
        self._contractor = _index(inputs.drop_rows("contractors"), lambda r: alias(r["email"]))
        self._account: dict[str, tuple[Row | None, str]] = {}
        self._record: dict[str, Row | None] = {}

    @staticmethod
    def _enabled_first(rows: list[Row]) -> Row:
        return min(rows, key=lambda r: (not r["account_enabled"], r["user_id"]))

    @staticmethod
    def _best_record(candidates: list[tuple[int, Row]]) -> Row | None:
        if not candidates:
            return None
        order = sorted(
            candidates,
            key=lambda c: (not c[1]["in_force"], c[0], -(c[1]["hire_date"] or FIRST).toordinal(), c[1]["employee_id"]),
        )
        return order[0][1]

    def account(self, person: str) -> tuple[Row | None, str]:
        """(directory account, grade)."""
        if person not in self._account:
            self._account[person] = self._find_account(person)
        return self._account[person]

    def _find_account(self, person: str) -> tuple[Row | None, str]:
        for grade, index in (("mail", self._mail), ("upn", self._upn)):
            if person in index:
                return self._enabled_first(index[person]), grade
        direct = self._best_record(self._direct_records(person))
        if direct is not None and direct["employee_id"] in self._directory_id:
            return self._enabled_first(self._directory_id[direct["employee_id"]]), "employee_id"
        return None, "none"

    def _direct_records(self, person: str) -> list[tuple[int, Row]]:
        return [(0, r) for r in self._hr_mail.get(person, [])] + [(1, r) for r in self._hr_upn.get(person, [])]

    def record(self, person: str) -> Row | None:
        """The matched HR record."""
        if person not in self._record:
            candidates = self._direct_records(person)
            account, _ = self.account(person)
            if account is not None and account["employee_id"]:
                candidates += [(2, r) for r in self._hr_id.get(account["employee_id"], [])]
            self._record[person] = self._best_record(candidates)
        return self._record[person]

    def on_leave(self, person: str) -> bool:
        """HR status on leave."""
        record = self.record(person)
        return record is not None and record["mapped"] == "on_leave"

    def domain_known(self, person: str) -> bool | None:
        """Whether the e-mail domain is in sso_domains; None without an e-mail."""
        domain = domain_of(person)
        return None if domain is None else domain in self.ref.domains

    # ---- contractors --------------------------------------------------------------------------------------------

    def contractor(self, person: str) -> Row | None:
        """The entry with the latest end (open = latest)."""
        rows = self._contractor.get(person)
        return max(rows, key=lambda r: (r["end_date"] or LAST, r["device_policy"] == "own")) if rows else None

    def contractor_valid(self, person: str) -> bool:
        """An entry of the person is valid at as_of."""
        return any(
            (r["start_date"] or FIRST) <= self.as_of <= (r["end_date"] or LAST)
            for r in self._contractor.get(person, [])
        )

    # ---- ghosts -------------------------------------------------------------------------------------------------

    def ghost(self, person: str) -> tuple[str, date | None] | None:
        """(reason, left_on) if the person is left, disabled or absent."""
        record = self.record(person)
        account, _ = self.account(person)
        reason = None
        if record is not None and (
            record["mapped"] == "terminated"
            or (record["leave_date"] is not None and record["leave_date"] <= self.as_of)
        ):
            reason = "left"
        elif account is not None and not account["account_enabled"]:
            reason = "disabled"
        elif (
            self.ref.domains.get(domain_of(person) or "") in {"corporate", "acquired"}
            and self.inputs.present("directory_users")
            and account is None
            and not (record is not None and record["in_force"])
            and not self.contractor_valid(person)
        ):
            reason = "absent"
        if reason is None:
            return None
        left_on = record["leave_date"] if record is not None else None
        if left_on is None and account is not None and account["leave_at"] is not None:
            left_on = account["leave_at"].date()
        return reason, left_on
