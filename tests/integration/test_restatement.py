"""Versions of a month: late rows, corrected files, emptied months, and any order of arrival. Each test works on a copy
of the reviewed demo.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.publications import Entry, broken_link, read_chain
from tests.conftest import Reviewed, selfaudit

LATE = "2026-08"


def chain_of(data: Path) -> list[Entry]:
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as connection:
        return read_chain(connection)


def latest(data: Path, output: str, month: str) -> Entry:
    return [e for e in chain_of(data) if (e.output, e.review_month) == (output, month)][-1]


def query(data: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def partitions(data: Path) -> dict[str, bytes]:
    """Every partition that the chain covers, by its name; the calendar of reviews and the chain itself move with the
    runs.
    """
    published = data / "published"
    return {
        str(path.relative_to(published)): path.read_bytes()
        for path in sorted([*published.glob("*/review_month=*/*"), *published.glob("files/*/*")])
        if path.suffix in {".csv", ".parquet"} and path.stem not in {"review_calendar", "publications"}
    }


def test_late_rows_of_the_next_drops_are_in_the_month_as_it_stands_and_the_first_version_stays(demo: Reviewed):
    entry = latest(demo.data, "findings", LATE)
    assert (entry.version, entry.reason, entry.horizon, entry.state) == (2, "late rows", "2026-10", "settled")
    assert entry.rows_added + entry.rows_removed + entry.rows_changed > 0
    first = demo.data / "published" / "versions" / "findings" / f"review_month={LATE}" / "publication_version=1"
    now = demo.data / "published" / "findings" / f"review_month={LATE}" / "findings.parquet"
    read = "select * exclude (evidence) from read_parquet('{}', hive_partitioning = false)"
    with duckdb.connect() as connection:
        differ = connection.execute(
            f"select count(*) from ({read.format(first / 'findings.parquet')} except {read.format(now)})"
        ).fetchall()[0][0]
    assert differ == entry.rows_changed + entry.rows_removed
    assert (first / "findings.csv").read_text().splitlines()[1].startswith(f"{LATE},")


def test_a_month_is_provisional_until_the_second_drop_after_it_and_no_variant_is_left(demo: Reviewed):
    states = dict(query(demo.data, "select distinct review_month, state from calendar.licence_position"))
    assert states == {f"2026-{m:02d}": "settled" if m <= 8 else "provisional" for m in range(5, 11)}
    tables = query(
        demo.data,
        "select schema_name || '.' || table_name from duckdb_columns() where column_name = 'review_month' and "
        "schema_name in ('calendar', 'marts')",
    )
    assert tables
    for (table,) in tables:
        assert query(demo.data, f"select count(*) from {table} where contains(review_month, '~')") == [(0,)]
    reviews = query(
        demo.data,
        f"select publication_version from calendar.review_calendar where review_month = '{LATE}' and output = "
        "'deprovisioning_list' and not is_ahead",
    )
    assert reviews == [(latest(demo.data, "deprovisioning_list", LATE).version,)]


@pytest.mark.thorough
def test_any_order_of_arrival_of_drops_and_of_files_ends_in_the_same_publications(demo: Reviewed, tmp_path: Path):
    data = tmp_path / "data"
    (data / "landing").mkdir(parents=True)
    shutil.copytree(demo.data / "landing" / "reference", data / "landing" / "reference")
    first, then = ["2026-05", "2026-08", "2026-10"], ["2026-09", "2026-06", "2026-07"]
    # Of the latest drop, which nothing has settled, every second file comes with the rest.
    late = sorted(p for p in (demo.data / "landing" / "2026-10").rglob("*") if p.is_file())[::2]
    for arrived in (first, then):
        for drop in arrived:
            shutil.copytree(demo.data / "landing" / drop, data / "landing" / drop)
        for path in late:
            there = data / path.relative_to(demo.data)
            there.unlink() if arrived is first else shutil.copy2(path, there)
        done = selfaudit(data, "run")
        assert done.exit_code in (0, 3), done.output
    ours, theirs = partitions(data), partitions(demo.data)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert broken_link(chain_of(data)) == ""


@pytest.mark.thorough
def test_a_corrected_file_of_a_settled_month_restates_it_and_the_replay_knows(copied: Path):
    (file,) = [
        path
        for (path,) in query(
            copied,
            "select path from calendar.file_register where drop = '2026-07' and input = 'subscriptions' and verdict = "
            "'loaded'",
        )
        if path.endswith(".csv")
    ]
    path = copied / "landing" / "2026-07" / file
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    before = latest(copied, "licence_position", "2026-07")
    done = selfaudit(copied, "run")
    assert done.exit_code in (0, 3), done.output
    entry = latest(copied, "licence_position", "2026-07")
    assert (entry.version, entry.reason, entry.state) == (before.version + 1, "corrected file", "restated")
    assert query(copied, "select distinct state from calendar.licence_position where review_month = '2026-07'") == [
        ("restated",)
    ]
    # The months around it were made again and are what they were.
    assert latest(copied, "licence_position", "2026-08").state == "settled"
    assert selfaudit(copied, "verify").exit_code == 0
    replayed = selfaudit(copied, "replay", "2026-07")
    assert (replayed.exit_code, "everything is as it was published" in replayed.output) == (0, True), replayed.output


@pytest.mark.thorough
def test_a_month_whose_drop_was_emptied_becomes_empty(copied: Path):
    for path in sorted((copied / "landing" / "2026-10").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    done = selfaudit(copied, "run")
    assert done.exit_code == 3, done.output
    for output in ("findings", "licence_position", "deprovisioning_list", "token_burn", "auditor_count"):
        assert query(copied, f"select count(*) from calendar.{output} where review_month = '2026-10'") == [(0,)], output
    entry = latest(copied, "findings", "2026-10")
    assert (entry.version, entry.rows, entry.reason) == (2, 0, "withdrawn drop")
    assert query(copied, "select count(*) from calendar.findings where review_month = '2026-09'")[0][0] > 0
