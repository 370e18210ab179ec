"""Empty relations in place of failed models, so that models that combine many branches can be made without theirs.

The columns of a model are those it had when last made in this warehouse, else those found by `make install`
(`pipelines.run.prepare`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipelines.run.dbt_graph import Graph

LAYERS = ("staging", "intermediate", "rules")
FORMER = "raw.former_column"
Columns = list[tuple[str, str]]


def remember_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Store the columns of every model before all of them are dropped."""
    if _columns(connection, "duckdb_columns()"):
        connection.execute(
            f"create or replace table {FORMER} as select schema_name, table_name, column_name, data_type, column_index "
            f"from duckdb_columns() where list_contains({list(LAYERS)!r}, schema_name) and database_name = "
            "current_database()"
        )


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    own = "and database_name = current_database() " if source.startswith("duckdb_") else ""
    for table, column, kind in connection.execute(
        f"select table_name, column_name, data_type from {source} where list_contains(?, schema_name) {own}"
        "order by table_name, column_index",
        [list(LAYERS)],
    ).fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def known_columns(connection: duckdb.DuckDBPyConnection, prepared: Path) -> dict[str, Columns]:
    """Model → its columns with their types, as far as known."""
    found: dict[str, Columns] = {}
    if prepared.is_file():
        found |= {m: [(n, t) for n, t in columns] for m, columns in json.loads(prepared.read_text()).items()}
    schema, name = FORMER.split(".")
    if connection.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
    ).fetchall()[0][0]:
        found |= _columns(connection, FORMER)
    return found | _columns(connection, "duckdb_columns()")


def write_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the columns of every model of this warehouse to a file for `known_columns`; models that are only in the
    file stay in it.
    """
    former = json.loads(path.read_text()) if path.is_file() else {}
    text = json.dumps(former | _columns(connection, "duckdb_columns()"), sort_keys=True, separators=(",", ":"))
    part = path.with_name(f".{path.name}.part")
    part.write_text(text)
    part.replace(path)


def put_stubs(
    connection: duckdb.DuckDBPyConnection, graph: Graph, models: Iterable[str], known: dict[str, Columns]
) -> set[str]:
    """Put an empty relation in place of each model. Returns those without known columns, which get none."""
    without = set()
    rules = next((known[v] for v in sorted(graph.rules.values()) if v in known), None)
    for model in sorted(models):
        columns = known.get(model) or (rules if graph.schema[model] == "rules" else None)
        if not columns:
            without.add(model)
            continue
        place = f'{graph.schema[model]}."{model}"'
        drop_relation(connection, graph.schema[model], model)
        empty = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns)
        kind = "view" if graph.is_view[model] else "table"
        connection.execute(f"create {kind} {place} as select {empty} where false")
    return without


def drop_relation(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
    """Drop a table or a view, whichever has the name."""
    for kind in connection.execute(
        "select 'table' from duckdb_tables() where schema_name = $s and table_name = $n and database_name = "
        "current_database() "
        "union all select 'view' from duckdb_views() where schema_name = $s and view_name = $n and database_name = "
        "current_database()",
        {"s": schema, "n": name},
    ).fetchall():
        connection.execute(f'drop {kind[0]} {schema}."{name}"')
    connection.execute(f"create schema if not exists {schema}")
