"""The dbt step as assets: one dbt call for the months of the run, its models as materialisations, its tests as checks
with the rows they found.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from pipelines.defs.months import ONE_RUN, OWNERS, months_of
from pipelines.defs.tables import as_markdown, column_schema
from pipelines.defs.transform_results import transform_results
from pipelines.defs.writer import WRITER
from pipelines.partitions import month_of
from pipelines.run import models
from pipelines.run.dbt_call import UNPUBLISHED, TransformError, prepare_manifest
from pipelines.run.dbt_recovery import Built
from pipelines.run.progress import TRANSFORM
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse import POOL, connect

log = logging.getLogger("selfaudit.progress")


class LayerTranslator(DagsterDbtTranslator):
    """Keys are [layer, model]; groups are the layers; every reference table is one upstream asset."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """[schema, name], for models and sources alike."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """One team owns all models."""
        return OWNERS

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """What the documentation says, else what the model itself opens with."""
        return as_markdown(dbt_resource_props.get("description") or opening(dbt_resource_props.get("raw_code") or ""))

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """dbt's own (name of the table), where the text of the model lies, and the columns of its contract."""
        metadata = {**super().get_metadata(dbt_resource_props)}
        metadata["model"] = dg.MetadataValue.path(DBT_PROJECT / dbt_resource_props["original_file_path"])
        # A source has no contract.
        if dbt_resource_props["config"].get("contract", {}).get("enforced"):
            metadata["dagster/column_schema"] = column_schema(dbt_resource_props["columns"].values())
        return metadata


def opening(code: str) -> str:
    """The comment, or the docstring, that a model opens with; '' if there is none."""
    if code.startswith('"""'):
        return code[3:].partition('"""')[0].strip()
    lines = []
    for line in code.strip().splitlines():
        if line.startswith("--"):
            lines.append(line[2:].strip())
        elif lines or not line.startswith("{{"):
            break
    return " ".join(lines)


class OtherMonthsError(RuntimeError):
    """The warehouse is set to the months of another run; the message says what to do."""


def _stop_if_other_months(settings: Settings, months: list[str]) -> None:
    """A run that is taken up again in its middle would make, under its own name, the months that another run asked for
    since.
    """
    with connect(settings) as connection:
        found = {month_of(key) for (key,) in connection.execute("select review_month from raw.run_month").fetchall()}
    if found != set(months):
        raise OtherMonthsError(
            f"The warehouse is set to {', '.join(sorted(found)) or 'no month'}, this run is of {', '.join(months)}: "
            "another run came between. "
            "Start it again from its first step (re-execute all, not from failure)."
        )


def read_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest without the tests that no run makes; parsed anew if a file of the project changed."""
    manifest: dict[str, Any] = json.loads(Path(prepare_manifest(settings)).read_text())
    # A check that no run makes would stand in the UI as missing.
    left_out = {name for name, node in manifest["nodes"].items() if UNPUBLISHED in node["tags"]}
    manifest["nodes"] = {name: node for name, node in manifest["nodes"].items() if name not in left_out}
    for edges in (manifest["parent_map"], manifest["child_map"]):
        for name in list(edges):
            others = edges.pop(name)
            if name not in left_out:
                edges[name] = [other for other in others if other not in left_out]
    return manifest


def dbt_asset(
    settings: Settings, partitions: dg.PartitionsDefinition, manifest: Mapping[str, Any]
) -> dg.AssetsDefinition:
    """All models as one step over the months of the run."""

    @dbt_assets(
        manifest=manifest,
        name=TRANSFORM,
        dagster_dbt_translator=LayerTranslator(),
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=POOL,
        required_resource_keys={WRITER},
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """The one dbt call; one result per model with its rows. What could not be made is shown as such, and publishing
        goes on without it. Where nothing can be made, what dbt did before is shown, then the step fails.
        """
        months, failure = months_of(context), None
        _stop_if_other_months(settings, months)
        try:
            built = models.build(settings, progress=log.info)
        except TransformError as error:
            built, failure = Built(error.nodes), error
        with connect(settings) as connection:
            yield from transform_results(context, connection, manifest, built, months, goes_on=failure is None)
        if failure:
            raise failure

    return dbt_models
