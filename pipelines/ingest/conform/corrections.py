"""Declared corrections: known errors of a source, repaired by data in expectations/corrections, never by an `if` in
code.

Applies `<input>.yml` of a folder to the typed rows of one drop. Does not decide what is an error, does not touch files.
Format and duties: expectations/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.contracts import INPUTS, Contract

ACTIONS = ("drop", "override")
FIELDS = {"id", "drop", "where", "expect", "action", "set", "reason", "owner", "decided_on"}


class CorrectionError(ValueError):
    """A correction is malformed or no longer needed; the message names file, correction and what to do."""


@dataclass(frozen=True)
class AppliedCorrection:
    """What a correction did. rows: `_src` of the rows it met, ascending; a dropped row counts as rejected with
    `reason`.
    """

    id: str
    action: str
    reason: str
    rows: tuple[int, ...]


def apply_corrections(
    con: duckdb.DuckDBPyConnection, table: str, input_name: str, drop: str, corrections_dir: Path
) -> list[AppliedCorrection]:
    """Apply the corrections declared for an input and drop to `table` (contract columns and `_src`), in file order.

    Returns what was done, empty if nothing is declared. Raises CorrectionError if a correction is malformed, meets no
    row, or a row it meets does not show the fault named in `expect`: then the source was repaired and the entry must
    go.
    """
    path = corrections_dir / f"{input_name}.yml"
    if not path.is_file():
        return []
    contract = INPUTS[input_name]
    declared = [entry for entry in _read(path, contract) if entry["drop"] == drop]
    return [_apply(con, table, contract, entry, path) for entry in declared]


def _read(path: Path, contract: Contract) -> list[dict[str, Any]]:
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        raise CorrectionError(f"{path.name}: it cannot be read as YAML: {error}") from error
    if not isinstance(entries, list):
        raise CorrectionError(f"{path.name}: a list of corrections is expected")
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        problem = _problem(entry, contract, seen)
        if problem:
            raise CorrectionError(f"{path.name}, correction {number}: {problem}")
        seen.add(entry["id"])
    return entries


def _problem(entry: Any, contract: Contract, seen: set[str]) -> str:
    """What is wrong with a declaration, '' if nothing."""
    if not isinstance(entry, dict):
        return "a mapping is expected"
    missing = sorted(FIELDS - {"set"} - entry.keys())
    unknown = sorted(str(k) for k in entry.keys() - FIELDS)
    if missing or unknown:
        return f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
    for name in ("where", "expect", *(("set",) if entry["action"] == "override" else ())):
        columns = entry.get(name)
        if not isinstance(columns, dict) or not columns:
            return f"'{name}' must name at least one column"
        strange = sorted(str(c) for c in columns if c not in contract.column_names)
        if strange:
            return f"'{name}' names columns that {contract.name} does not have: {', '.join(strange)}"
    if entry["action"] not in ACTIONS:
        return f"action must be one of {', '.join(ACTIONS)}"
    if entry["action"] == "drop" and "set" in entry:
        return "action drop takes no 'set'"
    if not isinstance(entry["id"], str):
        return "id must be a text"
    if entry["id"] in seen:
        return f"id {entry['id']} is used twice"
    if not str(entry["reason"]).strip() or not str(entry["owner"]).strip() or not isinstance(entry["decided_on"], date):
        return "reason, owner and decided_on (YYYY-MM-DD) must be filled"
    return ""


def _condition(contract: Contract, columns: dict[str, Any]) -> tuple[str, list[Any]]:
    types = {c.name: c.type.sql for c in contract.columns}
    tests = [f'"{name}" IS NOT DISTINCT FROM CAST(? AS {types[name]})' for name in columns]
    return " AND ".join(tests), [None if v is None else str(v) for v in columns.values()]


def _apply(
    con: duckdb.DuckDBPyConnection, table: str, contract: Contract, entry: dict[str, Any], path: Path
) -> AppliedCorrection:
    where, values = _condition(contract, entry["where"])
    fault, fault_values = _condition(contract, entry["expect"])
    met = con.execute(
        f"SELECT _src, {fault} FROM {table} WHERE {where} ORDER BY _src", [*fault_values, *values]
    ).fetchall()
    label = f"{path.name}: correction {entry['id']} for drop {entry['drop']}"
    if not met:
        raise CorrectionError(
            f"{label} matches no row. Check its `where`; if the source was repaired, remove the entry."
        )
    repaired = [src for src, faulty in met if not faulty]
    if repaired:
        raise CorrectionError(
            f"{label}: {len(repaired)} of {len(met)} rows do not show the expected fault "
            f"({', '.join(sorted(entry['expect']))}). The source seems to be repaired: remove the entry."
        )
    if entry["action"] == "drop":
        con.execute(f"DELETE FROM {table} WHERE {where}", values)
    else:
        types = {c.name: c.type.sql for c in contract.columns}
        sets = ", ".join(f'"{name}" = CAST(? AS {types[name]})' for name in entry["set"])
        new = [None if v is None else str(v) for v in entry["set"].values()]
        con.execute(f"UPDATE {table} SET {sets} WHERE {where}", [*new, *values])
    return AppliedCorrection(entry["id"], entry["action"], str(entry["reason"]), tuple(src for src, _ in met))
