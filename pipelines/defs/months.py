"""The months of the data folder as Dagster partitions, and those of one run: of one partition or of a range in one
run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import dagster as dg

from pipelines.defs.event_storage import together
from pipelines.ingest.landing.files import list_drops
from pipelines.partitions import FIRST_MONTH, months_between, months_definition, shift
from pipelines.run import discretion
from pipelines.run.progress import Progress, at
from pipelines.settings import Settings

log = logging.getLogger("selfaudit.progress")
ONE_RUN = dg.BackfillPolicy.single_run()
OWNERS = ["team:licence-data"]
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
ONE_MONTH = "dagster/partition"
# The exports of a month are made after its end, and its review is due by the 5th.
MONTHLY = dg.FreshnessPolicy.cron("0 6 5 * *", lower_bound_delta=timedelta(days=4))


def partitions_of(settings: Settings, first: str | None = None) -> dg.MonthlyPartitionsDefinition:
    """The partitions of a data folder: from its first drop or published month on, so that a glance at them shows months
    that can be there.

    first: a month that must be offered too (a command may ask for an earlier one).
    """
    published = (p.name.partition("=")[2] for p in (settings.published / "rule_runs").glob("review_month=*"))
    known = sorted([*list_drops(settings.landing), *published, *([first] if first else [])])
    return months_definition(known[0] if known else FIRST_MONTH)


def months_of(context: dg.AssetExecutionContext) -> list[str]:
    """Month keys of the run, in order."""
    keys = context.partition_key_range
    return months_between(keys.start, keys.end)


def months_of_tags(tags: Mapping[str, str]) -> list[str]:
    """Month keys of a run by its tags, in order; none where it is of no month."""
    first, last = (tags.get(name) or tags.get(ONE_MONTH) for name in (RANGE_START, RANGE_END))
    return months_between(first, last) if first and last else []


def progress_of(context: dg.AssetExecutionContext, settings: Settings) -> Progress:
    """Where a step says how far it is: the log of the run, while it works, without addresses, and whoever listens to
    the command.
    """

    at(context.op_def.name, months_of(context) if context.selected_asset_keys else ())

    kept = discretion.progress(settings, context.log.info)

    def say(message: str) -> None:
        log.info(message)
        kept(message)

    return say


def per_month(
    context: dg.AssetExecutionContext,
    key: dg.AssetKey,
    rows: Mapping[str, int],
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Show each month's own rows (and more: month → metadata) at its partition."""
    for month, count in rows.items():
        context.add_asset_metadata(
            {"dagster/partition_row_count": count, **(more or {}).get(month, {})}, asset_key=key, partition_key=month
        )


def has_months(context: dg.AssetExecutionContext) -> bool:
    """Whether the run is of months; checks that are run alone may be of none."""
    return context.has_partition_key or context.has_partition_key_range


def evaluation_of(
    result: dg.AssetCheckResult, month: str | None = None, passed: bool | None = None
) -> dg.AssetCheckEvaluation:
    """What a check found, as the event that Dagster keeps: of all that was judged, or of one month."""
    assert result.asset_key is not None and result.check_name is not None
    return dg.AssetCheckEvaluation(
        asset_key=result.asset_key,
        check_name=result.check_name,
        passed=result.passed if passed is None else passed,
        severity=result.severity,
        metadata={} if month else result.metadata,
        partition=month,
    )


def checked_per_month(
    context: dg.AssetExecutionContext, result: dg.AssetCheckResult, passed: Mapping[str, bool]
) -> None:
    """Show each month's own verdict of a check. In a run of one month Dagster does so by itself."""
    if len(passed) < 2:
        return
    # Those of a check are one transaction.
    with together(context.instance):
        for month, good in passed.items():
            context.log_event(evaluation_of(result, month, good))


def last_month(today: date) -> str:
    """The latest month that is over on a day: the last one that Dagster offers."""
    return shift(f"{today:%Y-%m}", -1)


def range_tags(first: str, last: str) -> dict[str, str]:
    """Tags that make one run of a range of months."""
    return {RANGE_START: first, RANGE_END: last}
