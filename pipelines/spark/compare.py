"""`python -m pipelines.spark.compare ONE OTHER`: whether two DuckDB files hold the same of what is published.

Every table of the schemas `calendar` and `marts` of the first file, row by row, in no order, with its columns and
types. Says nothing of tables that no model makes.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.spark.lake import PUBLISHED
from pipelines.warehouse import connect_file

# Written by publishing, not by a model.
NOT_OF_MODELS = {"calendar.publications"}


@dataclass(frozen=True)
class Difference:
    """Of a table: what differs, in words."""

    table: str
    said: str


def differences(one: Path, other: Path) -> tuple[int, list[Difference]]:
    """How many tables were compared, and what differs."""
    found: list[Difference] = []
    with connect_file(Path(":memory:"), read_only=False) as connection:
        for name, file in (("one", one), ("other", other)):
            connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        tables = [t for t in _tables(connection, "one") if t not in NOT_OF_MODELS]
        new = [t for t in _tables(connection, "other") if t not in {*tables, *NOT_OF_MODELS}]
        found += [Difference(t, "only in the second file") for t in new]
        for table in tables:
            if said := _difference(connection, table):
                found.append(Difference(table, said))
    return len(tables), found


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = ? and list_contains(?, schema_name) order by all",
        [database, list(PUBLISHED)],
    ).fetchall()
    return [row[0] for row in rows]


def _difference(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = {}
    for database in ("one", "other"):
        columns[database] = connection.execute(
            "select column_name, data_type from duckdb_columns() where database_name = ? "
            "and schema_name || '.' || table_name = ? order by all",
            [database, table],
        ).fetchall()
    if not columns["other"]:
        return "not in the second file"
    if columns["one"] != columns["other"]:
        only = sorted({*columns["one"]} ^ {*columns["other"]})
        return "other columns: " + ", ".join(f"{name} {kind}" for name, kind in only)
    names = ", ".join(f'"{name}"' for name, _ in columns["one"])
    schema, name = table.split(".")
    one, other = (f'select {names} from {database}.{schema}."{name}"' for database in ("one", "other"))
    counts = connection.execute(
        f"select (select count(*) from ({one} except all {other})), (select count(*) from ({other} except all {one}))"
    ).fetchall()[0]
    return f"{counts[0]} rows only in the first file, {counts[1]} only in the second" if any(counts) else ""


def main(arguments: list[str] | None = None) -> int:
    """0 where nothing differs, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    given = parser.parse_args(arguments)
    for file in (given.one, given.other):
        if not file.is_file():
            parser.error(f"{file}: there is no such file")
    tables, found = differences(given.one, given.other)
    for difference in found:
        print(f"{difference.table}: {difference.said}")
    print(f"{tables} tables compared, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
