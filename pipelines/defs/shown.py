"""Months that the command made, shown in the UI: a run of the command keeps no record in Dagster's storage, and its
months would look missing there.
"""

from __future__ import annotations

import dagster as dg

from pipelines.defs.publish import DATABASE_KEY, files_of
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.settings import Settings


def show_published(settings: Settings, instance: dg.DagsterInstance) -> list[str]:
    """Report every published month that the instance does not know as materialised, with its files. Returns those
    months.
    """
    there = {p.name.partition("=")[2] for p in (settings.published / "rule_runs").glob("review_month=*")}
    missing = sorted(there - set(instance.get_materialized_partitions(DATABASE_KEY)))
    for month in missing:
        for output in OUTPUT_ORDER:
            files = files_of(settings, output, month)
            if files:
                _report(instance, dg.AssetKey(["published", output]), month, files)
        _report(instance, DATABASE_KEY, month, {"file": dg.MetadataValue.path(settings.published_database)})
    return missing


def _report(instance: dg.DagsterInstance, key: dg.AssetKey, month: str, metadata: dict[str, dg.MetadataValue]) -> None:
    instance.report_runless_asset_event(
        dg.AssetMaterialization(key, description="made by the command", metadata=metadata, partition=month)
    )
