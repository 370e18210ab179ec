"""A product name that the catalogue does not know (ENT-12), among the rows of the screen copied in the last month."""

from __future__ import annotations

from pipelines.demo.world import World

UNKNOWN = "Mystery Tool Pro"


def plant(world: World) -> None:
    """One unknown name in the last month; all others are in the alias table."""
    note = "a name without an alias"
    world.plant("ENT-12", "violation", note, offering="unmapped:mystery_tool_pro", months=[world.last])
    world.plant("ENT-12", "near_miss", "a name with an alias", offering="maya")
