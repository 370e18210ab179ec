"""Models read in one direction, and nothing reads two arrows back: raw and reference → staging → intermediate → rules →
calendar and marts (docs/architecture.md). What is exempt is named here with its reason, and no longer than it is read.

Holds no expectation of what a model makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from tests.dbt.macros import PROJECT, models, schemas

# Layer → the layers that it may read. The reference tables are the company's own, resolved for each review month before
# dbt begins; nothing is staged of them. What is published is made of `int_finding` and of the foundations, never of a
# rule view, which does not ask whether the rule could run.
READS = {
    "staging": {"raw"},
    "intermediate": {"staging", "intermediate", "reference"},
    "rules": {"intermediate", "rules", "reference"},
    "calendar": {"intermediate", "calendar", "marts", "reference"},
    "marts": {"intermediate", "calendar", "marts", "reference"},
}
# What ingestion says of files, cells and the run: typed and judged by it, of no drop's contents. Foundations ask it
# what was whole; calendar publishes it.
RECORDS = {
    "raw.failed_rule",
    "raw.file_register",
    "raw.rejected_rows",
    "raw.rejected_subject",
    "raw.run_info",
    "raw.run_month",
    "raw.unknown_value",
    "raw.unread_cell",
    "raw.unread_row",
}
# Counts of event rows in the words of the files, made when a file is loaded (decision 0026). They are of no review
# month: staged, each month would hold them again.
COUNTS_OF_EVENTS = {"raw.device_cell", "raw.lag_cell", "raw.lrt_trait", "raw.session_pair", "raw.use_cell"}
EVERY_DROP = "all drops that the month sees, of which staging shows one"
EARLIER_DROP = "the drop of an earlier month, of which staging shows the month's own"
# Model → the delivered tables that it reads before they are staged, and why.
DELIVERED = {
    "int_claim_install": ({"device_inventory"}, EVERY_DROP),
    "int_claim_use": ({"lrt", "seat_usage", "token_usage", "usage"}, EVERY_DROP),
    "int_clock": ({"usage_report"}, EVERY_DROP),
    "int_inventory_device": ({"device_inventory"}, EVERY_DROP),
    "int_name_seen": (
        {
            *("invoices", "lrt", "perpetual_licences", "product_access", "sam_usage", "seat_usage", "subscriptions"),
            *("token_usage", "tokenflex", "usage", "usage_report", "users"),
        },
        EVERY_DROP,
    ),
    "int_nlm_silent": ({"nlm_status"}, EARLIER_DROP),
    "int_person_hash": ({"lrt", "usage", "usage_report"}, EVERY_DROP),
    "int_previous_admin": ({"users"}, EARLIER_DROP),
    "int_previous_group_member": ({"directory_users", "groups", "hr_workers"}, EARLIER_DROP),
    "int_previous_invitation": ({"users"}, EARLIER_DROP),
    "int_use_row": ({"lrt", "seat_usage", "token_usage", "usage"}, EVERY_DROP),
}
# They gather the rule views, and are kept between runs as all of `intermediate` is.
GATHER_RULES = {"int_finding_row", "int_finding_of_seat"}


def tables(statement: str) -> set[str]:
    """The tables and views that a rendered statement reads."""
    plain = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", statement))
    return set(re.findall(r"\b(?:raw|reference|staging|intermediate|rules|calendar|marts)\.\w+", plain))


@cache
def edges() -> frozenset[tuple[str, str]]:
    """(model, what it reads), of the first run and of later ones, and of the Python models."""
    found = {
        (name, t) for later in (False, True) for name, text in models("duckdb", later).items() for t in tables(text)
    }
    for path in (PROJECT / "models").rglob("*.py"):
        found |= {(path.stem, f"{schemas()[n]}.{n}") for n in re.findall(r'ref\("(\w+)"\)', path.read_text("utf-8"))}
    return frozenset((name, table) for name, table in found if table != f"{schemas()[name]}.{name}")


def far_back(read: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges that no arrow allows and nothing exempts."""
    found = []
    for name, table in sorted(read):
        layer, (schema, short) = schemas()[name], table.split(".")
        allowed = (
            schema in READS[layer]
            or (layer in {"intermediate", "calendar"} and table in RECORDS)
            or (layer == "intermediate" and table in COUNTS_OF_EVENTS)
            or (name in DELIVERED and schema == "raw" and short in DELIVERED[name][0])
            or (name in GATHER_RULES and schema == "rules")
        )
        if not allowed:
            found.append((name, table))
    return found


def test_nothing_reads_two_arrows_back():
    assert len({name for name, _ in edges()}) > 300
    assert far_back(edges()) == []


def test_every_exemption_is_of_something_that_is_read():
    read = {table for _, table in edges()}
    assert read >= RECORDS | COUNTS_OF_EVENTS
    for name, (inputs, reason) in DELIVERED.items():
        assert reason
        assert inputs == {t.removeprefix("raw.") for n, t in edges() if n == name and t.startswith("raw.")} - {
            t.removeprefix("raw.") for t in RECORDS | COUNTS_OF_EVENTS
        }, name
    assert {n for n, t in edges() if t.startswith("rules.") and schemas()[n] != "rules"} == GATHER_RULES


def test_an_edge_that_goes_too_far_back_is_found():
    planted = [
        ("use_01_inactive_seat", "staging.stg_portal__users"),
        ("use_01_inactive_seat", "raw.file_register"),
        ("use_01_inactive_seat", "calendar.findings"),
        ("int_seat", "raw.users"),
        ("int_seat", "rules.use_01_inactive_seat"),
        ("int_seat", "calendar.findings"),
        ("findings", "staging.stg_portal__users"),
        ("findings", "rules.use_01_inactive_seat"),
        ("findings", "raw.use_cell"),
        ("stg_portal__users", "staging.stg_portal__groups"),
        ("stg_portal__users", "reference.contracts"),
        ("fct_usage_daily", "raw.usage"),
        ("fct_usage_daily", "raw.file_register"),
    ]
    assert far_back(planted) == sorted(planted)
    assert tables("select 'raw.users' as r -- raw.groups\nfrom raw.lrt as l join intermediate.int_seat using (s)") == {
        "raw.lrt",
        "intermediate.int_seat",
    }
