"""The rows of a drop into the raw schema, in one transaction: good rows, rejected rows, the register, the verdicts.
Every row read is one of these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from pipelines.contracts import INPUTS, REFERENCE, Form, Kind
from pipelines.contracts.contract import LINEAGE
from pipelines.ingest.conform.cell_notes import write_notes, write_subjects, write_unread_rows
from pipelines.ingest.conform.entries import Registered, contract_of_entry, src_sql
from pipelines.ingest.conform.other_months import misplaced
from pipelines.ingest.conform.table import noted_of
from pipelines.ingest.landing.fingerprints import remember_pending
from pipelines.ingest.sqltext import literal
from pipelines.ingest.write.schema import REGISTER_COLUMNS
from pipelines.warehouse import transaction

# By name: a table of an older version has columns of later ones at its end.
REJECTED = ("drop", "path", "sha256", "row_number", "row_text", "column_name", "reason", "input")
# Bad rows that are written with one statement.
BAD_AT_ONCE = 20_000
# Beside the inputs: what is kept of a drop and replaced with it.
DROP_TABLES = (
    "raw.file_register",
    "raw.rejected_rows",
    "raw.unread_cell",
    "raw.unread_row",
    "raw.unknown_value",
    "raw.rejected_subject",
    "raw.failed_input",
    "raw.drop_fingerprint",
    "raw.event_state",
)
# What a judge returns waits for its verdicts when it is called.
Verdicts = Callable[[], list[Any]]


class RowArithmeticError(RuntimeError):
    """A file whose rows do not add up; the run stops and nothing of the drop is written."""


class UnwritableError(RuntimeError):
    """Rows of one file that cannot be written; nothing of the drop is."""

    def __init__(self, entry: Registered, error: Exception) -> None:
        super().__init__(str(error))
        self.entry = entry


class RefusedInputsError(RuntimeError):
    """Inputs of a drop that must not be used; nothing of the drop is written. reasons: input → why. verdicts: what was
    judged, to be kept all the same.
    """

    def __init__(self, reasons: Mapping[str, str], verdicts: list[Any]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons, self.verdicts = reasons, verdicts


def write_drop(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    entries: Sequence[Registered],
    fingerprint: str,
    fill: Callable[[], Verdicts],
    store: Callable[[duckdb.DuckDBPyConnection, str, list[Any]], None] | None,
) -> None:
    """Replace what is loaded of a drop. Raises RowArithmeticError, UnwritableError, and what fill raises.

    fill: called once the old rows are gone; writes the files that go straight into their tables. Its verdicts are
    waited for before the commit; what they raise takes everything back. A drop with a file that failed is not
    remembered as loaded: the next run reads it again.
    """
    with _commit_of(con, entries), transaction(con):
        for contract in [*INPUTS.values(), *REFERENCE.values()]:
            con.execute(f"delete from {contract.table} where _drop = ?", [drop])
        for table in DROP_TABLES:
            con.execute(f"delete from {table} where drop = ?", [drop])
        verdicts = fill()
        for entry in entries:
            try:
                _write_entry(con, drop, entry)
            except duckdb.Error as error:  # the transaction is over; the caller begins another one without the file
                raise UnwritableError(entry, error) from error
        failed = [e for e in entries if e.failure]
        for entry in failed:
            name = entry.part.match.contract.name if entry.part.match else None
            con.execute(
                "insert into raw.failed_input values (?, ?, ?, ?)", [drop, entry.part.path, name, entry.failure]
            )
        if not failed:
            con.execute("insert into raw.drop_fingerprint values (?, ?)", [drop, fingerprint])
        remember_pending(con, [drop], touches_later=True)
        found = verdicts()
        if store:
            store(con, drop, found)


@contextmanager
def _commit_of(con: duckdb.DuckDBPyConnection, entries: Sequence[Registered]) -> Iterator[None]:
    """Rows whose numbers were filled in are not written to the log once more: the commit brings the file to rest
    instead.
    """
    settings = ("wal_autocheckpoint = '0MB'", "auto_checkpoint_skip_wal_threshold = 0")
    large = any(e.is_straight for e in entries)
    try:
        for setting in settings if large else ():
            con.execute(f"set {setting}")
        yield
    finally:
        for setting in settings if large else ():
            con.execute(f"reset {setting.partition(' ')[0]}")


def _write_entry(con: duckdb.DuckDBPyConnection, drop: str, entry: Registered) -> None:
    part, file = entry.part, entry.file
    sha = part.sha256 or file.sha256
    judged = entry.aside if entry.is_straight else entry.typed
    if entry.typed and part.verdict == "loaded" and not entry.is_straight:
        contract = contract_of_entry(entry)
        names = ", ".join(f'"{c}"' for c in contract.column_names)
        lineage = ", ".join(name for name, _ in LINEAGE)
        # The rows of a table stand in their file's order already; sorting wide rows costs as much as typing them.
        order = "" if contract.form is Form.TABLE else f" order by {src_sql(entry)}"
        con.execute(
            f"insert into {contract.table} ({names}, {lineage}) select {names}, {literal(drop)}, {entry.number}, "
            f"{literal(sha)}, "
            f"_row_number, {src_sql(entry)}, {entry.rank}, _hidden, _extra "
            f"from {entry.typed} where _reason is null{order}"
        )
    if judged:
        name = contract_of_entry(entry).name
        con.execute(
            f"insert into raw.rejected_rows ({', '.join(REJECTED)}) select ?, ?, ?, _row_number, _text, _bad_column, "
            f"coalesce(_bad_column || ': ', '') || _reason, ? from {judged} where _reason is not null order by "
            "_row_number",
            [drop, part.path, sha, name],
        )
        # In pieces: a file can have millions of rows of another width than its header.
        for start in range(0, len(part.bad), BAD_AT_ONCE):
            some = part.bad[start : start + BAD_AT_ONCE]
            con.execute(
                f"insert into raw.rejected_rows ({', '.join(REJECTED)}) select ?, ?, ?, unnest(?), unnest(?), null, "
                "unnest(?), ?",
                [
                    drop,
                    part.path,
                    sha,
                    [b.number for b in some],
                    [b.text for b in some],
                    [b.reason for b in some],
                    name,
                ],
            )
        contract = contract_of_entry(entry)
        write_notes(con, drop, part.path, sha, contract, entry.unread, entry.unknown)
        if entry.unread and contract.kind is Kind.STATE:
            assert part.match is not None and entry.how is not None
            notes = noted_of(part.match, entry.how.words)
            write_unread_rows(con, drop, contract, judged, notes, entry.unread, src_sql(entry))
        if entry.rejected and contract.form is Form.TABLE and contract.kind is not Kind.REFERENCE:
            write_subjects(con, drop, part.path, contract, judged, part.bad, every=part.verdict == "rejected")
    _register(con, drop, entry, sha)


def _register(con: duckdb.DuckDBPyConnection, drop: str, entry: Registered, sha: str) -> None:
    part, file, manifest = entry.part, entry.file, entry.manifest
    if part.rows != entry.loaded + entry.rejected + entry.duplicate:
        raise RowArithmeticError(
            f"{drop}/{part.path}: {part.rows} rows read, but {entry.loaded} loaded, {entry.rejected} rejected and "
            f"{entry.duplicate} duplicate"
        )
    part_of = f"says that it is a part: {entry.incomplete_reason}" if entry.incomplete_reason else ""
    no_data = f"{part.totals} line{'s' * (part.totals > 1)} of totals below the data: not data" if part.totals else ""
    messages = [m for m in (part_of, part.message, no_data, misplaced(drop, entry.newest_day), manifest.problem) if m]
    record = dict(manifest.values)
    if part.filters:
        record["filter_sheet"] = part.filters
    if part.totals:
        record["lines_of_totals"] = part.totals
    if part.titles:
        record["title_lines"] = ["; ".join(c for c in line if c.strip()) for line in part.titles]
    row = [
        entry.number,
        drop,
        part.path,
        sha,
        file.size,
        part.match.contract.name if part.match else None,
        part.match.generation if part.match else None,
        part.encoding,
        part.separator,
        part.rows,
        entry.loaded,
        entry.rejected,
        entry.duplicate,
        part.verdict,
        "; ".join(messages) or None,
        json.dumps(record, default=str, sort_keys=True, ensure_ascii=False) if record else None,
        ", ".join(sorted(part.match.extra)) or None if part.match else None,
        manifest.exported_at,
        entry.rank,
        {True: "yes", False: "no", None: None}[entry.complete],
        entry.incomplete_reason or None,
        sum(c.cells for c in entry.unread),
        entry.newest_day,
    ]
    names = ", ".join(f'"{name}"' for name, _ in REGISTER_COLUMNS)
    con.execute(f"insert into raw.file_register ({names}) values ({', '.join('?' for _ in REGISTER_COLUMNS)})", row)
