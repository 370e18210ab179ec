"""Further published tables: roster, provisioning rules, audit readiness, renewal brief, the registers beside the
findings.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from benchmarks.peers.analyst.late_idn import groups_of
from benchmarks.peers.analyst.outputs import auditor_count, count_lines
from benchmarks.peers.analyst.review import Review
from benchmarks.peers.analyst.text import Row, fold
from pipelines.reference.predicate import PredicateError, parse

GAPS = ("ENT-01", "ENT-04", "ENT-05", "ENT-09", "ENT-10", "ENT-12", "ENT-13", "LRT-01", "LRT-02", "LRT-03", "LRT-07")
QUARTER = {"03", "06", "09", "12"}


def compliance_gap_register(one: Review) -> list[Row]:
    """Findings that an auditor would raise, with the position."""
    seats, rows = one.month.seats, []
    for finding in one.of(*GAPS):
        row: Row = {"review_month": one.month.month, "finding_id": finding.id, "rule_id": finding.rule}
        if finding.rule in {"ENT-01", "ENT-04", "ENT-05"}:
            team, offering = finding.team, finding.offering
            row |= {
                "entitled": seats.entitled(team, offering),
                "assigned": seats.assigned.get((team, offering), 0),
                "gap_team": seats.gap_team(team, offering),
                "gap_org": seats.gap_org(offering),
                "cliff_date": finding.more.get("cliff_date"),
            }
        rows.append(row)
    return rows


def admin_roster_reconciliation(one: Review) -> list[Row]:
    """A row per (team, person, folded role) of portal or approvals, one per team for ADM-07."""
    month = one.month
    if month.month[5:] not in QUARTER or not month.inputs.present("users"):
        return []
    portal = {(r["team"], r["person"], r["folded_role"]) for r in month.inputs.users if r["admin"]}
    approved = {
        (r["team_alias"] or "", month.inputs.alias(r["email"]) or "", fold(r["role"]))
        for r in month.ref.valid("approved_admins")
    }
    roles = set(portal)
    for team, person, role in approved:
        satisfied = any((p, r) == (person, role) for _, p, r in portal) if not team else False
        if not satisfied:
            roles.add((team, person, role))
    rows = []
    for team, person, role in sorted(roles):
        here = (team, person, role) in portal
        listed = (team, person, role) in approved or ("", person, role) in approved
        mine = {f.rule for f in one.of("ADM-02", "ADM-03", "ADM-04") if (f.team, f.person) == (team, person)}
        account, _ = month.people.account(person)
        if mine:
            action = "remove"
        elif here and not listed:
            action = "approve" if account is not None and account["account_enabled"] else "remove"
        else:
            action = "keep" if here else "appoint"
        rows.append(
            {
                "review_month": month.month,
                "team_alias": team,
                "person_key": person,
                "role": role,
                "on_roster": listed,
                "in_portal": here,
                "action": action,
            }
        )
    return rows


def provisioning_rules_update(one: Review) -> list[Row]:
    """A row per (team, group, offering) of group_rules with members."""
    month, rows = one.month, []
    if month.month[5:] not in QUARTER or not month.inputs.present("groups"):
        return []
    cutoff, before = month.seats.cutoff, groups_of(month, 3)
    for (team, group), persons in sorted(groups_of(month).items()):
        for rule in month.seats.granting.get((team, group), []):
            offering, predicate = rule["offering_key"], None
            if (rule["intended"] or "").strip():
                try:
                    predicate = parse(rule["intended"])
                except PredicateError:
                    predicate = None
            records = [month.people.record(p) for p in persons]
            intended = sum(1 for r in records if r is not None and predicate is not None and predicate(r) is True)
            named = {
                f.rule for f in one.of("IDN-04", "IDN-06") if (f.team, f.offering, f.scope) == (team, offering, group)
            }
            named |= {f.rule for f in one.of("IDN-05") if (f.team, f.scope) == (team, group)}
            collection = any(r["collection_key"] == offering for r in month.ref.rows("collection_members"))
            days = int(month.ref.number("IDN-06", "days", offering))
            active = {
                p
                for p in persons
                if cutoff is not None
                and any(cutoff - timedelta(days=days) < d <= cutoff for d in month.seats.use_days(p, offering))
                and (not collection or offering in month.seats.held.get(p, set()))
            }
            proposal = (
                "remove"
                if "IDN-06" in named and not active
                else "narrow"
                if "IDN-04" in named
                else "split"
                if "IDN-05" in named
                else "keep"
            )
            rows.append(
                {
                    "review_month": month.month,
                    "team_alias": team,
                    "group_name": group,
                    "offering_key": offering,
                    "members": len(persons),
                    "intended": intended if predicate is not None else None,
                    "unknown": sum(1 for r in records if r is None),
                    "excess": len(persons) - intended if predicate is not None else None,
                    "active_share": Fraction(len(active), len(persons)),
                    "members_before": len(before[team, group]) if (team, group) in before else None,
                    "proposal": proposal,
                    "rule_ids": ";".join(sorted(named)) or None,
                }
            )
    return rows


def due(one: Review, days: int) -> list[str]:
    """Contracts whose renewal_date less some days lies in the month."""
    found = []
    for row in one.month.ref.rows("contracts"):
        if row["renewal_date"] is not None:
            day = row["renewal_date"] - timedelta(days=days)
            if (day.year, day.month) == (one.month.as_of.year, one.month.as_of.month):
                found.append(row["contract_number"])
    return sorted(found)


def audit_readiness(one: Review) -> list[Row]:
    """The pairs of a due contract's subscriptions in force."""
    month, seats, rows = one.month, one.month.seats, []
    counts = {(r["team_alias"], r["offering_key"]): r for r in auditor_count(one)}
    lines = count_lines(one) if seats.known and month.inputs.has_drop else {}
    for contract in due(one, 120):
        for team, offering in sorted(seats.lines):
            if not any(r["contract_number"] == contract for r in seats.in_force(team, offering)):
                continue
            count = counts.get((team, offering), {})
            users = {r["person"] for r in seats.lrt_window if r["offering"] == offering}
            persons = {k[2] for k in lines if k[:2] == (team, offering)}
            critical = [f for f in one.of("LRT-01", "LRT-07") if f.offering == offering and f.severity == "critical"]
            critical += [f for f in one.of("LRT-05") if f.person in persons]
            if not seats.known or not month.inputs.any_rows("lrt"):
                readiness = "not_assessable"
            elif (count.get("gap_after") or 0) > 0 or critical:
                readiness = "exposed"
            else:
                readiness = "at_risk" if (count.get("gap_auditor") or 0) > 0 else "ready"
            rows.append(
                {
                    **count,
                    "review_month": month.month,
                    "contract_number": contract,
                    "team_alias": team,
                    "offering_key": offering,
                    "entitled": seats.entitled(team, offering),
                    "assigned": seats.assigned.get((team, offering), 0) if seats.known else None,
                    "over_deployment": max(0, seats.gap_team(team, offering)) if seats.known else None,
                    "lrt_users_12m": len(users),
                    "version_findings": len([f for f in one.of("LRT-01") if f.offering == offering]),
                    "feature_findings": len([f for f in one.of("LRT-03") if f.offering == offering]),
                    "device_findings": len([f for f in one.of("LRT-04") if f.offering == offering])
                    + len([f for f in one.of("LRT-05") if f.person in persons]),
                    "readiness": readiness,
                }
            )
    return rows


