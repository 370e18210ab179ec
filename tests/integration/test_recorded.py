"""`selfaudit run --record`: the same three steps as a run of Dagster's, kept in its storage."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import selfaudit


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("estate") / "data"
    made = selfaudit(data, "demo", "--persons", "100", "--months", "1", "--no-run")
    assert made.exit_code == 0, made.output
    return data / "landing"


def _published(data: Path) -> dict[str, str]:
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted((data / "published").rglob("*"))
        if p.is_file() and p.suffix != ".duckdb"
    }


def _runs(data: Path) -> list[tuple[str]]:
    with sqlite3.connect(next((data / "state").rglob("runs.db"))) as storage:
        return storage.execute("select status from runs").fetchall()


def test_a_recorded_run_publishes_the_same_bytes_and_is_in_the_storage(landing: Path, tmp_path: Path):
    plain, recorded = tmp_path / "plain", tmp_path / "recorded"
    for data, more in ((plain, []), (recorded, ["--record"])):
        shutil.copytree(landing, data / "landing")
        done = selfaudit(data, "run", *more)
        assert done.exit_code in (0, 3), done.output
    assert _published(plain)
    assert _published(plain) == _published(recorded)
    assert _runs(recorded) == [("SUCCESS",)]
    assert not list((plain / "state").rglob("runs.db"))


def test_a_step_that_fails_is_said_in_the_same_words_both_ways(landing: Path, tmp_path: Path):
    said = []
    for name, more in (("plain", []), ("recorded", ["--record"])):
        data = tmp_path / name
        shutil.copytree(landing, data / "landing")
        with (data / "landing" / "reference" / "prices.csv").open("a") as prices:
            prices.write("autocad,contract,,2020-01-01,1801,EUR\n")
        done = selfaudit(data, "run", *more)
        assert done.exit_code == 1, done.output
        said.append(
            [line.replace(str(data), "DATA") for line in done.output.splitlines() if line.startswith("selfaudit: ")]
        )
    assert said[0] == said[1] and "step ingest_landing failed: " in said[0][0]
