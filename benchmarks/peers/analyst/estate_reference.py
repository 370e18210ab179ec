"""Reference tables of the random estate: dated prices and rates, aliases, parameters, group rules, approvals,
decisions.
"""

from __future__ import annotations

import hashlib
import random
from datetime import date, timedelta
from typing import Any

from benchmarks.peers.analyst.text import Row, fold

KEYS = ("alpha", "beta", "gamma", "delta", "suite", "bundle")
TEAM_NAMES = ("North", "South", "Hidden", "Edge", "(single team)")


def reference_tables(rng: random.Random, months: list[date], persons: list[Any]) -> dict[str, list[Row]]:
    """All tables, by name. Dates lie beside month ends."""
    return {
        "product_aliases": _aliases(months),
        "offerings": [
            {
                "offering_key": k,
                "name": k.title(),
                "kind": "collection" if k in {"suite", "bundle"} else "product",
                "licence_metric": "named_user",
            }
            for k in KEYS
        ],
        "collection_members": _members(rng, months),
        "prices": _prices(rng, months),
        "token_prices": [
            {
                "contract_number": c,
                "amount": a,
                "currency": "EUR" if not c else rng.choice(("EUR", "USD", "GBP")),
                "valid_from": f,
            }
            for c, a, f in (("", "3", "2025-01-01"), ("", "3.01", months[1]), ("C1", "2.5", ""))
            if rng.random() < 0.9
        ]
        or [{"contract_number": "", "amount": "3", "currency": "EUR", "valid_from": ""}],
        "flex_rates": [
            {"offering_key": k, "tokens_per_day": rng.choice(("5", "7.5", "10", "1")), "valid_from": "", "valid_to": ""}
            for k in ("alpha", "beta", "gamma")
            if rng.random() < 0.85
        ]
        + [
            {
                "offering_key": "suite",
                "tokens_per_day": "12",
                "valid_from": "2025-06-01",
                "valid_to": months[1] - timedelta(days=3),
            }
        ],
        "version_support": [
            {
                "offering_key": k,
                "oldest_eligible": rng.choice((2023, 2024)),
                "newest_covered": rng.choice((2025, 2026, "")),
                "valid_from": v,
            }
            for k in ("alpha", "beta", "gamma")
            for v in ("2024-01-01", months[rng.randint(0, 1)] - timedelta(days=5))
            if rng.random() < 0.8
        ],
        "feature_requirements": [
            {
                "feature": "generative-fill",
                "required_offering_key": "beta",
                "kind": "ai",
                "valid_from": "",
                "valid_to": "",
            },
            {
                "feature": "Cloud Render",
                "required_offering_key": "gamma",
                "kind": "cloud",
                "valid_from": "",
                "valid_to": months[0] - timedelta(days=1),
            },
            {
                "feature": "Cloud Render",
                "required_offering_key": "delta",
                "kind": "ai",
                "valid_from": months[0],
                "valid_to": "",
            },
        ],
        "contracts": [
            {
                "contract_number": c,
                "kind": "subscription",
                "start_date": date(2025, 3, 15),
                "end_date": months[1],
                "renewal_date": rng.choice(months) + timedelta(days=rng.choice((90, 119, 120, 121))),
                "true_up_measure": rng.choice(("snapshot", "high_water", "rolling_mean", "unknown")),
                "territory": rng.choice(("DE", "DE;FR", "")),
            }
            for c in ("C1", "C2", "C3")
        ],
        "contract_lines": [
            {
                "contract_number": c,
                "offering_key": k,
                "quantity": rng.choice((1, 2, 5, 12)),
                "unit_price": rng.choice((1000, 400)),
                "currency": "EUR",
            }
            for c in ("C1", "C2")
            for k in ("alpha", "beta", "suite")
            if rng.random() < 0.8
        ],
        "group_rules": _group_rules(rng),
        "approved_admins": _approvals(rng, months, persons),
        "person_aliases": [
            {"alias_email": o.upper() if i % 3 == 0 else o, "email": p.email}
            for i, p in enumerate(persons)
            for o in p.others
        ],
        "sso_domains": [
            {"domain": "Corp.example", "kind": "corporate"},
            {"domain": "acq.example", "kind": "acquired"},
            {"domain": "partner.example", "kind": "partner"},
        ],
        "rule_parameters": _parameters(rng, months),
        "settings": [{"key": "currency", "value": "EUR"}, {"key": "organisation", "value": "Random Estate"}],
        "exchange_rates": [
            {"currency": "USD", "per_unit": "0.9137", "valid_from": "2020-01-01"},
            {"currency": "USD", "per_unit": "0.8851", "valid_from": months[1]},
        ],
        "dispositions": _dispositions(rng, months, persons),
    }


