"""What ingestion did, as Dagster shows it: rows and files per input and month, verdicts, failing and rejected rows.
Reads the raw tables only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipelines.contracts import INPUTS
from pipelines.defs.months import checked_per_month, has_months, months_of, per_month
from pipelines.defs.names import key_of
from pipelines.defs.selection import name_of
from pipelines.defs.tables import SHOWN_ROWS, rows_as_table, select_rows
from pipelines.ingest.write.schema import ensure_schema
from pipelines.partitions import FIRST_MONTH
from pipelines.quality.failing import failing_rows
from pipelines.run import privacy
from pipelines.settings import Settings

COUNTS = ("files", "rows_read", "rows_loaded", "rows_rejected", "rows_duplicate", "breaches")


def ingest_results(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    months: list[str],
    loaded: Sequence[str],
    settings: Settings,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """One result per selected asset of ingestion; inputs with their checks. Months without a file of an input count
    zero.

    loaded: the drops that were new or changed: what was read of them besides the selection is shown too.
    """
    window = [months[0], months[-1]]
    counts: dict[tuple[str, str], list[int]] = {}
    for name, drop, *numbers in connection.execute(
        "select input, drop, count(*), sum(rows_read), sum(rows_loaded), sum(rows_rejected), sum(rows_duplicate), "
        "count(*) filter (where rows_read <> rows_loaded + rows_rejected + rows_duplicate) "
        "from raw.file_register where input is not null and drop >= ? and drop <= ? group by input, drop",
        window,
    ).fetchall():
        counts[(name, drop)] = [int(n or 0) for n in numbers]
    verdicts = select_rows(
        connection,
        "select drop, input, expectation, column_name, severity, unexpected_rows, message from raw.quality_result "
        "where not passed and drop >= ? and drop <= ? order by all",
        window,
    )
    for name in INPUTS:
        by_month = {m: dict(zip(COUNTS, counts.get((name, m), [0] * len(COUNTS)), strict=True)) for m in months}
        total = {c: sum(month[c] for month in by_month.values()) for c in COUNTS}
        key = key_of(settings.tenant, "raw", name)
        unmet = [v for v in verdicts if v["input"] == name]
        checks = []
        for check, passed in (
            (
                _expectations(connection, key, unmet, settings.expectations),
                dict.fromkeys(months, True) | {str(v["drop"]): False for v in unmet},
            ),
            (_accounted_for(connection, key, total, window), {m: n["breaches"] == 0 for m, n in by_month.items()}),
        ):
            if dg.AssetCheckKey(key, check.check_name or "") in context.selected_asset_check_keys:
                checks.append(check)
                if has_months(context):
                    checked_per_month(context, check, passed)
        if key not in context.selected_asset_keys:
            yield from checks
            _show_what_came_too(context, key, {m: n for m, n in by_month.items() if m in loaded})
            continue
        per_month(context, key, {m: n["rows_loaded"] for m, n in by_month.items()})
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": total["rows_loaded"], **{c: total[c] for c in COUNTS if c != "breaches"}},
            check_results=checks,
        )
    sizes = {
        (schema, table): int(size)
        for schema, table, size in connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables() where schema_name in ('raw', "
            "'reference')"
        ).fetchall()
    }
    done = {("raw", name) for name in INPUTS}
    for key in sorted(context.selected_asset_keys):
        place = (key.path[-2], key.path[-1])
        if place not in done:
            yield dg.MaterializeResult(
                asset_key=key, metadata={"months": len(months), "dagster/row_count": sizes.get(place, 0)}
            )


def check_results(
    context: dg.AssetExecutionContext, connection: duckdb.DuckDBPyConnection, settings: Settings
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """The selected checks, of all drops as they are loaded, or of those of the run; reads nothing of the landing
    zone.
    """
    ensure_schema(connection)
    if has_months(context):
        yield from ingest_results(context, connection, months_of(context), [], settings)
        return
    rows = connection.execute("select distinct drop from raw.file_register where drop <> 'reference'").fetchall()
    drops = sorted(drop for (drop,) in rows)
    yield from ingest_results(context, connection, drops or [FIRST_MONTH], [], settings)


def _show_what_came_too(
    context: dg.AssetExecutionContext, key: dg.AssetKey, by_month: Mapping[str, Mapping[str, int]]
) -> None:
    """A drop is read as a whole: the inputs that were not selected are as new as those that were."""
    for month, counted in by_month.items():
        if counted["files"]:
            context.log_event(
                dg.AssetMaterialization(
                    key,
                    description="read with its drop",
                    partition=month,
                    metadata={"dagster/partition_row_count": counted["rows_loaded"]},
                )
            )


def _expectations(
    connection: duckdb.DuckDBPyConnection, key: dg.AssetKey, failed: list[dict[str, Any]], added: Path
) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"expectations_not_met": len(failed)}
    if failed:
        if not privacy.is_on(connection):
            metadata["verdicts"] = rows_as_table(failed)
        rows: list[dict[str, object]] = []
        for drop in sorted({str(v["drop"]) for v in failed}, reverse=True):
            rows += failing_rows(connection, name_of(key), drop, SHOWN_ROWS - len(rows), added=added)
        if rows and not privacy.is_on(connection):
            metadata["failing rows"] = rows_as_table(rows)
    critical = any(v["severity"] == "critical" for v in failed)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="expectations",
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def _accounted_for(
    connection: duckdb.DuckDBPyConnection, key: dg.AssetKey, total: dict[str, int], window: list[str]
) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {c: total[c] for c in ("files", "rows_read", "rows_rejected", "breaches")}
    rejected = (
        select_rows(
            connection,
            "select drop, path, row_number, column_name, reason, row_text from raw.rejected_rows "
            f"where input = ? and drop >= ? and drop <= ? order by drop desc, path, row_number limit {SHOWN_ROWS}",
            [name_of(key), *window],
        )
        if total["rows_rejected"]
        else []
    )
    if rejected and not privacy.is_on(connection):
        metadata["rejected rows"] = rows_as_table(rejected)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="every_row_accounted_for",
        passed=total["breaches"] == 0,
        metadata=metadata,
    )
