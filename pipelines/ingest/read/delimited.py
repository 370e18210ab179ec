"""Rows of delimited text, record by record, where DuckDB's reader cannot: numbers the good ones and names the bad ones.
Finds no header (`headers`).

A file whose every record has the header's number of fields is read by DuckDB directly; any other goes through
`split_records`, which numbers the good rows and names the bad ones. Types are judged in `conform`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pipelines.contracts.limits import MAX_ROW_BYTES, beyond_bytes
from pipelines.ingest.recognise.headers import SHOWN_CHARS, Header, fields, records

# Up to this size the records of a file with quotes are looked at one by one: some tenths of a second.
QUOTED_BYTES = 16 << 20


# Stands before what is written for a carriage return in a cell: with one in quotes DuckDB's reader refuses a file whose
# lines end otherwise.
_MARK = "\x1b"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A record that is no row of the table: its number among the data rows, its text, why."""

    number: int
    text: str
    reason: str


def too_long(size: int) -> str:
    """The reason of a row that has more bytes than a row may have."""
    return beyond_bytes("the row has {}", size, MAX_ROW_BYTES, "shorten the cell that is too long")


def split_records(path: Path, header: Header, clean: Path) -> tuple[int, list[BadRow]]:
    """Write the rows that have the header's number of fields to `clean` (row number first) and return (rows read, bad
    rows).
    """
    bad: list[BadRow] = []
    number = 0
    lines = 0
    width = len(header.texts)
    with clean.open("w", encoding="utf-8", newline="") as out:
        writer = CleanRows(out)
        for record in records(path):
            lines += record.lines
            if lines <= header.lines:
                continue
            number += 1
            text = record.text
            if record.is_too_long:
                bad.append(BadRow(number, text, too_long(record.size - record.skipped)))
                continue
            found = fields(text, header.separator)
            if len(found) == width - 1 and not header.texts[-1].strip():
                found.append("")
            elif header.trailing and len(found) == width + 1 and not found[-1].strip():
                found.pop()
            broken = text.count('"') % 2 == 1
            if broken or len(found) != width:
                reason = (
                    "a quote is opened and never closed"
                    if broken
                    else f"{len(found)} fields found where the header has {width}"
                )
                bad.append(BadRow(number, text.rstrip("\r\n"), reason))
            else:
                writer.writerow([number, *found])
    return number, bad


class CleanRows:
    """The rows of a table as a CSV that DuckDB's reader takes, whatever stands in their cells: what is written to
    `handle`. `cell_sql` is a cell of it as it was.
    """

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle
        self._writer = csv.writer(self, lineterminator="\n")

    def writerow(self, cells: list[object]) -> None:
        """Add a row."""
        self._writer.writerow(cells)

    def write(self, line: str) -> None:
        """Take a line of the writer of the standard library."""
        if "\r" in line or _MARK in line:
            line = line.replace(_MARK, f"{_MARK}e").replace("\r", f"{_MARK}r")
        self._handle.write(line)

    @staticmethod
    def cell_sql(cell: str) -> str:
        """SQL of a cell as it was before it was written."""
        return f"replace(replace({cell}, chr(27) || 'r', chr(13)), chr(27) || 'e', chr(27))"


def has_wide_record(path: Path, header: Header, rows: int) -> bool:
    """Whether a record of a UTF-8 file has a field more than the header, though DuckDB read it: it drops an extra field
    that is empty.

    rows: the rows that were read. Without quotes, the number of separators tells; with quotes, the records of a file up
    to QUOTED_BYTES are looked at.
    """
    if header.trailing:
        return False
    separator = header.separator.encode()
    separators = quotes = 0
    with path.open("rb") as handle:
        for _ in range(header.lines):
            handle.readline()
        while chunk := handle.read(1 << 22):
            separators += chunk.count(separator)
            quotes += chunk.count(b'"')
    width = len(header.texts)
    if separators == rows * (width - 1):
        return False
    if not quotes:
        return True
    if path.stat().st_size > QUOTED_BYTES:
        return False
    lines = 0
    for record in records(path):
        lines += record.lines
        if lines > header.lines and len(fields(record.text, header.separator)) > width:
            return True
    return False


def write_rows(rows: Iterator[list[str | None]], width: int, clean: Path) -> tuple[int, list[BadRow]]:
    """Write rows of texts to `clean` with their numbers; rows of another width are bad. All-empty rows are no rows."""
    bad: list[BadRow] = []
    number = 0
    with clean.open("w", encoding="utf-8", newline="") as out:
        writer = CleanRows(out)
        for row in rows:
            if all(cell is None or not cell.strip() for cell in row):
                continue
            number += 1
            extra = [c for c in row[width:] if c]
            if sum(len(c) for c in row if c) > MAX_ROW_BYTES // 4 and (size := _bytes(row)) > MAX_ROW_BYTES:
                text = ",".join(c[:SHOWN_CHARS] for c in row if c)
                bad.append(BadRow(number, text[:SHOWN_CHARS], too_long(size)))
            elif len(row) < width or extra:
                text = ",".join(c or "" for c in row)
                bad.append(BadRow(number, text, f"{len(row)} fields found where the header has {width}"))
            else:
                writer.writerow([number, *("" if c is None else c for c in row[:width])])
    return number, bad


def _bytes(row: list[str | None]) -> int:
    return sum(len(c.encode()) for c in row if c)
