"""Schema `bi` of the published file: no row is lost or doubled, and none is without its row of a dimension."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import duckdb
import pytest

from pipelines.publish.star import DIMENSIONS, UNKNOWN, write_star
from tests.bi.test_other_clients import ASK, CLIENTS, needs_clients
from tests.conftest import Reviewed


@pytest.fixture(scope="module")
def published(demo: Reviewed) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        yield connection


def value(connection: duckdb.DuckDBPyConnection, question: str) -> object:
    return connection.execute(question).fetchall()[0][0]


def test_every_published_table_is_there_with_as_many_rows(published):
    tables = published.execute(
        "select schema_name, table_name from duckdb_tables() where schema_name in ('calendar', 'marts')"
    ).fetchall()
    dimensions = {d.table for d in DIMENSIONS}
    for schema, table in tables:
        rows = value(published, f'select count(*) from {schema}."{table}"')
        unknown = (
            value(published, f'select count(distinct review_month) from marts."{table}"')
            if (table in dimensions)
            else 0
        )
        assert value(published, f'select count(*) from bi."{table}"') == rows + unknown, table


def test_every_surrogate_key_is_once_in_its_dimension_and_says_the_same_key(published):
    met = 0
    for dimension in DIMENSIONS:
        sk, key = f"{dimension.name}_sk", dimension.key
        assert value(published, f"select count(*) - count(distinct {sk}) from bi.{dimension.table}") == 0
        views = published.execute(
            "select table_name from duckdb_columns() where schema_name = 'bi' and column_name = ? and table_name <> ?",
            [sk, dimension.table],
        ).fetchall()
        for (view,) in views:
            met += 1
            wrong = value(
                published,
                f'select count(*) from bi."{view}" as f left join bi.{dimension.table} as d on d.{sk} = f.{sk} '
                f"where d.{sk} is null or (d.{key} is distinct from f.{key} and f.{sk} not like '%|{UNKNOWN}')",
            )
            assert wrong == 0, (view, sk)
    assert met > 40


def test_what_the_dimension_does_not_know_is_of_the_unknown_member_of_its_month_and_the_file_takes_any_name(tmp_path):
    path = tmp_path / "other.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as built; create schema built.calendar; create schema built.marts")
        connection.execute(
            "create table built.marts.dim_person as select '2026-10' as review_month, "
            "date '2026-10-01' as month_start, 'a' as person_key, 'Ann' as display_name; "
            "create table built.calendar.findings as "
            "select '2026-10' as review_month, unnest(['a', 'device:x', null]) as person_key"
        )
        assert write_star(connection, "built") == 2 == write_star(connection, "built")
        assert value(connection, "select current_database()") == "memory"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as anything (read_only)")
        rows = connection.execute("select person_key, person_sk from anything.bi.findings").fetchall()
        assert rows == [("a", "2026-10|a"), ("device:x", f"2026-10|{UNKNOWN}"), (None, f"2026-10|{UNKNOWN}")]
        unknown = connection.execute(f"from anything.bi.dim_person where person_sk like '%{UNKNOWN}'").fetchall()
        assert [str(v) for v in unknown[0]] == [f"2026-10|{UNKNOWN}", "2026-10", "2026-10-01", "None", UNKNOWN]


@needs_clients
def test_the_oldest_client_promised_joins_on_one_column(demo: Reviewed, published):
    question = (
        "select o.offering_name, count(*) as seats from bi.fct_assignment_monthly as f "
        "inner join bi.dim_offering as o on o.offering_sk = f.offering_sk group by all order by all"
    )
    done = subprocess.run(
        [str(CLIENTS / "python"), "-c", ASK, str(demo.published), question],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[1] == [list(row) for row in published.execute(question).fetchall()]
