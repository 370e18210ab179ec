"""Entitlement and position: ENT-01 ENT-02 ENT-04 ENT-05 ENT-12."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month

OFFERING_TEXTS = {
    "subscriptions": ("offering_name",),
    "users": ("offering_name", "product_name"),
    "usage_report": ("offering_name",),
    "product_access": ("offering_name",),
    "perpetual_licences": ("offering_name",),
    "sam_usage": ("offering_name",),
    "invoices": ("offering_name",),
    "usage": ("offering_name", "product_name"),
    "seat_usage": ("offering_name",),
    "token_usage": ("offering_name",),
    "lrt": ("product",),
    "tokenflex": ("product_name",),
}


def money(month: Month, team: str, offering: str, count: Any = 1) -> dict[str, Any]:
    """Exposure fields: count x price of the (team, offering)."""
    amount, currency, basis = month.seats.price(team, offering)
    return {
        "exposure": None if amount is None or count is None else amount * Fraction(count),
        "currency": currency,
        "basis": basis,
    }


def ent_04_applies(month: Month, team: str, offering: str) -> bool:
    """Assigned, nothing entitled, and a subscription ended before as_of."""
    seats = month.seats
    ended = any(r["end_date"] < month.as_of for r in seats.lines.get((team, offering), []))
    return seats.assigned.get((team, offering), 0) > 0 and seats.entitled(team, offering) == 0 and ended


def ent_01_applies(month: Month, team: str, offering: str) -> bool:
    """More assigned than entitled, and not ENT-04."""
    if not month.inputs.present("subscriptions") or not month.seats.known:
        return False
    return month.seats.gap_team(team, offering) > 0 and not ent_04_applies(month, team, offering)


def ent_01(month: Month) -> Result:
    """Over-assignment."""
    result = Result()
    for team, offering in month.seats.positions:
        if not ent_01_applies(month, team, offering):
            continue
        gap, gap_org = month.seats.gap_team(team, offering), month.seats.gap_org(offering)
        critical = gap_org > 0 and (
            gap_org >= month.ref.number("ENT-01", "critical_seats", offering)
            or gap_org >= month.ref.number("ENT-01", "critical_share", offering) * month.seats.org[offering][1]
        )
        result.findings.append(
            Finding(
                "ENT-01",
                team,
                offering,
                observed=month.seats.assigned[team, offering],
                threshold=month.seats.entitled(team, offering),
                excess=gap,
                severity="critical" if critical else "high",
                more={
                    "cure": "move" if gap_org <= 0 else "unassign_or_buy",
                    "seats_to_buy": None if gap_org <= 0 else max(0, gap_org),
                },
                **money(month, team, offering, gap),
            )
        )
    return result


def ent_02(month: Month) -> Result:
    """Unassigned stock."""
    result = Result()
    for team, offering in month.seats.positions:
        entitled, assigned = month.seats.entitled(team, offering), month.seats.assigned.get((team, offering), 0)
        excess = entitled - assigned - month.ref.number("ENT-02", "min_stock", offering)
        if excess <= max(Fraction(1), month.ref.number("ENT-02", "share", offering) * entitled):
            continue
        ends = [r["end_date"] for r in month.seats.in_force(team, offering)]
        notice = timedelta(days=int(month.ref.number("ENT-02", "notice_days", offering)))
        soon = bool(ends) and min(ends) <= month.as_of + notice
        result.findings.append(
            Finding(
                "ENT-02",
                team,
                offering,
                observed=assigned,
                threshold=entitled,
                excess=excess,
                severity="high" if soon else "medium",
                **money(month, team, offering, excess),
            )
        )
    return result


def ent_04(month: Month) -> Result:
    """Assigned after expiry."""
    result = Result()
    for team, offering in month.seats.positions:
        if not ent_04_applies(month, team, offering):
            continue
        last = max(r["end_date"] for r in month.seats.lines[team, offering] if r["end_date"] < month.as_of)
        gap = month.seats.gap_team(team, offering)
        result.findings.append(
            Finding(
                "ENT-04",
                team,
                offering,
                observed=month.seats.assigned[team, offering],
                threshold=0,
                excess=gap,
                severity="medium"
                if (month.as_of - last).days <= month.ref.number("ENT-04", "grace_days", offering)
                else "critical",
                **money(month, team, offering, gap),
            )
        )
    return result


def ent_05(month: Month) -> Result:
    """Expiry cliff."""
    result = Result()
    for team, offering in month.seats.positions:
        assigned = month.seats.assigned.get((team, offering), 0)
        gap = max(0, month.seats.gap_team(team, offering))
        for ahead in range(1, int(month.ref.number("ENT-05", "horizon_days", offering)) + 1):
            day = month.as_of + timedelta(days=ahead)
            entitled = month.seats.entitled(team, offering, day)
            forced = max(0, assigned - entitled) - gap
            if forced <= 0:
                continue
            near = ahead < month.ref.number("ENT-05", "near_days", offering)
            result.findings.append(
                Finding(
                    "ENT-05",
                    team,
                    offering,
                    scope=day.isoformat(),
                    observed=assigned,
                    threshold=entitled,
                    excess=forced,
                    severity="high" if near else "medium",
                    more={"cliff_date": day},
                    **money(month, team, offering, forced),
                )
            )
            break
    return result


def ent_12(month: Month) -> Result:
    """Texts without an alias."""
    result = Result()
    unknown = {
        month.ref.offering(row[column])
        for name, columns in OFFERING_TEXTS.items()
        for row in month.inputs.drop_rows(name)
        for column in columns
        if row[column]
    }
    for offering in sorted(unknown):
        if offering.startswith("unmapped:"):
            result.findings.append(
                Finding("ENT-12", offering=offering, observed=1, threshold=0, excess=1, severity="high")
            )
    return result


RULES = {"ENT-01": ent_01, "ENT-02": ent_02, "ENT-04": ent_04, "ENT-05": ent_05, "ENT-12": ent_12}
