"""`python -m benchmarks.history`: what the months before cost. A backfill of 24 months in one run, then the 3rd and the
last month alone, each a whole process.

Prints a table; writes nothing into the repository. The estate is that of the demo, every drop of the same size; "alone"
is `selfaudit run MONTH` on the finished data folder.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.measure import COMMAND, measure
from pipelines.ingest.landing.files import list_drops


def timed(data: Path, *arguments: str) -> tuple[float, float]:
    """Wall and CPU seconds of one call of the command. Raises SystemExit with its output where it fails."""
    found = measure([COMMAND, "--data", str(data), *arguments])
    if not found.is_done:
        raise SystemExit(found.tail)
    return found.wall, found.cpu


def main() -> None:
    """Make the estate, backfill it, time months alone in turn, print medians and ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--persons", type=int, default=400)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument(
        "--keep", type=Path, default=None, help="data folder to make and keep (default: a temporary one)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.keep or Path(folder) / "data"
        estate = ["--persons", str(arguments.persons), "--months", str(arguments.months), "--no-run"]
        timed(data, "demo", *estate)
        drops = list_drops(data / "landing")
        backfill, cpu = timed(data, "backfill", f"{drops[0]}..{drops[-1]}")
        print(f"{os.cpu_count()} cores; {arguments.persons} persons, {len(drops)} months", flush=True)
        print(
            f"backfill in one run      {backfill:7.1f} s wall {cpu:7.1f} s CPU   {backfill / len(drops):5.1f} s a "
            "month",
            flush=True,
        )
        early, late = drops[2], drops[-1]
        # In turn, so that a machine that drifts does it to both.
        runs: dict[str, list[tuple[float, float]]] = {early: [], late: []}
        for _ in range(arguments.times):
            for month in (early, late):
                runs[month].append(timed(data, "run", month))
        medians = {m: (statistics.median(w for w, _ in r), statistics.median(c for _, c in r)) for m, r in runs.items()}
        for month, (wall, cpu) in medians.items():
            print(f"{month} alone, median of {arguments.times} {wall:7.1f} s wall {cpu:7.1f} s CPU")
        print(
            f"last against third       {medians[late][0] / medians[early][0]:7.2f} wall "
            f"{medians[late][1] / medians[early][1]:7.2f} CPU"
        )
        print(f"one run against {len(drops)} single  {backfill / (medians[late][0] * len(drops)):7.2f} wall")


if __name__ == "__main__":
    main()
