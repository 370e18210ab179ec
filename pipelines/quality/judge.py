"""Which engine judges what: `judge_drop` takes the typed rows of a drop before they are written and returns verdicts.

State inputs up to GX_ROWS rows go to Great Expectations, everything else to SQL; both read the same suite and speak the
same verdict. What follows from them is `verdict.judgement_of`; writing is ingestion's.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import duckdb

from pipelines.contracts import INPUTS, Contract, Kind
from pipelines.errors import is_of_surroundings, root_in_one_line
from pipelines.quality import gx_worker, sql
from pipelines.quality.company_suites import CompanySuiteError
from pipelines.quality.suites import SUITES, DropFacts, Expectation, load_suite
from pipelines.quality.verdict import CRITICAL, Verdict

GX_ROWS = 50_000  # beyond this a frame in memory costs more than it tells


def begin_judging(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    tables: Mapping[str, str],
    *,
    engine: str = "auto",
    folder: Path = SUITES,
    added: Path | None = None,
    scratch: Path | None = None,
) -> Callable[[], list[Verdict]]:
    """Judge the rows of a drop that are about to be written. What comes back waits, when it is called, for the
    verdicts, ordered by input and suite.

    drop: 'YYYY-MM'. tables: input → table with the columns of its contract and `_src` (reference tables and inputs
    without contract are passed over). engine: 'auto', or 'sql' / 'gx' for everything. added: folder of the suites that
    the company adds (`company_suites`); an input whose suite there cannot be used is not used either. Raises
    FileNotFoundError if an input has no suite. The rows are read before this returns. Where the worker process runs
    (`gx_worker`), Great Expectations judges in it meanwhile; rows go to it as files in `scratch`, so that the run need
    not load pandas (0.5 s).
    """
    asked: list[tuple[str, Callable[[], list[Verdict]]]] = []
    for name in sorted(set(tables) & set(INPUTS)):
        try:
            asked.append((name, _begin(con, INPUTS[name], drop, tables[name], engine, folder, added, scratch)))
        except FileNotFoundError:
            raise
        except CompanySuiteError as error:
            asked.append((name, partial(_not_usable, name, drop, error)))
        except Exception as error:
            asked.append((name, partial(_not_judged, name, drop, error)))
    return lambda: [verdict for name, answer in asked for verdict in _answered(name, drop, answer)]


def _answered(name: str, drop: str, answer: Callable[[], list[Verdict]]) -> list[Verdict]:
    """The verdicts of one input. Where judging itself fails the input is not used: nobody knows whether it keeps its
    contract.
    """
    try:
        return answer()
    except Exception as error:
        return _not_judged(name, drop, error)


def _not_judged(name: str, drop: str, error: Exception) -> list[Verdict]:
    if is_of_surroundings(error):
        raise error
    message = f"it could not be judged ({root_in_one_line(error)})"
    return [Verdict(name, drop, "judging", "", CRITICAL, False, "could not be judged", 1, "sql", message)]


def _not_usable(name: str, drop: str, error: CompanySuiteError) -> list[Verdict]:
    """The company's suite cannot be used, and nobody knows whether the input keeps it: the input is not used either."""
    return [Verdict(name, drop, "judging", "", CRITICAL, False, "could not be judged", 1, "sql", str(error))]


def _begin(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    drop: str,
    table: str,
    engine: str,
    folder: Path,
    added: Path | None,
    scratch: Path | None,
) -> Callable[[], list[Verdict]]:
    suite = load_suite(contract.name, facts_of(con, contract, drop), folder, added)
    rows = int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    use_gx = engine == "gx" or (engine == "auto" and contract.kind is Kind.STATE and 0 < rows <= GX_ROWS)
    if not use_gx:
        return partial(list, sql.judge(con, contract, drop, table, suite))
    # A pattern of a stranger is held against rows by an engine that takes no time without end for any.
    by_sql = [e for e in suite if e.is_company and "regex" in e.kwargs]
    by_gx = [e for e in suite if e not in by_sql]
    here = {e.name: v for e, v in zip(by_sql, sql.judge(con, contract, drop, table, by_sql), strict=True)}
    answer = _by_gx(con, contract, drop, table, by_gx, scratch)

    def in_order() -> list[Verdict]:
        there = iter(answer())
        return [here[e.name] if e in by_sql else next(there) for e in suite]

    return in_order if by_sql else answer


def _by_gx(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    drop: str,
    table: str,
    suite: Sequence[Expectation],
    scratch: Path | None,
) -> Callable[[], list[Verdict]]:
    from pipelines.quality import gx  # late: see the module

    beside_run = gx_worker.running()
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
    # Only the rows of that drop are counted: the table holds all that ever came.
    before = con.execute(
        f"SELECT count(*) FROM {contract.table} WHERE _drop = (SELECT max(_drop) FROM {contract.table} WHERE _drop < "
        "?)",
        [drop],
    ).fetchall()
    half = (int(before[0][0]) + 1) // 2
    month_end = date(year, month, monthrange(year, month)[1])
    return DropFacts(latest_day=month_end + timedelta(days=31), min_rows=max(1, half))
