"""Engine for bounded inputs: Great Expectations on a frame in memory. Imported late: the library takes seconds.

Knows how to hand a suite over and how to read results; what is expected stands in expectations/suites.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.quality.sql import row_verdict, table_verdict
from pipelines.quality.suites import Expectation, judged_select
from pipelines.quality.verdict import Verdict


@cache
def _context() -> Any:
    import great_expectations as gx  # seconds and hundreds of modules: only where it judges

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


@cache
def _batch_definition(name: str) -> Any:
    source = _context().data_sources.add_pandas(name)
    return source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")


def judge(
    con: duckdb.DuckDBPyConnection, contract: Contract, drop: str, table: str, suite: Sequence[Expectation]
) -> list[Verdict]:
    """Verdicts of a suite over a table of bounded size, in the suite's order.

    An expectation that could not be judged (a column of another type) fails with the reason as observed. Order of the
    results follows the suite, which the library does not promise.
    """
    frame = con.sql(_in_order(contract, table)).df()
    return _judge_frame(contract.name, drop, frame, suite)


def _in_order(contract: Contract, table: str) -> str:
    """SELECT of the rows to judge, in the order of their place in the files."""
    return f"{judged_select(contract, table)} ORDER BY _src"


def write_rows(con: duckdb.DuckDBPyConnection, contract: Contract, table: str, path: Path) -> Path:
    """Write the rows to judge to a Parquet file for `judge_file`, which may be called in another process. Returns its
    path.
    """
    con.sql(_in_order(contract, table)).write_parquet(str(path))
    return path


def judge_file(name: str, drop: str, path: Path, suite: Sequence[Expectation]) -> list[Verdict]:
    """Verdicts of a suite over what `write_rows` wrote of the input `name`, as those of `judge`."""
    return _judge_frame(name, drop, duckdb.read_parquet(str(path)).df(), suite)


def load() -> None:
    """Import the library and make its context: what costs seconds the first time."""
    _context()


def _judge_frame(name: str, drop: str, frame: Any, suite: Sequence[Expectation]) -> list[Verdict]:
    """Verdicts of a suite over a frame with the judged columns of the input `name`, in the suite's order."""
    definitions = [
        {"type": e.type, "kwargs": _plain(e.kwargs), "severity": e.severity, "meta": {"position": i}}
        for i, e in enumerate(suite)
    ]
    batch = _batch_definition(name).get_batch(batch_parameters={"dataframe": frame})
    results = _validate(batch, name, definitions, {"result_format": "BASIC"})
    # Which rows are unexpected costs a third of the time, so it is asked only where some are.
    bad = [i for i, result in results.items() if (result.get("result") or {}).get("unexpected_count")]
    if bad:
        whole = {"result_format": "COMPLETE", "unexpected_index_column_names": ["_src"]}
        results |= _validate(batch, name, [definitions[i] for i in bad], whole)
    return [_verdict(name, drop, e, results[i], len(frame)) for i, e in enumerate(suite)]


def _validate(
    batch: Any, name: str, definitions: Sequence[dict[str, Any]], result_format: dict[str, Any]
) -> dict[int, dict[str, Any]]:
    """Results by the position of their expectation."""
    import great_expectations as gx

    suite = gx.ExpectationSuite(name=name, expectations=list(definitions))
    found = batch.validate(suite, result_format=result_format).to_json_dict()["results"]
    return {r["expectation_config"]["meta"]["position"]: r for r in found}


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {
        k: [_moment(v) for v in value] if isinstance(value, list) else _moment(value) for k, value in kwargs.items()
    }


def _moment(value: Any) -> Any:
    # Dates of DuckDB arrive in the frame as timestamps.
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else value


def _verdict(name: str, drop: str, expectation: Expectation, result: dict[str, Any], total: int) -> Verdict:
    problem = _exception(result.get("exception_info") or {})
    if problem:
        return table_verdict(name, drop, expectation, "gx", False, f"could not be judged ({problem})")
    detail = result.get("result") or {}
    if "unexpected_count" not in detail:
        return table_verdict(
            name, drop, expectation, "gx", bool(result["success"]), f"{detail.get('observed_value')} rows"
        )
    bad = int(detail["unexpected_count"])
    rows = [item["_src"] for item in detail.get("unexpected_index_list") or [] if item.get("_src") is not None]
    asked = total - int(detail.get("missing_count") or 0)
    return row_verdict(name, drop, expectation, "gx", total, bad, int(min(rows)) if rows else None, asked)


def _exception(info: dict[str, Any]) -> str:
    """The text of an exception while judging, '' if there was none (the shape differs between kinds of expectation)."""
    for node in (info, *(v for v in info.values() if isinstance(v, dict))):
        if node.get("raised_exception"):
            return str(node.get("exception_message") or "unknown reason").splitlines()[0][:200]
    return ""
