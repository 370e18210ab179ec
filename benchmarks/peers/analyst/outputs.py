"""The published tables that follow from the rules: position, auditor's count, de-provisioning list, token forecast."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from benchmarks.peers.analyst.finding import SEVERITIES, Finding
from benchmarks.peers.analyst.flex import pool_token_price, pools
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.review import Review
from benchmarks.peers.analyst.rules_flx import early
from benchmarks.peers.analyst.rules_lrt import charged, claim_of
from benchmarks.peers.analyst.text import Row

REASONS = ("IDN-01", "IDN-11", "CON-01", "CON-02", "CON-04", "USE-01", "USE-02", "USE-07", "USE-08")


def licence_position(one: Review) -> list[Row]:
    """One row per position."""
    month, seats = one.month, one.month.seats
    ghosts = {(f.team, f.offering, f.person) for f in one.of("IDN-01")}
    rows = []
    for team, offering in seats.positions:
        keys = [k for k in seats.a if k[:2] == (team, offering)]
        days = {k: seats.use_days(k[2], offering) for k in keys}
        last = {k: seats.last_use(k) for k in keys}
        never = {k for k in keys if last[k] is None}
        cutoff = seats.cutoff
        inactive = {k for k, d in last.items() if d is not None and cutoff is not None and (cutoff - d).days >= 90}
        ghostly = {k for k in keys if k in ghosts}
        price, currency, basis = seats.price(team, offering)
        assigned = seats.assigned.get((team, offering), 0)
        bought, known = month.inputs.present("subscriptions"), seats.known
        row: Row = {
            "review_month": month.month,
            "team_alias": team,
            "offering_key": offering,
            "entitled": seats.entitled(team, offering) if bought else None,
            "assigned": assigned if known else None,
            "active_30d": sum(1 for k in keys if any(d > month.as_of - timedelta(days=30) for d in days[k])),
            "active_90d": sum(1 for k in keys if any(d > month.as_of - timedelta(days=90) for d in days[k])),
            "gap_team": seats.gap_team(team, offering) if bought and known else None,
            "gap_org": seats.gap_org(offering) if bought and known else None,
            "never_used": len(never),
            "inactive_90d": len(inactive),
            "ghosts": len(ghostly),
            "cost_year": None if price is None else price * assigned,
            "wasted_year": None if price is None else price * len(never | inactive | ghostly),
            "currency": currency,
            "price_basis": basis,
        }
        if not known:
            row |= dict.fromkeys(
                ("active_30d", "active_90d", "never_used", "inactive_90d", "ghosts", "cost_year", "wasted_year")
            )
        rows.append(row)
    return rows


# ---- the auditor's count --------------------------------------------------------------------------------------------


def seatless(month: Month) -> set[tuple[str, str, str]]:
    """(team, offering, person) with LRT use in the window and no seat for it."""
    seats = month.seats
    count: dict[tuple[str, str], dict[str, int]] = {}
    for row in seats.lrt_window:
        person, offering = row["person"], row["offering"]
        if seats.holding(person, offering):
            continue
        if seats.left_out(person, row["team"]):
            continue
        teams = count.setdefault((offering, person), {})
        teams[row["team"]] = teams.get(row["team"], 0) + 1
    return {(min(t, key=lambda n: (-t[n], n)), o, p) for (o, p), t in count.items()}


def auditor_count(one: Review) -> list[Row]:
    """One row per (team, offering) of the position and of LRT."""
    month, seats = one.month, one.month.seats
    if not seats.known or not month.inputs.has_drop:
        return []
    lines = count_lines(one)
    pairs = set(seats.positions) | {(r["team"], r["offering"]) for r in seats.lrt_window} | {k[:2] for k in lines}
    stale = seats.stale
    rows = []
    for team, offering in sorted(pairs):
        own = [line for k, line in lines.items() if k[:2] == (team, offering)]
        n = {
            name: own.count(name)
            for name in ("flex_covered", "perpetual_covered", "contractor_own_cover", "ghost", "duplicate", "inactive")
        }
        defensible = len(own) - n["flex_covered"] - n["perpetual_covered"] - n["contractor_own_cover"]
        after = None if stale else defensible - n["ghost"] - n["duplicate"] - n["inactive"]
        entitled = seats.entitled(team, offering) if month.inputs.present("subscriptions") else None
        row: Row = {
            "review_month": month.month,
            "team_alias": team,
            "offering_key": offering,
            "auditor_count": len(own),
            **n,
            "defensible_count": defensible,
            "after_remediation_count": after,
            "entitled": entitled,
        }
        if stale:
            row["inactive"] = None
        contract = seats.contract(team, offering)
        for name, count in (("auditor", len(own)), ("defensible", defensible), ("after", after)):
            gap = None if count is None or entitled is None else count - entitled
            row[f"gap_{name}"] = gap
            for basis in ("list", "contract"):
                price = month.ref.price_by_basis(offering, contract, basis)
                row[f"money_{name}_{basis}"] = None if gap is None or price is None else max(0, gap) * price
        rows.append(row)
    return rows


def count_lines(one: Review) -> dict[tuple[str, str, str], str]:
    """Every entry of the count → the first line that applies, `stays` if none."""
    month, seats = one.month, one.month.seats
    entries = set(seats.a) | seatless(month)
    used: dict[tuple[str, str], set[date]] = {}
    claimed = set()
    for row in seats.lrt_window:
        used.setdefault((row["person"], row["offering"]), set()).add(row["day"])
        if claim_of(row) in {"perpetual", "network"}:
            claimed.add((row["person"], row["offering"]))
    paid = charged(month)
    ghosts = {(f.team, f.offering, f.person) for f in one.of("IDN-01")}
    idle = {(f.team, f.offering, f.person) for rule in ("USE-01", "USE-02") for f in one.of(rule)}
    spare: dict[str, int] = {}
    for row in month.inputs.perpetual:
        spare[row["offering"]] = spare.get(row["offering"], 0) + row["seats"]
    doubled = duplicates(one)
    lines = {}
    for team, offering, person in sorted(entries, key=lambda k: (k[2], k[0], k[1])):
        key = (team, offering, person)
        days = used.get((person, offering), set())
        entry = month.people.contractor(person)
        if days and all((person, offering, d) in paid for d in days):
            line = "flex_covered"
        elif (person, offering) in claimed and spare.get(offering, 0) > 0:
            line = "perpetual_covered"
            spare[offering] -= 1
        elif entry is not None and entry["device_policy"] == "own":
            line = "contractor_own_cover"
        elif key in ghosts:
            line = "ghost"
        elif key in doubled:
            line = "duplicate"
        elif key in idle:
            line = "inactive"
        else:
            line = "stays"
        lines[key] = line
    return lines


def duplicates(one: Review) -> set[tuple[str, str, str]]:
    """Seats that leave the count as duplicates."""
    seats = one.month.seats
    found = {(f.team, f.offering, f.person) for f in one.of("USE-07")}
    for finding in one.of("USE-08"):
        keys = [k for k in seats.a if k[1:] == (finding.offering, finding.person)]
        keys.sort(key=lambda k: (-(seats.last_use(k) or date.min).toordinal(), k[0]))
        found |= set(keys[1:])
    return found


# ---- the de-provisioning list ---------------------------------------------------------------------------------------


def deprovisioning_list(one: Review) -> list[Row]:
    """One row per seat with a reason to take it away."""
    month, seats = one.month, one.month.seats
    by_seat: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in one.findings:
        if finding.rule not in REASONS:
            continue
        if finding.rule == "USE-08":
            keys = [k for k in seats.a if k[1:] == (finding.offering, finding.person)]
        else:
            keys = [(finding.team, finding.offering, finding.person)]
        for key in keys:
            if key in seats.a:
                by_seat.setdefault(key, []).append(finding)
    rows = []
    for key, found in sorted(by_seat.items()):
        rules = {f.rule for f in found}
        primary = min(found, key=lambda f: (SEVERITIES.index(f.severity), REASONS.index(f.rule), f.id))
        oldest = min(found, key=lambda f: (f.first_seen, -f.months_open))
        last, cutoff, routes = seats.last_use(key), seats.cutoff, seats.routes[key]
        ghost = next((f for f in found if f.rule == "IDN-01"), None)
        if any(r.startswith("group:") for r in routes):
            action = "edit_group"
        elif ghost is not None and ghost.scope in {"disabled", "absent"}:
            action = "edit_directory"
        elif month.people.on_leave(key[2]):
            action = "hold"
        else:
            action = "review" if rules & {"CON-02", "CON-04"} else "unassign"
        price, currency, _ = seats.price(*key[:2])
        rows.append(
            {
                "review_month": month.month,
                "team_alias": key[0],
                "offering_key": key[1],
                "person_key": key[2],
                "rule_ids": ";".join(sorted(rules)),
                "primary_reason": primary.rule,
                "last_use_date": last,
                "days_inactive": None if last is None or cutoff is None else max(0, (cutoff - last).days),
                "assigned_date": seats.a[key]["assigned_date"],
                "left_on": ghost.more["left_on"] if ghost else None,
                "ghost_days": ghost.more["ghost_days"] if ghost else None,
                "route": ";".join(routes),
                "action": action,
                "exposure_amount": price,
                "currency": currency,
                "severity": primary.severity,
                "confidence": max((f.confidence for f in found), key=("high", "medium", "low").index),
                "first_seen_month": oldest.first_seen,
                "months_open": oldest.months_open,
                "status": primary.status,
            }
        )
    return rows


# ---- tokens ---------------------------------------------------------------------------------------------------------


def token_forecast(one: Review) -> list[Row]:
    """One row per pool."""
    month = one.month
    dry, low = {f.team for f in one.of("FLX-01")}, {f.team for f in one.of("FLX-03")}
    rows: list[Row] = []
    for pool in pools(month, True):
        price, currency = pool_token_price(month, pool.team)
        counted = month.inputs.any_rows("token_usage")
        if not counted:
            pool.v_now, pool.v_first = None, None
        short: Any = pool.shortfall
        exhausted = pool.exhaustion
        if one.states["FLX-01"] == "not_assessable" or early(month, pool) or not pool.active:
            adequacy = "not_assessable"
        elif pool.team in dry:
            adequacy = "short"
        elif pool.team in low or (
            exhausted is not None and pool.term_end is not None and (exhausted - pool.term_end).days <= 30
        ):
            adequacy = "tight"
        else:
            adequacy = "adequate"
        rows.append(
            {
                "review_month": month.month,
                "team_alias": pool.team,
                "purchased": pool.purchased if pool.active else None,
                "consumed": pool.consumed if pool.active and counted else None,
                "balance": pool.balance if pool.active and counted else None,
                "overdraft": pool.ledger.overdraft if counted else None,
                "expired": pool.ledger.expired if counted else None,
                "elapsed_days": pool.elapsed,
                "velocity_first_90d": pool.v_first,
                "velocity_30d": pool.v_30 if counted else None,
                "v_now": pool.v_now,
                "projected_total": pool.projected,
                "exhaustion_date": exhausted,
                "term_start": pool.term_start,
                "term_end": pool.term_end,
                "adequacy": adequacy,
                "shortfall_tokens": short,
                "shortfall_amount": None if short is None or price is None else Fraction(short) * price,
                **({"currency": currency} if pool.active else {}),
            }
        )
    return rows
