"""The vocabulary of the pages: activities, states, severities and actions in plain English; numbers and dates for
readers.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.partitions import as_of

SEVERITIES = ("critical", "high", "medium", "low", "info")
ACTIVITIES = {
    "user_activity_audit": "User activity audit",
    "assignment_vs_entitlement": "Assignment against entitlement",
    "flex_token_consumption": "Flex token consumption",
    "usage_right_sizing": "Usage and right-sizing",
    "sso_group_mapping": "SSO group mapping",
    "admin_privilege": "Admin privilege",
    "lrt_pre_audit": "LRT pre-audit",
    "entitlement_vs_billing": "Entitlement against billing",
}
OUTPUTS = {
    "deprovisioning_list": "De-provisioning list",
    "compliance_gap_register": "Compliance gap register",
    "token_forecast": "Token forecast update",
    "reallocation_candidates": "Reallocation candidates",
    "provisioning_rules_update": "Provisioning rules update",
    "admin_roster_reconciliation": "Admin roster reconciliation",
    "audit_readiness": "Audit readiness report",
    "renewal_brief": "Renewal negotiation brief",
}
# The nature of an action's amount, shown after it.
KINDS = {"owe": "to be paid or cured now", "risk": "falls due, or would be claimed,", "save": "can be saved"}
# state of a review: symbol (legible without colour), words
STATES = {
    "signed_off": ("✓", "signed off"),
    "produced": ("●", "produced, awaiting sign-off"),
    "waiting": ("…", "waiting for files"),
    "due": ("○", "due, not produced"),
    "overdue": ("!", "overdue"),
    "not_due": ("·", "not due"),
}
FIGURE_STATES = {
    "provisional": "Late data can still change this figure; it settles when the drop of two months later is in.",
    "settled": "The late data is in; only a corrected file, rule, price or term would change this figure.",
    "restated": "This figure was published before and has been changed since.",
}
ACTIONS = {
    "add_alias": "Name the unknown product",
    "appoint": "Appoint a second administrator",
    "approve": "Approve or remove the administrator",
    "ask_vendor": "Ask the vendor",
    "assign_or_stop": "Assign a seat or stop the use",
    "buy_or_free_licences": "Buy licences or free some",
    "buy_or_stop": "Buy the right or stop the use",
    "buy_tokens": "Buy tokens or reduce consumption",
    "confirm_coverage": "Say whether the collection contains it",
    "check_licence_file": "Compare the log with the licence file",
    "edit_directory": "Correct the account in the directory",
    "edit_group": "Edit the group",
    "fix_sync": "Switch directory sync on",
    "give_seat": "Reassign the seat",
    "hold": "Wait until the leave ends",
    "investigate": "Investigate",
    "move": "Move seats between teams",
    "narrow": "Narrow the group rule",
    "reconcile": "Reconcile the two sources",
    "reduce_at_renewal": "Reduce at renewal",
    "remove": "Remove administrators",
    "remove_from_hub": "Remove from the hub",
    "remove_version": "Remove the version",
    "renew_or_unassign": "Renew or reclaim seats",
    "replace_by_paid_licence": "Replace it by a paid licence",
    "review": "Review",
    "speed_up": "Reclaim seats sooner",
    "split": "Split the group",
    "to_collection": "Move to the collection",
    "to_flex": "Move to Flex",
    "to_seat": "Move to a seat",
    "to_single": "Move to a single product",
    "true_up": "Settle the true-up",
    "unassign": "Reclaim the seats",
    "unassign_or_buy": "Reclaim seats or buy",
    "unassign_or_renew": "Reclaim seats or renew",
    "uninstall_or_buy": "Uninstall or buy",
    "upgrade": "Upgrade the version",
    "use_or_move": "Use the tokens or move them",
    "withdraw_invitation": "Withdraw the invitation",
}
METHODS = {"v_now": "the current rate continues", "block_bootstrap": "past weeks resampled"}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def action(name: str | None) -> str:
    """An action in the imperative."""
    return ACTIONS.get(name or "", (name or "review").replace("_", " ").capitalize())


def month_name(review_month: str) -> str:
    """`2026-10` → `October 2026`."""
    last = as_of(review_month)
    return f"{_MONTHS[last.month - 1]} {last.year}"


def number(value: Any) -> str:
    """A number with thousands separators; decimals only if there are any."""
    if value is None:
        return "–"
    if isinstance(value, Decimal | float):
        # As text: decimal arithmetic is limited to 28 digits.
        text = f"{Decimal(str(value)):,.2f}"
        return text.removesuffix(".00")
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def money(value: Any, currency: str | None) -> str:
    """An amount with its currency; cents only if there are any."""
    return "not priced" if value is None else f"{number(Decimal(value))}\u00a0{currency or ''}".strip()


def day(value: date | None) -> str:
    """A date as ISO 8601."""
    return "–" if value is None else value.isoformat()


def things_to_do(count: int) -> str:
    """The heading of the list of things to do."""
    return ("No action needed", "One thing to do", "Two things to do", "Three things to do")[min(count, 3)]
