"""The alias table as data: which header spelling means which column, per input and generation. Loads the two CSV files,
judges nothing.

What cells mean is `values`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FILES = ("aliases.csv", "aliases_outside.csv")
# Before the column in a row of the alias table: the header says the opposite of it.
INVERSE = "not "
# Characters beyond which a text is no name of a column.
LONGEST_NAME = 1_000
_FOLD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, runs outside [a-z0-9] become `_`, ends stripped; '' for a text that is too long to be a name. A byte
    order mark is dropped; a letter and its accent are one character (macOS writes two).
    """
    # One header is compared with every contract, and with every separator.
    if len(text) > LONGEST_NAME:
        return ""
    return _FOLD.sub("_", unicodedata.normalize("NFC", text.lstrip("\ufeff")).lower()).strip("_")


def fold_header(text: str) -> str:
    """The key by which the header of a file is looked up: `fold`, or, where the alias table spells a header in letters
    of which folding would leave nothing or a syllable, the text itself without blanks.
    """
    key = _whole(text)
    return key if not key.isascii() and key in _kept_whole() else fold(text)


def _whole(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text.lstrip("\ufeff")).casefold().split())


@cache
def _rows() -> tuple[dict[str, str], ...]:
    """The rows of both files; an alias is what a header is folded to."""
    found: list[dict[str, str]] = []
    for name in FILES:
        with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as handle:
            found += csv.DictReader(handle)
    return tuple(found)


@cache
def _kept_whole() -> frozenset[str]:
    return frozenset(row["alias"] for row in _rows() if not row["alias"].isascii())


@dataclass(frozen=True)
class Alias:
    """One row of the alias table; `alias` is folded. is_inverse: the header says the opposite of the boolean column."""

    generation: str
    alias: str
    column: str
    is_inverse: bool = False


@cache
def aliases() -> dict[str, tuple[Alias, ...]]:
    """Input → its aliases, in the order of the files: where two headers mean one column the earlier row is
    preferred.
    """
    found: dict[str, list[Alias]] = {}
    for row in _rows():
        column = row["column"].removeprefix(INVERSE)
        alias = Alias(row["generation"], fold_header(row["alias"]), column, row["column"].startswith(INVERSE))
        found.setdefault(row["input"], []).append(alias)
    return {name: tuple(rows) for name, rows in found.items()}


def version_text() -> bytes:
    """The bytes of the tables, for the fingerprint of what ingestion would do."""
    folder = Path(__file__).parent
    return b"".join(p.read_bytes() for p in sorted([*folder.glob("*.csv"), *folder.glob("*.py")]))
