"""`python -m benchmarks.arrival --times 20`: the files of an estate arrive in random order, with a run after each part
of them; the end must be that of one run over all.

Holds how files arrive and what is compared. Drops come late and in pieces, so do the standing reference tables.
Compared is the whole of every output of every month but its state: a month that had settled before a file came is
called restated, and it is right to say so. The calendar of reviews and the chain tell of the runs themselves and are
left out.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

COMMAND = Path(sys.executable).with_name("selfaudit")
OF_THE_RUNS = ("review_calendar", "publications")


def command(data: Path, *arguments: str) -> None:
    """Run selfaudit on a data folder. Raises SystemExit with its output where it fails."""
    done = subprocess.run([str(COMMAND), "--data", str(data), *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stdout + done.stderr)


def parts_of(landing: Path, parts: int, seed: int) -> list[list[Path]]:
    """The files of a landing zone in random order, in `parts` parts of random size. The first has a file of a drop, so
    that there is a month to review.
    """
    chance = random.Random(seed)
    files = sorted(p.relative_to(landing) for p in landing.rglob("*") if p.is_file())
    chance.shuffle(files)
    first = next(i for i, file in enumerate(files) if file.parts[0] != "reference")
    files.insert(0, files.pop(first))
    cuts = sorted(chance.sample(range(1, len(files)), parts - 1))
    return [files[a:b] for a, b in zip([0, *cuts], [*cuts, len(files)], strict=True)]


def review(data: Path) -> None:
    """`selfaudit run` on a data folder."""
    command(data, "run")


def let_arrive(landing: Path, data: Path, parts: int, seed: int, review: Callable[[Path], None] = review) -> None:
    """Bring the files of `landing` into the data folder part by part, and review it after each part."""
    for part in parts_of(landing, parts, seed):
        for file in part:
            target = data / "landing" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(landing / file, target)
        review(data)


def differences(wanted: Path, got: Path) -> list[str]:
    """'output month: rows' for each output and month in which two data folders do not have the same rows published,
    state apart.
    """
    found = []
    folders = {
        p.relative_to(base / "published")
        for base in (wanted, got)
        for p in (base / "published").glob("*/review_month=*")
        if p.parent.name not in OF_THE_RUNS
    }
    with duckdb.connect() as connection:
        for folder in sorted(folders):
            files = [base / "published" / folder / f"{folder.parts[0]}.parquet" for base in (wanted, got)]
            if not all(f.is_file() for f in files):
                found.append(f"{folder}: only one of them has it")
                continue
            both = [f"read_parquet('{f}', hive_partitioning = false)" for f in files]
            names = [row[0] for row in connection.execute(f"describe from {both[0]}").fetchall() if row[0] != "state"]
            columns = ", ".join(f'"{n}"' for n in names)
            rows = connection.execute(
                f"select count(*) from ((select {columns} from {both[0]} except all select {columns} from {both[1]}) "
                f"union all (select {columns} from {both[1]} except all select {columns} from {both[0]}))"
            ).fetchall()[0][0]
            if rows:
                found.append(f"{folder}: {rows} rows")
    return found


def main() -> None:
    """Make the estate, review it at once, then let it arrive in other orders; prints one line each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arrival")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--parts", type=int, default=3)
    parser.add_argument("--persons", type=int, default=100)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted"
        command(wanted, "demo", "--persons", str(arguments.persons), "--months", str(arguments.months))
        bad = 0
        for seed in range(arguments.seed, arguments.seed + arguments.times):
            got, start = Path(folder) / f"order-{seed}", time.perf_counter()
            let_arrive(wanted / "landing", got, arguments.parts, seed)
            found = differences(wanted, got)
            bad += bool(found)
            sizes = ", ".join(str(len(p)) for p in parts_of(wanted / "landing", arguments.parts, seed))
            print(
                f"order {seed}: parts of {sizes} files, {time.perf_counter() - start:.0f} s; "
                f"{'; '.join(found) or 'the same publications'}",
                flush=True,
            )
            if not found:
                shutil.rmtree(got)
        print(f"{arguments.times - bad} of {arguments.times} as they should be")


if __name__ == "__main__":
    main()
