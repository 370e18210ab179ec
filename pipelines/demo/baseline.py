"""The clean part of the estate: everybody is in HR and directory, has one seat, and uses it on twelve days of every
month.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from pipelines.demo.days import month_days, product_on, use_days
from pipelines.demo.estate import ATELIER, BOUGHT, COLLECTION, DEPARTMENTS, FELS, FIELD, FIRM, HARBOUR, RIVER
from pipelines.demo.records import Event, Person, Seat
from pipelines.demo.world import World
from pipelines.partitions import shift

OFFERED = ("autocad", "revit", "civil_3d", "maya", COLLECTION)
OF_TEN = (HARBOUR,) * 5 + (RIVER,) * 3 + (FIELD, FELS)


def add_employees(world: World, persons: int) -> None:
    """People of the baseline: half in the first team, every tenth in the acquired one."""
    for number in range(persons):
        team, offering = OF_TEN[number % 10], OFFERED[(number // 10 + number) % len(OFFERED)]
        assigned = date(world.long_ago.year, 1, 1) + timedelta(days=number % 365)
        person = world.add(
            seats=(Seat(team, offering, assigned),),
            products=("revit", "autocad") if offering == COLLECTION else (offering,),
            department=DEPARTMENTS[number % 4],
        )
        if team == FELS:
            world.people[-1] = replace(person, entity=ATELIER, email=person.email.replace(FIRM, BOUGHT))
    world.employees = persons


def add_telemetry(world: World) -> None:
    """Every fourth employee is seen in telemetry; of the field office the rows of the month before come, weeks late."""
    for month in world.months:
        for person in world.people[: world.employees : 4]:
            late = person.home == FIELD
            first, last = month_days(shift(month, -1) if late else month)
            for day in use_days(person, first, last)[::4]:
                event = Event(month, day, person.email, person.home, product_on(person, day), f"ws-{person.number}")
                world.events.append(replace(event, source="field", lag_hours=960) if late else event)


def employees(world: World, team: str, offering: str = "") -> list[Person]:
    """People of a team's baseline (with this offering), in order."""
    return [
        p
        for p in world.people[: world.employees]
        if p.home == team and (not offering or p.seats[0].offering == offering)
    ]
