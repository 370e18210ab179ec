"""`selfaudit run --record`: the same three steps as a run of Dagster's, kept in its storage."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import Reviewed, selfaudit
from tests.fault.surroundings import with_moment

BROKEN_FORECAST = """
from pipelines.forecast import pools
def broken(*arguments, **named):
    raise FloatingPointError("the forecast broke")
for name, of in list(vars(pools).items()):
    if getattr(of, "__module__", "") == pools.__name__ and not isinstance(of, type) and not name.startswith("_"):
        setattr(pools, name, broken)
"""


@pytest.fixture(scope="module")
def landing(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One month and the reference tables: every event of Dagster's takes its time."""
    landing = tmp_path_factory.mktemp("recorded") / "landing"
    for part in ("reference", "2026-10"):
        shutil.copytree(small.data / "landing" / part, landing / part)
    return landing


def _published(data: Path) -> dict[str, str]:
    return {
        str(p.relative_to(data)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted((data / "published").rglob("*"))
        if p.is_file() and p.suffix != ".duckdb"
    }


def _runs(data: Path) -> list[tuple[str]]:
    with sqlite3.connect(next((data / "state").rglob("runs.db"))) as storage:
        return storage.execute("select status from runs").fetchall()


@pytest.fixture(scope="module")
def plain(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The estate after a run that is not recorded."""
    data = tmp_path_factory.mktemp("plain") / "data"
    shutil.copytree(landing, data / "landing")
    done = selfaudit(data, "run")
    assert done.exit_code in (0, 3), done.output
    return data


@pytest.mark.thorough
def test_a_recorded_run_publishes_the_same_bytes_and_is_in_the_storage(plain: Path, landing: Path, tmp_path: Path):
    recorded = tmp_path / "recorded"
    shutil.copytree(landing, recorded / "landing")
    done = selfaudit(recorded, "run", "--record")
    assert done.exit_code in (0, 3), done.output
    assert _published(plain)
    assert _published(plain) == _published(recorded)
    assert _runs(recorded) == [("SUCCESS",)]
    assert not list((plain / "state").rglob("runs.db"))


@pytest.mark.thorough
def test_a_recorded_run_that_could_not_make_one_thing_publishes_the_rest_and_says_so(
    plain: Path, landing: Path, tmp_path: Path
):
    data = tmp_path / "data"
    shutil.copytree(landing, data / "landing")
    done = with_moment(data, BROKEN_FORECAST, "run", "--record")
    assert done.exit_code == 4, done.output
    assert "the forecast broke" in done.output and "Traceback" not in done.output
    wanted, found = ({k: v for k, v in _published(d).items() if k.endswith(".parquet")} for d in (plain, data))
    taken = {k.split("/")[1] for k in wanted.keys() ^ found.keys()}
    assert taken == {"token_forecast", "token_backtest"}
    # Dependent on every output, by what they are.
    told = {"publications", "review_calendar"}
    assert {k for k in found if found[k] != wanted[k] and k.split("/")[1] not in told} == set()
    assert _runs(data) == [("FAILURE",)]


@pytest.mark.thorough
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
