"""The comparison of two files finds what differs, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.spark.compare import differences, main

ROWS = "select * from (values (1, 'a'), (1, 'a'), (2, null)) as t (n, s)"


def file(path: Path, rows: str = ROWS, table: str = "marts.fct_x") -> Path:
    with duckdb.connect(str(path)) as connection:
        for schema in ("calendar", "marts", "raw"):
            connection.execute(f"create schema {schema}")
        connection.execute(f"create table {table} as {rows}")
        connection.execute("create table calendar.publications as select 1 as entry")
    return path


def test_the_same_rows_in_another_order_with_columns_in_another_order_are_no_difference(tmp_path, capsys):
    one = file(tmp_path / "one")
    other = file(tmp_path / "other", f"select s, n from ({ROWS}) order by n desc")
    assert differences(one, other) == (1, [])
    assert main([str(one), str(other)]) == 0
    assert capsys.readouterr().out == "1 tables compared, 0 differences\n"


@pytest.mark.parametrize(
    ("rows", "table", "said"),
    [
        (f"select distinct * from ({ROWS})", "marts.fct_x", "1 rows only in the first file, 0 only in the second"),
        (f"select n, coalesce(s, '') as s from ({ROWS})", "marts.fct_x", "1 rows only in the first file, 1 only"),
        (f"select cast(n as bigint) as n, s from ({ROWS})", "marts.fct_x", "other columns: n BIGINT, n INTEGER"),
        (f"select *, 1 as more from ({ROWS})", "marts.fct_x", "other columns: more INTEGER"),
        (ROWS, "raw.fct_x", "not in the second file"),
    ],
)
def test_what_differs_is_named(tmp_path, capsys, rows, table, said):
    one, other = file(tmp_path / "one"), file(tmp_path / "other", rows, table)
    assert main([str(one), str(other)]) == 1
    assert f"marts.fct_x: {said}" in capsys.readouterr().out


def test_a_table_that_only_the_second_file_has_is_a_difference(tmp_path):
    one, other = file(tmp_path / "one", table="raw.fct_x"), file(tmp_path / "other")
    assert differences(one, other)[1][0].said == "only in the second file"
