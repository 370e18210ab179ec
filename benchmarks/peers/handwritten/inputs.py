"""Columns of the CSV files of the bench estate, and the views that read them. Nothing is sniffed: what stands here is
what is there.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

# Input: its columns in the order of the file; text unless a type follows the colon. Files that are not there are empty.
DROP = {
    "balance": "team balance_date:date stated:decimal(18,4)",
    "contractors": "email company start_date:date end_date:date device_policy",
    "entra": "upn given_name surname mail user_id user_type account_enabled:boolean department company employee_id "
    "leave_at:date",
    "groups": "group_name email group_type role team",
    "hr": "employee_id email first_name last_name status worker_type hire_date:date leave_date:date department "
    "legal_entity cost_centre country upn",
    "packs": "pack_id team tokens:decimal(18,4) start_date:date end_date:date amount:decimal(18,4) currency "
    "contract_number",
    "perpetual": "serial_number offering_name version seats:bigint licence_kind",
    "sam": "email offering_name last_used:date days_used_12m:integer",
    "sso": "team domain domain_verified:boolean sso_enabled:boolean directory_sync_enabled:boolean default_offerings",
    "subscriptions": "contract_number subscription_id offering_name seat_quantity:bigint start_date:date "
    "end_date:date autorenew_date:date "
    "term subscription_status reseller_name reseller_email team",
    "telemetry": "event_id event_at:timestamp received_at:timestamp email device_id product version feature "
    "licence_claim "
    "duration_minutes:double country source team",
    "tokens": "day:date email first_name last_name offering_name team feature version tokens:decimal(18,4)",
    "usage": "hash autodesk_id email first_name last_name team offering_name product_name version access_option "
    "day:date",
    "usage_report": "hash first_name last_name email autodesk_id team group_name offering_name version "
    "seat_assignment assigned_date:timestamp "
    "unassigned_date:timestamp user_activity days_inactive access_option days_used monthly_average tokens_used "
    "last_accessed:date",
    "users": "email first_name last_name autodesk_id role account_status offering_name product_name team",
}
REFERENCE = {
    "approved_admins": "email role team valid_from:date approved_by",
    "collection_members": "collection_key member_key valid_from:date",
    "feature_requirements": "feature required_offering_key kind valid_from:date",
    "flex_rates": "offering_key tokens_per_day:decimal(18,4) valid_from:date",
    "group_rules": "team group_name offering_key intended valid_from:date",
    "person_aliases": "alias_email email",
    "prices": "offering_key basis amount:decimal(18,4) currency valid_from:date contract_number",
    "product_aliases": "alias offering_key valid_from:date",
    "sso_domains": "domain kind",
    "token_prices": "contract_number amount:decimal(18,4) currency valid_from:date",
    "version_support": "offering_key oldest_eligible:integer newest_covered:integer valid_from:date",
}
SHIPPED = {
    "defaults/collection_members": "collection_key member_key valid_from:date valid_to:date source read_on certainty",
    "defaults/flex_rates": "offering_key tokens_per_day:decimal(18,4) valid_from:date valid_to:date source read_on "
    "certainty",
    "defaults/product_aliases": "alias offering_key valid_from:date valid_to:date source read_on certainty",
    "defaults/rule_parameters": "rule_id parameter value valid_from:date valid_to:date source read_on",
}


def column_types(text: str) -> dict[str, str]:
    """Column -> SQL type of one of the lists above."""
    pairs = (part.split(":", 1) for part in text.split())
    return {p[0]: p[1] if len(p) > 1 else "varchar" for p in pairs}


def source_view(con: duckdb.DuckDBPyConnection, name: str, path: Path, columns: dict[str, str]) -> None:
    """Create the view `in_<name>` on a CSV file. Columns that the file does not have are null; without the file it is
    empty.
    """
    header = path.open(encoding="utf-8").readline().count(",") + 1 if path.is_file() else 0
    there = dict(list(columns.items())[:header])
    absent = ", ".join(f"null::{t} as {c}" for c, t in columns.items() if c not in there)
    if not there:
        con.execute(f"create or replace view in_{name} as select {absent} where false")
        return
    spec = ", ".join(f"'{c}': '{t}'" for c, t in there.items())
    con.execute(
        f"create or replace view in_{name} as select *{', ' if absent else ''}{absent} from read_csv('{path}', "
        "auto_detect = false, "
        f"header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', columns = {{{spec}}})"
    )
