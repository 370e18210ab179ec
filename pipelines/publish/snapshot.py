"""The published DuckDB file: built under a temporary name and renamed, in a storage version that older clients can
open.

Schemas: calendar (outputs), marts (dimensions and facts), meta (columns, rules, measures, what was not made, what was
made last and why), bi (views of both with surrogate keys, star.py). Readers that have the previous file open keep
reading it.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import duckdb

from pipelines.publish.measures import write_measures
from pipelines.publish.star import write_star
from pipelines.warehouse import insert_rows

# Readable by DuckDB 1.2 and later (measured; see docs/decisions).
STORAGE_VERSION = "v1.2.0"
# Descriptions of those tables of meta that are not models and have no entry in `meta.columns`.
OF_META = Path(__file__).with_name("meta_columns.csv")
META_COLUMNS = ("schema_name", "table_name", "table_description", "column_name", "column_description")


def write_snapshot(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    scratch: Path,
    columns: Sequence[tuple[str, str, str, str, str]],
    only: Collection[str] | None = None,
    clean: Callable[[str], None] | None = None,
) -> int:
    """Copy calendar and marts to a new DuckDB file and move it to `target`. Returns the number of tables written.

    columns: (schema, table, table description, column, column description) for meta.columns. only: tables of calendar
    and marts that differ from those of the existing file; all others are kept from it. clean: called with the name of
    the attached file before it is closed, if the file must not name persons.
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
        if clean:
            clean("published")
        _comment(connection, set(tables), columns)
        write_star(connection, "published")
        connection.execute("checkpoint published")
    finally:
        connection.execute("detach published")
    _flush(part)
    part.replace(target)
    return len(tables) + 5


def _comment(
    connection: duckdb.DuckDBPyConnection,
    written: Collection[tuple[str, str]],
    columns: Sequence[tuple[str, str, str, str, str]],
) -> None:
    """Describe tables and columns in comments, which BI tools show, for the tables written and for meta. Executed as
    one call: separate calls cost milliseconds each.
    """
    there = set(
        connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'published'"
        ).fetchall()
    )
    of_tables, statements = set(), []
    for schema, table, about, column, description in columns:
        if (schema, table, column) not in there or (schema != "meta" and (schema, table) not in written):
            continue
        place = f'published.{schema}."{table}"'
        if place not in of_tables:
            of_tables.add(place)
            statements.append(f"comment on table {place} is {literal(about)}")
        statements.append(f'comment on column {place}."{column}" is {literal(description)}')
    with OF_META.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["column"] and ("meta", row["table"], row["column"]) not in there:
                continue
            what = "column" if row["column"] else "table"
            place = ".".join(f'"{part}"' for part in (row["table"], row["column"]) if part)
            statements.append(f"comment on {what} published.meta.{place} is {literal(row['description'])}")
    connection.execute(";".join(statements))


def literal(text: str | None) -> str:
    """A text as an SQL literal."""
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def _flush(path: Path) -> None:
    """Flush the file to disk before it is renamed, so that a crash cannot leave partial data under the final name."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