def _aliases(months: list[date]) -> list[Row]:
    names = {
        "Alpha": "alpha",
        "Alpha 2024": "alpha",
        "alpha lt": "alpha",
        "Beta": "beta",
        "Beta single user": "beta",
        "Gamma": "gamma",
        "Delta Pro": "delta",
        "Suite Collection": "suite",
        "suite": "suite",
        "Bundle": "bundle",
        "64300ACD_F": "alpha",
    }
    rows: list[Row] = [{"alias": a, "offering_key": k, "valid_from": "", "valid_to": ""} for a, k in names.items()]
    rows.append({"alias": "Moved Name", "offering_key": "alpha", "valid_from": "2020-01-01", "valid_to": ""})
    rows.append({"alias": "moved  name", "offering_key": "gamma", "valid_from": months[1], "valid_to": months[1]})
    return rows


def _members(rng: random.Random, months: list[date]) -> list[Row]:
    rows: list[Row] = [
        {"collection_key": "suite", "member_key": "alpha", "valid_from": "", "valid_to": ""},
        {
            "collection_key": "suite",
            "member_key": "beta",
            "valid_from": "",
            "valid_to": months[1] - timedelta(days=rng.choice((0, 1, 20))),
        },
        {
            "collection_key": "bundle",
            "member_key": "alpha",
            "valid_from": months[0] - timedelta(days=40),
            "valid_to": "",
        },
        {"collection_key": "bundle", "member_key": "gamma", "valid_from": "", "valid_to": ""},
    ]
    return rows


def _prices(rng: random.Random, months: list[date]) -> list[Row]:
    rows: list[Row] = []
    for key in KEYS:
        # Most estates count in one currency; in some a member, a collection or both are priced in another, or in one
        # without a rate.
        odd = rng.choice(("EUR", "EUR", "EUR", "USD", "GBP"))
        currency = "USD" if key == "delta" else odd
        base = {"alpha": 400, "beta": 600, "gamma": 90, "delta": 1000, "suite": 1000, "bundle": 1005}[key]
        for basis, number in (("list", ""), ("contract", ""), ("contract", "C1"), ("contract", "C2")):
            if rng.random() > 0.6:
                continue
            amount = base * rng.choice((1, 0.9, 1.05)) + rng.choice((0, 0.01, 0.005))
            start = rng.choice(("", "2020-01-01", months[0], months[1]))
            rows.append(
                {
                    "offering_key": key,
                    "basis": basis,
                    "contract_number": number,
                    "amount": f"{amount:.4f}",
                    "currency": currency,
                    "valid_from": start,
                }
            )
            if start and rng.random() < 0.4:
                rows.append(
                    {**rows[-1], "amount": f"{amount * 2:.4f}", "valid_from": months[-1]}
                    if start != months[-1]
                    else rows.pop()
                )
    return rows


def _group_rules(rng: random.Random) -> list[Row]:
    predicates = (
        "department in ('BIM','Structures') and legal_entity = 'X GmbH'",
        "department = 'Sales'",
        "",
        "not (legal_entity <> 'Y Ltd')",
        "department like 'B%' or legal_entity not in ('X GmbH')",
        "worker_type = 'employee'",
    )
    return [
        {"team_alias": team, "group": f"G{g}", "offering_key": k, "intended": rng.choice(predicates), "valid_from": ""}
        for team in ("North", "South", "Hidden")
        for g in range(5)
        for k in rng.sample(KEYS, 2)
        if rng.random() < 0.7
    ]


def _approvals(rng: random.Random, months: list[date], persons: list[Any]) -> list[Row]:
    return [
        {
            "email": rng.choice([p.email, *p.others]),
            "role": rng.choice(("Primary Admin", "secondary admin", "SSO administrator", "contract manager", "Reader")),
            "team_alias": rng.choice(("North", "South", "")),
            "approved_by": "boss",
            "valid_from": rng.choice(("2020-01-01", months[1])),
            "valid_to": rng.choice(("", "", months[1] + timedelta(days=1))),
        }
        for p in persons
        if rng.random() < 0.6
    ]


