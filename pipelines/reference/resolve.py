"""Reference tables resolved per review month: the company's copy, shipped defaults merged in, validity closed.

Reads `raw.ref_<table>` (what ingestion loaded) and the default CSV files of `dbt_project/seeds`; writes schema
`reference`. Does not read the landing zone, does not know rules, and never changes a raw row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import REFERENCE, Contract
from pipelines.partitions import month_of
from pipelines.reference.known import ReferenceTableError, unknown_columns, unknown_parameters, unknown_settings
from pipelines.settings import SEEDS
from pipelines.warehouse import columns_of_tables, transaction

STANDING = "reference"  # the `_drop` of files in landing/reference
FIRST_DAY, LAST_DAY = "DATE '1900-01-01'", "DATE '9999-12-31'"

# Columns that are compared as folded text elsewhere, and therefore stored folded.
FOLDED = {("product_aliases", "alias"), ("feature_requirements", "feature"), ("settings", "key")}
LOWERED = {("sso_domains", "domain")}
# A rule without a threshold means nothing: these defaults are a floor, whatever `use_defaults` says.
FLOOR_TABLES = {"rule_parameters"}
# Columns that say where a row comes from and are no part of what it says.
PROVENANCE = {"source", "read_on", "certainty"}
CATALOGUES: dict[str, tuple[str, ...]] = {
    "rule_catalogue": ("rule_id",),
    "rule_needs": ("rule_id", "need", "at", "optional", "one_of"),
    "rule_absences": ("rule_id", "part", "input", "at"),
    "feature_codes": ("feature_code", "kind", "release", "name", "product", "source"),
}


def fold_sql(expression: str) -> str:
    """SQL that folds a text: lower case, runs outside [a-z0-9] become `_`, `_` stripped (same as a header)."""
    return f"trim(regexp_replace(lower({expression}), '[^a-z0-9]+', '_', 'g'), '_')"


def _quoted(name: str) -> str:
    return '"' + name + '"'


def _dated(contract: Contract) -> bool:
    return "valid_from" in contract.column_names


def ensure_reference_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create schema `reference` with every table, empty; tables that exist are left alone, but for those of another
    version, whose rows the next resolution writes anew.

    Columns: review_month, those of the contract, is_default, _src (null for a default). The rule
    catalogue's tables have no month.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS reference")
    there = columns_of_tables(con, "reference")
    for contract in REFERENCE.values():
        of_contract = {c.name: c.type.sql for c in contract.columns}
        wanted = {"review_month": "VARCHAR", **of_contract, "is_default": "BOOLEAN", "_src": "BIGINT"}
        if there.get(contract.name) != wanted:
            typed = ", ".join(f"{_quoted(name)} {kind}" for name, kind in wanted.items())
            con.execute(f"CREATE OR REPLACE TABLE reference.{contract.name} ({typed})")
    for name, names in CATALOGUES.items():
        columns = [f"{_quoted(n)} VARCHAR" for n in names]
        con.execute(f"CREATE TABLE IF NOT EXISTS reference.{name} ({', '.join(columns)})")
    con.execute(
        "CREATE TABLE IF NOT EXISTS reference.signed_review (review_month VARCHAR, activity VARCHAR, period VARCHAR)"
    )


# ---------------------------------------------------------------------------------------------------------------
# Resolution
# ---------------------------------------------------------------------------------------------------------------


def resolve_reference(con: duckdb.DuckDBPyConnection, months: Sequence[str], seeds: Path = SEEDS) -> list[str]:
    """Write schema `reference` for the review months of a run and return warnings (text, in a stable order).

    months: keys of the run; a variant of a month (partitions.variant_key) has the tables of its month. Per month and
    table the copy of that drop wins as a whole, if it holds a loaded file of the table; else the standing one. A
    default whose key without `valid_from` occurs in that copy is dropped; `settings` with `use_defaults` = false drops
    all of them. Parameters of rules are a floor instead: a default parameter holds on the days for which the company
    states none, because a rule without a threshold could say nothing (the published text gives these values). An empty
    valid_to ends the day before the next valid_from of the key, else 9999-12-31. Months that are not in `months` are
    removed: the schema holds the months of one run.

    Raises ReferenceTableError: intervals of one key overlap, an undated key has two different rows, a chain or loop in
    person_aliases, a rule parameter that is no number, a column, setting or parameter that nothing reads (`known`), or
    a defect of the shipped defaults. Nothing is written then.
    Rule: definition of this project, docs/exporting.md.
    """
    ensure_reference_schema(con)
    warnings: list[str] = []
    _load_winners(con, months)
    # Everything that can be wrong is found in temporary tables, before the transaction that replaces the schema.
    for contract in REFERENCE.values():
        _stage(con, contract, seeds, warnings)
    warnings += unknown_columns(con)
    warnings += unknown_settings(_placed(con, "settings", "key", "value"))
    unknown_parameters(_placed(con, "rule_parameters", "rule_id", "parameter"), seeds)
    _check_person_aliases(con)
    _check_rule_parameters(con)
    catalogues = {name: seeds / f"{name}.csv" for name in CATALOGUES}
    with transaction(con):
        for contract in REFERENCE.values():
            con.execute(f"DELETE FROM reference.{contract.name}")
            con.execute(f"INSERT INTO reference.{contract.name} BY NAME {_resolved_sql(contract)}")
        for name, path in catalogues.items():
            if path.is_file():
                con.execute(f"CREATE OR REPLACE TABLE reference.{name} AS {_csv_sql(path)}")
    for contract in REFERENCE.values():
        con.execute(f"DROP TABLE _ref_company_{contract.name}")
        con.execute(f"DROP TABLE _ref_default_{contract.name}")
    con.execute("DROP TABLE _ref_winner")
    return warnings


def write_signed_reviews(con: duckdb.DuckDBPyConnection) -> None:
    """Write `reference.signed_review`: per key of the run the reviews that were signed off by the last day of its
    month.

    A table of its own, since most sign-offs come after the month: they concern the calendar of reviews, and no finding.
    """
    con.execute("DELETE FROM reference.signed_review")
    con.execute(
        "INSERT INTO reference.signed_review "
        "SELECT DISTINCT review_month, activity, period FROM reference.sign_offs "
        "WHERE CAST(\"at\" AS DATE) <= last_day(CAST(substr(review_month, 1, 7) || '-01' AS DATE)) ORDER BY ALL"
    )


def forget_other_months(con: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Remove what was resolved for months that are none of the run's: they were looked at to see what changed."""
    for contract in REFERENCE.values():
        con.execute(f"DELETE FROM reference.{contract.name} WHERE NOT list_contains(?, review_month)", [list(months)])


