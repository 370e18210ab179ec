"""How a run says what it does: the names of its steps, which Dagster shows too, and whoever listens to its progress."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
INGEST, TRANSFORM, PUBLISH = "ingest_landing", "dbt_models", "publish_months"


def silent(message: str) -> None:
    """A progress that says nothing."""
