"""The publishing step as assets: one per output and the DuckDB file for readers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from pipelines.defs.months import MONTHLY, ONE_RUN, OWNERS, months_of, per_month, progress_of
from pipelines.defs.names import key_of, pool_of
from pipelines.defs.selection import chosen_outputs, refusal
from pipelines.defs.tables import as_markdown, column_schema
from pipelines.defs.writer import WRITER
from pipelines.failures.omissions import PartlyMadeError, read
from pipelines.publish import publications
from pipelines.publish.datasets import OUTPUT_ORDER, Written
from pipelines.publish.places import file_of
from pipelines.run import discretion, selected
from pipelines.run.progress import PUBLISH
from pipelines.run.selected import SelectionError
from pipelines.settings import Settings
from pipelines.warehouse import connect


def database_key(settings: Settings) -> dg.AssetKey:
    """The asset of the DuckDB file."""
    return key_of(settings.tenant, "published", "selfaudit")


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


def _specs(settings: Settings, partitions: dg.PartitionsDefinition, manifest: Mapping[str, Any]) -> list[dg.AssetSpec]:
    """One asset per output, and the DuckDB file."""
    specs = [
        dg.AssetSpec(
            key_of(settings.tenant, "published", output),
            # The chain of publications is made by this step and not by dbt.
            deps=[] if output == "publications" else [key_of(settings.tenant, "calendar", output)],
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
        )
        for output in OUTPUT_ORDER
    ]
    specs.append(
        dg.AssetSpec(
            database_key(settings),
            deps=[key_of(settings.tenant, "calendar", output) for output in OUTPUT_ORDER if output != "publications"],
            group_name="published",
            description="The DuckDB file that readers open: schemas calendar, marts, meta. Swapped in atomically.",
            owners=OWNERS,
            kinds={"duckdb"},
            metadata={"file": dg.MetadataValue.path(settings.published_database)},
            partitions_def=partitions,
            freshness_policy=MONTHLY,
        )
    )
    return specs


def publish_asset(
    settings: Settings, partitions: dg.PartitionsDefinition, manifest: Mapping[str, Any]
) -> dg.AssetsDefinition:
    """One step that writes the files per output and month, swaps in the DuckDB file, and makes workbooks and pages from
    it.
    """

    # Whatever is selected of them; what could not be made has no materialisation.
    @dg.multi_asset(
        name=PUBLISH,
        specs=_specs(settings, partitions, manifest),
        pool=pool_of(settings),
        backfill_policy=ONE_RUN,
        required_resource_keys={WRITER},
        can_subset=True,
    )
    def publish_months(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """Publish the months of the run; one result per output that was made, with its rows and files. Fails at its end
        if something was not made.
        """
        months, asked = months_of(context), context.selected_asset_keys
        with discretion.quiet_errors(settings, but=(dg.Failure,)):
            try:
                written = selected.publish_outputs(
                    settings, months, chosen_outputs(asked), progress_of(context, settings)
                )
            except SelectionError as error:
                raise refusal(error, asked) from error
            yield from _results(context, settings, months, written)
            with connect(settings) as connection:
                lacking = [u for u in read(connection) if u.review_month in months]
            if lacking:
                lines = dict.fromkeys(f"{u.review_month}: {u.why}" for u in lacking)
                raise PartlyMadeError(
                    f"{len(lacking)} things were not made, the rest is published. " + "; ".join(lines)
                )

    return publish_months


def _results(
    context: dg.AssetExecutionContext, settings: Settings, months: list[str], written: Sequence[Written]
) -> Iterator[dg.MaterializeResult]:
    """One result per selected output that was made, with its rows and files; last the DuckDB file, if selected."""
    asked = context.selected_asset_keys
    for output in OUTPUT_ORDER:
        key = key_of(settings.tenant, "published", output)
        if key not in asked:
            continue
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
    if database_key(settings) in asked:
        yield dg.MaterializeResult(
            asset_key=database_key(settings),
            metadata={
                "file": dg.MetadataValue.path(settings.published_database),
                "pages": dg.MetadataValue.path(settings.published / "pages" / "index.html"),
                "months": ", ".join(months),
            },
        )


def files_of(settings: Settings, output: str, month: str) -> dict[str, Any]:
    """Where the files of one output and month lie; only those that are there."""
    files = {form: file_of(settings.published, output, month, form) for form in ("parquet", "csv", "xlsx")}
    files["page"] = settings.published / "pages" / f"{month}.html"
    return {name: dg.MetadataValue.path(path) for name, path in files.items() if path.is_file()}
