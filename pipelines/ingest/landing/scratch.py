"""Where the work on one drop lies while it lasts: names that nothing else has, for files of a folder and for temporary
tables of a connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Scratch:
    """A folder and a connection. Every name is given once."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def name(self) -> str:
        """A name for a temporary table, or for a folder below `folder`."""
        return f"_f{next(self._numbers)}"

    def path(self, ending: str) -> Path:
        """A file that is not there yet. ending: `.csv`."""
        return self.folder / f"{self.name()}{ending}"
