"""What the administrator of a cloud hub exports: its members, their projects and products."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipelines.demo.estate import HARBOUR
from pipelines.demo.exports.files import put, text_of
from pipelines.demo.plants.hubs import HUB
from pipelines.demo.records import HubMember
from pipelines.demo.world import World
from pipelines.partitions import as_of

HEADER = ["hub", "email", "team_alias", "project", "product", "administrator", "status", "invited_at"]


def write(world: World, month: str, folder: Path) -> None:
    """The members of every hub, as a table of the company's own."""
    rows = [
        [
            m.hub,
            m.person.email,
            HARBOUR if m.hub == HUB else "",
            m.project,
            m.product,
            "yes" if m.administrator else "no",
            m.status,
            _invited(world, m, month),
        ]
        for m in world.hub_members
    ]
    put(folder / "portal" / "hub members.csv", text_of(HEADER, rows).encode())


def _invited(world: World, member: HubMember, month: str) -> str:
    days = member.invited_days_ago
    day = world.long_ago if days is None else as_of(month) - timedelta(days=days)
    return f"{day}T09:00:00Z"
