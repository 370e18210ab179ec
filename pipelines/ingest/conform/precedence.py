"""The numbers and ranks of the files of a drop: by which evidence names a file, and which of two files wins where they
contradict each other. What the winner replaces is dbt's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipelines.ingest.conform.judged import Judged
from pipelines.ingest.landing.files import REFERENCE_DROP

FILES_PER_DROP = 100_000


def numbered(tables: Sequence[Judged], drop: str) -> list[Judged]:
    """The same with file numbers by path, and ranks by precedence: exported_at (none lowest), then path in byte
    order.
    """
    first = _drop_index(drop) * FILES_PER_DROP
    by_path = sorted(tables, key=_path)
    by_rank = sorted(tables, key=lambda t: (t.manifest.exported_at or datetime.min, _path(t)))
    numbers = {table.path: place for place, table in enumerate(by_path, 1)}
    ranks = {table.path: place for place, table in enumerate(by_rank, 1)}
    return [replace(t, number=first + numbers[t.path], rank=first + ranks[t.path]) for t in tables]


def _path(table: Judged) -> bytes:
    return table.path.encode(errors="surrogateescape")


def _drop_index(drop: str) -> int:
    return 0 if drop == REFERENCE_DROP else (int(drop[:4]) - 1999) * 12 + int(drop[5:7])
