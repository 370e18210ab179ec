"""The raw schema: one table per input, the file register, the quarantine, the months of a run. Tables only, no data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb

from pipelines.contracts import INPUTS, REFERENCE, raw_ddl
from pipelines.contracts.contract import raw_columns
from pipelines.ingest.write import events
from pipelines.warehouse import columns_of_tables, connect_in_memory

REGISTER_COLUMNS = (
    ("_file_no", "INTEGER"),
    ("drop", "VARCHAR"),
    ("path", "VARCHAR"),
    ("sha256", "VARCHAR"),
    ("bytes", "BIGINT"),
    ("input", "VARCHAR"),
    ("generation", "VARCHAR"),
    ("encoding", "VARCHAR"),
    ("separator", "VARCHAR"),
    ("rows_read", "BIGINT"),
    ("rows_loaded", "BIGINT"),
    ("rows_rejected", "BIGINT"),
    ("rows_duplicate", "BIGINT"),
    ("verdict", "VARCHAR"),
    ("message", "VARCHAR"),
    ("manifest", "VARCHAR"),
    ("extra_columns", "VARCHAR"),
    ("exported_at", "TIMESTAMP"),
    ("file_rank", "BIGINT"),
    # Whether the file holds all there is: yes or no (null: the question does not arise), and the sign that says no.
    ("complete", "VARCHAR"),
    ("incomplete_reason", "VARCHAR"),
    # Cells of optional columns that could not be read and are null.
    ("cells_unread", "BIGINT"),
    # The newest date of use, access, sign-in or event in the file, to see whether it lies in the folder of its month.
    ("newest_day", "DATE"),
)
RUN_MONTH = ("review_month", "as_of", "drop_month", "horizon")
# Of one run only, made anew by each.
RUN_TABLES = (
    # review_month: the month, or a variant of it (partitions.variant_key); drop_month: its month; horizon: the last
    # drop whose event rows count.
    "raw.run_month (review_month VARCHAR, as_of DATE, drop_month VARCHAR, horizon VARCHAR)",
    "raw.run_info (key VARCHAR, value VARCHAR)",
    # Rules that could not run because a model failed, by key of the run.
    "raw.failed_rule (review_month VARCHAR, rule_id VARCHAR, reason VARCHAR)",
)
OTHER_TABLES = (
    "raw.rejected_rows (drop VARCHAR, path VARCHAR, sha256 VARCHAR, row_number BIGINT, row_text VARCHAR, "
    "column_name VARCHAR, reason VARCHAR, input VARCHAR)",
    # One row per file and column with cells that could not be read.
    "raw.unread_cell (drop VARCHAR, path VARCHAR, sha256 VARCHAR, input VARCHAR, column_name VARCHAR, cells BIGINT, "
    "first_row BIGINT, "
    "first_text VARCHAR, reason VARCHAR)",
    # One row per such cell of a state input: the row that has it.
    "raw.unread_row (drop VARCHAR, input VARCHAR, column_name VARCHAR, src BIGINT)",
    # One row per file, column and text that no value table knows.
    "raw.unknown_value (drop VARCHAR, path VARCHAR, sha256 VARCHAR, input VARCHAR, column_name VARCHAR, text VARCHAR, "
    "value_rows BIGINT, "
    "first_row BIGINT)",
    # Whom a rejected row is about: every address and identifier in it, lower case. kind: address or id.
    "raw.rejected_subject (drop VARCHAR, input VARCHAR, path VARCHAR, row_number BIGINT, kind VARCHAR, value VARCHAR)",
    # Files of which nothing is used because reading or judging them failed; their drop is read again by the next run.
    "raw.failed_input (drop VARCHAR, path VARCHAR, input VARCHAR, reason VARCHAR)",
    "raw.drop_fingerprint (drop VARCHAR, fingerprint VARCHAR)",
    # Drops that were read, or months that a run began, whose publication has not come to its end: a killed run is taken
    # up again.
    "raw.pending_drop (drop VARCHAR, touches_later BOOLEAN)",
    # Months that are published with such a drop while others still wait for it: a run in batches was ended between
    # them.
    "raw.settled_month (drop VARCHAR, review_month VARCHAR)",
    # The months of a run in batches that has not come to its end.
    "raw.batched_run (review_month VARCHAR, is_published BOOLEAN)",
    # Up to which drop the published version of a month took event rows.
    "raw.published_month (review_month VARCHAR, horizon VARCHAR)",
    # What the publication of each month was made from (pipelines/run/basis.py), and what was made of it last, and why
    # (pipelines/run/parts.py).
    "raw.made_from (review_month VARCHAR, source VARCHAR, sha256 VARCHAR)",
    "raw.last_made (review_month VARCHAR, because VARCHAR, outputs VARCHAR)",
    # Months of which some models were made and nothing is published yet (pipelines/run/selected.py): what they stand
    # on, and the models that are not as published. is_made: made anew, waiting to be published; else out of date.
    "raw.open_month (review_month VARCHAR, source VARCHAR, sha256 VARCHAR)",
    "raw.open_model (review_month VARCHAR, model VARCHAR, is_made BOOLEAN)",
    # What each workbook and page showed when it was written, by its path below the published folder
    # (pipelines/publish/displayed_content.py).
    "raw.shown (path VARCHAR, sha256 VARCHAR)",
    # Size, time and number of each partition's file when its hash was last taken (pipelines/run/history.py).
    "raw.partition_stamp (path VARCHAR, stamp VARCHAR, sha256 VARCHAR)",
    # What the latest run of each month could not make (pipelines/failures/omissions.py).
    "raw.not_made (review_month VARCHAR, kind VARCHAR, name VARCHAR, cause VARCHAR, reason VARCHAR, place VARCHAR, "
    "advice VARCHAR, "
    "former_version BIGINT, former_drop VARCHAR)",
    "raw.quality_result (drop VARCHAR, input VARCHAR, expectation VARCHAR, column_name VARCHAR, severity VARCHAR, "
    "passed BOOLEAN, observed VARCHAR, unexpected_rows BIGINT, engine VARCHAR, message VARCHAR)",
)


class WarehouseVersionError(RuntimeError):
    """The warehouse has tables of another version that cannot be brought to this one; the message says what to do."""


def ensure_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create the schema `raw` and every table of it that is not there yet; tables of an older version get the columns
    they lack.

    Raises WarehouseVersionError where a column has a type that its values do not fit.
    """
    con.execute("CREATE SCHEMA IF NOT EXISTS raw")
    for contract in [*INPUTS.values(), *REFERENCE.values()]:
        con.execute(raw_ddl(contract))
    columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in REGISTER_COLUMNS)
    con.execute(f"CREATE TABLE IF NOT EXISTS raw.file_register ({columns})")
    for table in [*OTHER_TABLES, *events.TABLES]:
        con.execute(f"CREATE TABLE IF NOT EXISTS {table}")
    if _bring_up_to_date(con):
        # Every drop is read again: what it says in the new columns was not kept. Rows of drops that are gone stay, with
        # those columns empty.
        con.execute("delete from raw.drop_fingerprint")
    for table in RUN_TABLES:
        con.execute(f"CREATE TABLE IF NOT EXISTS {table}")


