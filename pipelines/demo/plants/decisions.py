"""What reviewers decided about planted findings: waived for a time, a false positive, accepted, said to be
remediated.
"""

from __future__ import annotations

from datetime import date

from pipelines.demo.records import Decision
from pipelines.demo.world import World
from pipelines.partitions import as_of, shift


def plant(world: World) -> None:
    """One finding each. The waiver ends with the month before the last; what was said to be remediated is still
    there.
    """
    first, middle = as_of(world.months[0]), as_of(world.middle)
    before_last = as_of(shift(world.last, -1))
    _decide(world, "ADM-07", first, "waived", "a second administrator is being trained", before_last)
    _decide(world, "CON-04", first, "false_positive", "the plotter's account")
    _decide(world, "USE-08", middle, "accepted", "works for both teams")
    _decide(world, "USE-07", middle, "remediated", "the single seat was taken back")


def _decide(world: World, rule: str, day: date, decision: str, reason: str, until: date | None = None) -> None:
    found = next(p for p in world.truth if p.rule == rule and p.kind == "violation")
    key = "|".join((rule, found.team, found.offering, found.person, found.scope))
    world.decisions.append(Decision(key, day, decision, until, reason))
