"""Months that the command made, shown in the UI: a run of the command keeps no record in Dagster's storage, and its
months would look as if they had never been made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import dagster as dg

from pipelines.defs.event_storage import together
from pipelines.defs.names import name_in
from pipelines.defs.publish import database_key, files_of
from pipelines.defs.selection import name_of
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.settings import Settings

# So many months at a look, the latest of those that are left: each is an event for every asset.
MONTHS_OF_A_LOOK = 12
SECONDS = 30


def show_published(settings: Settings, instance: dg.DagsterInstance, keys: Collection[dg.AssetKey]) -> list[str]:
    """Report the latest published months that the instance does not know, every asset of them as made by the command;
    outputs with their files. Returns those months.

    keys: the assets. An output of a month that has no file there was not made, and is not reported.
    """
    database = database_key(settings)
    there = {p.name.partition("=")[2] for p in (settings.published / "rule_runs").glob("review_month=*")}
    missing = sorted(there - set(instance.get_materialized_partitions(database)))[-MONTHS_OF_A_LOOK:]
    for month in missing:
        with together(instance):
            # The DuckDB file last: it says that the month is known.
            for key in sorted(set(keys) - {database}):
                files = files_of(settings, name_of(key), month) if name_of(key) in OUTPUT_ORDER else {}
                if key.path[-2] != database.path[-2]:
                    _report(instance, key, month, {})
                elif files:
                    _report(instance, key, month, files)
            _report(instance, database, month, {"file": dg.MetadataValue.path(settings.published_database)})
    return missing


def _report(instance: dg.DagsterInstance, key: dg.AssetKey, month: str, metadata: dict[str, Any]) -> None:
    instance.report_runless_asset_event(
        dg.AssetMaterialization(key, description="made by the command", metadata=metadata, partition=month)
    )


def shown_sensor(settings: Settings, assets: Iterable[dg.AssetsDefinition]) -> dg.SensorDefinition:
    """Looks at the published folder, and starts nothing. On by default: without it a UI that is new shows nothing."""
    keys = [key for one in assets for key in one.keys]

    @dg.sensor(
        name=name_in(settings.tenant, "months_of_the_command"),
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Shows the months that `selfaudit run` published as made. Starts no run.",
    )
    def months_of_the_command(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """Show what is published and not known."""
        shown = show_published(settings, context.instance, keys)
        return dg.SkipReason(f"shown as made: {', '.join(shown)}" if shown else "every published month is known")

    return months_of_the_command
