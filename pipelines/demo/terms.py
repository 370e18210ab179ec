"""Contracts and subscriptions of the estate: when they begin and end, and how many seats a month pays for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pipelines.demo.estate import CONTRACTS, HARBOUR, RIVER
from pipelines.demo.records import Line
from pipelines.demo.world import World
from pipelines.partitions import as_of


def contract_start(world: World) -> date:
    """All contracts begin with the year before the first review month."""
    return date(int(world.months[0][:4]) - 1, 1, 1)


def contract_end(world: World, team: str) -> date:
    """End and renewal: of the first team 90 days, of the second 120 days after mid last month, of the others more than
    a year later.
    """
    after = {HARBOUR: 90, RIVER: 120}.get(team)
    if after is None:
        return as_of(world.last) + timedelta(days=426)
    return as_of(world.last).replace(day=17) + timedelta(days=after)


def standard_line(world: World, team: str, offering: str, **changes: Any) -> Line:
    """The usual subscription: to the end of the team's contract, renewing where that ends soon."""
    ends = contract_end(world, team)
    renews = ends if team in {HARBOUR, RIVER} else None
    line = Line(team, offering, contract_start(world), ends, contract=CONTRACTS[team], autorenew=renews)
    return replace(line, **changes)


def complete_lines(world: World) -> None:
    """A usual subscription for every (team, offering) that has seats and no subscription yet."""
    given = {(line.team, line.offering) for line in world.lines}
    wanted = {(s.team, s.offering) for p in world.people for s in p.seats} - given
    world.lines += [standard_line(world, team, offering) for team, offering in sorted(wanted)]


def seats_of(world: World, line: Line, month: str) -> int:
    """Seats of a subscription in a month."""
    if line.seats is not None:
        return line.seats
    fixed = sum(
        o.seats
        for o in world.lines
        if (o.team, o.offering) == (line.team, line.offering)
        and o.seats
        and o.end >= as_of(month)
        and o.status == "Active"
    )
    return len(world.holders(line.team, line.offering, month)) + line.spare - fixed


def contract_year(world: World, month: str) -> date:
    """The last anniversary of the contracts' start on or before the as-of date."""
    return contract_start(world).replace(year=as_of(month).year)
