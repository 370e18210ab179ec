"""Puts assets, jobs and schedules of one data folder together. Wiring only."""

from __future__ import annotations

import dagster as dg

from pipelines.defs.ingest import ingest_asset
from pipelines.defs.instance import prepare_instance
from pipelines.defs.jobs import monthly_job, monthly_schedule
from pipelines.defs.publish import publish_asset
from pipelines.defs.transform import dbt_asset
from pipelines.settings import Settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """Definitions for a data folder: three steps (ingest, dbt, publish), one job over months, a schedule for the 3rd."""
    settings.apply_to_environment()
    prepare_instance(settings)
    job = monthly_job()
    return dg.Definitions(
        assets=[ingest_asset(settings), dbt_asset(settings), publish_asset(settings)],
        jobs=[job],
        schedules=[monthly_schedule(job)],
        executor=dg.in_process_executor,
    )
