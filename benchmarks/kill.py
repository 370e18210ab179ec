"""`python -m benchmarks.kill --times 9`: kills `selfaudit run` with SIGKILL at random moments and looks at what is
left, and at the next run.

Not a test: it takes a minute per moment. After each kill every published file must be readable; the next `selfaudit
run` must end with the same bytes in every Parquet, CSV, workbook and page as a run that nobody disturbed, and
`selfaudit verify` must find nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

COMMAND = Path(sys.executable).with_name("selfaudit")
KINDS = {".parquet", ".csv", ".xlsx", ".html"}


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run selfaudit on a data folder."""
    return subprocess.run([str(COMMAND), "--data", str(data), *arguments], capture_output=True, text=True, check=False)


def digests(data: Path) -> dict[str, str]:
    """SHA-256 of every published file, by its path."""
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted((data / "published").rglob("*"))
        if p.is_file() and p.suffix in KINDS
    }


def unreadable(data: Path) -> str:
    """The first published file that cannot be read; empty if all can."""
    try:
        with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as connection:
            connection.execute("select count(*) from calendar.findings").fetchall()
            for path in sorted((data / "published").rglob("*.parquet")):
                connection.execute(f"select count(*) from '{path}'").fetchall()
    except duckdb.Error as error:
        return str(error)
    return ""


def kill_once(base: Path, data: Path, after: float) -> str:
    """Copy the estate, start a run, kill it, run again. Returns what is left and what the next run said."""
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(base, data)
    with subprocess.Popen(
        [str(COMMAND), "--data", str(data), "run"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        time.sleep(after)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return unreadable(data)


def main() -> None:
    """Make the estate, one undisturbed run, then the kills; prints one line each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill")
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        base, undisturbed, data = Path(folder) / "base", Path(folder) / "undisturbed", Path(folder) / "killed"
        command(base, "demo", "--persons", "100", "--months", "2")
        prices = base / "landing" / "reference" / "prices.csv"
        prices.write_text(prices.read_text().replace("2600", "2611"))
        shutil.copytree(base, undisturbed)
        start = time.perf_counter()
        command(undisturbed, "run")
        length = time.perf_counter() - start
        wanted, bad = digests(undisturbed), 0
        print(f"an undisturbed run takes {length:.1f} s")
        for number in range(1, arguments.times + 1):
            after = moments.uniform(0.5, length)
            torn = kill_once(base, data, after)
            again = command(data, "run")
            got = digests(data)
            differing = sum(wanted.get(k) != got.get(k) for k in set(wanted) | set(got))
            verified = command(data, "verify").returncode == 0
            bad += bool(torn or differing or not verified or again.returncode not in (0, 3))
            print(
                f"{number:>3}: killed after {after:5.1f} s; {torn or 'every file whole'}; {differing} files differ "
                "after the next run; "
                f"verify {'found nothing' if verified else 'FOUND DIFFERENCES'}",
                flush=True,
            )
        print(f"{arguments.times - bad} of {arguments.times} as they should be")


if __name__ == "__main__":
    main()