def _parameters(rng: random.Random, months: list[date]) -> list[Row]:
    pool = [
        ("foundations", "settle_days", "5"),
        ("foundations", "hidden_share", "0.1"),
        ("USE-01", "days:alpha", "30"),
        ("USE-01", "days", "89"),
        ("USE-02", "days", "30"),
        ("ENT-02", "min_stock", "1"),
        ("ENT-02", "share:beta", "0"),
        ("ENT-01", "critical_seats", "3"),
        ("LRT-04", "devices", "1"),
        ("LRT-04", "days:suite", "30"),
        ("FLX-09", "min_persons", "2"),
        ("USE-03", "factor", "1.5"),
        ("FLX-03", "share", "0.5"),
        ("IDN-04", "min", "2"),
        ("ADM-01", "max_admins", "1"),
        ("ADM-01", "min_persons", "3"),
        ("IDN-01", "critical_days", "0"),
        ("ENT-05", "near_days", "31"),
        ("LRT-08", "share", "0.99"),
        ("USE-03", "min_observed_days", "1"),
        ("IDN-05", "min", "0"),
        ("IDN-05", "share", "0"),
        ("IDN-12", "lost", "1"),
        ("IDN-12", "hours", "1"),
        ("LRT-10", "days", "0"),
        ("LRT-05", "minutes", "0"),
        ("FLX-08", "min_days", "2"),
        ("FLX-08", "factor", "1"),
        ("IDN-06", "min_members", "1"),
        ("ADM-02", "days", "30"),
        ("IDN-03", "days", "0"),
        ("ENT-03", "price_share", "0"),
        ("USE-05", "factor", "0.5"),
        ("USE-06", "factor", "2"),
        ("FLX-10", "share", "0.01"),
        ("CON-04", "pattern", "p1;cad"),
        ("FLX-01", "min_elapsed_days", "1"),
        ("USE-04", "min_observed_days", "10"),
        ("FLX-02", "days", "30"),
    ]
    return [
        {
            "rule_id": r,
            "parameter": p,
            "value": v,
            "valid_from": rng.choice(("2020-01-01", months[1], months[1] + timedelta(days=1))),
            "source": "test",
        }
        for r, p, v in rng.sample(pool, 14)
    ]


def _dispositions(rng: random.Random, months: list[date], persons: list[Any]) -> list[Row]:
    keys = [("ENT-01", t, k, "", "") for t in TEAM_NAMES for k in KEYS] + [
        ("ENT-02", t, k, "", "") for t in TEAM_NAMES for k in KEYS
    ]
    keys += [
        (r, t, k, p.email, "")
        for r in ("USE-01", "USE-02", "IDN-09", "CON-02")
        for t in TEAM_NAMES
        for k in KEYS
        for p in persons
    ]
    keys += [("USE-08", "", k, p.email, "") for k in KEYS for p in persons] + [
        ("ADM-07", t, "", "", "") for t in TEAM_NAMES
    ]
    keys += [("LRT-08", "", k, "", "") for k in KEYS] + [
        ("LRT-03", "", "beta", p.email, fold("Generative Fill")) for p in persons
    ]
    keys += [
        ("IDN-01", t, k, p.email, s)
        for t in TEAM_NAMES
        for k in KEYS
        for p in persons
        for s in ("left", "disabled", "absent")
    ]
    rows: list[Row] = []
    for key in keys:
        if rng.random() > 0.5:
            continue
        finding = hashlib.sha256("|".join(key).encode()).hexdigest()[:16]
        for hour in range(rng.choice((1, 1, 2))):
            day = rng.choice(months) + timedelta(days=rng.choice((-40, -1, 0, 1)))
            choice = rng.choice(("accepted", "waived", "waived", "remediated", "false_positive"))
            until = (
                rng.choice(("", rng.choice(months) + timedelta(days=rng.choice((-1, 0, 1, 10)))))
                if choice == "waived"
                else ""
            )
            rows.append(
                {
                    "finding_id": finding,
                    "decided_at": f"{day}T{22 + hour}:30:00Z",
                    "decision": choice,
                    "until": until,
                    "by": "reviewer",
                    "reason": "test",
                }
            )
    return list({(r["finding_id"], r["decided_at"]): r for r in rows}.values())
