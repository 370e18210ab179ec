"""The company's own value tables (`value_aliases`): which rows hold for a drop, and what of them a drop was read with.

A drop's own copy wins as a whole, else that of the reference folder holds, as it stands when the drop is read. Shipped
tables are `contracts/values`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb

from pipelines.contracts import INPUTS
from pipelines.contracts.values import UNKNOWN, Company, allowed
from pipelines.ingest.conform.judged import Judged
from pipelines.ingest.landing.files import REFERENCE_DROP

TABLE = "value_aliases"
Words = dict[tuple[str, str], dict[str, str]]


def standing_words(con: duckdb.DuckDBPyConnection) -> tuple[Words, list[str]]:
    """The words of the reference folder, as loaded, and warnings about rows that mean nothing."""
    return _words(con, f"select * from raw.ref_{TABLE} where _drop = '{REFERENCE_DROP}'")


def own_words(con: duckdb.DuckDBPyConnection, tables: Sequence[Judged]) -> tuple[Words, list[str]] | None:
    """The words of a drop's own copy, and warnings; None if it has none."""
    own = [t for t in tables if t.typed and t.is_loaded and t.contract.name == TABLE]
    if not own:
        return None
    rows = " union all ".join(
        f'select input, "column", text, value, {t.number} as _file_no, _row_number from {t.typed} where _reason is null'
        for t in own
    )
    return _words(con, rows)


def mark_of(words: Company, inputs: set[str], has_own: bool) -> str:
    """What the fingerprint of a drop says of the words it was read with: nothing where none concerns an input of it, or
    its own copy does.
    """
    concerned = sorted(
        (input_name, column, text, value)
        for (input_name, column), texts in words.items()
        if input_name in inputs
        for text, value in texts.items()
    )
    if has_own or not concerned:
        return ""
    return ":" + hashlib.sha256(repr(concerned).encode()).hexdigest()[:16]


def mark_of_loaded(con: duckdb.DuckDBPyConnection, drop: str, words: Company) -> str:
    """`mark_of` for a drop as it is loaded."""
    if not words:
        return ""
    inputs = {
        name
        for (name,) in con.execute(
            "select distinct input from raw.file_register where drop = ? and verdict in ('loaded', 'rejected')", [drop]
        ).fetchall()
    }
    own = con.execute(
        "select count(*) from raw.file_register where drop = ? and input = ? and verdict = 'loaded'", [drop, TABLE]
    ).fetchall()[0][0]
    return mark_of(words, inputs, own > 0)


def mark_of_tables(tables: Sequence[Judged], words: Company) -> str:
    """`mark_of` for a drop that was just read."""
    read = [t for t in tables if t.is_recognised and t.verdict in ("loaded", "rejected")]
    own = any(t.contract.name == TABLE and t.is_loaded for t in read)
    return mark_of(words, {t.contract.name for t in read}, own)


def _words(con: duckdb.DuckDBPyConnection, rows: str) -> tuple[Words, list[str]]:
    words: Words = {}
    warnings: list[str] = []
    found = con.execute(
        f'select lower(trim(input)), lower(trim("column")), text, trim(value), _row_number from ({rows}) order by '
        "_file_no, _row_number"
    ).fetchall()
    for input_name, column_name, text, value, number in found:
        contract = INPUTS.get(input_name)
        column = next((c for c in contract.columns if c.name == column_name), None) if contract else None
        values = [v for v in (allowed(column) if column else ()) if v != UNKNOWN]
        said = next((v for v in values if v.lower() == value.lower()), None)
        if column is None:
            warnings.append(f"{TABLE} row {number}: there is no column {column_name} of an input {input_name}")
        elif not values:
            warnings.append(
                f"{TABLE} row {number}: {input_name}.{column_name} has no list of values; its texts are kept as "
                "they are"
            )
        elif said is None:
            warnings.append(
                f"{TABLE} row {number}: '{value}' is not a value of {input_name}.{column_name}; one of "
                f"{', '.join(values)} is expected"
            )
        else:
            words.setdefault((input_name, column_name), {})[text] = said
    return words, warnings
