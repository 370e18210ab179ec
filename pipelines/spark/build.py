"""`python -m pipelines.spark.build WAREHOUSE --lake DIR --to FILE`: makes every model on the Spark of SPARK_REMOTE.

Takes the tables that ingestion wrote from a warehouse file, which is only read, makes the models for the months of
raw.run_month, and writes what is published into a DuckDB file. Begins without history, but for the tables that
`--history` names. In the environment of `make spark`; `selfaudit run` starts it where SELFAUDIT_ENGINE is spark.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from pathlib import Path
from time import monotonic
from typing import Any

from pipelines.settings import DBT_PROJECT, spark_remote
from pipelines.spark import lake
from pipelines.warehouse import connect_file


def main(arguments: list[str] | None = None) -> int:
    """0 where every model was made, else 1: those that were not are named, each with what Spark said."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path, help="the warehouse file, for example data/warehouse/selfaudit.duckdb")
    parser.add_argument("--lake", type=Path, required=True, help="folder for the sources, which Spark reads")
    parser.add_argument("--to", type=Path, required=True, help="DuckDB file for what is published")
    parser.add_argument(
        "--history",
        nargs="*",
        default=[],
        help="tables of which rows of months that are not made are read: schema.table",
    )
    parser.add_argument("--besides", nargs="*", default=[], help="tables that go into the file besides: schema.table")
    parser.add_argument("--results", type=Path, help="JSON file for what was done with each model")
    parser.add_argument("--clear", action="store_true", help="leave no row on the lake and in Spark")
    parser.add_argument("--select", nargs="*", default=[], help="models, in dbt's words; all without")
    given = parser.parse_args(arguments)
    if not given.warehouse.is_file():
        parser.error(f"{given.warehouse}: there is no such file; a run makes it: selfaudit run")
    if not spark_remote():
        parser.error("SPARK_REMOTE is not set: the address of a Spark Connect server, for example sc://127.0.0.1:15002")
    # What a statement that fails says is in its error; PySpark logs it once more, with the stack of the server.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    # That pandas 3 is new to PySpark, which is used without pandas; that the catalogue is the server's to choose.
    for category in (FutureWarning, UserWarning):
        warnings.filterwarnings("ignore", category=category, module="pyspark")

    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    folder = given.lake.resolve()
    try:
        return _build(spark, given, folder)
    finally:
        if given.clear:
            lake.clear(spark, folder)


def _build(spark: Any, given: argparse.Namespace, folder: Path) -> int:
    begun = monotonic()
    with connect_file(given.warehouse) as warehouse:
        tables = lake.write_sources(warehouse, folder)
        history = lake.write_history(warehouse, folder, given.history)
    lake.begin(spark)
    lake.register(spark, tables)
    lake.register_history(spark, history)
    print(f"{len(tables)} tables on the lake, {len(history)} with history, {monotonic() - begun:.0f} s", flush=True)
    begun = monotonic()
    made, failed = _run(folder, given.select, given.results)
    print(f"{made} models made, {len(failed)} not, {monotonic() - begun:.0f} s", flush=True)
    for name, message in failed:
        print(f"{name}: {message}", file=sys.stderr)
    if failed and given.results:  # whoever asks for results takes all or nothing
        return 1
    begun = monotonic()
    given.to.unlink(missing_ok=True)
    print(f"{lake.read_made(spark, given.to, given.besides)} tables in {given.to.name}, {monotonic() - begun:.0f} s")
    return 1 if failed else 0


def _run(folder: Path, select: list[str], to: Path | None) -> tuple[int, list[tuple[str, str]]]:
    """dbt run on Spark: how many models were made, and (model, reason) of the others. to: JSON file for the results."""
    from dbt.cli.main import dbtRunner

    from pipelines.spark.driver import use_driver

    use_driver()
    arguments = ["run", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target", "spark"]
    arguments += [
        "--target-path",
        str(folder / "dbt"),
        "--log-path",
        str(folder / "dbt" / "logs"),
        "--log-level",
        "none",
    ]
    arguments += ["--no-send-anonymous-usage-stats", *(["--select", *select] if select else [])]
    done = []

    def on_event(event: Any) -> None:
        if event.info.name == "LogModelResult":
            done.append(event.data.node_info.node_name)
            if len(done) % 50 == 0:
                print(f"{len(done)} models", flush=True)

    ended = dbtRunner(callbacks=[on_event]).invoke(arguments)
    if ended.exception:
        raise SystemExit(f"dbt could not run: {ended.exception}")
    nodes = [_result(r) for r in ended.result]  # type: ignore[union-attr]
    if to:
        to.write_text(json.dumps(nodes), encoding="utf-8")
    failed = [(n["name"], n["message"] or n["status"]) for n in nodes if n["status"] != "success"]
    return len(nodes) - len(failed), failed


def _result(result: Any) -> dict[str, Any]:
    """What became of a model, without the stack of the server."""
    message = str(result.message or "").split("JVM stacktrace")[0].strip()
    seconds = round(result.execution_time, 3)
    return {"name": result.node.name, "status": str(result.status), "seconds": seconds, "message": message}


if __name__ == "__main__":
    sys.exit(main())
