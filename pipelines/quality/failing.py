"""The rows behind a verdict that did not stop its drop: file, row and the values the expectation speaks about, for
whoever has to look at them.

Reads the raw tables after the write; the verdicts themselves hold no values. Judges nothing.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.contracts import INPUTS
from pipelines.quality.company_suites import CompanySuiteError
from pipelines.quality.judge import facts_of
from pipelines.quality.sql import BROKEN, UNIQUE, column_name
from pipelines.quality.suites import Expectation, judged_select, load_suite

Row = dict[str, object]


def failing_rows(
    con: duckdb.DuckDBPyConnection,
    name: str,
    drop: str,
    limit: int,
    failed: set[tuple[str, str]] | None = None,
    added: Path | None = None,
) -> list[Row]:
    """The first rows of an input's drop that do not meet its suite, by expectation and place: drop, file, row, column,
    value, expectation.

    failed: the expectations that are looked at, with their columns; those that the drop is known not to meet where it
    is not said. added: folder of the suites that the company adds; where one cannot be used by now there are no rows.
    Raises FileNotFoundError if the input has no suite. Expectations about the table as a whole have no rows.
    """
    contract = INPUTS[name]
    if failed is None:
        rows = con.execute(
            "select expectation, column_name from raw.quality_result where input = ? and drop = ? and not passed",
            [name, drop],
        ).fetchall()
        failed = {(expectation, column) for expectation, column in rows}
    source = judged_select(contract, f"(select * from {contract.table} where _drop = '{drop}')")
    found: list[Row] = []
    try:
        suite = load_suite(name, facts_of(con, contract, drop), added=added)
    except CompanySuiteError:
        return []
    for expectation in suite:
        if (expectation.name, expectation.column) not in failed:
            continue
        for value, file, row in _rows(con, source, expectation, limit - len(found)):
            found.append(
                {
                    "drop": drop,
                    "file": file,
                    "row": row,
                    "column": expectation.column,
                    "value": value,
                    "expectation": expectation.description,
                }
            )
    return found[:limit]


def _rows(
    con: duckdb.DuckDBPyConnection, source: str, expectation: Expectation, limit: int
) -> list[tuple[str, str, int]]:
    columns = [column_name(c) for c in expectation.column.split(", ") if c]
    if limit <= 0 or not columns:
        return []
    if expectation.type in BROKEN:
        broken = BROKEN[expectation.type](expectation.kwargs)
    elif expectation.type in UNIQUE:
        filled = " or ".join(f"{c} is not null" for c in columns)
        broken = f"({filled}) and count(*) over (partition by {', '.join(columns)}) > 1"
    else:
        return []
    value = "concat_ws(', ', " + ", ".join(f"cast({c} as varchar)" for c in columns) + ")"
    clause = "qualify" if expectation.type in UNIQUE else "where"
    return con.execute(
        f"with bad as (select {value} as value, _src from ({source}) {clause} {broken} order by _src limit "
        f"{int(limit)}) "
        "select b.value, f.path, b._src % 10000000000 from bad as b "
        "left join raw.file_register as f on f._file_no = b._src // 10000000000 order by b._src"
    ).fetchall()
