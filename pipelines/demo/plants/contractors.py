"""Contractors past their end, seen only in telemetry, and shared accounts (CON-01 03 04; CON-02 stands with the
strangers).
"""

from __future__ import annotations

from datetime import timedelta

from pipelines.demo.estate import FIRM, HARBOUR, PARTNER
from pipelines.demo.records import Event
from pipelines.demo.world import World
from pipelines.partitions import as_of


def plant(world: World) -> None:
    """Contractors of the partner firm, one who works without a seat, and accounts that no person owns."""
    end, number = as_of(world.last), len(world.people)
    for local, ends, kind in (("past", end - timedelta(days=1), "violation"), ("last", end, "near_miss")):
        person = world.add(
            email=f"{local}{number}@{PARTNER}", in_hr=False, in_directory=False, is_contractor=True, contractor_end=ends
        )
        months = [world.last] if kind == "violation" else None
        note = f"engagement ends on {ends}"
        world.plant("CON-01", kind, note, team=HARBOUR, offering="autocad", person=person, months=months)
    shared = world.add(email=f"cad01@{FIRM}", in_hr=False)
    world.plant("CON-04", "violation", "a shared account", team=HARBOUR, offering="autocad", person=shared)
    real = world.add(email=f"cadosi.wira@{FIRM}")
    note = "a person whose name begins like a shared account"
    world.plant("CON-04", "near_miss", note, team=HARBOUR, offering="autocad", person=real)
    _seen_in_telemetry(world)


def _seen_in_telemetry(world: World) -> None:
    number = len(world.people)
    seen = world.add(
        email=f"seen{number}@{PARTNER}",
        seats=(),
        in_hr=False,
        in_directory=False,
        is_contractor=True,
        policy="own",
        in_portal=False,
    )
    seated = world.add(email=f"seated{number}@{PARTNER}", in_hr=False, in_directory=False, is_contractor=True)
    for month in world.months:
        day = as_of(month).replace(day=18)
        world.events.append(Event(month, day, seen.email, HARBOUR, "revit", "own-1"))
        world.events.append(Event(month, day, seated.email, HARBOUR, "autocad", "own-2"))
    world.plant("CON-03", "violation", "contractor in telemetry only", offering="revit", person=seen)
    world.plant("CON-03", "near_miss", "contractor with a seat in telemetry", offering="autocad", person=seated)
    world.plant("LRT-07", "violation", "use without seat, tokens or licence", offering="revit", person=seen)
