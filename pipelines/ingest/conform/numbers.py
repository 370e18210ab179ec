"""SQL that reads a number in any accepted form: separators, blanks, currencies, signs. What can mean two numbers is
read as neither.

Forms: definition of this project, docs/exporting.md. The types, and how large a number may be, are the contract's.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.ingest.sqltext import ANY_BLANK, case_of, literal

PLAIN = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$"
_CURRENCIES = (
    r"(?:[A-Z]{1,3}[$]|[$€£¥￥₩₹₽₺₫₱฿₪₴]|kr[.]?|zł|Kč|Ft|Fr[.]?|Rs[.]?|Rp|円|元|"
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|KWD|MAD|MXN|MYR|NOK|"
    "NZD|PEN|PHP|PLN|QAR|RON|"
    "RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR)"
)
# What is written in one sense only, with a comma or with a point before the decimals; and what is not.
_ALONE = "(?:^|[^0-9.,])(?:{})(?:[^0-9.,]|$)"
_DECIMALS = (
    "[0-9]+{d}(?:[0-9]{{1,2}}|[0-9]{{4,}})|0{d}[0-9]+|[0-9]{{4,}}{d}[0-9]{{3}}|[0-9]{{1,3}}(?:{t}[0-9]{{3}})+{d}[0-9]+"
)
WITH_COMMA = _ALONE.format(_DECIMALS.format(d=",", t=f"(?:[.'’]|{ANY_BLANK})"))
WITH_POINT = _ALONE.format(_DECIMALS.format(d="[.]", t=f"(?:[,'’]|{ANY_BLANK})"))
EITHER = "^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$"
# Rows that tell how a file writes decimals.
TELLING_ROWS = 50_000
UNSURE = (
    " can mean thousands or decimals, since other numbers of the file have a comma before the decimals; write it "
    "without a separator for thousands"
)
# Wide enough for any rate that the contracts hold.
SMALL = "decimal(38,18)"


def has_decimal_comma(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> bool:
    """Whether the numbers of a file have a comma before the decimals: one of these columns of texts has such a cell
    among the first rows, and none has one with a point. `1.785` and `1,785` are then not read.
    """
    if not columns:
        return False
    some = f"(select {', '.join(columns)} from {relation} limit {TELLING_ROWS})"
    # Nearly every file has no comma in its numbers.
    commas = " or ".join(f"contains({c}, ',')" for c in columns)
    if not con.execute(f"select bool_or({commas}) from {some}").fetchall()[0][0]:
        return False
    found = [" or ".join(f"regexp_matches({c}, {literal(form)})" for c in columns) for form in (WITH_COMMA, WITH_POINT)]
    comma, point = con.execute(f"select bool_or({found[0]}), bool_or({found[1]}) from {some}").fetchall()[0]
    return bool(comma) and not point


def is_either(text: str) -> str:
    """SQL: a normal number can mean thousands or decimals."""
    return f"regexp_matches({text}, '{EITHER}')"


def is_plain(cell: str, comma: bool) -> str:
    """SQL: the cell is a number that a cast reads as it stands. comma: of `has_decimal_comma`."""
    plain = f"regexp_matches({cell}, '{PLAIN}')"
    return f"({plain} and not {is_either(cell)})" if comma else plain


def normal_number(cell: str, with_currency: bool) -> str:
    """SQL of a cell that is no plain number, with ordinary blanks, apostrophes and signs, without currency, and a minus
    in front.

    `1 800,00 €`, `EUR 1,800.00`, `(1,800.00)`, `1.800,00-` and `1'800.–` are written in only one sense. A percentage is
    no number.
    """
    text = f"regexp_replace({cell}, '{ANY_BLANK}+', ' ', 'g')"
    text = f"translate({text}, '’ʼ‘´`−–—', '''''''''''---')"
    if with_currency:
        text = f"regexp_replace({text}, '^([(+-]?) ?{_CURRENCIES} ?([+-]?)', '\\1\\2')"
        text = f"regexp_replace({text}, ' ?{_CURRENCIES} ?([)-]?)$', '\\1')"
        text = f"regexp_replace({text}, '[.,]-{{1,2}}$', '')"
    text = f"regexp_replace({text}, '^[(] ?([0-9][^()+-]*?) ?[)]$', '-\\1')"
    text = f"regexp_replace({text}, '^([0-9][^+-]*?) ?-$', '-\\1')"
    return f"regexp_replace({text}, '^([+-]) +', '\\1')"


def separated_number(text: str, comma: bool) -> str:
    """SQL of the plain number (`1234.5`) of a normal one with separators; null if it is none.

    A single separator before exactly three digits: `,` separates thousands, `.` is the decimal point; where the file
    has a decimal comma it is neither.
    """

    def without(*separators: str) -> str:
        found = text
        for separator in separators:
            found = f"replace({found}, {literal(separator)}, '')"
        return found

    def point(found: str) -> str:
        return f"replace({found}, ',', '.')"

    forms = [
        *([(EITHER, "null")] if comma else []),
        (PLAIN, text),
        ("^[+-]?[0-9]+,[0-9]{3}$", without(",")),
        ("^[+-]?[0-9]*,[0-9]+$", point(text)),
        ("^[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$", without(",")),
        # Lakh and crore.
        ("^[+-]?[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}([.][0-9]+)?$", without(",")),
        ("^[+-]?[0-9]{1,3}([.][0-9]{3})+(,[0-9]+)?$", point(without("."))),
        ("^[+-]?[0-9]{1,3}( [0-9]{3})+([.,][0-9]+)?$", point(without(" "))),
        ("^[+-]?[0-9]{1,3}(''[0-9]{3})+([.,][0-9]+)?$", point(without("'"))),
        # Spreadsheets and JSON write a small rate so; a large number written so has lost its last digits.
        ("^[+-]?[0-9]([.,][0-9]+)?[Ee]-[0-9]{1,2}$", f"cast(cast({point(text)} as {SMALL}) as varchar)"),
    ]
    return case_of([(f"regexp_matches({text}, '{form}')", value) for form, value in forms])
