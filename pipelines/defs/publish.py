"""The publishing step as assets: one per output and the DuckDB file for readers."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from pipelines.defs.months import ONE_RUN, OWNERS, months_of, per_month
from pipelines.defs.tables import as_markdown, column_schema
from pipelines.defs.writer import WRITER
from pipelines.failures.omissions import PartlyMadeError, read
from pipelines.publish import publications
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.places import file_of
from pipelines.run import publishing, sealing
from pipelines.run.progress import PUBLISH
from pipelines.settings import Settings
from pipelines.warehouse import POOL, connect

log = logging.getLogger("selfaudit.progress")
DATABASE_KEY = dg.AssetKey(["published", "selfaudit"])


def _columns_of(manifest: Mapping[str, Any], output: str) -> dg.TableSchema:
    if output == "publications":
        types = dict(part.split(" ", 1) for part in publications.SCHEMA.split(", "))
        return column_schema(
            {"name": n, "data_type": types[n], "description": d} for n, d in publications.DESCRIPTIONS.items()
        )
    return column_schema(manifest["nodes"][f"model.selfaudit.{output}"]["columns"].values())


def _about(manifest: Mapping[str, Any], output: str) -> str:
    text = (
        publications.ABOUT
        if output == "publications"
        else manifest["nodes"][f"model.selfaudit.{output}"]["description"]
    )
    return (
        f"{as_markdown(text)}\n\nFiles of a month: Parquet (Hive-partitioned by review_month), CSV, and a workbook "
        "where people read it."
    )


def publish_asset(
    settings: Settings, partitions: dg.PartitionsDefinition, manifest: Mapping[str, Any]
) -> dg.AssetsDefinition:
    """One step that writes the files per output and month, swaps in the DuckDB file, and makes workbooks and pages from
    it.
    """
    specs = [
        dg.AssetSpec(
            dg.AssetKey(["published", output]),
            # The chain of publications is made by this step and not by dbt.
            deps=[] if output == "publications" else [dg.AssetKey(["calendar", output])],
            group_name="published",
            description=_about(manifest, output),
            owners=OWNERS,
            kinds={"parquet", "csv"},
            metadata={
                "dagster/column_schema": _columns_of(manifest, output),
                "dagster/table_name": f"calendar.{output}",
                "folder": dg.MetadataValue.path(settings.published / output),
            },
            partitions_def=partitions,
            # What could not be made has no materialisation.
            skippable=True,
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
            metadata={"file": dg.MetadataValue.path(settings.published_database)},
            partitions_def=partitions,
        )
    )

    @dg.multi_asset(name=PUBLISH, specs=specs, pool=POOL, backfill_policy=ONE_RUN, required_resource_keys={WRITER})
    def publish_months(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """Publish the months of the run; one result per output that was made, with its rows and files. Fails at its end
        if something was not made.
        """
        months = months_of(context)
        written = publishing.publish(settings, months, progress=log.info)
        for output in OUTPUT_ORDER:
            key = dg.AssetKey(["published", output])
            rows = {w.review_month: w.rows for w in written if w.output == output and w.review_month in months}
            if not rows:
                continue
            per_month(context, key, rows, {m: files_of(settings, output, m) for m in rows})
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "dagster/row_count": sum(rows.values()),
                    "files": dg.MetadataValue.path(settings.published / output),
                    "months": ", ".join(rows),
                },
            )
        yield dg.MaterializeResult(
            asset_key=DATABASE_KEY,
            metadata={
                "file": dg.MetadataValue.path(settings.published_database),
                "pages": dg.MetadataValue.path(settings.published / "pages" / "index.html"),
                "months": ", ".join(months),
            },
        )
        with connect(settings) as connection:
            lacking = [u for u in read(connection) if u.review_month in months]
        for sentence in sealing.seal(settings, months):
            log.warning(sentence)
        if lacking:
            lines = dict.fromkeys(f"{u.review_month}: {u.why}" for u in lacking)
            raise PartlyMadeError(f"{len(lacking)} things were not made, the rest is published. " + "; ".join(lines))

    return publish_months


def files_of(settings: Settings, output: str, month: str) -> dict[str, Any]:
    """Where the files of one output and month lie; only those that are there."""
    files = {form: file_of(settings.published, output, month, form) for form in ("parquet", "csv", "xlsx")}
    files["page"] = settings.published / "pages" / f"{month}.html"
    return {name: dg.MetadataValue.path(path) for name, path in files.items() if path.is_file()}
