"""What becomes of findings from month to month: finding_id, status, first month and months open."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from tests.oracle.assessability import JOINED, NEEDS, NOT_CONCLUDED, assess, inputs_of, needed_drop
from tests.oracle.estate import Estate, Row, month_after
from tests.oracle.foundations import World
from tests.oracle.rulebook import rules

Key = tuple[str, str, str, str, str]


def finding_id(key: Key) -> str:
    """The first 16 hex digits of SHA-256 over `rule|team|offering|person|scope`."""
    return hashlib.sha256("|".join(key).encode()).hexdigest()[:16]


def months_between(first: str, last: str) -> list[str]:
    """All calendar months from one to another."""
    found = [first]
    while found[-1] < last:
        found.append(month_after(found[-1], 1))
    return found


def unverifiable(w: World, assessability: str, key: Key) -> bool:
    """An absent finding is not closed where its rule was not assessed, rests on an input that is not whole or not
    joinable, or a row of the person was rejected.
    """
    rule, person = key[0], key[3]
    if assessability == "not_assessable":
        return True
    stands_on = {i for n in NEEDS[rule].split() for i in inputs_of(n.removesuffix("(p)").removesuffix("?"))}
    for need in {*stands_on, *NOT_CONCLUDED.get(rule, "").split()}:
        name, drop = needed_drop(w, need)
        if not w.estate.whole(name, drop) or (person and w.rejected(person, name, drop=drop)):
            return True
    return rule in JOINED and w.any_not_joinable(JOINED[rule])


def disposition(w: World, key: Key) -> Row | None:
    """The one decided last of those that count in M: by its review_month, else the month of decided_at."""
    rows = []
    for r in w.ref("dispositions"):
        judged = r["judged_month"] or r["decided_at"].strftime("%Y-%m")
        complete = r["decision"] != "waived" or (r["until"] is not None and r["reason"])
        if r["finding_id"] == finding_id(key) and judged <= w.month and complete:
            rows.append(r)
    return max(rows, key=lambda r: r["decided_at"], default=None)


def statuses(estate: Estate, last: str) -> dict[str, dict[Key, dict[str, Any]]]:
    """Per month up to the last one, and key present in it: the first month of all, months open of the present run."""
    found: dict[str, dict[Key, dict[str, Any]]] = {}
    running: dict[Key, str] = {}
    first: dict[Key, str] = {}
    waived_before: set[Key] = set()
    for month in months_between(estate.drops[0], last):
        w = World(estate, month)
        present: set[Key] = set()
        assessed: dict[str, str] = {}
        for rule, function in rules().items():
            outcome = function(w) if w.has_drop else None
            assessed[rule] = assess(w, rule, outcome) if outcome is not None else "not_assessable"
            if outcome is not None and assessed[rule] != "not_assessable":
                present |= {f.key for f in outcome.findings}
        for key in [k for k in running if k not in present and not unverifiable(w, assessed[k[0]], k)]:
            del running[key]
        found[month] = {}
        for key in present:
            status = "open" if key in running else "reopened" if key in first else "new"
            running.setdefault(key, month)
            first.setdefault(key, month)
            decided = disposition(w, key)
            decision = decided["decision"] if decided is not None else None
            if decided is not None and decision == "waived" and (decided["until"] or date.min) >= w.as_of:
                status = "waived"
            elif decision == "false_positive":
                status = "false_positive"
            # The month after its last waived one: the next in which it is there, whatever was decided for it.
            elif decision == "remediated" or key in waived_before:
                status = "reopened"
            n = len(months_between(running[key], month))
            found[month][key] = {"status": status, "first_seen_month": first[key], "months_open": n}
        waived_before -= present
        waived_before |= {key for key in present if found[month][key]["status"] == "waived"}
    return found
