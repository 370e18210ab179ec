"""`python -m benchmarks.full_disk --times 20`: a disk that is full at one write of a run after the other, chosen by a
seed among all of them; looks at what the run says, what stands, and at the next run.

The disk is a layer between the process and the C library (full_disk.c, built with cc): from that write on every further
one below the data folder fails with ENOSPC, in the run and in its helpers. A write that a helper makes for nobody may
be lost without harm; then the run ends well, and what it published must be right. Not a test: a try is a run. Linux
alone.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.kill import COMMAND, command, digests, others, parser, published, ready_estate

LAYER = Path(__file__).with_suffix(".c")
# What a run may end with where nothing that was lost mattered.
GOOD = (0, 3)


def built(folder: Path) -> Path:
    """The layer as a library. Raises subprocess.CalledProcessError, FileNotFoundError: there is no compiler."""
    library = folder / "full_disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-o", str(library), str(LAYER), "-ldl"], check=True)
    return library


def run_on(library: Path, data: Path, first: int) -> tuple[subprocess.CompletedProcess[str], int]:
    """A run on a disk that is full from its write number `first` on (0: never); how it ended, and the writes it
    tried.
    """
    counter = library.with_name("count")
    counter.write_bytes(bytes(8))
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "FULL_DISK_BELOW": str(data),
        "FULL_DISK_COUNT": str(counter),
        "FULL_DISK_FROM": str(first),
    }
    done = subprocess.run(
        [str(COMMAND), "--data", str(data), "run"], capture_output=True, text=True, check=False, env=environment
    )
    return done, struct.unpack("<Q", counter.read_bytes())[0]


def wrong(done: subprocess.CompletedProcess[str], before: dict[str, str], wanted: dict[str, str], data: Path) -> str:
    """What is not as it should be after such a run; '' if all is."""
    if "Traceback" in done.stdout + done.stderr:
        return f"a stack trace: {done.stderr[-400:]}"
    if done.returncode in GOOD:
        return "" if digests(data) == wanted else "it ended well, and what it published is not right"
    last = done.stderr.strip().splitlines()[-1:]
    if done.returncode != 1 or "The disk is full" not in "".join(last):
        return f"exit code {done.returncode}: {''.join(last)[:300]}"
    return others(before, published(data))


def main() -> int:
    """Count the writes of a run, then fail one after the other; exit code 1 if anything was wrong."""
    arguments = parser("full_disk", times=20).parse_args()
    rng = random.Random(arguments.seed)
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        library = built(Path(scratch))
        base, wanted = ready_estate(Path(scratch))
        before = published(base)
        data = Path(scratch) / "full"
        shutil.copytree(base, data)
        done, writes = run_on(library, data, 0)
        print(f"an undisturbed run writes {writes} times and ends with {done.returncode}", flush=True)
        # One of each stretch of equal length, so that every part of a run is met.
        for number in range(arguments.times):
            first = rng.randrange(number * writes // arguments.times, (number + 1) * writes // arguments.times) + 1
            shutil.rmtree(data)
            shutil.copytree(base, data)
            done, _ = run_on(library, data, first)
            said = wrong(done, before, wanted, data)
            again = command(data, "run")
            if not said and (again.returncode not in GOOD or digests(data) != wanted):
                said = f"the run after it ended with {again.returncode}: {again.stderr[-300:]}"
            bad += bool(said)
            print(
                f"{number + 1:>3}: full from write {first} on: exit code {done.returncode}; {said or 'as it should be'}"
            )
            sys.stdout.flush()
    print(f"{arguments.times - bad} of {arguments.times} as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
