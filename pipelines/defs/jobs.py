"""The jobs: the monthly one (a month or a range, in one order: ingest, dbt, publish) and the daily watch that writes
nothing.
"""

from __future__ import annotations

import dagster as dg

from pipelines.defs.names import name_in

JOB = "monthly_review"
WATCH = "watch"


def monthly_job(tenant: str, checks: dg.AssetSelection) -> dg.UnresolvedAssetJobDefinition:
    """All assets over the chosen months. It does not decide which months: the command, the sensor, a schedule or the
    person does.

    checks: those of the watch, which the run leaves to it.
    """
    return dg.define_asset_job(
        name_in(tenant, JOB),
        selection=dg.AssetSelection.all() - checks,
        description="From the landing zone to the published outputs, for one month or a range of months in one run.",
    )


def watch_job(tenant: str, checks: dg.AssetSelection) -> dg.UnresolvedAssetJobDefinition:
    """What is late today: it judges what is published and what lies in the landing zone, and makes nothing."""
    return dg.define_asset_job(
        name_in(tenant, WATCH),
        selection=checks,
        description="What is late today: overdue reviews, months without a drop, months that stay provisional. Says "
        "it to whoever the alerts go to.",
    )
