"""Publishes months again whose rows were changed on purpose, because persons were removed from them: partitions, each
with an entry in the record that says why, then packs, the published file, workbooks and pages.

`forgetting` and `retention` decide what is changed and why. They note in the warehouse what is to be written, together
with the change, so that the next call completes interrupted work. Computes no rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version

import duckdb

from pipelines.publish import publications
from pipelines.publish.claim_pack import claim_pack_path, write_claim_pack
from pipelines.publish.datasets import OUTPUT_ORDER, write_mart, write_partition
from pipelines.publish.packs import pack_path, verify_publication, write_pack
from pipelines.publish.places import RECORDED, existing_file, files_folder, partition_folder
from pipelines.publish.publications import NOT_VERSIONED, TABLE, Entry, archive_path, file_sha256, read_chain
from pipelines.publish.record_check import (
    REFRESHED,
    count_rows,
    count_sentence,
    differing_counts,
    differing_rows,
    latest_entries,
)
from pipelines.publish.veil.veil import own_tables
from pipelines.publish.versions import (
    WITHOUT_VERSION,
    Stage,
    basis_of_stage,
    content_hashes,
    reference_sha256_of,
)
from pipelines.run import basis, privacy, publishing
from pipelines.run.months import chain_of, note_restated, set_months
from pipelines.run.progress import Progress, silent
from pipelines.run.statements import read_statements
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file, insert_rows, transaction

# What is to be written: a table of schema `calendar` or `marts` of a month, or a former version of an output. number:
# the version, 0 for the current one. changed: number of changed rows.
TO_WRITE = "raw.to_write"
TO_WRITE_COLUMNS = ("schema_name", "table_name", "review_month", "number", "changed")
FORMER, SHOW = "versions", "show"

ToWrite = tuple[str, str, str, int, int]


def note(connection: duckdb.DuckDBPyConnection, to_write: Iterable[ToWrite]) -> None:
    """Note what is to be written again; within the transaction that changes the rows."""
    connection.execute(
        f"create table if not exists {TO_WRITE} (schema_name varchar, table_name varchar, review_month varchar, "
        "number bigint, changed bigint)"
    )
    insert_rows(connection, TO_WRITE, TO_WRITE_COLUMNS, sorted(set(to_write)))


def noted(connection: duckdb.DuckDBPyConnection) -> list[ToWrite]:
    """What is to be written again, with the total number of changed rows."""
    there = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = 'to_write' and database_name "
        "= current_database()"
    ).fetchall()
    if not there[0][0]:
        return []
    return connection.execute(
        f"select schema_name, table_name, review_month, number, sum(changed)::bigint from {TO_WRITE} "
        "group by 1, 2, 3, 4 order by all"
    ).fetchall()


def not_as_recorded(settings: Settings) -> list[str]:
    """Deviations of files and warehouse from what was published, one sentence each. Data from which persons are removed
    is sealed again, and must not include changes made by others.
    """
    connection = connect_file(settings.published_database)
    try:
        wrong = verify_publication(connection, settings.published, settings.landing)
    finally:
        connection.close()
    with connect(settings) as warehouse:
        entries = latest_entries(read_chain(warehouse))
        lost = differing_counts(count_rows(warehouse, "calendar"), entries)
        wrong += [count_sentence("warehouse", place, rows, entries[place]) for place, rows in lost.items()]
        others = {place: e for place, e in entries.items() if place not in lost}
        return wrong + differing_rows(warehouse, settings.published, others, "warehouse")


def write_again(
    settings: Settings, reason: str, rebase: bool, frozen: Collection[str] = (), progress: Progress = silent
) -> list[Entry]:
    """Write everything that is noted, and what is derived from it; then delete the note. Returns the new entries.

    reason: of the entries. rebase: record the inputs of a month as registered now, instead of as before. frozen: months
    for which that is impossible, because their inputs are gone.
    """
    with connect(settings) as connection:
        to_write = noted(connection)
        if not to_write:
            return []
        chain = chain_of(settings, connection)
        published = sorted({e.review_month for e in chain})
        if rebase:
            known = [m for m in published if m not in frozen]
            note_restated(settings, connection)
            set_months(settings, connection, known)
            _rebase(settings, connection, known)
        names = privacy.cover(settings, connection, ())
        added = _entries(settings, connection, to_write, chain, reason, frozen if rebase else published)
        _marts(settings, connection, to_write)
        months = sorted({month for _, _, month, _, _ in to_write} & set(published))
        with transaction(connection):
            _append(connection, added)
            # The remaining files are made from the current version.
            connection.execute(f"delete from {TO_WRITE}")
            note(connection, [(SHOW, "", month, 0, 0) for month in months])
        progress(f"{len(added)} entries of the record")
        for month in months:
            folder = partition_folder(settings.published, "publications", month)
            opened = files_folder(settings.published, month)
            write_partition(connection, "publications", month, folder, settings.scratch, opened)
            if pack_path(settings.published, month).is_file():
                write_pack(connection, settings.published, settings.scratch, month, names or list)
            target = settings.named if names else settings.published
            if claim_pack_path(target, month).is_file():
                write_claim_pack(connection, target, settings.scratch, month, own_tables(connection) if names else {})
    publishing.show_again(settings, published, progress)
    with connect(settings) as connection:
        connection.execute(f"drop table if exists {TO_WRITE}")
    return added


def _rebase(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Update the recorded inputs of the months to what is registered now: the same rows under other names."""
    statements = read_statements()
    known = basis.stored(connection)
    if statements is None or not known:
        return
    restated = publications.restated_months(chain_of(settings, connection))
    now = basis.basis_of(connection, statements, [m for m in months if m in known], restated)
    # Only for months with a recorded basis: a month without one is made again by the next run.
    basis.store(connection, {m: {**known[m], **one, basis.RUN: known[m].get(basis.RUN, "")} for m, one in now.items()})


