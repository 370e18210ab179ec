"""Declared corrections on the files of a drop: what `corrections` did to the good rows of an input goes back to each
file's rows and arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.contracts import INPUTS
from pipelines.ingest.conform.corrections import AppliedCorrection, CorrectionError, apply_corrections
from pipelines.ingest.conform.entries import ROWS_PER_FILE, Registered, contract_of_entry, good_rows, src_sql


def correct_entries(con: duckdb.DuckDBPyConnection, drop: str, entries: Sequence[Registered], folder: Path) -> None:
    """Apply the declared corrections of the drop to its good rows; a dropped row counts as rejected with the
    correction's reason.

    Raises CorrectionError, for an entry that meets no row too: its file may be missing.
    """
    for path in sorted(folder.glob("*.yml")):
        if path.stem not in INPUTS:
            raise CorrectionError(f"{path.name}: no input of that name is known")
        contract = INPUTS[path.stem]
        mine = [e for e in entries if e.part.verdict == "loaded" and e.part.match and contract_of_entry(e) is contract]
        none = ", ".join(f'cast(null as {c.type.sql}) as "{c.name}"' for c in contract.columns)
        rows = " union all ".join(f"({good_rows(e)})" for e in mine)
        empty = f"select {none}, cast(null as bigint) as _src, cast(null as bigint) as _row_number where false"
        con.execute(f"create or replace temp table _corrected as {rows or empty}")
        for done in apply_corrections(con, "_corrected", contract.name, drop, folder):
            for entry in mine:
                first = entry.number * ROWS_PER_FILE
                numbers = [src - first for src in done.rows if first < src < first + ROWS_PER_FILE]
                if numbers:
                    _write_back(con, entry, done, numbers)
        con.execute("drop table _corrected")


def _write_back(
    con: duckdb.DuckDBPyConnection, entry: Registered, done: AppliedCorrection, numbers: Sequence[int]
) -> None:
    """What a correction did to rows of one file, in the file's typed rows and its arithmetic."""
    contract = contract_of_entry(entry)
    if entry.is_view:
        con.execute(f"create temp table {entry.typed}_own as select * from {entry.typed}")
        entry.is_view, entry.typed = False, f"{entry.typed}_own"
    names = contract.column_names
    if done.action == "override":
        sets = ", ".join(f'"{n}" = c."{n}"' for n in names)
        con.execute(
            f"update {entry.typed} as t set {sets} from _corrected as c "
            f"where c._src = {src_sql(entry, 't.')} and list_contains(?, c._row_number)",
            [list(numbers)],
        )
        return
    text = "concat_ws(',', " + ", ".join(f"""coalesce(cast("{n}" as varchar), '')""" for n in names) + ")"
    con.execute(
        f"update {entry.typed} set _text = {text}, _reason = ? where list_contains(?, _row_number)",
        [f"correction {done.id}: {done.reason}", list(numbers)],
    )
    entry.rejected += len(numbers)
    entry.loaded -= len(numbers)
