"""Restores the rows of the previous publication in the tables that a run could not make, so that they are published
unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from pipelines.run.stubs import drop_relation

Place = tuple[str, str]


def put_back_rows(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    places: Iterable[Place],
    months: Sequence[str],
    columns: dict[str, list[tuple[str, str | None]]],
) -> None:
    """For each (schema, table): set the rows of the months, and of their variants, to those of the published file, or
    to none if it has none.

    A table missing from the warehouse is restored whole. One that was never published is created without rows, with the
    documented columns (name, type), so that readers of other tables need not check whether it exists.
    """
    wanted = sorted(places)
    former: dict[Place, list[str]] = {}
    if published.is_file():
        quoted = str(published).replace("'", "''")
        connection.execute(f"attach '{quoted}' as former (read_only)")
        former = _columns(connection, "former")
    try:
        here = _columns(connection, None)
        for place in wanted:
            _put_back(connection, place, months, here.get(place), former.get(place), columns[place[1]])
            for month in months if place[0] == "calendar" else ():
                # A run in batches writes a file with the months that it has made so far.
                _put_back_partition(connection, place[1], month, published.parent)
    finally:
        if published.is_file():
            connection.execute("detach former")


def _put_back(
    connection: duckdb.DuckDBPyConnection,
    place: Place,
    months: Sequence[str],
    here: list[str] | None,
    former: list[str] | None,
    documented: list[tuple[str, str | None]],
) -> None:
    schema, table = place
    name = f'{schema}."{table}"'
    if here is None:
        drop_relation(connection, schema, table)
        if former is not None:
            connection.execute(f"create table {name} as select * from former.{name}")
        else:
            columns = ", ".join(f'"{c}" {kind}' for c, kind in documented)
            connection.execute(f"create table {name} ({columns})")
        return
    connection.execute(f"delete from {name} where list_contains(?, substr(review_month, 1, 7))", [list(months)])
    if former is not None:
        shared = ", ".join(f'"{c}"' for c in here if c in former)
        connection.execute(
            f"insert into {name} ({shared}) select {shared} from former.{name} where list_contains(?, review_month)",
            [list(months)],
        )


def _put_back_partition(connection: duckdb.DuckDBPyConnection, output: str, month: str, published: Path) -> None:
    """Restore the rows of a month from its Parquet file, if the DuckDB file had none."""
    path = published / output / f"review_month={month}" / f"{output}.parquet"
    held = connection.execute(f'select count(*) from calendar."{output}" where review_month = ?', [month]).fetchall()
    if held[0][0] or not path.is_file():
        return
    quoted = str(path).replace("'", "''")
    file = f"read_parquet('{quoted}', hive_partitioning = false)"
    there = {row[0] for row in connection.execute(f"describe select * from {file}").fetchall()}
    shared = ", ".join(f'"{c}"' for c in _columns(connection, None)["calendar", output] if c in there)
    connection.execute(
        f'insert into calendar."{output}" (review_month, {shared}) select ?, {shared} from {file}', [month]
    )


def _columns(connection: duckdb.DuckDBPyConnection, database: str | None) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    where = "current_database()" if database is None else f"'{database}'"
    for schema, table, column in connection.execute(
        f"select schema_name, table_name, column_name from duckdb_columns() where database_name = {where} "
        "and schema_name in ('calendar', 'marts') order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, table), []).append(column)
    return found


def drop_other_columns(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, list[tuple[str, str | None]]], places: Iterable[Place]
) -> None:
    """Drop tables whose columns differ from the documented ones, if the run makes every month in them: they hold rows
    of a former version that replaced what was not made.
    """
    here = _columns(connection, None)
    for schema, table in sorted(set(places) & here.keys()):
        if [c for c, _ in columns[table]] == here[schema, table]:
            continue
        left = connection.execute(
            f'select count(*) from {schema}."{table}" where review_month not in (select review_month from '
            "raw.run_month)"
        ).fetchall()
        if left[0][0] == 0:
            connection.execute(f'drop table {schema}."{table}"')
