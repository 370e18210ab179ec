"""Why a model failed: the view that the error comes from, and the file and row of the value at fault."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.run.dbt_graph import Graph
from pipelines.run.failure_cause import cause_of, failing_views


def model(name: str, materialized: str, *reads: str) -> dict[str, object]:
    return {
        "name": name, "resource_type": "model", "schema": "staging", "config": {"materialized": materialized},
        "columns": {}, "depends_on": {"nodes": list(reads)},
    }  # fmt: skip


# A table reads a view, which reads a view, which reads inputs; another view stands beside. Of the first two inputs one
# has no texts and one does not know its files.
MODELS = [
    model(
        "stg_hr",
        "view",
        "source.selfaudit.raw.hr_workers",
        "source.selfaudit.raw.counts",
        "source.selfaudit.raw.aliases",
    ),
    model("int_hire", "view", "model.selfaudit.stg_hr"),
    model("int_sound", "view", "model.selfaudit.stg_hr"),
    model("int_person", "table", "model.selfaudit.int_hire", "model.selfaudit.int_sound"),
]


@pytest.fixture
def graph() -> Graph:
    return Graph({"nodes": {f"model.selfaudit.{m['name']}": m for m in MODELS}}, {})


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema raw")
        con.execute("create schema staging")
        con.execute(
            "create table raw.hr_workers (employee_id varchar, hired varchar, _src bigint, _file_no bigint, "
            "_row_number bigint, _drop varchar)"
        )
        con.execute("create table raw.counts as select 1 as seats, 2 as _src")
        con.execute("create table raw.aliases as select 'soon' as note")
        con.execute("create table raw.file_register (_file_no bigint, path varchar)")
        con.execute("insert into raw.file_register values (1, 'hr.csv'), (2, 'later.csv')")
        con.execute("create view staging.stg_hr as select * from raw.hr_workers")
        con.execute("create view staging.int_hire as select cast(hired as date) as hired from staging.stg_hr")
        con.execute("create view staging.int_sound as select employee_id from staging.stg_hr")
        yield con


def rows(con: duckdb.DuckDBPyConnection, *values: tuple[str, str, int, int, str]) -> None:
    """Rows of (employee_id, hired, file, row, drop)."""
    for employee, hired, file, row, drop in values:
        con.execute(
            "insert into raw.hr_workers values (?, ?, ?, ?, ?, ?)",
            [employee, hired, file * 10_000_000_000 + row, file, row, drop],
        )


def message(con: duckdb.DuckDBPyConnection, view: str) -> str:
    with pytest.raises(duckdb.Error) as raised:
        con.execute(f"select bit_xor(hash(v)) from staging.{view} as v").fetchall()
    return str(raised.value)


def test_a_table_that_failed_on_a_view_names_the_view_and_the_latest_row_with_the_value(con, graph):
    rows(con, ("1", "2026-01-01", 1, 1, "2026-01"), ("2", "soon", 1, 2, "2026-01"), ("3", "soon", 2, 9, "2026-02"))
    found = cause_of(con, graph, "int_person", message(con, "int_hire"))
    assert (found.model, found.place) == ("int_hire", "2026-02/later.csv, row 9, column hired")
    assert "soon" in found.reason
    assert found.sentence.startswith("the rule failed: int_hire: ") and found.sentence.endswith(f"({found.place})")


@pytest.mark.parametrize(
    "kind",
    ["date", "timestamp", "timestamptz", "time", "int", "bigint", "decimal(18, 2)", "double", "boolean", "interval"],
)
def test_the_row_is_found_whatever_the_value_could_not_be_read_as(con, graph, kind: str):
    rows(con, ("1", "soon", 1, 7, "2026-01"))
    con.execute(f"create or replace view staging.int_hire as select cast(hired as {kind}) as hired from staging.stg_hr")
    found = cause_of(con, graph, "int_person", message(con, "int_hire"))
    assert found.place == "2026-01/hr.csv, row 7, column hired"


def test_of_views_that_fail_the_one_that_the_others_stand_on_is_named(con, graph):
    rows(con, ("1", "soon", 1, 1, "2026-01"))
    con.execute("create or replace view staging.stg_hr as select *, cast(hired as date) as day from raw.hr_workers")
    assert cause_of(con, graph, "int_person", "some words").model == "stg_hr"


def test_a_view_that_failed_is_its_own_cause(con, graph):
    rows(con, ("1", "soon", 1, 1, "2026-01"))
    found = cause_of(con, graph, "int_sound", "Conversion Error: no value is quoted")
    assert (found.model, found.place) == ("int_sound", None)
    assert found.sentence == "the rule failed: int_sound: Conversion Error: no value is quoted"


def test_a_value_that_no_input_holds_has_no_place(con, graph):
    rows(con, ("1", "2026-01-01", 1, 1, "2026-01"))
    assert cause_of(con, graph, "int_person", "Could not convert string 'made up' to DATE").place is None


def test_an_input_without_rows_of_files_has_no_place(con, graph):
    con.execute("drop table raw.hr_workers cascade")
    con.execute("create table raw.hr_workers (hired varchar)")
    con.execute("insert into raw.hr_workers values ('soon')")
    assert cause_of(con, graph, "stg_hr", "Could not convert string 'soon' to DATE").place is None


def test_only_views_that_fail_are_found_and_tables_are_not_read(con, graph):
    rows(con, ("1", "soon", 1, 1, "2026-01"))
    assert list(failing_views(con, graph, [m["name"] for m in reversed(MODELS)])) == ["int_hire"]
