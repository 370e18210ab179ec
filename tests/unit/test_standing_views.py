"""Views that a run leaves as they are: where the project, what ingestion loads and every view are what they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.run import dbt_call
from pipelines.run.dbt_call import NodeResult
from pipelines.run.dbt_graph import Graph
from pipelines.run.standing_views import remember_views, standing_views
from pipelines.settings import Settings, load_settings


def node(name: str, materialized: str, *reads: str) -> dict:
    return {
        "name": name, "resource_type": "model", "schema": "staging", "config": {"materialized": materialized},
        "columns": {}, "depends_on": {"nodes": [f"model.selfaudit.{r}" for r in reads]},
    }  # fmt: skip


GRAPH = Graph(
    {
        "nodes": {
            n["name"]: n for n in (node("top", "view", "middle"), node("middle", "table", "low"), node("low", "view"))
        }
    },
    {},
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(tmp_path)
    found.state.mkdir(parents=True)
    return found


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema raw; create schema staging; create table raw.users (a int, b int, c int)")
        con.execute("create view staging.low as select * exclude (a, b) from raw.users")
        con.execute("create view staging.top as select 1 as one")
        yield con


def test_views_stand_after_a_run_and_not_before_the_first(settings, con):
    assert standing_views(settings, con, GRAPH) == set()
    remember_views(settings, con, GRAPH)
    assert standing_views(settings, con, GRAPH) == {"low", "top"}


@pytest.mark.parametrize(
    "change",
    [
        "create or replace view staging.top as select cast(null as integer) as one where false",
        "drop view staging.top",
        "alter table raw.users add column d int",
        "alter table raw.users alter column c type varchar",
        "create schema reference; create table reference.prices (amount int)",
    ],
)
def test_a_stub_a_view_that_is_gone_or_another_raw_table_has_all_of_them_made_again(settings, con, change):
    remember_views(settings, con, GRAPH)
    con.execute(change)
    assert standing_views(settings, con, GRAPH) == set()


def test_an_edited_project_has_all_of_them_made_again(settings, con, monkeypatch):
    remember_views(settings, con, GRAPH)
    monkeypatch.setattr(dbt_call, "project_fingerprint", lambda: "another")
    assert standing_views(settings, con, GRAPH) == set()


def test_results_come_each_after_those_of_what_it_reads_and_tests_last():
    made = NodeResult("", "model", "success", 0.0, "", 0)
    nodes = [replace(made, unique_id=name, resource_type=kind) for name, kind in (
        ("test.selfaudit.a", "test"), ("model.selfaudit.top", "model"), ("model.selfaudit.low", "model"),
        ("model.selfaudit.middle", "model"))]  # fmt: skip
    assert [n.name for n in GRAPH.in_order(nodes)] == ["low", "middle", "top", "a"]
