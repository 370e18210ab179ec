"""The one job (a month or a range, in one order: ingest, dbt, publish) and its schedule."""

from __future__ import annotations

from typing import Any

import dagster as dg

from pipelines.defs.months import MONTHS

JOB = "monthly_review"


def monthly_job() -> dg.UnresolvedAssetJobDefinition:
    """All assets over the chosen months. It does not decide which months: the command, the schedule or the person does."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        partitions_def=MONTHS,
        description="From the landing zone to the published outputs, for one month or a range of months in one run.",
    )


def monthly_schedule(
    job: dg.UnresolvedAssetJobDefinition,
) -> Any:
    """On the 3rd of each month at 06:00 UTC, for the month before: late cloud events have arrived by then."""
    return dg.build_schedule_from_partitioned_job(
        job, name="monthly_review_on_the_3rd", day_of_month=3, hour_of_day=6, description="The review of last month."
    )
