"""The memory and the disk that this process may use: of the machine, and of the container it runs in where that is
less.

Reads /proc, /sys/fs/cgroup and the file system; knows no settings and nothing of a run.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

MB = 10**6
# Of the memory DuckDB gets a twelfth, or a gigabyte where that is more: a run is one of many programs on a large
# machine, and DuckDB fills with pages that it may need again whatever it is given. A small machine gives up to half.
# What else lives in a run, about: Python with dbt and its project 400 MB, Great Expectations and the second writer of
# workbooks, each a process of its own, 300 and 150 MB; DuckDB itself goes over its limit by what it does not count (up
# to a tenth).
SHARE, MOST_OF_SMALL = 12, 2
GIGABYTE = BESIDE = 1000 * MB
# With less than this DuckDB cannot sort or join even when it spills.
LEAST = 256 * MB


@dataclass(frozen=True)
class Memory:
    """Memory in bytes, and whose it is: `this machine` or `this container`."""

    size: int
    owner: str


def memory(root: Path = Path("/")) -> Memory:
    """The memory this process may use. root: where /proc and /sys are, for tests.

    A container's limit is the least of those of its control group and of the groups above (cgroup v2 `memory.max`, v1
    `memory.limit_in_bytes`).
    """
    machine = _of_machine(root)
    limits = [limit for limit in _of_groups(root) if 0 < limit < machine]
    return Memory(min(limits), "this container") if limits else Memory(machine, "this machine")


def memory_limit(found: Memory) -> int:
    """Bytes that DuckDB may take of it: a twelfth, or a gigabyte where that is more; never more than half, nor than
    leaves a gigabyte to what runs beside it; and never less than 256 MB. Whole megabytes.
    """
    wanted = max(found.size // SHARE, GIGABYTE)
    size = max(LEAST, min(wanted, found.size // MOST_OF_SMALL, found.size - BESIDE))
    return size // MB * MB


def free_disk(folder: Path) -> int:
    """Free bytes on the volume of a folder, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _of_machine(root: Path) -> int:
    try:
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemTotal:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_groups(root: Path) -> list[int]:
    """The limits of the control groups of this process, those above them included. A container may see its group at the
    root or by its full path.
    """
    files = []
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if not controllers:
            base, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            base, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        group = Path(path.lstrip("/"))
        files += [base / part / name for part in (group, *group.parents)]
    limits = []
    for file in files:
        text = "".join(_lines(file)[:1]).strip()
        if text.isdigit():
            limits.append(int(text))
    return limits


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except (OSError, ValueError):
        return []
