"""What a cell of a closed vocabulary says: the value tables (`values.csv`), extended by the company, the words of dates
(`date_words.csv`), and the texts that stand for nothing (`empty_words.csv`).

Holds texts and their meaning only. Cells are looked up in `pipelines/ingest/conform`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pipelines.contracts.contract import Column, Contract, Type

VALUES = "values.csv"
DATE_WORDS = "date_words.csv"
EMPTY_WORDS = "empty_words.csv"
# Rows for every column of this type, or of a name (`currency`), whatever its input.
ANY_INPUT, ANY_BOOLEAN = "*", "boolean"
NEVER = "never"
HALVES = ("am", "pm")
BOOLEANS = ("true", "false")
UNKNOWN = "unknown"
# A company's own words: (input, column) → text → value (reference table `value_aliases`).
Company = Mapping[tuple[str, str], Mapping[str, str]]
_BLANKS = re.compile(r"[\s_\-]+")


@dataclass(frozen=True)
class ValueTable:
    """What the texts of one column mean.

    exact: key of a text (`key_of`) → value, an empty value for none. patterns: (regular expression over the key,
    value), the first that matches holds, and none where a word of denial stands in the text. plain: texts as they are
    delivered most often → value. is_closed: a text that is not found is unknown; else it stays as it is.
    """

    exact: dict[str, str]
    patterns: tuple[tuple[str, str], ...] = ()
    plain: dict[str, str] = field(default_factory=dict)
    is_closed: bool = True


def key_of(text: str) -> str:
    """A text as value tables compare it: composed, lower case, with one blank for runs of blanks, `_` and `-`,
    trimmed.
    """
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text).lower()).strip()


def _without_accents(key: str) -> str:
    found = "".join(c for c in unicodedata.normalize("NFD", key) if not unicodedata.combining(c))
    # Marks are no decoration in other scripts.
    return found if found.isascii() else key


@cache
def _rows() -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """(input, column) → rows of `values.csv` as (text, value, match), in the file's order."""
    found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    with (Path(__file__).parent / VALUES).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault((row["input"], row["column"]), []).append((row["text"], row["value"], row["match"]))
    return found


def allowed(column: Column) -> tuple[str, ...]:
    """The values that a text of the column can have; empty where any can. `unknown` is none that a text is given."""
    return BOOLEANS if column.type is Type.BOOLEAN else column.values


def value_table(
    contract: Contract, column: Column, company: Company | None = None, inverse: bool = False
) -> ValueTable | None:
    """The value table of a column, the company's rows before the shipped ones; None if its texts are values themselves.

    inverse: the header says the opposite of a boolean column (`Block credential` of `account_enabled`): words for yes
    mean no.
    """
    is_boolean = column.type is Type.BOOLEAN
    own = [] if inverse else _rows().get((contract.name, column.name), [])
    rows = own + _rows().get((ANY_INPUT, ANY_BOOLEAN if is_boolean else column.name), [])
    company_rows = (company or {}).get((contract.name, column.name), {})
    if not rows and not company_rows and not column.values:
        return None
    exact = {key_of(text): value for text, value in company_rows.items()}
    shipped = {key_of(text) or text: value for text, value, match in rows if not match}
    shipped |= {v: v for v in column.values if v != UNKNOWN and v not in shipped}
    for key, value in shipped.items():
        exact.setdefault(key, value)
    for key, value in shipped.items():
        exact.setdefault(_without_accents(key), value)
    if inverse:
        exact = {key: {"true": "false", "false": "true"}.get(value, value) for key, value in exact.items()}
    patterns = tuple(
        (re.escape(text) if match == "contains" else rf"\b{re.escape(text)}\b", value)
        for text, value, match in rows
        if match
    )
    usual = [t for v in allowed(column) for t in (v, v.capitalize())] + (["0", "1"] if is_boolean else [])
    plain = {t: exact[key_of(t)] for t in usual if key_of(t) in exact}
    return ValueTable(exact, patterns, plain, bool(allowed(column)))


def _date_words() -> Iterator[tuple[str, str, str]]:
    """Rows of `date_words.csv` as (language, text, value)."""
    with (Path(__file__).parent / DATE_WORDS).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield row["language"], row["text"], row["value"]


@cache
def date_words(language: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """(name of a month → its number, words that mean never). Names are English or of `language` (`de`, `pt-BR`); words
    are of any language.
    """
    months: dict[str, int] = {}
    never: list[str] = []
    for of, text, value in _date_words():
        if value == NEVER:
            never.append(text)
        elif value not in HALVES and of in ("en", language.lower()[:2]):
            months.setdefault(text, int(value))
            months.setdefault(_without_accents(text), int(value))
    return months, tuple(dict.fromkeys(never))


@cache
def month_languages() -> dict[str, tuple[str, ...]]:
    """Name of a month → the languages of which it is one; without those that are English too."""
    found: dict[str, dict[str, None]] = {}
    english = {text for of, text, _ in _date_words() if of == "en"}
    for of, text, value in _date_words():
        if value.isdecimal() and of != "en":
            for name in {text, _without_accents(text)} - english:
                found.setdefault(name, {})[of] = None
    return {name: tuple(languages) for name, languages in found.items()}


@cache
def halves_of_day(half: str) -> tuple[str, ...]:
    """Words for a half of the day, `am` or `pm`, in languages other than English; the longest first."""
    return tuple(sorted((text for _, text, value in _date_words() if value == half), key=lambda t: (-len(t), t)))


@cache
def empty_words(kind: str) -> tuple[str, ...]:
    """Texts that stand for nothing. `any`: in every column, spelt as they are. `named`: in lower case, where a cell
    names one person or thing, as an address does; elsewhere they are texts (`none` is a value of many columns).
    """
    with (Path(__file__).parent / EMPTY_WORDS).open(encoding="utf-8", newline="") as handle:
        return tuple(row["text"] for row in csv.DictReader(handle) if row["kind"] == kind)
