"""Seats that could be freed, and those who need one: matched (USE-10), with the findings they rest on (USE-01, USE-02;
USE-04 is `flex`).
"""

from __future__ import annotations

from datetime import timedelta

from pipelines.demo.days import cutoff
from pipelines.demo.estate import HARBOUR, RIVER
from pipelines.demo.plants.activity import plant_idle
from pipelines.demo.records import Seat
from pipelines.demo.world import World

NAVISWORKS = "navisworks_manage"


def plant(world: World) -> None:
    """Two idle Navisworks seats, one of them in the receivers' own team. The dearest receiver gets that one, although
    the other is idle longer.
    """
    stopped = cutoff(world.months[0]) - timedelta(days=100)
    idle = world.add(seats=(Seat(HARBOUR, NAVISWORKS, world.long_ago),), products=(NAVISWORKS,), last_use=stopped)
    plant_idle(world, idle, "an idle seat that somebody needs", HARBOUR, NAVISWORKS)
    never = world.add(seats=(Seat(RIVER, NAVISWORKS, world.long_ago),), products=())
    world.plant("USE-02", "violation", "a seat never used", team=RIVER, offering=NAVISWORKS, person=never)
    first, second = (
        p.person for p in world.truth if p.rule == "USE-04" and p.kind == "violation" and p.month == world.last
    )
    for team, person, receiver, kind in (
        (HARBOUR, idle, first, "violation"),
        (RIVER, never, second, "violation"),
        (HARBOUR, idle, second, "near_miss"),
        (RIVER, never, first, "near_miss"),
    ):
        note = "the match" if kind == "violation" else "the other way round"
        world.plant("USE-10", kind, note, team=team, offering=NAVISWORKS, person=person, scope=receiver)
