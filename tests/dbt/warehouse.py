"""A copy of a warehouse whose intermediate rows a test may change. Between runs they are views on the rows that are
kept (docs/decisions/0031).
"""

from __future__ import annotations

import duckdb


def as_tables(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Put tables of the same rows in the place of relations of the schema `intermediate`. They are views, unless the
    project changed since it was prepared: dbt made all of it then, and tables are what it made.
    """
    for name in names:
        con.execute(f"create temp table _rows as select * from intermediate.{name}")
        ((kind,),) = con.execute(
            "select table_type from information_schema.tables where table_schema = 'intermediate' and table_name = ?",
            [name],
        ).fetchall()
        con.execute(f"drop {'view' if kind == 'VIEW' else 'table'} intermediate.{name}")
        con.execute(f"create table intermediate.{name} as select * from _rows")
        con.execute("drop table _rows")
