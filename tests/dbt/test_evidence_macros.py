"""What the macros of evidence make of lists of rows: sorted, distinct, at most 20. Runs on DuckDB alone."""

from __future__ import annotations

import duckdb

from tests.dbt.macros import macros

sql = macros()


def made(expression: str, rows: str = "(values (1)) as t (n)") -> list[int]:
    with duckdb.connect() as con:
        ((found,),) = con.execute(f"select {expression} from {rows}").fetchall()
    return list(found)


def test_evidence_of_a_group_is_its_first_twenty_rows_in_order_each_once():
    assert made(sql("evidence", "n"), "(select 30 - i % 30 as n from range(60) as r (i))") == list(range(1, 21))
    assert made(sql("evidence", "n"), "(values (3), (1), (3)) as t (n)") == [1, 3]
    assert made(sql("evidence_of", "7")) == [7]
    assert made(sql("no_evidence")) == []


def test_of_two_lists_at_most_ten_rows_of_the_first_stay_and_the_second_fills_up():
    first, second = "range(1, 16)", "range(101, 131)"
    assert made(sql("joined_evidence", first, second)) == [*range(1, 11), *range(101, 111)]
    assert made(sql("joined_evidence", "range(1, 4)", second)) == [1, 2, 3, *range(101, 118)]
    assert made(sql("joined_evidence", "[2, 1]", "[2, 3]")) == [1, 2, 3]


def test_rows_beside_the_evidence_are_always_in_it():
    full = "range(1, 21)"
    assert made(sql("evidence_with", full, "200", "100")) == [*range(1, 19), 100, 200]
    assert made(sql("evidence_with", full, "200")) == [*range(1, 19), 200]
    assert made(sql("evidence_with", "[1]", "1", "null")) == [1]
