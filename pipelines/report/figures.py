"""A number on a page together with its source: table, measure and condition are written into the HTML with the value,
so that a reader can trace it and a test can compare it with the table. No layout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipelines.report.not_made import is_absent


@dataclass(frozen=True)
class Figure:
    """One number: `measure` over the rows of `table` that satisfy `where`. kind: count, money, tokens, date, text."""

    value: Any
    table: str
    measure: str
    where: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "count"
    currency: str | None = None

    @property
    def known(self) -> bool:
        """Whether there is a value; null means not assessable or not priced, never zero."""
        return self.value is not None

    @property
    def raw(self) -> str:
        """The value as the database prints it."""
        return "" if self.value is None else str(self.value)

    @property
    def condition(self) -> str:
        """The condition as JSON, for the page."""
        return json.dumps(dict(self.where), default=str, sort_keys=True)

    @property
    def source(self) -> str:
        """The source as a sentence."""
        parts = [f"{k} = {v}" for k, v in self.where.items() if not isinstance(v, list)]
        parts += [f"{k} in {', '.join(map(str, v))}" for k, v in self.where.items() if isinstance(v, list)]
        return f"{self.measure} of {self.table}" + (f" where {' and '.join(parts)}" if parts else "")


def condition_sql(where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The condition of a figure as SQL with parameters: equality, or membership for a list; null as `is null`."""
    parts, values = [], []
    for name, wanted in where.items():
        if isinstance(wanted, Sequence) and not isinstance(wanted, str):
            parts.append(f"list_contains(?, {name})")
            values.append(list(wanted))
        else:
            parts.append(f"{name} is not distinct from ?")
            values.append(wanted)
    return " and ".join(parts) or "true", values


def figure(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    measure: str,
    where: Mapping[str, Any],
    kind: str = "count",
    currency: str | None = None,
) -> Figure:
    """Read one figure."""
    condition, values = condition_sql(where)
    value = connection.execute(f"select {measure} from {table} where {condition}", values).fetchall()[0][0]
    # The contents of a table that was not made are unknown, not empty.
    month = where.get("review_month")
    if value == 0 and isinstance(month, str) and is_absent(connection, table.rpartition(".")[2], month):
        value = None
    return Figure(value, table, measure, where, kind, currency)
