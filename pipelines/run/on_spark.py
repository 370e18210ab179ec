"""The models of a run on Spark, instead of the dbt call (SELFAUDIT_ENGINE=spark): a process in Spark's environment
makes them all from the warehouse, and what publishing reads is copied back.

The warehouse has the same role as on DuckDB: it holds the history of what is published, passed to Spark in every run.
Spark keeps nothing between runs. Holds no SQL of models; `pipelines/spark/build.py` is the process. Source:
docs/decisions/0046.
"""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from pipelines.resources.modes import OWNER, only_for
from pipelines.run.dbt_call import COLUMNS, PREPARED, NodeResult, TransformError
from pipelines.run.dbt_graph import Graph
from pipelines.run.progress import Progress, silent
from pipelines.run.statements import INCREMENTAL, CheckFailedError, Statements, check, read_statements
from pipelines.run.stubs import drop_relation, known_columns
from pipelines.settings import ROOT, SPARK, Settings, spark_remote
from pipelines.warehouse import attach_beside, connect, transaction

PUBLISHED = ("calendar", "marts")
# What publishing reads of the intermediate tables (pipelines/publish/versions.py).
READ_BY_PUBLISHING = {"int_month_state"}
DEFAULT_PORT = 15002
CONNECT_SECONDS = 5.0
# How many models a message names.
NAMED = 3


def hindrance(settings: Settings) -> str | None:
    """Why a run cannot have its models made on Spark, and what to do; None if there is no known obstacle, or if DuckDB
    makes them.
    """
    if settings.engine != SPARK:
        return None
    if not settings.spark_interpreter.is_file():
        return (
            f"SELFAUDIT_ENGINE is spark, and there is no environment for Spark: {settings.spark_interpreter} is not "
            "there. `make spark` in a checkout makes it; SELFAUDIT_SPARK_PYTHON names the Python of another one."
        )
    remote = spark_remote()
    address = urlsplit(remote)
    if address.scheme != "sc" or not address.hostname:
        return (
            f"SELFAUDIT_ENGINE is spark, and SPARK_REMOTE is '{remote}'; expected the address of a Spark Connect "
            f"server, for example sc://127.0.0.1:{DEFAULT_PORT}. docs/scale.md says how one is started on this machine."
        )
    place = (address.hostname, address.port or DEFAULT_PORT)
    try:
        socket.create_connection(place, CONNECT_SECONDS).close()
    except OSError as error:
        return (
            f"SELFAUDIT_ENGINE is spark, and nothing answers at {place[0]}:{place[1]}, which SPARK_REMOTE names: "
            f"{error.strerror or error}. Start the Spark Connect server, or unset SELFAUDIT_ENGINE."
        )
    return None


def build(settings: Settings, graph: Graph, progress: Progress = silent) -> list[NodeResult]:
    """Make every model for the months of raw.run_month on Spark, and copy back what is published. The warehouse must
    not be open.

    Raises TransformError if there is an obstacle or a model or test fails: the rows of the warehouse are then
    unchanged.
    """
    if hindered := hindrance(settings):
        raise TransformError(hindered)
    known = read_statements()
    if known is None:
        raise TransformError(
            "The models were edited since they were compiled, and what Spark needs of them is not known: run "
            "`python -m pipelines.run.prepare`."
        )
    settings.lake.mkdir(parents=True, exist_ok=True)
    if not settings.spark_lake:
        only_for(settings.lake, OWNER)
    made, results = settings.scratch / "spark.duckdb", settings.lake / "results.json"
    results.unlink(missing_ok=True)
    try:
        _run(settings, _history(known), _unpublished_tables(known), made, results, progress)
        nodes = _results(results)
        with connect(settings) as connection:
            types = _types(connection, graph)
            attach_beside(connection, made, "spark")
            try:
                with transaction(connection):
                    _copy_back(connection, known, types)
                    _check(connection, known, nodes)
            finally:
                connection.execute("detach spark")
    finally:
        made.unlink(missing_ok=True)
    return graph.in_order(nodes)


def _types(connection: duckdb.DuckDBPyConnection, graph: Graph) -> dict[str, list[tuple[str, str]]]:
    """Model → its columns in order with their types, as documented, else as DuckDB makes them."""
    found = known_columns(connection, PREPARED / COLUMNS)
    for name, columns in graph.columns.items():
        typed = [(column, kind) for column, kind in columns if kind]
        if graph.schema[name] in PUBLISHED and len(typed) == len(columns):
            found[name] = typed
    return found


