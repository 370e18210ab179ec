"""CSV that ingestion writes for itself, with cells of any text, ends of lines among them. Reads nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from typing import TextIO


def row_writer(out: TextIO) -> Callable[..., None]:
    """A function that writes a row of texts, and numbers before them. Lines end in LF, whatever stands in a cell."""
    plain = csv.writer(out, lineterminator="\n")
    quoted = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)

    def write(texts: Sequence[str], *numbers: int) -> None:
        # The library quotes a line feed, and leaves a carriage return as it is, at which readers end the row.
        own = quoted if any("\r" in text for text in texts) else plain
        own.writerow([*numbers, *texts])

    return write
