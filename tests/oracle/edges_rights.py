"""Edges of rights: collections in collections, amounts of fifteen digits, files that another file of the drop corrects,
licence servers, old use, words that are untidy. Holds no test.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from tests.oracle.edge_rows import EXACT_NAME, HUGE, Rows, again, crowd, more, seat, telemetry
from tests.oracle.invented_writer import MONTHS
from tests.oracle.spoilt import put, read


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
