"""The published file: its tables with their comments, made whole or only where tables changed, behind one name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.publish.snapshot import write_snapshot

COLUMNS = [
    # Of a table and a column that are not there: nothing is said of them, and the next ones have their comments.
    ("calendar", "actions", "What is to be done", "place", "Place"),
    ("calendar", "findings", "What was found", "gone", "A column of another version"),
    ("calendar", "findings", "What was found", "review_month", "Month that's reviewed"),
    ("calendar", "findings", "What was found", "finding_id", "Its id"),
    ("marts", "fct_use", "Days of use", "days", "Days"),
]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for schema in ("calendar", "marts", "raw", "reference"):
            con.execute(f"create schema {schema}")
        con.execute("create table calendar.findings as select '2026-10' as review_month, 'b' as finding_id union all "
                    "select '2026-10', 'a'")  # fmt: skip
        con.execute("create table marts.fct_use as select '2026-10' as review_month, 3 as days")
        con.execute("create table raw.not_made as select '2026-10' as review_month")
        con.execute("create table raw.last_made as select '2026-10' as review_month")
        con.execute("create table reference.rule_catalogue as select 'USE-01' as rule_id, '1' as rule_version")
        yield con


def asked(file: Path, statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(statement).fetchall()


def comments(file: Path, schema: str) -> dict[str, str | None]:
    rows = asked(
        file,
        f"select table_name, comment from duckdb_tables() where schema_name = '{schema}' union all select "
        f"table_name || '.' || column_name, comment from duckdb_columns() where schema_name = '{schema}'",
    )
    return {name: text for name, text in rows if text}


def test_the_file_holds_the_rows_in_order_and_says_what_they_are(con, tmp_path: Path):
    file = tmp_path / "published" / "selfaudit.duckdb"
    assert write_snapshot(con, file, tmp_path / "scratch", COLUMNS) == 2 + 5
    assert asked(file, "select * from calendar.findings") == [("2026-10", "a"), ("2026-10", "b")]
    assert comments(file, "calendar") == {
        "findings": "What was found",
        "findings.review_month": "Month that's reviewed",
        "findings.finding_id": "Its id",
    }
    assert comments(file, "marts") == {"fct_use": "Days of use", "fct_use.days": "Days"}
    assert asked(file, "select * from meta.columns") == COLUMNS
    of_meta = comments(file, "meta")
    # The columns between the two are not there.
    assert (of_meta["rule_catalogue.rule_id"], of_meta["rule_catalogue.rule_version"][:7]) == ("Rule", "Version")
    assert of_meta["columns.schema_name"] == "Schema" and of_meta["columns"].startswith("Grain")
    assert {name.partition(".")[0] for name in of_meta} == {"columns", "measures", "rule_catalogue"}
    assert list((tmp_path / "scratch").iterdir()) == []


def test_only_tables_that_changed_are_made_again_and_keep_their_comments(con, tmp_path: Path):
    file = tmp_path / "selfaudit.duckdb"
    write_snapshot(con, file, tmp_path, COLUMNS)
    before = comments(file, "calendar")
    con.execute("delete from calendar.findings where finding_id = 'a'")
    con.execute("update marts.fct_use set days = 9")
    assert write_snapshot(con, file, tmp_path, COLUMNS, only=["findings"]) == 1 + 5
    assert asked(file, "select finding_id from calendar.findings") == [("b",)]
    assert asked(file, "select days from marts.fct_use") == [(3,)], "what is not named stays as it was"
    assert comments(file, "calendar") == before
    assert comments(file, "marts") == {"fct_use": "Days of use", "fct_use.days": "Days"}


def test_without_a_file_that_stands_every_table_is_made(con, tmp_path: Path):
    assert write_snapshot(con, tmp_path / "new.duckdb", tmp_path, COLUMNS, only=[]) == 2 + 5


def test_what_may_not_be_said_is_cleaned_before_the_file_is_seen_and_a_failure_leaves_the_former_one(
    con, tmp_path: Path
):
    file = tmp_path / "selfaudit.duckdb"
    write_snapshot(con, file, tmp_path, [], clean=lambda name: con.execute(f"delete from {name}.calendar.findings"))
    assert asked(file, "select count(*) from calendar.findings") == [(0,)]

    def fails(name: str) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        write_snapshot(con, file, tmp_path, [], clean=fails)
    assert asked(file, "select count(*) from calendar.findings") == [(0,)]
    # The connection is free for the next run.
    assert write_snapshot(con, file, tmp_path, []) == 2 + 5
    assert asked(file, "select count(*) from calendar.findings") == [(2,)]
