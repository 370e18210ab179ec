"""Dagster's own instance folder inside the data folder: telemetry off, one pool for the one writer, dead runs tried
once more.
"""

from __future__ import annotations

from pipelines.settings import Settings

INSTANCE = """\
# Written by selfaudit. Change it here if the storage shall be Postgres.
nux:
  enabled: false
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: op
  runs:
    max_concurrent_runs: 1
# A run that could not start, or whose process died, is tried once more; one whose step failed is not: it would fail
# again.
run_monitoring:
  enabled: true
  start_timeout_seconds: 900
  # What a dead run held of the pool is given back; else nothing would run any more.
  free_slots_after_run_end_seconds: 60
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
"""
# Apart from the rest: another storage takes its place.
STORAGE = """\
# Events in SQLite, as Dagster keeps them, written in a fraction of the time. A `storage:` of Postgres takes the place
# of these five lines.
event_log_storage:
  module: pipelines.defs.event_storage
  class: OpenEventLogStorage
  config:
    home: {env: DAGSTER_HOME}
"""


def prepare_instance(settings: Settings) -> None:
    """Write dagster.yaml of the instance folder, unless somebody wrote one or changed it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    config = settings.dagster_home / "dagster.yaml"
    if not config.exists() or config.read_text() == INSTANCE:
        config.write_text(INSTANCE + STORAGE)
