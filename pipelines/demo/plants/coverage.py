"""Use of products by holders of a collection whose list of members nobody has called complete (ENT-14), and of what is
known not to be in it (LRT-07).
"""

from __future__ import annotations

from typing import Any

from pipelines.demo.estate import HARBOUR, OPEN_COLLECTION
from pipelines.demo.plants.telemetry import monthly
from pipelines.demo.records import Person, Seat
from pipelines.demo.world import World

# Seen with holders of the collection: one product of which nobody knows whether it is in it, and one that is known not
# to be.
DOUBTFUL, EXCLUDED = "vault_professional", "inventor_professional"


def plant(world: World) -> None:
    """Two holders of the doubtful product, who are asked about and not accused; one of the excluded product, who is
    accused.
    """
    for _ in range(2):
        holder = _holder(world)
        monthly(world, holder, DOUBTFUL)
        world.plant("LRT-07", "near_miss", "a collection held may contain it", offering=DOUBTFUL, person=holder)
    asked: dict[str, Any] = {"scope": OPEN_COLLECTION}
    world.plant("ENT-14", "violation", "two holders use what may be in their collection", offering=DOUBTFUL, **asked)
    beside = _holder(world)
    monthly(world, beside, EXCLUDED)
    world.plant("LRT-07", "violation", "known not to be in the collection held", offering=EXCLUDED, person=beside)
    world.plant("ENT-14", "near_miss", "known not to be in the collection", offering=EXCLUDED, **asked)
    world.plant("ENT-14", "near_miss", "on the list of members", offering="maya", **asked)


def _holder(world: World) -> Person:
    seat = Seat(HARBOUR, OPEN_COLLECTION, world.long_ago)
    return world.add(seats=(seat,), products=("maya", "3ds_max"))
