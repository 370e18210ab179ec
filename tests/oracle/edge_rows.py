"""Rows of an invented landing zone that edges add: to a file of a drop, to a second one that corrects it, or to
telemetry. Holds no edge.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from tests.oracle.spoilt import put, read

Rows = list[dict[str, Any]]
EXACT, EXACT_NAME = "exact", "Exact Tool"
HUGE = 999_999_999_999_999


def more(path: Path, rows: Rows) -> None:
    """Add rows to a CSV file, which is made with their columns where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read(path) if path.exists() else []
    if path.exists():
        with path.open(newline="") as file:
            columns = next(csv.reader(file))
    else:
        columns = list(rows[0])
    columns += [c for row in rows for c in row if c not in columns]
    columns = list(dict.fromkeys(columns))
    texts = [{c: "" if row.get(c) is None else str(row[c]) for c in columns} for row in [*known, *rows]]
    put(path, texts)


def again(drop: Path, name: str, rows: Rows) -> None:
    """A second file of an input, exported after the first: what it says of a key counts."""
    path = drop / f"{name}_again.csv"
    more(path, rows)
    Path(f"{path}.manifest.yml").write_text(f"exported_at: {drop.name}-28T10:00:00Z\n")


def crowd(n: int, first: int = 0) -> list[str]:
    """People of a team that has many."""
    return [f"w{i:03d}@corp.example" for i in range(first, first + n)]


def seat(person: str | None, team: str, name: str, **cells: Any) -> dict[str, Any]:
    """A row of usage_report."""
    row = {"email": person, "team_alias": team, "offering_name": name, "seat_assignment": "assigned"}
    return row | {"access_option": "Subscription"} | cells


def telemetry(drop: Path, rows: Rows) -> None:
    """Rows of lrt in a second file of the drop."""
    path = drop / "edges.csv"
    for n, row in enumerate(rows):
        row.setdefault("event_id", f"{drop.name}-edge-{len(read(path)) + n if path.exists() else n}")
    more(path, rows)
