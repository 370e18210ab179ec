"""Edges of change: people who change address, team or employer, reference rows and parameters that change within the
months, agreements that begin or end on the day asked about. Holds no test.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.oracle.edge_rows import EXACT, EXACT_NAME, Rows, more, seat, telemetry
from tests.oracle.invented_writer import MONTHS

SINCE = {"valid_from": "2020-01-01"}


def dated_reference(folder: Path) -> None:
    """Prices, rates, members, rules and parameters that change on the last day of a month, the first, and between."""
    parameters: tuple[tuple[str, str, Any, str], ...] = (
        ("USE-01", "days:maya", 30, "2026-07-15"),
        ("USE-01", "days:maya", 120, "2026-09-01"),
        ("USE-05", "factor", 0, "2026-08-31"),
        ("FLX-03", "share", 0.9, "2026-08-31"),
        ("FLX-02", "days", 0, "2026-09-30"),
        ("FLX-08", "min_days", 1, "2026-07-01"),
        ("IDN-01", "critical_days", 0, "2026-09-30"),
        ("IDN-04", "share", 0, "2026-08-01"),
        ("IDN-12", "lost", 2, "2026-07-31"),
        ("ADM-01", "max_admins", 1, "2026-07-31"),
        ("ADM-02", "days", 0, "2026-09-01"),
        ("CON-04", "pattern", "m0; CAD", "2026-07-31"),
        ("ENT-02", "share", 0, "2026-08-31"),
        ("ENT-05", "horizon_days", 1, "2026-09-01"),
        ("ENT-05", "near_days", 0, "2026-09-01"),
        ("LRT-05", "minutes", 0, "2026-08-01"),
        ("LRT-08", "share:maya", 1, "2026-08-01"),
        ("LRT-09", "hours", 0.5, "2026-09-01"),
        ("foundations", "settle_days", 0, "2026-09-01"),
        ("foundations", "stale_days", 0, "2026-09-30"),
    )
    more(
        folder / "rule_parameters.csv",
        [{"rule_id": r, "parameter": p, "value": v, "valid_from": d} for r, p, v, d in parameters],
    )
    contract = {"offering_key": EXACT, "basis": "contract"}
    more(
        folder / "prices.csv",
        [
            contract | {"amount": "1.0005", "currency": "KWD", "valid_from": "2026-07-31", "valid_to": "2026-09-29"},
            contract | {"contract_number": "M1", "amount": "100.125", "currency": "KWD", "valid_from": "2026-08-31"},
        ],
    )
    more(folder / "exchange_rates.csv", [{"currency": "KWD", "per_unit": "2.98765432", "valid_from": "2026-08-31"}])
    more(
        folder / "token_prices.csv",
        [
            {"contract_number": "M1", "amount": "455.5", "currency": "KWD", "valid_from": "2026-08-31"},
            {"contract_number": "M2", "amount": "0.001", "currency": "EUR", "valid_from": "2026-07-01"}
            | {"valid_to": "2026-09-29"},
        ],
    )
    more(folder / "flex_rates.csv", [{"offering_key": EXACT, "tokens_per_day": "0.1", "valid_from": "2026-08-16"}])
    more(
        folder / "version_support.csv",
        [
            {"offering_key": "maya", "oldest_eligible": 2024, "newest_covered": 2025, "valid_from": "2026-01-01"},
            {"offering_key": "maya", "oldest_eligible": 2025, "valid_from": "2026-09-10"},
        ],
    )
    more(
        folder / "feature_requirements.csv",
        [
            {"feature": "sky", "required_offering_key": EXACT, "kind": "add_on", "valid_from": "2026-01-01"},
            {"feature": "sky", "required_offering_key": "maya", "kind": "ai", "valid_from": "2026-08-20"},
        ],
    )
    more(
        folder / "collection_members.csv",
        [{"collection_key": "me", "member_key": EXACT, "valid_from": "2026-08-15", "valid_to": "2026-09-14"}],
    )
    rule = {"team_alias": "Moved", "group": "M"}
    more(
        folder / "group_rules.csv",
        [
            rule | {"offering_key": EXACT, "intended": None, "valid_from": "2026-07-31", "valid_to": "2026-09-29"},
            rule | {"offering_key": "maya", "intended": "department like '_IM'", "valid_from": "2026-08-31"},
            rule | {"offering_key": "me", "intended": "not department = 'BIM'", "valid_from": "2026-07-01"},
        ],
    )
    more(folder / "person_aliases.csv", [{"alias_email": "m00.old@corp.example", "email": "m00@corp.example"}])
    admin = {"email": "m00.old@corp.example", "role": "Primary  ADMIN", "valid_from": "2026-07-31"}
    more(folder / "approved_admins.csv", [admin | {"team_alias": "Moved", "valid_to": "2026-09-29"}])
    ends = {"end_date": "2027-01-28", "renewal_date": "2027-01-28"}
    more(
        folder / "contracts.csv",
        [
            {"contract_number": c, "kind": "subscription", "start_date": d, "true_up_measure": m, "territory": t} | ends
            for c, d, m, t in (
                ("M1", "2024-07-31", "rolling_mean", "de; at"),
                ("M2", "2025-09-30", "high_water", None),
            )
        ],
    )


def moved(drop: Path, as_of: date) -> None:
    """Addresses, teams and employers that change from drop to drop."""
    at = MONTHS.index(drop.name)
    me = [f"m{n:02d}@corp.example" for n in range(18)]
    me[0] = "m00.old@corp.example" if at < 2 else me[0]
    me[1] = "m01@corp.example" if at < 2 else "m01.new@corp.example"
    mid = as_of - timedelta(15)
    gone = {"seat_assignment": "unassigned"}
    report = [
        seat(me[0], "Moved", EXACT_NAME, hashed_autodesk_id="mh0", last_accessed=as_of - timedelta(90 + at)),
        seat(me[1], "Moved", EXACT_NAME, hashed_autodesk_id="mh1", assigned_date="2026-01-01"),
        seat(me[10], "Moved", "Maya", access_option="Flex tokens"),
        seat(me[10], "Moved", "Maya", access_option="Subscription", version="2026.1", assigned_date=mid),
        seat(me[10], "Moved", "Maya", access_option="Single", version="2026.10", assigned_date="2026-01-01"),
        seat(me[11], "Moved", "Maya", **gone),
        seat(me[12], "Moved", "ME Collection", assigned_date="2026-01-05"),
        seat(me[12], "Moved", "Revit", assigned_date="2026-01-05"),
        seat(me[13], "Moved", "Maya", version="", last_accessed=as_of + timedelta(2)),
    ]
    teams = (("Moved",), ("Moved",), ("Moved", "South"), ("South",))[at]
    report += [seat(me[3], team, EXACT_NAME, assigned_date="2026-02-01") for team in teams]
    if at < 2:
        report.append(seat(me[2], "Moved", "Maya", assigned_date="2026-02-01"))
    else:
        report += [
            seat(me[2], "Moved", "Maya", assigned_date="2026-02-01", unassigned_date="2026-08-12", **gone),
            seat(me[2], "South", "Maya", assigned_date="2026-08-12"),
        ]
    report.append(seat(me[4], "Moved", EXACT_NAME, assigned_date="2026-01-01", last_accessed="2026-07-12"))
    if at != 2:
        report.append(seat(me[5], "Moved", EXACT_NAME, assigned_date="2026-09-03" if at == 3 else None))
    report += [seat(p, "Moved", "Docs") for p in me[6:9]]
    # A collection that has another; what is in that one, beside it.
    report += [seat(p, "Moved", "Grand Suite", assigned_date="2026-01-01") for p in me[16:]]
    report += [seat(me[17], "Moved", name) for name in ("Revit", "AutoCAD", "Civil 3D")]
    more(drop / "report.csv", report)
    admin = {"email": me[0], "team_alias": "Moved", "role": "primary admin"}
    user = {"email": me[9], "team_alias": "Moved", "role": "Admins' deputy"}
    roles = [admin, user | {"role": "Not yet administrator"}, user, user | {"role": "SSO-ADMIN"}][: (2, 3, 4, 4)[at]]
    more(
        drop / "users.csv",
        [
            *roles,
            {"email": me[10], "team_alias": "Moved", "offering_name": "Maya", "account_status": "pending"},
            {"email": me[11], "team_alias": "Moved", "offering_name": "Maya", "account_status": "pending"},
            {"email": "cad.service@corp.example", "team_alias": "Moved", "offering_name": EXACT_NAME},
            {"email": me[14], "team_alias": "Moved", "offering_name": EXACT_NAME, "assignment_type": "GROUP"},
        ],
    )
    more(
        drop / "groups.csv",
        [{"group": "M", "email": p, "team_alias": "Moved"} for p in (me, me[:13], me[3:], me[5:])[at]],
    )
    worker = {"status": "Active", "hire_date": "2021-01-01", "legal_entity": "One", "department": "BIM"}
    left = {"leave_date": "2026-07-10", "status": "Terminated"}
    workers: Rows = [worker | {"employee_id": f"M{n}", "email": me[n]} for n in (0, 1, 2, 3, 10, 11, 12)]
    workers += [worker | {"employee_id": f"M{n}", "email": me[n]} | (left if at else {}) for n in (4, 5)]
    if at == 3:
        workers.append(worker | {"employee_id": "M4b", "email": me[4], "hire_date": "2026-09-05"})
    more(drop / "workers.csv", workers)
    more(
        drop / "directory.csv",
        [
            {"user_id": f"m{n}", "user_principal_name": me[n], "mail": me[n]}
            | {"account_enabled": "true" if n != 4 or at in (0, 3) else "false"}
            for n in (0, 1, 2, 3, 4, 9, 12)
        ],
    )
    firm = {"company": "Firm", "start_date": "2026-01-01", "device_policy": "own"}
    more(
        drop / "contractors.csv",
        [firm | {"email": p, "end_date": as_of - timedelta(n)} for n, p in enumerate(me[6:9])],
    )
    uses(drop, as_of, me)
    agreements(drop, as_of)


def uses(drop: Path, as_of: date, me: list[str]) -> None:
    """Tokens and telemetry of these people: corrected by the next drop, told twice, on shared devices."""
    first = date(as_of.year, as_of.month, 1)
    before = first - timedelta(4)
    tokens: Rows = []

    def charge(person: str | None, day: date, amount: Any, name: str = EXACT_NAME, feature: str | None = None) -> None:
        row = {"day_used": day, "product": name, "tokens_used": amount, "email": person, "team": "Moved"}
        tokens.append(row | {"feature": feature})

    for day in (before, first, first + timedelta(16), as_of):
        charge(me[15], day, "0.35")
        charge(me[15], day, 7)
        charge(me[15], day, 0, "Maya")
    charge(me[15], before, 3 + as_of.month, "Maya")
    charge(me[2], date(as_of.year, as_of.month, 12), 5, "Maya")
    charge(me[2], date(as_of.year, as_of.month, 13), 5, "Maya")
    charge(me[10], as_of, "2.5", "Maya", "Sky")
    charge(None, as_of, 40, "Maya", "Dream")
    rows: Rows = []

    def session(person: str | None, at: str, device: str | None, **cells: Any) -> None:
        row = {"user_email": person, "event_at": at, "product": "Maya", "device_id": device}
        rows.append(row | {"licence_claim": "named_user", "version": "2026"} | cells)

    for n, person in enumerate((me[0], me[2], me[3], me[10], me[15])):
        session(person, f"{first}T08:0{n}:00Z", "Shared", duration_minutes=30)
        session(person, f"{first}T08:30:00Z", "shared", duration_minutes=30, host_name="other")
        session(person, f"{as_of}T23:50:00Z", "late", duration_minutes=30, country="fr")
    for hash_ in ("mh0", "mh1"):
        session(None, f"{as_of}T10:00:00Z", None, user_hash=hash_, product="Vault", host_name="H1")
    for day in (before, first, first + timedelta(20)):
        session(me[3], f"{day}T12:00:00+05:00", "d9", feature="Sky", version="2025.3")
        session(me[10], f"{day}T23:00:00-02:00", "d9", feature="SKY", version=" 2023 ")
        session(me[12], f"{day}T12:00:00Z", "d8", product=EXACT_NAME, version="12-beta")
    session(me[2], f"{first + timedelta(11)}T12:00:00Z", "d8")
    for name in ("Revit", EXACT_NAME, "Docs", "Grand Suite", "AEC Collection"):
        session(me[16], f"{as_of - timedelta(3)}T12:00:00Z", "d8", product=name, feature="Dream")
        charge(me[16], as_of - timedelta(2), 7, name)
    # One event told by every drop, each time on its own day.
    session(me[4], f"{first}T12:00:00Z", "d8", event_id="told again", product=EXACT_NAME)
    telemetry(drop, rows)
    more(drop / "tokens.csv", tokens)
    more(
        drop / "sam.csv",
        [
            {"email": p, "offering_name": "Maya", "last_used": as_of - timedelta(n)}
            for p, n in zip(me, (0, -1, 364, 365), strict=False)
        ],
    )


def agreements(drop: Path, as_of: date) -> None:
    """Subscriptions, invoices and packs that begin or end on the day, overlap, or are the same but for one thing."""
    day, past, later = timedelta(1), as_of - timedelta(1), as_of + timedelta(1)
    year = as_of + timedelta(365)
    more(
        drop / "subscriptions.csv",
        [
            {"contract_number": c, "subscription_id": s, "offering_name": o, "seat_quantity": q, "start_date": start}
            | {"end_date": end, "team_alias": "Moved", "subscription_status": status, "autorenew_date": renews}
            for c, s, o, q, start, end, status, renews in (
                ("M1", "MA", EXACT_NAME, 2, as_of, year, "Active", None),
                ("M2", "MB", EXACT_NAME, 2, "2025-01-01", year, "Active", None),
                (None, "MC", EXACT_NAME, 2, "2025-01-01", as_of, "Active", as_of),
                ("M2", None, EXACT_NAME, 0, "2025-01-01", past, "Active", as_of),
                ("M1", "MD", "Maya", 1, later, year, "Active", None),
                ("M1", "ME", "Maya", 2, "2025-01-01", past, "Cancelled", None),
                ("M2", "MF", "Docs", 5, "2025-01-01", year, "Cancelled", None),
                ("M2", "MG", "Revit", 3, "2025-01-01", later, "Active", None),
                ("M1", "MG", "Revit", 3, "2025-01-01", later, "Active", None),
            )
        ],
    )
    more(
        drop / "invoices.csv",
        [
            {"invoice_number": i, "invoice_date": d, "contract_number": c, "subscription_id": s, "offering_name": o}
            | {"quantity": q, "unit_price": p, "currency": x, "period_start": a, "period_end": z}
            for i, d, c, s, o, q, p, x, a, z in (
                ("MI1", "2026-06-01", "M1", None, EXACT_NAME, 1, "100.50", "KWD", as_of, None),
                ("MI2", "2026-06-01", None, "MA", EXACT_NAME, 1, "100.51", "KWD", None, as_of),
                ("MI3", "2026-06-02", "M2", None, EXACT_NAME, 2, 100, "EUR", None, past),
                ("MI4", "2026-06-01", "M2", None, EXACT_NAME, 1, 100, "EUR", None, None),
                ("MI5", "2026-06-01", "M2", None, EXACT_NAME, 1, 100, "USD", None, None),
                ("MI6", "2026-06-01", None, "nobody's", "Revit", 0, 100, "EUR", None, None),
            )
        ],
    )
    more(
        drop / "contract_lines.csv",
        [
            {"contract_number": "M1", "offering_key": EXACT, "quantity": 2, "unit_price": 100, "currency": "KWD"},
            {"contract_number": "M2", "offering_key": EXACT, "quantity": 2, "unit_price": 101, "currency": "EUR"},
        ],
    )
    more(
        drop / "packs.csv",
        [
            {"pack_id": i, "team_alias": t, "contract_number": c, "tokens": n, "start_date": start, "end_date": end}
            for i, t, c, n, start, end in (
                ("M", "Moved", "M1", "20.5", as_of - 40 * day, as_of + 60 * day),
                ("m", "Moved", "M2", "20.5", as_of - 40 * day, as_of + 60 * day),
                ("N", "Moved", None, 99, as_of, as_of),
                ("M", "Other pool", "M2", 5, as_of - 29 * day, as_of + 90 * day),
            )
        ],
    )
    more(drop / "balance.csv", [{"team_alias": "Moved", "balance_date": as_of, "tokens_available": "41.005"}])
