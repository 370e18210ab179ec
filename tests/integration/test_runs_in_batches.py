"""A run whose months do not fit the memory limit: made in batches, ended between two of them, gone on with. It
publishes the bytes of a run in one piece.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.commands.run import run
from pipelines.run import batches
from pipelines.run import months as run_months
from pipelines.settings import load_settings
from tests.conftest import Reviewed

# Too little for the estate in one piece: models spill, and some run again with one thread.
LIMIT = "100MB"


def published_files(data: Path) -> dict[str, bytes]:
    """Every published file but the DuckDB file, whose bytes depend on how it was written."""
    folder = data / "published"
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.suffix != ".duckdb"
    }


def published_tables(data: Path) -> dict[str, list[tuple]]:
    with closing(duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True)) as con:
        names = con.execute(
            "select schema_name || '.\"' || table_name || '\"' from duckdb_tables() order by 1"
        ).fetchall()
        return {name: con.execute(f"select * from {name}").fetchall() for (name,) in names}


@pytest.mark.thorough
def test_a_run_in_batches_that_is_ended_and_gone_on_with_publishes_what_one_in_one_piece_does(
    small: Reviewed, tmp_path: Path, monkeypatch
):
    data = tmp_path / "data"
    shutil.copytree(small.data / "landing", data / "landing")
    settings = replace(load_settings(data), memory_limit=LIMIT)
    # Few persons: a row weighs so much here that two batches come of two months.
    monkeypatch.setattr(batches, "MEMORY_OF_ROW", settings.memory_bytes // 20_000)
    begun: list[tuple[str, ...]] = []
    begin_batch = run_months.begin_batch

    def begin(settings, months):
        begun.append(months)
        if len(begun) > 1:
            raise KeyboardInterrupt
        begin_batch(settings, months)

    monkeypatch.setattr(run_months, "begin_batch", begin)
    drops = sorted(p.name for p in (data / "landing").glob("20*"))
    asked = f"{drops[0]}..{drops[-1]}"
    with pytest.raises(KeyboardInterrupt):
        run(settings, asked, None, as_json=False, record=False)
    assert [*begun[0], *begun[1]] == drops
    assert published_months(data) == set(begun[0]), "months that are done stay done"
    pack = data / "published" / "packs" / f"{drops[0]}.zip"
    made_at = pack.stat().st_mtime_ns
    assert run(settings, asked, None, as_json=False, record=False) in (0, 3)
    assert pack.stat().st_mtime_ns == made_at, "a published month is not made again"
    assert published_files(data) == published_files(small.data)
    # What the latest run made a month for is another thing where a run was gone on with.
    found, wanted = published_tables(data), published_tables(small.data)
    months = [[row[0] for row in tables.pop('meta."last_made"')] for tables in (found, wanted)]
    assert months[0] == months[1] == drops
    assert found == wanted


def published_months(data: Path) -> set[str]:
    return {row[0] for row in published_tables(data)['calendar."rule_runs"']}
