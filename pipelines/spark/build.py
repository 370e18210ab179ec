"""`python -m pipelines.spark.build WAREHOUSE --lake DIR --to FILE`: makes every model on the Spark of SPARK_REMOTE.

Takes the tables that ingestion wrote from a warehouse file, which is only read, makes the models for the months of
raw.run_month, and writes what is published into a DuckDB file. In the environment of `make spark`.
"""

from __future__ import annotations

import argparse
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
    parser.add_argument("--select", nargs="*", default=[], help="models, in dbt's words; all without")
    given = parser.parse_args(arguments)
    if not given.warehouse.is_file():
        parser.error(f"{given.warehouse}: there is no such file; a run makes it: selfaudit run")
    if not spark_remote():
        parser.error("SPARK_REMOTE is not set: the address of a Spark Connect server, for example sc://127.0.0.1:15002")
    # That pandas 3 is new to PySpark, which is used without pandas; that the catalogue is the server's to choose.
    for category in (FutureWarning, UserWarning):
        warnings.filterwarnings("ignore", category=category, module="pyspark")

    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    begun = monotonic()
    with connect_file(given.warehouse) as warehouse:
        tables = lake.write_sources(warehouse, given.lake.resolve())
    lake.register(spark, tables)
    print(f"{len(tables)} tables on the lake, {monotonic() - begun:.0f} s", flush=True)
    begun = monotonic()
    made, failed = _run(given.lake.resolve(), given.select)
    print(f"{made} models made, {len(failed)} not, {monotonic() - begun:.0f} s", flush=True)
    for name, message in failed:
        print(f"{name}: {message}", file=sys.stderr)
    begun = monotonic()
    given.to.unlink(missing_ok=True)
    print(f"{lake.read_published(spark, given.to)} tables in {given.to}, {monotonic() - begun:.0f} s")
    return 1 if failed else 0


def _run(folder: Path, select: list[str]) -> tuple[int, list[tuple[str, str]]]:
    """dbt run on Spark: how many models were made, and (model, reason) of the others."""
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
    results: Any = ended.result
    nodes = [(r.node.name, str(r.status), str(r.message or "")) for r in results]
    failed = [
        (name, message.split("JVM stacktrace")[0].strip() or status)
        for name, status, message in nodes
        if status != "success"
    ]
    return len(nodes) - len(failed), failed


if __name__ == "__main__":
    sys.exit(main())
