"""The elements of a document to be sent: headline, things to do, tables, limits, files; and the rows of one contract as
figures. `sent_documents` defines the documents.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from pipelines.report.figures import Figure, figure
from pipelines.report.month import offering_names
from pipelines.report.rows import query

Connection = duckdb.DuckDBPyConnection
Cell = str | Figure


@dataclass(frozen=True)
class Table:
    """A table of the document: headers, which of them are numeric, rows of texts and figures, and the introductory
    sentence.
    """

    title: str
    intro: str
    headers: list[str]
    numbers: list[bool]
    rows: list[list[Cell]]
    source: str


@dataclass(frozen=True)
class Step:
    """One thing to do: what, its amount, why."""

    what: str
    money: Figure | None
    why: str


@dataclass(frozen=True)
class Document:
    """One document, ready for layout."""

    kind: str
    title: str
    contract: str
    review_month: str
    as_of: date
    state: str
    subtitle: str
    position: str
    headline: list[tuple[str, list[Figure]]]
    steps: list[Step]
    tables: list[Table]
    limits: list[str]
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Base name of its files, without the extension."""
        return file_name(self.review_month, self.kind, self.contract)


def file_name(review_month: str, kind: str, contract: str) -> str:
    """Base name of a document's files: letters, digits and hyphens only, whatever the contract is called."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", contract).strip("-")
    unlike = "" if plain == contract else f"-{hashlib.sha256(contract.encode()).hexdigest()[:6]}"
    return f"{review_month}-{kind}-{plain or 'contract'}{unlike}"


class ContractRows:
    """The rows of one contract in one output, as figures."""

    def __init__(
        self, connection: Connection, table: str, review_month: str, contract: str, key: Sequence[str]
    ) -> None:
        self.connection = connection
        self.table = f"calendar.{table}"
        self.where = {"review_month": review_month, "contract_number": contract or None}
        self.key = key
        self.names = offering_names(connection, review_month)
        self.rows = query(
            connection,
            f"select * from {self.table} where review_month = ? and coalesce(contract_number, '') = ? order by "
            f"{', '.join(key)}",
            review_month,
            contract,
        )

    def cell(self, row: dict[str, Any], column: str, currency: str | None = None) -> Cell:
        """One value of a row: a number as a figure, a text as is."""
        value = row.get(column)
        if isinstance(value, str) or (value is None and column in {"mismatch_types", "ai_features_used", "levers"}):
            return value or ""
        where = {**self.where, **{k: row[k] for k in self.key}}
        return Figure(value, self.table, f"max({column})", where, "money" if currency else "count", currency)

    def cells(self, row: dict[str, Any], *columns: str, currency: str | None = None) -> list[Cell]:
        """Several values of a row."""
        return [self.cell(row, column, currency) for column in columns]

    def money(self, column: str, currency: str, one_of_many: bool = True) -> Figure:
        """An amount summed over the contract; one_of_many: only the rows of that currency."""
        where = {**self.where, "currency": currency} if one_of_many else self.where
        return figure(self.connection, self.table, f"sum({column})", where, "money", currency)

    def offering(self, row: dict[str, Any]) -> str:
        """The name of the row's offering."""
        return self.names.get(row["offering_key"]) or row["offering_key"]

    def as_table(
        self,
        title: str,
        intro: str,
        headers: list[str],
        numbers: list[bool],
        cells: Callable[[dict[str, Any]], list[Cell]],
        among: Callable[[dict[str, Any]], bool] = lambda row: True,
    ) -> Table:
        """A table with a line for each row, or for the rows that satisfy `among`."""
        return Table(title, intro, headers, numbers, [cells(r) for r in self.rows if among(r)], self.source())

    def source(self) -> str:
        """The source of a table's numbers, as a sentence."""
        return f"{self.table}, review month {self.where['review_month']}, contract {self.where['contract_number']}"


def limits_of(connection: Connection, output: str, review_month: str) -> list[str]:
    """What could not be assessed in the output, one sentence per rule; the audit readiness report names every rule."""
    rows = query(
        connection,
        "select r.rule_id, r.title, r.assessability, r.reason from calendar.rule_runs as r "
        "inner join meta.rule_catalogue as c on c.rule_id = r.rule_id "
        "where r.review_month = ? and r.assessability <> 'assessed' and (strpos(c.calendar_output, ?) > 0 or ? = "
        "'audit_readiness') order by r.rule_id",
        review_month,
        output,
        output,
    )
    return [
        f"{r['rule_id']} {r['title']}: {r['assessability'].replace('_', ' ')}. {r['reason'] or ''}".strip()
        for r in rows
    ]


def term_of(connection: Connection, review_month: str, contract: str) -> str:
    """The terms of the contract in one sentence."""
    rows = query(
        connection,
        "select kind, start_date, end_date, renewal_date from marts.dim_contract where review_month = ? and "
        "contract_number = ?",
        review_month,
        contract,
    )
    if not rows:
        return "The terms of this contract are not on file."
    term = rows[0]
    parts = [f"{term['kind'] or 'contract'} from {term['start_date'] or '?'} to {term['end_date'] or '?'}"]
    if term["renewal_date"]:
        parts.append(f"renewal on {term['renewal_date']}")
    return ", ".join(parts).capitalize() + "."


def as_figure(cell: Cell) -> Figure | None:
    """The cell if it is a figure."""
    return cell if isinstance(cell, Figure) else None