@contextmanager
def to_look(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of `raw` for whoever only reads: those of the connection, or empty ones in memory where some are not
    there or are those of another version: the next run reads every drop then. Makes and changes nothing.
    """
    there = columns_of_tables(con, "raw")
    if all(there.get(table, {}).get(n) == t for table, columns in _wanted().items() for n, t in columns):
        yield con
        return
    with closing(connect_in_memory()) as empty:
        ensure_schema(empty)
        yield empty


def begin_run(con: duckdb.DuckDBPyConnection) -> None:
    """Empty what belongs to one run. Whoever only looks leaves it as the last run left it."""
    for table in RUN_TABLES:
        con.execute(f"CREATE OR REPLACE TABLE {table}")


def _wanted() -> dict[str, list[tuple[str, str]]]:
    """Table of raw → its columns and their types, of this version."""
    wanted = {c.table.removeprefix("raw."): raw_columns(c) for c in [*INPUTS.values(), *REFERENCE.values()]}
    wanted["file_register"] = list(REGISTER_COLUMNS)
    for text in [*OTHER_TABLES, *events.TABLES]:
        name, _, columns = text.removeprefix("raw.").partition(" (")
        wanted[name] = [(n, t) for n, _, t in (c.partition(" ") for c in columns.rstrip(")").split(", "))]
    return wanted


def _bring_up_to_date(con: duckdb.DuckDBPyConnection) -> bool:
    """Add columns that a table of an older version lacks, and cast those of another type. True if anything was to be
    done.
    """
    there = columns_of_tables(con, "raw")
    changed = False
    for table, columns in _wanted().items():
        for name, kind in columns:
            known = there.get(table, {}).get(name)
            if known is None:
                con.execute(f'alter table raw."{table}" add column "{name}" {kind}')
            elif known != kind:
                try:
                    con.execute(f'alter table raw."{table}" alter column "{name}" type {kind}')
                except duckdb.ConversionException as error:
                    raise WarehouseVersionError(
                        f"The warehouse was made by another version: raw.{table}.{name} is {known} where this version "
                        f"has {kind}, and its values do not fit. "
                        "Move the warehouse folder away and run again: it is made again from the landing zone, and "
                        "the record of publications goes on."
                    ) from error
            changed |= known != kind
    return changed
