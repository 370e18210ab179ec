"""What lies about in every shared folder, a few bad rows, and an enterprise agreement's token export."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.estate import FIRM
from pipelines.demo.exports.files import put, text_of
from pipelines.demo.world import World
from pipelines.partitions import as_of


def write(world: World, month: str, folder: Path) -> None:
    """Only the last drop has these."""
    portal = folder / "portal"
    put(portal / "notes.txt", b"call the reseller about the renewal\n")
    put(portal / ".DS_Store", b"\x00\x00\x00\x01Bud1")
    put(portal / "empty.csv", b"")
    put(portal / "broken.xlsx", b"PK\x03\x04 this is no workbook")
    put(folder / "copy of groups.csv", (portal / "groups.csv").read_bytes())
    day = as_of(month).replace(day=12)
    rows = [
        [f"{month[:4]}", "Maya", f"pool.user@{FIRM}", day, "COMMERCIAL", "2026", "WS-POOL", 6, 1],
        [f"{month[:4]}", "AutoCAD", f"pool.user@{FIRM}", day, "COMMERCIAL", "2026", "WS-POOL", 7, 2],
    ]
    header = [
        "contractYear",
        "productName",
        "userName",
        "usageDate",
        "usageCategory",
        "productVersion",
        "machineName",
        "tokensConsumed",
        "usageHours",
    ]
    put(folder / "portal" / "token flex.csv", text_of(header, rows).encode())
