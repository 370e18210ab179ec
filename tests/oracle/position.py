"""ENT-01, ENT-04: positions of (team, offering); other families ask which of them are over their entitlement."""

from __future__ import annotations

from datetime import date

from tests.oracle.foundations import World


def ended_before(w: World, team: str, offering: str) -> date | None:
    """The latest end_date of the subscriptions of a (team, offering) that ended before as_of."""
    rows = w.subscriptions_of.get((team, offering), ())
    return max((r["end_date"] for r in rows if r["end_date"] < w.as_of), default=None)


def ent_04_positions(w: World) -> set[tuple[str, str]]:
    """ENT-04: assigned > 0, E(as_of) = 0, and a subscription of that (team, offering) ended before as_of."""
    if not w.whole("subscriptions") or not w.estate.present("subscriptions", w.month) or not w.has_a:
        return set()
    return {
        (t, o)
        for t, o in w.positions
        if w.assigned.get((t, o)) and w.entitled(t, o) == 0 and ended_before(w, t, o) is not None
    }


def ent_01_positions(w: World) -> set[tuple[str, str]]:
    """ENT-01: gap_team > 0, where ENT-04 does not hold."""
    if not w.whole("subscriptions") or not w.estate.present("subscriptions", w.month) or not w.has_a:
        return set()
    return {(t, o) for t, o in w.positions if w.gap_team(t, o) > 0} - ent_04_positions(w)
