"""Compares the rows in a database with the published ones, month by month: their number, and their values against the
partitions. Read-only. `packs` checks file hashes; `run.history` restores rows.

The record is authoritative: an entry of the chain states the row count of a partition and the hash of its file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.places import file_of
from pipelines.publish.publications import NOT_VERSIONED, Entry

# These tables follow what is loaded now, even if a month gets no new version.
REFRESHED = {"file_register", "rejected_rows"}

Place = tuple[str, str]


def latest_entries(chain: Iterable[Entry]) -> dict[Place, Entry]:
    """(output, month) → the entry of the current version, for outputs known to this version of the software."""
    return {(e.output, e.review_month): e for e in chain if e.output in OUTPUT_ORDER and e.output not in NOT_VERSIONED}


def partition_path(published: Path, output: str, month: str) -> Path:
    """Path of the Parquet file of an output and month."""
    return file_of(published, output, month, "parquet")


def count_rows(
    connection: duckdb.DuckDBPyConnection, schema: str, database: str | None = None
) -> dict[str, dict[str, int]]:
    """Table → month → row count, for every table of a schema that has months. database: an attached one."""
    where = "current_database()" if database is None else f"'{database}'"
    tables = [
        name
        for (name,) in connection.execute(
            f"select table_name from duckdb_columns() where schema_name = ? and column_name = 'review_month' and "
            f"database_name = {where} order by 1",
            [schema],
        ).fetchall()
    ]
    held: dict[str, dict[str, int]] = {name: {} for name in tables}
    if tables:
        prefix = f"{database}." if database else ""
        counts = " union all ".join(
            f"select '{name}', review_month, count(*) from {prefix}{schema}.\"{name}\" group by 2" for name in tables
        )
        for name, month, rows in connection.execute(counts).fetchall():
            held[name][month] = int(rows)
    return held


def differing_counts(
    held: Mapping[str, Mapping[str, int]], entries: Mapping[Place, Entry], without: Collection[str] = ()
) -> dict[Place, int]:
    """(output, month) → row count, where it differs from the record; -1 if the table is missing. without: months to
    skip.
    """
    found = {}
    for (output, month), entry in sorted(entries.items()):
        if output in REFRESHED or month in without:
            continue
        rows = held[output].get(month, 0) if output in held else -1
        if rows != entry.rows:
            found[output, month] = rows
    return found


def count_sentence(where: str, place: Place, rows: int, entry: Entry) -> str:
    """A row count difference of a month as a sentence."""
    output, month = place
    found = "is not there" if rows < 0 else f"has {rows:,} rows"
    return f"{where}: {output} of {month} {found}, and {entry.rows:,} were published (version {entry.version})"


def differing_rows(
    connection: duckdb.DuckDBPyConnection, published: Path, entries: Mapping[Place, Entry], where: str
) -> list[str]:
    """Outputs whose rows differ from their partitions, even if the counts agree, one sentence per month. Missing
    partitions are skipped.
    """
    wrong = []
    by_output: dict[str, list[str]] = {}
    for output, month in entries:
        if output not in REFRESHED and partition_path(published, output, month).is_file():
            by_output.setdefault(output, []).append(month)
    for output, months in sorted(by_output.items()):
        here = [
            name
            for (name,) in connection.execute(
                "select name from pragma_table_info(?) order by cid", [f"calendar.{output}"]
            ).fetchall()
        ]
        if not here:
            continue
        files = ", ".join(f"'{_quoted(partition_path(published, output, m))}'" for m in sorted(months))
        source = (
            f"read_parquet([{files}], union_by_name = true, hive_partitioning = true, "
            "hive_types = {'review_month': varchar})"
        )
        there = {row[0] for row in connection.execute(f"describe select * from {source}").fetchall()}
        names = ", ".join(f'"{n}"' for n in here if n in there)
        rows = f'select {names} from calendar."{output}" where list_contains(?, review_month)'
        differing = connection.execute(
            f"select review_month, count(*) from ((({rows}) except all (select {names} from {source})) union all "
            f"((select {names} from {source}) except all ({rows}))) group by 1 order by 1",
            [sorted(months), sorted(months)],
        ).fetchall()
        wrong += [
            f"{where}: {n:,} rows of {output} of {month} differ from its partition; `selfaudit run {month}` makes the "
            "month again"
            for month, n in differing
        ]
    return wrong


def compare_with_record(
    connection: duckdb.DuckDBPyConnection, published: Path, entries: Mapping[Place, Entry], where: str
) -> list[str]:
    """Months whose row count or values in a database differ from what was published, one sentence each."""
    lost = differing_counts(count_rows(connection, "calendar"), entries)
    wrong = [count_sentence(where, place, rows, entries[place]) for place, rows in lost.items()]
    others = {place: e for place, e in entries.items() if place not in lost}
    return wrong + differing_rows(connection, published, others, where)


def differing_marts(here: Mapping[str, Mapping[str, int]], there: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Months of marts whose row counts differ between the warehouse (here) and the published file (there)."""
    return [
        f"warehouse: {table} of {month} has {here[table].get(month, 0):,} rows, and the published file "
        f"{there[table].get(month, 0):,}"
        for table in sorted(here.keys() & there.keys())
        for month in sorted({*here[table], *there[table]})
        if here[table].get(month, 0) != there[table].get(month, 0)
    ]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
