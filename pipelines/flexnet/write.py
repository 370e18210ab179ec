"""A debug log to Parquet files of bounded size, for a loader that reads them set-based. Parsing is `debuglog`."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.flexnet.debuglog import REJECTED, SCHEMA, DebugLog, LogSummary

ROWS_PER_FILE = 100_000


def write_log(path: Path, folder: Path, rows_per_file: int = ROWS_PER_FILE) -> LogSummary:
    """Write the rows of a log to `folder` (made if absent) as events-*.parquet and rejected-*.parquet, in file order,
    and return its summary.

    At least one file of each is written, also for a log without rows. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = DebugLog(path)
    events = _Parts(folder, "events", pl.DataFrame(schema=SCHEMA), rows_per_file)
    rejected = _Parts(folder, "rejected", pl.DataFrame(schema=REJECTED), rows_per_file)
    for batch in log.read():
        events.add(batch.events)
        rejected.add(batch.rejected)
    events.close()
    rejected.close()
    return log.summary


class _Parts:
    def __init__(self, folder: Path, stem: str, empty: pl.DataFrame, limit: int) -> None:
        self.folder, self.stem, self.empty, self.limit = folder, stem, empty, limit
        self.held: list[pl.DataFrame] = []
        self.rows = self.written = 0

    def add(self, frame: pl.DataFrame) -> None:
        if frame.height:
            self.held.append(frame)
            self.rows += frame.height
        if self.rows >= self.limit:
            self._write()

    def _write(self) -> None:
        self.written += 1
        whole = pl.concat([self.empty, *self.held])
        whole.write_parquet(self.folder / f"{self.stem}-{self.written:06d}.parquet")
        self.held, self.rows = [], 0

    def close(self) -> None:
        if self.held or not self.written:
            self._write()
