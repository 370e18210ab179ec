"""Whether what an export says about its filters leaves rows out. Pure functions over texts.

The words are data (`contracts/narrowing_words.csv`). A period, a date, and a value that begins with a word for all or
none are no filter. Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pipelines.contracts
from pipelines.ingest.landing.filter_block import names_filters, plain_words

CJK_TIME = re.compile(r"[年月日時分から至〜~\s]+")


@cache
def _words(kind: str) -> frozenset[str]:
    """all: a value that begins so leaves nothing out (all_start: without a blank behind it). time: what a period or a
    date is made of, beside numbers. time_label, about_label: lines that say over which time an export goes; when, by
    whom and what it is. value_heading: the heading over the values of filters. filter: words of a line that only says
    that filters follow.
    """
    with (Path(pipelines.contracts.__file__).parent / "narrowing_words.csv").open(
        encoding="utf-8", newline=""
    ) as handle:
        return frozenset(w for row in csv.DictReader(handle) if row["kind"] == kind for w in row["words"].split())


def narrows(value: str) -> bool:
    """Whether the value of a filter leaves rows out."""
    text = value.strip().strip("()[]'\"").strip()
    if not text or text in {"-", "*", "—", "n/a", "N/A"} or text.startswith(tuple(_words("all_start"))):
        return False
    words = plain_words(CJK_TIME.sub(" ", text) if re.search(r"\d", text) else text)
    return bool(words) and words[0] not in _words("all") and not _is_time(words)


def _is_time(words: Sequence[str]) -> bool:
    # 2026-09-01T08:00 falls into numbers and a t; 12h, 1st, 30th.
    left = [
        w
        for w in words
        if not re.fullmatch(r"\d+(st|nd|rd|th|h|t\d+|z)?|(fy|cy|q|h)\d+", w) and w not in _words("time")
    ]
    return not left


def narrowing_filter(said: Any) -> str:
    """The first filter of a manifest's `filters` that leaves rows out, '' if none does."""
    return next((text for label, value, text in _pairs(said) if not _is_time_label(label) and narrows(value)), "")


def narrowing_block(text: str) -> str:
    """The first filter in the rows (as CSV) of a sheet that describes the export that leaves rows out, '' if none
    does.
    """
    rows = [[cell.strip() for cell in row if cell.strip()] for row in csv.reader(io.StringIO(text, newline=""))]
    return next((found for row in rows if row and (found := _of_row(row, inside=True))), "")


def narrowing_title(lines: Iterable[Sequence[str]]) -> str:
    """The same of lines above a header. Only a line that names filters, and lines below one that says nothing else, are
    filters.
    """
    inside = False
    for line in lines:
        row = [cell.strip() for cell in line if cell.strip()]
        if not row:
            continue
        named = names_filters(row[0])
        if (named or inside) and (found := _of_row(row, inside)):
            return found
        inside = inside or (named and len(row) == 1 and not set(plain_words(row[0])) - _words("filter"))
    return ""


def _of_row(row: Sequence[str], inside: bool) -> str:
    """The filter that a line of a description states, '' if it leaves nothing out. inside: lines around it are
    filters.
    """
    label, value = (row[0], " ".join(row[1:])) if len(row) > 1 else _labelled(row[0])
    words = plain_words(label)
    if not value:
        if not names_filters(label) or not set(words) & _words("filter"):
            return ""
        rest = [w for w in words if w not in _words("filter")]
        return row[0] if rest and narrows(" ".join(rest)) else ""
    if plain_words(value) and plain_words(value)[0] in _words("value_heading") and len(plain_words(value)) == 1:
        return ""
    is_filter = names_filters(label) or inside
    if not is_filter or _is_time_label(label) or (set(words) & _words("about_label") and not names_filters(label)):
        return ""
    inner_label, inner = _labelled(value)
    if inner and (_is_time_label(inner_label) or not narrows(inner)):
        return ""
    return ": ".join([label.rstrip(":"), value]) if narrows(value) else ""


def _is_time_label(label: str) -> bool:
    words = plain_words(label)
    return bool(words) and bool(set(words) & _words("time_label") or any(w in label for w in ("期間", "日")))


def _labelled(text: str) -> tuple[str, str]:
    """`Team: Office` and `Team = Office` as label and value; ('', text) has no label."""
    found = re.match(r"\s*([^:=]{1,60}?)\s*(?::(?!\d)|==?)\s*(.*)$", text, re.DOTALL)
    return (found[1], found[2].strip()) if found else (text, "")


def _pairs(said: Any, label: str = "") -> Iterator[tuple[str, str, str]]:
    """(label, value, both) of everything that a manifest says under `filters`."""
    if said is None or said is False:
        return
    if isinstance(said, dict):
        for key, value in said.items():
            yield from _pairs(value, str(key))
    elif isinstance(said, list | tuple | set):
        for value in said:
            yield from _pairs(value, label)
    elif label:
        yield label, str(said), f"{label}: {said}"
    else:
        for piece in re.split(r"[;\n]", str(said)):
            pieces = piece.split(",")
            for part in pieces if len(pieces) > 1 and all(_labelled(p)[1] for p in pieces) else [piece]:
                name, value = _labelled(part)
                yield (name, value, part.strip()) if value else ("", part, part.strip())
