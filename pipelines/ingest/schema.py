"""The raw schema: one table per input, the file register, the quarantine, the months of a run. Tables only, no data."""

from __future__ import annotations

import duckdb

from pipelines.contracts import INPUTS, REFERENCE, raw_ddl

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
)
# Of one run only, made anew by each.
RUN_TABLES = (
    # review_month: the month, or a variant of it (partitions.variant_key); drop_month: its month; horizon: the last drop whose event rows count.
    "raw.run_month (review_month VARCHAR, as_of DATE, drop_month VARCHAR, horizon VARCHAR)",
    "raw.run_info (key VARCHAR, value VARCHAR)",
)
OTHER_TABLES = (
    "raw.rejected_rows (drop VARCHAR, path VARCHAR, sha256 VARCHAR, row_number BIGINT, row_text VARCHAR, "
    "column_name VARCHAR, reason VARCHAR, input VARCHAR)",
    "raw.drop_fingerprint (drop VARCHAR, fingerprint VARCHAR)",
    # Drops that were read, or months that a run began, whose publication has not come to its end: a killed run is taken up again.
    "raw.pending_drop (drop VARCHAR, touches_later BOOLEAN)",
    # Up to which drop the published version of a month took event rows.
    "raw.published_month (review_month VARCHAR, horizon VARCHAR)",
    "raw.quality_result (drop VARCHAR, input VARCHAR, expectation VARCHAR, column_name VARCHAR, severity VARCHAR, "
    "passed BOOLEAN, observed VARCHAR, unexpected_rows BIGINT, engine VARCHAR, message VARCHAR)",
)


def ensure_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create the schema `raw` and every table of it that is not there yet."""
    con.execute("CREATE SCHEMA IF NOT EXISTS raw")
    for contract in [*INPUTS.values(), *REFERENCE.values()]:
        con.execute(raw_ddl(contract))
    columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in REGISTER_COLUMNS)
    con.execute(f"CREATE TABLE IF NOT EXISTS raw.file_register ({columns})")
    for table in OTHER_TABLES:
        con.execute(f"CREATE TABLE IF NOT EXISTS {table}")
    for table in RUN_TABLES:
        con.execute(f"CREATE OR REPLACE TABLE {table}")
