"""Members of cloud hubs: who has left, who administers, who may use what without a seat, whose invitation waits
(HUB-01 to HUB-05).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pipelines.demo.estate import CLOUD_OFFERING, FIRM, HARBOUR, OPEN_COLLECTION, PARTNER
from pipelines.demo.records import HubMember, Person
from pipelines.demo.world import World
from pipelines.partitions import as_of

# The hub of the first team, and one that belongs to no team.
HUB, LOOSE = "5d0f1c3a-0000-4000-8000-000000000001", "5d0f1c3a-0000-4000-8000-000000000002"
BRIDGE, TOWER = "Harbour Bridge", "Harbour Tower"
ADMINISTRATORS = 6


def plant(world: World) -> None:
    """A hub with too many administrators and one with just enough, and everything that the rules tell apart in them."""
    clean = [p for p in world.people[: world.employees] if p.in_portal]
    for person in clean[:ADMINISTRATORS]:
        _member(world, person, administrator=True)
    for person in clean[: ADMINISTRATORS - 1]:
        _member(world, person, project=BRIDGE, administrator=True)
        _member(world, person, hub=LOOSE, administrator=True)
    world.plant("HUB-02", "violation", "six administrators", team=HARBOUR, scope=HUB)
    world.plant("HUB-02", "near_miss", "five administrators of a project", team=HARBOUR, scope=f"{HUB}:{BRIDGE}")
    world.plant("HUB-02", "near_miss", "five administrators", scope=LOOSE)
    _gone(world)
    _access(world, clean)
    _invited(world)
    _leaving(world)


def _member(world: World, person: Person, **facts: Any) -> None:
    world.hub_members.append(HubMember(**{"hub": HUB, "person": person, **facts}))


def _outsider(world: World, **facts: Any) -> Person:
    """Somebody who is only in hubs."""
    return world.add(seats=(), in_portal=False, in_sam=False, **facts)


def _gone(world: World) -> None:
    left = date(int(world.months[0][:4]), 1, 15)
    number = len(world.people)
    leaver = _outsider(world, leave_date=left, enabled=False)
    chief = _outsider(world, leave_date=left, enabled=False)
    partner: dict[str, Any] = {"in_hr": False, "in_directory": False, "is_contractor": True}
    ended = _outsider(world, email=f"past{number}@{PARTNER}", contractor_end=left, **partner)
    stays = _outsider(world, email=f"here{number}@{PARTNER}", contractor_end=as_of(world.last), **partner)
    for person in (leaver, ended, stays):
        _member(world, person)
        _member(world, person, project=TOWER)
    _member(world, chief, hub=LOOSE)
    _member(world, chief, hub=LOOSE, project="Quarry", administrator=True)
    world.plant("HUB-01", "violation", "left, and still in the hub", team=HARBOUR, person=leaver, scope=HUB)
    world.plant("HUB-01", "violation", "left, and administers a project", person=chief, scope=LOOSE)
    world.plant("HUB-01", "violation", "the engagement ended", team=HARBOUR, person=ended, scope=HUB)
    world.plant("HUB-01", "near_miss", "engaged to the last day", team=HARBOUR, person=stays, scope=HUB)
    former = _outsider(world, leave_date=left, enabled=False)
    _member(world, former, status="deleted")
    world.plant("HUB-01", "near_miss", "left, and removed from the hub", team=HARBOUR, person=former, scope=HUB)


def _access(world: World, clean: list[Person]) -> None:
    without = clean[ADMINISTRATORS]
    holder = next(p for p in world.people if any(s.offering == OPEN_COLLECTION for s in p.seats))
    for person, product in ((without, "docs"), (without, "build"), (holder, "docs")):
        _member(world, person, project=BRIDGE, product=product)
    for person in (without, holder):
        _member(world, person)
        _member(world, person, project=BRIDGE)
    key = {"team": HARBOUR, "offering": CLOUD_OFFERING, "scope": HUB}
    world.plant("HUB-03", "violation", "access without a seat", person=without, **key)
    world.plant("HUB-03", "near_miss", "a collection held may contain it", person=holder, **key)


def _invited(world: World) -> None:
    for days, kind in ((31, "violation"), (30, "near_miss")):
        person = _outsider(world, email=f"guest{len(world.people)}@{FIRM}")
        _member(world, person, status="pending", invited_days_ago=days)
        world.plant("HUB-04", kind, f"invited {days} days ago", team=HARBOUR, person=person, scope=HUB)


def _leaving(world: World) -> None:
    """Whose idle seat is to be taken away, and who keeps it while on leave."""
    for on_leave, kind in ((False, "violation"), (True, "near_miss")):
        idle = {
            t.person: {x.month for x in world.truth if (x.rule, x.kind, x.person) == ("USE-01", "violation", t.person)}
            for t in world.truth
            if (t.rule, t.kind, t.team) == ("USE-01", "violation", HARBOUR)
        }
        person = next(p for p in world.people if p.email in idle and p.on_leave is on_leave)
        _member(world, person)
        months = idle[person.email] if kind == "violation" else None
        note = "on leave: the seat stays" if on_leave else "the seat is to be taken away"
        world.plant("HUB-05", kind, note, team=HARBOUR, person=person, scope=HUB, months=months)
