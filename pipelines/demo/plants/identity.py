"""Ghosts, use after leaving, unknown domains, invitations, and how long seats outlive their people (IDN-01 02 03 09
11).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from pipelines.demo.estate import ATELIER, BOUGHT, FELS, FIRM, HARBOUR, NORDBAU, OUTSIDE
from pipelines.demo.plants.activity import plant_idle
from pipelines.demo.records import Person, Seat
from pipelines.demo.world import World
from pipelines.partitions import as_of


def plant(world: World) -> None:
    """Leavers, accounts that are off or unknown, strangers, invitations."""
    _ghosts(world)
    _left_during_the_month(world)
    _strangers(world)
    _invitations(world)
    _leavers_of_quarters(world)


def ghost(world: World, person: Person, reason: str, note: str, team: str = HARBOUR, offering: str = "autocad") -> None:
    """IDN-01 of a person's seat, from the month in which it holds."""

    def holds(month: str) -> bool:
        return reason != "left" or (person.leave_date is not None and person.leave_date <= as_of(month))

    world.plant_if("IDN-01", note, holds, team=team, offering=offering, person=person, scope=reason)


def _ghosts(world: World) -> None:
    end = as_of(world.last)
    left = world.add(leave_date=end, last_use=end - timedelta(days=20))
    ghost(world, left, "left", "left on the as-of date")
    stays = world.add(leave_date=end + timedelta(days=1))
    note = "leaves the day after the as-of date"
    world.plant("IDN-01", "near_miss", note, team=HARBOUR, offering="autocad", person=stays, scope="left")
    earlier = world.add(leave_date=as_of(world.middle), last_use=as_of(world.middle) - timedelta(days=10))
    ghost(world, earlier, "left", "left in the middle of the run")
    plant_idle(world, earlier, "no use since leaving")
    ghost(world, world.add(enabled=False), "disabled", "directory account off")
    ghost(world, world.add(in_directory=False, in_hr=False), "absent", "in neither directory nor HR")
    known = world.add(in_directory=False)
    note = "not in the directory, but in HR"
    world.plant("IDN-01", "near_miss", note, team=HARBOUR, offering="autocad", person=known, scope="absent")
    back = world.add(rehired=True)
    note = "left once, and was hired again"
    world.plant("IDN-01", "near_miss", note, team=HARBOUR, offering="autocad", person=back, scope="left")
    renamed = world.add()
    renamed = world.people[-1] = replace(renamed, former_email=f"former.name{renamed.number}@{FIRM}")
    note = "known to directory and HR by a former address"
    world.plant("IDN-01", "near_miss", note, team=HARBOUR, offering="autocad", person=renamed, scope="absent")


def _left_during_the_month(world: World) -> None:
    end = as_of(world.last)
    for day, kind, note in (
        (5, "violation", "used weeks after leaving"),
        (26, "near_miss", "used on the day after only"),
    ):
        person = world.add(leave_date=date(end.year, end.month, day))
        months = [world.last] if kind == "violation" else None
        world.plant("IDN-02", kind, note, offering="autocad", person=person, months=months)
        ghost(world, person, "left", "left during the month")


def _strangers(world: World) -> None:
    number = len(world.people)
    guest = world.add(email=f"helper{number}@{OUTSIDE}", in_hr=False, in_directory=False, is_contractor=True)
    stranger = world.add(email=f"unknown{number}@{OUTSIDE}", in_hr=False, in_directory=False)
    for person in (guest, stranger):
        world.plant("IDN-09", "violation", "domain not registered", team=HARBOUR, offering="autocad", person=person)
    for person, kind, note in (
        (guest, "near_miss", "outsider, but registered as a contractor"),
        (stranger, "violation", "outsider in no register"),
    ):
        world.plant("CON-02", kind, note, team=HARBOUR, offering="autocad", person=person)
    email = f"bought{number}@{BOUGHT}"
    bought = world.add(email=email, entity=ATELIER)
    note = "the domain of the acquired firm"
    world.plant("IDN-09", "near_miss", note, team=HARBOUR, offering="autocad", person=bought)


def _invitations(world: World) -> None:
    invited = world.add(products=(), status="Invited")
    world.plant("IDN-11", "violation", "invited, never accepted", team=HARBOUR, offering="autocad", person=invited)
    pending = world.add(products=(), status="Pending", seats=())
    world.plant("IDN-11", "near_miss", "invited without an offering", team=HARBOUR, person=pending)


def _leavers_of_quarters(world: World) -> None:
    """In each quarter's last month one seat lasts 8 days longer than its holder, and in the other firm one 7 days."""
    for month in world.months:
        if not is_quarter_end(month):
            continue
        left = as_of(month).replace(day=5)
        for entity, team, days in ((NORDBAU, HARBOUR, 8), (ATELIER, FELS, 7)):
            seat = Seat(team, "autocad", world.long_ago, left + timedelta(days=days))
            world.add(seats=(seat,), entity=entity, leave_date=left, last_use=left)
    for month in filter(is_quarter_end, world.months):
        for entity in (NORDBAU, ATELIER):
            late = max(days_to_the_end(world, entity, month), default=0)
            scope = f"{entity} {quarter(month)}"
            world.plant_month(month, "IDN-03", late > 7, f"a seat outlived its holder by {late} days", scope=scope)


def is_quarter_end(month: str) -> bool:
    """Whether the month closes a quarter."""
    return int(month[5:]) % 3 == 0


def quarter(month: str) -> str:
    """The quarter of a month, as 2026-Q3."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def days_to_the_end(world: World, entity: str, month: str) -> list[int]:
    """Days from leaving to the end of each seat, over those who left in the quarter that the month closes."""
    first = as_of(month).replace(month=int(month[5:]) - 2, day=1)
    end = as_of(month)
    return [
        (min(seat.ended or end, end) - p.leave_date).days
        for p in world.people
        if p.entity == entity and p.in_hr and p.leave_date is not None and first <= p.leave_date <= end
        for seat in p.seats
        if seat.held(p.leave_date)
    ]
