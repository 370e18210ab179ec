"""Compares history with the record before anything is made: rows of the warehouse and of the published file, and the
files of the partitions, month by month. Differences are restored from whichever copy still agrees with the record, and
reported.

Whatever emptied a table (a `dbt run --full-refresh`, a `delete`, a lost file), a published month does not disappear
with the next publication. `selfaudit verify` compares every value. Source: definition of this project,
docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from pipelines.ingest.write.schema import ensure_schema
from pipelines.publish.datasets import write_partition
from pipelines.publish.places import RECORDED, existing_file
from pipelines.publish.publications import TABLE, Entry, append, broken_link, file_sha256, read_chain
from pipelines.publish.record_check import (
    Place,
    count_rows,
    count_sentence,
    differing_counts,
    latest_entries,
    partition_path,
)
from pipelines.run import dbt_call, published_file
from pipelines.run.bring_back import former_file, from_file, from_partition
from pipelines.run.months import months_at_rest
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file, insert_rows

WAREHOUSE, FILE, AGAIN = "warehouse", "published file", "; it was written again"
STAMPS = "raw.partition_stamp"
STAMP_COLUMNS = ("path", "stamp", "sha256")


def hold_to_record(settings: Settings) -> list[str]:
    """Restore what was removed from published months outside a run, and report it in one sentence each; empty if
    everything agrees with the record.

    Months that a run began and did not finish are left to the next run, which makes them again. If nothing differs,
    only the stamps of files that were read are written.
    """
    if not settings.warehouse.is_file():
        return []
    with connect(settings) as connection:
        if not dbt_call.has_results(connection):
            return []
        ensure_schema(connection)
        said = _restore_chain(settings, connection)
        months = months_at_rest(connection)
        entries = {place: e for place, e in latest_entries(read_chain(connection)).items() if place[1] in months}
        sound = _sound_partitions(settings.published, connection, entries)
        with former_file(connection, settings.published_database) as former:
            held = count_rows(connection, "calendar")
            for place, rows in differing_counts(held, entries).items():
                said.append(_put_back(settings, connection, place, rows, entries[place], place in sound))
            in_file = differing_counts(count_rows(connection, "calendar", former), entries) if former else {}
            marts = _marts(connection, former, months) if former else {}
        wrong = set(differing_counts(count_rows(connection, "calendar"), entries))
        for place in sorted(entries.keys() - sound):
            said.append(_rewrite(settings, connection, place, entries[place], place not in wrong))
        of_file = [
            f"{count_sentence(FILE, p, rows, entries[p])}{AGAIN}" for p, rows in in_file.items() if p not in wrong
        ]
        of_file += [f"{FILE}: {name}{AGAIN}" for name, is_of_file in marts.items() if is_of_file]
        said += [f"{WAREHOUSE}: {name}; put back from the published file" for name, of in marts.items() if not of]
        if former is None and entries:
            of_file.append(f"{FILE}: {settings.published_database} was missing{AGAIN}")
        if of_file:
            published_file.write_published_file(settings, connection)
    return said + of_file


def _restore_chain(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """If the record in the warehouse is broken or shorter than the published one, and the published one is intact,
    restore the published one.
    """
    here = read_chain(connection)
    there: list[Entry] = []
    if settings.published_database.is_file():
        with closing(connect_file(settings.published_database)) as published:
            there = read_chain(published)
    broken = broken_link(here)
    if there and not broken_link(there) and (broken or (len(here) < len(there) and there[: len(here)] == here)):
        connection.execute(f"drop table if exists {TABLE}")
        append(connection, there, [])
        what = broken or f"{len(there) - len(here)} of {len(there)} entries were missing"
        return [f"{WAREHOUSE}: record of publications: {what}; put back from the published file"]
    if broken:
        return [
            f"record of publications: {broken}. Restore {settings.published_database} from a backup; until then "
            "there is no valid record of what was published."
        ]
    return []


def _sound_partitions(
    published: Path, connection: duckdb.DuckDBPyConnection, entries: Mapping[Place, Entry]
) -> set[Place]:
    """The (output, month) whose files have the hashes of the record. A file whose size, time and inode are unchanged
    since it was last read is not read again; `verify` reads all of them.
    """
    known = {path: (stamp, sha) for path, stamp, sha in connection.execute(f"select * from {STAMPS}").fetchall()}
    sound, read = set(), {}
    for (output, month), entry in entries.items():
        good = True
        for form, expected in zip(RECORDED, (entry.parquet_sha256, entry.csv_sha256), strict=True):
            path = existing_file(published, output, month, form)
            name = str(path.relative_to(published))
            stamp = _stamp(path)
            if known.get(name) != (stamp, expected):
                read[name] = (stamp, file_sha256(path) if stamp else "")
                good = good and read[name][1] == expected
        if good:
            sound.add((output, month))
    if read:
        connection.execute(f"delete from {STAMPS} where list_contains(?, path)", [list(read)])
        insert_rows(connection, STAMPS, STAMP_COLUMNS, [(n, stamp, sha) for n, (stamp, sha) in sorted(read.items())])
    return sound


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"


def _put_back(
    settings: Settings, connection: duckdb.DuckDBPyConnection, place: Place, rows: int, entry: Entry, is_sound: bool
) -> str:
    """Restore the rows of a month from its partition to the table of the warehouse, which is recreated if missing."""
    what = count_sentence(WAREHOUSE, place, rows, entry)
    path = partition_path(settings.published, *place)
    if not is_sound:
        return (
            f"{what}; {path} differs from what was published too: make the month again with `selfaudit run {place[1]}`"
        )
    from_partition(connection, settings.published, place)
    return f"{what}; put back from {path}"


def _marts(connection: duckdb.DuckDBPyConnection, former: str, months: Collection[str]) -> dict[str, bool]:
    """Months of marts whose row counts differ between the warehouse and the published file → whether the published file
    lost them; if the warehouse did, they are restored.

    Marts have no entry in the record: the larger number of rows is what was published.
    """
    here, there = count_rows(connection, "marts"), count_rows(connection, "marts", former)
    found = {}
    for table in sorted(here.keys() & there.keys()):
        for month in sorted(months):
            mine, theirs = here[table].get(month, 0), there[table].get(month, 0)
            if mine == theirs:
                continue
            text = f"{table} of {month} has {min(mine, theirs):,} of {max(mine, theirs):,} rows"
            found[text] = theirs < mine
            if mine < theirs:
                from_file(connection, "marts", table, [month])
    return found


def _rewrite(
    settings: Settings, connection: duckdb.DuckDBPyConnection, place: Place, entry: Entry, can_be: bool
) -> str:
    """Write the files of a partition again from the warehouse, if that gives the published bytes."""
    output, month = place
    folder = partition_path(settings.published, output, month).parent
    what = f"{folder} differs from what was published (version {entry.version})"
    if can_be:
        beside = settings.scratch / "partition"
        part = write_partition(connection, output, month, beside, settings.scratch)
        if (file_sha256(part.parquet), file_sha256(part.csv)) == (entry.parquet_sha256, entry.csv_sha256):
            for path in (part.parquet, part.csv):
                target = existing_file(settings.published, output, month, path.suffix[1:])
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            return f"{what}; written again from the warehouse, with the bytes that were published"
    return f"{what}, and the warehouse does not give those bytes: make the month again with `selfaudit run {month}`"
