"""A copy of a warehouse whose intermediate rows a test may change. Between runs they are views on the rows that are
kept (docs/decisions/0031).
"""

from __future__ import annotations

import duckdb


def as_tables(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Put tables of the same rows in the place of views of the schema `intermediate`."""
    for name in names:
        con.execute(f"create temp table _rows as select * from intermediate.{name}")
        con.execute(f"drop view intermediate.{name}")
        con.execute(f"create table intermediate.{name} as select * from _rows")
        con.execute("drop table _rows")
