"""Small pieces of SQL: literals, the cleaned cell, a text in a message. Knows no contract."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.contracts.values import empty_words

# Characters that look like a blank, or like nothing, by the names that messages call them.
INVISIBLE = {
    "\u00a0": "NO-BREAK SPACE",
    "\u202f": "NARROW NO-BREAK SPACE",
    "\u2009": "THIN SPACE",
    "\u2007": "FIGURE SPACE",
    "\u3000": "IDEOGRAPHIC SPACE",
    "\u200b": "ZERO WIDTH SPACE",
    "\u200e": "LEFT-TO-RIGHT MARK",
    "\u200f": "RIGHT-TO-LEFT MARK",
    "\u00ad": "SOFT HYPHEN",
    "\ufeff": "BYTE ORDER MARK",
    "\t": "TAB",
}
# Blanks that are trimmed, and a stray byte order mark.
BLANKS = " \t\r\n" + "".join(c for c in INVISIBLE if c not in "\u00ad\t")
# Of a regular expression: any blank inside a text, and marks that are no part of it.
ANY_BLANK = r"[\s\x{00A0}\x{202F}\x{2009}\x{2007}\x{200A}\x{3000}]"
MARKS = r"[\x{200B}\x{200E}\x{200F}\x{00AD}\x{FEFF}]"


# No text that is looked for has it.
_BETWEEN = "\x1f"


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


# ="0815" as exports write it, and the apostrophe that somebody typed: '0815.
TEXT_MARKS = r"""^(?:="([^"]*)"|'([0-9][^']*))$"""


def clean(position: int) -> str:
    """SQL of a cell, trimmed (also of no-break spaces) and without the marks that keep a spreadsheet from reading a
    text as a number, null where the text means nothing.
    """
    cell = f"c{position}"
    # Trimming costs ten times the look at both ends, and nearly every cell begins and ends with a printed ASCII
    # character. Of the texts that mean nothing only one begins with a letter or a digit. Comparing with a range costs
    # less than looking for a prefix.
    empties = empty_words("any")
    printable = [w for w in empties if "/" < w < "~"]
    listed = ", ".join(map(literal, printable))
    plain = (
        f"{cell} > '/' and {cell} < '~' and {cell}[-1] > ' ' and {cell}[-1] <= '~' and (strlen({cell}) > "
        f"{max(map(len, printable))} or {cell} not in ({listed})) and not ({cell} >= '=' and {cell} < '>')"
    )
    trimmed = f"trim({cell}, '{BLANKS}')"
    text = f"regexp_replace({trimmed}, {literal(TEXT_MARKS)}, '\\1\\2')"
    return f"case when {plain} then {cell} when {is_one_of(trimmed, empties)} then null else nullif({text}, '') end"


def is_one_of(text: str, words: Sequence[str]) -> str:
    """SQL: a text is one of many words. For the few texts that come so far: one constant is planned sooner than a list
    of them, and compared later.
    """
    return f"contains({literal(_BETWEEN + _BETWEEN.join(words) + _BETWEEN)}, '{_BETWEEN}' || {text} || '{_BETWEEN}')"


def is_hidden(position: int) -> str:
    """SQL: the portal hid the cell. Only texts below '+' can begin with blanks or an asterisk."""
    return f"case when c{position} < '+' then trim(c{position}) = '*****' else false end"


def shown(cell: str, length: int = 80) -> str:
    """SQL of a cell in a message: quoted, cut, invisible characters by name."""
    text = f"left({cell}, {length})"
    named = text
    for character, name in INVISIBLE.items():
        named = f"replace({named}, {literal(character)}, '[{name}]')"
    # Most texts are plain, and a message is made of few.
    return f"'''' || case when regexp_full_match({text}, '[ -~]*') then {text} else {named} end || ''''"


def case_of(pairs: Sequence[tuple[str, str]], sql_type: str = "varchar") -> str:
    """SQL of the value of the first condition that holds, null if none does."""
    if not pairs:
        return f"cast(null as {sql_type})"
    return "case " + " ".join(f"when {condition} then {value}" for condition, value in pairs) + " end"
