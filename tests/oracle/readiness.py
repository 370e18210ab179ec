"""audit_readiness: the auditor's count of the contracts that come up for renewal, and what telemetry says of their
teams.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from tests.oracle.foundations import World
from tests.oracle.lrt import lrt_01, lrt_03, lrt_04, lrt_05, lrt_07
from tests.oracle.outputs import auditor_count, counted_persons, telemetry
from tests.oracle.terms import Finding

Key = tuple[str, str, str]
OF_THE_COUNT = (
    "auditor_count", "flex_covered", "perpetual_covered", "contractor_own_cover", "defensible_count", "ghost",
    "duplicate", "inactive", "after_remediation_count", "gap_auditor", "gap_defensible", "gap_after",
)  # fmt: skip


def teams_of(w: World) -> dict[tuple[str, str], set[str]]:
    """Per (person, offering of the rows) the teams in which the person holds it, itself or through a collection,
    without such a seat the team of the auditor's count.
    """
    found = {}
    teams, _ = telemetry(w, [r for r in w.lrt if not w.hidden(r)])
    for (person, offering), team in teams.items():
        held = {s.team for s in w.seats_of.get(person, ()) if w.covers({s.offering}, offering, w.as_of)}
        found[(person, offering)] = held or {team}
    return found


def audit_readiness(w: World) -> dict[Key, dict[str, Any]]:
    """One row per pair of the subscriptions in force of a contract whose renewal_date - 120 lies in the month."""
    due = {
        c["contract_number"]
        for c in w.ref("contracts")
        if c["renewal_date"] and f"{c['renewal_date'] - timedelta(120):%Y-%m}" == w.month
    }
    pairs = {
        (r["contract_number"], r["team"], r["offering"])
        for r in w.subscriptions
        if r["contract_number"] in due and w.in_force(r, w.as_of)
    }
    if not pairs:
        return {}
    teams, counts = teams_of(w), auditor_count(w)
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (person, offering), where in teams.items():
        for team in where:
            users[(team, offering)].add(person)
    has_lrt = bool(w.estate.events("lrt", w.horizon))
    versions, features, devices, critical = _findings(w, teams) if has_lrt and w.has_a else ({}, {}, {}, {})
    twice = {f.person for f in lrt_05(w).findings}
    counted, _ = counted_persons(w)
    found = {}
    for contract, team, offering in sorted(pairs):
        pair = (team, offering)
        count = counts.get(pair, {})
        row: dict[str, Any] = {
            "entitled": w.entitled(team, offering),
            "assigned": len(w.assigned.get(pair, ())) if w.has_a else None,
            "lrt_users_12m": len(users[pair]) if has_lrt else None,
            "over_deployment": max(0, w.gap_team(team, offering)) if w.has_a else None,
        }
        here = len(counted.get(pair, set()) & twice)
        if has_lrt and w.has_a:
            row["version_findings"] = len(versions.get(pair, ()))
            row["feature_findings"] = len(features.get(pair, ()))
            row["device_findings"] = len(devices.get(pair, ())) + here
        row |= {name: count.get(name) for name in OF_THE_COUNT}
        if not (has_lrt and w.has_a):
            row["readiness"] = "not_assessable"
        elif count["gap_after"] > 0 or critical.get(pair) or here:
            row["readiness"] = "exposed"
        else:
            row["readiness"] = "at_risk" if count["gap_auditor"] > 0 else "ready"
        found[(contract, team, offering)] = row
    return found


Found = dict[tuple[str, str], set[tuple[str, ...]]]


def _findings(w: World, teams: dict[tuple[str, str], set[str]]) -> tuple[Found, Found, Found, Found]:
    """Findings of LRT-01, of LRT-03, of LRT-04, and critical ones, per (team, offering) to which their rows belong."""
    versions, features, devices, critical = (defaultdict(set) for _ in range(4))  # type: ignore[var-annotated]

    def at(f: Finding) -> set[str]:
        return teams.get((f.person or "", f.offering or ""), set())

    for f in lrt_01(w).findings:
        for team in at(f):
            versions[(team, f.offering)].add(f.key)
            critical[(team, f.offering)].add(f.key)
    for f in lrt_07(w).findings:
        for team in at(f):
            critical[(team, f.offering)].add(f.key)
    for f in lrt_03(w).findings:
        rows = {r["offering"] for r in w.lrt if r["person"] == f.person and r["feature_key"] == f.scope}
        for team in {t for o in rows for t in teams.get((f.person or "", o), ())}:
            features[(team, f.offering)].add(f.key)
    for f in lrt_04(w).findings:
        # Of a collection: those of the seats that it is held by.
        seats = {s.team for s in w.seats_of.get(f.person or "", ()) if s.offering == f.offering}
        for team in at(f) | seats:
            devices[(team, f.offering)].add(f.key)
    return versions, features, devices, critical


READINESS = {"audit_readiness": (audit_readiness, ("contract_number", "team_alias", "offering_key"))}
