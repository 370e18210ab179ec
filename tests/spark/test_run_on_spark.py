"""A run whose models Spark makes: what it asks of Spark's process, what it takes of what that made, and what it says
where it cannot. Spark itself is not here: a program of a few lines stands for its process. The whole run:
test_same_rows.py.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipelines.defs.build import build_definitions
from pipelines.ingest.write.schema import begin_run, ensure_schema
from pipelines.partitions import as_of
from pipelines.reference.predicate import ensure_predicate_schema
from pipelines.reference.resolve import ensure_reference_schema
from pipelines.run import dbt_call, on_spark
from pipelines.run.dbt_call import TransformError
from pipelines.run.dbt_graph import Graph, read_graph
from pipelines.run.models import subjects
from pipelines.run.months import batches_of, set_months
from pipelines.run.progress import INGEST, TRANSFORM
from pipelines.run.statements import INCREMENTAL, read_statements
from pipelines.settings import SPARK, Settings, SettingsError, load_settings
from pipelines.warehouse import connect

MART, REGISTER = "fct_usage_monthly", "file_register"
MADE = [{"name": MART, "status": "success", "seconds": 1.5, "message": "OK"}]
FAILED = [{"name": MART, "status": "error", "seconds": 0.1, "message": "Runtime Error in model\n  no such column"}]


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return read_graph(dbt_call.prepare_manifest(Settings(data=tmp_path / "data")), subjects())


@pytest.fixture
def settings(tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse set to October, with a row of September and one of October; and a server that listens."""
    server = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{server.getsockname()[1]}/;user_id=ada")
    found = Settings(data=tmp_path / "data", engine=SPARK, spark_python=str(tmp_path / "python"))
    with connect(found) as connection:
        ensure_schema(connection)
        begin_run(connection)
        for month in ("2026-10", "2026-10~2026-11"):
            connection.execute(
                "insert into raw.run_month values (?, ?, '2026-10', '2026-11')", [month, as_of("2026-10")]
            )
        make_tables(connection, graph)
        connection.execute(
            f"insert into marts.{MART} (review_month, person_days) values ('2026-09', 1), ('2026-10', 2)"
        )
    yield found
    server.close()


def make_tables(connection: duckdb.DuckDBPyConnection, graph: Graph) -> None:
    """Every published table, without rows."""
    for name, columns in graph.columns.items():
        if graph.schema[name] in on_spark.PUBLISHED:
            connection.execute(f"create schema if not exists {graph.schema[name]}")
            typed = ", ".join(f'"{column}" {kind}' for column, kind in columns)
            connection.execute(f'create table {graph.schema[name]}."{name}" ({typed})')


@pytest.fixture
def process(tmp_path: Path, graph: Graph) -> Callable[..., Path]:
    """Makes the program that stands for Spark's process: what it makes, says of it and ends with. The file that it
    returns has its arguments afterwards, one a line.
    """

    def make(rows: str = "", results: list[dict[str, object]] | None = None, code: int = 0, error: str = "") -> Path:
        made, said, asked = tmp_path / "made.duckdb", tmp_path / "said.json", tmp_path / "asked"
        with duckdb.connect(str(made)) as connection:
            make_tables(connection, graph)
            connection.execute("create schema intermediate")
            for name in ("int_month", "int_month_state", "int_charge_month"):
                columns = on_spark.known_columns(connection, on_spark.PREPARED / on_spark.COLUMNS)[name]
                typed = ", ".join(f'"{column}" {kind}' for column, kind in columns)
                connection.execute(f"create table intermediate.{name} ({typed})")
            connection.execute(rows or "select 1")
        if results is not None:
            said.write_text(json.dumps(results))
        program = tmp_path / "python"
        program.write_text(
            "#!/bin/sh\n"
            f'printf "%s\\n" "$@" > {asked}\n'
            'while [ $# -gt 0 ]; do case "$1" in --to) to="$2";; --results) results="$2";; esac; shift; done\n'
            f"echo '50 models'\necho '{error}' >&2\n"
            f'cp {made} "$to"\n' + (f'cp {said} "$results"\n' if results is not None else "") + f"exit {code}\n"
        )
        program.chmod(0o755)
        return asked

    return make


def rows_of(settings: Settings, table: str = f"marts.{MART}") -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        return connection.execute(f"select review_month, person_days from {table} order by all").fetchall()


def test_the_months_of_the_run_are_those_that_spark_made_and_other_months_stand(settings, graph, process):
    process(f"insert into marts.{MART} (review_month, person_days) values ('2026-10', 5), ('2026-10~2026-11', 6)", MADE)
    said: list[str] = []
    nodes = on_spark.build(settings, graph, said.append)
    assert rows_of(settings) == [("2026-09", 1), ("2026-10", 5), ("2026-10~2026-11", 6)]
    assert said == ["Spark: 50 models"]
    assert (nodes[0].name, nodes[0].status, nodes[0].seconds) == (MART, "success", 1.5)
    assert {n.status for n in nodes if n.resource_type == "test"} == {"pass"}
    assert not list(settings.scratch.glob("spark*"))


def test_spark_is_asked_for_what_models_and_publishing_read_and_leaves_nothing(settings, graph, process):
    asked = process("", MADE)
    on_spark.build(settings, graph)
    words = asked.read_text().splitlines()
    history = words[words.index("--history") + 1 : words.index("--besides")]
    besides = words[words.index("--besides") + 1 :]
    assert words[:3] == ["-m", "pipelines.spark.build", str(settings.warehouse)]
    assert "--clear" in words
    assert "calendar.findings" in history
    assert "intermediate.int_seat_history" in history
    assert f"marts.{MART}" not in history
    known = read_statements()
    assert known is not None
    kept = {
        f"intermediate.{n}" for n, s in known.models.items() if s.kind == INCREMENTAL and s.schema == "intermediate"
    }
    assert kept and kept | {"intermediate.int_month_state", "intermediate.int_month"} <= set(besides)


