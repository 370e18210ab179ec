"""The dbt step as assets: one dbt call for the months of the run, its models as materialisations, its tests as checks."""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from pipelines import monthly
from pipelines.defs.months import MONTHS, ONE_RUN, OWNERS, months_of
from pipelines.settings import Settings
from pipelines.transform import prepare_manifest
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


def dbt_asset(settings: Settings) -> dg.AssetsDefinition:
    """All models as one step over the months of the run."""
    manifest_path = prepare_manifest(settings)
    manifest = json.loads(manifest_path.read_text())

    @dbt_assets(
        manifest=manifest_path,
        name="dbt_models",
        dagster_dbt_translator=LayerTranslator(),
        partitions_def=MONTHS,
        backfill_policy=ONE_RUN,
        pool=POOL,
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        """The one dbt call; one result per model with its rows."""
        nodes = {n.unique_id: n for n in monthly.build(settings, progress=log.info)}
        counts = _row_counts(settings, months_of(context))
        checks = _checks_by_key(context, manifest, nodes)
        models = {
            uid: dg.AssetKey([n["schema"], n["name"]])
            for uid, n in manifest["nodes"].items()
            if n["resource_type"] == "model"
        }
        # In the order in which dbt built them: upstream before downstream.
        for uid, node in nodes.items():
            key = models.get(uid)
            if key is None or key not in context.selected_asset_keys:
                continue
            metadata: dict[str, Any] = {"seconds": node.seconds}
            if tuple(key.path) in counts:
                metadata["dagster/row_count"] = counts[tuple(key.path)]
            yield dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=checks.get(key, []))

    return dbt_models


def _checks_by_key(
    context: dg.AssetExecutionContext, manifest: dict[str, Any], nodes: Mapping[str, Any]
) -> dict[dg.AssetKey, list[dg.AssetCheckResult]]:
    tests = {n["name"]: uid for uid, n in manifest["nodes"].items() if n["resource_type"] == "test"}
    found: dict[dg.AssetKey, list[dg.AssetCheckResult]] = {}
    for check in sorted(context.selected_asset_check_keys, key=str):
        node = nodes.get(tests.get(check.name, ""))
        found.setdefault(check.asset_key, []).append(
            dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=node is not None and node.status in {"pass", "success"},
                severity=dg.AssetCheckSeverity.WARN if node and node.status == "warn" else dg.AssetCheckSeverity.ERROR,
                metadata={"failing_rows": node.failures if node else 0, "message": node.message if node else "not run"},
            )
        )
    return found


def _row_counts(settings: Settings, months: list[str]) -> dict[tuple[str, ...], int]:
    """Rows of the run's months per published table; intermediate tables hold only these months."""
    with connect(settings) as connection:
        tables = connection.execute(
            "select t.schema_name, t.table_name, t.estimated_size, "
            "exists (select 1 from duckdb_columns() as c where c.schema_name = t.schema_name "
            "and c.table_name = t.table_name and c.column_name = 'review_month') from duckdb_tables() as t "
            "where t.schema_name in ('intermediate', 'calendar', 'marts')"
        ).fetchall()
        counts: dict[tuple[str, ...], int] = {}
        for schema, table, size, by_month in tables:
            if schema == "intermediate" or not by_month:
                counts[(schema, table)] = int(size)
            else:
                rows = connection.execute(
                    f'select count(*) from {schema}."{table}" where review_month >= ? and review_month <= ?',
                    [months[0], months[-1]],
                ).fetchall()
                counts[(schema, table)] = int(rows[0][0])
    return counts
