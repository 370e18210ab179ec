"""The same models on DuckDB and on Spark make the same rows: every table of `calendar` and `marts`, of two estates made
by different programs; and a run whose models Spark makes publishes what a run on DuckDB does.

Where models alone are compared, both engines begin with the tables that ingestion wrote, and with no history. Spark is
a master, two workers and a Connect server on loopback, in the environment of `make spark`; without it the tests skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.run import dbt_call
from pipelines.settings import SPARK, Settings
from pipelines.spark.compare import differences
from tests.conftest import COMMAND, ROOT, own_environment, selfaudit
from tests.oracle.spoilt import spoilt

PYTHON = ROOT / ".venv-spark" / "bin" / "python"
MADE = ("staging", "intermediate", "rules", "calendar", "marts", "kept")


def demo(data: Path) -> None:
    """The demo of 100 persons over three months."""
    assert selfaudit(data, "demo", "--persons", "100", "--months", "3", "--seed", "7").exit_code in (0, 3)


def invented(data: Path) -> None:
    """Four drops, each with another defect, of the estate that the oracle is held against."""
    spoilt(data / "landing", 31, ["part_subscriptions", "rejected_more", "unknown_more", "part_tokens"])
    assert selfaudit(data, "run").exit_code == 3


def made_by_duckdb(data: Path) -> Path:
    """The warehouse, its models made anew without history."""
    settings = Settings(data=data)
    with duckdb.connect(str(settings.warehouse)) as connection:
        for schema in MADE:
            connection.execute(f"drop schema if exists {schema} cascade")
    assert [n.name for n in dbt_call.build(settings) if n.failed] == []
    return settings.warehouse


def on_spark(warehouse: Path, folder: Path) -> Path:
    """What Spark makes of the sources of the warehouse."""
    lake, made = folder / "lake", folder / "spark.duckdb"
    build = [str(PYTHON), "-m", "pipelines.spark.build", str(warehouse), "--lake", str(lake), "--to", str(made)]
    done = subprocess.run(
        [str(PYTHON), "-m", "pipelines.spark.cluster", "--lake", str(lake), "--", *build],
        cwd=ROOT,
        env=own_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    return made


def with_spark(test: Callable[..., None]) -> Callable[..., None]:
    """A test that takes minutes, and skips where there is no Spark."""
    marks = [
        pytest.mark.thorough,
        pytest.mark.skipif(not PYTHON.exists(), reason="no environment for Spark: `make spark`"),
        pytest.mark.skipif(not shutil.which("java"), reason="no Java"),
    ]
    for mark in marks:
        test = mark(test)
    return test


@with_spark
@pytest.mark.parametrize("estate", [demo, invented])
def test_both_engines_make_the_same_rows(estate: Callable[[Path], None], tmp_path: Path) -> None:
    estate(tmp_path / "data")
    warehouse = made_by_duckdb(tmp_path / "data")
    tables, found = differences(warehouse, on_spark(warehouse, tmp_path))
    assert tables > 50
    assert [f"{d.table}: {d.said}" for d in found] == []


def run_twice(data: Path, landing: Path, environment: dict[str, str]) -> None:
    """A run over the first drop, then one over the second, which tells something new about the first."""
    first, second = sorted(drop.name for drop in landing.glob("20*"))[:2]
    shutil.copytree(landing / "reference", data / "landing" / "reference")
    for drop in (first, second):
        shutil.copytree(landing / drop, data / "landing" / drop)
        command = [str(COMMAND), "--data", str(data), "run"]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 3), done.stdout + done.stderr


@with_spark
def test_a_run_on_spark_publishes_what_a_run_on_duckdb_does(tmp_path: Path) -> None:
    spoilt(tmp_path / "landing", 31, ["part_subscriptions", "rejected_more"])
    run_twice(tmp_path / "duckdb", tmp_path / "landing", own_environment())
    script = "import sys; from tests.spark.test_same_rows import run_twice_on_spark; run_twice_on_spark(sys.argv[1])"
    cluster = [str(PYTHON), "-m", "pipelines.spark.cluster", "--lake", str(tmp_path / "lake"), "--"]
    done = subprocess.run(
        [*cluster, sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        env=own_environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    one, other = (tmp_path / engine / "published" / "selfaudit.duckdb" for engine in ("duckdb", "spark"))
    tables, found = differences(one, other)
    assert tables > 50
    assert [f"{d.table}: {d.said}" for d in found] == []
    assert selfaudit(tmp_path / "spark", "verify").exit_code == 0
    assert not list((tmp_path / "spark" / "state" / "lake").rglob("*.parquet"))


def run_twice_on_spark(folder: str) -> None:
    """What runs inside the cluster: SPARK_REMOTE is set."""
    environment = {**os.environ, "SELFAUDIT_ENGINE": SPARK}
    run_twice(Path(folder) / "spark", Path(folder) / "landing", environment)
