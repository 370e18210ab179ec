"""Restores rows of published months to the warehouse: from their partitions, or from the published file if a table has
no partitions. The callers (`history`, `publishing`) decide what is restored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.publish.publications import NOT_VERSIONED, Entry, file_sha256
from pipelines.publish.record_check import Place, count_rows, latest_entries, partition_path
from pipelines.warehouse import transaction

# The name under which the published file is attached.
FORMER = "former"


@contextmanager
def former_file(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str | None]:
    """The published file, attached under FORMER; None if there is none."""
    if not path.is_file():
        yield None
        return
    connection.execute(f"attach '{_quoted(path)}' as {FORMER} (read_only)")
    try:
        yield FORMER
    finally:
        connection.execute(f"detach {FORMER}")


def from_partition(connection: duckdb.DuckDBPyConnection, published: Path, place: Place) -> None:
    """Restore the rows of an output and month from its partition; a missing table is recreated as in the published file
    (attached).
    """
    output, month = place
    file = f"read_parquet('{_quoted(partition_path(published, output, month))}', hive_partitioning = false)"
    if not _columns(connection, "calendar", output):
        known = f'{FORMER}.calendar."{output}"'
        source = known if _is_attached(connection, output) else f"(select null::varchar as review_month, * from {file})"
        connection.execute(f'create table calendar."{output}" as select * from {source} limit 0')
    there = {row[0] for row in connection.execute(f"describe select * from {file}").fetchall()}
    shared = ", ".join(f'"{n}"' for n in _columns(connection, "calendar", output) if n in there)
    with transaction(connection):
        connection.execute(f'delete from calendar."{output}" where review_month = ?', [month])
        connection.execute(
            f'insert into calendar."{output}" (review_month, {shared}) select ?, {shared} from {file}', [month]
        )


def from_file(connection: duckdb.DuckDBPyConnection, schema: str, table: str, months: Collection[str]) -> None:
    """Restore the rows of months of a table from the published file (attached), in the columns that both have."""
    there = {
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ?",
            [FORMER, schema, table],
        ).fetchall()
    }
    shared = ", ".join(f'"{n}"' for n in _columns(connection, schema, table) if n in there)
    with transaction(connection):
        connection.execute(f'delete from {schema}."{table}" where list_contains(?, review_month)', [list(months)])
        connection.execute(
            f'insert into {schema}."{table}" ({shared}) select {shared} from {FORMER}.{schema}."{table}" where '
            "list_contains(?, review_month)",
            [list(months)],
        )


def bring_back_months(
    connection: duckdb.DuckDBPyConnection, database: Path, chain: Collection[Entry], without: Collection[str]
) -> list[str]:
    """Before the published file is written from a warehouse that does not hold every published month (it was lost, and
    some months were made again): restore the published rows of the others. Returns these months.

    without: months of the run.
    """
    entries = latest_entries(chain)
    held = count_rows(connection, "calendar")
    known = {*held.get("rule_runs", {}), *without}
    months = sorted({month for _, month in entries} - known)
    if not months:
        return []
    with former_file(connection, database) as former:
        for place, entry in sorted(entries.items()):
            if place[1] in months and place[0] in held:
                path = partition_path(database.parent, *place)
                if path.is_file() and file_sha256(path) == entry.parquet_sha256:
                    from_partition(connection, database.parent, place)
                elif former:
                    from_file(connection, "calendar", place[0], [place[1]])
        if former:
            _tables_without_entries(connection, months)
    return months


def _tables_without_entries(connection: duckdb.DuckDBPyConnection, months: Collection[str]) -> None:
    """Marts, and outputs that are not versioned."""
    for schema, only in (("marts", None), ("calendar", NOT_VERSIONED - {"publications"})):
        here: Mapping[str, object] = count_rows(connection, schema)
        for table in sorted(here.keys() & count_rows(connection, schema, FORMER).keys()):
            if only is None or table in only:
                from_file(connection, schema, table, months)


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = current_database() and schema_name = ? and "
        "table_name = ? order by column_index",
        [schema, table],
    ).fetchall()
    return [name for (name,) in rows]


def _is_attached(connection: duckdb.DuckDBPyConnection, output: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = ? and schema_name = 'calendar' and table_name = ?",
        [FORMER, output],
    ).fetchall()
    return bool(found[0][0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
