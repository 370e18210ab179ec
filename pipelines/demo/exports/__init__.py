"""The files of the landing zone: what portal, directory, HR, finance and the licence server would hand in for a month.
Writes rows, decides nothing.

Header generations and kinds of file change from month to month, as they do in life.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.exports import claims, company, finance, flex, hubs, junk, network, portal, telemetry
from pipelines.demo.exports.reference import write_reference
from pipelines.demo.world import World

__all__ = ["write_drop", "write_reference"]


def write_drop(world: World, month: str, folder: Path) -> None:
    """Every file of a month's drop."""
    for source in (portal, flex, telemetry, company, finance, network, hubs, claims):
        source.write(world, month, folder)
    if month == world.last:
        junk.write(world, month, folder)
