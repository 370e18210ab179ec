"""The published DuckDB file: built beside, moved in atomically, in a storage version that older clients open.

Schemas: calendar (outputs), marts (dimensions and facts), meta (columns, rules, measures, what was not made, what was
made last and why); nothing else. Readers keep what they had open.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from pipelines.publish.measures import write_measures
from pipelines.warehouse import insert_rows

# Opened by DuckDB 1.2 and everything later (measured; see docs/decisions).
STORAGE_VERSION = "v1.2.0"
META_COLUMNS = ("schema_name", "table_name", "table_description", "column_name", "column_description")


def write_snapshot(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    scratch: Path,
    columns: Sequence[tuple[str, str, str, str, str]],
    only: Collection[str] | None = None,
) -> int:
    """Copy calendar and marts to a new DuckDB file and move it to `target`. Returns the number of tables that were
    written.

    columns: (schema, table, table description, column, column description) for meta.columns. only: tables of calendar
    and marts that differ from those of the file that stands, which is taken as it is for all others.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = scratch / "selfaudit.publishing.duckdb"
    part.unlink(missing_ok=True)
    goes_on = only is not None and target.is_file()
    if goes_on:
        shutil.copyfile(target, part)
    quoted = str(part).replace("'", "''")
    connection.execute(f"attach '{quoted}' as published (storage_version '{STORAGE_VERSION}')")
    try:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = current_database() and schema_name in ('calendar', 'marts') order by all"
        ).fetchall()
        if goes_on:
            tables = [place for place in tables if place[1] in (only or ())]
            connection.execute("drop schema published.meta cascade")
        for schema in ("calendar", "marts", "meta"):
            connection.execute(f"create schema if not exists published.{schema}")
        for schema, table in tables:
            connection.execute(
                f'create or replace table published.{schema}."{table}" as select * from {schema}."{table}" order by all'
            )
        connection.execute(f"create table published.meta.columns ({', '.join(f'{c} varchar' for c in META_COLUMNS)})")
        insert_rows(connection, "published.meta.columns", META_COLUMNS, columns)
        connection.execute(
            "create table published.meta.rule_catalogue as select * from reference.rule_catalogue order by rule_id"
        )
        connection.execute("create table published.meta.not_made as select * from raw.not_made order by all")
        connection.execute("create table published.meta.last_made as select * from raw.last_made order by all")
        write_measures(connection, "published.meta.measures")
        connection.execute("checkpoint published")
    finally:
        connection.execute("detach published")
    _flush(part)
    part.replace(target)
    return len(tables) + 5


def _flush(path: Path) -> None:
    """Force the file to disk before it becomes visible, so that a crash cannot leave a hole behind the new name."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
