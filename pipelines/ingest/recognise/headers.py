"""Where the header of a delimited text stands: below title lines, with which separator, as which input; and which lines
below the data are no rows.

Finds and repairs nothing in the rows (`delimited`). Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import csv
import io
import mmap
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TextIO

import pipelines.contracts
from pipelines.contracts import Contract
from pipelines.contracts.aliases import fold
from pipelines.contracts.limits import MAX_COLUMNS, MAX_HEADER_CHARS, MAX_ROW_BYTES, beyond
from pipelines.ingest.landing.files import FileDamageError
from pipelines.ingest.recognise.around import is_footer
from pipelines.ingest.recognise.hints import likeness
from pipelines.ingest.recognise.inputs import Match, recognise

SEPARATORS = (",", ";", "\t", "|")
MAX_TITLE_LINES = 30
MAX_HEADER_LINES = 200
# Characters of a line that is too long to be a row that are kept to show it.
SHOWN_CHARS = 200
# Characters of a text that may be a word for totals.
MAX_TOTAL_CHARS = 80
RULE = re.compile(r"[\s|+,;]*[-=]{3}[-=\s|+,;]*")
# What a database client says below the rows: (24 rows affected), 24 row(s) selected.
ROWS_COUNTED = r"\(?[\d.,']+ (?:rows?|row\(s\)|zeilen?|lignes?|filas?|righe|rijen)(?: [^\W\d]+){0,2}[).\s]*"
MAX_RULE_BYTES = 1 << 16
NARROWER = "export fewer columns, or delete those that are not needed"
# Records below the header that tell whether rows end with a separator, and those at the end that may be totals, in so
# many bytes.
PEEKED, TAIL_LINES, TAIL_BYTES = 20, 30, 1 << 16
# Lines below the header that have a text of it, of those that are looked at for another header.
MAX_LOOKED = 10_000
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


@cache
def _total_words() -> re.Pattern[str]:
    with (Path(pipelines.contracts.__file__).parent / "total_words.csv").open(encoding="utf-8", newline="") as handle:
        words = sorted({row["word"].casefold() for row in csv.DictReader(handle)}, key=lambda w: (-len(w), w))
    either = "|".join(re.escape(w).replace(r"\ ", r"[ \-]") for w in words)
    # Total, Totals:, Total (24), Total: 24 users, VAT 19 %
    total = rf"[\s*=\-]*(?:{either})[\s:=*]*(?:\(?[\d.,'\s]+%?\)?\s*[^\W\d]*)?[\s:.*]*"
    return re.compile(rf"{total}|{ROWS_COUNTED}")


def is_total(row: Sequence[str | None], match: Match) -> bool:
    """Whether a row is a line of totals: its first text is a word for it, and what names a thing is empty."""
    place, text = next(((i, c) for i, c in enumerate(row) if c and c.strip()), (0, ""))
    text = text.replace("\u00a0", " ").strip()
    # Patterns of blanks within blanks take long over a long text.
    if not text or len(text) > MAX_TOTAL_CHARS or not _total_words().fullmatch(text.casefold()):
        return False
    return all(
        i == place or i >= len(row) or not (row[i] or "").strip() for i in _naming(match.contract, match.positions)
    )


def _naming(contract: Contract, positions: dict[str, int]) -> set[int]:
    """Positions of the columns that say what a row is about: keys and required ones, not counts, amounts and their
    currency.
    """
    names = {*contract.required, *contract.natural_key, *(c for group in contract.any_of for c in group)}
    counts = {c.name for c in contract.columns if c.type.is_number or c.name == "currency"}
    return {positions[n] for n in names - counts if n in positions}


def is_no_row(row: Sequence[str | None], match: Match) -> bool:
    """Whether a line among the rows is none: totals, or what programs write below the rows."""
    return is_total(row, match) or is_footer(row)


def without_others(
    rows: Iterable[list[str | None]], header: Header, left_out: list[list[str | None]]
) -> Iterator[list[str | None]]:
    """The rows without lines that are none among the last ones, and without the header where it is repeated, with the
    titles and notes above it; all those go to `left_out`. Raises FileDamageError at the header of another table.
    """
    assert header.match is not None
    named = _filled(header.texts)
    titles = [_filled(t) for t in header.titles]
    telling = _telling(header)
    held: list[list[str | None]] = []
    for number, row in enumerate(rows, 1):
        if telling in row and _is_other_header(row, header):
            raise _two_tables(row, f"row {number} below the header")
        if _filled(row) == named:
            while held and (is_no_row(held[-1], header.match) or _filled(held[-1]) in titles):
                left_out.append(held.pop())
            left_out.append(row)
            continue
        held.append(row)
        if len(held) > TAIL_LINES:
            yield held.pop(0)
    for row in held:
        if is_no_row(row, header.match):
            left_out.append(row)
        else:
            yield row


def _is_other_header(row: Sequence[str | None], header: Header) -> bool:
    """Whether a row names columns of the header in another order, or some of them."""
    named = {fold(t) for t in header.texts if t.strip()}
    filled = _filled(row)
    same = sum(1 for t in filled if t and fold(t) in named)
    return same >= 2 and same * 2 > sum(1 for t in filled if t) and filled != _filled(header.texts)


def _two_tables(row: Sequence[str | None], where: str) -> FileDamageError:
    shown = ", ".join(t for t in _filled(row) if t)[:SHOWN_CHARS]
    return FileDamageError(
        f"{where} is another header ({shown}): two tables stand one below the other; save each as a file of its own"
    )


def _telling(header: Header) -> str:
    """The text of a header that is least likely to be a value too."""
    assert header.match is not None
    known = [header.texts[p] for p in header.match.positions.values() if p < len(header.texts)]
    return max(known, key=len, default="")


def refuse_second_table(path: Path, header: Header) -> None:
    """Raise FileDamageError where the columns of a text stand once more below its header, in another order or some of
    them: the rows below are those of another table.
    """
    telling = _telling(header).encode() if header.match is not None else b""
    if not telling or path.stat().st_size == 0:
        return
    ends = b'"\r\n ' + header.separator.encode()
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as text:
        # Excel for the Mac once ended lines in CR alone.
        end_of_line = b"\n" if text.find(b"\n") >= 0 else b"\r"
        at = text.find(end_of_line, header.start) + 1 or len(text)
        looked = 0
        while (found := text.find(telling, at)) >= 0 and looked < MAX_LOOKED:
            at = found + len(telling)
            if text[found - 1] not in ends or text[at : at + 1] not in (
                b"",
                *(ends[i : i + 1] for i in range(len(ends))),
            ):
                continue
            looked += 1
            begin, end = text.rfind(end_of_line, 0, found) + 1, text.find(end_of_line, at) + 1 or len(text)
            row = fields(text[begin : min(end, begin + MAX_HEADER_CHARS)].decode("utf-8", "replace"), header.separator)
            if _is_other_header(row, header):
                raise _two_tables(row, f"line {text[:begin].count(end_of_line) + 1}")


def _filled(row: Sequence[str | None]) -> list[str]:
    """The cells of a row up to the last one that says something."""
    cells = [(c or "").strip() for c in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def is_end_mark(line: str) -> bool:
    """Whether a line holds the mark alone that ends a text of DOS."""
    return line.strip() == "\x1a"


def is_rule(line: str) -> bool:
    """Whether a line of text is drawn: the dashes that database clients and list reports put below a header."""
    return RULE.fullmatch(line) is not None


@dataclass(frozen=True)
class LeftOut:
    """A line of a text that is no row: its first byte, the byte after its last, its fields."""

    begin: int
    end: int
    fields: tuple[str, ...]


def other_lines(path: Path, header: Header) -> list[LeftOut]:
    """The lines of a text from its header on that are no rows: totals and notes among the last ones, a drawn line right
    below the header, the header where it is repeated, with the titles and notes above it.
    """
    if header.match is None:
        return []
    found = {o.begin: o for o in (*_rule_below(path, header), *_repeated(path, header))}
    size = path.stat().st_size
    first = max(header.start, size - TAIL_BYTES)
    with path.open("rb") as handle:
        handle.seek(first)
        tail = handle.read()
    # The piece at the beginning may be the rest of a line.
    for record, begin, end in _backwards(re.findall(rb"[^\n]*\n|[^\n]+$", tail)[1:], size, TAIL_LINES):
        if begin not in found and (
            is_rule(record) or is_end_mark(record) or is_no_row(fields(record, header.separator), header.match)
        ):
            found[begin] = LeftOut(begin, end, tuple(fields(record, header.separator)))
    return [found[begin] for begin in sorted(found)]


def _backwards(pieces: Sequence[bytes], end: int, most: int) -> Iterator[tuple[str, int, int]]:
    """The last records among physical lines of which the last ends at the byte `end`, from the last on: text, first
    byte, byte after the last. Blank lines are none.
    """
    pending, begin, seen = b"", end, 0
    for piece in reversed(pieces):
        begin -= len(piece)
        pending = piece + pending
        # Within an open quote it is no line of its own.
        if pending.count(b'"') % 2 == 0 or len(pending) > MAX_TOTAL_CHARS * PEEKED:
            if pending.strip():
                yield pending.decode("utf-8", "replace"), begin, begin + len(pending)
                seen += 1
            if seen >= most:
                return
            pending = b""


def _repeated(path: Path, header: Header) -> Iterator[LeftOut]:
    """The header where it stands once more, as in files that were put together and in pages of a report."""
    assert header.match is not None
    titles = [_filled(t) for t in header.titles]
    if path.stat().st_size == 0:
        return
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as text:
        handle.seek(header.start)
        line = handle.readline(MAX_HEADER_CHARS).rstrip(b"\r\n")
        at = header.start
        while line and line.count(b'"') % 2 == 0 and (at := text.find(b"\n" + line, at)) >= 0:
            begin, at = at + 1, at + 1 + len(line)
            if text[at : at + 1] not in (b"", b"\r", b"\n"):
                continue
            end = text.find(b"\n", at) + 1 or len(text)
            yield LeftOut(begin, end, tuple(header.texts))
            above = text[max(header.start, begin - TAIL_BYTES) : begin]
            pieces = re.findall(rb"[^\n]*\n", above)[1:]
            for record, first, last in _backwards(pieces, begin, TAIL_LINES):
                row = fields(record, header.separator)
                if not is_no_row(row, header.match) and _filled(row) not in titles:
                    break
                yield LeftOut(first, last, tuple(row))


def _rule_below(path: Path, header: Header) -> list[LeftOut]:
    with path.open("rb") as handle:
        handle.seek(header.start)
        head = handle.readline(MAX_RULE_BYTES)
        line = handle.readline(MAX_RULE_BYTES)
    begin = header.start + len(head)
    text = line.decode("utf-8", "replace")
    return [LeftOut(begin, begin + len(line), (text,))] if is_rule(text) else []


def body_of(path: Path, header: Header, left_out: Sequence[LeftOut], target: Path) -> tuple[Path, Header]:
    """The file from its header on and without some lines, in `target`; the file itself where that is all of it."""
    with path.open("rb") as source:
        above = source.read(header.start) if header.start <= 3 else b"more"
    if above in (b"", b"\xef\xbb\xbf") and not left_out:
        return path, header
    with path.open("rb") as source, target.open("wb") as out:
        at = header.start
        for begin, end in [*((o.begin, o.end) for o in left_out), (path.stat().st_size, 0)]:
            source.seek(at)
            left = begin - at
            while left > 0 and (chunk := source.read(min(left, 1 << 20))):
                out.write(chunk)
                left -= len(chunk)
            at = end
    return target, replace(header, start=0, before=0)
