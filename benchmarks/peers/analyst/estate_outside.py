"""Inputs of the random estate from outside the usage exports: HR, directory, contractors, settings, balances, licences,
invoices.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from benchmarks.peers.analyst.text import Row

TEAMS = ("North", "South", "Hidden", "Edge", "")


def hr_workers(estate: Any, as_of: date) -> list[Row]:
    """Joiners and leavers, re-hired under a second number."""
    rows = []
    rng = random.Random(estate.seed * 31 + 7)
    for person in estate.persons:
        for again in range(rng.choice((0, 1, 1, 1, 2))):
            rows.append(
                {
                    "employee_id": person.employee + ("x" if again else ""),
                    "email": rng.choice((person.email, "", *person.others)),
                    "user_principal_name": rng.choice(("", person.email)),
                    "status": rng.choice(
                        ("Active",) * 4
                        + ("On Leave", "on_leave", "Terminated", "Involuntary terminat.", "inactive", "Former")
                    ),
                    "hire_date": rng.choice(("", "2019-05-01", "2024-01-01")),
                    "leave_date": rng.choice(
                        (
                            "",
                            "",
                            rng.choice(estate.months)
                            + timedelta(days=rng.choice((-90, -60, -31, -30, -2, -1, 0, 1, 15))),
                        )
                    ),
                    "department": rng.choice(("BIM", "Structures", "Sales", "")),
                    "legal_entity": rng.choice(("X GmbH", "Y Ltd", "")),
                    "worker_type": rng.choice(("Employee", "Contractor", "")),
                }
            )
    return estate.some(rows, 0.97)


def directory_users(estate: Any, as_of: date) -> list[Row]:
    """Accounts, sometimes two of a person, sometimes found by employee number only."""
    rows = []
    rng = random.Random(estate.seed * 17 + 3)
    for person in estate.persons:
        for again in range(rng.choice((0, 1, 1, 1, 2))):
            how = rng.choice(("mail", "upn", "id"))
            rows.append(
                {
                    "user_id": f"u{person.number:02d}{rng.choice('ab')}{again}",
                    "user_principal_name": person.email
                    if how == "upn"
                    else f"{person.employee}{again}@tenant.example".lower(),
                    "mail": rng.choice([person.email, *person.others]) if how == "mail" else "",
                    "account_enabled": rng.choice(("true", "true", "true", "false")),
                    "user_type": rng.choice(("member", "guest")),
                    "employee_id": rng.choice((person.employee, person.employee + "x", "")),
                    "last_sign_in_at": rng.choice(
                        (
                            "",
                            f"{rng.choice(estate.months) - timedelta(days=rng.choice((0, 179, 180, 181, 183)))}"
                            "T23:30:00Z",
                            "1601-01-01T00:00:00Z",
                        )
                    ),
                    "leave_at": rng.choice(
                        ("", "", f"{rng.choice(estate.months) - timedelta(days=rng.choice((0, 30, 31)))}T10:00:00Z")
                    ),
                }
            )
    return estate.some(rows, 0.97)


def contractors(estate: Any, as_of: date) -> list[Row]:
    """The contractor register."""
    return [
        {
            "email": estate.who(p),
            "company": "Extern AG",
            "start_date": estate.day(-90, 2) if estate.maybe(0.5) else "",
            "end_date": estate.day(-60, 31) if estate.maybe(0.7) else "",
            "device_policy": ("own", "company", "")[p.number % 3],
        }
        for p in estate.persons
        if p.number % 4 == 0 or "stranger" in p.email
        for _ in range(estate.rng.choice((0, 1, 1, 2)))
    ]


def sso_config(estate: Any, as_of: date) -> list[Row]:
    """Domains of teams."""
    stamp = as_of - timedelta(days=estate.rng.choice((0, 1, 2, 3)))
    return [
        {
            "team_alias": team,
            "domain": domain,
            "domain_verified": "true",
            "sso_enabled": estate.rng.choice(("true", "false")),
            "directory_sync_enabled": estate.rng.choice(("true", "false")),
            "default_assignment_offerings": estate.rng.choice(("", "Alpha", "Beta; Gamma")),
            "last_sync_at": estate.rng.choice(("", f"{stamp}T00:00:00Z", f"{stamp}T12:00:00Z")),
            "sync_errors": estate.rng.choice(("", "0", "3")),
        }
        for team in ("North", "South", "Edge")
        for domain in ("corp.example", "acq.example")
        if estate.maybe(0.7)
    ]


def flex_balance(estate: Any, as_of: date) -> list[Row]:
    """Stated balances, mostly wrong."""
    rows = [
        {
            "team_alias": team,
            "balance_date": as_of - timedelta(days=back),
            "tokens_available": estate.rng.choice((0, 20, 50, 100, 95, 333.33)),
        }
        for team in TEAMS
        for back in (0, 10, 45, -1)
    ]
    return estate.some(rows, 0.5)


def sam_usage(estate: Any, as_of: date) -> list[Row]:
    """What the SAM tool believes."""
    return [
        {"email": estate.who(p), "offering_name": estate.name(), "last_used": estate.day(-366, 2), "days_used_12m": 3}
        for p in estate.persons
        for _ in range(2)
    ]


def perpetual_licences(estate: Any, as_of: date) -> list[Row]:
    """Perpetual licences."""
    return [
        {
            "serial_number": f"SN{i}",
            "offering_name": estate.name(estate.rng.choice(("alpha", "beta", "delta"))),
            "version": estate.rng.choice(("2023", "2024", "2025", "R14")),
            "seats": estate.rng.choice((0, 1, 2)),
            "licence_kind": estate.rng.choice(("standalone", "network")),
        }
        for i in range(4)
    ]


def device_inventory(estate: Any, as_of: date) -> list[Row]:
    """Installed software."""
    return [
        {
            "device_id": f"d{estate.rng.randint(1, 9)}",
            "product_display_name": estate.settled(),
            "version": estate.rng.choice(("2023", "2024.1", "2026", "")),
            "user_email": estate.who(estate.rng.choice(estate.persons)) if estate.maybe(0.7) else "",
            "last_seen_at": f"{estate.day(-366, 1)}T00:00:00Z" if estate.maybe(0.8) else "",
            "licence_class": estate.rng.choice(("commercial", "education", "trial", "")),
        }
        for _ in range(25)
    ]


def invoices(estate: Any, as_of: date) -> list[Row]:
    """Invoice lines."""
    return [
        {
            "invoice_number": f"I{i}",
            "invoice_date": estate.day(-120, 2),
            "contract_number": estate.rng.choice(("C1", "C2", "C3", "")),
            "subscription_id": estate.rng.choice(("", f"S{estate.rng.randint(0, 20)}")),
            "offering_name": estate.name(),
            "quantity": estate.rng.choice((1, 2, 5, 12)),
            "unit_price": estate.rng.choice((1000, 1005, 1005.01, 400)),
            "currency": "EUR",
            "period_start": estate.day(-120, 1) if estate.maybe(0.7) else "",
            "period_end": estate.day(-1, 181) if estate.maybe(0.7) else "",
        }
        for i in range(14)
    ]
