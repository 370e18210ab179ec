"""The dbt step as assets: one dbt call for the months of the run, its models as materialisations, its tests as checks
with the rows they found.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from pipelines.defs.months import ONE_RUN, OWNERS, has_months, months_of, progress_of
from pipelines.defs.names import key_of, pool_of
from pipelines.defs.selection import chosen_names, chosen_tests, refusal
from pipelines.defs.tables import as_markdown, column_schema
from pipelines.defs.transform_results import transform_results
from pipelines.defs.writer import WRITER
from pipelines.run import discretion, models, selected
from pipelines.run.dbt_call import UNPUBLISHED, TransformError, prepare_manifest
from pipelines.run.dbt_recovery import Built
from pipelines.run.progress import TRANSFORM
from pipelines.run.selected import SelectionError
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse import connect


class LayerTranslator(DagsterDbtTranslator):
    """Keys are [layer, model]; groups are the layers; every reference table is one upstream asset."""

    def __init__(self, tenant: str = "", months: dg.PartitionsDefinition | None = None) -> None:
        super().__init__()
        self.tenant, self.months = tenant, months

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """The check of a test, by months, with what it holds in words."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        return dg.AssetCheckSpec(
            spec.name,
            asset=spec.asset_key,
            description=what_it_holds(manifest["nodes"][unique_id]),
            additional_deps=spec.additional_deps,
            blocking=spec.blocking,
            metadata=spec.metadata,
            partitions_def=self.months,
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """[schema, name], for models and sources alike."""
        return key_of(self.tenant, dbt_resource_props["schema"], dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return str(dbt_resource_props["schema"])

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        """dbt's own, and that a model is in Python."""
        tags = super().get_tags(dbt_resource_props)
        return {**tags, "dagster/kind/python": ""} if dbt_resource_props.get("language") == "python" else tags

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


def what_it_holds(test: Mapping[str, Any]) -> str:
    """What a test of the project asks, in a sentence; its own description where it has one."""
    asked = test.get("test_metadata") or {}
    given = asked.get("kwargs", {})
    group = ", ".join(given.get("group", ()))
    sentences = {
        "unique_key": lambda: f"No two rows have the same {', '.join(given['key'])}.",
        "accepted_values": lambda: f"{given['column_name']} is one of {', '.join(map(str, given['values']))}.",
        "exists_in": lambda: f"Every {given['column_name']} is a {given['field']} of {given['to']}.",
        "sums_to": lambda: (
            f"For each {group}: {given['column']} add up to {given['other_column']} of {given['other']}."
        ),
        "has_evidence": lambda: f"Every row names rows of files as its {given['column_name']}.",
        "adds_up": lambda: f"For each {group}: {given['whole']} is the sum of {', '.join(given['parts'])}.",
    }
    return test.get("description") or sentences.get(asked.get("name", ""), lambda: f"The test {test['name']}.")()


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
    """All models as one step over the months of the run; or some of them."""
    every = {n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "model"}

    @dbt_assets(
        manifest=manifest,
        name=TRANSFORM,
        dagster_dbt_translator=LayerTranslator(settings.tenant, partitions),
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=pool_of(settings),
        required_resource_keys={WRITER},
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """The one dbt call; one result per model with its rows. What could not be made is shown as such, and publishing
        goes on without it. Where nothing can be made, what dbt did before is shown, then the step fails.
        """
        chosen, tests = chosen_names(context.selected_asset_keys), chosen_tests(context.selected_asset_check_keys)
        say, failure = progress_of(context, settings), None
        months = months_of(context) if chosen or has_months(context) else []
        is_whole = chosen == every
        with discretion.quiet_errors(settings, but=(dg.Failure,)):
            try:
                if is_whole:
                    selected.begin_whole(settings, months)
                    built = models.build(settings, say)
                    selected.end_whole(settings, months, is_whole=not built.unmade)
                elif chosen:
                    built = Built(selected.make_models(settings, months, chosen, tests, say))
                else:
                    built = Built(selected.run_tests(settings, tests, say))
            except SelectionError as error:
                raise refusal(error, context.selected_asset_keys) from error
            except TransformError as error:
                built, failure = Built(error.nodes), error
            with connect(settings) as connection:
                yield from transform_results(
                    context, connection, manifest, built, months, is_whole and failure is None, settings
                )
            if failure:
                raise failure

    return dbt_models
