"""The memory of what was said, per channel, in the state folder: keys and days, no names. One writer at a time;
replaced as a whole.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

Memory = dict[str, dict[str, str]]
# Kinds whose key holds the day: on the next day they are another thing to say.
OF_A_DAY = {"failed_run", "test"}


class MemoryFileError(ValueError):
    """The memory cannot be read; the message says what to do."""


@contextmanager
def remembered(folder: Path) -> Iterator[Path]:
    """The file of the memory, while nobody else says anything."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "said.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield folder / "said.json"
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def read(path: Path) -> Memory:
    """Channel → key → day on which it was said. Raises MemoryFileError."""
    if not path.is_file():
        return {}
    try:
        memory = json.loads(path.read_text(encoding="utf-8"))
        return {str(c): {str(k): str(day) for k, day in keys.items()} for c, keys in memory.items()}
    except (ValueError, AttributeError) as error:
        raise MemoryFileError(
            f"{path} cannot be read ({error}). Delete it: what is still true is then said once more."
        ) from error


def write(path: Path, memory: Memory) -> None:
    """Replace the file as a whole."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(memory, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)


def remember(memory: Memory, channel: str, keys: Collection[str], today: date) -> Memory:
    """The memory with these keys said on a channel."""
    return {**memory, channel: {**memory.get(channel, {}), **dict.fromkeys(keys, today.isoformat())}}


def forget_over(memory: Memory, judged: Collection[str], current: Collection[str], today: date) -> Memory:
    """The memory without what is over: keys of the kinds that were judged in full and are true no more, and what was
    said of a day that has passed.

    Keys of kinds that were not judged now are kept.
    """

    def kept(key: str, day: str) -> bool:
        kind = key.partition(":")[0]
        if kind in judged:
            return key in current
        return kind not in OF_A_DAY or day >= today.isoformat()

    return {channel: {k: d for k, d in keys.items() if kept(k, d)} for channel, keys in memory.items()}
