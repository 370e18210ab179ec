"""Predicates of `group_rules.intended` over an HR record: `=`, `<>`, `in`, `not in`, `like`, `and`, `or`, `not`,
parentheses.
"""

from __future__ import annotations

import re

from tests.oracle.estate import Row

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|<>|!=|=|\(|\)|,|[A-Za-z_]\w*|[\d.]+)")
Truth = bool | None


class Predicate:
    """A parsed condition; an empty cell is neither equal nor unequal to anything."""

    def __init__(self, text: str) -> None:
        self._tokens = TOKEN.findall(text)
        self._at = 0
        self._row: Row = {}

    def holds(self, row: Row) -> bool:
        """Whether an HR record satisfies the condition."""
        self._at, self._row = 0, row
        return self._either() is True

    def _next(self) -> str:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _either(self) -> Truth:
        value = self._both()
        while self._next() == "or":
            self._take()
            other = self._both()
            value = True if True in (value, other) else None if None in (value, other) else False
        return value

    def _both(self) -> Truth:
        value = self._one()
        while self._next() == "and":
            self._take()
            other = self._one()
            value = False if False in (value, other) else None if None in (value, other) else True
        return value

    def _one(self) -> Truth:
        if self._next() == "not":
            self._take()
            value = self._one()
            return None if value is None else not value
        if self._next() == "(":
            self._take()
            value = self._either()
            self._take()
            return value
        left = self._operand()
        operator = self._take().lower()
        negated = operator in ("not", "<>", "!=")
        if operator == "not":
            operator = self._take().lower()
        if operator == "in":
            self._take()
            options = [self._operand()]
            while self._take() == ",":
                options.append(self._operand())
            value = None if left is None else left in options
        elif operator == "like":
            pattern = self._operand() or ""
            regular = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern)
            value = None if left is None else re.fullmatch(regular, left, re.DOTALL) is not None
        else:
            right = self._operand()
            value = None if left is None or right is None else left == right
        return None if value is None else value != negated

    def _operand(self) -> str | None:
        token = self._take()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token[0].isdigit():
            return token
        value = self._row.get(token.lower())
        return None if value is None else str(value)
