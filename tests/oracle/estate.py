"""The conformed rows of a reviewed data folder, as plain Python values.

Reads `raw` and `reference` of the warehouse and nothing that a rule computed. Which row wins between overlapping
files is decided here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
STATE = [
    "subscriptions",
    "users",
    "usage_report",
    "groups",
    "product_access",
    "hub_members",
    "flex_packs",
    "flex_balance",
    "sso_config",
    "directory_users",
    "directory_group_members",
    "hr_workers",
    "contractors",
    "perpetual_licences",
    "nlm_licence",
    "nlm_status",
    "device_inventory",
    "invoices",
    "vendor_claims",
]
EVENTS = ["usage", "seat_usage", "token_usage", "lrt", "tokenflex", "nlm_log", "sam_usage"]
USE_EVENTS = ("usage", "seat_usage", "token_usage", "lrt")
RESTATE_MONTHS = 2


def month_after(month: str, months: int) -> str:
    """The month so many months later (or earlier), as YYYY-MM."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04d}-{number + 1:02d}"


class Estate:
    """The warehouse of a data folder, read once."""

    def __init__(self, data: Path) -> None:
        self.warehouse = data / "warehouse" / "selfaudit.duckdb"
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            self._raw = {name: self._read(con, f"raw.{name}") for name in (*STATE, *EVENTS)}
            self.register = self._read(con, "raw.file_register")
            self.rejected_rows = self._read(con, "raw.rejected_rows")
            self.rejected_subjects = self._read(con, "raw.rejected_subject")
            self.unread_cells = self._read(con, "raw.unread_cell")
            self.unread_rows = {(r["src"], r["column_name"]) for r in self._read(con, "raw.unread_row")}
            self.unknown_values = self._read(con, "raw.unknown_value")
            tables = con.execute("select table_name from duckdb_tables() where schema_name = 'reference'").fetchall()
            self._reference = {name: self._read(con, f"reference.{name}") for (name,) in tables}
        self._of_drop: dict[str, dict[str, list[Row]]] = {}
        for name, rows in self._raw.items():
            of = self._of_drop.setdefault(name, {})
            for row in rows:
                of.setdefault(row["_drop"], []).append(row)

    @staticmethod
    def _read(con: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
        cursor = con.execute(f"select * from {table}")
        names = [d[0] for d in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    @cached_property
    def drops(self) -> list[str]:
        """Months that have a drop, in order."""
        return sorted({r["drop"] for r in self.register if r["drop"] != "reference"})

    @cached_property
    def precedence(self) -> dict[int, tuple[str, datetime, bytes]]:
        """Of each file: drop, then exported_at with null lowest, then path in byte order."""
        return {r["_file_no"]: (r["drop"], r["exported_at"] or datetime.min, r["path"].encode()) for r in self.register}

    def horizon(self, month: str) -> str:
        """The last drop whose event rows the latest version of a month uses."""
        return max((d for d in self.drops if d <= month_after(month, RESTATE_MONTHS)), default=month)

    def winning(self, rows: Iterable[Row], key: Callable[[Row], Any]) -> list[Row]:
        """Per natural key the file of highest precedence wins, and all its rows for that key are kept."""
        rows = list(rows)
        best: dict[Any, tuple[str, datetime, bytes]] = {}
        keys = [key(row) for row in rows]
        for row, k in zip(rows, keys, strict=True):
            rank = self.precedence[row["_file_no"]]
            if k not in best or rank > best[k]:
                best[k] = rank
        return [r for r, k in zip(rows, keys, strict=True) if self.precedence[r["_file_no"]] == best[k]]

    def state(self, name: str, drop: str) -> list[Row]:
        """Rows of a state input in one drop, before precedence."""
        return self._of_drop[name].get(drop, [])

    def events(self, name: str, horizon: str) -> list[Row]:
        """Rows of an event input in all drops up to the horizon, before precedence."""
        return [r for drop, rows in self._of_drop[name].items() if drop <= horizon for r in rows]

    def files(self, name: str, drop: str, verdict: str = "loaded") -> list[Row]:
        """Register rows of an input in a drop with that verdict."""
        return [r for r in self.register if r["drop"] == drop and r["input"] == name and r["verdict"] == verdict]

    def present(self, name: str, drop: str) -> bool:
        """Whether a drop holds an input: a file of it was loaded."""
        return bool(self.files(name, drop))

    def whole(self, name: str, drop: str) -> bool:
        """Whether an input of a drop holds all there is, by every sign; one that is not there is missing."""
        files = self.files(name, drop)
        if not files:
            return True
        said = [json.loads(f["manifest"] or "{}").get("complete") for f in files]
        if any(f["complete"] == "no" for f in files):
            return False
        if all(s is not None for s in said):
            return True
        if self.files(name, drop, "rejected"):
            return False
        if name not in STATE:
            return True
        return not self.fewer(name, drop)

    def fewer(self, name: str, drop: str) -> bool:
        """Fewer than half of the rows loaded of the same input in the latest drop before in which it was whole."""
        before = [d for d in self.drops if d < drop and self.present(name, d) and self.whole(name, d)]
        if not before:
            return False
        then = sum(f["rows_loaded"] for f in self.files(name, before[-1]))
        return sum(f["rows_loaded"] for f in self.files(name, drop)) * 2 < then

    def flawed(self, name: str, drop: str) -> bool:
        """Rejected rows, cells not read or unknown values of an input in a drop."""
        notes = (self.rejected_rows, self.unread_cells, self.unknown_values)
        return any(r["drop"] == drop and r["input"] == name for rows in notes for r in rows) or any(
            r["drop"] == drop and r["input"] == name and r["rows_rejected"] for r in self.register
        )

    def reference(self, table: str, month: str) -> list[Row]:
        """Rows of a reference table as they stand for a month."""
        return [r for r in self._reference[table] if r["review_month"] == month]


def valid(row: Row, day: date) -> bool:
    """Whether a dated reference row holds on a day; both ends are inclusive."""
    start, end = row.get("valid_from"), row.get("valid_to")
    return (start is None or start <= day) and (end is None or end >= day)
