"""Delimited text: header, separator, records. Finds what DuckDB's reader must be told, and repairs nothing.

A file whose every record has the header's number of fields is read by DuckDB directly; any other goes through `split_records`, which
numbers the good rows and names the bad ones. Types are judged in `conform`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.recognise import Match, recognise

SEPARATORS = (",", ";", "\t", "|")
MAX_HEADER_LINES = 200
MAX_RECORD_CHARS = 8 << 20
csv.field_size_limit(MAX_RECORD_CHARS)


@dataclass(frozen=True)
class Header:
    """The header of a delimited file: texts, separator, physical lines before the first data row, and the input recognised."""

    texts: list[str]
    separator: str
    lines: int
    match: Match | None


@dataclass(frozen=True)
class BadRow:
    """A record that is no row of the table: its number among the data rows, its text, why."""

    number: int
    text: str
    reason: str


def records(path: Path) -> Iterator[tuple[str, int]]:
    """(text of a record, physical lines it took) of a UTF-8 file; a record ends where its quotes are closed. Blank lines are skipped.

    A quote that is never closed costs its own line only: the lines after it are read on their own.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        pending: list[str] = []
        queue: list[str] = []
        quotes = 0
        while True:
            line = queue.pop(0) if queue else handle.readline(MAX_RECORD_CHARS)
            if not line:
                if not pending:
                    return
                yield pending[0], 1
                queue, pending, quotes = pending[1:], [], 0
                continue
            pending.append(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                text = "".join(pending)
                if text.strip():
                    yield text, len(pending)
                pending, quotes = [], 0
            elif len(pending) > MAX_HEADER_LINES * 50:
                yield pending[0], 1
                queue, pending, quotes = pending[1:] + queue, [], 0


def fields(text: str, separator: str) -> list[str]:
    """The fields of one record."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return text.rstrip("\r\n").split(separator)


def read_header(path: Path, prefer_reference: bool, named: str | None) -> Header:
    """Header of a UTF-8 file. The separator is the one whose header is recognised best, else the one with most fields."""
    lines = 0
    for text, taken in records(path):
        lines += taken
        first = text.strip()
        if first.lower().startswith("sep=") or first.startswith("#TYPE"):
            continue
        best: tuple[tuple[int, int], Header] | None = None
        for separator in SEPARATORS:
            texts = [t.strip() for t in fields(text, separator)]
            match = recognise(texts, prefer_reference, named)
            score = (len(match.positions) if match else 0, len(texts))
            if best is None or score > best[0]:
                best = (score, Header(texts, separator, lines, match))
        if best:
            return best[1]
    return Header([], ",", 0, None)


def split_records(path: Path, header: Header, clean: Path) -> tuple[int, list[BadRow]]:
    """Write the rows that have the header's number of fields to `clean` (row number first) and return (rows read, bad rows)."""
    bad: list[BadRow] = []
    number = 0
    lines = 0
    width = len(header.texts)
    with clean.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for text, taken in records(path):
            lines += taken
            if lines <= header.lines:
                continue
            number += 1
            found = fields(text, header.separator)
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


def write_rows(rows: Iterator[list[str | None]], width: int, clean: Path) -> tuple[int, list[BadRow]]:
    """Write rows of texts to `clean` with their numbers; rows of another width are bad. All-empty rows are no rows."""
    bad: list[BadRow] = []
    number = 0
    with clean.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in rows:
            if all(cell is None or not cell.strip() for cell in row):
                continue
            number += 1
            extra = [c for c in row[width:] if c]
            if len(row) < width or extra:
                text = ",".join(c or "" for c in row)
                bad.append(BadRow(number, text, f"{len(row)} fields found where the header has {width}"))
            else:
                writer.writerow([number, *("" if c is None else c for c in row[:width])])
    return number, bad
