"""What the product access screen shows (ENT-15): the seats of every team as they are, but for two numbers and, in the
last month, a product that the catalogue does not know.
"""

from __future__ import annotations

from pipelines.demo.estate import FELS, FIELD, HARBOUR, NAMES, OFFERINGS, RIVER, TEAMS
from pipelines.demo.plants.names import UNKNOWN
from pipelines.demo.terms import seats_of
from pipelines.demo.world import World
from pipelines.partitions import as_of

# (team, offering) → what the screen shows beyond the true numbers: seats there, seats assigned.
DIFFERENCES = {(RIVER, "civil_3d"): (2, 0), (FIELD, "autocad"): (0, -1)}


def plant(world: World) -> None:
    """One difference in each number, both numbers of the unknown product, and numbers that agree."""
    more = {"team": RIVER, "offering": "civil_3d"}
    world.plant("ENT-15", "violation", "two seats that no subscription has", scope="total", **more)
    world.plant("ENT-15", "near_miss", "assigned as counted", scope="assigned", **more)
    fewer = {"team": FIELD, "offering": "autocad"}
    world.plant("ENT-15", "violation", "one assigned seat fewer than counted", scope="assigned", **fewer)
    world.plant("ENT-15", "near_miss", "there as bought", scope="total", **fewer)
    for scope in ("total", "assigned"):
        unknown = {"team": HARBOUR, "offering": "unmapped:mystery_tool_pro", "scope": scope}
        world.plant("ENT-15", "violation", "a product that no other file names", months=[world.last], **unknown)
        key = {"offering": "maya", "scope": scope}
        world.plant("ENT-15", "near_miss", "over-assigned, and shown so", team=HARBOUR, **key)
        world.plant("ENT-15", "near_miss", "nothing in force, and shown so", team=FELS, **key)


def access_rows(world: World, month: str) -> list[tuple[object, ...]]:
    """Rows of the screen: team, product, seats there, assigned, free. In the last month one holds a word for a
    number.
    """
    end, is_last = as_of(month), month == world.last
    rows: list[tuple[object, ...]] = [(HARBOUR, UNKNOWN, 5, 3, 2)] if is_last else []
    for team in TEAMS:
        for _, offering, *_ in OFFERINGS:
            lines = [x for x in world.lines if (x.team, x.offering) == (team, offering) and x.status == "Active"]
            total = sum(seats_of(world, x, month) for x in lines if x.start <= end <= x.end)
            assigned = len({p.email for p in world.holders(team, offering, month)})
            if not (lines or assigned):
                continue
            more_total, more_assigned = DIFFERENCES.get((team, offering), (0, 0))
            total, assigned = total + more_total, assigned + more_assigned
            rows.append((team, NAMES[offering], total, assigned, total - assigned))
    return [*rows, (HARBOUR, "Maya", "many", 3, 2)] if is_last else rows
