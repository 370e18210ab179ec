"""Fingerprints of what workbooks and pages show, so that unchanged ones are not rewritten.

Based on the chain of publications, which has a hash of the rows of every output and month, and on the few published
tables that the chain does not cover. Writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipelines.publish.publications import Entry, read_chain
from pipelines.publish.workbooks.book_context import read_month
from pipelines.publish.workbooks.hub_sheet import RULES as HUB_RULES
from pipelines.publish.workbooks.hub_sheet import hub_rows

ROOM = Path(__file__).parent
# Code and templates that produce workbooks and pages: after an edit they are written again.
MADE_BY = (ROOM / "workbooks", ROOM.parent / "report")
# Outputs that any workbook of a month may read in addition to its own.
BESIDE = ("finding_causes", "unverified_findings", "rule_runs")
# Outputs whose decidable rows are shown in the workbook of a review.
DECIDED = ("actions", "findings")
# Published tables that pages read and the chain does not cover.
MARTS = ("dim_offering", "dim_contract", "fct_token_daily")


@cache
def _made_by() -> str:
    digest = hashlib.sha256()
    for folder in MADE_BY:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


class DisplayedContent:
    """Fingerprints of the workbooks and pages that result from the published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, software: str) -> None:
        """connection: the published file. software: its version and the fingerprint of the models."""
        self.connection, self.software_given, self.software = connection, software, f"{software} {_made_by()}"
        self.latest: dict[tuple[str, str], Entry] = {(e.output, e.review_month): e for e in read_chain(connection)}

    def book(self, output: str, month: str) -> str:
        """SHA-256 of what the workbook of an output and month shows."""
        before = [m for (o, m), e in self.latest.items() if o == output and m < month and e.rows]
        said: list[Any] = [
            self._rows(output, month),
            self._rows(output, max(before)) if before else None,
            *(self._rows(name, month) for name in BESIDE),
            self._month(month),
            [r for r in self._reviews.get(month, []) if r[1] == output],
            self._columns.get(output),
        ]
        if any(r[1] == output for r in self._reviews.get(month, [])):
            said += [self._rows(name, month) for name in DECIDED]
        if output == "review_calendar":
            said += [self._reviews.get(m) for m in sorted(self._reviews) if m <= month]
        if output == "token_forecast":
            said += [self._up_to("fct_token_monthly", month), self._rows("token_burn", month)]
        if output == "claim_answers":
            said.append(self._rows("claim_evidence", month))
        if output in HUB_RULES:
            said.append(hub_rows(self.connection, output, month))
        return self._sha256(said)

    def page(self, month: str) -> str:
        """SHA-256 of what the page and the documents of a month show: everything published up to that month."""
        rows = sorted((o, m, e.parquet_sha256) for (o, m), e in self.latest.items() if m <= month)
        reviews = [self._reviews[m] for m in sorted(self._reviews) if m <= month]
        marts = [self._tables[name].get(month) for name in MARTS]
        return self._sha256([rows, reviews, marts, self._month(month), self._not_made.get(month)])

    def tables(self, month: str, names: Collection[str]) -> str:
        """SHA-256 of the rows of the named published tables in a month, and of the month's own description."""
        rows = [self._rows(name, month) or self._tables.get(name, {}).get(month) for name in sorted(names)]
        return self._sha256([rows, self._month(month)])

    def _sha256(self, values: Iterable[object]) -> str:
        return hashlib.sha256(repr([self.software, *values]).encode()).hexdigest()

    def _rows(self, output: str, month: str) -> str | None:
        entry = self.latest.get((output, month))
        return entry.parquet_sha256 if entry else None

    def _month(self, month: str) -> str:
        if month not in self._months:
            self._months[month] = repr(read_month(self.connection, month))
        return self._months[month]

    @cached_property
    def _months(self) -> dict[str, str]:
        return {}

    @cached_property
    def _reviews(self) -> Mapping[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in self.connection.execute(
            "select review_month, output, * exclude (review_month, output) from calendar.review_calendar order by all"
        ).fetchall():
            found.setdefault(row[0], []).append(row)
        return found

    @cached_property
    def _not_made(self) -> Mapping[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in self.connection.execute("select review_month, * from meta.not_made order by all").fetchall():
            found.setdefault(row[0], []).append(row)
        return found

    @cached_property
    def _columns(self) -> Mapping[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in self.connection.execute(
            "select c.table_name, c.column_name, c.data_type, m.column_description from duckdb_columns() as c "
            "left join meta.columns as m on m.schema_name = c.schema_name and m.table_name = c.table_name and "
            "m.column_name = c.column_name "
            "where c.schema_name = 'calendar' and c.database_name = current_database() order by c.table_name, "
            "c.column_index"
        ).fetchall():
            found.setdefault(row[0], []).append(row)
        return found

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, tuple[int, int]]]:
        """Mart → month → row count and an order-independent hash of the rows."""
        found = {}
        for name in (*MARTS, "fct_token_monthly"):
            there = self.connection.execute(
                "select count(*) from duckdb_tables() where schema_name = 'marts' and table_name = ?", [name]
            ).fetchall()
            rows = (
                self.connection.execute(
                    f"select review_month, count(*), sum(hash(t)) from marts.{name} as t group by all"
                ).fetchall()
                if there[0][0]
                else []
            )
            found[name] = {month: (count, int(total)) for month, count, total in rows}
        return found

    def _up_to(self, table: str, month: str) -> list[tuple[str, tuple[int, int]]]:
        return sorted((m, said) for m, said in self._tables[table].items() if m <= month)
