"""The rows of one file into the raw schema: good rows, rejected rows, what is noted of its cells, its row of the
register. Every row read is one of these.
"""

from __future__ import annotations

import json

import duckdb

from pipelines.contracts import Form, Kind
from pipelines.contracts.contract import LINEAGE
from pipelines.contracts.limits import MAX_REMARK_CHARS
from pipelines.contracts.values import Company
from pipelines.ingest.conform.cell_notes import write_notes, write_subjects, write_unread_rows
from pipelines.ingest.conform.judged import Judged
from pipelines.ingest.conform.other_months import misplaced
from pipelines.ingest.conform.table import noted_of
from pipelines.ingest.sqltext import literal
from pipelines.ingest.write.schema import REGISTER_COLUMNS

# By name: a table of an older version has columns of later ones at its end.
REJECTED = ("drop", "path", "sha256", "row_number", "row_text", "column_name", "reason", "input")
# Bad rows that are written with one statement.
BAD_AT_ONCE = 20_000


class RowArithmeticError(RuntimeError):
    """A file whose rows do not add up; the run stops and nothing of the drop is written."""


def write_table(con: duckdb.DuckDBPyConnection, drop: str, table: Judged, words: Company) -> None:
    """Write the rows of a table and its row of the register; good rows that lie in the raw table already stay there.
    words: the company's own, by which it was judged. Raises RowArithmeticError.
    """
    read, path, sha = table.read, table.path, table.sha256
    if table.typed and table.is_loaded and not table.is_straight:
        contract = table.contract
        names = ", ".join(f'"{c}"' for c in contract.column_names)
        lineage = ", ".join(name for name, _ in LINEAGE)
        # The rows of a table stand in their file's order already; sorting wide rows costs as much as typing them.
        order = "" if contract.form is Form.TABLE else f" order by {table.src_sql()}"
        con.execute(
            f"insert into {contract.table} ({names}, {lineage}) select {names}, {literal(drop)}, {table.number}, "
            f"{literal(sha)}, "
            f"_row_number, {table.src_sql()}, {table.rank}, _hidden, _extra "
            f"from {table.typed} where _reason is null{order}"
        )
    judged = table.aside if table.is_straight else table.typed
    if judged:
        _write_rejected(con, drop, table, judged)
        write_notes(con, drop, path, sha, table.contract, table.unread, table.unknown)
        if table.unread and table.contract.kind is Kind.STATE:
            notes = noted_of(read.match, words)
            write_unread_rows(con, drop, table.contract, judged, notes, table.unread, table.src_sql())
        if table.rejected and table.contract.form is Form.TABLE and table.contract.kind is not Kind.REFERENCE:
            refused = table.verdict == "rejected"
            write_subjects(con, drop, path, table.contract, judged, read.bad, every=refused)
    if read.rows != table.loaded + table.rejected + table.duplicate:
        raise RowArithmeticError(
            f"{drop}/{path}: {read.rows} rows read, but {table.loaded} loaded, {table.rejected} rejected and "
            f"{table.duplicate} duplicate"
        )
    _register(con, drop, table)


def _write_rejected(con: duckdb.DuckDBPyConnection, drop: str, table: Judged, judged: str) -> None:
    """The rejected rows of a table. judged: the relation that holds them."""
    of = [drop, table.path, table.sha256]
    name, bad = table.contract.name, table.read.bad
    con.execute(
        f"insert into raw.rejected_rows ({', '.join(REJECTED)}) select ?, ?, ?, _row_number, _text, _bad_column, "
        f"coalesce(_bad_column || ': ', '') || _reason, ? from {judged} where _reason is not null order by "
        "_row_number",
        [*of, name],
    )
    # In pieces: a file can have millions of rows of another width than its header.
    for start in range(0, len(bad), BAD_AT_ONCE):
        some = bad[start : start + BAD_AT_ONCE]
        con.execute(
            f"insert into raw.rejected_rows ({', '.join(REJECTED)}) select ?, ?, ?, unnest(?), unnest(?), null, "
            "unnest(?), ?",
            [*of, [b.number for b in some], [b.text for b in some], [b.reason for b in some], name],
        )


def _shown(remark: str) -> str:
    """A remark with its beginning and its end: a name or a header in it may be as long as the file."""
    if len(remark) <= MAX_REMARK_CHARS:
        return remark
    return f"{remark[: MAX_REMARK_CHARS * 3 // 4]} … {remark[-MAX_REMARK_CHARS // 4 :]}"


def _register(con: duckdb.DuckDBPyConnection, drop: str, judged: Judged) -> None:
    read, table, manifest = judged.read, judged.read.table, judged.manifest
    part_of = f"says that it is a part: {judged.incomplete_reason}" if judged.incomplete_reason else ""
    no_data = f"{read.totals} line{'s' * (read.totals > 1)} of totals below the data: not data" if read.totals else ""
    others = len(read.below) - read.totals
    notes = f"{others} line{'s' * (others > 1)} of notes or repeated headers: not data" if others else ""
    remarks = [part_of, judged.message, no_data, notes, misplaced(drop, judged.newest_day), manifest.problem]
    record = dict(manifest.values)
    if table.filters:
        record["filter_sheet"] = table.filters
    if read.totals:
        record["lines_of_totals"] = read.totals
    if others:
        record["lines_that_are_no_rows"] = ["; ".join(c for c in line if c and c.strip())[:200] for line in read.below]
    if table.titles:
        record["title_lines"] = ["; ".join(c for c in line if c.strip()) for line in table.titles]
    row = [
        judged.number,
        drop,
        judged.path,
        judged.sha256,
        judged.delivered.file.size,
        table.match.contract.name if table.match else None,
        table.match.generation if table.match else None,
        table.encoding,
        table.separator,
        read.rows,
        judged.loaded,
        judged.rejected,
        judged.duplicate,
        judged.verdict,
        "; ".join(_shown(r) for r in remarks if r) or None,
        json.dumps(record, default=str, sort_keys=True, ensure_ascii=False) if record else None,
        ", ".join(sorted(table.match.extra)) or None if table.match else None,
        manifest.exported_at,
        judged.rank,
        {True: "yes", False: "no", None: None}[judged.complete],
        _shown(judged.incomplete_reason) or None,
        sum(c.cells for c in judged.unread),
        judged.newest_day,
    ]
    names = ", ".join(f'"{name}"' for name, _ in REGISTER_COLUMNS)
    con.execute(f"insert into raw.file_register ({names}) values ({', '.join('?' for _ in REGISTER_COLUMNS)})", row)
