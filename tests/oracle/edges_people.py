"""Edges of persons: teams that hide, hashes, several accounts or none, dates of HR at the limits. Holds no test."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.oracle.edge_rows import Rows, more, seat, telemetry
from tests.oracle.invented_writer import MONTHS


def hashes(drop: Path, as_of: date) -> None:
    """A team that hides, a hash of two persons, one whose e-mail only an earlier report shows, telemetry of hashes."""
    shown = "v2@corp.example" if drop.name == MONTHS[0] else "*****"
    long_ago = as_of - timedelta(300)
    report = [
        seat("*****", "Veiled", "AutoCAD", hashed_autodesk_id="hx1", version="2026", assigned_date=long_ago),
        seat(shown, "Veiled", "Revit", hashed_autodesk_id="hx2", version="2026", assigned_date=long_ago),
        seat("v3@corp.example", "Veiled", "Maya", hashed_autodesk_id="hx3", version="2026", assigned_date=long_ago),
        seat("*****", "North", "Maya", hashed_autodesk_id="hx8", version="2025", assigned_date=long_ago),
        seat("*****", "North", "Revit", hashed_autodesk_id="hx9", assigned_date=as_of - timedelta(45)),
        seat("*****", "North", "Docs", hashed_autodesk_id="hx7", last_accessed=as_of - timedelta(90)),
    ]
    more(drop / "report.csv", report)
    users: Rows = [
        {"email": f"v{n}@corp.example", "team_alias": "Veiled", "offering_name": o, "role": role}
        for n, o, role in ((2, "Revit", "Admin"), (3, "Maya", "User"), (4, "ME Collection", "administrator"))
    ]
    more(drop / "users.csv", users)
    day = as_of - timedelta(3)
    usage: Rows = [
        {"day_used": day, "offering_name": "Maya", "team_alias": "North", "hashed_autodesk_id": "hx8", "email": e}
        for e in ("v8@corp.example", "v9@corp.example")
    ]
    usage += [{"day_used": day, "offering_name": "Revit", "team_alias": "North", "hashed_autodesk_id": "hx9"}]
    usage += [{"day_used": day, "offering_name": "Vault", "team_alias": "Veiled", "hashed_autodesk_id": "hx1"}]
    more(drop / "usage.csv", usage)
    more(
        drop / "tokens.csv",
        [{"day_used": day, "product": "Vault", "tokens_used": 7, "team": "Veiled", "email": None, "feature": None}],
    )
    more(
        drop / "groups.csv",
        [{"group": "V", "email": f"v{n}@corp.example", "team_alias": "Veiled"} for n in range(2, 9)],
    )
    telemetry(
        drop,
        [
            {
                "event_at": f"{day - timedelta(back)}T07:00:00Z",
                "product": product,
                "user_hash": hash_,
                "team_alias": team,
                "feature": feature,
                "version": "2030",
                "licence_claim": "named_user",
            }
            for back in (0, 45)
            for hash_, product, team, feature in (
                ("hx1", "Vault", "Veiled", None),
                ("hx1", "Site Modeler", "North", None),
                ("hx1", "Maya", None, "Dream"),
                ("hx2", "AutoCAD", "Veiled", "Cloud Render"),
                ("hx8", "Vault", "North", "Dream"),
                ("hx9", "Vault", "Veiled", "Dream"),
                ("hx6", "Civil 3D", "Veiled", "Cloud Render"),
            )
        ],
    )


Case = tuple[Rows, Rows, Rows, dict[str, Any]]


def people_cases(as_of: date) -> list[Case]:
    """(directory, HR, contractors, seat) of one person each; `{me}` is the address, `{n}` the number."""

    def back(days: int) -> date:
        return as_of - timedelta(days)

    on: Rows = [{"user_id": "u{n}", "user_principal_name": "{me}", "mail": "{me}", "account_enabled": "true"}]
    off: Rows = [{**on[0], "account_enabled": "false"}]

    def worker(**cells: Any) -> Rows:
        return [{"employee_id": "X{n}", "email": "{me}", "status": "Active", "hire_date": "2020-01-01"} | cells]

    def guest(**cells: Any) -> Rows:
        return [{"email": "{me}", "company": "Firm"} | cells]

    used_after = {"last_accessed": back(20)}
    return [
        ([*on, {**off[0], "user_id": "a{n}"}], worker(), [], {}),
        ([{**off[0], "leave_at": f"{back(9)}T00:00:00Z"}, {**off[0], "user_id": "z{n}"}], [], [], {}),
        ([*off, {**on[0], "user_id": "b{n}", "mail": "other{n}@corp.example"}], worker(), [], {}),
        ([{**on[0], "mail": None, "user_principal_name": "t{n}@x.example", "other_addresses": "old.{me}"}], [], [], {}),
        (on, [*worker(status="Terminated", leave_date=back(40)), *worker(employee_id="Y{n}", email=None,
            user_principal_name="{me}", hire_date="2024-01-01")], [], {}),
        (on, [*worker(), *worker(employee_id="Y{n}", hire_date="2025-01-01", leave_date=back(-50))], [], {}),
        (on, worker(status="Terminated", leave_date="2019-01-01"), [], {}),
        (on, worker(leave_date="9999-12-31"), [], {}),
        (on, worker(status="Terminated", leave_date=back(-1)), [], {}),
        (on, worker(status="Terminated", leave_date=as_of), [], {}),
        (on, worker(leave_date=as_of), [], {}),
        (on, worker(leave_date=back(-1)), [], {"assigned_date": back(10)}),
        (on, worker(leave_date=back(30)), [], {"assigned_date": back(400)}),
        (on, worker(leave_date=back(31)), [], {}),
        (on, worker(leave_date=back(60)), [], {"assigned_date": back(10)}),
        (on, worker(status="On leave", leave_date=back(2)), [], {"last_accessed": back(200)}),
        (on, worker(status="On leave"), [], {"last_accessed": back(200)}),
        (on, worker(status="Terminated"), [], used_after),
        ([{**off[0], "leave_at": f"{back(5)}T00:00:00Z"}], [], [], {}),
        (off, worker(leave_date=back(-20)), [], {}),
        (on, worker(leave_date=back(21)), [], used_after),
        (on, worker(leave_date=back(22)), [], used_after),
        (off, worker(leave_date=back(22)), [], used_after),
        ([], [], [], {}),
        ([], worker(leave_date=back(12)), [], used_after),
        ([], worker(leave_date=back(12)), guest(end_date=back(-9)), used_after),
        ([], [], guest(start_date=back(9), end_date=as_of), {}),
        ([], [], guest(start_date=back(-1)), {}),
        (on, [], guest(end_date=back(1), device_policy="own"), {}),
        (on, [], [*guest(end_date=back(1), device_policy="own"), *guest(device_policy="company")], {}),
        (on, [], [*guest(end_date=back(-5), device_policy="own"), *guest(end_date=back(3), device_policy="company")],
            {}),
        ([{**on[0], "mail": None, "user_principal_name": "t{n}@x.example", "employee_id": "x{n}"}], worker(), [], {}),
        ([{**on[0], "employee_id": "x{n}"}], worker(email=None, leave_date=back(3)), [], {}),
        (on, [], [], {}),
    ]  # fmt: skip


def accounts(drop: Path, as_of: date) -> None:
    """Persons with several accounts, records and entries, and without; dates at and beside as_of."""

    def filled(rows: Rows, n: int, me: str) -> Rows:
        return [{k: v.format(me=me, n=n) if isinstance(v, str) else v for k, v in row.items()} for row in rows]

    for n, (directory, workers, contractors, cells) in enumerate(people_cases(as_of)):
        me = f"ac{n:02d}@corp.example"
        for name, rows in (("directory", directory), ("workers", workers), ("contractors", contractors)):
            if rows:
                more(drop / f"{name}.csv", filled(rows, n, me))
        team = "North" if n % 3 else "East"
        more(drop / "report.csv", [seat(me, team, "Docs", **({"last_accessed": as_of - timedelta(50)} | cells))])
        if n in (2, 17, 20, 21, 23, 24):
            role = "Primary admin" if n == 23 else "Secondary admin"
            more(drop / "users.csv", [{"email": me, "team_alias": "Wide", "role": role}])
        hub = {"hub": "Edge", "email": me, "status": "active", "administrator": "no"}
        more(drop / "hubs.csv", [{**hub, "team_alias": "East", "product": "Docs", "project": "One"}])
        use = {"day_used": as_of - timedelta(20), "offering_name": "Site Modeler", "email": me, "team_alias": team}
        if n % 4 == 1:
            more(drop / "usage.csv", [use])
    # An access by a row that is no assignment any more.
    gone = seat("ac17@corp.example", "South", "Revit", seat_assignment="unassigned", last_accessed=as_of)
    more(drop / "report.csv", [gone | {"unassigned_date": as_of}])
