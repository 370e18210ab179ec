"""What an invented estate never holds by chance: values exactly at the limits of the rules, persons with several
accounts or none, teams that hide, collections in collections, an offering renamed in the month, amounts of fifteen
digits, files that another file of the drop corrects.

`python -m tests.oracle.edges FOLDER SEED [NAME ...]` writes an invented landing zone with these edges, all of them if
none is named, `parameters` only where it is. Each edge adds rows to the files of the drops; none takes any away. Holds
no test.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.oracle.history import Key, finding_id
from tests.oracle.invented import write
from tests.oracle.invented_writer import MONTHS, last_day
from tests.oracle.spoilt import put, read
from tests.oracle.terms import SINGLE_TEAM, fold

Rows = list[dict[str, Any]]
EXACT, EXACT_NAME = "exact", "Exact Tool"
HUGE = 999_999_999_999_999


def more(path: Path, rows: Rows) -> None:
    """Add rows to a CSV file, which is made with their columns where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read(path) if path.exists() else []
    if path.exists():
        with path.open(newline="") as file:
            columns = next(csv.reader(file))
    else:
        columns = list(rows[0])
    columns += [c for row in rows for c in row if c not in columns]
    columns = list(dict.fromkeys(columns))
    texts = [{c: "" if row.get(c) is None else str(row[c]) for c in columns} for row in [*known, *rows]]
    put(path, texts)


def again(drop: Path, name: str, rows: Rows) -> None:
    """A second file of an input, exported after the first: what it says of a key counts."""
    path = drop / f"{name}_again.csv"
    more(path, rows)
    Path(f"{path}.manifest.yml").write_text(f"exported_at: {drop.name}-28T10:00:00Z\n")


def crowd(n: int, first: int = 0) -> list[str]:
    """People of a team that has many."""
    return [f"w{i:03d}@corp.example" for i in range(first, first + n)]


def seat(person: str | None, team: str, name: str, **cells: Any) -> dict[str, Any]:
    """A row of usage_report."""
    row = {"email": person, "team_alias": team, "offering_name": name, "seat_assignment": "assigned"}
    return row | {"access_option": "Subscription"} | cells


def telemetry(drop: Path, rows: Rows) -> None:
    """Rows of lrt in a second file of the drop."""
    path = drop / "edges.csv"
    for n, row in enumerate(rows):
        row.setdefault("event_id", f"{drop.name}-edge-{len(read(path)) + n if path.exists() else n}")
    more(path, rows)


# ---- persons


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
    more(drop / "groups.csv", [{"group": "V", "email": f"v{n}@corp.example", "team": "Veiled"} for n in range(2, 9)])
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


# ---- limits


