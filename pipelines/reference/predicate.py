"""Predicates of group rules: parsed by a real parser, evaluated over the distinct HR attributes of a drop, never pasted
into SQL.

Grammar: comparisons of a column with literals (`=`, `<>`, `in`, `not in`, `like`, `not like`), `and`, `or`, `not`,
parentheses. A null attribute makes a comparison unknown, as in SQL; unknown is not satisfied. Writes
`reference.predicate_result`; rules join it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import duckdb

from pipelines.partitions import month_of

COLUMNS = ("department", "legal_entity", "cost_centre", "country", "worker_type", "manager_id", "status", "employee_id")
Row = Mapping[str, str | None]
Truth = bool | None
Node = Callable[[Row], Truth]
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(<>|!=|=|\(|\)|,)|([A-Za-z_][A-Za-z0-9_]*)|(-?[0-9]+(?:\.[0-9]+)?))")
MAX_DEPTH = 100


class PredicateError(ValueError):
    """A predicate that cannot be read; the message names the position and what was expected."""


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _and(left: Truth, right: Truth) -> Truth:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: Truth, right: Truth) -> Truth:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        self.place = 0
        self.depth = 0
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if not found:
                raise PredicateError(f"position {position + 1}: '{text[position:].strip()[:20]}' cannot be read")
            kind = ("text", "sign", "word", "number")[(found.lastindex or 1) - 1]
            self.tokens.append((kind, found[found.lastindex or 1], found.start(found.lastindex or 1)))
            position = found.end()

    def peek(self) -> tuple[str, str]:
        if self.place < len(self.tokens):
            kind, value, _ = self.tokens[self.place]
            return kind, value.lower() if kind == "word" else value
        return "end", ""

    def take(self) -> str:
        _, value, _ = self.tokens[self.place]
        self.place += 1
        return value

    def fail(self, expected: str) -> PredicateError:
        at = self.tokens[self.place][2] + 1 if self.place < len(self.tokens) else len(self.text) + 1
        return PredicateError(f"position {at}: {expected} was expected")

    def whole(self) -> Node:
        node = self.either()
        if self.peek()[0] != "end":
            raise self.fail("`and`, `or` or the end")
        return node

    def either(self) -> Node:
        node = self.both()
        while self.peek() == ("word", "or"):
            self.take()
            node = _joined(_or, node, self.both())
        return node

    def both(self) -> Node:
        node = self.one()
        while self.peek() == ("word", "and"):
            self.take()
            node = _joined(_and, node, self.one())
        return node

    def one(self) -> Node:
        """`not` of one, a whole in parentheses, or a comparison."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PredicateError(f"more than {MAX_DEPTH} levels of parentheses")
        try:
            if self.peek() == ("word", "not"):
                self.take()
                inner = self.one()
                return lambda row: _not(inner(row))
            if self.peek() == ("sign", "("):
                self.take()
                node = self.either()
                if self.peek() != ("sign", ")"):
                    raise self.fail("`)`")
                self.take()
                return node
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Node:
        """A column, an operator and its literals. Raises PredicateError at what is none."""
        kind, name = self.peek()
        if kind != "word" or name not in COLUMNS:
            raise self.fail(f"a column ({', '.join(COLUMNS)})")
        self.take()
        negated = self.peek() == ("word", "not")
        if negated:
            self.take()
        kind, operator = self.peek()
        if operator in {"=", "<>", "!="} and kind == "sign" and not negated:
            self.take()
            value = self.literal()
            equal = _equals(name, value)
            return equal if operator == "=" else (lambda row: _not(equal(row)))
        if (kind, operator) == ("word", "in"):
            self.take()
            node = _among(name, self.literals())
        elif (kind, operator) == ("word", "like"):
            self.take()
            node = _like(name, self.literal())
        else:
            raise self.fail("`=`, `<>`, `in`, `not in` or `like`")
        return (lambda row: _not(node(row))) if negated else node

    def literal(self) -> str:
        kind, value = self.peek()
        if kind == "text":
            self.take()
            return value[1:-1].replace("''", "'")
        if kind == "number":
            return self.take()
        raise self.fail("a text in single quotes")

    def literals(self) -> frozenset[str]:
        if self.peek() != ("sign", "("):
            raise self.fail("`(`")
        self.take()
        found = {self.literal()}
        while self.peek() == ("sign", ","):
            self.take()
            found.add(self.literal())
        if self.peek() != ("sign", ")"):
            raise self.fail("`,` or `)`")
        self.take()
        return frozenset(found)


