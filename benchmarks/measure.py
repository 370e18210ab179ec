"""What one whole process costs: seconds by the clock and of the CPU, memory of it and all below it together, scratch on
the disk.

Holds the measuring, no case and no table. CPU seconds tell more than the clock where others use the machine.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("selfaudit"))
PROGRESS = re.compile(r"\[ *([0-9.]+) s\] (.*)")
LOOK_SECONDS = 0.1
FINDINGS = 3


@dataclass
class Measured:
    """A process. wall, cpu: seconds; peak_mb: greatest resident memory of all processes together, looked at ten times a
    second; scratch_mb: likewise, of the scratch folder; lines: the progress it told, with seconds; tail: the end of
    what it wrote.
    """

    code: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: int = 0
    scratch_mb: int = 0
    lines: list[tuple[float, str]] = field(default_factory=list)
    tail: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it ended as it should; 3 says that there are findings to look at."""
        return self.code in (0, FINDINGS)


def resident_mb(root: int) -> int:
    """Resident memory of a process and all below it, in MB; what ends meanwhile counts nothing. Reads /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    total, left = 0, [root]
    while left:
        process = left.pop()
        left += children.get(process, [])
        try:
            total += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") // 2**20


def size_mb(folder: Path) -> int:
    """Size of the files below a folder in MB; links, and those that vanish meanwhile, count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total // 2**20


def measure(command: Sequence[str], scratch: Path | None = None, limit: str = "default") -> Measured:
    """Run a command to its end. scratch: a folder to watch; limit: SELFAUDIT_MEMORY_LIMIT, or 'default'. An error of
    the command is in the result, not raised.
    """
    environment = {k: v for k, v in os.environ.items() if k != "SELFAUDIT_MEMORY_LIMIT"}
    if limit != "default":
        environment["SELFAUDIT_MEMORY_LIMIT"] = limit
    found = Measured()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        list(command), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )

    def listen() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            if said := PROGRESS.match(line):
                found.lines.append((float(said[1]), said[2]))
            found.tail = (found.tail + line)[-2000:]

    listener = threading.Thread(target=listen)
    listener.start()
    while process.poll() is None:
        found.peak_mb = max(found.peak_mb, resident_mb(process.pid))
        if scratch is not None:
            found.scratch_mb = max(found.scratch_mb, size_mb(scratch))
        time.sleep(LOOK_SECONDS)
    listener.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found.code, found.wall = process.returncode, time.perf_counter() - start
    found.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return found


def median(command: Sequence[str], times: int, before_each: Callable[[], None]) -> Measured:
    """Medians of wall and CPU of several runs, and the greatest memory. Raises SystemExit with the output of a run that
    fails.
    """
    runs = []
    for _ in range(times):
        before_each()
        run = measure(command)
        if not run.is_done:
            raise SystemExit(f"{' '.join(command)}\n{run.tail}")
        runs.append(run)
    return Measured(
        runs[-1].code,
        statistics.median(r.wall for r in runs),
        statistics.median(r.cpu for r in runs),
        max(r.peak_mb for r in runs),
        lines=runs[-1].lines,
    )