def limits(drop: Path, as_of: date) -> None:
    """Teams, groups, hubs and devices exactly at what a rule allows, and one beyond."""
    at = MONTHS.index(drop.name)
    wide = crowd(100)
    admins = (2, 3, 2, 1)[at]
    more(
        drop / "users.csv",
        [
            {
                "email": p,
                "team_alias": "Broad",
                "role": "SSO Admin" if i < admins else "Not an admin",
                "offering_name": EXACT_NAME if i < 84 else None,
            }
            for i, p in enumerate(wide)
        ],
    )
    bought = (80, 81, 74, 94)[at]
    far, near = as_of + timedelta(400), as_of + timedelta((90, 91, 180, 181)[at])
    ends = as_of + timedelta((58, 59, 179, 180)[at])
    past = as_of - timedelta((30, 31, 1, 0)[at])
    more(
        drop / "subscriptions.csv",
        [
            {"contract_number": c, "subscription_id": s, "offering_name": o, "seat_quantity": q}
            | {"start_date": "2025-01-01", "end_date": end, "team_alias": team, "subscription_status": "Active"}
            | {"autorenew_date": renews}
            for c, s, o, q, end, team, renews in (
                ("C1", "E1", EXACT_NAME, bought, far, "Broad", None),
                ("C1", "E2", EXACT_NAME, (1, 2, 20, 41)[at], near, "Spare", None),
                ("C2", "E3", "Maya", 1, ends, "Cliff", None),
                ("C2", "E4", "Maya", 1, far, "Cliff", None),
                ("C2", "E5", "Revit", 1, past, "Cliff", None),
                ("C3", "E6", "Civil 3D", 1, as_of, "Cliff", as_of),
                (None, "E7", "AutoCAD", 3, as_of, "Cliff", None),
                ("C1", "E8", "AutoCAD", 3, far, "Cliff", None),
                ("C3", "E8", "AutoCAD", 3, far, "Cliff", None),
            )
        ],
    )
    cliff = [(p, o) for p in wide[:2] for o in ("Maya", "Revit", "Civil 3D")] + [(p, "AutoCAD") for p in wide[:9]]
    pins = {"Maya": "E3", "AutoCAD": "E7"}
    more(
        drop / "users.csv",
        [
            {"email": p, "team_alias": "Cliff", "role": "User", "offering_name": o, "account_status": "invited"}
            | {"pinned_subscription_id": pins.get(o) if p in wide[:4] else None}
            for p, o in cliff
        ],
    )
    dated = [as_of - timedelta(n) for n in (60, 59, 45, 44, 29, 30, 31)]
    seats = [seat(p, "Broad", "Maya", assigned_date=d) for p, d in zip(crowd(7, 20), dated, strict=True)]
    seats += [
        seat(p, "Broad", "Maya", assigned_date=d, last_accessed=as_of - timedelta(300))
        for p, d in zip(crowd(4, 30), dated, strict=False)
    ]
    seats += [seat(p, "Broad", "Revit", last_accessed=d) for p, d in zip(crowd(7, 40), dated, strict=True)]
    more(drop / "report.csv", seats)
    groups = {"Shrink": (20, 10, 21, 10)[at], "Grow": (12, 12, 12, 22)[at], "Leap": (12, 12, 12, 23)[at], "Half": 6}
    groups["Twenty"] = 20
    more(
        drop / "groups.csv",
        [{"group": g, "email": p, "team": "Broad"} for g, n in groups.items() for p in crowd(n)],
    )
    more(
        drop / "workers.csv",
        [
            {"employee_id": f"W{i}", "email": p, "status": "Active", "hire_date": "2020-01-01", "legal_entity": "One"}
            | {"department": "Design" if i == 0 else "BIM", "country": "DE"}
            for i, p in enumerate(wide[:90])
        ],
    )
    more(
        drop / "directory.csv",
        [{"user_id": f"w{i}", "user_principal_name": p, "mail": p, "account_enabled": "yes"}
            | {"last_sign_in_at": f"{as_of - timedelta(180 - i)}T10:00:00Z" if i < 3 else None}
            for i, p in enumerate(wide)],
    )  # fmt: skip
    days = [as_of - timedelta(n) for n in (0, 89, 90, 91)]
    more(
        drop / "usage.csv",
        [
            {"day_used": d, "offering_name": "Vault", "email": p, "team_alias": "Broad"}
            for p, d in zip(crowd(4), days, strict=True)
        ],
    )
    hubs: Rows = [
        {"hub": "Broad", "email": p, "team_alias": "Broad", "status": "active"}
        | {"administrator": "yes" if i < (2, 3, 5, 6)[at] else "no"}
        for i, p in enumerate(wide[: (100, 99)[at % 2]])
    ]
    hubs += [
        {"hub": "Broad", "email": p, "team_alias": "Broad", "project": "Big", "administrator": "yes"}
        for p in wide[: (5, 6)[at % 2]]
    ]
    more(drop / "hubs.csv", hubs)
    sessions(drop, as_of)


