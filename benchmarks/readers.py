"""`python -m benchmarks.readers --opens 10000`: processes open the published file and ask, over and over, while runs
publish; none may fail, and none may see two versions at once.

What one connection sees belongs together if every output and month has as many rows as the record in the same file
says, and a second look says the same. Not a test: the runs take minutes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.kill import COMMAND, ready_estate

# Outputs whose rows are counted; a price changes the first three.
OUTPUTS = ("findings", "licence_position", "actions", "deprovisioning_list", "rule_runs")
COUNTS = " union all ".join(f"select '{o}', review_month, count(*) from calendar.{o} group by all" for o in OUTPUTS)
RECORDED = (
    "select output, review_month, arg_max(rows, place) from calendar.publications where list_contains(?, output) "
    "group by all having arg_max(rows, place) > 0 order by all"
)


def look(database: Path) -> tuple[int, str]:
    """Open the file and ask. Returns the place of the last entry of its record, and what was wrong."""
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            first = connection.execute("select max(place) from calendar.publications").fetchall()
            counts = sorted(connection.execute(COUNTS).fetchall())
            recorded = connection.execute(RECORDED, [list(OUTPUTS)]).fetchall()
            if counts != recorded:
                return -1, f"the rows are not those of the record: {sorted(set(counts) ^ set(recorded))[:3]}"
            again = connection.execute("select max(place) from calendar.publications").fetchall()
            if first != again or counts != sorted(connection.execute(COUNTS).fetchall()):
                return -1, "a second look says something else"
            return int(first[0][0]), ""
    except duckdb.Error as error:
        return -1, f"{type(error).__name__}: {error}"


def read(database: Path, opens: int) -> int:
    """What a reader does: looks, and prints what it saw as JSON."""
    found: dict[str, int] = {}
    failures = []
    for _ in range(opens):
        place, problem = look(database)
        if problem:
            failures.append(problem[:300])
        else:
            found[str(place)] = found.get(str(place), 0) + 1
    print(json.dumps({"versions": found, "failures": failures}))
    return 0


def main() -> int:
    """Start the readers, publish until they are done; exit code 1 if a look failed or mixed versions."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers")
    parser.add_argument("--opens", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--read", type=Path, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        return read(arguments.read, arguments.opens)
    with tempfile.TemporaryDirectory() as scratch:
        data, _ = ready_estate(Path(scratch))
        database = data / "published" / "selfaudit.duckdb"
        each = -(-arguments.opens // arguments.readers)
        ask = [sys.executable, "-m", "benchmarks.readers", "--read", str(database), "--opens", str(each)]
        readers = [subprocess.Popen(ask, stdout=subprocess.PIPE, text=True) for _ in range(arguments.readers)]
        prices = data / "landing" / "reference" / "prices.csv"
        runs, failed, began = 0, 0, time.monotonic()
        while any(reader.poll() is None for reader in readers):
            amounts = ("2600", "2611") if "2600" in prices.read_text() else ("2611", "2600")
            prices.write_text(prices.read_text().replace(*amounts))
            done = subprocess.run([str(COMMAND), "--data", str(data), "run"], capture_output=True, check=False)
            runs, failed = runs + 1, failed + (done.returncode not in (0, 3))
        answers = [
            json.loads(reader.communicate()[0] or '{"versions": {}, "failures": ["no answer"]}') for reader in readers
        ]
    failures = [f for a in answers for f in a["failures"]]
    seen: dict[str, int] = {}
    for answer in answers:
        for version, count in answer["versions"].items():
            seen[version] = seen.get(version, 0) + count
    print(
        f"{sum(seen.values())} looks of {arguments.readers} processes during {runs} runs ({failed} failed) in "
        f"{time.monotonic() - began:.0f} s; {len(seen)} publications were seen; {len(failures)} failures"
    )
    print("\n".join(sorted(set(failures))[:10]))
    return 1 if failures or failed else 0


if __name__ == "__main__":
    sys.exit(main())
