"""One run of the monthly job in this process, kept in Dagster's storage, for `selfaudit run --record`: the same job
that the UI, the schedule and the daemon run.

Knows no command line; a failed run is a RunFailedError with the step and the cause.
"""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import dagster as dg

from pipelines.defs.build import build_definitions
from pipelines.defs.jobs import JOB
from pipelines.defs.months import range_tags
from pipelines.defs.names import name_in
from pipelines.errors import step_failed
from pipelines.failures.omissions import PartlyMadeError
from pipelines.run.progress import INGEST
from pipelines.settings import Settings


class RunFailedError(RuntimeError):
    """A step of the run failed; the message names each failed step and its first cause."""


def execute(settings: Settings, months: list[str], today: date | None) -> None:
    """Run the job over the months, first to last. Raises RunFailedError; not for a run that published everything but
    what it could not make.
    """
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=dg.PreviewWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    definitions = build_definitions(settings, first=months[0])
    result = definitions.resolve_job_def(name_in(settings.tenant, JOB)).execute_in_process(
        instance=dg.DagsterInstance.get(),
        raise_on_error=False,
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": {INGEST: {"config": {"today": today.isoformat() if today else ""}}},
        },
        tags=range_tags(months[0], months[-1]),
    )
    if not result.success and not _is_partly_made(result):
        raise RunFailedError(_failure_text(result))


def _is_partly_made(result: Any) -> bool:
    errors = [e.step_failure_data.error for e in result.all_events if e.is_step_failure]
    while any(error.cause is not None for error in errors):
        errors = [error.cause or error for error in errors]
    return bool(errors) and all(error.cls_name == PartlyMadeError.__name__ for error in errors)


def _failure_text(result: Any) -> str:
    lines = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            lines.append(step_failed(event.step_key, error.message))
    return "\n".join(lines) or "the run failed"
