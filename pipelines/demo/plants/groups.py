"""Portal groups, single sign-on and directory sync: over-broad, idle, growing and emptied groups (IDN-04 05 06 07 10
12).
"""

from __future__ import annotations

from functools import partial

from pipelines.demo.baseline import employees
from pipelines.demo.estate import FELS, FIELD, HARBOUR, RIVER, TEAMS
from pipelines.demo.records import Group, Member, Person, Seat
from pipelines.demo.world import World
from pipelines.partitions import shift

DEFAULT_OFFERING = "maya"


def plant(world: World) -> None:
    """Groups, then the sync of the teams."""
    _meant_for_others(world)
    _idle(world)
    _growing(world)
    _emptied(world)
    _sync(world)


def _group(world: World, team: str, name: str, people: list[Person], **more: str) -> None:
    world.groups.append(Group(team, name, tuple(Member(p) for p in people), **more))


def _meant_for_others(world: World) -> None:
    """A group whose members are mostly of other departments; and one that stands beside a default assignment."""
    drafters = employees(world, HARBOUR, "autocad")[:12]
    intended = "department in ('BIM', 'Design')"
    _group(world, HARBOUR, "BIM Harbour", drafters, kind="Synced", grants="autocad", intended=intended)
    key = {"team": HARBOUR, "offering": "autocad", "scope": "BIM Harbour"}
    outside = sum(p.department not in {"BIM", "Design"} for p in drafters)
    world.plant("IDN-04", "violation", f"{outside} members of other departments", **key)
    world.plant("IDN-06", "near_miss", "everybody uses what the group grants", **key)
    animators = employees(world, RIVER, DEFAULT_OFFERING)
    roads = [p for p in animators if p.department == "Roads"]
    stranger = world.add(seats=(), home=RIVER, in_hr=False, department="Roads")
    _group(world, RIVER, "Roads", [*roads, stranger], grants=DEFAULT_OFFERING, intended="department = 'Roads'")
    note = "all of the department meant, and one unknown to HR"
    world.plant("IDN-04", "near_miss", note, team=RIVER, offering=DEFAULT_OFFERING, scope="Roads")
    for person in animators:
        both = person in roads
        note = "by default and by group" if both else "by default alone"
        kind = "violation" if both else "near_miss"
        world.plant("IDN-07", kind, note, team=RIVER, offering=DEFAULT_OFFERING, person=person)


def _idle(world: World) -> None:
    others = employees(world, HARBOUR, "revit")
    for name, active, kind in (("Render desk", 2, "violation"), ("Model desk", 3, "near_miss")):
        seat = (Seat(HARBOUR, "3ds_max", world.long_ago),)
        users = [world.add(seats=seat, products=("3ds_max",)) for _ in range(active)]
        rest, others = others[: 6 - active], others[6 - active :]
        _group(world, HARBOUR, name, [*users, *rest], grants="3ds_max")
        note = f"{active} of six members use what the group grants"
        world.plant("IDN-06", kind, note, team=HARBOUR, offering="3ds_max", scope=name)


def _growing(world: World) -> None:
    """Groups that grow in the last month: seen against the drop three months before, if there is one."""
    people = employees(world, RIVER)
    now = [world.last] if len(world.months) > 3 else []
    for name, joiners, kind in (("Newcomers", 11, "violation"), ("Intake", 10, "near_miss")):
        members = [Member(p) for p in people[:10]] + [Member(p, since=world.last) for p in people[10 : 10 + joiners]]
        world.groups.append(Group(RIVER, name, tuple(members)))
        note = f"ten members, then {joiners} more"
        world.plant("IDN-05", kind, note, team=RIVER, scope=name, months=now if kind == "violation" else None)
    staff = employees(world, HARBOUR)[:5]
    acquired = employees(world, FELS)[0]
    unknown = world.add(seats=(), in_hr=False)
    for name, joiner, kind in (("Guests", acquired, "violation"), ("Project room", unknown, "near_miss")):
        members = [*(Member(p) for p in staff), Member(joiner, since=world.last)]
        world.groups.append(Group(HARBOUR, name, tuple(members)))
        note = f"a member of {'another firm' if kind == 'violation' else 'no firm known'} joins"
        world.plant("IDN-05", kind, note, team=HARBOUR, scope=name, months=now if kind == "violation" else None)


def _emptied(world: World) -> None:
    """Groups that lose members in the last month."""
    people, before = employees(world, RIVER), shift(world.last, -1)
    now = [world.last] if len(world.months) > 1 else []
    for name, size, lost, kind in (
        ("Surveyors", 19, 10, "violation"),
        ("Drafters", 20, 10, "near_miss"),
        ("Modellers", 12, 9, "near_miss"),
    ):
        members = [Member(p, until=before if n < lost else "9999-99") for n, p in enumerate(people[:size])]
        world.groups.append(Group(RIVER, name, tuple(members)))
        note = f"lost {lost} of {size} members"
        world.plant("IDN-12", kind, note, team=RIVER, scope=name, months=now if kind == "violation" else None)


def sync_of(world: World, team: str, month: str) -> tuple[bool, int, int]:
    """(directory sync on, hours from the last sync to the end of the as-of date, errors) of a team in a month."""
    if team == FELS:
        return False, 900, 0
    if team == FIELD:
        return True, 49 if month == world.last else 4, 3 if month == world.middle else 0
    return True, 48 if team == RIVER else 4, 0


def _sync(world: World) -> None:
    for team in TEAMS:
        kind = "near_miss" if sync_of(world, team, world.last)[0] else "violation"
        world.plant("IDN-10", kind, "single sign-on, directory sync as configured", team=team)
        note = "the last sync is long ago"
        world.plant_if("IDN-12", note, partial(_is_behind, team, world), team=team, scope="last_sync")
    errors = [m for m in world.months if sync_of(world, FIELD, m)[2] > 0]
    world.plant("IDN-12", "violation", "sync errors", team=FIELD, scope="sync_errors", months=errors)


def _is_behind(team: str, world: World, month: str) -> bool:
    on, hours, _ = sync_of(world, team, month)
    return on and hours > 48
