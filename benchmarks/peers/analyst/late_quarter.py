"""IDN-03: how long seats stay after people leave, once a quarter."""

from __future__ import annotations

import math
from datetime import date

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import fold

Spell = tuple[date | None, date | None]  # from (unknown = always), to (still there = None)


def spells(months: list[Month], key: tuple[str, str, str]) -> list[Spell]:
    """The assignments of a seat over the drops that hold A: runs of drops, exact where the portal gave the date."""
    found: list[Spell] = []
    start: date | None = None
    running = False
    for month in months:
        seat = month.seats.a.get(key)
        ended = [
            (r["assigned_date"], r["unassigned_date"])
            for r in month.inputs.usage_report
            if (r["team"], r["offering"], r["person"]) == key
            and r["seat_assignment"] == "unassigned"
            and r["unassigned_date"]
            and "flex" not in fold(r["access_option"])
        ]
        if seat is not None:
            if not running:
                running, start = True, seat["assigned_date"]
        elif running:
            found.append((start, max((e for _, e in ended), default=month.as_of)))
            running = False
        elif ended:
            found += ended
    if running:
        found.append((start, None))
    return found


def idn_03(months: list[Month]) -> Result:
    """Per legal entity of leavers of the quarter."""
    month = months[-1]
    if month.as_of.month % 3:
        return Result()
    first = date(month.as_of.year, month.as_of.month - 2, 1)
    known = [m for m in months if m.inputs.has_drop and m.seats.known]
    keys = {k for m in known for k in m.seats.a} | {
        (r["team"], r["offering"], r["person"])
        for m in known
        for r in m.inputs.usage_report
        if r["seat_assignment"] == "unassigned"
    }
    values: dict[str, list[int]] = {}
    for key in sorted(keys):
        record = month.people.record(key[2])
        left = record["leave_date"] if record else None
        if record is None or left is None or not first <= left <= month.as_of:
            continue
        ends = {
            e or month.as_of for b, e in spells(known, key) if (b is None or b <= left) and (e is None or e >= left)
        }
        if ends:
            values.setdefault(record["legal_entity"] or "(none)", []).append((max(ends) - left).days)
    limit = month.ref.number("IDN-03", "days")
    quarter = f"{month.as_of.year}-Q{month.as_of.month // 3}"
    result = Result()
    for entity, days in sorted(values.items()):
        breaches = sum(1 for d in days if d > limit)
        if breaches:
            p95 = sorted(days)[math.ceil(0.95 * len(days)) - 1]
            result.findings.append(
                Finding("IDN-03", scope=f"{entity} {quarter}".strip(), observed=p95, threshold=limit, excess=breaches)
            )
    return result
