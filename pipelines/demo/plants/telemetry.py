"""What telemetry shows: versions, features, devices, overlaps, countries, late rows, and what the SAM tool knows
(LRT-01 to LRT-14).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

from pipelines.demo.days import days_of
from pipelines.demo.estate import FIELD, HARBOUR, RIVER
from pipelines.demo.records import Event, Person, Seat
from pipelines.demo.world import World
from pipelines.partitions import as_of, shift

AI, CLOUD = "Generative Design", "Cloud Rendering"
# Of every so many persons of this offering the SAM tool does not know one.
UNKNOWN_TO_SAM, EVERY = "maya", 10


def plant(world: World) -> None:
    """People whose telemetry says something, once a month on the 18th."""
    _versions(world)
    _features(world)
    _devices(world)
    _sources(world)
    _abroad(world)


def monthly(world: World, person: Person, offering: str = "autocad", **more: Any) -> None:
    """An event on the 18th of every month."""
    for month in world.months:
        day = as_of(month).replace(day=18)
        facts = {"device": f"ws-{person.number}", "in_sam": person.in_sam, **more}
        world.events.append(Event(month, day, person.email, person.home, offering, **facts))


def _versions(world: World) -> None:
    for rule, version, kind in (
        ("LRT-01", "2028", "violation"),
        ("LRT-01", "2027", "near_miss"),
        ("LRT-02", "2021", "violation"),
        ("LRT-02", "2023", "near_miss"),
    ):
        person = world.add()
        monthly(world, person, version=version)
        note = f"release {version} where 2023 to 2027 are covered"
        world.plant(rule, kind, note, offering="autocad", person=person, scope=version)


def _features(world: World) -> None:
    needed, ai, cloud = "navisworks_manage", "generative_design", "cloud_rendering"
    without = world.add()
    monthly(world, without, feature=AI)
    key: dict[str, Any] = {"offering": needed, "person": without, "scope": ai}
    world.plant("LRT-03", "violation", "a feature without its offering", **key)
    world.plant("LRT-14", "near_miss", "LRT-03 says so already", **key)
    for feature, scope, kind in ((AI, ai, "violation"), (CLOUD, cloud, "near_miss")):
        holder = world.add(seats=(Seat(RIVER, needed, world.long_ago),), products=(needed,))
        monthly(world, holder, needed, feature=feature)
        world.plant("LRT-14", kind, f"{feature} by a holder", offering=needed, person=holder, scope=scope)
        note = "a feature with its offering"
        world.plant("LRT-03", "near_miss", note, offering=needed, person=holder, scope=scope)


def _devices(world: World) -> None:
    for count, kind in ((4, "violation"), (3, "near_miss")):
        person = world.add()
        for number in range(count):
            monthly(world, person, device=f"box-{person.number}-{number}", hour=9 + 2 * number)
        world.plant("LRT-04", kind, f"{count} devices", offering="autocad", person=person)
    for start, same, kind in ((54, False, "violation"), (55, False, "near_miss"), (30, True, "near_miss")):
        person = world.add()
        monthly(world, person)
        monthly(world, person, device=f"ws-{person.number}" if same else f"nb-{person.number}", minute=start)
        overlap = f"{60 - start} minutes on {'one device' if same else 'two devices'}"
        world.plant("LRT-05", kind, f"sessions overlap by {overlap}", person=person)


def _sources(world: World) -> None:
    exact = world.add()
    monthly(world, exact, source="cloud", lag_hours=48)
    if any(e.source == "field" for e in world.events):
        world.plant("LRT-09", "violation", "the field office's rows come weeks late", scope="field")
    world.plant("LRT-09", "near_miss", "rows come exactly 48 hours late", scope="cloud")
    world.plant("LRT-09", "near_miss", "rows come a day late", scope="desktop")


def _abroad(world: World) -> None:
    """Days in another country: the first team's contract covers Germany and Austria, the others' say nothing of
    territory.
    """
    first = as_of(shift(world.months[0], -2)).replace(day=1)
    days = days_of(first, first + timedelta(days=50), tuple(range(1, 26)))
    for count, team, country in ((31, HARBOUR, "CH"), (30, HARBOUR, "CH"), (31, HARBOUR, "AT"), (31, FIELD, "CH")):
        person = world.add(seats=(Seat(team, "autocad", world.long_ago),))
        for day in days[:count]:
            event = Event(world.months[0], day, person.email, team, "autocad", f"ws-{person.number}", country=country)
            world.events.append(event)
        note = f"{count} days in {country}, team {team}"
        outside = team == HARBOUR and country == "CH"
        holds = partial(_longer_abroad, days[:count] if outside else [])
        world.plant_if("LRT-10", note, holds, person=person, scope=country)


def _longer_abroad(days: list[date], month: str) -> bool:
    return in_window(days, month) > 30


def in_window(days: Iterable[date], month: str) -> int:
    """How many of the days lie in the telemetry window of a month."""
    end = as_of(month)
    return sum(end - timedelta(days=365) < d <= end for d in days)


def sam_rows(world: World) -> list[tuple[str, str, str, date]]:
    """(drop, e-mail, offering, last use) rows of the SAM tool: per drop the latest use that telemetry shows, but for
    the persons it does not know.
    """
    latest: dict[tuple[str, str, str], date] = {}
    for e in world.events:
        if e.in_sam:
            key = (e.month, e.email, e.offering)
            latest[key] = max(latest.get(key, e.day), e.day)
    unknown = set(sorted({email for _, email, offering in latest if offering == UNKNOWN_TO_SAM})[::EVERY])
    return sorted((*key, day) for key, day in latest.items() if key[2] != UNKNOWN_TO_SAM or key[1] not in unknown)


def plant_coverage(world: World) -> None:
    """LRT-08: per offering the share of persons whom only one of telemetry and SAM tool knows. Counted after everything
    is planted.
    """
    known = sam_rows(world)
    for offering in sorted({e.offering for e in world.events}):
        note = "persons in only one of telemetry and SAM tool"
        world.plant_if("LRT-08", note, partial(_differ, world, known, offering), offering=offering)


def _differ(world: World, known: list[tuple[str, str, str, date]], offering: str, month: str) -> bool:
    end = as_of(month)
    start = end - timedelta(days=365)
    lrt = {e.email for e in world.events if e.month <= month and e.offering == offering and start < e.day <= end}
    sam = {p for drop, p, o, day in known if drop <= month and o == offering and start < day <= end}
    return len(lrt ^ sam) > 0.05 * len(lrt | sam)
