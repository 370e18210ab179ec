"""Sheets of one workbook that are the same list in several months, by their names: only that of the drop's month is
read. Pure functions over names; opens no file.

Without it the persons of September would count beside those of October. What happened on days (events) counts wherever
it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.contracts.values import date_words, month_languages

_NUMBERS = re.compile(r"(?<!\d)(?:(20\d\d)[-_. ]?(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])[-_. /](20\d\d))(?!\d)")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_WORDS = re.compile(r"[^\W\d_]+")


def month_of(name: str) -> tuple[int | None, int] | None:
    """(year, month) that a sheet is of by its name, or path (`2026-10`, `Oct`, `Usage Oktober 2026`); the year is None
    where it is not told. None where the name tells no month, or several.
    """
    name = name.rpartition("#")[2]
    if found := _NUMBERS.search(name):
        return int(found[1] or found[4]), int(found[2] or found[3])
    months = {n for word in _WORDS.findall(name.casefold()) for n in _named(word)}
    year = _YEAR.search(name)
    return (int(year[0]) if year else None, months.pop()) if len(months) == 1 else None


def _named(word: str) -> set[int]:
    languages = ("en", *month_languages().get(word, ()))
    return {months[word] for language in languages if word in (months := date_words(language)[0])}


def of_other_months(sheets: Mapping[str, str], drop: str) -> dict[str, str]:
    """Name → why it is not read, of the sheets of a workbook that are those of another month than the drop's, beside
    one of the same input that is of it. sheets: name → state input.
    """
    year, month = int(drop[:4]), int(drop[5:7])
    by_input: dict[str, dict[str, tuple[int | None, int]]] = {}
    for name, of_input in sheets.items():
        if (of := month_of(name)) is not None:
            by_input.setdefault(of_input, {})[name] = of
    why: dict[str, str] = {}
    for of_input, found in by_input.items():
        own = [name for name, of in found.items() if of in ((None, month), (year, month))]
        if own:
            said = f"a sheet of another month by its name; {of_input} of {drop} is read from {own[0]}"
            why |= {name: said for name in found if name not in own}
    return why
