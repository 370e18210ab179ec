"""Where the header of a delimited text stands: below title lines, with which separator, as which input.

Finds nothing in the rows (`read/other_lines`) and repairs nothing in them (`read/delimited`). Source: definition of
this project, docs/exporting.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from pipelines.contracts.aliases import fold
from pipelines.contracts.limits import MAX_COLUMNS, MAX_HEADER_CHARS, MAX_ROW_BYTES, beyond
from pipelines.ingest.recognise.hints import likeness
from pipelines.ingest.recognise.inputs import Match, recognise

SEPARATORS = (",", ";", "\t", "|")
MAX_TITLE_LINES = 30
MAX_HEADER_LINES = 200
# Characters of a line that is too long to be a row that are kept to show it.
SHOWN_CHARS = 200
NARROWER = "export fewer columns, or delete those that are not needed"
# Records below the header that tell whether rows end with a separator.
PEEKED = 20
# What is longer is told by `records` and by the readers, in words.
csv.field_size_limit(4 * MAX_ROW_BYTES)


@dataclass(frozen=True)
class Header:
    """The header of a delimited file.

    texts, separator: its fields. start: bytes before it. lines: physical lines from there to the first data row.
    before: records above it. match: the input recognised. labels: a second row repeats the header in words (user data
    files of SuccessFactors); it is among the lines. titles: the fields of the lines above. trailing: rows may have an
    empty field more than it has. problem: why what may be the header is not looked at: it is beyond a limit.
    """

    texts: list[str]
    separator: str
    lines: int
    match: Match | None
    labels: bool = False
    start: int = 0
    before: int = 0
    titles: list[list[str]] = field(default_factory=list)
    trailing: bool = False
    problem: str = ""

    @property
    def line(self) -> int:
        """Which record of the file it is, 1 the first."""
        return self.before + 1


@dataclass(frozen=True)
class Record:
    """A record of a text: what it says, its physical lines and bytes, blank lines before it included; blank, skipped:
    their number and bytes (of a byte order mark too). is_too_long: it has more bytes than a row may have, and its text
    is its beginning.
    """

    text: str
    lines: int
    size: int
    blank: int = 0
    skipped: int = 0
    is_too_long: bool = False


class _LongLine(str):
    """The beginning of a line that is longer than a row may be, and its bytes."""

    size: int


def records(path: Path) -> Iterator[Record]:
    """The records of a UTF-8 file; a record ends where its quotes are closed. Blank lines are skipped.

    A quote that is never closed costs its own line only: the lines after it are read on their own. A line that is too
    long is a record by itself, of which only the beginning is kept.
    """
    with path.open("rb") as raw:
        bom = 3 if raw.read(3) == b"\xef\xbb\xbf" else 0
    with path.open(encoding="utf-8-sig", newline="") as handle:
        pending: list[str] = []
        queue: list[str] = []
        quotes = chars = blank = 0
        skipped = bom

        def record(lines: list[str]) -> Record:
            nonlocal blank, skipped
            text = "".join(lines)
            is_long = isinstance(lines[0], _LongLine) if lines else False
            size = lines[0].size if isinstance(lines[0], _LongLine) else len(text.encode())
            is_long = is_long or size > MAX_ROW_BYTES
            shown = text[:SHOWN_CHARS] if is_long else text
            made = Record(shown, len(lines) + blank, size + skipped, blank, skipped, is_long)
            blank = skipped = 0
            return made

        while True:
            line = queue.pop(0) if queue else _line(handle)
            if isinstance(line, _LongLine) and not pending:
                yield record([line])
                continue
            if not line or isinstance(line, _LongLine):
                if not pending:
                    return
                yield record(pending[:1])
                queue, pending, quotes, chars = [*pending[1:], *([line] if line else []), *queue], [], 0, 0
                continue
            pending.append(line)
            chars += len(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                if any(p.strip() for p in pending):
                    yield record(pending)
                else:
                    blank += len(pending)
                    skipped += sum(len(p.encode()) for p in pending)
                pending, quotes, chars = [], 0, 0
            elif len(pending) > MAX_HEADER_LINES * 50 or chars > MAX_ROW_BYTES:
                yield record(pending[:1])
                queue, pending, quotes, chars = pending[1:] + queue, [], 0, 0


def _line(handle: TextIO) -> str:
    """The next line of a text; of one that is too long the beginning."""
    line = handle.readline(MAX_ROW_BYTES)
    if len(line) < MAX_ROW_BYTES or line.endswith(("\n", "\r")):
        return line
    found = _LongLine(line[:SHOWN_CHARS])
    found.size = len(line.encode())
    while rest := handle.readline(MAX_ROW_BYTES):
        found.size += len(rest.encode())
        if rest.endswith(("\n", "\r")):
            break
    return found


def fields(text: str, separator: str) -> list[str]:
    """The fields of one record."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return text.rstrip("\r\n").split(separator)


