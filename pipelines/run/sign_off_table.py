"""The company's table of signatures in the reference folder. Reads it; `decided.py` writes it."""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.settings import Settings


def sign_offs_file(settings: Settings) -> Path:
    """Path of the company's table of signatures."""
    return settings.landing / "reference" / "sign_offs.csv"


def read_sign_offs(settings: Settings) -> list[dict[str, str]]:
    """Every signature of the table, in order; empty if there is no table."""
    path = sign_offs_file(settings)
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [{k: v or "" for k, v in row.items() if k} for row in csv.DictReader(handle)]
