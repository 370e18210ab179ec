"""A DuckLake catalogue of the published Parquet folders: one file that names every table, month and column.

Runs in its own environment (`make ducklake`), since the extension is packaged for older versions of DuckDB than the one
selfaudit uses. Copies no data and writes nothing into the published folder. A catalogue describes one publication and
is rebuilt after each run. Defines no tables.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
from duckdb_extensions import import_extension

SCHEMAS = ("calendar", "marts")


def connect() -> duckdb.DuckDBPyConnection:
    """A connection with the packaged extension; no other extension is downloaded."""
    import_extension("ducklake")
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute("load ducklake")
    return connection


def make_catalogue(published: Path, target: Path) -> int:
    """Write the catalogue of `published` to `target`, replacing an existing one, as a single snapshot. Returns the
    number of tables.

    Raises SystemExit if there is no published file.
    """
    database = published / "selfaudit.duckdb"
    if not database.is_file():
        raise SystemExit(f"There is no file {database}; `selfaudit run` makes it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    with connect() as connection:
        connection.execute(f"attach {_text(f'ducklake:{part}')} as lake (data_path {_text(published)})")
        connection.execute(f"attach {_text(database)} as published (read_only)")
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() where database_name = 'published' and "
            "list_contains(?, schema_name) order by all",
            [SCHEMAS],
        ).fetchall()
        connection.execute("begin")
        for schema in SCHEMAS:
            connection.execute(f"create schema lake.{schema}")
        made = sum(_add(connection, published, schema, table, comment) for schema, table, comment in tables)
        connection.execute("commit")
        connection.execute("detach lake")
    # The catalogue holds the minimum and maximum of every column, so it is only for those who may read the published
    # folder.
    part.chmod(0o640)
    part.replace(target)
    return made


def _add(connection: duckdb.DuckDBPyConnection, published: Path, schema: str, table: str, comment: str | None) -> bool:
    """Add a table with the files of all months and the comments of the published table. Returns whether it has any
    files.
    """
    files = sorted(str(f) for f in (published / table).glob("review_month=*/*.parquet"))
    if not files:
        return False
    source = f"read_parquet({files!r}, hive_partitioning = true, hive_types = {{'review_month': varchar}})"
    columns = connection.execute(f"describe select * from {source}").fetchall()
    name = f'lake.{schema}."{table}"'
    connection.execute(f"create table {name} ({', '.join(f'{_name(c[0])} {c[1]}' for c in columns)})")
    connection.execute(f"alter table {name} set partitioned by (review_month)")
    for file in files:
        connection.execute(
            f"call ducklake_add_data_files('lake', {_text(table)}, {_text(file)}, schema => {_text(schema)}, "
            "hive_partitioning => true)"
        )
    if comment:
        connection.execute(f"comment on table {name} is {_text(comment)}")
    told = connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'published' and schema_name = ? and "
        "table_name = ? and comment is not null",
        [schema, table],
    ).fetchall()
    there = {c[0] for c in columns}
    for column, meaning in told:
        if column in there:
            connection.execute(f"comment on column {name}.{_name(column)} is {_text(meaning)}")
    return True


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def main() -> None:
    """`python catalogue.py --published data/published --to build/selfaudit.ducklake`"""
    parser = argparse.ArgumentParser(description="Write a DuckLake catalogue over the published folders of Parquet.")
    parser.add_argument("--published", type=Path, required=True, help="the published folder")
    parser.add_argument("--to", type=Path, required=True, help="the file of the catalogue")
    given = parser.parse_args()
    tables = make_catalogue(given.published.resolve(), given.to.resolve())
    sys.stdout.write(f"{given.to}: {tables} tables of {given.published}\n")


if __name__ == "__main__":
    main()
