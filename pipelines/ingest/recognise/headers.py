"""Where the header of a delimited text stands: below title lines, with which separator, as which input; and which lines
below the data are totals.

Finds and repairs nothing in the rows (`delimited`). Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pipelines.contracts
from pipelines.contracts import Contract, Type
from pipelines.contracts.aliases import fold
from pipelines.ingest.recognise.hints import likeness
from pipelines.ingest.recognise.inputs import Match, recognise

SEPARATORS = (",", ";", "\t", "|")
MAX_TITLE_LINES = 30
MAX_HEADER_LINES = 200
MAX_RECORD_CHARS = 8 << 20
# Below the first line a header of more characters is not looked for.
MAX_LATER_CHARS = 1 << 16
# Records below the header that tell whether rows end with a separator, and those at the end that may be totals, in so
# many bytes.
PEEKED, TAIL_LINES, TAIL_BYTES = 20, 30, 1 << 16
csv.field_size_limit(MAX_RECORD_CHARS)


@dataclass(frozen=True)
class Header:
    """The header of a delimited file.

    texts, separator: its fields. start: bytes before it. lines: physical lines from there to the first data row.
    before: records above it. match: the input recognised. labels: a second row repeats the header in words (user data
    files of SuccessFactors); it is among the lines. titles: the fields of the lines above. trailing: rows may have an
    empty field more than it has.
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

    @property
    def line(self) -> int:
        """Which record of the file it is, 1 the first."""
        return self.before + 1


@dataclass(frozen=True)
class Record:
    """A record of a text: what it says, its physical lines and bytes, blank lines before it included; blank, skipped:
    their number and bytes (of a byte order mark too).
    """

    text: str
    lines: int
    size: int
    blank: int = 0
    skipped: int = 0


