"""What the administrator of a cloud hub exports: the tables of its Data Connector, zipped as they come."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from pipelines.demo.estate import HARBOUR
from pipelines.demo.exports.files import Row, put, text_of
from pipelines.demo.plants.hubs import HUB, LOOSE
from pipelines.demo.records import HubMember
from pipelines.demo.world import World
from pipelines.partitions import as_of

# Hub → its folder; a manifest beside the archive says to which team it belongs.
FOLDERS = {HUB: "hub", LOOSE: "hub of no team"}
USERS = ["id", "bim360_account_id", "email", "access_level_account_admin", "status", "created_at"]
PROJECTS = ["id", "bim360_account_id", "name", "status"]
PROJECT_USERS = ["bim360_project_id", "bim360_account_id", "user_id", "status", "access_level", "created_at"]
PRODUCTS = ["bim360_project_id", "bim360_account_id", "user_id", "product_key", "access_level", "created_at"]


def write(world: World, month: str, folder: Path) -> None:
    """The export of each hub of a month."""
    for hub, name in FOLDERS.items():
        members = [m for m in world.hub_members if m.hub == hub]
        put(folder / "portal" / name / "data connector.zip", _archive(world, hub, members, month))
    put(folder / "portal" / FOLDERS[HUB] / "_manifest.yml", f"team: {HARBOUR}\n".encode())


def _archive(world: World, hub: str, members: Sequence[HubMember], month: str) -> bytes:
    tables: dict[str, tuple[Sequence[str], list[Row]]] = {
        "admin_users.csv": (USERS, []),
        "admin_projects.csv": (PROJECTS, []),
        "admin_project_users.csv": (PROJECT_USERS, []),
        "admin_project_user_products.csv": (PRODUCTS, []),
    }
    projects = sorted({m.project for m in members if m.project})
    tables["admin_projects.csv"][1].extend([_project(p, projects), hub, p, "active"] for p in projects)
    for m in members:
        created, user = _invited(world, m, month), f"user-{m.person.number:05d}"
        place = [_project(m.project, projects), hub, user]
        if m.product:
            tables["admin_project_user_products.csv"][1].append([*place, m.product, "member", created])
        elif m.project:
            level = "project_admin" if m.administrator else "project_user"
            tables["admin_project_users.csv"][1].append([*place, m.status, level, created])
        else:
            row = [user, hub, m.person.email, str(m.administrator).lower(), m.status, created]
            tables["admin_users.csv"][1].append(row)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (header, rows) in tables.items():
            archive.writestr(zipfile.ZipInfo(name), text_of(header, rows))
    return buffer.getvalue()


def _project(name: str, names: Sequence[str]) -> str:
    return f"project-{names.index(name):05d}" if name else ""


def _invited(world: World, member: HubMember, month: str) -> str:
    days = member.invited_days_ago
    day = world.long_ago if days is None else as_of(month) - timedelta(days=days)
    return f"{day} 09:00:00"