def read_header(path: Path, prefer_reference: bool, named: str | None) -> Header:
    """The first line that is the header of a known input, below at most 30 others; where none is, the one most like
    one, without a match.

    named: the input that a manifest names. The separator is the one whose header is recognised best, else the one with
    most fields.
    """
    candidates: list[Header] = []
    problem = ""
    separators: tuple[str, ...] = SEPARATORS
    start = seen = 0
    for before, record in enumerate(records(path)):
        first = record.text[:MAX_HEADER_CHARS].strip().strip('"')
        if before == 0 and (excel := re.fullmatch(r"sep=(.)", first, re.IGNORECASE)):
            separators = tuple(dict.fromkeys((excel[1], *SEPARATORS)))
        is_title = first.lower().startswith("sep=") or first.startswith("#TYPE")
        if record.is_too_long or len(record.text) > MAX_HEADER_CHARS:
            found = max(record.size - record.skipped, len(record.text))
            if not candidates and not problem:
                problem = beyond(f"line {before + 1} has {{}} characters", found, MAX_HEADER_CHARS, NARROWER)
        elif not is_title:
            header = _best(record.text, separators, prefer_reference, named)
            header = replace(header, start=start + record.skipped, lines=record.lines - record.blank, before=before)
            if not candidates and not problem:
                problem = header.problem
            candidates.append(header)
            if header.match is not None and not _is_weak(header):
                break
        start += record.size
        seen += not is_title
        if seen > MAX_TITLE_LINES:
            break
    if not candidates:
        return Header([], ",", 0, None, problem=problem)
    strong = [h for h in candidates if h.match is not None and not _is_weak(h)]
    weak = [h for h in candidates if h.match is not None]
    chosen = (strong or weak or [max(candidates, key=lambda h: (likeness(h.texts), -h.before))])[0]
    if chosen.match is None and not likeness(chosen.texts):
        chosen = candidates[0]
    if chosen.match is None:
        chosen = replace(chosen, problem=problem)
    titles = [h.texts for h in candidates if h.before < chosen.before] if chosen.match is not None else []
    # Read on from the header: the loop may have gone beyond it.
    rest = records(path)
    for _ in range(chosen.before + 1):
        next(rest)
    peeked = [r for r, _ in zip(rest, range(PEEKED), strict=False)]
    return _with_width(_with_labels(replace(chosen, titles=titles), peeked), peeked)


def _best(text: str, separators: Sequence[str], prefer_reference: bool, named: str | None) -> Header:
    best: tuple[tuple[int, int], Header] | None = None
    problem = ""
    for separator in separators:
        texts = [t.strip() for t in fields(text, separator)]
        width = max((i + 1 for i, t in enumerate(texts) if t), default=0)
        if width > MAX_COLUMNS:
            problem = problem or beyond("the header has {} columns", width, MAX_COLUMNS, NARROWER)
            texts = texts[:MAX_COLUMNS]
        match = None if width > MAX_COLUMNS else recognise(texts, prefer_reference, named)
        score = (_explained(match), len(texts))
        if best is None or score > best[0]:
            best = (score, Header(texts, separator, 1, match))
    assert best is not None
    return replace(best[1], problem=problem) if best[1].match is None else best[1]


def _explained(match: Match | None) -> int:
    """How many columns of a header are known."""
    if match is None:
        return 0
    return len(match.linked.positions if match.linked is not None else match.positions)


def _is_weak(header: Header) -> bool:
    """Whether a header consists of one text, as a title does."""
    return sum(1 for t in header.texts if t) < 2


def _with_labels(header: Header, after: Sequence[Record]) -> Header:
    """The header, with the row after it if that names the same columns in words (`FIRSTNAME` and then `First Name`)."""
    if header.match is None or header.match.contract.name != "hr_workers" or not after:
        return header
    labels = fields(after[0].text, header.separator)
    same = sum(
        1
        for key, label in zip(header.texts, labels, strict=False)
        if fold(label) and fold(key).replace("_", "") == fold(label).replace("_", "")
    )
    filled = sum(1 for label in labels if label.strip())
    if same < 3 or same * 2 < filled:
        return header
    return replace(header, lines=header.lines + after[0].lines, labels=True)


def _with_width(header: Header, after: Sequence[Record]) -> Header:
    """The header as wide as the rows are, where one of the two ends with a separator and the other does not: an empty
    last field is no field.

    Most of the first rows decide: in a single row a field too many is more likely a separator inside a text.
    """
    rows = [fields(r.text, header.separator) for r in (after[1:] if header.labels else after)]
    width = len(header.texts)
    if not rows or width < 2:
        return header
    longer = sum(1 for r in rows if len(r) == width + 1 and not r[-1].strip())
    if longer * 2 > len(rows):
        return replace(header, texts=[*header.texts, ""], trailing=True)
    shorter = sum(1 for r in rows if len(r) == width - 1)
    if not header.texts[-1] and shorter * 2 > len(rows):
        return replace(header, texts=header.texts[:-1], trailing=True)
    return header
