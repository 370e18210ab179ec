"""Engine for large inputs: every row expectation of a suite in one scan of DuckDB, in the words of Great Expectations.

Holds one SQL meaning per expectation type used in the suites, nothing else. A type without a meaning here raises: a
suite must never pass because it was not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.quality.suites import Expectation, judged_select
from pipelines.quality.verdict import Verdict

Kwargs = dict[str, Any]


def column_name(column: str) -> str:
    """The column as SQL, quoted."""
    return '"' + column.replace('"', '""') + '"'


def _literal(value: Any) -> str:
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _not_null(kwargs: Kwargs) -> str:
    return f"{column_name(kwargs['column'])} IS NULL"


def _in_set(kwargs: Kwargs) -> str:
    allowed = ", ".join(_literal(v) for v in kwargs["value_set"])
    return f"{column_name(kwargs['column'])} NOT IN ({allowed})"


def _is_null(kwargs: Kwargs) -> str:
    return f"{column_name(kwargs['column'])} IS NOT NULL"


def _not_in_set(kwargs: Kwargs) -> str:
    return f"NOT ({_in_set(kwargs)})"


def _matches(kwargs: Kwargs) -> str:
    return f"regexp_matches(CAST({column_name(kwargs['column'])} AS VARCHAR), {_literal(kwargs['regex'])})"


def _regex(kwargs: Kwargs) -> str:
    return f"NOT {_matches(kwargs)}"


def _lengths(kwargs: Kwargs) -> str:
    length, tests = f"length(CAST({column_name(kwargs['column'])} AS VARCHAR))", []
    if kwargs.get("min_value") is not None:
        tests.append(f"{length} < {_literal(kwargs['min_value'])}")
    if kwargs.get("max_value") is not None:
        tests.append(f"{length} > {_literal(kwargs['max_value'])}")
    return f"({' OR '.join(tests)})"


def _between(kwargs: Kwargs) -> str:
    column, tests = column_name(kwargs["column"]), []
    if kwargs.get("min_value") is not None:
        tests.append(f"{column} {'<=' if kwargs.get('strict_min') else '<'} {_literal(kwargs['min_value'])}")
    if kwargs.get("max_value") is not None:
        # A day is a bound for a timestamp as its midnight, as in the other engine.
        tests.append(f"{column} {'>=' if kwargs.get('strict_max') else '>'} {_literal(kwargs['max_value'])}")
    return f"({' OR '.join(tests)})"


def _greater(kwargs: Kwargs) -> str:
    sign = "<" if kwargs.get("or_equal") else "<="
    return f"{column_name(kwargs['column_A'])} {sign} {column_name(kwargs['column_B'])}"


# A null meets every one of these but not_null: `count(*) FILTER (WHERE null)` counts nothing.
BROKEN: dict[str, Callable[[Kwargs], str]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_null": _is_null,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_not_be_in_set": _not_in_set,
    "expect_column_values_to_match_regex": _regex,
    "expect_column_values_to_not_match_regex": _matches,
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_values_to_be_between": _between,
    "expect_column_pair_values_a_to_be_greater_than_b": _greater,
}
UNIQUE = {"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"}
# Rows from which on a pattern is held against each text once: a statement for each pattern then costs less than the
# pattern on every row.
MANY = 100_000
TABLE = {"expect_table_row_count_to_be_between"}


def judge(
    con: duckdb.DuckDBPyConnection, contract: Contract, drop: str, table: str, suite: Sequence[Expectation]
) -> list[Verdict]:
    """Verdicts of a suite over a table, in the suite's order. Raises ValueError for an expectation without SQL
    meaning.
    """
    source = judged_select(contract, table)
    rows = [e for e in suite if e.type in BROKEN]
    unknown = [e.type for e in suite if e.type not in BROKEN and e.type not in UNIQUE and e.type not in TABLE]
    if unknown:
        raise ValueError(f"suite {contract.name}: no SQL meaning for {', '.join(sorted(set(unknown)))}")
    total = int(con.execute(f"SELECT count(*) FROM ({source})").fetchall()[0][0])
    counts = _broken_rows(con, source, rows, total)
    found = []
    for expectation in suite:
        if expectation.type in TABLE:
            found.append(_judge_table(contract, drop, expectation, total))
            continue
        bad, first = counts.get(id(expectation)) or _repeated(con, source, expectation)
        asked = _asked_rows(con, source, expectation) if bad and "mostly" in expectation.kwargs else total
        found.append(row_verdict(contract.name, drop, expectation, "sql", total, bad, first, asked))
    return found


def _asked_rows(con: duckdb.DuckDBPyConnection, source: str, expectation: Expectation) -> int:
    """How many rows the expectation says something about: not those whose cell is empty."""
    broken = BROKEN[expectation.type](expectation.kwargs)
    return int(con.execute(f"SELECT count({broken}) FROM ({source})").fetchall()[0][0])


def _broken_rows(
    con: duckdb.DuckDBPyConnection, source: str, rows: Sequence[Expectation], total: int
) -> dict[int, tuple[int, int | None]]:
    """By the identity of an expectation: how many rows do not meet it, and the first of them."""
    # A pattern is held against each text once where there are many rows: they have far fewer texts.
    by_value = [e for e in rows if total > MANY and e.type == "expect_column_values_to_match_regex"]
    by_row = [e for e in rows if e not in by_value]
    counts: dict[int, int] = {}
    for expectation in by_value:
        column, broken = column_name(expectation.kwargs["column"]), BROKEN[expectation.type](expectation.kwargs)
        values = f"SELECT {column}, count(*) AS n FROM ({source}) GROUP BY {column}"
        counts[id(expectation)] = con.execute(f"SELECT coalesce(sum(n), 0) FROM ({values}) WHERE {broken}").fetchall()[
            0
        ][0]
    if by_row:
        asked = ", ".join(f"count(*) FILTER (WHERE {BROKEN[e.type](e.kwargs)})" for e in by_row)
        scanned = con.execute(f"SELECT {asked} FROM ({source})").fetchall()[0]
        counts |= {id(e): n for e, n in zip(by_row, scanned, strict=True)}
    failed = [e for e in rows if counts[id(e)]]
    first: dict[int, int] = {}
    if failed:
        asked = ", ".join(f"min(_src) FILTER (WHERE {BROKEN[e.type](e.kwargs)})" for e in failed)
        scanned = con.execute(f"SELECT {asked} FROM ({source})").fetchall()[0]
        first = {id(e): n for e, n in zip(failed, scanned, strict=True)}
    return {key: (int(n), first.get(key)) for key, n in counts.items()}


def _repeated(con: duckdb.DuckDBPyConnection, source: str, expectation: Expectation) -> tuple[int, int | None]:
    """Rows whose key occurs more than once; a key with nothing in it is left out."""
    kwargs = expectation.kwargs
    columns = [column_name(c) for c in kwargs.get("column_list", [kwargs.get("column")])]
    filled = " OR ".join(f"{c} IS NOT NULL" for c in columns)
    bad, first = con.execute(
        f"SELECT coalesce(sum(n), 0), min(first) FROM (SELECT count(*) AS n, min(_src) AS first FROM ({source}) "
        f"WHERE {filled} GROUP BY {', '.join(columns)} HAVING count(*) > 1)"
    ).fetchall()[0]
    return int(bad), first


def _judge_table(contract: Contract, drop: str, expectation: Expectation, total: int) -> Verdict:
    least, most = expectation.kwargs.get("min_value"), expectation.kwargs.get("max_value")
    passed = (least is None or total >= least) and (most is None or total <= most)
    return table_verdict(contract.name, drop, expectation, "sql", passed, f"{total} rows")


def row_verdict(
    name: str, drop: str, expectation: Expectation, engine: str, total: int, bad: int, first: int | None, asked: int
) -> Verdict:
    """The verdict of a row expectation; the message names the first row, never its values.

    asked: the rows that it says something about; the share of `mostly` is one of these.
    """
    mostly = expectation.kwargs.get("mostly")
    message = expectation.description
    if bad:
        where = f"; first: row {first % 10**10} of file {first // 10**10}" if first is not None else ""
        message = f"{expectation.description}: {bad} of {total} rows do not{where}"
    return Verdict(
        input=name,
        drop=drop,
        expectation=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        passed=bad == 0 or (mostly is not None and (asked - bad) / asked >= mostly),
        observed=f"{bad} of {total} rows",
        unexpected_rows=bad,
        engine=engine,
        message=message,
    )


def table_verdict(name: str, drop: str, expectation: Expectation, engine: str, passed: bool, observed: str) -> Verdict:
    """The verdict of an expectation about the table as a whole."""
    return Verdict(
        input=name,
        drop=drop,
        expectation=expectation.name,
        column=expectation.column,
        severity=expectation.severity,
        passed=passed,
        observed=observed,
        unexpected_rows=0 if passed else 1,
        engine=engine,
        message=expectation.description if passed else f"{expectation.description}: {observed}",
    )
