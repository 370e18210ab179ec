"""`generate`: the landing zone and the truth table, in one call. Deterministic: the seed and the months are passed
in.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.demo.build import build_world
from pipelines.demo.exports import write_drop, write_reference
from pipelines.demo.truth import write_truth
from pipelines.partitions import months_between, shift

# With fewer, some planted groups and pools would lack members.
FEWEST = 100


@dataclass(frozen=True)
class DemoReport:
    """What was written: months, files, people, rows of the truth table."""

    months: list[str]
    files: int
    people: int
    planted: int

    def __str__(self) -> str:
        return (
            f"{self.people} people, {len(self.months)} drops, {self.files} files, {self.planted} planted cases and "
            "near-misses"
        )


def generate(
    landing: Path, persons: int = 400, months: int = 6, seed: int = 7, last_month: str = "2026-10"
) -> DemoReport:
    """Write `landing/` anew and `demo/truth.csv` beside it. persons: people of the baseline, at least 100; the planted
    ones come on top.

    The same arguments give the same bytes. The truth names planted violations and near-misses of every month. Raises
    ValueError.
    """
    if persons < FEWEST:
        raise ValueError(f"The demo needs at least {FEWEST} persons, not {persons}.")
    names = months_between(shift(last_month, -(months - 1)), last_month)
    world = build_world(persons, names, seed)
    shutil.rmtree(landing, ignore_errors=True)
    write_reference(world, landing / "reference")
    for month in names:
        write_drop(world, month, landing / month)
    planted = write_truth(world, landing.parent / "demo" / "truth.csv")
    files = sum(1 for p in landing.rglob("*") if p.is_file())
    return DemoReport(names, files, len(world.people), planted)
