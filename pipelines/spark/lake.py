"""Tables between a DuckDB warehouse and a lake: a folder of Parquet files that Spark reads and writes.

Knows schemas and types, not what a table means.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse import connect_file

# What ingestion writes and the models read.
SOURCES = ("raw", "reference")
# What is published.
PUBLISHED = ("calendar", "marts")
# Types that Parquet or Spark does not have, by what they become.
_OTHER_TYPES = {"HUGEINT": "decimal(38,0)", "UBIGINT": "decimal(20,0)"}


def write_sources(warehouse: duckdb.DuckDBPyConnection, lake: Path) -> list[tuple[str, Path]]:
    """Every table of SOURCES as a Parquet file in a folder of its own: (`raw.users`, folder). Whole numbers of more
    than 63 bits become decimals.
    """
    found = warehouse.execute(
        "select schema_name, table_name from duckdb_tables() where list_contains(?, schema_name) order by all",
        [list(SOURCES)],
    ).fetchall()
    written = []
    for schema, table in found:
        folder = lake / "sources" / schema / table
        folder.mkdir(parents=True, exist_ok=True)
        columns = warehouse.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ? "
            "order by column_index",
            [schema, table],
        ).fetchall()
        selected = ", ".join(f'cast("{name}" as {_OTHER_TYPES.get(kind, kind)}) as "{name}"' for name, kind in columns)
        file = str(folder / "rows.parquet").replace("'", "''")
        warehouse.execute(f"copy (select {selected} from {schema}.\"{table}\") to '{file}' (format parquet)")
        written.append((f"{schema}.{table}", folder))
    return written


def register(spark: Any, tables: list[tuple[str, Path]]) -> None:
    """The tables under their names in the catalogue of Spark, in place of what is there."""
    for name, folder in tables:
        spark.sql(f"create schema if not exists {name.split('.')[0]}")
        spark.sql(f"drop table if exists {name}")
        spark.sql(f"create table {name} using parquet location '{folder}'")


def read_published(spark: Any, file: Path) -> int:
    """What Spark made of PUBLISHED, as tables of a new DuckDB file; how many. The columns have no order."""
    made = 0
    with connect_file(file, read_only=False) as connection:
        for schema in PUBLISHED:
            for engine in (connection.execute, spark.sql):
                engine(f"create schema if not exists {schema}")
            for row in spark.sql(f"show tables in {schema}").collect():
                rows = spark.table(f"{schema}.{row.tableName}").toArrow()
                connection.register("_rows", rows)
                connection.execute(f'create or replace table {schema}."{row.tableName}" as select * from _rows')
                connection.unregister("_rows")
                made += 1
    return made