def test_columns_of_a_table_that_is_new_are_in_the_documented_order_and_of_the_documented_types(
    settings, graph, process
):
    process("", MADE)
    with connect(settings) as connection:
        connection.execute(f"drop table marts.{MART}")
    on_spark.build(settings, graph)
    with connect(settings) as connection:
        found = connection.execute(
            "select column_name, lower(data_type) from duckdb_columns() where table_name = ? order by column_index",
            [MART],
        ).fetchall()
    assert found == [(name, kind) for name, kind in graph.columns[MART]]


@pytest.mark.parametrize(
    ("results", "error", "said"),
    [
        (FAILED, "", f"Spark did not make 1 of the models: {MART}: Runtime Error in model"),
        (None, "Spark needs Java 17", "Spark made nothing: Spark needs Java 17"),
    ],
)
def test_where_spark_fails_the_warehouse_has_the_rows_that_it_had(settings, graph, process, results, error, said):
    process(f"insert into marts.{MART} (review_month, person_days) values ('2026-10', 5)", results, 1, error)
    with pytest.raises(TransformError, match=said):
        on_spark.build(settings, graph)
    assert rows_of(settings) == [("2026-09", 1), ("2026-10", 2)]


def test_what_the_tests_of_the_models_refuse_is_not_taken(settings, graph, process):
    process(
        f"insert into marts.{MART} (review_month, person_days) values ('2026-10', 5);"
        "insert into calendar.findings (review_month, finding_id) values ('2026-10', 'a'), ('2026-10', 'a')",
        MADE,
    )
    with pytest.raises(TransformError, match="findings"):
        on_spark.build(settings, graph)
    assert rows_of(settings) == [("2026-09", 1), ("2026-10", 2)]


def run_in_dagster(settings: Settings, name: str) -> dg.ExecuteInProcessResult:
    """A run of October of all assets of a step, as a click on everything has it in its job."""
    with connect(settings) as connection:
        ensure_reference_schema(connection)
        ensure_predicate_schema(connection)
        set_months(settings, connection, ["2026-10"])
    job = build_definitions(settings, "2026-10").resolve_implicit_global_asset_job_def()
    assets = job.asset_layer.asset_graph
    keys = [k for k in assets.get_all_asset_keys() if assets.get(k).assets_def.op.name == name]
    return job.execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), partition_key="2026-10", asset_selection=keys, raise_on_error=False
    )


def verdicts(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def test_a_run_of_dagster_has_spark_make_the_models_and_shows_them_with_their_checks(settings, process):
    process(f"insert into marts.{MART} (review_month, person_days) values ('2026-10', 5)", MADE)
    result = run_in_dagster(settings, TRANSFORM)
    assert result.success and rows_of(settings) == [("2026-09", 1), ("2026-10", 5)]
    (made,) = result.asset_materializations_for_node(TRANSFORM)
    assert (made.asset_key.path, made.partition) == (["marts", MART], "2026-10")
    assert made.metadata["dagster/partition_row_count"].value == 1
    assert verdicts(result)[f"{MART}_has_each_key_once"] and all(verdicts(result).values())


def test_a_run_of_dagster_says_which_check_what_spark_made_does_not_pass(settings, process):
    twice = "insert into calendar.findings (review_month, finding_id) values ('2026-10', 'a'), ('2026-10', 'a')"
    process(twice, MADE)
    result = run_in_dagster(settings, TRANSFORM)
    assert not result.success and rows_of(settings) == [("2026-09", 1), ("2026-10", 2)]
    assert [name for name, passed in verdicts(result).items() if not passed] == ["findings_has_each_key_once"]


def test_a_run_of_dagster_without_spark_ends_before_it_reads_a_file(settings):
    result = run_in_dagster(settings, INGEST)
    (failed,) = [e for e in result.all_events if e.is_step_failure]
    said = str(failed.step_failure_data.error)
    assert "there is no environment for Spark" in said and "`make spark`" in said, said
    assert not result.asset_materializations_for_node(INGEST)


def test_months_are_one_batch_where_spark_makes_them(settings):
    assert [b.months for b in batches_of(settings)] == [("2026-10",)]


def test_nothing_hinders_where_duckdb_makes_the_models(tmp_path, monkeypatch):
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    assert on_spark.hindrance(Settings(data=tmp_path)) is None


def test_what_hinders_is_said_with_what_to_do(settings, process, monkeypatch):
    assert "`make spark`" in str(on_spark.hindrance(settings))
    process("", MADE)
    assert on_spark.hindrance(settings) is None
    monkeypatch.setenv("SPARK_REMOTE", "127.0.0.1:15002")
    assert "expected the address of a Spark Connect server, for example sc://" in str(on_spark.hindrance(settings))
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{port}")
    assert f"nothing answers at 127.0.0.1:{port}" in str(on_spark.hindrance(settings))
    with pytest.raises(TransformError, match="nothing answers"):
        on_spark.build(settings, None)


def test_an_engine_that_is_not_known_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SELFAUDIT_ENGINE", "trino")
    with pytest.raises(SettingsError, match="SELFAUDIT_ENGINE is 'trino'; expected duckdb or spark"):
        load_settings(tmp_path)
    monkeypatch.setenv("SELFAUDIT_ENGINE", "Spark")
    monkeypatch.setenv("SELFAUDIT_SPARK_LAKE", "~/lake")
    found = load_settings(tmp_path)
    assert (found.engine, found.lake) == (SPARK, Path("~/lake").expanduser())
    assert found.spark_interpreter.parts[-3:] == (".venv-spark", "bin", "python")
