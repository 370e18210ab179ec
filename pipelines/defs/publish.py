"""The publishing step as assets: one per output and the DuckDB file for readers."""

import logging
from collections.abc import Iterator

import dagster as dg

from pipelines import monthly
from pipelines.defs.months import MONTHS, ONE_RUN, OWNERS, months_of
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.settings import Settings
from pipelines.warehouse import POOL

log = logging.getLogger("selfaudit.progress")
DATABASE_KEY = dg.AssetKey(["published", "selfaudit"])


def publish_asset(settings: Settings) -> dg.AssetsDefinition:
    """One step that writes the files per output and month, swaps in the DuckDB file, and makes workbooks and pages from it."""
    specs = [
        dg.AssetSpec(
            dg.AssetKey(["published", output]),
            # The chain of publications is made by this step and not by dbt.
            deps=[] if output == "publications" else [dg.AssetKey(["calendar", output])],
            group_name="published",
            description=f"{output.replace('_', ' ').capitalize()} as Parquet (Hive-partitioned by review_month), CSV and workbook.",
            owners=OWNERS,
            kinds={"parquet", "csv"},
            partitions_def=MONTHS,
        )
        for output in OUTPUT_ORDER
    ]
    specs.append(
        dg.AssetSpec(
            DATABASE_KEY,
            deps=[dg.AssetKey(["calendar", output]) for output in OUTPUT_ORDER if output != "publications"],
            group_name="published",
            description="The DuckDB file that readers open: schemas calendar, marts, meta. Swapped in atomically.",
            owners=OWNERS,
            kinds={"duckdb"},
            partitions_def=MONTHS,
        )
    )

    @dg.multi_asset(name="publish_months", specs=specs, pool=POOL, backfill_policy=ONE_RUN)
    def publish_months(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """Publish the months of the run; one result per output with its rows and files."""
        written = monthly.publish(settings, months_of(context), progress=log.info)
        for output in OUTPUT_ORDER:
            parts = [w for w in written if w.output == output]
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(["published", output]),
                metadata={
                    "dagster/row_count": sum(w.rows for w in parts),
                    "files": dg.MetadataValue.path(str(settings.published / output)),
                    "months": ", ".join(w.review_month for w in parts),
                },
            )
        yield dg.MaterializeResult(
            asset_key=DATABASE_KEY, metadata={"file": dg.MetadataValue.path(str(settings.published_database))}
        )

    return publish_months
