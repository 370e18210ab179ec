"""Views that need not be created again: a view holds no rows, so one created from the same project over the same raw
tables is identical to what dbt would create. About a hundred of the four hundred models and tests of a run are views.

Determines which views are current and stores the state after a run; creates none. The state is a hash of the project,
of the text of every view of it and of the columns of what ingestion loads: a stub in place of a view changes it.
"""

from __future__ import annotations

import hashlib

import duckdb

from pipelines.run import dbt_call
from pipelines.run.dbt_graph import Graph
from pipelines.settings import Settings

# In the state folder.
STATE = "views_fingerprint"
_VIEWS = (
    "select schema_name || '.' || view_name, sql from duckdb_views() where list_contains(?, view_name) and "
    "database_name = current_database() order by all"
)
_COLUMNS = (
    "select concat_ws('.', schema_name, table_name, column_name), data_type from duckdb_columns() where schema_name in "
    "('raw', 'reference') and database_name = current_database() order by table_name, column_index"
)


def standing_views(settings: Settings, connection: duckdb.DuckDBPyConnection, graph: Graph) -> set[str]:
    """Every view of the project, if all of them are as the last run made them; else none."""
    known = settings.state / STATE
    return _views(graph) if known.is_file() and known.read_text() == _state(connection, graph) else set()


def remember_views(settings: Settings, connection: duckdb.DuckDBPyConnection, graph: Graph) -> None:
    """Store the state of the views, after a run that made everything."""
    (settings.state / STATE).write_text(_state(connection, graph))


def _views(graph: Graph) -> set[str]:
    return {name for name, is_view in graph.is_view.items() if is_view}


def _state(connection: duckdb.DuckDBPyConnection, graph: Graph) -> str:
    digest = hashlib.sha256(dbt_call.project_fingerprint().encode())
    rows = connection.execute(_VIEWS, [sorted(_views(graph))]).fetchall() + connection.execute(_COLUMNS).fetchall()
    for name, text in rows:
        # DuckDB writes the columns of `* exclude (a, b)` in another order each time.
        digest.update(f"{name}\0{''.join(sorted(text))}\0".encode())
    return digest.hexdigest()