def _joined(how: Callable[[Truth, Truth], Truth], left: Node, right: Node) -> Node:
    return lambda row: how(left(row), right(row))


def _equals(name: str, value: str) -> Node:
    return lambda row: None if row[name] is None else row[name] == value


def _among(name: str, values: frozenset[str]) -> Node:
    return lambda row: None if row[name] is None else row[name] in values


def _like(name: str, pattern: str) -> Node:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    compiled = re.compile("".join(parts), re.DOTALL)
    return lambda row: None if row[name] is None else compiled.fullmatch(row[name] or "") is not None


def parse(text: str) -> Node:
    """A function from a row of HR attributes to true, false or None (unknown). Raises PredicateError."""
    return _Parser(text).whole()


def ensure_predicate_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create `reference.predicate_result` (predicate × HR record → satisfied) if it is not there."""
    con.execute(
        "CREATE TABLE IF NOT EXISTS reference.predicate_result (review_month VARCHAR, intended VARCHAR, is_valid "
        "BOOLEAN, "
        "hr_src BIGINT, satisfied BOOLEAN)"
    )


def evaluate_predicates(con: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[str]:
    """Evaluate every predicate of reference.group_rules over the HR records of each month's drop. Returns warnings for
    invalid ones.

    Python looks at each distinct combination of attributes once; the result per HR record is a join.
    """
    con.execute("DELETE FROM reference.predicate_result")
    warnings = []
    for month in months:
        texts = con.execute(
            "select distinct intended from reference.group_rules where review_month = ? and trim(coalesce(intended, "
            "'')) <> '' order by 1",
            [month],
        ).fetchall()
        for (text,) in texts:
            try:
                node = parse(text)
            except PredicateError as error:
                warnings.append(
                    f"group_rules of {month}: the predicate {text!r} is not valid, {error}; its group counts as unknown"
                )
                con.execute("insert into reference.predicate_result values (?, ?, false, null, null)", [month, text])
                continue
            con.execute("insert into reference.predicate_result values (?, ?, true, null, null)", [month, text])
            _evaluate(con, month, text, node)
    return warnings


def _evaluate(con: duckdb.DuckDBPyConnection, month: str, text: str, node: Node) -> None:
    """Write the result of one valid predicate per HR record of the month's drop. Only the columns that it names tell
    records apart.
    """
    used = [c for c in COLUMNS if c in {name.lower() for _, _, name, _ in _TOKEN.findall(text)}]
    if not used:
        return
    rows = con.execute(
        f"select distinct {', '.join(used)} from raw.hr_workers where _drop = ? order by all", [month_of(month)]
    )
    unknown: dict[str, str | None] = dict.fromkeys(COLUMNS)
    found = [(*values, node(unknown | dict(zip(used, values, strict=True))) is True) for values in rows.fetchall()]
    # Lists side by side instead of a statement per combination.
    lists = [list(column) for column in zip(*found, strict=True)] or [[] for _ in range(len(used) + 1)]
    columns = ", ".join(f"unnest(cast(? as varchar[])) as {c}" for c in used)
    same = " and ".join(f"h.{c} is not distinct from a.{c}" for c in used)
    con.execute(
        f"insert into reference.predicate_result select ?, ?, true, h._src, a.satisfied "
        f"from (select {columns}, unnest(cast(? as boolean[])) as satisfied) as a "
        f"inner join raw.hr_workers as h on h._drop = ? and {same}",
        [month, text, *lists, month_of(month)],
    )
