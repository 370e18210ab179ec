"""What the company's tables may say: columns, keys of `settings`, names of parameters. Another name is an error that
names the nearest known one: a setting that is written wrong would change nothing, and nobody would see it.

Reads the temporary tables of `resolve` and the register; writes nothing. Values and intervals are `resolve`.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import REFERENCE
from pipelines.contracts.aliases import aliases, fold
from pipelines.reference import retention

# Key of `settings` → what it is for. Those of NO_EFFECT are accepted with a warning: they are names of the definition
# of this project that no rule reads yet.
SETTINGS = {
    "organisation": "name of the company",
    "currency": "its currency",
    "billing_account": "account in FOCUS files",
    "invoice_issuer": "issuer in FOCUS files",
    "fiscal_year_start_month": "month in which its fiscal year begins, 1 to 12",
    "use_defaults": "no: no shipped default holds",
    "privacy_mode": "on: pseudonyms in what is published",
    **retention.KEYS,
}
NO_EFFECT = ("holidays_country",)
NO = frozenset({"false", "no", "off", "0", "f", "n", ""})
YES = frozenset({"true", "yes", "on", "1", "t", "y"})
# How alike an unknown column must be to a known one that the file lacks to be taken for it (measured: valid_form and
# valid_from 0.9, curency and currency 0.93, owner and owner_email 0.62). Less alike it is one of the company's own.
ALIKE = 0.75
MOST_LISTED = 8


class ReferenceTableError(ValueError):
    """A reference table contradicts itself or says what nothing reads; the message names the table and each row as file
    and row number.
    """


def nearest(name: str, known: Collection[str]) -> str:
    """Words that name the known name most like another one."""
    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    listed = sorted(known)
    rest = "" if len(listed) > MOST_LISTED else f" (known are {', '.join(listed)})"
    return f"the nearest known one is '{found[0]}'{rest}" if found else "none is known"


def unknown_columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Warnings of columns of the company's tables that are not read. Raises ReferenceTableError where one is most
    likely a known column that is written wrong.

    Columns of the company's own (a ticket, a note) are welcome: they are read by nothing.
    """
    rows = con.execute(
        "SELECT f.drop, f.path, f.input, f.extra_columns FROM raw.file_register AS f "
        "WHERE f.verdict = 'loaded' AND coalesce(f.extra_columns, '') <> '' AND (f.input, f.drop) IN "
        "(SELECT (tab, drop_name) FROM _ref_winner) ORDER BY f.drop, f.path"
    ).fetchall()
    warnings = []
    for drop, path, table, extra in rows:
        given = extra.split(", ")
        for column in given:
            spellings = _spellings(table)
            lacking = {s: c for s, c in spellings.items() if c not in _columns_of(con, table, drop)}
            found = difflib.get_close_matches(fold(column), sorted(lacking), n=1, cutoff=ALIKE)
            if found:
                raise ReferenceTableError(
                    f"{table}: the column '{column}' of {drop}/{path} is not known; the nearest known one is "
                    f"'{found[0]}'. Rename it, or delete it if it is not needed."
                )
        warnings.append(f"{table}: of {drop}/{path} these columns are not read: {', '.join(given)}")
    return warnings


def _spellings(table: str) -> dict[str, str]:
    """Folded spelling → column of a table."""
    known = {name: name for name in REFERENCE[table].column_names}
    return known | {alias.alias: alias.column for alias in aliases().get(table, ())}


def _columns_of(con: duckdb.DuckDBPyConnection, table: str, drop: str) -> set[str]:
    """Columns of a table that hold a value in the copy of a drop."""
    names = REFERENCE[table].column_names
    counts = ", ".join(f'count("{n}")' for n in names)
    (row,) = con.execute(f"SELECT {counts} FROM {REFERENCE[table].table} WHERE _drop = ?", [drop]).fetchall()
    return {name for name, count in zip(names, row, strict=True) if count}


def unknown_settings(rows: Sequence[tuple[str, str, str | None]]) -> list[str]:
    """Warnings of settings without effect. rows: (place, folded key, value). Raises ReferenceTableError for a key that
    is not known, for a privacy mode that is neither on nor off, and for months of retention that are no number or too
    few.
    """
    warnings = []
    for place, key, value in rows:
        if key in NO_EFFECT:
            warnings.append(f"settings: {key} has no effect in this version ({place})")
        elif key not in SETTINGS:
            raise ReferenceTableError(
                f"settings: the key '{key}' is not known ({place}); {nearest(key, {*SETTINGS, *NO_EFFECT})}."
            )
        elif key == "privacy_mode" and (value or "").strip().lower() not in NO | YES:
            raise ReferenceTableError(f"settings: privacy_mode is '{value}' ({place}); expected on or off.")
        elif key in retention.KEYS:
            try:
                retention.months_of(key, value)
            except ValueError as error:
                raise ReferenceTableError(f"settings: {error} ({place}).") from None
    return warnings


def unknown_parameters(rows: Sequence[tuple[str, str, str]], seeds: Path) -> None:
    """Raise ReferenceTableError for a parameter that no rule reads. rows: (place, rule_id, parameter); what follows a
    colon is an offering.

    Every parameter that a rule reads has a shipped default; without these (as in tests) nothing is known to be wrong.
    """
    path = seeds / "defaults" / "rule_parameters.csv"
    if not path.is_file():
        return
    known: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            known.setdefault(row["rule_id"], set()).add(row["parameter"].partition(":")[0])
    for place, rule, parameter in rows:
        name = parameter.partition(":")[0]
        if rule not in known:
            raise ReferenceTableError(
                f"rule_parameters: '{rule}' ({place}) is not a rule with parameters; {nearest(rule, known)}."
            )
        if name not in known[rule]:
            raise ReferenceTableError(
                f"rule_parameters: {rule} has no parameter '{name}' ({place}); {nearest(name, known[rule])}."
            )
