"""What starts runs without a person: the sensor of the landing zone, three schedules, the daily watch. Each is a call
into `pipelines.run.landing_check`.

Off until somebody switches them on in the UI, or SELFAUDIT_UNATTENDED says that they are on from the start.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from pipelines.defs.jobs import JOB, WATCH
from pipelines.defs.months import last_month, range_tags
from pipelines.defs.names import is_of, name_in
from pipelines.run import discretion, landing_check, mailbox
from pipelines.run.answers import sentences
from pipelines.run.due import stretches
from pipelines.settings import Settings
from pipelines.warehouse import BusyError, writer_lock

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
SETTLE_SECONDS = 15
# A run takes the writer's lock within seconds of its start; one that is older and does not hold it has lost its
# process.
START_SECONDS = 300
ENDING_SECONDS = 10.0
SCHEDULES = (
    (
        "monthly",
        "monthly_review_on_the_3rd",
        "0 6 3 * *",
        "The review of last month: late cloud events have arrived by the 3rd.",
    ),
    (
        "quarterly",
        "quarterly_review_on_the_5th",
        "0 6 5 1,4,7,10 *",
        "The months of the quarter that has ended, for its provisioning rules and admin roster.",
    ),
    (
        "pre_renewal",
        "pre_renewal_review_daily",
        "30 6 * * *",
        "The months of audit readiness (120 days before a renewal) and renewal brief (90 days before), by each "
        "contract's dates.",
    ),
)


def _default(settings: Settings) -> tuple[dg.DefaultSensorStatus, dg.DefaultScheduleStatus]:
    if settings.unattended:
        return dg.DefaultSensorStatus.RUNNING, dg.DefaultScheduleStatus.RUNNING
    return dg.DefaultSensorStatus.STOPPED, dg.DefaultScheduleStatus.STOPPED


def _now() -> datetime:
    return datetime.now(UTC)


def _under_way(settings: Settings, instance: dg.DagsterInstance) -> str | None:
    every = instance.get_runs(filters=dg.RunsFilter(statuses=UNDER_WAY))
    runs = [r for r in every if is_of(settings.tenant, r, (JOB,))]
    return runs[0].run_id if runs else None


def bury_dead_runs(
    settings: Settings, instance: dg.DagsterInstance, now: datetime, pause: Callable[[float], None] = time.sleep
) -> list[str]:
    """Mark runs as failed that are shown as working though their process is gone (a power cut, a kill): they would
    block the queue for ever.

    A run holds the writer's lock from its first step to its last, so where the lock is free none is alive. Returns
    their ids.
    """
    started = instance.get_run_records(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    old = [
        r
        for r in started
        if is_of(settings.tenant, r.dagster_run, (JOB,))
        and r.start_time
        and now - datetime.fromtimestamp(r.start_time, UTC) > timedelta(seconds=START_SECONDS)
    ]
    if not old:
        return []
    dead = []
    try:
        with writer_lock(settings, wait=False):
            # A run that has just let go of the lock is about to say how it ended.
            pause(ENDING_SECONDS)
            for record in old:
                run = instance.get_run_by_id(record.dagster_run.run_id)
                if run and run.status is dg.DagsterRunStatus.STARTED:
                    instance.report_run_failed(
                        run, "the process of this run is gone (killed, or the machine went down)"
                    )
                    dead.append(run.run_id)
    except BusyError:
        return []
    return dead


def _requests(settings: Settings, found: landing_check.Look, day: date) -> Iterator[dg.RunRequest | dg.SkipReason]:
    if not found.months:
        yield dg.SkipReason(*discretion.said(settings, [found.reason]))
    # One run after the other: they share one writer and come in the order in which they are asked for.
    for first, last in [(b[0], b[-1]) for b in found.batches] or stretches(found.months):
        # Asked for once a day at most: what failed for a passing reason is tried again the next day, and a bad file
        # does not fail every minute. A second attempt begins at the first step: the months of a run are set there, and
        # another run may have set its own since.
        tags = {**range_tags(first, last), "dagster/retry_strategy": "ALL_STEPS"}
        yield dg.RunRequest(run_key=f"{found.key}:{first}..{last}:{day}", tags=tags)


def landing_sensor(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """New or changed drops, by content, once two looks agree: asks for the months concerned, one run for a stretch of
    months.
    """

    @dg.sensor(
        name=name_in(settings.tenant, "landing_zone"),
        job=job,
        minimum_interval_seconds=settings.look_seconds,
        default_status=_default(settings)[0],
        description="New or changed drops by content, never a file that is still being written; asks for exactly the "
        "months concerned.",
    )
    @discretion.quiet_errors(settings)
    def landing_zone(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        """One look at the landing zone: what to ask for, or why not now."""
        now = _now()
        dead = bury_dead_runs(settings, context.instance, now)
        if dead:
            return dg.SensorResult(
                skip_reason=dg.SkipReason(f"marked as failed, the process is gone: {', '.join(dead)}"),
                cursor=context.cursor,
            )
        before = json.loads(context.cursor) if context.cursor else {}
        run = _under_way(settings, context.instance)
        if run:
            return dg.SensorResult(
                skip_reason=dg.SkipReason(f"run {run[:8]} is under way; looking again after it"), cursor=context.cursor
            )
        mail, before = mailbox.look(settings, before, now.replace(tzinfo=None))
        for sentence in sentences(mail.answers, discretion.is_asked_for(settings)):
            context.log.info(sentence)
        found = landing_check.look(settings, before, last_month(now.date()))
        answers = list(_requests(settings, found, now.date()))
        requests = [a for a in answers if isinstance(a, dg.RunRequest)]
        reason = next((a for a in answers if isinstance(a, dg.SkipReason)), None)
        seen = {**found.seen, **mail.seen}
        return dg.SensorResult(run_requests=requests, skip_reason=reason, cursor=json.dumps(seen, sort_keys=True))

    return landing_zone


def _schedule(
    settings: Settings, job: dg.UnresolvedAssetJobDefinition, cadence: str, name: str, cron: str, text: str
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name_in(settings.tenant, name),
        cron_schedule=cron,
        job=job,
        execution_timezone="UTC",
        default_status=_default(settings)[1],
        description=text,
    )
    def evaluate(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        day = context.scheduled_execution_time.date()
        run = _under_way(settings, context.instance)
        if run:
            yield dg.SkipReason(f"run {run[:8]} is under way; what is left is seen by the sensor, or the next time")
            return
        with discretion.quiet_errors(settings):
            found = landing_check.scheduled(settings, cadence, last_month(day), day, lambda: time.sleep(SETTLE_SECONDS))
        yield from _requests(settings, found, day)

    return evaluate


def review_schedules(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> list[dg.ScheduleDefinition]:
    """Monthly, quarterly and pre-renewal: each asks whether its months are due and says why not; none makes an
    unchanged month again.
    """
    return [_schedule(settings, job, *row) for row in SCHEDULES]


def watch_schedule(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Every day at 07:00 UTC: what became late overnight."""
    return dg.ScheduleDefinition(
        name=name_in(settings.tenant, "watch_daily"),
        job=job,
        cron_schedule="0 7 * * *",
        execution_timezone="UTC",
        default_status=_default(settings)[1],
        description="Overdue reviews, absent months, months that stay provisional; says them once to whoever the "
        "alerts go to.",
    )


def watch_after_run(
    settings: Settings, monitored: dg.UnresolvedAssetJobDefinition, job: dg.UnresolvedAssetJobDefinition
) -> dg.SensorDefinition:
    """After each publication: what is late or runs out by the new figures."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name=name_in(settings.tenant, "watch_after_publication"),
        monitored_jobs=[monitored],
        request_job=job,
        default_status=_default(settings)[0],
        description="Runs the watch when a run has published.",
    )
    def watch_after_publication(context: dg.RunStatusSensorContext) -> dg.RunRequest:
        return dg.RunRequest(run_key=f"{WATCH}:{context.dagster_run.run_id}")

    return watch_after_publication
