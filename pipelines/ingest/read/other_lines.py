"""Lines of a table that are no rows: totals and notes below it, a drawn line below its header, the header where it is
repeated, and the header of another table, at which the file is refused.

Of delimited texts and of the rows of sheets. Where the header stands, `recognise/headers` says; rows are repaired in
`delimited`. Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import csv
import mmap
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pipelines.contracts
from pipelines.contracts import Contract
from pipelines.contracts.aliases import fold
from pipelines.contracts.limits import MAX_HEADER_CHARS
from pipelines.ingest.landing.files import FileDamageError
from pipelines.ingest.recognise.around import is_footer
from pipelines.ingest.recognise.headers import PEEKED, SHOWN_CHARS, Header, fields
from pipelines.ingest.recognise.inputs import Match

# Characters of a text that may be a word for totals.
MAX_TOTAL_CHARS = 80
RULE = re.compile(r"[\s|+,;]*[-=]{3}[-=\s|+,;]*")
# What a database client says below the rows: (24 rows affected), 24 row(s) selected.
ROWS_COUNTED = r"\(?[\d.,']+ (?:rows?|row\(s\)|zeilen?|lignes?|filas?|righe|rijen)(?: [^\W\d]+){0,2}[).\s]*"
MAX_RULE_BYTES = 1 << 16
# Records at the end that may be no rows, in so many bytes.
TAIL_LINES, TAIL_BYTES = 30, 1 << 16
# Lines below the header that have a text of it, of those that are looked at for another header.
MAX_LOOKED = 10_000


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
            # An empty slice, the end of the text, is in it too.
            if text[found - 1] not in ends or text[at : at + 1] not in ends:
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