def sessions(drop: Path, as_of: date) -> None:
    """Devices, overlaps, lags and countries exactly at what a rule allows, and one beyond."""
    first = date(as_of.year, as_of.month, 1)
    rows: Rows = []

    def session(person: str, day: date, device: str | None, **cells: Any) -> None:
        row = {"user_email": person, "event_at": f"{day}T09:00:00Z", "product": "AutoCAD", "device_id": device}
        rows.append(row | {"licence_claim": "named_user", "version": "2025"} | cells)

    for n, person in enumerate(crowd(4, 60)):
        for k in range(2 + n):
            session(person, as_of - timedelta((0, 1, 89, 90, 91)[k]), f"{person}-{k}", host_name="h")
        session(person, as_of, None, host_name=f"host-{n}")
    overlaps = (("09:00:00", 5), ("09:55:00", 60), ("09:54:59", 60), ("09:55:00", 60))
    for n, (start, minutes) in enumerate(overlaps):
        person, day = f"w{70 + n:03d}@corp.example", first + timedelta(n)
        session(person, day, "d-one", duration_minutes=60)
        session(person, day, "d-two", duration_minutes=minutes, event_at=f"{day}T{start}Z", product="Maya")
    for n, lag in enumerate(("00:00:00", "00:00:01")):
        session(crowd(1, 74)[0], first, "d-lag", event_at=f"{first}T00:00:00Z", source=f"edge{n}",
            received_at=f"{first + timedelta(2)}T{lag}Z")  # fmt: skip
    for n, person in enumerate(crowd(21, 1)):
        session(person, first, None, product=EXACT_NAME, version="R5", team_alias="Broad")
        if n < (20, 19, 21, 20)[MONTHS.index(drop.name)]:
            more(drop / "sam.csv", [{"email": person, "offering_name": EXACT_NAME, "last_used": first}])
    telemetry(drop, rows)


def pools(drop: Path, as_of: date) -> None:
    """Pools exactly at what a rule allows, too young, without packs, of several contracts, with a burst."""
    at, first = MONTHS.index(drop.name), date(as_of.year, as_of.month, 1)
    packs: Rows = []
    tokens: Rows = []
    balances: Rows = []

    def pack(pool: str, name: str, size: Any, start: Any, end: Any, contract: str | None = None) -> None:
        row = {"pack_id": name, "team_alias": pool, "tokens": size, "start_date": start, "end_date": end}
        packs.append(row | {"contract_number": contract})

    def charge(pool: str, person: str | None, day: date, amount: Any, feature: str | None = None) -> None:
        row = {"day_used": day, "product": "Maya", "tokens_used": amount, "email": person, "team": pool}
        tokens.append(row | {"feature": feature})

    one, *others = crowd(5)
    year = as_of + timedelta(365)
    pack("Fifth", "F1", 1000, first, as_of + timedelta(91))
    charge("Fifth", one, first, (800, 800.004, 800.01, 800.005)[at])
    for n, elapsed in enumerate((29, 30, 90, 91)):
        pack(f"Age {elapsed}", f"A{n}", 500, as_of - timedelta(elapsed - 1), as_of + timedelta((0, 90, 91, 300)[n]))
        charge(f"Age {elapsed}", one, as_of - timedelta(1), 40)
        charge(f"Age {elapsed}", one, as_of - timedelta(90), 77)
    pack("Twins", "T1", 300, "2026-01-01", year, "C1")
    pack("Twins", "T2", 300, "2026-01-01", year, "C1")
    pack("Twins", "T3", 500, "2026-01-01", year, "C2")
    pack("Twins", "T4", 100, "2026-01-01", as_of - timedelta(1), "C2")
    pack("Twins", "T5", 50, as_of + timedelta(1), year)
    pack("", "S1", 100, first, first + timedelta(9))
    pack("", "S2", 100, first + timedelta(12), year)
    for back in range(20):
        charge("", one, first + timedelta(back), 11)
    balances += [
        {"team_alias": t, "balance_date": d, "tokens_available": n}
        for t, d, n in (
            ("No packs", as_of, 12),
            ("No packs", as_of - timedelta(1), 0),
            ("", as_of, 5),
            ("", as_of, 6),
            ("Twins", as_of + timedelta(1), 3),
            ("Twins", as_of - timedelta(2), 1100),
        )
    ]
    for person in (one, *others):
        charge("Share", person, first, 20)
    charge("Share", None, first, (0, 1, 0, 0)[at])
    charge("Share", one, first + timedelta(1), (0, 0, 1, 0)[at])
    charge("Ai", one, first, 25, "Dream")
    charge("Ai", one, first, (75, 74, 76, 75)[at])
    for back in range(1, (11, 11, 10, 11)[at]):
        charge("Burst", one, as_of - timedelta(2 * back), 10)
    charge("Burst", one, as_of, (20, 21, 99, 20.01)[at])
    charge("Burst", one, as_of - timedelta(29), 500)
    more(drop / "packs.csv", packs)
    more(drop / "tokens.csv", tokens)
    more(drop / "balance.csv", balances)