def _entries(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    to_write: Sequence[ToWrite],
    chain: Sequence[Entry],
    reason: str,
    as_before: Collection[str],
) -> list[Entry]:
    """Write partitions again; the versions of each output and month in order, the current one last: the last entry of
    an output and month is the current one.
    """
    latest = {(e.output, e.review_month): e for e in chain}
    versions = {(e.output, e.review_month, e.version): e for e in chain}
    of_outputs = [one for one in to_write if one[0] in ("calendar", FORMER)]
    changed = {(table, month, number): n for _, table, month, number, n in of_outputs}
    added: list[Entry] = []
    for output, month in sorted({(o, m) for o, m, _ in changed if o in OUTPUT_ORDER}, key=lambda p: (p[1], p[0])):
        if output in NOT_VERSIONED:
            folder = partition_folder(settings.published, output, month)
            if folder.is_dir() and output != "publications":
                opened = files_folder(settings.published, month)
                write_partition(connection, output, month, folder, settings.scratch, opened)
            continue
        stands = latest.get((output, month))
        if stands is None:
            continue
        for number in sorted(n for o, m, n in changed if (o, m) == (output, month) and 0 < n < stands.version):
            former = versions[output, month, number]
            added.append(_former(settings, connection, former, changed[output, month, number]))
        rows = changed.get((output, month, 0), 0)
        added.append(_standing(settings, connection, stands, rows, month in as_before))
    place, link, sealed = len(chain), chain[-1].entry_hash if chain else publications.GENESIS, []
    for entry in added:
        place += 1
        one = replace(
            entry,
            place=place,
            previous_hash=link,
            entry_hash="",
            reason=reason,
            rows_added=0,
            rows_removed=0,
            code_version=version("selfaudit"),
        ).sealed()
        link = one.entry_hash
        sealed.append(one)
    return sealed


def _former(settings: Settings, connection: duckdb.DuckDBPyConnection, entry: Entry, changed: int) -> Entry:
    """The entry of a former version whose files were written again, or deleted, in which case it has no hashes."""
    folder = archive_path(settings.published, entry.output, entry.review_month, entry.version)
    parquet, csv = (folder / f"{entry.output}.{form}" for form in RECORDED)
    if not parquet.is_file():
        return replace(
            entry, rows=0, rows_changed=changed, parquet_sha256="", csv_sha256="", content_sha256=publications.REMOVED
        )
    quoted = str(parquet).replace("'", "''")
    rows = (
        f"(select '{entry.review_month}' as review_month, * from read_parquet('{quoted}', hive_partitioning = false))"
    )
    columns = [row[0] for row in connection.execute(f"describe select * from {rows}").fetchall()]
    names = [n for n in columns if n not in WITHOUT_VERSION and n != "review_month"]
    content = content_hashes(connection, rows, entry.output, names, [entry.review_month])[entry.review_month]
    return replace(
        entry,
        rows_changed=changed,
        parquet_sha256=file_sha256(parquet),
        csv_sha256=file_sha256(csv) if csv.is_file() else entry.csv_sha256,
        content_sha256=content,
    )


def _standing(
    settings: Settings, connection: duckdb.DuckDBPyConnection, entry: Entry, changed: int, as_before: bool
) -> Entry:
    """Write the current partition from the warehouse and return its entry; an unchanged partition is left as is."""
    output, month = entry.output, entry.review_month
    if changed:
        folder, opened = partition_folder(settings.published, output, month), files_folder(settings.published, month)
        write_partition(connection, output, month, folder, settings.scratch, opened)
    parquet, csv = (file_sha256(existing_file(settings.published, output, month, form)) for form in RECORDED)
    names = [
        n
        for (n,) in connection.execute(
            "select name from pragma_table_info(?) order by cid", [f"calendar.{output}"]
        ).fetchall()
        if n not in WITHOUT_VERSION and n != "review_month"
    ]
    content = content_hashes(connection, f"calendar.{output}", output, names, [month])[month]
    # The registers of a month at rest may be ahead of their partitions (`record_check.REFRESHED`).
    if not changed or output in REFRESHED:
        content = entry.content_sha256 if not changed else content
    made = replace(entry, rows_changed=changed, parquet_sha256=parquet, csv_sha256=csv, content_sha256=content)
    if as_before:
        return made
    reference, decisions = reference_sha256_of(connection, month)
    stands_on = basis_of_stage(
        connection, month, Stage(month, entry.horizon or month), entry.rules_sha256, reference, decisions
    )
    return replace(
        made,
        raw_sha256=stands_on.raw,
        events_sha256=stands_on.events,
        reference_sha256=reference,
        decisions_sha256=decisions,
    )


def _marts(settings: Settings, connection: duckdb.DuckDBPyConnection, to_write: Sequence[ToWrite]) -> None:
    for schema, table, month, _, _ in to_write:
        folder = partition_folder(settings.published, table, month)
        if schema == "marts" and folder.is_dir():
            write_mart(connection, table, month, folder, settings.scratch)


def _append(connection: duckdb.DuckDBPyConnection, added: Sequence[Entry]) -> None:
    for one in added:
        connection.execute(
            f"insert into {TABLE} ({', '.join(publications.COLUMNS)}) values "
            f"({', '.join('?' * len(publications.COLUMNS))})",
            [getattr(one, name) for name in publications.COLUMNS],
        )