def _load_winners(con: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Temporary table _ref_winner(review_month, tab, drop_name, use_defaults): the copy a month uses of each table."""
    keys = sorted(set(months))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE _ref_winner "
        "(review_month VARCHAR, tab VARCHAR, drop_name VARCHAR, use_defaults BOOLEAN)"
    )
    con.execute(
        f"""
        INSERT INTO _ref_winner
        SELECT m.review_month, t.tab,
               CASE WHEN EXISTS (SELECT 1 FROM raw.file_register AS f
                                 WHERE f.drop = m.drop_month AND f.input = t.tab AND f.verdict = 'loaded')
                    THEN m.drop_month ELSE '{STANDING}' END,
               true
        FROM (SELECT unnest(?::VARCHAR[]) AS review_month, unnest(?::VARCHAR[]) AS drop_month) AS m
        CROSS JOIN (SELECT unnest(?::VARCHAR[]) AS tab) AS t
        """,
        [keys, [month_of(k) for k in keys], list(REFERENCE)],
    )
    con.execute(
        f"""
        UPDATE _ref_winner SET use_defaults = false
        WHERE review_month IN (
            SELECT w.review_month FROM _ref_winner AS w
            JOIN raw.ref_settings AS s ON w.tab = 'settings' AND s._drop = w.drop_name
            WHERE {fold_sql("s.key")} = 'use_defaults'
                AND lower(trim(s.value)) IN ('false', 'no', 'off', '0', 'f', 'n'))
        """
    )


def _normalised(contract: Contract, name: str) -> str:
    """SQL of one column as the reference schema holds it (without closing valid_to)."""
    column = _quoted(name)
    if (contract.name, name) in FOLDED:
        return f"{fold_sql(column)} AS {column}"
    if (contract.name, name) in LOWERED:
        return f"lower(trim({column})) AS {column}"
    if name == "valid_from":
        return f"coalesce(valid_from, {FIRST_DAY}) AS valid_from"
    return column


def _csv_sql(path: Path) -> str:
    """SELECT of a shipped CSV file (UTF-8, comma, header), every column as text; empty is null."""
    text = str(path).replace("'", "''")
    return (
        f"SELECT * FROM read_csv('{text}', header = true, delim = ',', quote = '\"', escape = '\"', all_varchar = true)"
    )


def _stage(con: duckdb.DuckDBPyConnection, contract: Contract, seeds: Path, warnings: list[str]) -> None:
    """Temporary tables _ref_company_<table> (copies in use) and _ref_default_<table>, checked and closed."""
    names = contract.column_names
    columns = ", ".join(_normalised(contract, n) for n in names)
    company, default = f"_ref_company_{contract.name}", f"_ref_default_{contract.name}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {company} AS "
        f"SELECT _drop, {columns}, _file_no, _row_number, _src FROM {contract.table} "
        f"WHERE _drop IN (SELECT drop_name FROM _ref_winner WHERE tab = '{contract.name}')"
    )
    path = seeds / "defaults" / f"{contract.name}.csv"
    typed = ", ".join(f"CAST({_quoted(c.name)} AS {c.type.sql}) AS {_quoted(c.name)}" for c in contract.columns)
    rows = f"SELECT {typed}, row_number() OVER () AS _row_number FROM ({_csv_sql(path)})"
    if not path.is_file():
        empty = ", ".join(f"NULL::{c.type.sql} AS {_quoted(c.name)}" for c in contract.columns)
        rows = f"SELECT {empty}, NULL::BIGINT AS _row_number WHERE false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {default} AS SELECT '{path.name} of the shipped defaults' AS _drop, {columns}, "
        f"-1 AS _file_no, _row_number, NULL::BIGINT AS _src FROM ({rows})"
    )
    for table in (company, default):
        _drop_repeated(con, contract, table, warnings)
        if _dated(contract):
            _drop_reversed(con, contract, table, warnings)
            _close(con, contract, table)
        else:
            _refuse_same_key(con, contract, table)


def _name_rows(con: duckdb.DuckDBPyConnection, rows: Sequence[tuple[str, int, int]]) -> list[str]:
    """(drop, file number, row number) as `drop/path row n`."""
    paths = {}
    for drop, number in sorted({(drop, number) for drop, number, _ in rows}):
        found = con.execute("SELECT min(path) FROM raw.file_register WHERE _file_no = ?", [number]).fetchall()[0][0]
        paths[(drop, number)] = f"{drop}/{found}" if found else drop
    return [f"{paths[(drop, number)]} row {row}" for drop, number, row in rows]


def _placed(con: duckdb.DuckDBPyConnection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """The company's rows of a table: (file and row, the columns)."""
    names = ", ".join(_quoted(n) for n in columns)
    rows = con.execute(
        f"SELECT _drop, _file_no, _row_number, {names} FROM _ref_company_{table} ORDER BY _drop, _file_no, _row_number"
    ).fetchall()
    places = _name_rows(con, [(drop, file_no, row) for drop, file_no, row, *_ in rows])
    return [(place, *row[3:]) for place, row in zip(places, rows, strict=True)]


def _drop_repeated(con: duckdb.DuckDBPyConnection, contract: Contract, table: str, warnings: list[str]) -> None:
    """Rows that say the same (all columns but provenance) are one row; the later ones are left out with a warning."""
    says = ", ".join(_quoted(n) for n in contract.column_names if n not in PROVENANCE)
    again = f"QUALIFY row_number() OVER (PARTITION BY _drop, {says} ORDER BY _file_no, _row_number) > 1"
    _leave_out(con, contract, table, again, "repeat an earlier row", warnings)


def _drop_reversed(con: duckdb.DuckDBPyConnection, contract: Contract, table: str, warnings: list[str]) -> None:
    """A row that ends before it begins holds on no day: left out with a warning."""
    reverse = "WHERE valid_to IS NOT NULL AND valid_to < valid_from"
    _leave_out(con, contract, table, reverse, "end before they begin", warnings)


def _leave_out(
    con: duckdb.DuckDBPyConnection, contract: Contract, table: str, which: str, because: str, warnings: list[str]
) -> None:
    """Delete rows and warn of them, the first three by name. which: a WHERE or QUALIFY clause."""
    rows = con.execute(
        f"SELECT _drop, _file_no, _row_number FROM {table} {which} ORDER BY _drop, _file_no, _row_number"
    ).fetchall()
    if not rows:
        return
    con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} {which})")
    shown = ", ".join(_name_rows(con, rows[:3])) + (" ..." if len(rows) > 3 else "")
    warnings.append(f"{contract.name}: {len(rows)} row(s) {because} and were left out: {shown}")


