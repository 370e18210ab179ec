"""CON: contractors and generic accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from tests.oracle.foundations import World
from tests.oracle.terms import Finding, Outcome, domain_of


def con_01(w: World) -> Outcome:
    """CON-01: contractor with end_date < as_of, in A; of several entries the latest end counts, an empty one is
    open.
    """
    found = []
    for seat in w.seats.values():
        end = w.contractor_end(seat.person)
        if end is not None and end < w.as_of:
            price, days = w.price(seat.team, seat.offering), (w.as_of - end).days
            amount = price.amount
            found.append(Finding("CON-01", "critical", *seat.key, None, days, 0, days, amount, price))
    return Outcome(found)


def con_02(w: World) -> Outcome:
    """CON-02: in A, domain not in sso_domains, not in the contractor register (valid or not)."""
    outcome = Outcome()
    if not w.whole("contractors"):
        return outcome
    for seat in w.seats.values():
        known = w.domain_kind(seat.person) is not None or seat.person in w.register_of_contractors
        if not domain_of(seat.person) or known:
            continue
        if w.rejected(seat.person, "contractors"):
            outcome.left_out += 1
            continue
        price = w.price(seat.team, seat.offering)
        amount = price.amount
        outcome.findings.append(Finding("CON-02", "high", *seat.key, None, 1, 0, 1, amount, price, action="review"))
    return outcome


def con_03(w: World) -> Outcome:
    """CON-03: LRT use in the last 365 days by somebody in the register who holds neither the offering nor a
    collection with it.
    """
    outcome = Outcome()
    if not (w.whole("usage_report") and w.whole("users")):
        return outcome
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for r in w.lrt:
        if r["person"] in w.register_of_contractors and not w.holds(r["person"], r["offering"]):
            days[(r["offering"], r["person"])].add(r["day"])
    for (offering, person), found in days.items():
        if w.not_known(person, offering) or w.rejected(person, "users", "usage_report"):
            outcome.left_out += 1
            continue
        outcome.findings.append(Finding("CON-03", "critical", None, offering, person, None, len(found), 0, len(found)))
    outcome.left_out += len(w.hidden_persons(date.min))
    return outcome


def con_04(w: World) -> Outcome:
    """CON-04: a generic account in A: the local part begins with one of the patterns, and no HR record."""
    outcome = Outcome()
    if not w.whole("hr_workers"):
        return outcome
    patterns = tuple(p.strip() for p in w.parameter("CON-04", "pattern").lower().split(";") if p.strip())
    for seat in w.seats.values():
        if not domain_of(seat.person) or not seat.person.startswith(patterns) or w.hr_record(seat.person) is not None:
            continue
        if not w.joinable("hr_workers", seat.person) or w.rejected(seat.person, "hr_workers"):
            outcome.left_out += 1
            continue
        price = w.price(seat.team, seat.offering)
        amount = price.amount
        outcome.findings.append(Finding("CON-04", "high", *seat.key, None, 1, 0, 1, amount, price, action="review"))
    return outcome


RULES: dict[str, Callable[[World], Outcome]] = {"CON-01": con_01, "CON-02": con_02, "CON-03": con_03, "CON-04": con_04}
