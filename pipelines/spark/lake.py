"""Tables between a DuckDB warehouse and a lake: a folder of Parquet files that Spark reads and writes.

Knows schemas and types, not what a table means.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse import connect_file

# What ingestion writes and the models read.
SOURCES = ("raw", "reference")
# What is published.
PUBLISHED = ("calendar", "marts")
# All that models make.
MADE = ("staging", "intermediate", "rules", *PUBLISHED)
# Folders of a lake that hold rows, apart from the tables of Spark itself.
OF_SOURCES, OF_HISTORY = "sources", "history"
# Types that Parquet or Spark does not have, by what they become.
_OTHER_TYPES = {"HUGEINT": "decimal(38,0)", "UBIGINT": "decimal(20,0)"}
# Every month of the run, with its variants.
_OF_RUN = "review_month in (select review_month from raw.run_month)"


def write_sources(warehouse: duckdb.DuckDBPyConnection, lake: Path) -> list[tuple[str, Path]]:
    """Every table of SOURCES as a Parquet file in a folder of its own: (`raw.users`, folder). Whole numbers of more
    than 63 bits become decimals.
    """
    found = warehouse.execute(
        "select schema_name, table_name from duckdb_tables() where list_contains(?, schema_name) order by all",
        [list(SOURCES)],
    ).fetchall()
    return [(f"{s}.{t}", _write(warehouse, s, t, lake / OF_SOURCES / s / t)) for s, t in found]


def write_history(warehouse: duckdb.DuckDBPyConnection, lake: Path, tables: Sequence[str]) -> list[tuple[str, Path]]:
    """The rows of these tables (`calendar.findings`) that are of other months than the run's, as `write_sources` does;
    tables that are not there, or have none, are left out.
    """
    written = []
    there = warehouse.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    for name in sorted({t for (t,) in there} & set(tables)):
        schema, table = name.split(".")
        if warehouse.execute(f'select 1 from {schema}."{table}" where not {_OF_RUN} limit 1').fetchall():
            folder = lake / OF_HISTORY / schema / table
            written.append((name, _write(warehouse, schema, table, folder, f"not {_OF_RUN}")))
    return written


def _write(warehouse: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path, where: str = "true") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    columns = warehouse.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ? "
        "order by column_index",
        [schema, table],
    ).fetchall()
    selected = ", ".join(f'cast("{name}" as {_OTHER_TYPES.get(kind, kind)}) as "{name}"' for name, kind in columns)
    file = str(folder / "rows.parquet").replace("'", "''")
    warehouse.execute(f"copy (select {selected} from {schema}.\"{table}\" where {where}) to '{file}' (format parquet)")
    return folder


def begin(spark: Any) -> None:
    """No table that an earlier run made is left in the catalogue of Spark."""
    for schema in MADE:
        spark.sql(f"drop schema if exists {schema} cascade")


def register(spark: Any, tables: list[tuple[str, Path]]) -> None:
    """The tables under their names in the catalogue of Spark, in place of what is there."""
    for name, folder in tables:
        spark.sql(f"create schema if not exists {name.split('.')[0]}")
        spark.sql(f"drop table if exists {name}")
        spark.sql(f"create table {name} using parquet location '{_quoted(folder)}'")


def register_history(spark: Any, tables: list[tuple[str, Path]]) -> None:
    """The tables as a model that is kept over runs left them: a partition for each month."""
    for name, folder in tables:
        spark.sql(f"create schema if not exists {name.split('.')[0]}")
        spark.sql(
            f"create table {name} using parquet partitioned by (review_month) as "
            f"select * from parquet.`{str(folder).replace('`', '``')}`"
        )


def _quoted(folder: Path) -> str:
    return str(folder).replace("\\", "\\\\").replace("'", "\\'")


def read_made(spark: Any, file: Path, besides: Sequence[str] = ()) -> int:
    """What Spark made of PUBLISHED and of other tables, as tables of a new DuckDB file; of a table that is kept over
    runs, the months of the run. How many tables. The columns have no order.
    """
    found = [f"{schema}.{row.tableName}" for schema in PUBLISHED for row in _tables(spark, schema)]
    names = sorted({*found, *besides})
    with connect_file(file, read_only=False) as connection:
        for name in names:
            schema, table = name.split(".")
            connection.execute(f"create schema if not exists {schema}")
            where = f" where {_OF_RUN}" if _is_kept(spark, name) else ""
            rows = spark.sql(f"select * from {name}{where}").toArrow()
            connection.register("_rows", rows)
            connection.execute(f'create or replace table {schema}."{table}" as select * from _rows')
            connection.unregister("_rows")
    return len(names)


def _tables(spark: Any, schema: str) -> list[Any]:
    spark.sql(f"create schema if not exists {schema}")
    return list(spark.sql(f"show tables in {schema}").collect())


def _is_kept(spark: Any, name: str) -> bool:
    """Whether a table is kept over runs, which those with a partition for each month are."""
    return any(column.isPartition for column in spark.catalog.listColumns(name))


def clear(spark: Any, lake: Path) -> None:
    """No row is left, neither in the catalogue of Spark nor on the lake."""
    begin(spark)
    for schema in SOURCES:
        spark.sql(f"drop schema if exists {schema} cascade")
    for folder in (OF_SOURCES, OF_HISTORY):
        shutil.rmtree(lake / folder, ignore_errors=True)
