"""The tables the company owns: names, prices, rates, contracts, group rules, approved administrators, domains."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pipelines.demo.estate import (
    BOUGHT,
    CLOUD_NAME,
    CLOUD_OFFERING,
    CLOUD_PRICE,
    COLLECTION,
    CONTRACTS,
    FIRM,
    HARBOUR,
    MEMBERS,
    NORDBAU,
    OFFERINGS,
    OPEN_COLLECTION,
    PARTNER,
    RIVER,
    SINCE,
    TOKEN_PRICE,
)
from pipelines.demo.exports.files import Row, put, text_of
from pipelines.demo.plants.coverage import EXCLUDED
from pipelines.demo.plants.network import FEATURES
from pipelines.demo.plants.telemetry import AI, CLOUD
from pipelines.demo.terms import contract_end, contract_start
from pipelines.demo.world import World

Table = tuple[Sequence[str], Sequence[Row]]
MEASURES = {HARBOUR: "high_water", RIVER: "snapshot"}


def write_reference(world: World, folder: Path) -> None:
    """Every standing reference table as CSV."""
    for name, (header, rows) in {**_products(), **_money(), **_contracts(world), **_people(world)}.items():
        put(folder / f"{name}.csv", text_of(header, rows).encode())


def _products() -> dict[str, Table]:
    aliases = [[name, key, SINCE] for name, key, _, _ in OFFERINGS]
    aliases += [[f"Autodesk {name}", key, SINCE] for name, key, _, _ in OFFERINGS]
    aliases.append([CLOUD_NAME, CLOUD_OFFERING, SINCE])
    aliases += [[code, key, SINCE] for code, (key, _, _) in FEATURES.items() if key]
    return {
        "product_aliases": (["alias", "offering_key", "valid_from"], aliases),
        "offerings": (
            ["offering_key", "name", "kind", "licence_metric"],
            [
                *([k, n, "product" if rate else "collection", "named_user"] for n, k, _, rate in OFFERINGS),
                [CLOUD_OFFERING, CLOUD_NAME, "cloud", "named_user"],
            ],
        ),
        "collection_members": (["collection_key", "member_key", "valid_from"], [[c, m, SINCE] for c, m in MEMBERS]),
        "collection_coverage": (["collection_key", "complete", "valid_from"], [[COLLECTION, "yes", SINCE]]),
        "collection_exclusions": (
            ["collection_key", "offering_key", "valid_from"],
            [[OPEN_COLLECTION, EXCLUDED, SINCE]],
        ),
        "version_support": (
            ["offering_key", "valid_from", "oldest_eligible", "newest_covered", "end_of_support"],
            [["autocad", SINCE, 2023, 2027, 2020]],
        ),
        "feature_requirements": (
            ["feature", "valid_from", "required_offering_key", "kind"],
            [[AI, SINCE, "navisworks_manage", "ai"], [CLOUD, SINCE, "navisworks_manage", "cloud"]],
        ),
    }


def _money() -> dict[str, Table]:
    prices = [[k, "contract", "", SINCE, p, "EUR"] for _, k, p, _ in OFFERINGS]
    prices.append([CLOUD_OFFERING, "contract", "", SINCE, CLOUD_PRICE, "EUR"])
    prices += [[k, "list", "", SINCE, p + 200, "EUR"] for _, k, p, _ in OFFERINGS]
    return {
        "settings": (
            ["key", "value"],
            [["organisation", NORDBAU], ["currency", "EUR"], ["use_defaults", "false"]],
        ),
        "prices": (["offering_key", "basis", "contract_number", "valid_from", "amount", "currency"], prices),
        "token_prices": (
            ["contract_number", "valid_from", "amount", "currency"],
            [["", SINCE, TOKEN_PRICE, "EUR"]],
        ),
        "flex_rates": (
            ["offering_key", "valid_from", "tokens_per_day"],
            [[k, SINCE, rate] for _, k, _, rate in OFFERINGS if rate],
        ),
    }


def _contracts(world: World) -> dict[str, Table]:
    rows = [
        [
            number,
            "subscription",
            contract_start(world),
            end,
            end,
            MEASURES.get(team, "unknown"),
            "DE;AT" if team == HARBOUR else "",
        ]
        for team, number in CONTRACTS.items()
        for end in [contract_end(world, team)]
    ]
    header = ["contract_number", "kind", "start_date", "end_date", "renewal_date", "true_up_measure", "territory"]
    return {"contracts": (header, rows)}


def _people(world: World) -> dict[str, Table]:
    rules = [[g.team, g.name, g.grants, SINCE, g.intended] for g in world.groups if g.grants]
    admins = [
        [p.email, p.role, p.home, SINCE if p.role_from < world.months[0] else f"{p.role_from}-01", "head of IT"]
        for p in world.people
        if p.role != "User" and p.approved
    ]
    domains = [[FIRM, "corporate"], [BOUGHT, "acquired"], [PARTNER, "partner"]]
    aliases = [[p.former_email, p.email] for p in world.people if p.former_email]
    decided = [
        [
            hashlib.sha256(d.key.encode()).hexdigest()[:16],
            f"{d.decided}T09:00:00Z",
            d.decision,
            d.until,
            "licence manager",
            d.reason,
        ]
        for d in world.decisions
    ]
    signed = [[activity, period, "licence manager", f"{day}T09:00:00Z"] for activity, period, day in world.sign_offs]
    return {
        "sign_offs": (["activity", "period", "by", "at"], signed),
        "person_aliases": (["alias_email", "email"], aliases),
        "dispositions": (["finding_id", "decided_at", "decision", "until", "by", "reason"], decided),
        "group_rules": (["team_alias", "group", "offering_key", "valid_from", "intended"], rules),
        "approved_admins": (["email", "role", "team_alias", "valid_from", "approved_by"], admins),
        "sso_domains": (["domain", "kind"], domains),
    }
