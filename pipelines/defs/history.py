"""Dagster's own history, taken away where `selfaudit retain` says so: runs of a tenant with their events and what their
processes printed, and looks of its sensors and schedules.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import dagster as dg

from pipelines.defs.instance import prepare_instance
from pipelines.defs.jobs import JOB, WATCH
from pipelines.defs.names import is_of
from pipelines.defs.triggers import UNDER_WAY
from pipelines.settings import Settings


def forget_runs(settings: Settings, before: date) -> int:
    """Take away runs that began before a day (UTC), and looks before it. A run that is under way stays. Returns the
    number of runs. Nothing where Dagster was never used here.
    """
    settings.apply_to_environment()
    if not settings.dagster_home.is_dir():
        return 0
    prepare_instance(settings)
    moment = datetime(before.year, before.month, before.day, tzinfo=UTC)
    with dg.DagsterInstance.get() as instance:
        every = [r.dagster_run for r in instance.get_run_records(dg.RunsFilter(created_before=moment))]
        runs = [r for r in every if r.status not in UNDER_WAY and is_of(settings.tenant, r, (JOB, WATCH))]
        for run in runs:
            instance.compute_log_manager.delete_logs(prefix=[run.run_id])
            instance.delete_run(run.run_id)
        for state in instance.all_instigator_state():
            if not settings.tenant or state.instigator_name.startswith(f"{settings.tenant}_"):
                instance.purge_ticks(state.instigator_origin_id, state.selector_id, before=moment.timestamp())
    return len(runs)
