"""SQL that reads a number in any accepted form: separators, blanks, currencies, signs. What can mean two numbers is
read as neither.

Forms: definition of this project, docs/exporting.md. The types, and how large a number may be, are the contract's.
"""

from __future__ import annotations

from pipelines.ingest.sqltext import ANY_BLANK, case_of, literal

PLAIN = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$"
_CURRENCIES = (
    r"(?:[A-Z]{1,3}[$]|[$€£¥￥₩₹₽₺₫₱฿₪₴]|kr[.]?|zł|Kč|Ft|Fr[.]?|Rs[.]?|Rp|円|元|"
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|KWD|MAD|MXN|MYR|NOK|"
    "NZD|PEN|PHP|PLN|QAR|RON|"
    "RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR)"
)
# Wide enough for any rate that the contracts hold.
SMALL = "decimal(38,18)"


def is_plain(cell: str) -> str:
    """SQL: the cell is a number that a cast reads as it stands."""
    return f"regexp_matches({cell}, '{PLAIN}')"


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


def separated_number(text: str) -> str:
    """SQL of the plain number (`1234.5`) of a normal one with separators; null if it is none.

    A single separator before exactly three digits: `,` separates thousands, `.` is the decimal point.
    """

    def without(*separators: str) -> str:
        found = text
        for separator in separators:
            found = f"replace({found}, {literal(separator)}, '')"
        return found

    def point(found: str) -> str:
        return f"replace({found}, ',', '.')"

    forms = [
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