def records(path: Path) -> Iterator[Record]:
    """The records of a UTF-8 file; a record ends where its quotes are closed. Blank lines are skipped.

    A quote that is never closed costs its own line only: the lines after it are read on their own.
    """
    with path.open("rb") as raw:
        bom = 3 if raw.read(3) == b"\xef\xbb\xbf" else 0
    with path.open(encoding="utf-8-sig", newline="") as handle:
        pending: list[str] = []
        queue: list[str] = []
        quotes = blank = 0
        skipped = bom

        def record(lines: list[str]) -> Record:
            nonlocal blank, skipped
            text = "".join(lines)
            size = len(text.encode()) if text else 0
            made = Record(text, len(lines) + blank, size + skipped, blank, skipped)
            blank = skipped = 0
            return made

        while True:
            line = queue.pop(0) if queue else handle.readline(MAX_RECORD_CHARS)
            if not line:
                if not pending:
                    return
                yield record(pending[:1])
                queue, pending, quotes = pending[1:], [], 0
                continue
            pending.append(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                if any(p.strip() for p in pending):
                    yield record(pending)
                else:
                    blank += len(pending)
                    skipped += sum(len(p.encode()) for p in pending)
                pending, quotes = [], 0
            elif len(pending) > MAX_HEADER_LINES * 50:
                yield record(pending[:1])
                queue, pending, quotes = pending[1:] + queue, [], 0


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
    separators: tuple[str, ...] = SEPARATORS
    start = seen = 0
    for before, record in enumerate(records(path)):
        first = record.text.strip().strip('"')
        if before == 0 and (excel := re.fullmatch(r"sep=(.)", first, re.IGNORECASE)):
            separators = tuple(dict.fromkeys((excel[1], *SEPARATORS)))
        is_title = first.lower().startswith("sep=") or first.startswith("#TYPE")
        if not is_title and (before == 0 or len(record.text) <= MAX_LATER_CHARS):
            header = _best(record.text, separators, prefer_reference, named)
            header = replace(header, start=start + record.skipped, lines=record.lines - record.blank, before=before)
            candidates.append(header)
            if header.match is not None and not _is_weak(header):
                break
        start += record.size
        seen += not is_title
        if seen > MAX_TITLE_LINES:
            break
    if not candidates:
        return Header([], ",", 0, None)
    strong = [h for h in candidates if h.match is not None and not _is_weak(h)]
    weak = [h for h in candidates if h.match is not None]
    chosen = (strong or weak or [max(candidates, key=lambda h: (likeness(h.texts), -h.before))])[0]
    if chosen.match is None and not likeness(chosen.texts):
        chosen = candidates[0]
    titles = [h.texts for h in candidates if h.before < chosen.before] if chosen.match is not None else []
    # Read on from the header: the loop may have gone beyond it.
    rest = records(path)
    for _ in range(chosen.before + 1):
        next(rest)
    peeked = [r for r, _ in zip(rest, range(PEEKED), strict=False)]
    return _with_width(_with_labels(replace(chosen, titles=titles), peeked), peeked)


def _best(text: str, separators: Sequence[str], prefer_reference: bool, named: str | None) -> Header:
    best: tuple[tuple[int, int], Header] | None = None
    for separator in separators:
        texts = [t.strip() for t in fields(text, separator)]
        match = recognise(texts, prefer_reference, named)
        score = (_explained(match), len(texts))
        if best is None or score > best[0]:
            best = (score, Header(texts, separator, 1, match))
    assert best is not None
    return best[1]


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
        if label.strip() and fold(key).replace("_", "") == fold(label).replace("_", "")
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


@cache
def _total_words() -> re.Pattern[str]:
    with (Path(pipelines.contracts.__file__).parent / "total_words.csv").open(encoding="utf-8", newline="") as handle:
        words = sorted({row["word"].casefold() for row in csv.DictReader(handle)}, key=lambda w: (-len(w), w))
    either = "|".join(re.escape(w).replace(r"\ ", r"[ \-]") for w in words)
    # Total, Totals:, Total (24), Total: 24 users
    return re.compile(rf"[\s*=\-]*(?:{either})[\s:=*]*(?:\(?[\d.,'\s]+\)?\s*[^\W\d]*)?[\s:.*]*")


def is_total(row: Sequence[str | None], match: Match) -> bool:
    """Whether a row is a line of totals: its first text is a word for it, and what names a thing is empty."""
    place, text = next(((i, c) for i, c in enumerate(row) if c and c.strip()), (0, ""))
    if not text or not _total_words().fullmatch(text.replace("\u00a0", " ").strip().casefold()):
        return False
    return all(
        i == place or i >= len(row) or not (row[i] or "").strip() for i in _naming(match.contract, match.positions)
    )


def _naming(contract: Contract, positions: dict[str, int]) -> set[int]:
    """Positions of the columns that say what a row is about: keys and required ones, not counts."""
    names = {*contract.required, *contract.natural_key, *(c for group in contract.any_of for c in group)}
    counts = {c.name for c in contract.columns if c.type in (Type.INTEGER, Type.NUMBER)}
    return {positions[n] for n in names - counts if n in positions}


def without_totals(
    rows: Iterable[list[str | None]], match: Match, left_out: list[list[str | None]]
) -> Iterator[list[str | None]]:
    """The rows without lines of totals among the last ones; those go to `left_out`."""
    held: list[list[str | None]] = []
    for row in rows:
        held.append(row)
        if len(held) > TAIL_LINES:
            yield held.pop(0)
    for row in held:
        if is_total(row, match):
            left_out.append(row)
        else:
            yield row


def total_lines(path: Path, header: Header) -> list[tuple[int, int]]:
    """Where lines of totals stand among the last lines of a file: first byte and the byte after the last."""
    if header.match is None:
        return []
    size = path.stat().st_size
    first = max(header.start, size - TAIL_BYTES)
    with path.open("rb") as handle:
        handle.seek(first)
        tail = handle.read()
    pieces = re.findall(rb"[^\n]*\n|[^\n]+$", tail)
    found: list[tuple[int, int]] = []
    end, quotes, seen = size, 0, 0
    # The piece at the beginning may be the rest of a line.
    for piece in reversed(pieces[1:]):
        begin = end - len(piece)
        own = piece.count(b'"')
        if piece.strip():
            seen += 1
            text = piece.decode("utf-8", "replace")
            # Within an open quote it is no line of its own.
            if quotes % 2 == 0 and own % 2 == 0 and is_total(fields(text, header.separator), header.match):
                found.append((begin, end))
        quotes += own
        end = begin
        if seen >= TAIL_LINES:
            break
    return sorted(found)


def body_of(path: Path, header: Header, left_out: Sequence[tuple[int, int]], target: Path) -> tuple[Path, Header]:
    """The file from its header on and without some lines, in `target`; the file itself where that is all of it."""
    with path.open("rb") as source:
        above = source.read(header.start) if header.start <= 3 else b"more"
    if above in (b"", b"\xef\xbb\xbf") and not left_out:
        return path, header
    with path.open("rb") as source, target.open("wb") as out:
        at = header.start
        for begin, end in [*left_out, (path.stat().st_size, 0)]:
            source.seek(at)
            left = begin - at
            while left > 0 and (chunk := source.read(min(left, 1 << 20))):
                out.write(chunk)
                left -= len(chunk)
            at = end
    return target, replace(header, start=0, before=0)
