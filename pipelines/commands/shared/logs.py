"""What a command logs while it works, on standard error: text for people, or JSON for a log collector (SELFAUDIT_LOG).
Only formats what is logged.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pipelines.run import progress
from pipelines.settings import JSON_LINES, Settings

progress_log = logging.getLogger("selfaudit.progress")


class _Text(logging.Handler):
    """`[  12.3 s] what is done`."""

    def __init__(self) -> None:
        super().__init__()
        self.started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        seconds = time.monotonic() - self.started
        print(f"[{seconds:6.1f} s] {record.getMessage()}", file=sys.stderr, flush=True)


class _JsonLines(logging.Handler):
    """One JSON object per line: time (UTC), level, run, step, month (one, or first..last), message; step and month are
    null before the first step.
    """

    run = uuid.uuid4().hex  # of this process

    def emit(self, record: logging.LogRecord) -> None:
        step, months = progress.where()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "run": self.run,
            "step": step or None,
            "month": "..".join(dict.fromkeys((months[0], months[-1]))) if months else None,
            "message": progress.without_addresses(record.getMessage()),
        }
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)


@contextmanager
def console_progress(settings: Settings) -> Iterator[None]:
    """Progress on standard error while a command works, in the configured format; without names if they must not be
    shown.
    """
    from pipelines.run import discretion  # imported late: it loads what reads tables

    handler = _JsonLines() if settings.log == JSON_LINES else _Text()
    progress_log.addHandler(handler)
    progress_log.setLevel(logging.INFO)
    progress_log.propagate = False
    try:
        with discretion.quiet_log(settings):
            yield
    finally:
        progress_log.removeHandler(handler)


def as_may_be_said(settings: Settings, message: str) -> str:
    """A message about files, without names if they must not be shown."""
    from pipelines.run import discretion  # imported late: it loads what reads tables

    return discretion.said(settings, [message])[0]


def say_ending(form: str, message: str) -> None:
    """Print why a command ended early, as its last line."""
    if form == JSON_LINES:
        _JsonLines().emit(logging.makeLogRecord({"levelname": "ERROR", "msg": message}))
    else:
        print(f"selfaudit: {message}", file=sys.stderr)
