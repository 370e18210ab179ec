"""Delimited text: header, separator, records. Finds what DuckDB's reader must be told, and repairs nothing.

A file whose every record has the header's number of fields is read by DuckDB directly; any other goes through `split_records`, which
numbers the good rows and names the bad ones. Types are judged in `conform`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.contracts.aliases import fold
from pipelines.ingest.recognise import Match, recognise

SEPARATORS = (",", ";", "\t", "|")
MAX_HEADER_LINES = 200
MAX_RECORD_CHARS = 8 << 20
csv.field_size_limit(MAX_RECORD_CHARS)


@dataclass(frozen=True)
class Header:
    """The header of a delimited file: texts, separator, physical lines before the first data row, and the input recognised.

    labels: a second row repeats the header in words (user data files of SuccessFactors); it is among the lines.
    """

    texts: list[str]
    separator: str
    lines: int
    match: Match | None
    labels: bool = False


@dataclass(frozen=True)
class BadRow:
    """A record that is no row of the table: its number among the data rows, its text, why."""

    number: int
    text: str
    reason: str


def records(path: Path) -> Iterator[tuple[str, int]]:
    """(text of a record, physical lines it took, blank ones before it included) of a UTF-8 file; a record ends where its quotes are closed. Blank lines are skipped.

    A quote that is never closed costs its own line only: the lines after it are read on their own.
    """
    with path.open(encoding="utf-8-sig", newline="") as handle:
        pending: list[str] = []
        queue: list[str] = []
        quotes = blank = 0
        while True:
            line = queue.pop(0) if queue else handle.readline(MAX_RECORD_CHARS)
            if not line:
                if not pending:
                    return
                yield pending[0], 1 + blank
                queue, pending, quotes, blank = pending[1:], [], 0, 0
                continue
            pending.append(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                text = "".join(pending)
                if text.strip():
                    yield text, len(pending) + blank
                    blank = 0
                else:
                    blank += len(pending)
                pending, quotes = [], 0
            elif len(pending) > MAX_HEADER_LINES * 50:
                yield pending[0], 1 + blank
                queue, pending, quotes, blank = pending[1:] + queue, [], 0, 0


def fields(text: str, separator: str) -> list[str]:
    """The fields of one record."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return text.rstrip("\r\n").split(separator)


def read_header(path: Path, prefer_reference: bool, named: str | None) -> Header:
    """Header of a UTF-8 file. The separator is the one whose header is recognised best, else the one with most fields."""
    lines = 0
    found = records(path)
    for text, taken in found:
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
            return _with_labels(best[1], next(found, ("", 0)))
    return Header([], ",", 0, None)


def _with_labels(header: Header, after: tuple[str, int]) -> Header:
    """The header, with the row after it if that names the same columns in words (`FIRSTNAME` and then `First Name`)."""
    if header.match is None or header.match.contract.name != "hr_workers":
        return header
    labels = fields(after[0], header.separator)
    same = sum(
        1
        for key, label in zip(header.texts, labels, strict=False)
        if label.strip() and fold(key).replace("_", "") == fold(label).replace("_", "")
    )
    filled = sum(1 for label in labels if label.strip())
    if same < 3 or same * 2 < filled:
        return header
    return replace(header, lines=header.lines + after[1], labels=True)


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
