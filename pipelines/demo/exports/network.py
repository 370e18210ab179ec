"""The network licence server's debug log, licence file and status text."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.exports.files import put
from pipelines.demo.plants.network import licence_text, log_text, status_text
from pipelines.demo.world import World


def write(world: World, month: str, folder: Path) -> None:
    """The log of the month, the licence file, and what the server said in the morning of the tenth."""
    put(folder / "licence server" / "debug.log", log_text(world, month).encode())
    put(folder / "licence server" / "adskflex.lic", licence_text(world).encode())
    put(folder / "licence server" / "lmstat.txt", status_text(month).encode())
