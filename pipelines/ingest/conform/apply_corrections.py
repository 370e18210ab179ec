"""Declared corrections on the files of a drop: what `corrections` did to the good rows of an input goes back to each
file's rows and arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.contracts import INPUTS
from pipelines.ingest.conform.corrections import AppliedCorrection, CorrectionError, apply_corrections
from pipelines.ingest.conform.judged import ROWS_PER_FILE, Judged


def corrected(con: duckdb.DuckDBPyConnection, drop: str, tables: Sequence[Judged], folder: Path) -> list[Judged]:
    """The tables of a drop with its declared corrections; a dropped row counts as rejected with the correction's
    reason.

    Raises CorrectionError, for a correction that meets no row too: its file may be missing.
    """
    for path in sorted(folder.glob("*.yml")):
        if path.stem not in INPUTS:
            raise CorrectionError(f"{path.name}: no input of that name is known")
        contract = INPUTS[path.stem]
        mine = [t for t in tables if t.is_loaded and t.contract is contract]
        none = ", ".join(f'cast(null as {c.type.sql}) as "{c.name}"' for c in contract.columns)
        rows = " union all ".join(f"({t.good_rows()})" for t in mine)
        empty = f"select {none}, cast(null as bigint) as _src, cast(null as bigint) as _row_number where false"
        con.execute(f"create or replace temp table _corrected as {rows or empty}")
        for done in apply_corrections(con, "_corrected", contract.name, drop, folder):
            tables = [_with(con, t, done) if t.is_loaded and t.contract is contract else t for t in tables]
        con.execute("drop table _corrected")
    return list(tables)


def _with(con: duckdb.DuckDBPyConnection, table: Judged, done: AppliedCorrection) -> Judged:
    """A table with what a correction did to its rows."""
    first = table.number * ROWS_PER_FILE
    numbers = [src - first for src in done.rows if first < src < first + ROWS_PER_FILE]
    if not numbers:
        return table
    if table.is_view:
        con.execute(f"create temp table {table.typed}_own as select * from {table.typed}")
        table = replace(table, is_view=False, typed=f"{table.typed}_own")
    names = table.contract.column_names
    if done.action == "override":
        sets = ", ".join(f'"{n}" = c."{n}"' for n in names)
        con.execute(
            f"update {table.typed} as t set {sets} from _corrected as c "
            f"where c._src = {table.src_sql('t.')} and list_contains(?, c._row_number)",
            [numbers],
        )
        return table
    text = "concat_ws(',', " + ", ".join(f"""coalesce(cast("{n}" as varchar), '')""" for n in names) + ")"
    con.execute(
        f"update {table.typed} set _text = {text}, _reason = ? where list_contains(?, _row_number)",
        [f"correction {done.id}: {done.reason}", numbers],
    )
    return replace(table, rejected=table.rejected + len(numbers), loaded=table.loaded - len(numbers))
