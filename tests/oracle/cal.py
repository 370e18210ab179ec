"""CAL: the compliance calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from tests.oracle.estate import month_after
from tests.oracle.foundations import World
from tests.oracle.terms import Finding, Outcome

MONTHLY = {
    "user_activity_audit": "deprovisioning_list",
    "assignment_vs_entitlement": "compliance_gap_register",
    "flex_token_consumption": "token_forecast",
    "usage_right_sizing": "reallocation_candidates",
}
QUARTERLY = {"sso_group_mapping": "provisioning_rules_update", "admin_privilege": "admin_roster_reconciliation"}
READINESS, BRIEF = "lrt_pre_audit", "entitlement_vs_billing"


def reviews(w: World, first: str) -> Iterator[tuple[set[str], set[str], str, date]]:
    """(names, periods, scope, due day) of the reviews of the months from the first drop on. "Due dates: monthly reviews
    on the 10th of the next month; quarterly on the 15th after the quarter; audit readiness by renewal - 90; the brief
    on renewal - 90", of which readiness is made in the month of renewal - 120 and the brief first in the last month
    with as_of before renewal - 90, and again by the drop after it.
    """
    month = first
    while month < w.month:
        year, number = (int(part) for part in month_after(month, 1).split("-"))
        for activity, output in MONTHLY.items():
            yield {activity, output}, {month}, f"{activity} {month}", date(year, number, 10)
        if month[5:] in ("03", "06", "09", "12"):
            for activity, output in QUARTERLY.items():
                yield {activity, output}, {month}, f"{activity} {month}", date(year, number, 15)
        month = month_after(month, 1)
    for c in w.ref("contracts"):
        if c["renewal_date"] is None:
            continue
        due = c["renewal_date"] - timedelta(days=90)
        ready = f"{c['renewal_date'] - timedelta(days=120):%Y-%m}"
        last = f"{due:%Y-%m}"
        brief = month_after(last, -1)
        if ready >= first:
            yield {READINESS, "audit_readiness"}, {ready}, f"{READINESS} {ready} {c['contract_number']}", due
        if brief >= first:
            yield {BRIEF, "renewal_brief"}, {brief, last}, f"{BRIEF} {brief} {c['contract_number']}", due


def cal_01(w: World) -> Outcome:
    """CAL-01: an overdue or missed review, as of as_of; observed days from due_on to as_of, high if more than 30."""
    outcome = Outcome()
    drops = [d for d in w.estate.drops if d <= w.month]
    if not drops:
        return outcome
    signed = {(r["activity"], r["period"]) for r in w.ref("sign_offs") if r["at"].date() <= w.as_of}
    for names, periods, scope, due in reviews(w, min(drops)):
        if due < w.as_of and not any((n, p) in signed for n in names for p in periods):
            days = (w.as_of - due).days
            severity = "high" if days > w.number("CAL-01", "high_days") else "medium"
            outcome.findings.append(
                Finding("CAL-01", severity, None, None, None, scope, days, 0, days, action="sign_off")
            )
    return outcome


RULES: dict[str, Callable[[World], Outcome]] = {"CAL-01": cal_01}
