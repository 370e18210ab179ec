"""When reviews come due: the activities of the calendar, and which of them a month requires. For months that were never
made and so are in no table.

Pure; the same dates as the model `review_calendar`, which a test compares. Knows nothing of sign-offs or results.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.partitions import parse_month, shift

MONTHLY = (
    ("user_activity_audit", "deprovisioning_list"),
    ("assignment_vs_entitlement", "compliance_gap_register"),
    ("flex_token_consumption", "token_forecast"),
    ("usage_right_sizing", "reallocation_candidates"),
)
QUARTERLY = (("sso_group_mapping", "provisioning_rules_update"), ("admin_privilege", "admin_roster_reconciliation"))
# Both are due 90 days before the renewal. The readiness report is made in the month that contains the day 120 days
# before it, the brief in the last month that ends before its due date, and again in the month of the due date.
READINESS, BRIEF = ("lrt_pre_audit", "audit_readiness"), ("entitlement_vs_billing", "renewal_brief")
READINESS_DAYS = 120
# Titles of upcoming calendar entries that are not reviews.
EVENTS = {
    "renewal": "Renewal",
    "renewal_in_90_days": "Renewal in 90 days: the decision is due",
    "renewal_in_120_days": "Renewal in 120 days: time to get ready",
    "pack_ends": "Last day of a pack of Flex tokens",
    "waiver_ends": "Last day of a waiver",
}
QUARTER_ENDS = {3, 6, 9, 12}
MONTHLY_DUE_DAY, QUARTERLY_DUE_DAY, RENEWAL_DUE_DAYS = 10, 15, 90


@dataclass(frozen=True)
class Contract:
    """A contract of the company's table: its number and its next renewal."""

    number: str
    renewal_date: date


@dataclass(frozen=True, order=True)
class Review:
    """A review that a month requires. contract_number: '' if it is not about a single contract."""

    due_on: date
    activity: str
    output: str
    period: str
    contract_number: str = ""


def due_day(month: str, day: int) -> date:
    """The given day of the month after `month`, in which the reviews of `month` are due."""
    year, number = parse_month(shift(month, 1))
    return date(year, number, day)


def is_quarter_end(month: str) -> bool:
    """Whether the quarterly reviews are made in this month."""
    return parse_month(month)[1] in QUARTER_ENDS


def reviews_of(month: str, contracts: Iterable[Contract] = ()) -> list[Review]:
    """Every review that a month requires, by due date: monthly, quarterly at quarter ends, pre-renewal by the dates of
    the contracts.
    """
    found = [Review(due_day(month, MONTHLY_DUE_DAY), a, o, month) for a, o in MONTHLY]
    if is_quarter_end(month):
        found += [Review(due_day(month, QUARTERLY_DUE_DAY), a, o, month) for a, o in QUARTERLY]
    found += [r for r in pre_renewal_reviews(contracts) if r.period == month]
    return sorted(found)


def pre_renewal_reviews(contracts: Iterable[Contract]) -> list[Review]:
    """The pre-renewal reviews of the contracts, each with the first month in which it is made, by due date."""
    found = []
    for contract in contracts:
        due_on = contract.renewal_date - timedelta(days=RENEWAL_DUE_DAYS)
        readiness = contract.renewal_date - timedelta(days=READINESS_DAYS)
        found.append(Review(due_on, *READINESS, f"{readiness:%Y-%m}", contract.number))
        found.append(Review(due_on, *BRIEF, shift(f"{due_on:%Y-%m}", -1), contract.number))
    return sorted(found)