def _history(known: Statements) -> list[str]:
    """Published tables, and others kept across runs, whose rows of other months a model reads."""
    return sorted(
        f"{s.schema}.{n}"
        for n, s in known.models.items()
        if s.kind == INCREMENTAL and (known.children[n] or s.place_in_sql in s.sql)
    )


def _unpublished_tables(known: Statements) -> list[str]:
    """Unpublished tables that are copied back: those kept across runs, and those that publishing and its tests read."""
    tests = [t for t in known.tests if known.models[t.tested].schema in PUBLISHED]
    names = READ_BY_PUBLISHING | {n for n, s in known.models.items() if s.kind == INCREMENTAL}
    names = names.union(*(t.parents for t in tests))
    return sorted(f"{known.models[n].schema}.{n}" for n in names if known.models[n].schema not in PUBLISHED)


def _run(
    settings: Settings, history: list[str], besides: list[str], made: Path, results: Path, progress: Progress
) -> None:
    """Run the process that makes the models. Raises TransformError."""
    command = [str(settings.spark_interpreter), "-m", "pipelines.spark.build", str(settings.warehouse)]
    command += ["--lake", str(settings.lake), "--to", str(made), "--results", str(results), "--clear"]
    command += ["--history", *history, "--besides", *besides]
    errors = settings.scratch / "spark.log"
    # In a checkout, Spark's environment finds the program in its working directory; otherwise it is installed there.
    with errors.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                progress(f"Spark: {line.strip()}")
        except BaseException:  # stopping the run stops the process
            process.terminate()
            raise
        finally:
            process.wait()
    if process.returncode:
        raise TransformError(_error_text(results, errors), _results(results) if results.is_file() else ())
    errors.unlink(missing_ok=True)


def _error_text(results: Path, errors: Path) -> str:
    """Error text of a failed process."""
    failed = [n for n in _results(results) if n.failed] if results.is_file() else []
    if failed:
        named = "; ".join(f"{n.name}: {n.message.strip().splitlines()[0]}" for n in failed[:NAMED])
        more = f"; and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
        return f"Spark did not make {len(failed)} of the models: {named}{more}. Nothing of this run is published."
    lines = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"Spark made nothing: {lines[-1] if lines else 'it said nothing'}"


def _results(file: Path) -> list[NodeResult]:
    """Results of dbt on Spark, by model."""
    return [
        NodeResult(f"model.selfaudit.{r['name']}", "model", r["status"], r["seconds"], r["message"], 0)
        for r in json.loads(file.read_text(encoding="utf-8"))
    ]


def _copy_back(
    connection: duckdb.DuckDBPyConnection, known: Statements, types: dict[str, list[tuple[str, str]]]
) -> None:
    """Replace the rows of the run's months by those of the attached database `spark`."""
    here = set(_tables(connection, "current_database()"))
    for schema, table in _tables(connection, "'spark'"):
        place = f'{schema}."{table}"'
        if known.models[table].kind == INCREMENTAL and (schema, table) in here:
            connection.execute(f"delete from {place} where review_month in (select review_month from raw.run_month)")
            connection.execute(f"insert into {place} by name select * from spark.{place}")
            continue
        columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types[table])
        drop_relation(connection, schema, table)
        connection.execute(f"create table {place} as select {columns} from spark.{place}")


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    return connection.execute(
        f"select schema_name, table_name from duckdb_tables() where database_name = {database} "
        "and not temporary order by all"
    ).fetchall()


def _check(connection: duckdb.DuckDBPyConnection, known: Statements, nodes: list[NodeResult]) -> None:
    """Run the tests of what is published on the copied rows. Raises TransformError."""
    for test in known.tests:
        if known.models[test.tested].schema not in PUBLISHED:
            continue
        name = f"test.selfaudit.{test.name}"
        try:
            check(connection, test)
        except CheckFailedError as error:
            nodes.append(NodeResult(name, "test", "fail", 0.0, str(error), error.rows))
            raise TransformError(str(error), nodes) from error
        nodes.append(NodeResult(name, "test", "pass", 0.0, "", 0))
