"""What is replaced by what, and where it may be: a pure function from a text to a text.

Addresses, long identifiers and whole names are replaced wherever they stand as a word. Short identifiers are replaced
where they are a whole cell; plain words (a name of an account without a digit) before an `@` of a licence server; parts
of names, and what several persons share, only in a record that holds one of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

# What may not stand before and behind a value, or it is part of another one: of two addresses one may end the other.
# A name of a file ends in more than an address does.
_ENDINGS = "csv|tsv|txt|xlsx|xls|json|ndjson|jsonl|zip|gz|ldif|htm|html|log|lic|xml|pdf|parquet|answer"
_BEFORE = r"(?<![\w.+%@-])"
_BEHIND = rf"(?![\w-])(?!\.(?!(?:{_ENDINGS})\b)\w)(?!@[\w-]+\.)"
# The edges of a cell: of a table as text, of a string of JSON, of an element.
_CELL_BEFORE, _CELL_BEHIND = r"(?:^|(?<=[,;|\t\"'>\n\r=]))", r"(?=$|[,;|\t\"'<\n\r])"
# An account of a machine, and not the beginning of somebody's address.
_ACCOUNT_BEHIND = r"(?=@[\w-]+(?![\w-])(?!\.\w))"


@dataclass(frozen=True)
class Values:
    """Values in lower case → what stands in their place.

    anywhere: as a word in any text. cells: as a whole cell. accounts: before an `@`, and as a whole cell of a column of
    identifiers. beside: as a word in a record that holds one of anywhere or cells. exact: hexadecimal digits, in any
    text.
    """

    anywhere: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)

    @property
    def alternation(self) -> str:
        """A regular expression, for text in lower case, of what may have something to be replaced: more matches it, and
        nothing else does. RE2 understands it.
        """
        known = sorted({*self.anywhere, *self.cells, *self.accounts, *self.exact}, key=lambda v: (-len(v), v))
        return "|".join(_plain(v) for v in known)

    @cached_property
    def _strong(self) -> re.Pattern[str] | None:
        parts = [f"{_BEFORE}(?:{_any(self.anywhere)}){_BEHIND}"] if self.anywhere else []
        parts += [f"{_CELL_BEFORE}(?:{_any(self.cells)}){_CELL_BEHIND}"] if self.cells else []
        both = {**self.cells, **self.accounts}
        parts += [f"{_BEFORE}(?:{_any(both)}){_ACCOUNT_BEHIND}"] if both else []
        parts += [f"(?<![0-9a-f])(?:{_any(self.exact)})(?![0-9a-f])"] if self.exact else []
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    @cached_property
    def _weak(self) -> re.Pattern[str] | None:
        known = {**self.beside, **self.accounts, **self.cells}
        return re.compile(f"{_BEFORE}(?:{_any(known)}){_BEHIND}", re.IGNORECASE) if known else None

    @cached_property
    def _of_person(self) -> re.Pattern[str] | None:
        """Without ids and hashes: a record that names a file is no record of the person."""
        own = Values(self.anywhere, self.cells, self.accounts)
        return own._strong

    @cached_property
    def _every(self) -> Mapping[str, str]:
        return {**self.beside, **self.accounts, **self.cells, **self.anywhere, **self.exact}

    @cached_property
    def _needles(self) -> tuple[str, ...]:
        """A piece of each value that a text must have, in lower case, for anything to be replaced in it."""
        known = {*self.anywhere, *self.cells, *self.accounts, *self.exact}
        return tuple(sorted({max(v.split(), key=len) for v in known if v.strip()}))

    def may_be_in(self, text: str) -> bool:
        """Whether looking closer is worth it; a text of which it is not holds nothing."""
        lower = text.lower()
        return any(needle in lower for needle in self._needles)

    def _shown(self, match: re.Match[str]) -> str:
        return self._every[_folded(match[0])]

    def text(self, text: str) -> str:
        """The text with everything replaced that may stand anywhere."""
        return self._strong.sub(self._shown, text) if self._strong else text

    def names(self, text: str) -> bool:
        """Whether a text holds a value that names the person."""
        return bool(self._of_person and self._of_person.search(text))

    def own(self, text: str) -> str:
        """A text of a record that is known to be of the person: parts of names are replaced too, after what they may
        be a part of.
        """
        text = self.text(text)
        return self._weak.sub(self._shown, text) if self._weak else text

    def record(self, text: str) -> str:
        """A record of which nothing is known."""
        return self.own(text) if self.names(text) else self.text(text)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def _plain(value: str) -> str:
    return re.sub(r"([^\w@ ])", r"\\\1", value)


def _any(values: Mapping[str, str]) -> str:
    """Longest first; a blank matches blanks, and no TAB, which parts two cells."""
    return "|".join(re.escape(v).replace(r"\ ", "[ \u00a0]+") for v in sorted(values, key=lambda v: (-len(v), v)))
