"""Seats that are not used, hardly used, or held twice (USE-01 02 03 05 06 07 08)."""

from __future__ import annotations

from datetime import date, timedelta

from pipelines.demo.days import cutoff, use_days
from pipelines.demo.estate import COLLECTION, DAYS, HARBOUR, PRICES, RARE_DAYS, RATES, RIVER, TOKEN_PRICE
from pipelines.demo.records import Person, Seat
from pipelines.demo.world import World
from pipelines.partitions import as_of


def plant(world: World) -> None:
    """People with idle, rare or double seats."""
    _inactive(world)
    _never_used(world)
    _rare(world)
    _twice(world)
    _bundles(world)


def _inactive(world: World) -> None:
    for days, month in ((90, world.last), (89, world.last), (90, world.middle)):
        stopped = cutoff(month) - timedelta(days=days)
        person = world.add(days=(11,), also=(stopped,), last_use=stopped)
        note = f"last use {days} days before the cutoff of {month}"
        plant_idle(world, person, note)
    stopped = cutoff(world.months[0]) - timedelta(days=91)
    plant_idle(world, world.add(days=(11,), also=(stopped,), last_use=stopped, on_leave=True), "idle while on leave")


def idle_days(world: World, person: Person, month: str) -> int:
    """Days from the last use that is seen in a month to its cutoff, -1 without any."""
    seen = use_days(person, world.first_day, as_of(month))
    return (cutoff(month) - seen[-1]).days if seen else -1


def plant_idle(world: World, person: Person, note: str, team: str = HARBOUR, offering: str = "autocad") -> None:
    """USE-01 in the months in which the person's last use lies 90 days or more before the cutoff, and USE-03 where Flex
    would be cheaper.
    """
    key = {"team": team, "offering": offering, "person": person}
    world.plant_if("USE-01", note, lambda month: idle_days(world, person, month) >= 90, **key)
    plant_rare(world, person, note, team, offering)


def _never_used(world: World) -> None:
    for days, kind in ((45, "violation"), (44, "near_miss")):
        assigned = as_of(world.last) - timedelta(days=days)
        person = world.add(products=(), seats=(Seat(HARBOUR, "autocad", assigned),))
        months = [world.last] if kind == "violation" else None
        note = f"assigned {days} days before the end, never used"
        world.plant("USE-02", kind, note, team=HARBOUR, offering="autocad", person=person, months=months)


def cost_on_flex(world: World, person: Person, offering: str, month: str) -> float:
    """What the year's use of a single product would cost in tokens, annualised over the days that the exports show."""
    first, last = world.window(month)
    days = len(use_days(person, first, last))
    return days * RATES[offering] * TOKEN_PRICE * 365 / min(365, (last - first_use(world)).days + 1)


def first_use(world: World) -> date:
    """The first day of anybody's use."""
    return world.first_day.replace(day=DAYS[0])


def plant_rare(world: World, person: Person, note: str, team: str = HARBOUR, offering: str = "autocad") -> None:
    """USE-03 in the months in which the person's use would be cheaper in tokens."""

    def holds(month: str) -> bool:
        cost = cost_on_flex(world, person, offering, month)
        seated = any(s.offering == offering and s.held(as_of(month)) for s in person.seats)
        return seated and 0 < cost < PRICES[offering] * 0.85

    world.plant_if("USE-03", note, holds, team=team, offering=offering, person=person)


def _rare(world: World) -> None:
    plant_rare(world, world.add(days=RARE_DAYS), "two days of use a month")
    often = world.add(days=(2, 4, 6, 9, 11, 13, 16))
    world.plant("USE-03", "near_miss", "seven days of use a month", team=HARBOUR, offering="autocad", person=often)


def _twice(world: World) -> None:
    bundle, since = Seat(HARBOUR, COLLECTION, world.long_ago), world.long_ago
    both = world.add(seats=(bundle, Seat(HARBOUR, "autocad", since)), products=("revit", "autocad"))
    apart = world.add(seats=(bundle, Seat(HARBOUR, "maya", since)), products=("revit", "autocad"))
    for person, offering, kind in ((both, "autocad", "violation"), (apart, "maya", "near_miss")):
        note = f"a collection and {offering} in one team"
        world.plant("USE-07", kind, note, team=HARBOUR, offering=offering, person=person, scope=COLLECTION)
    other_team = world.add(seats=(bundle, Seat(RIVER, "autocad", since)), products=("revit", "autocad"))
    note = "a collection and its member in different teams"
    world.plant("USE-07", "near_miss", note, team=RIVER, offering="autocad", person=other_team, scope=COLLECTION)
    twice = world.add(seats=(Seat(HARBOUR, "revit", since), Seat(RIVER, "revit", since)), products=("revit",))
    world.plant("USE-08", "violation", "one offering in two teams", offering="revit", person=twice)
    mixed = world.add(seats=(Seat(HARBOUR, "revit", since), Seat(RIVER, "civil_3d", since)), products=("revit",))
    world.plant("USE-08", "near_miss", "two offerings in two teams", offering="revit", person=mixed)
    world.plant("USE-05", "violation", "two products dearer than the collection", offering=COLLECTION, person=mixed)


def _bundles(world: World) -> None:
    since = world.long_ago
    pair = world.add(seats=(Seat(HARBOUR, "revit", since), Seat(HARBOUR, "autocad", since)), products=("revit",))
    world.plant("USE-05", "violation", "two products dearer than the collection", offering=COLLECTION, person=pair)
    outside = world.add(seats=(Seat(HARBOUR, "revit", since), Seat(HARBOUR, "maya", since)), products=("revit",))
    world.plant("USE-05", "near_miss", "one of the two is no member", offering=COLLECTION, person=outside)
    bundle = (Seat(HARBOUR, COLLECTION, since),)
    one = world.add(seats=bundle, products=("revit",))
    dear = world.add(seats=bundle, products=("autocad_plant_3d",))
    two = world.add(seats=bundle, products=("civil_3d", "revit"))
    for person, kind, note in (
        (one, "violation", "a collection for one product"),
        (dear, "near_miss", "its one product costs exactly 90 % of the collection"),
        (two, "near_miss", "two products of the collection"),
    ):
        world.plant("USE-06", kind, note, team=HARBOUR, offering=COLLECTION, person=person)
