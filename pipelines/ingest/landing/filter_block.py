"""Sheets that describe an export and hold none of its rows: filters, period, range, day of the export. Pure functions
over texts; opens no file.

The words are data (`contracts/filter_words.csv`), one row per language and word. What the filters mean for completeness
is judged elsewhere.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pipelines.contracts

# A description is read by people; a longer list of two columns is a table that happens to hold such a word.
MAX_ROWS = 60
MAX_COLUMNS = 2
_WORDS = re.compile(r"[^\W_]+")
# 2026-09-01, 1.9.2026, 01/09/26: twice in one cell is a period, whatever the language of its label.
_DAY = re.compile(r"(?<!\d)(?:\d{4}[-./年]\d{1,2}[-./月]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?!\d)")


def _plain(text: str) -> str:
    """Words in lower case without accents, separated by one blank."""
    # Precomposed again after the accents are gone: Hangul falls apart otherwise.
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c) != "Mn")
    kept = unicodedata.normalize("NFC", bare)
    return " ".join(_WORDS.findall(kept.replace("ı", "i").replace("ł", "l")))


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case without accents."""
    return _plain(text).split()


@cache
def _vocabulary() -> tuple[tuple[str, ...], frozenset[str]]:
    """(texts that may stand anywhere in a label, whole words)."""
    with (Path(pipelines.contracts.__file__).parent / "filter_words.csv").open(encoding="utf-8", newline="") as handle:
        rows = [(row["how"], _plain(row["word"])) for row in csv.DictReader(handle)]
    return tuple(sorted({w for how, w in rows if how == "inside"})), frozenset(w for how, w in rows if how == "word")


def names_filters(label: str) -> bool:
    """Whether a label speaks of filters, a period, a range or the day of the export, in any language of the
    vocabulary.
    """
    inside, words = _vocabulary()
    plain = _plain(label)
    return any(text in plain for text in inside) or not words.isdisjoint(plain.split())


def is_filter_block(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows of an unrecognised sheet describe an export: at most two columns, the first of which names filters,
    period or range in some row.

    A title may stand above, and empty columns beside: only columns that hold something count.
    """
    filled = sorted({place for row in rows for place, cell in enumerate(row) if cell.strip()})
    if not filled or len(filled) > MAX_COLUMNS or len(rows) > MAX_ROWS:
        return False
    return any(
        names_filters(row[filled[0]]) or (len(filled) == MAX_COLUMNS and _is_period(row, filled[1]))
        for row in rows
        if len(row) > filled[0]
    )


def _is_period(row: Sequence[str], place: int) -> bool:
    return len(row) > place and len(_DAY.findall(row[place])) == 2
