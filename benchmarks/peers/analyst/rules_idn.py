"""Identity and administration: IDN-01 02 04 07 09 10 11, ADM-01 03 04 05 07, CON-01 to CON-04."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.rules_ent import ent_01_applies, money
from benchmarks.peers.analyst.text import Row, fold
from pipelines.reference.predicate import PredicateError, parse


def ghost_days(month: Month, left_on: date | None, assigned: date | None) -> int | None:
    """Days since the later of leaving and assignment."""
    if left_on is None:
        return None
    return max(0, (month.as_of - max(left_on, assigned or left_on)).days)


def idn_01(month: Month) -> Result:
    """Ghosts."""
    result = Result()
    for (team, offering, person), seat in sorted(month.seats.a.items()):
        ghost = month.people.ghost(person)
        if ghost is None:
            continue
        days = ghost_days(month, ghost[1], seat["assigned_date"])
        old = days is not None and days > month.ref.number("IDN-01", "critical_days", offering)
        result.findings.append(
            Finding(
                "IDN-01",
                team,
                offering,
                person,
                ghost[0],
                observed=days,
                threshold=0,
                excess=days,
                severity="critical" if old or ent_01_applies(month, team, offering) else "high",
                more={"left_on": ghost[1], "ghost_days": days},
                **money(month, team, offering, None if days is None else Fraction(days, 365)),
            )
        )
    return result


def idn_02(month: Month) -> Result:
    """Use after leaving."""
    found: dict[tuple[str, str], set[date]] = {}
    for row in month.inputs.events:
        person, day = row["person"], row["day"]
        if person is None or not month.seats.window_start < day <= month.as_of:
            continue
        record = month.people.record(person)
        if record is None or record["in_force"] or record["leave_date"] is None:
            continue
        if day > record["leave_date"] + timedelta(days=1):
            found.setdefault((row["offering"], person), set()).add(day)
    return Result(
        [
            Finding("IDN-02", offering=o, person=p, observed=len(d), threshold=0, excess=len(d), severity="critical")
            for (o, p), d in sorted(found.items())
        ]
    )


def members(month: Month, team: str, group: str) -> set[str]:
    """Persons of a portal group."""
    return {p for t, g, p in month.inputs.groups if (t, g) == (team, group)}


def idn_04(month: Month) -> Result:
    """Members whom the group is not meant for."""
    result = Result()
    for (team, group), rules in sorted(month.seats.granting.items()):
        for rule in rules:
            if not (rule["intended"] or "").strip():
                continue
            try:
                satisfied = parse(rule["intended"])
            except PredicateError:
                continue
            persons = members(month, team, group)
            records = [r for r in (month.people.record(p) for p in persons) if r is not None]
            outside = sum(1 for r in records if satisfied(r) is not True)
            least, share = (month.ref.number("IDN-04", n, rule["offering_key"]) for n in ("min", "share"))
            if outside > 0 and (outside >= least or outside >= share * len(persons)):
                result.findings.append(
                    Finding(
                        "IDN-04",
                        team,
                        rule["offering_key"],
                        scope=group,
                        observed=outside,
                        threshold=least,
                        excess=outside,
                        severity="high",
                    )
                )
    return result


def idn_07(month: Month) -> Result:
    """Two or more routes."""
    result = Result()
    for (team, offering, person), routes in sorted(month.seats.routes.items()):
        count = len([r for r in routes if r != "direct"])
        if count >= 2:
            result.findings.append(
                Finding("IDN-07", team, offering, person, observed=count, threshold=1, excess=count - 1, severity="low")
            )
    return result


def idn_09(month: Month) -> Result:
    """Seats of unknown domains."""
    return Result(
        [
            Finding("IDN-09", t, o, p, observed=1, threshold=0, excess=1, severity="high", **money(month, t, o))
            for t, o, p in sorted(month.seats.a)
            if month.people.domain_known(p) is False
        ]
    )


def idn_10(month: Month) -> Result:
    """SSO without directory sync."""
    teams = {t for t, _, _ in month.seats.a}
    off = {r["team"] for r in month.inputs.sso if r["sso_enabled"] and not r["directory_sync_enabled"]}
    return Result(
        [Finding("IDN-10", t, observed=1, threshold=0, excess=1, severity="high") for t in sorted(teams & off)]
    )


def invited(rows: list[Row]) -> set[tuple[str, str, str]]:
    """(team, offering, person) pending or invited."""
    return {
        (r["team"], r["offering"], r["person"]) for r in rows if r["offering"] and r["status"] in {"pending", "invited"}
    }


def idn_11(month: Month) -> Result:
    """Invitations that hold a seat."""
    before = invited(month.inputs.users_before())
    return Result(
        [
            Finding(
                "IDN-11",
                t,
                o,
                p,
                observed=1,
                threshold=0,
                excess=1,
                severity="low",
                confidence="high" if (t, o, p) in before else "low",
                **money(month, t, o),
            )
            for t, o, p in sorted(invited(month.inputs.users))
        ]
    )


# ---- administrators -------------------------------------------------------------------------------------------------


def admins(month: Month) -> dict[str, set[str]]:
    """team of users rows → persons with an admin role."""
    found: dict[str, set[str]] = {}
    for row in month.inputs.users:
        found.setdefault(row["team"], set())
        if row["admin"]:
            found[row["team"]].add(row["person"])
    return found


def adm_01(month: Month) -> Result:
    """Too many administrators."""
    result = Result()
    for team, who in sorted(admins(month).items()):
        persons = len({r["person"] for r in month.inputs.users if r["team"] == team})
        most, share, least = (month.ref.number("ADM-01", n) for n in ("max_admins", "max_share", "min_persons"))
        threshold = (
            most if len(who) > most else share * persons if persons >= least and len(who) > share * persons else None
        )
        if threshold is not None:
            result.findings.append(
                Finding("ADM-01", team, observed=len(who), threshold=threshold, excess=len(who) - threshold)
            )
    return result


def adm_03(month: Month) -> Result:
    """Administrators who are ghosts."""
    return Result(
        [
            Finding("ADM-03", t, person=p, observed=1, threshold=0, excess=1, severity="critical")
            for t, who in sorted(admins(month).items())
            for p in sorted(who)
            if month.people.ghost(p)
        ]
    )


def adm_04(month: Month) -> Result:
    """Administrators of unknown domains."""
    return Result(
        [
            Finding("ADM-04", t, person=p, observed=1, threshold=0, excess=1, severity="critical")
            for t, who in sorted(admins(month).items())
            for p in sorted(who)
            if month.people.domain_known(p) is False
        ]
    )


def adm_05(month: Month) -> Result:
    """Roster against portal."""
    portal = {(r["team"], r["person"], r["folded_role"]) for r in month.inputs.users if r["admin"]}
    approved = {
        (r["team_alias"] or "", month.inputs.alias(r["email"]), fold(r["role"]))
        for r in month.ref.valid("approved_admins")
    }
    anywhere = {(p, r) for _, p, r in portal}
    roles: dict[tuple[str, str, str], int] = {}
    for team, person, role in portal:
        if (team, person, role) not in approved and ("", person, role) not in approved:
            roles[team, person, "unapproved"] = roles.get((team, person, "unapproved"), 0) + 1
    for approval in approved:
        team, who, role = approval
        there = (who, role) in anywhere if not team else approval in portal
        if not there:
            roles[team, who or "", "missing"] = roles.get((team, who or "", "missing"), 0) + 1
    return Result(
        [
            Finding("ADM-05", t, person=p, scope=s, observed=n, threshold=0, excess=n, severity="high")
            for (t, p, s), n in sorted(roles.items())
        ]
    )


def adm_07(month: Month) -> Result:
    """No second administrator, or only ghosts as primary."""
    result = Result()
    for team, who in sorted(admins(month).items()):
        primary = {
            r["person"]
            for r in month.inputs.users
            if r["team"] == team and r["admin"] and "primary" in r["folded_role"]
        }
        if len(who) < 2 or (primary and all(month.people.ghost(p) for p in primary)):
            result.findings.append(
                Finding("ADM-07", team, observed=len(who), threshold=2, excess=max(0, 2 - len(who)), severity="high")
            )
    return result


# ---- contractors ----------------------------------------------------------------------------------------------------


def con_01(month: Month) -> Result:
    """Contract over, seat still there."""
    result = Result()
    for team, offering, person in sorted(month.seats.a):
        entry = month.people.contractor(person)
        if entry is None or entry["end_date"] is None or entry["end_date"] >= month.as_of:
            continue
        days = (month.as_of - entry["end_date"]).days
        result.findings.append(
            Finding(
                "CON-01",
                team,
                offering,
                person,
                observed=days,
                threshold=0,
                excess=days,
                severity="critical",
                **money(month, team, offering),
            )
        )
    return result


def con_02(month: Month) -> Result:
    """Outsiders without an entry."""
    return Result(
        [
            Finding("CON-02", t, o, p, observed=1, threshold=0, excess=1, severity="high", **money(month, t, o))
            for t, o, p in sorted(month.seats.a)
            if month.people.domain_known(p) is False and month.people.contractor(p) is None
        ]
    )


def con_03(month: Month) -> Result:
    """Contractors who use without a seat."""
    found: dict[tuple[str, str], set[date]] = {}
    left_out = set()
    for row in month.seats.lrt_window:
        person, offering = row["person"], row["offering"]
        if month.seats.left_out(person, row["team"]):
            left_out.add(person)
        elif month.people.contractor(person) is not None and not month.seats.holding(person, offering):
            found.setdefault((offering, person), set()).add(row["day"])
    return Result(
        [
            Finding("CON-03", offering=o, person=p, observed=len(d), threshold=0, excess=len(d), severity="critical")
            for (o, p), d in sorted(found.items())
        ],
        len(left_out),
    )


def con_04(month: Month) -> Result:
    """Generic accounts."""
    patterns = tuple(p.strip().lower() for p in month.ref.text("CON-04", "pattern").split(";") if p.strip())
    return Result(
        [
            Finding("CON-04", t, o, p, observed=1, threshold=0, excess=1, severity="high", **money(month, t, o))
            for t, o, p in sorted(month.seats.a)
            if not p.startswith("hash:") and p.split("@")[0].startswith(patterns) and month.people.record(p) is None
        ]
    )


RULES = {
    "IDN-01": idn_01,
    "IDN-02": idn_02,
    "IDN-04": idn_04,
    "IDN-07": idn_07,
    "IDN-09": idn_09,
    "IDN-10": idn_10,
    "IDN-11": idn_11,
    "ADM-01": adm_01,
    "ADM-03": adm_03,
    "ADM-04": adm_04,
    "ADM-05": adm_05,
    "ADM-07": adm_07,
    "CON-01": con_01,
    "CON-02": con_02,
    "CON-03": con_03,
    "CON-04": con_04,
}
