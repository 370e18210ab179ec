"""`make bench`: times of a month on a large plain estate, beside the limit of reading the same files. Prints a table; writes nothing into the repository.

Holds the measuring and the table. The estate is `estate`; peers stand in `peers/`. Whole processes, median of `--times` runs.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.estate import MONTH, write_estate
from benchmarks.peers.handwritten.run import OUTPUTS, RULES

LIMIT = """
import duckdb, sys
from pathlib import Path
con = duckdb.connect(config={"memory_limit": "1400MB"})
out = Path(sys.argv[2]); out.mkdir(parents=True, exist_ok=True)
for path in sorted(Path(sys.argv[1]).rglob("*.csv")):
    con.execute(f"select count(*) from read_csv('{path}', all_varchar=true, header=true)").fetchall()
    con.execute(f"copy (select * from read_csv('{path}', all_varchar=true, header=true)) to '{out / path.stem}.parquet' (format parquet)")
"""
INGEST = """
import sys
from pathlib import Path
from pipelines.run import ingestion
from pipelines.quality import beside
from pipelines.settings import Settings
beside.start()
ingestion.ingest(Settings(data=Path(sys.argv[1])), [sys.argv[2]])
"""
# What a run loads before it works: Python, dbt with the parsed project, Great Expectations in the process beside.
START = """
import sys
from pathlib import Path
from pipelines.quality import beside
from pipelines.settings import Settings
from pipelines.transform import begin_loading, wait_until_loaded
beside.start()
begin_loading(Settings(data=Path(sys.argv[1])))
wait_until_loaded()
beside.running().wait_until_loaded()
"""
FEW = 50


def timed(command: list[str], data: Path, times: int) -> tuple[float, float, int]:
    """Medians of seconds by the clock and of CPU seconds, of whole processes with those they start, and the greatest resident memory of one of them in MB.

    The data folder is emptied of results before each. CPU seconds tell more where others use the machine.
    """
    seconds, busy, peak = [], [], 0
    for _ in range(times):
        for folder in (data, data / "few"):
            for name in ("warehouse", "published", "state", "limit"):
                shutil.rmtree(folder / name, ignore_errors=True)
        start = time.perf_counter()
        done = subprocess.run(
            ["/usr/bin/env", sys.executable, "-c", _WATCH, *command], capture_output=True, text=True, check=False
        )
        seconds.append(time.perf_counter() - start)
        if done.returncode not in (0, 3):
            raise SystemExit(done.stdout + done.stderr)
        cpu, memory = done.stderr.strip().splitlines()[-1].split()
        busy.append(float(cpu))
        peak = max(peak, int(memory) // 1024)
    return statistics.median(seconds), statistics.median(busy), peak


_WATCH = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=500_000, help="use rows, and as many telemetry rows")
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        few = data / "few"
        write_estate(data / "landing", arguments.persons, arguments.rows, arguments.rows)
        write_estate(few / "landing", FEW, FEW * 50, FEW * 50)
        command = str(Path(sys.executable).with_name("selfaudit"))
        peer = [sys.executable, "-m", "benchmarks.peers.handwritten.run"]
        by_hand = [*peer, str(data / "landing"), MONTH, str(data / "limit" / "peer")]
        cases = {
            "limit (c): read once, write Parquet": [
                sys.executable,
                "-c",
                LIMIT,
                str(data / "landing"),
                str(data / "limit"),
            ],
            "ingestion alone": [sys.executable, "-c", INGEST, str(data), MONTH],
            "peer (a): the month by hand, DuckDB": by_hand,
            "peer (a), with its outputs as plain workbooks": [*by_hand, "workbooks"],
            "start-up: Python, dbt, Great Expectations": [sys.executable, "-c", START, str(data)],
            f"a month of {FEW} persons: start-up and steps": [command, "--data", str(few), "run", MONTH],
            "a month, files to published": [command, "--data", str(data), "run", MONTH],
        }
        print(
            f"{arguments.persons:,} persons, {arguments.rows:,} use rows, {arguments.rows:,} telemetry rows, median of {arguments.times}\n"
        )
        print(f"{'what':<46} {'seconds':>8} {'CPU':>8} {'peak MB':>8}")
        for name, case in cases.items():
            seconds, cpu, peak = timed(case, data, arguments.times)
            print(f"{name:<46} {seconds:>8.1f} {cpu:>8.1f} {peak:>8}", flush=True)
        differences = _compare(data / "published" / "selfaudit.duckdb", _peer(data))
        print(f"\nWhat peer (a) makes of the month: {_share(data / 'published' / 'selfaudit.duckdb')}")
        print(
            f"Findings of the {len(RULES)} rules of peer (a) that the month does not share, or with other numbers: {differences}"
        )
        print("Peer (b), pandas, is not a program of its own: benchmarks/peers/analyst reads our typed rows.")


def _peer(data: Path) -> Path:
    """Publication of peer (a) on the same landing zone, made once more because every timed run empties the folder."""
    from benchmarks.peers.handwritten.run import main as by_hand

    by_hand(data / "landing", MONTH, data / "peer")
    return data / "peer" / "published.duckdb"


def _compare(ours: Path, peer: Path) -> int:
    """Number of findings that only one of the two publications has, or that differ in number, money or severity."""
    with duckdb.connect() as con:
        con.execute(f"attach '{ours}' as ours (read_only); attach '{peer}' as peer (read_only)")
        columns = "finding_id, round(observed, 6), round(threshold, 6), round(excess, 6), exposure_amount, severity, assessability"
        known = ", ".join(f"'{r}'" for r in RULES)
        row = con.execute(
            f"""with a as (select {columns} from ours.calendar.findings where review_month = '{MONTH}' and rule_id in ({known})), b as (select {columns} from peer.findings)
            select count(distinct finding_id) from ((from a except from b) union all (from b except from a))"""
        ).fetchone()
        assert row is not None
        return int(row[0])


def _share(ours: Path) -> str:
    """How much of the month's work peer (a) does: rules, findings, outputs that have rows."""
    known = ", ".join(f"'{r}'" for r in RULES)
    with duckdb.connect(str(ours), read_only=True) as con:
        rules, by_peer, ran = con.execute(
            f"select count(*), count(*) filter (where rule_id in ({known})), count(*) filter (where assessability <> 'not_assessable') from calendar.rule_runs"
        ).fetchall()[0]
        findings, theirs = con.execute(
            f"select count(*), count(*) filter (where rule_id in ({known})) from calendar.findings"
        ).fetchall()[0]
        tables = [
            t
            for (t,) in con.execute("select table_name from duckdb_tables() where schema_name = 'calendar'").fetchall()
        ]
        filled = [t for t in tables if con.execute(f'select 1 from calendar."{t}" limit 1').fetchall()]
    made = len([t for t in filled if t in OUTPUTS])
    return (
        f"{by_peer} of {rules} rules ({ran} can run on this estate), {theirs} of {findings} findings, {made} of the {len(filled)} outputs that have rows, "
        "no page, evidence pack, quarantine or chain of publications"
    )


if __name__ == "__main__":
    main()
