"""ADM: administration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from tests.oracle.estate import Row, valid
from tests.oracle.foundations import World
from tests.oracle.idn import ghost, use_is_whole
from tests.oracle.terms import Finding, Outcome, domain_of, fold


def is_admin_role(role: str | None) -> bool:
    """Folded role `contract_manager`, or with a word beginning with `admin` and none of `non`, `not`."""
    folded = fold(role or "")
    words = folded.split("_")
    admin = any(word.startswith("admin") for word in words) and not {"non", "not"} & set(words)
    return folded == "contract_manager" or admin


def admin_roles(rows: list[Row]) -> set[tuple[str, str, str]]:
    """(team, person, folded role) of admins."""
    return {(r["team"], r["person"], fold(r["role"])) for r in rows if is_admin_role(r["role"])}


def admins(w: World) -> set[tuple[str, str]]:
    """(team, person) with an admin role in drop(M)."""
    return {(t, p) for t, p, _ in admin_roles(w.users)}


def adm_01(w: World) -> Outcome:
    """ADM-01: more than 5 admins in a team, or more than 2 % of its persons where there are at least 100."""
    outcome = Outcome()
    persons: dict[str, set[str]] = defaultdict(set)
    for r in w.users:
        persons[r["team"]].add(r["person"])
    for team, everybody in persons.items():
        n = sum(t == team for t, _ in admins(w))
        most, share = w.number("ADM-01", "max_admins"), w.number("ADM-01", "max_share") * len(everybody)
        by_share = len(everybody) >= w.number("ADM-01", "min_persons") and n > share and w.whole("users")
        if n > most or by_share:
            limit = most if n > most else share
            outcome.findings.append(
                Finding("ADM-01", "medium", team, None, None, None, n, limit, n - limit, action="remove")
            )
    return outcome


def adm_02(w: World) -> Outcome:
    """ADM-02: admin with a directory match and no use and no directory sign-in later than cutoff - 180."""
    outcome = Outcome()
    if w.is_stale or not use_is_whole(w):
        return outcome
    limit = int(w.number("ADM-02", "days"))
    for team, person in admins(w):
        account = w.account(person)
        if account is None:
            continue
        days = [u.day for u in w.uses_of.get(person, ())]
        # Use as the foundations have it: use days, and the last_accessed of an assignment.
        days += [s.last_accessed for s in w.seats_of.get(person, ()) if s.last_accessed]
        signed = account["last_sign_in_at"]
        days += [signed.date()] if signed is not None and signed.year >= 1970 else []
        last = max(days, default=None)
        if last is not None and last > w.cutoff - timedelta(limit):
            continue
        unread = w.unread(account, "last_sign_in_at")
        unread |= any(w.access_unread(s) for s in w.seats_of.get(person, ()))
        if unread or w.rejected(person, "usage", "seat_usage", "token_usage", "lrt"):
            outcome.left_out += 1
            continue
        seen = (w.cutoff - last).days if last else None
        outcome.findings.append(
            Finding("ADM-02", "medium", team, None, person, None, seen, limit, None, action="remove")
        )
    return outcome


def adm_03(w: World) -> Outcome:
    """ADM-03: admin who is a ghost."""
    found = [
        Finding("ADM-03", "critical", t, None, p, None, 1, 0, 1, confidence="high", action="remove")
        for t, p in admins(w)
        if ghost(w, p) is not None
    ]
    return Outcome(found)


def adm_04(w: World) -> Outcome:
    """ADM-04: admin whose domain is not in sso_domains."""
    found = [
        Finding("ADM-04", "critical", t, None, p, None, 1, 0, 1, action="remove")
        for t, p in admins(w)
        if domain_of(p) and w.domain_kind(p) is None
    ]
    return Outcome(found)


def approvals(w: World) -> set[tuple[str | None, str, str]]:
    """(team or none, person, folded role) approved at as_of."""
    rows = [r for r in w.ref("approved_admins") if valid(r, w.as_of)]
    return {(r["team_alias"], w.mapped(r["email"]) or "", fold(r["role"])) for r in rows}


def adm_05(w: World) -> Outcome:
    """ADM-05: admin roles against approvals, both ways; an approval without team is satisfied by any."""
    outcome = Outcome()
    roles, approved = admin_roles(w.users), approvals(w)
    unapproved: dict[tuple[str, str], int] = defaultdict(int)
    missing: dict[tuple[str | None, str], int] = defaultdict(int)
    for team, person, role in roles:
        if not {(team, person, role), (None, person, role)} & approved:
            unapproved[(team, person)] += 1
    if w.whole("users"):
        for where, person, role in approved:
            there = any(p == person and r == role and where in (None, t) for t, p, r in roles)
            if not there:
                missing[(where, person)] += 1
    for (team, person), n in unapproved.items():
        outcome.findings.append(Finding("ADM-05", "high", team, None, person, "unapproved", n, 0, n, action="approve"))
    for (where, person), n in missing.items():
        if w.rejected(person, "users"):
            outcome.left_out += 1
            continue
        outcome.findings.append(Finding("ADM-05", "high", where, None, person, "missing", n, 0, n, action="appoint"))
    return outcome


def adm_06(w: World) -> Outcome:
    """ADM-06: an admin role absent in drop(M-1), present now, without an approval."""
    outcome = Outcome()
    drop = w.months_before(1)
    if not w.whole("users", drop):
        return outcome
    before, approved = admin_roles(w.users_of(drop)), approvals(w)
    new = {(t, p) for t, p, r in admin_roles(w.users) - before if not {(t, p, r), (None, p, r)} & approved}
    for team, person in new:
        if w.rejected(person, "users", drop=drop):
            outcome.left_out += 1
            continue
        outcome.findings.append(Finding("ADM-06", "high", team, None, person, None, 1, 0, 1))
    return outcome


def adm_07(w: World) -> Outcome:
    """ADM-07: a team with fewer than two admins, or whose primary admins are all ghosts."""
    outcome = Outcome()
    if not w.whole("users"):
        return outcome
    roles = admin_roles(w.users)
    for team in sorted({r["team"] for r in w.users}):
        n = len({p for t, p, _ in roles if t == team})
        primary = {p for t, p, r in roles if t == team and "primary" in r}
        limit = int(w.number("ADM-07", "admins")) if has(w, "ADM-07", "admins") else 2
        if n < limit or (primary and all(ghost(w, p) is not None for p in primary)):
            excess = max(0, limit - n)
            outcome.findings.append(
                Finding("ADM-07", "high", team, None, None, None, n, limit, excess, action="appoint")
            )
    return outcome


def has(w: World, rule: str, parameter: str) -> bool:
    """Whether a parameter is in rule_parameters at all."""
    return any(r["rule_id"] == rule and r["parameter"] == parameter for r in w.ref("rule_parameters"))


RULES: dict[str, Callable[[World], Outcome]] = {
    "ADM-01": adm_01,
    "ADM-02": adm_02,
    "ADM-03": adm_03,
    "ADM-04": adm_04,
    "ADM-05": adm_05,
    "ADM-06": adm_06,
    "ADM-07": adm_07,
}
