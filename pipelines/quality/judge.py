"""Which engine judges what: `judge_drop` takes the typed rows of a drop before they are written and returns verdicts.

State inputs up to GX_ROWS rows go to Great Expectations, everything else to SQL; both read the same suite and speak
the same verdict. Writing, stopping and storing are the caller's (`verdict.stop_if_critical`, `verdict.store_verdicts`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import duckdb

from pipelines.contracts import INPUTS, Contract, Kind
from pipelines.quality import beside, sql
from pipelines.quality.suites import SUITES, DropFacts, Expectation, load_suite
from pipelines.quality.verdict import Verdict

GX_ROWS = 50_000  # beyond this a frame in memory costs more than it tells


def judge_drop(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    tables: Mapping[str, str],
    *,
    engine: str = "auto",
    folder: Path = SUITES,
) -> list[Verdict]:
    """Judge the rows of a drop that are about to be written; returns all verdicts, ordered by input and suite.

    drop: 'YYYY-MM'. tables: input → table with the columns of its contract and `_src` (reference tables and inputs without
    contract are passed over). engine: 'auto', or 'sql' / 'gx' for everything. Raises FileNotFoundError if an input has
    no suite. Source of rule: shared specification, house, "One input, one contract".
    """
    return begin_judging(con, drop, tables, engine=engine, folder=folder)()


def begin_judging(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    tables: Mapping[str, str],
    *,
    engine: str = "auto",
    folder: Path = SUITES,
    scratch: Path | None = None,
) -> Callable[[], list[Verdict]]:
    """As `judge_drop`, but what comes back waits for the verdicts when it is called.

    The rows are read before this returns. Where the process beside the run is there (`beside`), Great Expectations judges in it meanwhile; rows go to it as
    files in `scratch`, so that the run need not load pandas (0.5 s).
    """
    asked: list[Callable[[], list[Verdict]]] = []
    for name in sorted(set(tables) & set(INPUTS)):
        contract, table = INPUTS[name], tables[name]
        suite = load_suite(name, facts_of(con, contract, drop), folder)
        rows = int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
        use_gx = engine == "gx" or (engine == "auto" and contract.kind is Kind.STATE and 0 < rows <= GX_ROWS)
        if use_gx:
            asked.append(_by_gx(con, contract, drop, table, suite, scratch))
        else:
            asked.append(partial(list, sql.judge(con, contract, drop, table, suite)))
    return lambda: [verdict for answer in asked for verdict in answer()]


def _by_gx(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    drop: str,
    table: str,
    suite: Sequence[Expectation],
    scratch: Path | None,
) -> Callable[[], list[Verdict]]:
    from pipelines.quality import gx  # late: see the module

    beside_run = beside.running()
    if beside_run is None or scratch is None:
        return partial(list, gx.judge(con, contract, drop, table, suite))
    rows = gx.write_rows(con, contract, table, scratch / f"judged_{drop}_{contract.name}.parquet")
    answer = beside_run.ask(contract.name, drop, rows, suite)

    def verdicts() -> list[Verdict]:
        try:
            return answer.result()
        except (OSError, EOFError):  # the process is gone; the work is not
            return gx.judge_file(contract.name, drop, rows, suite)
        finally:
            rows.unlink(missing_ok=True)

    return verdicts


def facts_of(con: duckdb.DuckDBPyConnection, contract: Contract, drop: str) -> DropFacts:
    """A month after the end of the drop's month (exports are made after it), half of the rows of the drop before."""
    year, month = int(drop[:4]), int(drop[5:7])
    before = con.execute(
        f"SELECT count(*) FROM {contract.table} GROUP BY _drop HAVING _drop < ? ORDER BY _drop DESC LIMIT 1", [drop]
    ).fetchall()
    half = (int(before[0][0]) + 1) // 2 if before else 0
    month_end = date(year, month, monthrange(year, month)[1])
    return DropFacts(latest_day=month_end + timedelta(days=31), min_rows=max(1, half))
