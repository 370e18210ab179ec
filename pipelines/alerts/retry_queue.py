"""Alerts that a channel missed and that nobody would find again: a failed run is told by an event, not by what is
published. Kept until they got through.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pipelines.alerts.alert import Alert, Item
from pipelines.alerts.delivery_log import MemoryFileError

# Kinds that are told once, by what happened.
TOLD_BY_AN_EVENT = ("failed_run",)
Waiting = dict[str, list[Item]]


def read(path: Path) -> Waiting:
    """Channel → items of failed runs that it has not had. Raises MemoryFileError."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(channel): [Item(**item) for item in items] for channel, items in found.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise MemoryFileError(
            f"{path} cannot be read ({error}). Delete it: failed runs that it held are in Dagster's UI."
        ) from error


def write(path: Path, waiting: Waiting) -> None:
    """Replace the file as a whole; none where nothing waits."""
    kept = {channel: [asdict(i) for i in items] for channel, items in waiting.items() if items}
    if not kept:
        path.unlink(missing_ok=True)
        return
    part = path.with_suffix(".part")
    part.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)


def joined(waiting: Sequence[Item], alerts: Sequence[Alert]) -> list[Alert]:
    """The alerts with what waited, each item once, failed runs first."""
    mine = [i for a in alerts if a.kind in TOLD_BY_AN_EVENT for i in a.items]
    items = {i.key: i for i in [*waiting, *mine]}
    others = [a for a in alerts if a.kind not in TOLD_BY_AN_EVENT]
    return [*([Alert(TOLD_BY_AN_EVENT[0], tuple(items.values()))] if items else []), *others]
