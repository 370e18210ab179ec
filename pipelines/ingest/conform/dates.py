"""SQL that reads dates and times in any accepted form, and the order of day and month that a file's own values tell.

A cell is read in two steps: `d_<column>` in the ISO forms that exports have, and only what that leaves over, with its
blanks made normal (`n_<column>`), in all others. A date that means never is read as `infinity`. Forms: definition of
this project, docs/exporting.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.contracts import Column, Type
from pipelines.contracts.values import HALVES, date_words, halves_of_day, month_languages
from pipelines.ingest.sqltext import ANY_BLANK, MARKS, case_of, literal

DATE_TYPES = (Type.DATE, Type.TIMESTAMP)
ORDERS = ("dmy", "mdy", "ymd")
# The form of the exports; a cast reads it as it stands.
PLAIN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAIVE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$"
ZONED = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_TIME = r"(?:(?:,? |,|T)([0-9]{1,2})[:.hH]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([AaPp])[.]?[Mm][.]?)?)?Z?$"
_WORD = r"([^-\s0-9.,:/|]+)[.]?"
_WEEKDAY = r"(?:[^\s0-9,|]+,? )?"
# Three numbers and perhaps a time; year last.
SLASHED = rf"^([0-9]{{1,2}})([/.-])([0-9]{{1,2}})[/.-]([0-9]{{4}}|[0-9]{{2}}){_TIME}"
YEAR_FIRST = rf"^([0-9]{{4}})(?:[/.-]|年)([0-9]{{1,2}})(?:[/.-]|月)([0-9]{{1,2}})日?{_TIME}"
DAY_NAME_YEAR = (
    rf"^{_WEEKDAY}([0-9]{{1,2}})(?:st|nd|rd|th|º|er)?[ ./-]*(?:de )?{_WORD}[ ,./-]*(?:de "
    rf")?([0-9]{{4}}|[0-9]{{2}}){_TIME}"
)
NAME_DAY_YEAR = rf"^{_WEEKDAY}{_WORD}[ ./-]*([0-9]{{1,2}})(?:st|nd|rd|th)?[ ,./-]+([0-9]{{4}}|[0-9]{{2}}){_TIME}"
YEAR_NAME_DAY = rf"^([0-9]{{4}})[ ./-]{_WORD}[ ./-]([0-9]{{1,2}}){_TIME}"
CTIME = r"^[^\s0-9,|]+ ([^-\s0-9.,:/|]+) ([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})$"
# A year of an era of Japan, of which the first is written so too.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
ERA = rf"^({'|'.join(ERAS)})([0-9]{{1,2}}|元)(?:年|[/.-])([0-9]{{1,2}})(?:月|[/.-])([0-9]{{1,2}})日?{_TIME}"
COMPACT = "^((?:19|20|99)[0-9]{2})([0-9]{2})([0-9]{2})$"
GENERALIZED = "^([0-9]{4})([0-9]{2})([0-9]{2})[T ]?([0-9]{2})([0-9]{2})([0-9]{2})(?:[.,][0-9]+)?Z?$"
# Each form and what its groups are, as `year|month|day|hour|minute|second|half`; no form has a bar.
_FORMS = (
    (YEAR_FIRST, r"\1|\2|\3|\4|\5|\6|\7"),
    (ERA, r"\1\2|\3|\4|\5|\6|\7|\8"),
    (DAY_NAME_YEAR, r"\3|\2|\1|\4|\5|\6|\7"),
    (NAME_DAY_YEAR, r"\3|\1|\2|\4|\5|\6|\7"),
    (YEAR_NAME_DAY, r"\1|\2|\3|\4|\5|\6|\7"),
    (CTIME, r"\6|\1|\2|\3|\4|\5|"),
    (COMPACT, r"\1|\2|\3||||"),
    (GENERALIZED, r"\1|\2|\3|\4|\5|\6|"),
)
_SLASHED = {"dmy": r"\4|\3|\1|\5|\6|\7|\8", "mdy": r"\4|\1|\3|\5|\6|\7|\8", "ymd": r"\1|\3|\4|\5|\6|\7|\8"}
FILETIME = "^[0-9]{17,19}$"
# The same as a number of a spreadsheet, which keeps 15 digits of it.
FILETIME_NUMBER = "^[0-9][.][0-9]{14}[Ee][+]1[678]$"
# How Windows PowerShell and older .NET services write a time in JSON: milliseconds since 1970 in UTC.
JSON_TIME = r"^/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)/$"
# Seconds and milliseconds since 1970, of the years 2001 to 2033; a day and an hour are never written so.
EPOCH_S, EPOCH_MS = "^1[0-9]{9}([.][0-9]+)?$", "^1[0-9]{12}$"
SERIAL = "^([2-7][0-9]{4}|80000)([.][0-9]+)?$"
# Microseconds between 1601-01-01, from which FILETIME counts in 100 ns, and 1970-01-01.
FILETIME_EPOCH_US = 11_644_473_600_000_000
# Years of two digits: the convention of POSIX (strptime, %y), here with 70 as the first of the last century since no
# date of this trade is older.
FIRST_OF_LAST_CENTURY = 70
# Days between 1899-12-30, from which a spreadsheet counts, or 1904-01-01, and 1970-01-01.
SERIAL_EPOCH, SERIAL_EPOCH_1904 = 25_569, 24_107
AMBIGUOUS = " can be day/month or month/day; set date_order in a manifest"
# A word that may be the name of a month.
NAME = r"[^\s0-9.,:/|-]{3,}"
OTHER_LANGUAGE = " names a month in a language other than English; say which in a manifest (language: "
DAY_NUMBER = " is the number of a day as spreadsheets count; format the column as dates, and save the file again"
TWO_DIGITS = (
    " has a two-digit year, and nothing shows the order of day, month and year; set date_order in a "
    "manifest, or export four-digit years"
)


@dataclass(frozen=True)
class Forms:
    """How the dates of a file may be written.

    order: of `03/04/2026` as the manifest says it, else None. timezone: of times without offset. language: whose names
    of months are read beside the English ones. serials: days since 1899-12-30 are dates, since the file is a workbook;
    from_1904: since 1904-01-01.
    """

    order: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    serials: bool = False
    from_1904: bool = False

    @classmethod
    def of(cls, manifest: Mapping[str, Any], timezone: str, serials: bool, from_1904: bool = False) -> Forms:
        """From the values of a manifest."""
        order = str(manifest["date_order"]) if manifest.get("date_order") in ORDERS else None
        return cls(order, timezone, str(manifest.get("language") or "en"), serials, from_1904)


def normal_text(cell: str) -> str:
    """SQL of a text with ordinary blanks, one at a time and none beside a separator: `29. 10. 2026` is `29.10.2026`."""
    text = f"regexp_replace({cell}, '{MARKS}', '', 'g')"
    text = f"trim(regexp_replace({text}, '{ANY_BLANK}+', ' ', 'g'))"
    text = f"regexp_replace({text}, ' ?([-:/.]) ?', '\\1', 'g')"
    text = f"regexp_replace({text}, '(?i) (?:um|at|à|om|alle|às|a las) ([0-9])', ' \\1')"
    text = f"regexp_replace({text}, '(?i) ?Uhr$', '')"
    # A day of the week, the name of a time zone.
    text = f"regexp_replace({text}, ' ?[(（][^()（）0-9]+[)）]', '', 'g')"
    for half in HALVES:
        words = "|".join(re.escape(w).replace(r"\ ", " ") for w in halves_of_day(half))
        # It stands before the time in languages of Asia.
        text = f"regexp_replace({text}, '(?i) ?(?:{words}) ?([0-9][0-9:.]*)$', ' \\1 {half.upper()}')"
        text = f"regexp_replace({text}, '(?i)([0-9]) ?(?:{words})$', '\\1 {half.upper()}')"
    return f"regexp_replace({text}, ' ?(UTC|GMT)$', 'Z')"


def iso(column: Column, cell: str, timezone: str) -> str:
    """SQL of a cell in one of the ISO forms; null if it is in another."""
    # A year does not begin with a sign, and what the marks leave is digits where the cast reads it.
    day = f"({cell} like '____-__-__' and {cell} >= '0')"
    if column.type is Type.DATE:
        # A time without offset keeps its day as written.
        return case_of(
            [
                (day, f"try_cast({cell} as date)"),
                (f"regexp_matches({cell}, '{NAIVE}')", f"cast(try_cast({cell} as timestamp) as date)"),
                (f"regexp_matches({cell}, '{ZONED}')", f"cast(timezone('UTC', {_zoned(cell)}) as date)"),
            ],
            "date",
        )
    # The form of the exports, at a third of what the regular expression and the cast cost; at this length every part
    # has all its digits.
    plain = f"case when strlen({cell}) = 20 and {cell} >= '0' then try_strptime({cell}, '%Y-%m-%dT%H:%M:%SZ') end"
    others = case_of(
        [
            (f"regexp_matches({cell}, '{PLAIN}')", f"try_cast({cell} as timestamp)"),
            (f"regexp_matches({cell}, '{ZONED}')", f"timezone('UTC', {_zoned(cell)})"),
            (day, f"cast(try_cast({cell} as date) as timestamp)"),
            (f"regexp_matches({cell}, '{NAIVE}')", _in_utc(f"try_cast({cell} as timestamp)", timezone)),
        ],
        "timestamp",
    )
    return f"coalesce({plain}, {others})"


def parts(text: str, order: str) -> str:
    """SQL of a normal text as `year|month|day|hour|minute|second|half`, the text itself where it is in no form of that
    kind. order: 'dmy', 'mdy', 'ymd', or '' if that cannot be known.
    """
    forms = [*_FORMS, (SLASHED, _SLASHED[order])] if order else _FORMS
    # One expression after the other: a pattern is compiled once, which takes longer than to apply it to a small file.
    for form, order_of_groups in forms:
        text = f"regexp_replace({text}, '{form}', '{order_of_groups}')"
    return text


def other(column: Column, text: str, split: str, forms: Forms) -> str:
    """SQL of the date of a normal text; split: SQL of its `parts`. Null if it is in no form that is known."""
    _, never = date_words(forms.language)

    def local(value: str) -> str:
        if column.type is Type.DATE or forms.timezone == "UTC":
            return value
        return f"case when ends_with({text}, 'Z') then {value} else {_in_utc(value, forms.timezone)} end"

    words = ", ".join(literal(w) for w in never)
    steps = [
        (f"list_contains([{words}], lower(nfc_normalize({text})))", "cast('infinity' as timestamp)"),
        (f"contains({split}, '|')", local(_built(split, forms.language))),
        (f"regexp_matches({text}, '{FILETIME}')", _filetime(text)),
        (f"regexp_matches({text}, '{FILETIME_NUMBER}')", _filetime(f"cast(try_cast({text} as double) as hugeint)")),
        (f"regexp_matches({text}, '{ZONED}')", f"timezone('UTC', {_zoned(text)})"),
        (f"regexp_matches({text}, '{JSON_TIME}')", _json_time(text)),
        (f"regexp_matches({text}, '{EPOCH_S}')", f"make_timestamp(cast({text} as decimal(18,6))::bigint * 1000000)"),
        (f"regexp_matches({text}, '{EPOCH_MS}')", f"epoch_ms(try_cast({text} as bigint))"),
    ]
    if forms.serials:
        steps.append(
            (
                f"regexp_matches({text}, '{SERIAL}')",
                local(_serial(text, SERIAL_EPOCH_1904 if forms.from_1904 else SERIAL_EPOCH)),
            )
        )
    return f"cast({case_of(steps, 'timestamp')} as {column.type.sql})"


def no_date(value: str) -> str:
    """SQL: a date that was read is none: it means never, is of year 9999, or lies before computers kept any."""
    return f"({value} < date '1970-01-01' or {value} >= date '9999-01-01')"


def off_calendar(value: str) -> str:
    """SQL: a date that was read means never, or its offset took it out of the years 1 to 9999."""
    return f"({value} < date '0001-01-01' or {value} >= date '10000-01-01')"


def unread_reason(text: str, order: str | None, expected: str) -> str:
    """SQL of the words for a normal text that could not be read as a date. order: None where the column was read in the
    ISO forms alone.
    """
    if order is None:
        return literal(f" is not {expected}")
    names = list(month_languages())
    languages = ", ".join(literal(" or ".join(month_languages()[n])) for n in names)
    place = f"list_position([{', '.join(map(literal, names))}], lower(regexp_extract({text}, {literal(NAME)})))"
    otherwise = (
        f"case when {place} > 0 then {literal(OTHER_LANGUAGE)} || ([{languages}])[{place}] || ')' when "
        f"regexp_matches({text}, '{SERIAL}') then {literal(DAY_NUMBER)} else {literal(f' is not {expected}')} end"
    )
    if order:
        return otherwise
    two = f"length(regexp_extract({text}, '{SLASHED}', 4)) = 2"
    return (
        f"case when {two} then {literal(TWO_DIGITS)} when regexp_matches({text}, '{SLASHED}') then "
        f"{literal(AMBIGUOUS)} else {otherwise} end"
    )


def unread_hint(text: str) -> str:
    """What to do about a text that could not be read as a date, '' where that is not known."""
    name = re.search(NAME, text)
    if name is not None and (languages := month_languages().get(name[0].lower())):
        return f"{OTHER_LANGUAGE}{' or '.join(languages)})".strip()
    return DAY_NUMBER.strip() if re.search(SERIAL, text) else ""


def is_slashed(text: str) -> str:
    """SQL: a normal text is three numbers with the year last; without an order of day and month it is not known how it
    is read.
    """
    return f"regexp_matches({text}, '{SLASHED}')"


def is_ambiguous(cell: str) -> str:
    """SQL: how the cell is read depends on other cells."""
    return is_slashed(normal_text(cell))


def settled_orders(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], stated: str | None
) -> dict[str, str]:
    """How `03/04/2026` is read in each column: as the manifest says, else as the column's values leave over, else as
    other columns do if they agree.

    A column whose values rule out both readings stays unread. With a year of two digits `/26/` a first number above 12
    may be the year.
    """
    if stated or not columns:
        return dict.fromkeys(columns, stated or "")
    asked = []
    for column in columns:
        text = f'"x_{column}"'
        first = f"try_cast(regexp_extract({text}, '{SLASHED}', 1) as integer) > 12"
        second = f"try_cast(regexp_extract({text}, '{SLASHED}', 3) as integer) > 12"
        sure = f"(length(regexp_extract({text}, '{SLASHED}', 4)) = 4 or regexp_extract({text}, '{SLASHED}', 2) = '.')"
        asked += [f"coalesce(bool_or({first} and {sure}), false)", f"coalesce(bool_or({second}), false)"]
    texts = []
    for column in columns:
        cell = f'"v_{column}"'
        texts.append(f'{normal_text(cell)} as "x_{column}"')
    seen = con.execute(f"select {', '.join(asked)} from (select {', '.join(texts)} from {relation})").fetchall()[0]
    found = {}
    contradicts = set()
    for i, column in enumerate(columns):
        day_first, month_first = seen[2 * i], seen[2 * i + 1]
        found[column] = "" if day_first == month_first else "dmy" if day_first else "mdy"
        if day_first and month_first:
            contradicts.add(column)
    orders = {o for o in found.values() if o}
    if len(orders) == 1:
        (only,) = orders
        found = {c: o if o or c in contradicts else only for c, o in found.items()}
    return found


def _in_utc(value: str, timezone: str) -> str:
    return value if timezone == "UTC" else f"timezone('UTC', timezone({literal(timezone)}, {value}))"


def _zoned(cell: str) -> str:
    normal = f"regexp_replace(replace(upper({cell}), 'Z', '+00'), ' ?([+-][0-9]{{2}})([0-9]{{2}})$', '\\1:\\2')"
    normal = f"regexp_replace({normal}, ' ([+-][0-9:]+)$', '\\1')"
    return f"try_cast({normal} as timestamptz)"


def _built(split: str, language: str) -> str:
    """SQL of the time of which `parts` are given; null where there is no such day."""
    months, _ = date_words(language)
    names, numbers = ", ".join(literal(m) for m in months), ", ".join(str(n) for n in months.values())

    def part(place: int) -> str:
        return f"try_cast(split_part({split}, '|', {place}) as integer)"

    year = part(1)
    century = f"case when {year} < {FIRST_OF_LAST_CENTURY} then 2000 when {year} < 100 then 1900 else 0 end"
    first = f"split_part({split}, '|', 1)"
    of_era = f"try_cast(replace(regexp_extract({first}, '[0-9元]+$'), '元', '1') as integer)"
    eras = [(f"starts_with({first}, {literal(era)})", f"{before} + {of_era}") for era, before in ERAS.items()]
    year = f"coalesce({year} + {century}, {case_of(eras, 'integer')})"
    named = f"([{numbers}])[list_position([{names}], lower(nfc_normalize(split_part({split}, '|', 2))))]"
    half = f"upper(split_part({split}, '|', 7))"
    hour = f"coalesce({part(4)}, 0)"
    hour = f"case {half} when 'P' then {hour} % 12 + 12 when 'A' then {hour} % 12 else {hour} end"
    whole = (
        f"format('{{:04d}}-{{:02d}}-{{:02d}} {{:02d}}:{{:02d}}:{{:02d}}', {year}, coalesce({part(2)}, "
        f"{named}), {part(3)}, "
        f"{hour}, coalesce({part(5)}, 0), coalesce({part(6)}, 0))"
    )
    return f"try_cast({whole} as timestamp)"


def _json_time(text: str) -> str:
    return f"epoch_ms(try_cast(regexp_extract({text}, '{JSON_TIME}', 1) as bigint))"


def _filetime(text: str) -> str:
    return f"make_timestamp(try_cast({text} as bigint) // 10 - {FILETIME_EPOCH_US})"


def _serial(text: str, epoch: int) -> str:
    """A spreadsheet's day number, to the second: whole days since its first one, the fraction is the time."""
    seconds = f"cast(round(try_cast({text} as double) * 86400) as bigint)"
    return f"make_timestamp(({seconds} - {epoch * 86_400}) * 1000000)"
