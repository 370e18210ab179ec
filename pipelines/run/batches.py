"""How the months of a run are shared out over batches: what a batch may hold at the memory limit and on the disk that
is free, and how far a run of batches is.

Pure: names of months and numbers of rows come in, batches go out. What is done with a batch, `pipelines/run` and
`commands/run.py` know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.resources.machine import MB

# What an event row costs once per review month (and variant of it) that it is asked in, in bytes (docs/decisions/0025,
# 0026). In memory: 99 million rows in one batch ran in 3 GB and spilled 70 MB. On disk: a gigabyte of tables in the
# warehouse and another one spilled, twice over.
MEMORY_OF_ROW, DISK_OF_ROW = 15, 40
# What a batch takes however few its rows are.
DISK_OF_BATCH = 200 * MB


@dataclass(frozen=True)
class Batch:
    """Months that are made in one dbt call and published together. rows: event rows, each as often as it is asked."""

    months: tuple[str, ...]
    rows: int

    @property
    def disk(self) -> int:
        """Bytes of disk that the batch takes while it is made."""
        return DISK_OF_BATCH + self.rows * DISK_OF_ROW


class TooLittleDiskError(RuntimeError):
    """A month that cannot be made on the disk that is free; the message says how much is wanted."""


def share_out(rows: Mapping[str, int], memory: int, disk: int) -> list[Batch]:
    """The months in order, in batches of neighbours that fit; a month that does not fit in memory by itself is a batch
    of its own, and spills.

    rows: event rows by month, each row as often as the month and its variants ask it. memory: limit in bytes. disk:
    free bytes; a batch that would not fit on it is made smaller. Raises TooLittleDiskError where one month would not
    fit.
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
    """Which batch of how many begins, and about how long it and those after it will take. place: from 0; seconds: what
    those before it took.
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
    """What a batch costs, in rows: a dbt call and the files of a month cost what a few hundred thousand rows do, about:
    an estimate.
    """
    return batch.rows + 400_000 + 200_000 * len(batch.months)


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"
