"""One run of the monthly job in this process, for the command: the same job that the UI, the schedule and the daemon run.

Knows no command line; a failed run is a RunFailedError with the step and the cause.
"""

from __future__ import annotations

import re
import warnings
from datetime import date
from typing import Any

import dagster as dg

from pipelines.defs.build import build_definitions
from pipelines.defs.jobs import JOB
from pipelines.defs.months import range_tags
from pipelines.settings import Settings


class RunFailedError(RuntimeError):
    """A step of the run failed; the message names each failed step and its first cause."""


def execute(settings: Settings, months: list[str], today: date | None, record: bool) -> None:
    """Run the job over the months, first to last. record: keep the run in Dagster's own storage. Raises RunFailedError."""
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    definitions = build_definitions(settings, first=months[0])
    instance = dg.DagsterInstance.get() if record else dg.DagsterInstance.ephemeral()
    result = definitions.resolve_job_def(JOB).execute_in_process(
        instance=instance,
        raise_on_error=False,
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": {"ingest_landing": {"config": {"today": today.isoformat() if today else ""}}},
        },
        tags=range_tags(months[0], months[-1]),
    )
    if not result.success:
        raise RunFailedError(_failure_text(result))


def _failure_text(result: Any) -> str:
    lines = []
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            # An error of our own speaks for itself; others keep their kind.
            message = re.sub(r"^pipelines\.[\w.]+: ", "", error.message.strip())
            lines.append(f"step {event.step_key} failed: {message}")
    return "\n".join(lines) or "the run failed"
