"""Reference tables resolved per review month: the company's copy, shipped defaults merged in, validity closed.

Reads `raw.ref_<table>` (what ingestion loaded) and the default CSV files of `dbt_project/seeds`; writes schema
`reference`. Does not read the landing zone, does not know rules, and never changes a raw row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import REFERENCE, Contract, Type

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
STANDING = "reference"  # the `_drop` of files in landing/reference
FIRST_DAY, LAST_DAY = "DATE '1900-01-01'", "DATE '9999-12-31'"

# Columns that are compared as folded text elsewhere, and therefore stored folded.
FOLDED = {("product_aliases", "alias"), ("feature_requirements", "feature"), ("settings", "key")}
LOWERED = {("sso_domains", "domain")}
# A rule without a threshold means nothing: these defaults are a floor, whatever `use_defaults` says (see resolve_reference).
FLOOR_TABLES = {"rule_parameters"}
# Columns that say where a row comes from and are no part of what it says.
PROVENANCE = {"source", "read_on"}
CATALOGUES: dict[str, tuple[str, ...]] = {
    "rule_catalogue": ("rule_id",),
    "rule_needs": ("rule_id", "need", "at", "optional", "one_of"),
}


class ReferenceError_(ValueError):
    """A reference table contradicts itself; the message names the table and each row as file and row number."""


def fold_sql(expression: str) -> str:
    """SQL that folds a text: lower case, runs outside [a-z0-9] become `_`, `_` stripped (same as a header)."""
    return f"trim(regexp_replace(lower({expression}), '[^a-z0-9]+', '_', 'g'), '_')"


def _quoted(name: str) -> str:
    return '"' + name + '"'


def _dated(contract: Contract) -> bool:
    return "valid_from" in contract.column_names


def ensure_reference_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create schema `reference` with every table, empty; tables that exist are left alone.

    Columns: review_month, those of the contract, is_default, _src (null for a default). Rule catalogue tables have no month.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS reference")
    for contract in REFERENCE.values():
        columns = [f"{_quoted(c.name)} {c.type.sql}" for c in contract.columns]
        con.execute(
            f"CREATE TABLE IF NOT EXISTS reference.{contract.name} "
            f"(review_month VARCHAR, {', '.join(columns)}, is_default BOOLEAN, _src BIGINT)"
        )
    for name, names in CATALOGUES.items():
        columns = [f"{_quoted(n)} VARCHAR" for n in names]
        con.execute(f"CREATE TABLE IF NOT EXISTS reference.{name} ({', '.join(columns)})")
