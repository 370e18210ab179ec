"""Reads the typed raw rows and the reference tables of a warehouse, and the published tables to compare with, as plain
dicts.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb

from benchmarks.peers.analyst.text import Row


class Warehouse:
    """One data folder, read only."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.con = duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb"), read_only=True)
        self.con.execute("set TimeZone = 'UTC'")
        self._raw: dict[str, list[Row]] = {}
        self._reference: dict[str, dict[str, list[Row]]] = {}

    def query(self, sql: str) -> list[Row]:
        """Rows of a query as dicts."""
        cursor = self.con.execute(sql)
        names = [d[0] for d in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    @cached_property
    def months(self) -> list[tuple[str, date]]:
        """Review months of the last run with their as-of dates."""
        return [
            (r["review_month"], r["as_of"])
            for r in self.query("select * from raw.run_month where review_month = drop_month order by 1")
        ]

    def raw(self, name: str) -> list[Row]:
        """Typed rows of an input over all drops."""
        if name not in self._raw:
            self._raw[name] = self.query(f"select * from raw.{name} order by _src")
        return self._raw[name]

    def reference(self, name: str, month: str) -> list[Row]:
        """Rows of a reference table as resolved for a month."""
        if name not in self._reference:
            by_month: dict[str, list[Row]] = {}
            for row in self.query(f"select * from reference.{name}"):
                by_month.setdefault(row["review_month"], []).append(row)
            self._reference[name] = by_month
        return self._reference[name].get(month, [])

    @cached_property
    def loaded(self) -> set[tuple[str, str]]:
        """(drop, input) with a loaded file."""
        rows = self.query(
            "select distinct drop, input from raw.file_register where verdict = 'loaded' and input is not null"
        )
        return {(r["drop"], r["input"]) for r in rows}

    @cached_property
    def drops(self) -> set[str]:
        """Drops with any file."""
        return {r["drop"] for r in self.query("select distinct drop from raw.file_register where drop <> 'reference'")}

    @cached_property
    def rejected(self) -> set[tuple[str, str]]:
        """(drop, input) with rejected rows."""
        return {
            (r["drop"], r["input"])
            for r in self.query("select distinct drop, input from raw.rejected_rows where input is not null")
        }


class Published:
    """The published file of a data folder, read only."""

    def __init__(self, data: Path) -> None:
        self.con = duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True)

    def table(self, name: str, months: set[str]) -> list[Row]:
        """Rows of a calendar table for some months; empty if the table does not exist."""
        found = self.con.execute(
            "select 1 from information_schema.tables where table_schema = 'calendar' and table_name = ?", [name]
        ).fetchall()
        if not found:
            return []
        cursor = self.con.execute(f"select * from calendar.{name}")
        names = [d[0] for d in cursor.description or []]
        rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
        return [r for r in rows if r.get("review_month", next(iter(months), None)) in months]