def _month_starts(month: Review) -> list[tuple[date, date]]:
    """The calendar months that the window touches, cut to it."""
    first, as_of = month.month.seats.window_start + timedelta(days=1), month.month.as_of
    spans, day = [], first
    while day <= as_of:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        spans.append((day, min(as_of, following - timedelta(days=1))))
        day = following
    return spans


def renewal_brief(one: Review) -> list[Row]:
    """Per (contract, offering): what is held and used in the teams of the contract's subscriptions in force."""
    month, seats, rows = one.month, one.month.seats, []
    for contract in due(one, 90):
        teams_of: dict[str, set[str]] = {}
        for team, offering in seats.lines:
            if any(r["contract_number"] == contract for r in seats.in_force(team, offering)):
                teams_of.setdefault(offering, set()).add(team)
        for offering, teams in sorted(teams_of.items()):
            keys = [k for k in seats.a if k[0] in teams and k[1] == offering]
            days = {k: seats.use_days(k[2], offering) for k in keys}
            peak = max(sum(1 for k in keys if any(a <= d <= b for d in days[k])) for a, b in _month_starts(one))
            active = sum(1 for k in keys if any(d > month.as_of - timedelta(days=90) for d in days[k]))
            types = {
                f.scope.split(":")[-1]
                for f in one.of("ENT-03")
                if f.offering == offering and f.scope.startswith(f"{contract}:")
            }
            rows.append(
                {
                    "review_month": month.month,
                    "contract_number": contract,
                    "offering_key": offering,
                    "seats_portal": sum(
                        r["seat_quantity"]
                        for t in teams
                        for r in seats.in_force(t, offering)
                        if r["contract_number"] == contract
                    ),
                    "assigned": len(keys),
                    "active_90d": active,
                    "peak_active_12m": peak,
                    "mismatch_types": ";".join(sorted(types)) if one.states["ENT-03"] != "not_assessable" else "any",
                }
            )
    return rows
