"""Telemetry, second part: LRT-05 LRT-09 LRT-10 LRT-14."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month


def lrt_05(month: Month) -> Result:
    """One person on two devices at once."""
    result = Result()
    sessions: dict[str, list[tuple[Any, Any, str]]] = {}
    for row in month.seats.lrt_window:
        if row["device"] and row["duration_minutes"] is not None:
            end = row["event_at"] + timedelta(minutes=float(row["duration_minutes"]))
            sessions.setdefault(row["person"], []).append((row["event_at"], end, row["device"]))
    limit = timedelta(minutes=float(month.ref.number("LRT-05", "minutes")))
    for person, own in sorted(sessions.items()):
        pairs = 0
        for i, (begin, end, device) in enumerate(own):
            for begin_2, end_2, device_2 in own[i + 1 :]:
                pairs += device != device_2 and min(end, end_2) - max(begin, begin_2) > limit
        if pairs:
            result.findings.append(
                Finding("LRT-05", person=person, observed=pairs, threshold=0, excess=pairs, severity="critical")
            )
    return result


def lrt_09(month: Month) -> Result:
    """Telemetry that arrives late."""
    result = Result()
    lags: dict[str, list[float]] = {}
    for row in month.seats.lrt_window:
        if row["received_at"] is not None:
            lag = (row["received_at"] - row["event_at"]).total_seconds() / 3600
            lags.setdefault(row["source"] or "(none)", []).append(lag)
    limit = float(month.ref.number("LRT-09", "hours"))
    for source, values in sorted(lags.items()):
        late = sum(1 for v in values if v > limit)
        if late:
            p95 = sorted(values)[math.ceil(0.95 * len(values)) - 1]
            result.findings.append(
                Finding("LRT-09", scope=source, observed=p95, threshold=limit, excess=late, severity="info")
            )
    return result


def lrt_10(month: Month) -> Result:
    """Use outside the territory."""
    seats = month.seats
    territory = {
        r["contract_number"]: {c.strip().upper() for c in r["territory"].split(";") if c.strip()}
        for r in month.ref.rows("contracts")
        if r["territory"]
    }
    # What each seat allows; None: its contract has no territory, so it may be used anywhere.
    allowed: dict[tuple[str, str], list[set[str] | None]] = {}
    for team, offering, person in seats.a:
        contract = seats.contract(team, offering)
        allowed.setdefault((person, offering), []).append(territory.get(contract) if contract else None)
    days: dict[tuple[str, str], set[date]] = {}
    for row in seats.lrt_window:
        country = (row["country"] or "").strip().upper()
        through = {row["offering"], *month.ref.collections_with(row["offering"], month.as_of)}
        places = [p for o in through for p in allowed.get((row["person"], o), [])]
        if country and places and all(p is not None and country not in p for p in places):
            days.setdefault((row["person"], country), set()).add(row["day"])
    limit = month.ref.number("LRT-10", "days")
    return Result(
        [
            Finding(
                "LRT-10",
                person=p,
                scope=c,
                observed=len(d),
                threshold=limit,
                excess=len(d) - limit,
                severity="high",
                confidence="low",
            )
            for (p, c), d in sorted(days.items())
            if len(d) > limit
        ]
    )


def lrt_14(month: Month, lrt_03: list[Finding]) -> Result:
    """Features of kind ai that somebody activated."""
    said = {(f.offering, f.person, f.scope) for f in lrt_03}
    found: dict[tuple[str, str, str], set[date]] = {}
    for row in month.seats.lrt_window:
        need = month.ref.requirement(row["feature"], row["day"]) if row["feature"] else None
        if need is not None and need["kind"] == "ai":
            key = (need["required_offering_key"], row["person"], row["feature"])
            if key not in said:
                found.setdefault(key, set()).add(row["day"])
    return Result(
        [
            Finding("LRT-14", "", *k, observed=len(d), threshold=0, excess=len(d), severity="info")
            for k, d in sorted(found.items())
        ]
    )


RULES = {"LRT-05": lrt_05, "LRT-09": lrt_09, "LRT-10": lrt_10}
