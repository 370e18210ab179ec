"""The world of the demo: a clean baseline, then the planted cases, each on people, groups and packs of their own."""

from __future__ import annotations

import random

from pipelines.demo.baseline import add_employees, add_telemetry
from pipelines.demo.plants import plant_all
from pipelines.demo.terms import complete_lines
from pipelines.demo.world import World


def build_world(persons: int, months: list[str], seed: int) -> World:
    """The estate of `persons` people (planted ones come on top) for these review months. The same arguments give the
    same world.
    """
    world = World(months, seed, random.Random(seed))
    add_employees(world, persons)
    add_telemetry(world)
    plant_all(world)
    complete_lines(world)
    return world
