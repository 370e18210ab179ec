"""Planted cases, one file per subject: each adds records to the world and names, for every month, what the rules must
say about them.

What a case brings with it under another rule is named too, so that the truth is complete: a finding that is not in it
is wrong.
"""

from pipelines.demo.plants import (
    access,
    activity,
    administration,
    contractors,
    coverage,
    decisions,
    entitlement,
    flex,
    groups,
    hubs,
    identity,
    matching,
    names,
    network,
    perpetual,
    reviews,
    telemetry,
)
from pipelines.demo.world import World


def plant_all(world: World) -> None:
    """Every planted case, in an order that later ones may rely on: people first, then what is counted over them."""
    for subject in (activity, identity, contractors, administration, telemetry, perpetual, flex, matching, groups):
        subject.plant(world)
    coverage.plant(world)
    for subject in (entitlement, network, names, access):
        subject.plant(world)
    administration.plant_counts(world)
    telemetry.plant_coverage(world)
    reviews.plant(world)
    decisions.plant(world)
    hubs.plant(world)
