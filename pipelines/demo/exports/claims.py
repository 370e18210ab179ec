"""What the vendor's auditor claims in the last month: lines of every kind of answer, right ones and wrong ones."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.estate import HARBOUR, NAMES
from pipelines.demo.exports.files import Row, put, text_of
from pipelines.demo.plants.perpetual import LICENCES
from pipelines.demo.world import World

HEADER = ["Item No.", "Product", "Release", "User", "Computer", "Serial Number", "Audit period", "Qty"]


def write(world: World, month: str, folder: Path) -> None:
    """The list of claims; nothing in the months before the last."""
    if month != world.last:
        return
    holder = world.holders(HARBOUR, "autocad", month)[0]
    without = {
        p.offering: p.person
        for p in world.truth
        if p.rule == "LRT-07" and p.kind == "violation" and p.month == month and p.person
    }
    own = next(p.email for p in world.people if p.is_contractor and p.policy == "own")
    year = f"{world.first_day:%Y-%m} to {month}"
    vault = LICENCES[2]
    rows: list[Row] = [
        ["A-01", "Autodesk AutoCAD", "", holder.email.upper(), "", "", month, 1],
        ["A-02", NAMES["inventor_professional"], "", without["inventor_professional"], "", "", month, 1],
        ["A-03", "Revit", "", own, "", "", month, 1],
        ["A-04", f"{vault[1]} {vault[2]}", "", "", "PC-VLT-0", vault[0], month, 1],
        ["A-05", "Vault Professional 2020", "", "", "PC-VLT-2", "", month, 1],
        ["A-06", "Maya 2026", "", "", "PC-VLT-2", "", month, 1],
        ["A-07", "AutoCAD", "", holder.email, "", "", month, ""],
        ["A-08", "Revit", "", "somebody@elsewhere.example", "", "", year, 1],
        ["A-09", "Vectorplan Suite", "", holder.email, "", "", month, 1],
        ["A-10", "Maya", "", "", "", "", month, 90],
        ["A-11", "Civil 3D", "", "", "", "", month, 10],
        ["A-12", "Revit", "", "Nobody Known", "", "", month, 1],
    ]
    put(folder / "legal" / "claims of the audit.csv", text_of(HEADER, rows, ";").encode())
