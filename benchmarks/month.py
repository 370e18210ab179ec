"""`python -m benchmarks month`: one month of a large plain estate, beside the limit of reading the same files and the
hand-written script; medians.

Holds this table only; writes nothing into the repository.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import cases
from benchmarks.compare import compare_all
from benchmarks.estate import MONTH, write_estate
from benchmarks.measure import measure, median


def arguments_of(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=500_000, help="use rows, and as many telemetry rows")
    parser.add_argument("--times", type=int, default=5)
    parser.set_defaults(work=main)


def main(arguments: argparse.Namespace) -> int:
    """Measure and print; 1 if findings differ."""
    with tempfile.TemporaryDirectory() as folder:
        data, few = Path(folder) / "data", Path(folder) / "few"
        write_estate(data / "landing", arguments.persons, arguments.rows, arguments.rows)
        write_estate(few / "landing", cases.FEW, cases.FEW * 50, cases.FEW * 50)
        rows = {
            "limit (c): read once, write Parquet": (data, cases.limit(data)),
            "ingestion alone": (data, cases.ingestion(data, [MONTH])),
            "peer (a): the month by hand, DuckDB": (data, cases.peer("handwritten", data)),
            "peer (a), with its outputs as plain workbooks": (data, cases.peer("handwritten", data, workbooks=True)),
            "start-up: Python, dbt, Great Expectations": (few, cases.start_up(few)),
            f"a month of {cases.FEW} persons: start-up and steps": (few, cases.review(few, [MONTH])),
            "a month, files to published": (data, cases.review(data, [MONTH])),
        }
        print(
            f"{arguments.persons:,} persons, {arguments.rows:,} use rows, {arguments.rows:,} telemetry rows, median "
            f"of {arguments.times}\n"
        )
        print(f"{'what':<46} {'seconds':>8} {'CPU':>8} {'peak MB':>8}")
        for name, (where, command) in rows.items():
            found = median(command, arguments.times, lambda where=where: cases.empty(where))  # type: ignore[misc]
            print(f"{name:<46} {found.wall:>8.1f} {found.cpu:>8.1f} {found.peak_mb:>8}", flush=True)
        measure(cases.peer("handwritten", data))
        published = data / "published" / "selfaudit.duckdb"
        differences, text = compare_all(published, cases.publication("handwritten", data), "handwritten")
        print(f"\nPeer (a), {text}")
    return 1 if differences else 0
