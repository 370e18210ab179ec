"""What lines around the rows of a table say of the export: its pages, how many rows there are, that some were left out,
when it was made. Pure functions over texts; opens no data file.

The words are data (`contracts/around_words.csv`). Lines of totals are `headers`; filters above a header are
`landing/narrowing`. Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pipelines.contracts
from pipelines.ingest.landing.narrowing import narrows

# Characters of a text that may be such a line, and of it in a message.
MAX_CHARS, SHOWN = 400, 120
_NUMBER = r"[0-9]{1,3}(?:[.,'’ \u00a0\u202f][0-9]{3})+|[0-9]+"


@dataclass(frozen=True)
class _Forms:
    """Patterns over a text in lower case, each with the numbers that it tells as groups.

    span: `1 to 100 of 2345`. share: `100 of 2345 rows`. page: `page 1 of 3`. count: `Total records: 2345`, `(2345
    rows)`. cut, made, filters: texts that say that rows were left out, that the export was made, which filters it has.
    """

    span: re.Pattern[str]
    share: re.Pattern[str]
    page: re.Pattern[str]
    count: re.Pattern[str]
    cut: re.Pattern[str]
    made: re.Pattern[str]
    filters: re.Pattern[str]


@cache
def _forms() -> _Forms:
    words: dict[str, set[str]] = {}
    with (Path(pipelines.contracts.__file__).parent / "around_words.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            words.setdefault(row["kind"], set()).add(row["text"].casefold())

    def one_of(kind: str) -> str:
        found = sorted(words[kind], key=lambda w: (-len(w), w))
        return "(?:" + "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in found) + ")"

    number, of, to, rows = f"({_NUMBER})", one_of("of"), one_of("to"), one_of("rows")
    total = rf"{number}\s*{rows}(?: in set| affected| selected\.?| returned| fetched| betroffen)?(?:\s*\([^()]*\))?"
    return _Forms(
        span=re.compile(rf"(?<![\d.,/-]){number}\s*(?:-|–|—|{to}(?=\s))\s*{number}\s*{of}\s*{number}(?![\d.,/-]*\d)"),
        share=re.compile(rf"(?<![\d.,/-]){number}\s*{of}\s*{number}\s+{rows}\b"),
        page=re.compile(rf"\b{one_of('page')}\s*:?\s*([0-9]{{1,5}})\s*{of}\s*([0-9]{{1,5}})(?![\d.,/-]*\d)"),
        count=re.compile(rf"\W*(?:(?:{one_of('count')}\s*)?{rows}\s*[:=]?\s*\(?{number}\)?|\(?{total}\)?)\W*"),
        cut=re.compile(rf"\b{one_of('cut')}\b"),
        made=re.compile(rf"\W*{one_of('made')}(?!\w)"),
        filters=re.compile(rf"\W*{one_of('filters')}\s*[:\n]\s*(.*)", re.DOTALL),
    )


def _text_of(line: Sequence[str | None]) -> str:
    """The one text of a line, or label and value; '' for anything longer."""
    texts = [c.strip() for c in line if c and c.strip()]
    text = " ".join(texts) if len(texts) <= 2 else ""
    return text if len(text) <= MAX_CHARS else ""


def is_footer(line: Sequence[str | None]) -> bool:
    """Whether a line of a table that has one text, in its first field, is one of those that programs write around the
    rows.

    What else stands alone in a line is a row that was cut off, or part of one.
    """
    texts = [c for c in line if c and c.strip()]
    if len(texts) != 1 or not (line[0] or "").strip():
        return False
    text = _text_of(line).casefold()
    forms = _forms()
    whole = forms.count.fullmatch(text) or forms.made.match(text) or forms.filters.match(text)
    inside = (forms.cut, forms.page, forms.span, forms.share)
    return bool(text and (whole or any(form.search(text) for form in inside)))


def part_said(above: Iterable[Sequence[str]], below: Iterable[Sequence[str | None]], rows: int) -> str:
    """What lines above a header and below the rows say that shows the rows to be a part, '' where none does.

    rows: those that were read. A number of pages shows it where the last page is not told of.
    """
    forms = _forms()
    last: tuple[int, int, str] | None = None
    for line, is_below in [*((a, False) for a in above), *((b, True) for b in below)]:
        shown = _text_of(line)
        text = shown.casefold()
        if not text:
            continue
        if is_below and (filters := forms.filters.match(text)) and narrows(filters[1]):
            return f"a line below the data names a filter ({_short(shown)})"
        if forms.cut.search(text) and not re.search(r"\b(no|not|keine|nicht|sans|sin|senza|nie)\b", text):
            return f"a line around the data says that rows were left out ({_short(shown)})"
        found = forms.span.search(text) or forms.share.search(text) or forms.count.fullmatch(text)
        if found is not None and (total := max(_number(n) for n in found.groups() if n)) > rows:
            return f"a line around the data says {total} ({_short(shown)}), but only {rows} rows were read"
        if page := forms.page.search(text):
            number, pages = int(page[1]), int(page[2])
            last = max(last or (0, 0, ""), (number, pages, shown))
    if last is not None and last[0] < last[1]:
        return f"a line around the data says {_short(last[2])!r}, and no later page is there"
    return ""


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _short(text: str) -> str:
    return " ".join(text.split())[:SHOWN]
