"""Every output is written in one order: by its grain, empty cells first, then by every other column."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.publish.datasets import OUTPUT_ORDER, order_by


@pytest.mark.parametrize("output", sorted(OUTPUT_ORDER))
def test_the_grain_comes_first_and_every_other_column_after_it(output: str):
    grain = [*OUTPUT_ORDER[output]]
    text = order_by(["beside", *reversed(grain), "more"], output)
    names = [part.split('"')[1] for part in text.split(", ")]
    assert names == [*grain, "beside", "more"]


def test_empty_cells_are_first_and_ties_of_the_grain_fall_by_the_other_columns():
    rows = [("ENT-01", "B", 1), ("ENT-01", None, 2), ("ENT-01", "B", 0), ("ADM-01", "C", 9)]
    with duckdb.connect() as con:
        con.execute("create table t (rule_id varchar, team_alias varchar, observed integer)")
        con.executemany("insert into t values (?, ?, ?)", rows)
        order = order_by(["observed", "team_alias", "rule_id"], "findings")
        assert con.execute(f"select * from t order by {order}").fetchall() == [rows[3], rows[1], rows[2], rows[0]]
