"""Edges of numbers: values exactly at the limits of the rules, sessions that meet, pools and packs. Holds no test."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.oracle.edge_rows import EXACT_NAME, Rows, crowd, more, seat, telemetry
from tests.oracle.invented_writer import MONTHS


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
        [{"group": g, "email": p, "team_alias": "Broad"} for g, n in groups.items() for p in crowd(n)],
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