def _key_list(contract: Contract, alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{_quoted(k)}" for k in contract.natural_key)


def _close(con: duckdb.DuckDBPyConnection, contract: Contract, table: str) -> None:
    """Fill valid_to; raises ReferenceTableError naming both rows where two intervals of a key share a day."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE _ref_closed AS
        SELECT * REPLACE (coalesce(valid_to, CAST(next_from - 1 AS DATE), {LAST_DAY}) AS valid_to),
               next_from IS NOT NULL AND (next_from = valid_from OR valid_to >= next_from) AS clash
        FROM (SELECT *, lead(valid_from) OVER w AS next_from, lead(_file_no) OVER w AS next_file,
                     lead(_row_number) OVER w AS next_row
              FROM {table}
              WINDOW w AS (PARTITION BY _drop, {_key_list(contract)} ORDER BY valid_from, _file_no, _row_number))
        """
    )
    clash = con.execute(
        f"SELECT _drop, _file_no, _row_number, next_file, next_row, concat_ws(', ', {_key_list(contract)}) "
        "FROM _ref_closed WHERE clash ORDER BY _drop, _file_no, _row_number LIMIT 1"
    ).fetchall()
    if clash:
        drop, file_no, row, next_file, next_row, key = clash[0]
        first, second = _name_rows(con, [(drop, file_no, row), (drop, next_file, next_row)])
        raise ReferenceTableError(
            f"{contract.name}: two rows apply on the same day for '{key}': {first} and {second}. "
            "End the earlier one with valid_to, or leave its valid_to empty and give the later one a later valid_from."
        )
    con.execute(f"DROP TABLE {table}")
    con.execute(
        f"CREATE TEMP TABLE {table} AS SELECT * EXCLUDE (next_from, next_file, next_row, clash) FROM _ref_closed"
    )
    con.execute("DROP TABLE _ref_closed")


