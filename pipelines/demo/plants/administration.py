"""Administrators: too many, one alone, ghosts, outsiders, not on the roster, newly made, long away (ADM-01 to
ADM-07).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from pipelines.demo.days import cutoff
from pipelines.demo.estate import FELS, FIELD, HARBOUR, OUTSIDE, PARTNER, RIVER, TEAMS
from pipelines.demo.plants.identity import ghost
from pipelines.demo.records import Person, Seat
from pipelines.demo.world import World
from pipelines.partitions import as_of

COUNT = {RIVER: 6, FELS: 1}
FIRST, SECOND = "Primary admin", "Secondary admin"


def plant(world: World) -> None:
    """Three administrators a team, six and one in two of them, and the odd ones."""
    for team in TEAMS:
        for number in range(COUNT.get(team, 3)):
            role = FIRST if number == 0 else SECOND
            unapproved = team == RIVER and number == 5
            person = world.add(seats=(Seat(team, "autocad", world.long_ago),), role=role, approved=not unapproved)
            if unapproved:
                _roster(world, person, world.months, "not on the roster")
    world.plant("ADM-07", "violation", "one administrator", team=FELS)
    world.plant("ADM-07", "near_miss", "three administrators", team=FIELD)
    _odd_ones(world)
    _newly_made(world)
    _long_away(world)


def plant_counts(world: World) -> None:
    """ADM-01 of every team; counted after everybody is planted."""
    for team in TEAMS:
        world.plant_if("ADM-01", "administrators counted", partial(too_many, world, team), team=team)


def too_many(world: World, team: str, month: str) -> bool:
    """More than five administrators, or more than 2 % of at least a hundred people that the portal shows."""
    people = [p for p in world.people if p.in_portal and team in p.teams(month)]
    admins = sum(p.is_admin(month) for p in people)
    return admins > 5 or (len(people) >= 100 and admins * 100 > 2 * len(people))


def _roster(world: World, person: Person, months: list[str], note: str) -> None:
    world.plant("ADM-05", "violation", note, team=person.home, person=person, scope="unapproved", months=months)


def _odd_ones(world: World) -> None:
    gone = world.add(seats=(Seat(FIELD, "autocad", world.long_ago),), role=SECOND, approved=True, enabled=False)
    world.plant("ADM-03", "violation", "a disabled administrator", team=FIELD, person=gone)
    ghost(world, gone, "disabled", "a disabled administrator's seat", team=FIELD)
    leaving = as_of(world.last) + timedelta(days=1)
    stays = world.add(seats=(Seat(FIELD, "autocad", world.long_ago),), role=SECOND, approved=True, leave_date=leaving)
    world.plant("ADM-03", "near_miss", "an administrator who leaves the day after", team=FIELD, person=stays)
    email = f"boss{len(world.people)}@{OUTSIDE}"
    alien = world.add(email=email, seats=(), role=SECOND, approved=True, in_hr=False, in_directory=False)
    world.plant("ADM-04", "violation", "an administrator from outside", team=HARBOUR, person=alien)
    email = f"partner{len(world.people)}@{PARTNER}"
    partner = world.add(email=email, seats=(), role=SECOND, approved=True, in_hr=False, in_directory=False)
    world.plant("ADM-04", "near_miss", "an administrator of the partner firm", team=HARBOUR, person=partner)


def _newly_made(world: World) -> None:
    """Two who become administrators in the last month, one of them approved. Without a month before nothing is new."""
    later = [world.last] if len(world.months) > 1 else []
    for approved in (False, True):
        person = world.add(
            seats=(Seat(RIVER, "autocad", world.long_ago),), role=SECOND, role_from=world.last, approved=approved
        )
        key: dict[str, Any] = {"team": RIVER, "person": person}
        if approved:
            world.plant("ADM-06", "near_miss", "newly made, approved", **key)
        else:
            world.plant("ADM-06", "violation", "newly made without approval", months=later, **key)
            _roster(world, person, [world.last], "newly made, not on the roster")


def _long_away(world: World) -> None:
    limit = cutoff(world.last) - timedelta(days=180)
    for signed_in, months, note in (
        (limit, [world.last], "last sign-in 180 days before the cutoff"),
        (limit + timedelta(days=1), [], "last sign-in 179 days before the cutoff"),
        (date.min, world.months, "never signed in"),
    ):
        person = world.add(seats=(), home=RIVER, role=SECOND, approved=True, last_sign_in=signed_in)
        kind = "violation" if months else "near_miss"
        world.plant("ADM-02", kind, note, team=RIVER, person=person, months=months or None)
