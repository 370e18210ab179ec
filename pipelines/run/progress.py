"""How a run reports progress: the names of its steps, which Dagster shows too, and the progress callbacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Progress = Callable[[str], None]
INGEST, TRANSFORM, PUBLISH = "ingest_landing", "dbt_models", "publish_months"


_ADDRESS = re.compile(r"[^\s'\"<>(),;:=/]+@[^\s'\"<>(),;:/]+")
# The step and the months that this process is working on; threads of a step read it too.
_at: list[tuple[str, tuple[str, ...]]] = [("", ())]


def at(step: str, months: Sequence[str] = ()) -> str:
    """Set the current step and months; '' for none. Returns the step."""
    _at[0] = (step, tuple(months))
    return step


def where() -> tuple[str, tuple[str, ...]]:
    """The current step and months."""
    return _at[0]


def silent(message: str) -> None:
    """A progress callback that does nothing."""


def without_addresses(text: str, instead: str = "<address>") -> str:
    """A progress line without e-mail addresses: logs are kept by others, and longer than the data."""
    return _ADDRESS.sub(instead, text)
