"""What changed in the reference tables since the month before, and the tables as they would be had it not.

A month whose parameters, prices, rates or terms changed is asked once more with each kind of change taken back (a
variant of the month); the findings in which the two differ are those that the change alone made appear or vanish. Reads
and writes schema `reference`; knows no rule and compares no finding (`dbt_project/models/calendar/finding_causes.sql`
does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.contracts import REFERENCE, Contract
from pipelines.partitions import as_of, shift, variant_key
from pipelines.reference.resolve import PROVENANCE

# Kinds of change, and the tables that each is looked for in.
KINDS: dict[str, tuple[str, ...]] = {
    "rule": ("rule_parameters",),
    "price": ("prices", "token_prices", "exchange_rates"),
    "rate": ("flex_rates",),
    "term": (
        "contracts",
        "contract_lines",
        "collection_members",
        "collection_coverage",
        "collection_exclusions",
        "version_support",
        "feature_requirements",
    ),
}
TAKEN_BACK = "without-"
SHOWN = 5


@dataclass(frozen=True)
class Change:
    """One kind of change in one month: what changed, in words."""

    month: str
    kind: str
    detail: str

    @property
    def key(self) -> str:
        """Key of the variant of the month without this change."""
        return variant_key(self.month, TAKEN_BACK + self.kind)


def find_changes(con: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[Change]:
    """The kinds of change of each month against the month before it, in order. Both months must be resolved in schema
    `reference`.
    """
    found = []
    for month in sorted(months):
        for kind, tables in KINDS.items():
            texts = [text for table in tables for text in _differences(con, REFERENCE[table], month)]
            if texts:
                more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
                found.append(Change(month, kind, "; ".join(texts[:SHOWN]) + more))
    return found


def take_back(con: duckdb.DuckDBPyConnection, changes: Sequence[Change]) -> None:
    """Write the tables of each change's variant: those of its kind as they stood at the end of the month before, all
    others as they are.
    """
    con.execute("create table if not exists reference.change (review_month varchar, kind varchar, detail varchar)")
    con.execute("delete from reference.change")
    for change in changes:
        con.execute("insert into reference.change values (?, ?, ?)", [change.month, change.kind, change.detail])
        for contract in REFERENCE.values():
            if contract.name in KINDS[change.kind]:
                rows, month = _frozen(contract, change.month), shift(change.month, -1)
            else:
                rows, month = f"select * from reference.{contract.name} where review_month = ?", change.month
            con.execute(
                f"insert into reference.{contract.name} by name select * replace (? as review_month) from ({rows})",
                [change.key, month],
            )


def _frozen(contract: Contract, month: str) -> str:
    """SQL with one parameter, the month before: its rows as if nothing had changed after its last day."""
    rows = f"select * from reference.{contract.name} where review_month = ?"
    if "valid_to" not in contract.column_names:
        return rows
    last = f"date '{as_of(shift(month, -1))}'"
    ended = f"case when valid_to >= {last} then date '9999-12-31' else valid_to end"
    return f"select * replace ({ended} as valid_to) from ({rows}) where valid_from <= {last}"


def _differences(con: duckdb.DuckDBPyConnection, contract: Contract, month: str) -> list[str]:
    """One sentence per key that has other values at the end of the month than it would have, or had others before;
    empty if nothing differs.
    """
    rows = f"select * from reference.{contract.name} where review_month = ?"
    before = _known(con, contract, _frozen(contract, month), shift(month, -1), month)
    now = _known(con, contract, rows, month, month)
    texts = []
    for key in sorted(before.keys() | now.keys(), key=str):
        old, new = before.get(key), now.get(key)
        if old == new:
            continue
        name = " ".join([contract.name, *(str(part) for part in key if part is not None)])
        if old is None or new is None:
            texts.append(f"{name}: {'added' if old is None else 'no longer there'}")
            continue
        values = [f"{n} {_shown(old[n])} → {_shown(new[n])}" for n in new if old[n] != new[n]]
        texts.append(f"{name}: {', '.join(values)}")
    return texts


def _known(
    con: duckdb.DuckDBPyConnection, contract: Contract, rows: str, review_month: str, month: str
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows that hold at the end of the month, by their key."""
    key = contract.natural_key
    values = [n for n in contract.column_names if n not in {*key, *PROVENANCE, "valid_from", "valid_to"}]
    last = f"date '{as_of(month)}'"
    held = f"where valid_from <= {last} and valid_to >= {last}" if "valid_to" in contract.column_names else ""
    columns = ", ".join(f'"{n}"' for n in [*key, *values])
    found = con.execute(f"select {columns} from ({rows}) {held}", [review_month]).fetchall()
    return {tuple(r[: len(key)]): dict(zip(values, r[len(key) :], strict=True)) for r in found}


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text and text.replace(".", "").lstrip("-").isdigit() else text