# ---- words and rights


def collections(drop: Path, as_of: date) -> None:
    """Use by holders of collections in collections, of lists complete for a time, of products of every kind."""
    people = crowd(4, 90)
    held = ("Grand Suite", "Grand Suite", "ME Collection", "AEC Collection")
    used = ("AutoCAD", "Maya", "Lite", "Render", "Bare", EXACT_NAME, "Revit", "ME Collection", "Docs")
    more(
        drop / "report.csv",
        [seat(p, "North", o, assigned_date="2026-01-01") for p, o in zip(people, held, strict=True)],
    )
    rows: Rows = []
    for n, person in enumerate(people):
        for k, name in enumerate(used):
            for back in (2, 24, 50):
                day = as_of - timedelta(back + k)
                rows.append(
                    {"user_email": person, "event_at": f"{day}T12:00:00Z", "product": name, "version": "2026"}
                    | {"licence_claim": "network" if n == 2 else "named_user", "country": "US", "device_id": f"c{n}"}
                    | {"feature": "Dream" if k % 3 else None}
                )
            token = {"day_used": as_of - timedelta(4 + k), "product": name, "tokens_used": 40, "email": person}
            more(drop / "tokens.csv", [{**token, "team": "East", "feature": None}])
            more(drop / "hubs.csv", [{"hub": "Edge", "email": person, "project": "One", "product": name}])
    telemetry(drop, rows)


