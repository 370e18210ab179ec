"""The ingestion step as assets: one per input, checked before the write. A body is a call into `pipelines.monthly`."""

import logging
from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipelines import monthly
from pipelines.contracts import INPUTS, REFERENCE, Contract
from pipelines.defs.months import MONTHS, ONE_RUN, OWNERS, months_of
from pipelines.guide.meanings import meanings
from pipelines.settings import Settings
from pipelines.warehouse import POOL, connect

log = logging.getLogger("selfaudit.progress")


class IngestConfig(dg.Config):
    """today: the clock of the review calendar as YYYY-MM-DD; empty = the end of the latest drop."""

    today: str = ""


def _spec(contract: Contract) -> dg.AssetSpec:
    columns = dg.TableSchema(
        columns=[
            dg.TableColumn(
                c.name,
                c.type.sql.lower(),
                description=meanings()[(contract.name, c.name)].meaning,
                constraints=dg.TableColumnConstraints(nullable=not c.required),
            )
            for c in contract.columns
        ]
    )
    return dg.AssetSpec(
        dg.AssetKey(["raw", contract.name]),
        group_name="raw",
        description=f"{contract.title}. Portal section {contract.section or 'none'}; {contract.kind.value} input.",
        owners=OWNERS,
        kinds={"duckdb", "polars"},
        metadata={"dagster/column_schema": columns},
        partitions_def=MONTHS,
    )


# What ingestion writes besides the inputs; models read these too.
BOOKKEEPING = {
    "raw": ("run_month", "run_info", "file_register", "rejected_rows", "quality_result"),
    "reference": ("rule_catalogue", "rule_needs", "feature_codes", "predicate_result"),
}


def _side_keys() -> list[dg.AssetKey]:
    keys = [dg.AssetKey(["reference", name]) for name in REFERENCE]
    return keys + [dg.AssetKey([schema, name]) for schema, names in BOOKKEEPING.items() for name in names]


def ingest_asset(settings: Settings) -> dg.AssetsDefinition:
    """One step that brings every drop of the run into the warehouse: raw/<input> for each input, and the reference tables."""
    specs = [_spec(c) for c in INPUTS.values()]
    specs += [
        dg.AssetSpec(
            key,
            group_name=key.path[0],
            description=REFERENCE[key.path[1]].title if key.path[1] in REFERENCE else "Bookkeeping of ingestion.",
            owners=OWNERS,
            kinds={"duckdb"},
            partitions_def=MONTHS,
        )
        for key in _side_keys()
    ]
    checks = [
        dg.AssetCheckSpec(
            "expectations",
            asset=dg.AssetKey(["raw", name]),
            description="The suite of expectations/suites, judged before the write.",
        )
        for name in INPUTS
    ] + [
        dg.AssetCheckSpec(
            "every_row_accounted_for",
            asset=dg.AssetKey(["raw", name]),
            description="rows_read = rows_loaded + rows_rejected + rows_duplicate for every file of the months of the run.",
        )
        for name in INPUTS
    ]

    @dg.multi_asset(
        name="ingest_landing",
        specs=specs,
        check_specs=checks,
        pool=POOL,
        backfill_policy=ONE_RUN,
    )
    def ingest_landing(context: dg.AssetExecutionContext, config: IngestConfig) -> Iterator[dg.MaterializeResult]:
        months = months_of(context)
        today = date.fromisoformat(config.today) if config.today else None
        result = monthly.ingest(settings, months, today, progress=log.info)
        for warning in result.warnings:
            log.warning(warning)
        yield from _results(settings, months)

    return ingest_landing


def _results(settings: Settings, months: list[str]) -> Iterator[dg.MaterializeResult]:
    with connect(settings) as connection:
        files = connection.execute(
            "select input, count(*), sum(rows_read), sum(rows_loaded), sum(rows_rejected), sum(rows_duplicate), "
            "count(*) filter (where rows_read <> rows_loaded + rows_rejected + rows_duplicate) "
            "from raw.file_register where input is not null and drop >= ? and drop <= ? group by input",
            [months[0], months[-1]],
        ).fetchall()
        verdicts = connection.execute(
            "select input, severity, drop, expectation, column_name, unexpected_rows, message from raw.quality_result "
            "where not passed and drop >= ? and drop <= ? order by all",
            [months[0], months[-1]],
        ).fetchall()
    by_input = {row[0]: [int(v or 0) for v in row[1:]] for row in files}
    for name in INPUTS:
        count, read, loaded, rejected, duplicate, breaches = by_input.get(name, [0, 0, 0, 0, 0, 0])
        failed = [v for v in verdicts if v[0] == name]
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(["raw", name]),
            metadata={
                "dagster/row_count": loaded,
                "files": count,
                "rows_read": read,
                "rows_rejected": rejected,
                "rows_duplicate": duplicate,
            },
            check_results=[
                dg.AssetCheckResult(
                    asset_key=dg.AssetKey(["raw", name]),
                    check_name="expectations",
                    passed=not failed,
                    severity=dg.AssetCheckSeverity.ERROR
                    if any(v[1] == "critical" for v in failed)
                    else dg.AssetCheckSeverity.WARN,
                    metadata={"failed": dg.MetadataValue.json([list(map(str, v)) for v in failed[:50]])},
                ),
                dg.AssetCheckResult(
                    asset_key=dg.AssetKey(["raw", name]),
                    check_name="every_row_accounted_for",
                    passed=breaches == 0,
                    metadata={"files": count, "breaches": breaches},
                ),
            ],
        )
    for key in _side_keys():
        yield dg.MaterializeResult(asset_key=key, metadata={"months": len(months)})
