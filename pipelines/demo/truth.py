"""The truth table: for every month and planted key whether a rule must speak. Complete: a finding that is not in it is
wrong.
"""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.demo.world import World

COLUMNS = ("review_month", "rule_id", "team_alias", "offering_key", "person_key", "scope", "planted", "note")


def write_truth(world: World, path: Path) -> int:
    """Write the table, sorted, each key and month once, and return its number of rows. Raises ValueError where two
    plants contradict.
    """
    rows: dict[tuple[str, ...], tuple[str, str]] = {}
    for p in world.truth:
        key = (p.month, p.rule, p.team, p.offering, p.person, p.scope)
        kind, _ = rows.setdefault(key, (p.kind, p.note))
        if kind != p.kind:
            raise ValueError(f"planted as violation and as near-miss: {' | '.join(key)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*key, *told] for key, told in sorted(rows.items()))
    return len(rows)