def _refuse_same_key(con: duckdb.DuckDBPyConnection, contract: Contract, table: str) -> None:
    """Raises ReferenceTableError naming both rows where an undated key has two different rows."""
    clash = con.execute(
        "SELECT _drop, _file_no, _row_number, lead(_file_no) OVER w, lead(_row_number) OVER w, "
        f"concat_ws(', ', {_key_list(contract)}) "
        f"FROM {table} WINDOW w AS (PARTITION BY _drop, {_key_list(contract)} ORDER BY _file_no, _row_number) "
        "QUALIFY lead(_file_no) OVER w IS NOT NULL ORDER BY _drop, _file_no, _row_number LIMIT 1"
    ).fetchall()
    if clash:
        drop, file_no, row, next_file, next_row, key = clash[0]
        first, second = _name_rows(con, [(drop, file_no, row), (drop, next_file, next_row)])
        raise ReferenceTableError(
            f"{contract.name}: '{key}' occurs twice with different values: {first} and {second}. Keep one of the rows."
        )


def _check_person_aliases(con: duckdb.DuckDBPyConnection) -> None:
    """An alias leads to its person in one step: raises ReferenceTableError on a chain or loop, naming the rows."""
    clash = con.execute(
        """
        SELECT a._drop, a._file_no, a._row_number, b._file_no, b._row_number, a.alias_email, a.email, b.email
        FROM _ref_company_person_aliases AS a
        JOIN _ref_company_person_aliases AS b ON b._drop = a._drop AND b.alias_email = a.email
        ORDER BY a._drop, a._file_no, a._row_number LIMIT 1
        """
    ).fetchall()
    if clash:
        drop, file_no, row, next_file, next_row, alias, email, further = clash[0]
        first, second = _name_rows(con, [(drop, file_no, row), (drop, next_file, next_row)])
        kind = "a loop" if further == alias else "a chain"
        raise ReferenceTableError(
            f"person_aliases: {kind}: {alias} leads to {email} ({first}), which is itself an alias ({second}). "
            "Let every alias name the person's final address."
        )


