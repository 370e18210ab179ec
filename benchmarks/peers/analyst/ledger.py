"""The two long tables: who held a seat from when to when, and what ghosts cost, as known at each review month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.review import Review
from benchmarks.peers.analyst.text import Row, fold

Key = tuple[str, str, str]


@dataclass
class Spell:
    """A run of drops with the seat; `before` and `after` are the drops around it that lack it."""

    months: list[Month]
    before: Month | None = None
    after: Month | None = None


def spells_of(months: list[Month], key: Key) -> list[Spell]:
    """Runs over the drops that hold A."""
    found: list[Spell] = []
    last: Month | None = None
    open_spell: Spell | None = None
    for month in months:
        if key in month.seats.a:
            if open_spell is None:
                open_spell = Spell([], before=last)
                found.append(open_spell)
            open_spell.months.append(month)
        elif open_spell is not None:
            open_spell.after = month
            open_spell = None
        last = month
    return found


def unassigned_on(month: Month, key: Key) -> date | None:
    """Day on which the portal says the seat ended."""
    days = [
        r["unassigned_date"]
        for r in month.inputs.usage_report
        if (r["team"], r["offering"], r["person"]) == key
        and r["seat_assignment"] == "unassigned"
        and "flex" not in fold(r["access_option"])
        and r["unassigned_date"]
    ]
    return max(days, default=None)


def assignment_history(reviews: list[Review]) -> list[Row]:
    """Spells as known at each review month."""
    rows = []
    for place, one in enumerate(reviews):
        known = [r.month for r in reviews[: place + 1] if r.month.inputs.has_drop and r.month.seats.known]
        for key in sorted({k for m in known for k in m.seats.a}):
            for number, spell in enumerate(spells_of(known, key), 1):
                first, last = spell.months[0], spell.months[-1]
                assigned = first.seats.a[key]["assigned_date"]
                if assigned is not None and assigned > first.as_of:
                    assigned = None
                ended = unassigned_on(spell.after, key) if spell.after else None
                rows.append(
                    {
                        "review_month": one.month.month,
                        "team_alias": key[0],
                        "offering_key": key[1],
                        "person_key": key[2],
                        "spell": number,
                        "from_not_before": assigned
                        or (spell.before.as_of + timedelta(days=1) if spell.before else None),
                        "from_not_after": assigned or first.as_of,
                        "to_not_before": ended or (last.as_of + timedelta(days=1) if spell.after else None),
                        "to_not_after": ended or (spell.after.as_of if spell.after else None),
                        "routes": ";".join(last.seats.routes[key]),
                        "first_drop": first.month,
                        "last_drop": last.month,
                    }
                )
    return rows


def ghost_ledger(reviews: list[Review]) -> list[Row]:
    """Every seat that was a ghost in this or an earlier month."""
    rows = []
    for place, one in enumerate(reviews):
        past = reviews[: place + 1]
        keys = {(f.team, f.offering, f.person) for r in past for f in r.of("IDN-01")}
        for key in sorted(keys):
            named = [(r, f) for r in past for f in r.of("IDN-01") if (f.team, f.offering, f.person) == key]
            (first, _), (last, finding) = named[0], named[-1]
            later = [r for r in past[past.index(last) + 1 :] if r.states["IDN-01"] != "not_assessable"]
            month = last.month
            left_on, assigned = finding.more["left_on"], month.seats.a[key]["assigned_date"]
            begin = max(left_on, assigned or left_on) if left_on else first.month.as_of
            end = None
            if later:
                end = unassigned_on(later[0].month, key) or later[0].month.as_of
            days = max(0, ((end or one.month.as_of) - begin).days)
            price, _, _ = month.seats.price(*key[:2])
            last_use = month.seats.last_use(key)
            rows.append(
                {
                    "review_month": one.month.month,
                    "team_alias": key[0],
                    "offering_key": key[1],
                    "person_key": key[2],
                    "reason": finding.scope,
                    "left_on": left_on,
                    "ghost_from": begin,
                    "ghost_to": end,
                    "seat_days": days,
                    "cost": None if price is None else price * Fraction(days, 365),
                    "deprovisioning_days": (end - left_on).days if end and left_on else None,
                    "last_use_after_leaving": last_use if last_use and left_on and last_use > left_on else None,
                    "first_seen_month": first.month.month,
                }
            )
    return rows
