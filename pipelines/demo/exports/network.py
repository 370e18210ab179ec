"""The network licence server's debug log and licence file."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.exports.files import put
from pipelines.demo.plants.network import licence_text, log_text
from pipelines.demo.world import World


def write(world: World, month: str, folder: Path) -> None:
    """The log of the month and the licence file."""
    put(folder / "licence server" / "debug.log", log_text(world, month).encode())
    put(folder / "licence server" / "adskflex.lic", licence_text(world).encode())
