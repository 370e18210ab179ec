"""Runs that failed, said at once: a sensor over failures of the monthly job. What is said and to whom is in
`pipelines.alerts`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from pipelines.alerts.conditions import failed_run
from pipelines.alerts.deliver import deliver
from pipelines.defs.jobs import JOB
from pipelines.defs.months import RANGE_END, RANGE_START
from pipelines.defs.names import name_in
from pipelines.partitions import months_between
from pipelines.run.discretion import said
from pipelines.settings import Settings, load_alert_settings


def alert_on_failure(settings: Settings, monitored: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """A failed run is said at once. On by default: without a channel it does nothing."""

    @dg.run_failure_sensor(
        name=name_in(settings.tenant, "alert_on_failed_run"),
        monitored_jobs=[monitored],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Says that a run of {JOB} failed, to the webhook and the mail addresses of the environment.",
    )
    def alert_on_failed_run(context: dg.RunFailureSensorContext) -> dg.SkipReason:
        """Say that a run failed, once on each channel."""
        now = datetime.now(UTC)
        tags = context.dagster_run.tags
        if tags.get("dagster/will_retry") == "true":
            return dg.SkipReason("its process was lost; it is tried once more, and said if that fails too")
        first = tags.get(RANGE_START) or tags.get("dagster/partition")
        months = months_between(first, tags.get(RANGE_END, first)) if first else []
        causes = [_cause(e) for e in context.get_step_failure_events()]
        (message,) = said(settings, ["\n".join(causes) or context.failure_event.message or "the run failed"])
        done = deliver(settings, load_alert_settings(), [failed_run(months, message, now.date())], now)
        for channel, problem in done.failures.items():
            context.log.warning(f"{channel} failed: {problem}")
        return dg.SkipReason(
            "; ".join(
                [
                    *(f"{c}: {n} sent" for c, n in done.sent.items()),
                    *(f"{c} failed: {p}" for c, p in done.failures.items()),
                ]
            )
            or "no channel is set"
        )

    return alert_on_failed_run


def _cause(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"step {event.step_key} failed: {error.message.strip() if error else 'no cause is known'}"
