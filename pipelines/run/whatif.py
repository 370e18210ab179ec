"""Computes a month again with other reference rows, alongside the current version; the record is unchanged.

Works in a copy of the warehouse inside the state folder, which is removed at the end. Reads the given table through
ingestion's own reader and judges findings by the same models. Prints nothing; `pipelines/commands/what_if.py` does.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import REFERENCE, Contract
from pipelines.ingest.landing.files import REFERENCE_DROP
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import RUN_MONTH, ensure_schema
from pipelines.partitions import as_of, variant_key
from pipelines.reference.predicate import evaluate_predicates
from pipelines.reference.resolve import forget_other_months, resolve_reference, write_signed_reviews
from pipelines.run import dbt_call
from pipelines.settings import Settings
from pipelines.warehouse import connect, insert_rows

ASKED = "what-if"
Rows = list[tuple[Any, ...]]


class WhatIfError(ValueError):
    """The table or the month is unsuitable; the message says what and why."""


@dataclass(frozen=True)
class RuleChange:
    """One rule, current and changed. Exposures in the rows' currencies added up, as text if there are several."""

    rule_id: str
    title: str
    now: int
    then: int
    appear: int
    vanish: int
    change: int
    exposure_now: dict[str, Decimal]
    exposure_then: dict[str, Decimal]


@dataclass
class WhatIf:
    """Effect of a changed table on a month: per rule, and the findings that would appear or disappear (as dicts)."""

    month: str
    rows: int
    rules: list[RuleChange] = field(default_factory=list)
    appear: list[dict[str, Any]] = field(default_factory=list)
    vanish: list[dict[str, Any]] = field(default_factory=list)


def ask(settings: Settings, month: str, tables: Path) -> WhatIf:
    """Review the month with the rows of the file in place of the company's rows with the same key.

    tables: a reference table as a file that ingestion reads (rule_parameters, prices, flex_rates ...). A row without
    valid_from holds on every day. Raises WhatIfError if the month was never made, or the file is not such a table or
    has a row that is refused.
    """
    folder = settings.beside(ASKED)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        given = _read(replace(settings, data=folder / "given"), tables)
        aside = replace(settings, data=folder)
        aside.warehouse.parent.mkdir(parents=True)
        shutil.copyfile(settings.warehouse, aside.warehouse)
        with connect(aside) as connection:
            _put(connection, month, given)
        aside.apply_to_environment()
        dbt_call.run_models(aside, "+int_finding")
        with connect(aside) as connection:
            return _compared(connection, month, sum(len(rows) for rows in given.values()))
    finally:
        settings.apply_to_environment()
        shutil.rmtree(folder, ignore_errors=True)


def _read(settings: Settings, tables: Path) -> dict[str, Rows]:
    """Rows per reference table, read and judged as in a landing zone."""
    reference = settings.landing / REFERENCE_DROP
    reference.mkdir(parents=True)
    shutil.copyfile(tables, reference / tables.name)
    with connect(settings) as connection:
        ensure_schema(connection)
        load_landing(connection, settings.landing, [], settings.scratch)
        files = connection.execute(
            "select input, verdict, message, rows_rejected from raw.file_register order by path"
        ).fetchall()
        refused = connection.execute(
            "select row_number, reason from raw.rejected_rows order by row_number limit 1"
        ).fetchall()
        known = [(i, v) for i, v, _, _ in files if i in REFERENCE and v == "loaded"]
        if not known:
            said = "; ".join(m for _, _, m, _ in files if m) or "nothing in it is known"
            raise WhatIfError(f"{tables} is not a reference table: {said}.")
        if refused:
            row, reason = refused[0]
            raise WhatIfError(f"{tables}, row {row}: {reason}. Nothing was asked.")
        return {
            name: connection.execute(
                f"select {_columns(REFERENCE[name])} from {REFERENCE[name].table} order by _src"
            ).fetchall()
            for name, _ in known
        }


def _columns(contract: Contract) -> str:
    return ", ".join(f'"{n}"' for n in contract.column_names)


