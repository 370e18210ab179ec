"""How the pages read: rows of the published tables as dictionaries, and the list of months. Knows no section of a
page.
"""

from __future__ import annotations

from typing import Any

import duckdb

Connection = duckdb.DuckDBPyConnection
OPEN = ["new", "open", "reopened"]


def query(connection: Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    cursor = connection.execute(sql, list(values))
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def published_months(connection: Connection) -> list[str]:
    """The months with results."""
    rows = connection.execute("select distinct review_month from calendar.rule_runs order by 1").fetchall()
    return [month for (month,) in rows]


def months_with_files(connection: Connection) -> set[str]:
    """The months with a drop. Nothing is known of a month without one, even if it has empty partitions."""
    rows = connection.execute("select distinct drop from calendar.file_register where verdict <> 'ignored'").fetchall()
    return {drop for (drop,) in rows}


def currencies(connection: Connection, table: str, column: str, review_month: str) -> list[str]:
    """The currencies in a column of a table in a month, in order."""
    rows = connection.execute(
        f"select distinct {column} from {table} where review_month = ? and {column} is not null order by 1",
        [review_month],
    ).fetchall()
    return [name for (name,) in rows]
