"""What each column of an input or reference table means, with an example: `columns.csv`, beside the contracts and not
in them.

It is no part of a contract because a better sentence must not make ingestion read every drop again. A test holds the
file and the contracts equal.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("columns.csv")


@dataclass(frozen=True)
class Meaning:
    """One column in words: its meaning, and a value it could have (empty where the column may be empty)."""

    meaning: str
    example: str


@cache
def meanings() -> dict[tuple[str, str], Meaning]:
    """(input or reference table, column) → its meaning."""
    with FILE.open(encoding="utf-8", newline="") as handle:
        return {
            (row["table"], row["column"]): Meaning(row["meaning"], row["example"]) for row in csv.DictReader(handle)
        }
