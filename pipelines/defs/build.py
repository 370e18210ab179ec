"""Puts assets, checks, jobs, sensors and schedules of one data folder together. Wiring only."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.failures import alert_on_failure
from pipelines.defs.ingest import ingest_asset
from pipelines.defs.instance import prepare_instance
from pipelines.defs.jobs import monthly_job, watch_job
from pipelines.defs.months import partitions_of
from pipelines.defs.publish import publish_asset
from pipelines.defs.shown import shown_sensor
from pipelines.defs.transform import dbt_asset, read_manifest
from pipelines.defs.triggers import landing_sensor, review_schedules, watch_after_run, watch_schedule
from pipelines.defs.watch import watch_checks, watch_selection
from pipelines.defs.writer import WRITER, writer_resource
from pipelines.settings import Settings


def build_definitions(settings: Settings, first: str | None = None) -> dg.Definitions:
    """Definitions for a data folder: three steps (ingest, dbt, publish) as one job over months, the watch, and what
    starts them unattended.

    first: a month that must be among the partitions, besides those of the landing zone.
    """
    settings.apply_to_environment()
    prepare_instance(settings)
    months, manifest = partitions_of(settings, first), read_manifest(settings)
    tenant = settings.tenant
    checks = watch_selection(tenant)
    job, watch = monthly_job(tenant, checks), watch_job(tenant, checks)
    assets = [
        ingest_asset(settings, months),
        dbt_asset(settings, months, manifest),
        publish_asset(settings, months, manifest),
    ]
    return dg.Definitions(
        assets=assets,
        asset_checks=[watch_checks(settings)],
        jobs=[job, watch],
        schedules=[*review_schedules(settings, job), watch_schedule(settings, watch)],
        sensors=[
            landing_sensor(settings, job),
            watch_after_run(settings, job, watch),
            alert_on_failure(settings, job),
            shown_sensor(settings, assets),
        ],
        resources={WRITER: writer_resource(settings)},
        executor=dg.in_process_executor,
    )
