"""Who and what an invented estate is made of, drawn by chance from a seed, and how a file of it is written. No
file is.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MONTHS = ("2026-06", "2026-07", "2026-08", "2026-09")
END = date(2026, 9, 30)
OFFERINGS = ("autocad", "revit", "civil_3d", "maya", "aec", "me", "docs", "vault", "site")
NAMES = {
    "autocad": ["AutoCAD", "AutoCAD - Commercial"],
    "revit": ["Revit"],
    "civil_3d": ["Civil 3D"],
    "maya": ["Maya"],
    "aec": ["AEC Collection"],
    "me": ["ME Collection"],
    "docs": ["Docs"],
    "vault": ["Vault"],
    "site": ["Site Modeler"],
}
TEAMS = ("North", "South", "East", "")
DOMAINS = ("corp.example", "corp.example", "corp.example", "bought.example", "partner.example", "free.example")


def last_day(month: str) -> date:
    """The last day of a month."""
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(1)


class Writer:
    """Writes the landing zone of one seed."""

    def __init__(self, landing: Path, seed: int) -> None:
        self.landing, self.seed, self.r = landing, seed, random.Random(seed)
        self.persons = [self._address(i) for i in range(46)]
        self.hash = {p: f"h{i:03d}" for i, p in enumerate(self.persons)}
        self.hiding = self.r.choice([None, "South"])
        self.idle = {p for p in self.persons if self.chance(0.35)}
        self.spells: dict[tuple[str, str, str], dict[str, Any]] = {}
        for person in self.persons:
            for _ in range(self.r.choice([0, 1, 1, 2, 2, 3])):
                self._spell(person)

    def _address(self, i: int) -> str:
        local = self.r.choice(["p", "p", "p", "p", "p", "p", "cad", "pc-"])
        return f"{local}{i:02d}@{self.r.choice(DOMAINS)}"

    def _spell(self, person: str) -> None:
        key = (self.r.choice(TEAMS[:3]), self.r.choice(OFFERINGS), person)
        start = None if self.chance(0.15) else self.day(700, 5)
        end = self.day(120, -20) if self.chance(0.2) else None
        option = "Flex" if self.chance(0.08) else "Subscription"
        self.spells[key] = {"start": start, "end": end, "option": option, "users": self.chance(0.7)}

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.r.random() < share

    def day(self, back: int, last: int = 0) -> date:
        """A day between `back` and `last` days before the end."""
        return END - timedelta(self.r.randint(min(last, back), max(last, back)))

    def some(self, *values: Any) -> Any:
        """One of these."""
        return self.r.choice(values)

    def name(self, offering: str) -> str:
        """One of the spellings of an offering, rarely one that nobody knows."""
        return "Mystery Tool" if self.chance(0.006) else self.r.choice(NAMES[offering])

    def put(self, path: str, header: str, rows: Iterable[Iterable[Any]]) -> None:
        """Write a CSV file below the landing zone."""
        target = self.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(header.split())
            out.writerows([["" if cell is None else cell for cell in row] for row in rows])

    # ---- reference
