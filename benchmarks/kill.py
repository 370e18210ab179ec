"""`python -m benchmarks.kill --times 9`: ends `selfaudit run` at random moments and looks at what is left, and at the
next run. `--signal` is what it is ended with: KILL, TERM (a shutdown, a scheduler) or INT (Ctrl-C).
`--in-a-row 10` ends ten runs of one data folder, one after another, before one ends undisturbed; `--times` counts the
runs that were ended, and not those that were over before.

Not a test: it takes a minute per moment. After each every published file must be readable; after TERM and INT the run
must have said so in one line, with exit code 1, and nothing of the former publication may be another. The next
`selfaudit run` must end with the same bytes in every Parquet, CSV, workbook and page as a run that nobody disturbed,
and `selfaudit verify` must find nothing.
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
from collections.abc import Collection
from pathlib import Path

import duckdb

COMMAND = Path(sys.executable).with_name("selfaudit")
KINDS = {".parquet", ".csv", ".xlsx", ".html"}
# What a run that is asked to stop says, as its last line; it may have been over already.
STOPPED = "selfaudit: stopped. The previous publication is unchanged. Run the same command again."


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run selfaudit on a data folder."""
    return subprocess.run([str(COMMAND), "--data", str(data), *arguments], capture_output=True, text=True, check=False)


def digests(data: Path, kinds: Collection[str] = KINDS) -> dict[str, str]:
    """SHA-256 of every published file of these kinds, by its path."""
    return {name: sha for name, sha in published(data).items() if Path(name).suffix in kinds}


def published(data: Path) -> dict[str, str]:
    """SHA-256 of every published file by its path, but for copies of former versions, which a run adds first."""
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted((data / "published").rglob("*"))
        if p.is_file() and p.relative_to(data / "published").parts[0] != "versions"
    }


def ready_estate(folder: Path) -> tuple[Path, dict[str, str]]:
    """A small estate that is published, with a price changed since, and the files that an undisturbed run makes."""
    base, undisturbed = folder / "base", folder / "undisturbed"
    command(base, "demo", "--persons", "100", "--months", "2")
    change_price(base)
    shutil.copytree(base, undisturbed)
    command(undisturbed, "run")
    return base, digests(undisturbed)


def estate_with_a_new_month(folder: Path) -> tuple[Path, dict[str, str]]:
    """As `ready_estate`, but a month has come as well: two months are published, and a run makes three."""
    made, base, undisturbed = folder / "made", folder / "base", folder / "undisturbed"
    command(made, "demo", "--persons", "100", "--months", "3")
    drops = sorted(p.name for p in (made / "landing").iterdir() if p.name != "reference")
    shutil.copytree(made / "landing", base / "landing", ignore=shutil.ignore_patterns(drops[-1]))
    command(base, "run")
    shutil.copytree(made / "landing" / drops[-1], base / "landing" / drops[-1])
    change_price(base)
    shutil.copytree(base, undisturbed)
    command(undisturbed, "run")
    return base, digests(undisturbed)


def change_price(data: Path) -> None:
    """Change a price that the reviews of every month use."""
    prices = data / "landing" / "reference" / "prices.csv"
    prices.write_text(prices.read_text().replace("2600", "2611"))


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


def end_once(data: Path, after: float, number: signal.Signals) -> tuple[int, str]:
    """Start a run and end it after so many seconds. Returns its exit code and its last line."""
    with subprocess.Popen(
        [str(COMMAND), "--data", str(data), "run"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        time.sleep(after)
        if process.poll() is None:
            # A kill takes its helpers too; a scheduler asks the command alone, Ctrl-C everything at the terminal.
            (os.kill if number is signal.SIGTERM else os.killpg)(process.pid, number)
        said = process.communicate()[1].strip().splitlines()
        return process.returncode, said[-1] if said else ""


def wrong(base: Path, data: Path, number: signal.Signals, code: int, said: str) -> str:
    """What is not as it should be after the run was ended; '' if all is."""
    if torn := unreadable(data):
        return torn
    if number is signal.SIGKILL or code in (0, 3):
        return ""
    if code != 1 or said != STOPPED:
        return f"exit code {code}: {said[:300]}"
    return others(published(base), published(data))


def others(before: dict[str, str], now: dict[str, str]) -> str:
    """Which files of a former publication are not as they were; '' if all are. Path → SHA-256."""
    lost = sorted(name for name, sha in before.items() if now.get(name) != sha)
    return f"of the former publication {len(lost)} files are others: {', '.join(lost[:3])}" if lost else ""


def parser(program: str, times: int) -> argparse.ArgumentParser:
    """The arguments of a program that disturbs runs. times: how often, unless `--times` says otherwise."""
    made = argparse.ArgumentParser(prog=f"python -m benchmarks.{program}")
    made.add_argument("--times", type=int, default=times, help=f"number of tries (default {times})")
    made.add_argument("--seed", type=int, default=1, help="chooses the moments of the tries (default 1)")
    return made


def main() -> int:
    """Make the estate, one undisturbed run, then end others, a line each; exit code 1 if anything was wrong."""
    options = parser("kill", times=9)
    options.add_argument("--signal", choices=("KILL", "TERM", "INT"), default="KILL")
    options.add_argument("--in-a-row", type=int, default=1, help="runs ended one after another before one ends (1)")
    options.add_argument("--new-month", action="store_true", help="a month has come, beside the changed price")
    arguments = options.parse_args()
    moments, number, ended, bad = random.Random(arguments.seed), 0, 0, 0
    asked = signal.Signals[f"SIG{arguments.signal}"]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "ended"
        estate = estate_with_a_new_month if arguments.new_month else ready_estate
        base, wanted = estate(Path(folder))
        shutil.copytree(base, data)
        start = time.perf_counter()
        command(data, "run")
        length = time.perf_counter() - start
        print(f"an undisturbed run takes {length:.1f} s", flush=True)
        while ended < arguments.times:
            shutil.rmtree(data)
            shutil.copytree(base, data)
            for _ in range(min(arguments.in_a_row, arguments.times - ended)):
                number += 1
                after = moments.uniform(0.5, length)
                code, last = end_once(data, after, asked)
                said = wrong(base, data, asked, code, last)
                bad += bool(said)
                print(f"{number:>3}: ended after {after:5.1f} s with {code}; {said or 'as it should be'}", flush=True)
                if code in (0, 3):
                    break  # it was over already; there is nothing left to end
                ended += 1
            again = command(data, "run")
            got = digests(data)
            differing = sum(wanted.get(k) != got.get(k) for k in set(wanted) | set(got))
            verified = command(data, "verify").returncode == 0
            bad += bool(differing or not verified or again.returncode not in (0, 3))
            print(
                f"     then {differing} files differ after the next run ({again.returncode}); "
                f"verify {'found nothing' if verified else 'FOUND DIFFERENCES'}",
                flush=True,
            )
        print(f"{ended} runs ended in {number} tries; {bad} times something was not as it should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