def money(drop: Path, as_of: date) -> None:
    """Amounts just below 10^15 wherever one can stand, in yen and rupiah."""
    more(
        drop / "subscriptions.csv",
        [
            {"contract_number": "CX", "subscription_id": f"X{n}", "offering_name": "Lite", "seat_quantity": 10**9}
            | {"start_date": "2025-01-01", "end_date": as_of + timedelta(30), "team_alias": team}
            for n, team in enumerate(("Huge", "Huge", "Vast"))
        ],
    )
    more(
        drop / "invoices.csv",
        [
            {"invoice_number": f"H{n}", "invoice_date": "2026-01-01", "contract_number": "CX", "offering_name": "Lite"}
            | {"quantity": HUGE, "unit_price": HUGE - n, "currency": "IDR"}
            for n in range(3)
        ],
    )
    line = {"contract_number": "CX", "offering_key": "lite", "quantity": HUGE, "unit_price": HUGE, "currency": "IDR"}
    more(drop / "contract_lines.csv", [line])
    pack = {"pack_id": "HP", "team_alias": "Huge", "tokens": HUGE, "start_date": "2026-01-01", "end_date": "2027-06-30"}
    more(drop / "packs.csv", [pack])
    people = crowd(3, 94)
    more(
        drop / "tokens.csv",
        [
            {"day_used": as_of - timedelta(n), "product": "Bare", "tokens_used": HUGE // 7, "email": p, "team": "Huge"}
            for n, p in enumerate(people)
        ],
    )
    more(drop / "report.csv", [seat(p, "Huge", "Lite", last_accessed=as_of - timedelta(200)) for p in people])
    more(drop / "perpetual.csv", [{"serial_number": "HS", "offering_name": "Lite", "version": "2020", "seats": HUGE}
        | {"licence_kind": "network"}])  # fmt: skip
    access = {"team_alias": "Huge", "offering_name": "Lite", "seats_total": HUGE, "seats_assigned": HUGE}
    more(drop / "access.csv", [access, access])


def corrected(drop: Path, as_of: date) -> None:
    """A second file of an input that says something else of some keys of the first, and of no other."""
    for name, column, text, every in (
        ("tokens", "tokens_used", "0", 5),
        ("report", "seat_assignment", "unassigned", 9),
        ("subscriptions", "seat_quantity", "3", 4),
        ("directory", "account_enabled", "false", 11),
        ("workers", "status", "Terminated", 17),
        ("packs", "tokens", "123", 3),
        ("balance", "tokens_available", "17", 2),
        ("access", "seats_total", "9", 3),
    ):
        rows = [row | {column: text} for n, row in enumerate(read(drop / f"{name}.csv")) if n % every == 0]
        again(drop, name, list(rows))


def network(drop: Path, as_of: date) -> None:
    """A licence server: check-outs at and above what is issued, counted once by user or host, denials, a restart."""
    counts = {"FEAT_A": (2, ""), "FEAT_B": (2, "DUP_GROUP=U "), "FEAT_C": (1, "DUP_GROUP=UH "), "FEAT_D": (1, "")}
    licence = "SERVER lic01 000000000001 27000\nVENDOR adskflex\n" + "".join(
        f"INCREMENT {feature} adskflex 1.000 permanent {n} {dup}ISSUED=31-May-2024 SN=1 SIGN=0\n"
        for feature, (n, dup) in counts.items()
    )
    licence += "INCREMENT FEAT_D adskflex 1.000 1-jan-2020 9 ISSUED=31-May-2014 SN=2 SIGN=0\n"
    licence += "INCREMENT FEAT_E adskflex 1.000 permanent uncounted HOSTID=ANY ISSUED=31-May-2024 SN=3 SIGN=0\n"
    (drop / "server.lic").write_text(licence)
    start = f"{as_of.month}/2/{as_of.year}"
    at = MONTHS.index(drop.name)
    lines = [f" 7:00:00 (adskflex) TIMESTAMP {start}"]
    for n in range(2 + at % 2):
        for feature in counts:
            lines.append(f' 8:00:0{n} (adskflex) OUT: "{feature}" user{n % 2}@host-{n}  ')
    lines += [f' 9:00:0{n} (adskflex) DENIED: "FEAT_D" u{n}@h  (No. (-4,342))' for n in range((4, 5, 6, 5)[at])]
    lines += [' 9:31:00 (adskflex) IN: "FEAT_A" user0@host-0  ']
    lines += [f" 9:35:00 (adskflex) EXITING DUE TO SIGNAL 15 Exit reason {n}" for n in range(1, 1 + at // 2)]
    lines += [' 9:40:00 (adskflex) OUT: "FEAT_A" user5@host-5  ', "10:00:00 (adskflex) TIMESTAMP " + start]
    (drop / "debug.log").write_text("\n".join(lines) + "\n")


def old(drop: Path, as_of: date) -> None:
    """Use at both ends of the window of a year, amounts in a currency without a rate, pools between packs."""
    people = crowd(4, 95)
    days = [as_of - timedelta(n) for n in (364, 365, 366, 700)]
    usage: Rows = []
    rows: Rows = []
    for person, day in zip(people, days, strict=True):
        for name, product in (("AEC Collection", "Revit"), ("Maya", None), ("Duo", "Maya"), (EXACT_NAME, None)):
            row = {"day_used": day, "offering_name": name, "product_name": product, "email": person}
            usage.append(row | {"team_alias": "South"})
            rows.append(
                {"user_email": person, "event_at": f"{day}T23:59:59Z", "product": name, "version": "2031"}
                | {"licence_claim": "trial", "device_id": "d1", "feature": "Dream", "country": "US"}
            )
        more(drop / "sam.csv", [{"email": person, "offering_name": "Bare", "last_used": day}])
        device = {"device_id": f"old-{day}", "product_display_name": "Vault", "licence_class": "education"}
        more(drop / "devices.csv", [device | {"version": "2018", "last_seen_at": f"{day}T01:00:00Z"}])
        token = {"day_used": day, "tokens_used": 99, "email": person, "team": "East", "feature": None}
        more(drop / "tokens.csv", [token | {"product": name} for name in ("Render", "Duo", "Maya", "Docs")])
        recent = {**token, "day_used": as_of - timedelta(1), "tokens_used": 999}
        more(drop / "tokens.csv", [recent | {"product": name} for name in ("Render", "Duo", "Maya")])
        seats = [seat(person, "South", name, assigned_date=day) for name in ("AEC Collection", "Grand Suite")]
        more(drop / "report.csv", [*seats, seat(person, "East", "Duo"), seat(person, "West", "Duo")])
    more(drop / "usage.csv", usage)
    telemetry(drop, rows)
    between = {"pack_id": "G1", "team_alias": "Gap", "tokens": 100, "start_date": "2026-01-01"}
    more(drop / "packs.csv", [between | {"end_date": as_of - timedelta(1)}])
    more(drop / "balance.csv", [{"team_alias": "Gap", "balance_date": as_of, "tokens_available": 4}])


# What a row of a file cannot be without; every other cell may be empty.
NEEDED = {
    "report": "hashed_autodesk_id offering_name seat_assignment",
    "users": "email",
    "usage": "day_used offering_name hashed_autodesk_id",
    "seat": "day_used product",
    "tokens": "day_used product tokens_used",
    "groups": "group email",
    "access": "offering_name seats_total seats_assigned",
    "hubs": "hub email",
    "packs": "pack_id tokens start_date end_date",
    "balance": "balance_date tokens_available",
    "sso": "team_alias domain domain_verified sso_enabled directory_sync_enabled",
    "directory": "user_id user_principal_name account_enabled",
    "workers": "employee_id status",
    "contractors": "email company",
    "subscriptions": "subscription_id offering_name seat_quantity start_date end_date",
    "devices": "device_id product_display_name",
    "invoices": "invoice_number invoice_date subscription_id offering_name quantity unit_price currency",
}


def untidy(drop: Path, as_of: date) -> None:
    """Every optional cell may be empty, addresses and names in other cases, rows twice in one file and in two; the
    drop's own copy of a table of the company.
    """
    chance = random.Random(f"untidy{drop.name}")
    for name, needed in NEEDED.items():
        path = drop / f"{name}.csv"
        if not path.exists():
            continue
        rows = read(path)
        for row in rows:
            for column in row:
                if column not in needed.split() and chance.random() < 0.06:
                    row[column] = ""
                elif column in ("email", "mail", "user_principal_name") and chance.random() < 0.1:
                    row[column] = f" {row[column].upper()} "
                elif column in ("offering_name", "product") and chance.random() < 0.1:
                    row[column] = f"{row[column].upper()} "
        twice = [dict(row) for row in rows if chance.random() < 0.03]
        put(path, rows + twice)
        if name in ("report", "usage", "tokens", "subscriptions", "invoices", "packs", "groups", "users"):
            put(drop / f"{name}_copy.csv", [dict(row) for row in rows if chance.random() < 0.1] or rows[:1])
    if drop.name == MONTHS[2]:
        for table, column, text in (("prices", "amount", "777.77"), ("approved_admins", "team_alias", "South")):
            rows = read(drop.parent / "reference" / f"{table}.csv")
            put(drop / f"{table}.csv", [row | {column: text} if n % 3 == 0 else row for n, row in enumerate(rows)])


EDGES: dict[str, Callable[[Path, date], None]] = {
    "hashes": hashes,
    "accounts": accounts,
    "limits": limits,
    "pools": pools,
    "collections": collections,
    "money": money,
    "network": network,
    "old": old,
    "corrected": corrected,
    "untidy": untidy,
}


def reference(folder: Path) -> None:
    """The tables of the company that the edges are told in."""
    since = {"valid_from": "2020-01-01"}
    names = {EXACT: EXACT_NAME, "suite": "Grand Suite", "lite": "Lite", "render": "Render", "bare": "Bare"}
    names["duo"] = "Duo"
    aliases: Rows = [
        {"alias": name.lower().replace(" ", "_"), "offering_key": key} | since for key, name in names.items()
    ]
    # Renamed in the last month: what is called Docs means another offering from then on.
    aliases += [{"alias": "docs", "offering_key": "docs_new", "valid_from": "2026-09-01"}]
    more(folder / "product_aliases.csv", aliases)
    kinds = {EXACT: ("product", "named_user"), "suite": ("collection", "named_user"), "lite": ("product", "network")}
    kinds |= {"render": ("cloud", "flex_only"), "bare": ("product", ""), "docs_new": ("cloud", "named_user")}
    kinds["duo"] = ("collection", "named_user")
    more(
        folder / "offerings.csv",
        [{"offering_key": o, "name": names.get(o, o), "kind": k, "licence_metric": m} for o, (k, m) in kinds.items()],
    )
    members = (("suite", "aec", "2020-01-01", None), ("suite", "maya", "2026-08-10", "2026-09-15"))
    members += (("duo", "maya", "2020-01-01", None), ("duo", "revit", "2020-01-01", None))
    more(
        folder / "collection_members.csv",
        [{"collection_key": c, "member_key": m, "valid_from": a, "valid_to": z} for c, m, a, z in members],
    )
    coverage = [("me", "no", "2020-01-01", None), ("suite", "yes", "2026-07-10", "2026-08-31")]
    more(
        folder / "collection_coverage.csv",
        [{"collection_key": c, "complete": x, "valid_from": a, "valid_to": z} for c, x, a, z in coverage],
    )
    more(
        folder / "collection_exclusions.csv",
        [{"collection_key": "suite", "offering_key": "bare", "valid_from": "2026-09-01"}],
    )
    amounts = ((EXACT, "list", None, 12345678.9, "JPY"), ("lite", "list", None, HUGE, "IDR"))
    amounts += (("lite", "contract", "CX", HUGE - 1, "IDR"), ("bare", "list", None, 0.005, "EUR"))
    # A currency of which nobody states a rate.
    amounts += (("render", "list", None, 10, "CHF"), ("duo", "list", None, 99, "CHF"))
    more(
        folder / "prices.csv",
        [{"offering_key": o, "basis": b, "contract_number": c, "amount": a, "currency": x} | since
            for o, b, c, a, x in amounts],
    )  # fmt: skip
    more(folder / "exchange_rates.csv", [{"currency": "IDR", "per_unit": "0.0000571", "valid_from": "2026-01-01"}])
    more(folder / "flex_rates.csv", [{"offering_key": o, "tokens_per_day": 7} | since for o in ("lite", "bare", EXACT)])
    more(
        folder / "contracts.csv",
        [{"contract_number": "CX", "kind": "subscription", "start_date": "2024-02-29", "end_date": "2026-10-30"}
            | {"renewal_date": "2026-12-30", "true_up_measure": "snapshot", "territory": "DE"}],
    )  # fmt: skip
    rules = [
        ("Broad", "Half", "vault", None),
        ("Broad", "Twenty", "maya", "department = 'BIM'"),
        ("Veiled", "V", "maya", "country not in ('FR') or department like '%'"),
    ]
    more(
        folder / "group_rules.csv",
        [{"team_alias": t, "group": g, "offering_key": o, "intended": i} | since for t, g, o, i in rules],
    )
    more(
        folder / "person_aliases.csv",
        [{"alias_email": "old.ac03@corp.example", "email": "ac03@corp.example"}],
    )


def decisions(landing: Path, seed: int) -> None:
    """Decisions of every kind about what may be found, some for a month before, some without what a waiver needs; the
    same finding decided twice; reviews that were signed.
    """
    chance = random.Random(f"decisions{seed}")
    keys: set[Key] = set()
    for month in MONTHS:
        for row in read(landing / month / "report.csv"):
            key = (row["team_alias"] or SINGLE_TEAM, fold(row["offering_name"]), row["email"])
            keys |= {(rule, *key, "") for rule in ("USE-01", "USE-02", "USE-03", "IDN-09", "CON-01", "CON-02")}
            keys |= {("IDN-01", *key, reason) for reason in ("left", "disabled", "absent")}
            keys |= {("LRT-07", "", key[1], key[2], ""), ("USE-08", "", key[1], key[2], "")}
    rows: Rows = []
    for key in sorted(keys):
        for _ in range(chance.choice([0, 1, 1, 2])):
            decided = date(2026, 6, 1) + timedelta(chance.randint(0, 150))
            rows.append(
                {"finding_id": finding_id(key), "decided_at": f"{decided}T09:00:00Z", "by": "somebody"}
                | {"review_month": chance.choice([None, None, *MONTHS])}
                | {"decision": chance.choice(["accepted", "waived", "waived", "remediated", "false_positive"])}
                | {"until": chance.choice([None, "2026-07-30", "2026-07-31", "2026-08-31", "2027-01-01"])}
                | {"reason": chance.choice(["it is known", "it is known", None])}
            )
    more(
        landing / "reference" / "dispositions.csv", list({(r["finding_id"], r["decided_at"]): r for r in rows}.values())
    )
    signed = (("user_activity_audit", "2026-06", "2026-07-31"), ("compliance_gap_register", "2026-06", "2026-08-01"))
    signed += (("admin_privilege", "2026-06", "2026-07-15"), ("audit_readiness", "2026-08", "2026-09-30"))
    more(
        landing / "reference" / "sign_offs.csv",
        [{"activity": a, "period": p, "by": "somebody", "at": f"{day}T23:59:00Z"} for a, p, day in signed],
    )


def other_parameters(folder: Path) -> None:
    """Parameters at other values, some for one offering, some from a day on."""
    values = {
        "foundations": {"settle_days": 9, "stale_days": 20, "hidden_share": 0.4},
        "ENT-01": {"critical_seats": 3, "critical_share:maya": 0.5},
        "ENT-02": {"share": 0.1, "notice_days:exact": 91},
        "ENT-03": {"price_share": 0.01},
        "ENT-04": {"grace_days": 10},
        "ENT-05": {"horizon_days": 60, "near_days:maya": 59},
        "ENT-10": {"denials": 4},
        "USE-01": {"min_assigned_days": 10, "days": 45},
        "USE-03": {"factor": 0.5, "min_observed_days": 30},
        "USE-04": {"factor": 0.1, "min_observed_days": 30},
        "USE-05": {"factor": 0.4},
        "USE-06": {"factor": 0.99},
        "IDN-01": {"critical_days": 10},
        "IDN-03": {"days": 2},
        "IDN-04": {"min": 2, "share:autocad": 0.6},
        "IDN-05": {"min": 2, "share": 0.1},
        "IDN-06": {"share": 0.9, "days:vault": 20},
        "IDN-12": {"hours": 24, "lost": 3, "lost_share": 0.2},
        "ADM-01": {"max_admins": 2, "min_persons": 10, "max_share": 0.01},
        "ADM-02": {"days": 90},
        "CON-04": {"pattern": "p; cad"},
        "FLX-01": {"min_elapsed_days": 91, "near_days": 5},
        "FLX-02": {"days": 400},
        "FLX-03": {"share": 0.6},
        "FLX-08": {"factor": 1, "min_days": 4, "min_ratio": 1.2},
        "FLX-10": {"share": 0.01},
        "LRT-04": {"days": 30},
        "LRT-05": {"minutes": 0},
        "LRT-08": {"share": 0.9},
        "LRT-09": {"hours": 24.5},
        "HUB-02": {"max_admins": 1, "min_members": 3, "max_share": 0.01},
        "HUB-04": {"days": 199},
    }
    known = {(r["rule_id"], r["parameter"]) for r in read(folder / "rule_parameters.csv")}
    more(
        folder / "rule_parameters.csv",
        [
            {"rule_id": rule, "parameter": name, "value": value}
            for rule, named in values.items()
            for name, value in named.items()
            if (rule, name) not in known
        ],
    )


def edged(landing: Path, seed: int, names: list[str]) -> None:
    """Write an invented landing zone with edges of these names, or with all."""
    write(landing, seed)
    reference(landing / "reference")
    if "parameters" in names:
        other_parameters(landing / "reference")
    for month in MONTHS:
        for name, edge in EDGES.items():
            if name in names or not names:
                edge(landing / month, last_day(month))
    if "decisions" in names or not names:
        decisions(landing, seed)


if __name__ == "__main__":
    edged(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