def _check_rule_parameters(con: duckdb.DuckDBPyConnection) -> None:
    """A parameter is a number, but for a list of patterns: raises ReferenceTableError naming the row. Half a rule would
    be worse than none.
    """
    wrong = con.execute(
        """
        SELECT _drop, _file_no, _row_number, rule_id, parameter, value FROM _ref_company_rule_parameters
        WHERE split_part(parameter, ':', 1) <> 'pattern' AND (try_cast(value AS DECIMAL(18,6)) IS NULL OR NOT
        isfinite(try_cast(value AS DOUBLE)))
        ORDER BY ALL LIMIT 1
        """
    ).fetchall()
    if wrong:
        drop, file_no, row, rule, parameter, value = wrong[0]
        (place,) = _name_rows(con, [(drop, file_no, row)])
        raise ReferenceTableError(
            f"rule_parameters: {rule} {parameter} is '{value or ''}' ({place}), which is not a number. "
            "Write it with a decimal point and without separators of thousands, for example 0.15."
        )


def _resolved_sql(contract: Contract) -> str:
    """SELECT of all rows of a table for all months of the run, company rows and the defaults that remain."""
    columns = ", ".join(f"c.{_quoted(n)}" for n in contract.column_names)
    company, default = f"_ref_company_{contract.name}", f"_ref_default_{contract.name}"
    same = " AND ".join(f"k.{_quoted(n)} IS NOT DISTINCT FROM c.{_quoted(n)}" for n in contract.natural_key)
    winners = f"(SELECT * FROM _ref_winner WHERE tab = '{contract.name}')"
    floor = contract.name in FLOOR_TABLES
    parts = [
        f"SELECT w.review_month, {columns}, false AS is_default, c._src "
        f"FROM {winners} AS w JOIN {company} AS c ON c._drop = w.drop_name",
        f"SELECT w.review_month, {columns}, true AS is_default, c._src "
        f"FROM {winners} AS w CROSS JOIN {default} AS c "
        f"WHERE {'true' if floor else 'w.use_defaults'} "
        f"AND NOT EXISTS (SELECT 1 FROM {company} AS k WHERE k._drop = w.drop_name AND {same})",
    ]
    if floor:
        parts.append(_floor_sql(contract, winners, company, default, same))
    order = ["review_month", *(_quoted(k) for k in contract.natural_key), *(["valid_from"] if _dated(contract) else [])]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY {', '.join(order)}"


def _floor_sql(contract: Contract, winners: str, company: str, default: str, same: str) -> str:
    """Defaults on the days which the company's rows of the same key leave open (before, between, after them)."""
    columns = ", ".join(
        f"{ {'valid_from': 'g.gap_from', 'valid_to': 'g.gap_to'}.get(n, 'c.' + _quoted(n)) } AS {_quoted(n)}"
        for n in contract.column_names
    )
    keys = _key_list(contract)
    gap_same = same.replace("k.", "g.")
    return f"""
        SELECT w.review_month, {columns}, true AS is_default, c._src
        FROM {winners} AS w
        CROSS JOIN {default} AS c
        JOIN (SELECT _drop, {keys}, coalesce(CAST(lag(valid_to) OVER o + 1 AS DATE), {FIRST_DAY}) AS gap_from,
                     CAST(valid_from - 1 AS DATE) AS gap_to
              FROM {company} WINDOW o AS (PARTITION BY _drop, {keys} ORDER BY valid_from)
              UNION ALL
              SELECT _drop, {keys}, CAST(max(valid_to) + 1 AS DATE), {LAST_DAY}
              FROM {company} GROUP BY _drop, {keys} HAVING max(valid_to) < {LAST_DAY}) AS g
            ON g._drop = w.drop_name AND {gap_same} AND g.gap_from <= g.gap_to
    """