def _put(connection: duckdb.DuckDBPyConnection, month: str, given: dict[str, Rows]) -> None:
    """Set the months of the copy to the current and the changed month, and write the reference tables of both."""
    known = connection.execute("select horizon from raw.published_month where review_month = ?", [month]).fetchall()
    if not known:
        raise WhatIfError(f"{month} was never made. `selfaudit status` names the months that were.")
    key, horizon = variant_key(month, ASKED), known[0][0]
    connection.execute("delete from raw.run_month")
    insert_rows(connection, "raw.run_month", RUN_MONTH, [[k, as_of(month), month, horizon] for k in (month, key)])
    resolve_reference(connection, [month, key])
    for name, rows in given.items():
        _replace_rows(connection, REFERENCE[name], key, rows)
    write_signed_reviews(connection)
    connection.execute("delete from reference.change")
    forget_other_months(connection, [month, key])
    evaluate_predicates(connection, [month, key])


def _replace_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, key: str, rows: Rows) -> None:
    """Replace the rows with the same natural key, whose intervals are all deleted."""
    names = contract.column_names
    places = [names.index(k) for k in contract.natural_key]
    same = " and ".join(f'"{k}" is not distinct from ?' for k in contract.natural_key)
    for parts in sorted({tuple(r[p] for p in places) for r in rows}, key=str):
        connection.execute(f"delete from reference.{contract.name} where review_month = ? and {same}", [key, *parts])
    filled = {"valid_from": "coalesce(?, date '1900-01-01')", "valid_to": "coalesce(?, date '9999-12-31')"}
    marks = ", ".join(filled.get(n, "?") for n in names)
    connection.executemany(
        f"insert into reference.{contract.name} (review_month, {_columns(contract)}, is_default) values (?, {marks}, "
        "false)",
        [[key, *row] for row in rows],
    )


def _compared(connection: duckdb.DuckDBPyConnection, month: str, rows: int) -> WhatIf:
    """Findings of the current month compared with those of the changed month."""
    key = variant_key(month, ASKED)
    sides = (
        "(select * from intermediate.int_finding where review_month = ?) as n full join (select * from "
        "intermediate.int_finding where review_month = ?) as t using (finding_id)"
    )
    found = connection.execute(
        f"""
        select rule_id, max(title), count(*) filter (where is_now), count(*) filter (where is_then),
            count(*) filter (where not is_now),
            count(*) filter (where not is_then), count(*) filter (where is_now and is_then and differs)
        from (
            select coalesce(n.rule_id, t.rule_id) as rule_id, coalesce(n.title, t.title) as title,
                n.rule_id is not null as is_now, t.rule_id is not null as is_then,
                n.observed is distinct from t.observed or n.threshold is distinct from t.threshold
                or n.exposure_amount is distinct from t.exposure_amount
                or n.severity is distinct from t.severity as differs
            from {sides}
        )
        group by rule_id
        having count(*) filter (where not is_now or not is_then or differs) > 0
        order by rule_id
        """,
        [month, key],
    ).fetchall()
    now, then = _exposures(connection, month), _exposures(connection, key)
    asked = WhatIf(month, rows)
    asked.rules = [
        RuleChange(
            rule,
            title,
            held,
            asks,
            appear,
            vanish,
            change,
            exposure_now=now.get(rule, {}),
            exposure_then=then.get(rule, {}),
        )
        for rule, title, held, asks, appear, vanish, change in found
    ]
    asked.appear = _only_in(connection, key, month)
    asked.vanish = _only_in(connection, month, key)
    return asked


def _exposures(connection: duckdb.DuckDBPyConnection, key: str) -> dict[str, dict[str, Decimal]]:
    rows: Sequence[tuple[str, str, Decimal]] = connection.execute(
        "select rule_id, currency, sum(exposure_amount) from intermediate.int_finding where review_month = ? and "
        "exposure_amount is not null "
        "group by all order by all",
        [key],
    ).fetchall()
    found: dict[str, dict[str, Decimal]] = {}
    for rule, currency, amount in rows:
        found.setdefault(rule, {})[currency] = amount
    return found


def _only_in(connection: duckdb.DuckDBPyConnection, key: str, other: str) -> list[dict[str, Any]]:
    names = ("finding_id", "rule_id", "severity", "team_alias", "offering_key", "person_key", "scope", "detail")
    rows = connection.execute(
        f"select {', '.join(names)} from intermediate.int_finding where review_month = ? and finding_id not in "
        "(select finding_id from intermediate.int_finding where review_month = ?) order by rule_id, team_alias, "
        "offering_key, person_key, scope",
        [key, other],
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
