"""Three tables that 3-rules.md defines beside the findings: licence_position, the auditor's count, the de-
provisioning list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.oracle.assessability import assess, met
from tests.oracle.con import con_01, con_02, con_04
from tests.oracle.estate import Row
from tests.oracle.foundations import World
from tests.oracle.groups import route_text, routes
from tests.oracle.idn import ghost, idn_01, idn_11, use_is_whole
from tests.oracle.terms import Finding, Outcome, Price, cents
from tests.oracle.use import use_01, use_02, use_07, use_08

Pair = tuple[str, str]
SEVERITIES = ("critical", "high", "medium", "low", "info")
CONFIDENCES = ("low", "medium", "high")
REASONS = ("IDN-01", "IDN-11", "CON-01", "CON-02", "CON-04", "USE-01", "USE-02", "USE-07", "USE-08")


def ghosts_assessable(w: World) -> bool:
    """Whether IDN-01 is assessable: A, and HR or a directory."""
    return w.has_a and any(met(w, n) for n in ("hr_workers", "directory_users"))


def licence_position(w: World) -> dict[Pair, dict[str, Any]]:
    """Holders, their activity and what they cost, per (team, offering)."""
    found = {}
    for team, offering in w.positions:
        holders, price = w.assigned.get((team, offering), []), w.price(team, offering)
        last = {s.person: w.last_use(s) for s in holders if not w.access_unread(s)}
        never = {p for p, day in last.items() if day is None}
        inactive = {p for p, day in last.items() if day is not None and (w.cutoff - day).days >= 90}
        haunted = {s.person for s in holders if ghost(w, s.person)} if ghosts_assessable(w) else None
        # Use that is not whole is no evidence of its absence.
        idle_known, wasted = w.has_a and not w.is_stale and use_is_whole(w), None
        if idle_known and haunted is not None and price.amount is not None:
            wasted = cents(price.amount * len(never | inactive | haunted))
        bought = w.estate.present("subscriptions", w.month)
        row: dict[str, Any] = {
            "entitled": w.entitled(team, offering) if bought else None,
            "assigned": len(holders) if w.has_a else None,
            "gap_team": w.gap_team(team, offering) if bought and w.has_a else None,
            "gap_org": w.gap_org(offering) if bought and w.has_a else None,
            "never_used": len(never) if idle_known else None,
            "inactive_90d": len(inactive) if idle_known else None,
            "ghosts": None if haunted is None else len(haunted),
            "cost_year": cents(price.amount * len(holders)) if price.amount is not None and w.has_a else None,
            "wasted_year": wasted,
            "price_basis": price.basis,
            "contract_number": w.contract(team, offering),
        }
        for days in (30, 90):
            since = w.as_of - timedelta(days)
            active = [
                s
                for s in holders
                if any(d > since for d in w.use_days(s.person, offering))
                or (s.last_accessed and s.last_accessed > since)
            ]
            row[f"active_{days}d"] = len(active) if idle_known else None
        found[(team, offering)] = row
    return found


def staying_team(w: World, offering: str, person: str) -> str:
    """USE-08: the seat that stays is that of the latest last_use, then the first team by name."""
    seats = [s for s in w.seats_of[person] if s.offering == offering]
    return min(seats, key=lambda s: (-(w.last_use(s) or date.min).toordinal(), s.team)).team


def seats_to_free(w: World) -> dict[tuple[str, str, str], list[Finding]]:
    """Findings by seat of A, of the rules of the de-provisioning list."""
    found: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    rules = (use_01, use_02, use_07, con_01, con_02, con_04, idn_01, idn_11)
    for rule in rules:
        outcome, rule_id = rule(w), rule.__name__.upper().replace("_", "-")
        if assess(w, rule_id, outcome) == "not_assessable":
            continue
        for f in outcome.findings:
            key = (f.team or "", f.offering or "", f.person or "")
            if key in w.seats:
                found[key].append(f)
    for f in use_08(w).findings:
        offering, person = f.offering or "", f.person or ""
        stays = staying_team(w, offering, person)
        for seat in w.seats_of[person]:
            if seat.offering == offering and seat.team != stays:
                found[seat.key].append(f)
    return found


def deprovisioning_list(w: World) -> dict[tuple[str, str, str], dict[str, Any]]:
    """One row per seat of A with any of its rules."""
    found = {}
    for key, findings in seats_to_free(w).items():
        seat, record = w.seats[key], w.hr_record(key[2])
        haunted, last = ghost(w, key[2]), w.last_use(seat)
        rules = {f.rule for f in findings}
        first = min(findings, key=lambda f: (SEVERITIES.index(f.severity), REASONS.index(f.rule)))
        on_leave = record is not None and record["status"] == "on_leave"
        ways = routes(w, seat)
        action = "unassign"
        if on_leave:
            action = "hold"
        elif rules & {"CON-02", "CON-04"}:
            action = "review"
        elif set(ways) - {"default", "direct"}:
            action = "edit_group"
        price = w.price(seat.team, seat.offering)
        is_ghost = haunted is not None and "IDN-01" in rules
        days = [f.observed for f in findings if f.rule == "IDN-01"]
        found[key] = {
            "rule_ids": ";".join(sorted(rules)),
            "primary_reason": first.rule,
            "last_use_date": last,
            "days_inactive": max(0, (w.cutoff - last).days) if last else None,
            "assigned_date": seat.assigned_date,
            "left_on": haunted.left_on if haunted is not None and is_ghost else None,
            "ghost_days": days[0] if days else None,
            "route": route_text(w, seat),
            "action": action,
            "exposure_amount": cents(price.amount) if price.amount is not None else None,
            "severity": first.severity,
            "confidence": min((f.confidence for f in findings), key=CONFIDENCES.index),
        }
    return found


def _list_price(w: World, offering: str) -> Price:
    for r in w.ref("prices"):
        if r["offering_key"] == offering and r["basis"] == "list" and w.holds_at(r):
            return Price(r["amount"], r["currency"], "list")
    return Price()


def telemetry(
    w: World, of: list[Row] | None = None
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], list[Row]]]:
    """Per (person, offering) the team of its rows, and the rows, in the window, or of these rows."""
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for r in w.lrt if of is None else of:
        rows[(r["person"], r["offering"])].append(r)
    teams = {}
    for key, found in rows.items():
        n = Counter(r["team"] for r in found)
        teams[key] = min(n, key=lambda t: (-n[t], t))
    return teams, rows


Counted = tuple[str, str, str]


def counted_persons(w: World) -> tuple[dict[Pair, set[str]], Counter[Pair]]:
    """Per (team, offering) whom the auditor counts, and how many are in no count because their right is not known."""
    teams, _ = telemetry(w, [r for r in w.lrt if not w.hidden(r)])
    counted: dict[Pair, set[str]] = defaultdict(set)
    unknown: Counter[Pair] = Counter()
    for seat in w.seats.values():
        counted[(seat.team, seat.offering)].add(seat.person)
    for (person, offering), team in teams.items():
        if w.holds(person, offering):
            continue
        if w.not_known(person, offering):
            unknown[(team, offering)] += 1
        elif w.whole("usage_report") and w.whole("users") and not w.rejected(person, "users", "usage_report"):
            counted[(team, offering)].add(person)
    return counted, unknown


def flex_covered(w: World, everybody: list[Counted]) -> set[Counted]:
    """At least one LRT day, and every LRT day has a token charge for the same offering."""
    charges = {(r["person"], r["offering"], r["day_used"]) for r in w.tokens if r["person"] and r["tokens_used"] > 0}
    _, rows = telemetry(w)
    return {
        (p, t, o)
        for p, t, o in everybody
        if rows.get((p, o)) and all((p, o, r["day"]) in charges for r in rows[(p, o)])
    }


def perpetual_covered(w: World, everybody: list[Counted]) -> set[Counted]:
    """A claim perpetual or network on the offering, as long as seats for it last (persons by person_key, then team)."""
    seats: Counter[str] = Counter()
    _, rows = telemetry(w)
    for r in w.estate.state("perpetual_licences", w.month):
        seats[w.offering(r["offering_name"])] += r["seats"]
    found = set()
    for p, t, o in everybody:
        if seats[o] > 0 and {r["licence_claim"] for r in rows.get((p, o), ())} & {"perpetual", "network"}:
            seats[o] -= 1
            found.add((p, t, o))
    return found


def contractor_own_cover(w: World, everybody: list[Counted]) -> set[Counted]:
    """In the register with device_policy own: that of the entry with the latest end ("of several the latest
    counts").
    """
    own = {
        p
        for p, found in w.register_of_contractors.items()
        if any(r["device_policy"] == "own" and (r["end_date"] or date.max) == w.contractor_end(p) for r in found)
    }
    return {(p, t, o) for p, t, o in everybody if p in own}


def duplicates(w: World) -> set[Counted]:
    """USE-07: the member's seat; USE-08: all but the team with the latest use, then the first by name."""
    found = {(f.person or "", f.team or "", f.offering or "") for f in use_07(w).findings}
    for f in use_08(w).findings:
        stays = staying_team(w, f.offering or "", f.person or "")
        found |= {s_key(s) for s in w.seats_of[f.person or ""] if s.offering == f.offering and s.team != stays}
    return found


def auditor_count(w: World) -> dict[Pair, dict[str, Any]]:
    """The auditor's count and ours, line by line; no rows where A is missing."""
    if not w.has_a:
        return {}
    counted, unknown = counted_persons(w)
    pairs = sorted({*w.positions, *counted, *unknown, *((r["team"], r["offering"]) for r in w.lrt)})
    everybody = sorted((person, team, offering) for (team, offering), ps in counted.items() for person in ps)
    left: dict[Counted, str] = {}
    lines: dict[str, bool] = {}

    def line(name: str, known: bool, who: Callable[[list[Counted]], set[Counted]]) -> None:
        lines[name] = known
        stay = [key for key in everybody if key not in left]
        for key in who(stay) & set(stay) if known else ():
            left[key] = name

    def of(*rules: Callable[[World], Outcome]) -> set[Counted]:
        return {(f.person or "", f.team or "", f.offering or "") for rule in rules for f in rule(w).findings}

    line("flex_covered", bool(w.estate.events("token_usage", w.horizon)), lambda e: flex_covered(w, e))
    line("perpetual_covered", w.estate.present("perpetual_licences", w.month), lambda e: perpetual_covered(w, e))
    line("contractor_own_cover", w.estate.present("contractors", w.month), lambda e: contractor_own_cover(w, e))
    line("ghost", ghosts_assessable(w), lambda e: of(idn_01))
    line("duplicate", True, lambda e: duplicates(w))
    line("inactive", not w.is_stale and use_is_whole(w), lambda e: of(use_01, use_02))
    found = {}
    for team, offering in pairs:
        persons = counted.get((team, offering), set())
        gone = Counter(left[(p, team, offering)] for p in persons if (p, team, offering) in left)
        row: dict[str, Any] = {name: gone[name] if known else None for name, known in lines.items()}
        defensible = sum(gone[n] for n in ("flex_covered", "perpetual_covered", "contractor_own_cover"))
        row["auditor_count"] = len(persons)
        row["defensible_count"] = len(persons) - defensible
        row["after_remediation_count"] = len(persons) - sum(gone.values())
        row["coverage_not_known"] = unknown[(team, offering)]
        found[(team, offering)] = row | _gaps(w, team, offering, row)
    return found


def _gaps(w: World, team: str, offering: str, row: dict[str, Any]) -> dict[str, Any]:
    """Beside each count the gap to what is entitled, and its money at list and at contract price."""
    if not w.estate.present("subscriptions", w.month):
        return {}
    found: dict[str, Any] = {"entitled": w.entitled(team, offering)}
    prices = {"list": _list_price(w, offering), "contract": w.price(team, offering)}
    counts = {"auditor": "auditor_count", "defensible": "defensible_count", "after": "after_remediation_count"}
    for name, count in counts.items():
        found[f"gap_{name}"] = row[count] - found["entitled"]
        for basis, price in prices.items():
            amount = price.amount if price.basis == basis else None
            gap = max(0, found[f"gap_{name}"])
            found[f"money_{name}_{basis}"] = cents(amount * gap) if amount is not None else None
    return found


def s_key(seat: Any) -> tuple[str, str, str]:
    """(person, team, offering) of a seat."""
    return (seat.person, seat.team, seat.offering)


TABLES = {
    "licence_position": (licence_position, ("team_alias", "offering_key")),
    "auditor_count": (auditor_count, ("team_alias", "offering_key")),
    "deprovisioning_list": (deprovisioning_list, ("team_alias", "offering_key", "person_key")),
}
