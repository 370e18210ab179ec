"""`python -m benchmarks.year`: the first backfill of a year in one run, at the default memory limit and at others: seconds, CPU, peak memory of all processes, seconds by step.

Prints a table, and with `--save` writes it to `benchmarks/results/`; the estate is `estate.write_year`. Whole processes on whatever machine this is.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.estate import write_year
from pipelines.ingest.files import list_drops

COMMAND = Path(sys.executable).with_name("selfaudit")
RESULTS = Path(__file__).parent / "results"
PROGRESS = re.compile(r"\[ *([0-9.]+) s\] (.*)")
LOOK_SECONDS = 0.25


@dataclass
class Measured:
    """One backfill. peak_mb: greatest resident memory of the processes together, looked at every quarter of a second; lines: what it said and when."""

    limit: str
    code: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: int = 0
    scratch_mb: int = 0
    lines: list[tuple[float, str]] = field(default_factory=list)
    tail: str = ""


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
    """Size of the files below a folder in MB; those that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total // 2**20


def backfill(data: Path, limit: str) -> Measured:
    """Run the backfill over all drops of the data folder. limit: SELFAUDIT_MEMORY_LIMIT, or 'default'."""
    for name in ("warehouse", "published", "state"):
        shutil.rmtree(data / name, ignore_errors=True)
    environment = {k: v for k, v in os.environ.items() if k != "SELFAUDIT_MEMORY_LIMIT"}
    if limit != "default":
        environment["SELFAUDIT_MEMORY_LIMIT"] = limit
    drops, found = list_drops(data / "landing"), Measured(limit)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [str(COMMAND), "--data", str(data), "backfill", f"{drops[0]}..{drops[-1]}"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
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
        found.scratch_mb = max(found.scratch_mb, size_mb(data / "state" / "scratch"))
        time.sleep(LOOK_SECONDS)
    listener.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found.code, found.wall = process.returncode, time.perf_counter() - start
    found.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return found


def report(found: Measured) -> list[str]:
    """The measured run as lines of Markdown: the row of a table, then the steps."""
    lines = [
        "| limit | exit | wall s | CPU s | peak MB, all processes | scratch MB |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| {found.limit} | {found.code} | {found.wall:.0f} | {found.cpu:.0f} | {found.peak_mb} | {found.scratch_mb} |",
        "",
    ]
    lines += [f"    [{seconds:7.1f} s] {text}" for seconds, text in found.lines]
    return lines if found.code in (0, 3) else [*lines, "", found.tail]


def main() -> None:
    """Make the estate, backfill it once per limit, print and perhaps save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year", description=__doc__)
    parser.add_argument("--persons", type=int, default=9_500)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--use-rows", type=int, default=3_200_000, help="rows of use over all drops")
    parser.add_argument("--lrt-rows", type=int, default=2_700_000, help="rows of telemetry over all drops")
    parser.add_argument("--limit", nargs="+", default=["default"], help="memory limits to run with, in turn")
    parser.add_argument("--keep", type=Path, default=None, help="data folder to make once and keep")
    parser.add_argument("--save", action="store_true", help="write the table to benchmarks/results")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.keep or Path(folder) / "data"
        if not (data / "landing").is_dir():
            write_year(data / "landing", arguments.persons, arguments.use_rows, arguments.lrt_rows, arguments.months)
        lines = [
            f"# Backfill of {arguments.months} months, {arguments.persons:,} persons, selfaudit {version('selfaudit')}",
            "",
            f"{os.cpu_count()} cores, {size_mb(data / 'landing'):,} MB of files. `python -m benchmarks.year`.",
        ]
        for limit in arguments.limit:
            lines += ["", *report(backfill(data, limit))]
        print("\n".join(lines))
        if arguments.save:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{version('selfaudit')}-year.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
