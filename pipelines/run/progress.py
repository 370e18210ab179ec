"""How a run says what it does: the names of its steps, which Dagster shows too, and whoever listens to its progress."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Progress = Callable[[str], None]
INGEST, TRANSFORM, PUBLISH = "ingest_landing", "dbt_models", "publish_months"


_ADDRESS = re.compile(r"[^\s'\"<>(),;:=/]+@[^\s'\"<>(),;:/]+")
# The step and the months that this process works on; threads of a step ask too.
_at: list[tuple[str, tuple[str, ...]]] = [("", ())]


def at(step: str, months: Sequence[str] = ()) -> str:
    """Note the step and the months that are worked on now; '' where it is none. Returns the step."""
    _at[0] = (step, tuple(months))
    return step


def where() -> tuple[str, tuple[str, ...]]:
    """The step and the months that are worked on."""
    return _at[0]


def silent(message: str) -> None:
    """A progress that says nothing."""


def without_addresses(text: str, instead: str = "<address>") -> str:
    """A line of progress with addresses of mail left out: logs are kept by others, and longer than the data."""
    return _ADDRESS.sub(instead, text)
