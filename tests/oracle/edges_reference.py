"""Tables of the company beside the edges: the offerings and rules that they are told in, decisions, other parameters.
Holds no test.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from tests.oracle.edge_rows import EXACT, EXACT_NAME, HUGE, Rows, more
from tests.oracle.history import Key, finding_id
from tests.oracle.invented_writer import MONTHS
from tests.oracle.spoilt import read
from tests.oracle.terms import SINGLE_TEAM, fold


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
