"""Rows and columns in the forms in which Dagster shows them: column tables of assets, failing rows of checks. Pure
conversion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

SHOWN_ROWS = 20


def rows_as_table(rows: Sequence[Mapping[str, object]]) -> dg.TableMetadataValue:
    """The first rows (at most 20) as a table; every value as text, null as an empty cell. Raises ValueError without
    rows.
    """
    if not rows:
        raise ValueError("a table of no rows says nothing")
    names = list(rows[0])
    records = [dg.TableRecord({n: "" if row[n] is None else str(row[n]) for n in names}) for row in rows[:SHOWN_ROWS]]
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(n, "text") for n in names]))


def column_schema(columns: Iterable[Mapping[str, Any]]) -> dg.TableSchema:
    """Column table of an asset from the columns of a dbt model: name, data_type, description."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                c["name"], c.get("data_type") or "?", description=as_markdown(c.get("description") or "") or None
            )
            for c in columns
        ]
    )


def select_rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> list[dict[str, Any]]:
    """The rows of a query, by column name."""
    cursor = connection.execute(sql, list(parameters))
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def as_markdown(text: str) -> str:
    """A text as the UI reads it: `<email>` is a word there, not a tag that vanishes."""
    return text.replace("<", "&lt;")
