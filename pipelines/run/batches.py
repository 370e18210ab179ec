"""How the months of a run are divided into batches: what a batch may hold at the memory limit and with the free disk
space, and the progress of a run in batches.

Pure: takes names of months and numbers of rows, returns batches. `pipelines/run` and `commands/run.py` execute them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.resources.machine import MB

# Cost in bytes of an event row for each review month (and variant) that reads it (docs/decisions/0025, 0026). In
# memory: 99 million rows in one batch ran in 3 GB and spilled 70 MB. On disk: a gigabyte of tables in the warehouse and
# another one spilled, times two.
MEMORY_OF_ROW, DISK_OF_ROW = 15, 40
# Fixed cost of a batch, however few rows it has.
DISK_OF_BATCH = 200 * MB


@dataclass(frozen=True)
class Batch:
    """Months that are made in one dbt call and published together. rows: event rows, counted once for each month or
    variant that reads them.
    """

    months: tuple[str, ...]
    rows: int

    @property
    def disk(self) -> int:
        """Bytes of disk that the batch needs while it is made."""
        return DISK_OF_BATCH + self.rows * DISK_OF_ROW


class TooLittleDiskError(RuntimeError):
    """A month does not fit on the free disk; the message says how much space is needed."""


def share_out(rows: Mapping[str, int], memory: int, disk: int) -> list[Batch]:
    """Divide the months, in order, into batches of neighbours that fit; a month that does not fit in memory is a batch
    of its own and spills.

    rows: event rows by month, counted once for the month and each variant that reads them. memory: limit in bytes.
    disk: free bytes; a batch that would exceed it is made smaller. Raises TooLittleDiskError if a single month would
    not fit.
    """
    batches: list[Batch] = []
    for month in sorted(rows):
        if batches:
            grown = Batch((*batches[-1].months, month), batches[-1].rows + rows[month])
            if grown.rows * MEMORY_OF_ROW <= memory and grown.disk <= disk:
                batches[-1] = grown
                continue
        alone = Batch((month,), rows[month])
        if alone.disk > disk:
            raise TooLittleDiskError(
                f"{month} reads {alone.rows:,} event rows and needs about {alone.disk / 10**9:.1f} GB of disk while it "
                f"is made; {disk / 10**9:.1f} GB are free."
            )
        batches.append(alone)
    return batches


def position(batches: Sequence[Batch], place: int, seconds: float) -> str:
    """Which batch of how many begins, and the estimated time for it and the following ones. place: from 0; seconds:
    time taken by the batches before it.
    """
    batch = batches[place]
    months = batch.months[0] if len(batch.months) == 1 else f"{batch.months[0]} to {batch.months[-1]}"
    text = f"batch {place + 1} of {len(batches)}: {months}"
    done = sum(_work(b) for b in batches[:place])
    if not done:
        return text
    left = seconds * sum(_work(b) for b in batches[place:]) / done
    return f"{text}; about {_minutes(left)} left"


def _work(batch: Batch) -> int:
    """Estimated cost of a batch, in rows: the dbt call and the files of a month cost about as much as a few hundred
    thousand rows.
    """
    return batch.rows + 400_000 + 200_000 * len(batch.months)


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"
