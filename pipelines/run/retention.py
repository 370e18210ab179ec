"""Retention: what is past its retention period, by which setting, what holds it regardless, and its deletion.

A run deletes nothing; `selfaudit retain` does, after announcing it. Each month gets an entry of the record that names
the setting. Classes and their limits are in `pipelines/reference/retention.py`.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from pipelines.errors import UserError
from pipelines.ingest.landing.files import REFERENCE_DROP, list_drops
from pipelines.ingest.landing.fingerprints import loaded_drops, reference_fingerprint
from pipelines.partitions import as_of, shift
from pipelines.publish.claim_pack import claim_pack_path
from pipelines.publish.packs import TAKEN_AWAY, archived_reference_path, pack_path, reference_hashes_of_pack
from pipelines.publish.publications import archive_path, months_removed, read_chain, retention_reason
from pipelines.publish.seals.statements import SIGNATURE, STAMP, companion
from pipelines.publish.veil.anonymous import anonymise_persons
from pipelines.publish.veil.veil import cut_sql
from pipelines.publish.work_files import FOLDER as DO
from pipelines.publish.workbooks import reviewers
from pipelines.reference.retention import (
    CLASSES,
    DECISIONS,
    DELIVERIES,
    HISTORY,
    KEYS,
    PACKS,
    PERSONS,
    PREFIX,
    TABLES,
    WORK,
    months_of,
)
from pipelines.run import reseal
from pipelines.run.erasure import compact, end_journal, read_journal, write_journal
from pipelines.run.mailbox import remove_handed_in
from pipelines.run.progress import Progress, silent
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file, transaction

COMMAND = "retain"
# Classes that a contract or a claim may still require.
EVIDENCE = (DELIVERIES, PERSONS, PACKS, TABLES)
_DROP = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Due:
    """What is past its retention period. kind: the class; months: the setting; taken: review months, in order; held:
    month → what holds it, in words.
    """

    kind: str
    months: int
    taken: tuple[str, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)


def read_settings(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Class → months, from the settings of the latest month that was made; only classes that are set. connection: the
    warehouse.
    """
    try:
        rows = connection.execute(
            "select key, max_by(value, review_month) from reference.settings where list_contains(?, key) group by 1",
            [list(KEYS)],
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    found = {key.removeprefix(PREFIX): months_of(key, value) for key, value in rows}
    return {kind: found[kind] for kind in CLASSES if (months := found.get(kind)) is not None and months > 0}  # type: ignore[misc]


def due(settings: Settings, today: date) -> list[Due]:
    """What is past its retention period on a day, by class; empty if nothing is set or published."""
    if not settings.warehouse.is_file() or not settings.published_database.is_file():
        return []
    with connect(settings) as connection:
        asked = read_settings(connection)
        if not asked:
            return []
        held = _held(connection, today)
    with closing(connect_file(settings.published_database)) as published:
        chain = read_chain(published)
    months = sorted({e.review_month for e in chain})
    found = []
    for kind, kept in asked.items():
        # The retention period of a month begins on its last day.
        last = shift(f"{today:%Y-%m}", -(kept + 1))
        gone = months_removed(chain, kind)
        if kind == DELIVERIES:  # what was delivered again
            gone -= set(list_drops(settings.landing))
        there = [m for m in months if m <= last and m not in gone]
        holding = {m: held(m) for m in there if kind in EVIDENCE and held(m)}
        taken = tuple(m for m in there if m not in holding)
        if there:
            found.append(Due(kind, kept, taken, holding))
    return found


class _held:  # noqa: N801
    """Month → what holds it on a day: a contract in force, or tokens that have not expired, whose term includes the
    month; a claim about it. In words; '' for nothing. Reads the latest month that was made.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, today: date) -> None:
        latest = "review_month = (select max(review_month) from {0})"
        self.terms: list[tuple[str, date, date]] = connection.execute(
            "select 'contract ' || contract_number, start_date, end_date from marts.dim_contract where "
            f"{latest.format('marts.dim_contract')} and start_date is not null and coalesce(end_date, ?) >= ? "
            "union all select 'tokens ' || coalesce(pack_id, contract_number, ''), start_date, end_date from "
            "raw.flex_packs where start_date is not null and end_date >= ? "
            "union all select 'claim ' || claim_id, coalesce(period_from, date '1900-01-01'), coalesce(period_to, "
            f"date '9999-12-31') from calendar.claim_answers where {latest.format('calendar.claim_answers')} "
            "order by all",
            [date.max, today, today],
        ).fetchall()

    def __call__(self, month: str) -> str:
        first, last = date.fromisoformat(f"{month}-01"), as_of(month)
        found = [name for name, begins, ends in self.terms if begins <= last and (ends or date.max) >= first]
        return f"{found[0]}{f' and {len(set(found)) - 1} more' if len(set(found)) > 1 else ''}" if found else ""


def refuse_if_not_loaded(settings: Settings) -> None:
    """Raise UserError if the company's tables differ from those that were read: the settings may differ too."""
    with connect(settings) as connection:
        present = {REFERENCE_DROP: reference_fingerprint(settings.landing)}
        if not loaded_drops(connection, present):
            raise UserError(
                f"{settings.landing / REFERENCE_DROP} was changed since the last run. Run `selfaudit run` first, so "
                "that the settings that hold now are read."
            )


def sentences(settings: Settings, today: date) -> list[str]:
    """What is past its retention period on a day and not held, one sentence per class."""
    found = []
    for one in due(settings, today):
        if one.taken:
            last = f" to {one.taken[-1]}" if len(one.taken) > 1 else ""
            found.append(
                f"retention: {one.kind} of {one.taken[0]}{last} can be deleted (kept {one.months} months): "
                "`selfaudit retain` does it"
            )
    return found


def is_begun(settings: Settings) -> bool:
    """Whether a deletion was interrupted."""
    journal = read_journal(settings)
    return journal is not None and journal["command"] == COMMAND


def take_away(
    settings: Settings,
    found: Sequence[Due],
    today: date,
    forget_runs: Callable[[Settings, date], int],
    progress: Progress = silent,
) -> tuple[list[Due], int]:
    """Delete what is due; if a deletion was interrupted, what was due then. Returns what was deleted, and the entries
    of the record.

    forget_runs: deletes Dagster's data on runs before a day.
    """
    journal = read_journal(settings)
    if journal is None:
        asked = [one for one in found if one.taken]
        parts = [{"kind": one.kind, "months": one.months, "taken": list(one.taken)} for one in asked]
        write_journal(settings, {"command": COMMAND, "again": f"retain --today {today}", "parts": parts})
    else:
        asked = [Due(p["kind"], int(p["months"]), tuple(p["taken"])) for p in journal["parts"]]
    entries = 0
    for one in asked:
        progress(f"{one.kind}: {', '.join(one.taken)}")
        reason = retention_reason(one.kind, one.months)
        with connect(settings) as connection:
            {
                DELIVERIES: _deliveries,
                PERSONS: _persons,
                PACKS: _packs,
                WORK: _work,
                DECISIONS: _by_day,
                TABLES: _tables,
                HISTORY: _by_day,
            }[one.kind](settings, connection, one)
        # The first day that is kept.
        kept = date.fromisoformat(f"{shift(f'{today:%Y-%m}', -one.months)}-01")
        if one.kind == DECISIONS:
            progress(f"{remove_handed_in(settings, kept)} files that were handed in")
        if one.kind == HISTORY:
            progress(f"{forget_runs(settings, kept)} runs of Dagster's")
        entries += len(reseal.write_again(settings, reason, False, progress=progress))
    compact(settings)
    end_journal(settings)
    return asked, entries


def _noted(months: Iterable[str]) -> list[reseal.ToWrite]:
    """Record that data of these months was deleted: an entry each, for the register of files."""
    return [("calendar", "file_register", month, 0, 0) for month in months]


def _deliveries(settings: Settings, connection: duckdb.DuckDBPyConnection, one: Due) -> None:
    """Delete rows and working tables of the drops, then their files. The register still names every file, as removed;
    of rejected rows the texts are deleted.
    """
    drops = list(one.taken)
    said = f"removed after {one.months} months (setting {PREFIX}{DELIVERIES})"
    columns: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "select c.schema_name, c.table_name, c.column_name from duckdb_columns() as c inner join duckdb_tables() as t "
        "using (database_name, schema_name, table_name) where c.database_name = current_database() and c.schema_name "
        "in ('raw', 'kept', 'intermediate')"
    ).fetchall():
        columns.setdefault((schema, table), set()).add(column)
    keep = {"file_register", "rejected_rows", "run_month", "published_month", "made_from", "last_made", "not_made"}
    with transaction(connection):
        for (schema, table), names in sorted(columns.items()):
            by = [n for n in ("_drop", "drop", "_first_drop", "_second_drop") if schema == "raw" and n in names]
            by += ["review_month"] if schema != "raw" and "review_month" in names else []
            if table in keep or not by:
                continue
            where = " or ".join(f'list_contains(?, "{n}")' for n in by)
            connection.execute(f'delete from {schema}."{table}" where {where}', [drops] * len(by))
        for schema in ("raw", "calendar"):
            connection.execute(
                f"update {schema}.file_register set verdict = '{TAKEN_AWAY}', message = ? where list_contains(?, drop)",
                [said, drops],
            )
            connection.execute(
                f"update {schema}.rejected_rows set row_text = '(removed)', reason = "
                f"{cut_sql('reason', '(removed)')} where list_contains(?, drop)",
                [drops],
            )
        rows = connection.execute(
            "select 'calendar', 'file_register', drop, 0, count(*) from calendar.file_register where list_contains(?, "
            "drop) group by 3 union all select 'calendar', 'rejected_rows', drop, 0, count(*) from "
            "calendar.rejected_rows where list_contains(?, drop) group by 3",
            [drops, drops],
        ).fetchall()
        reseal.note(connection, [*rows, *_noted(drops)])
    for drop in drops:
        folder = settings.landing / drop
        if folder.is_symlink():
            raise UserError(f"{folder} is a link. Delete its target and the link yourself, then run again.")
        if folder.is_dir() and _DROP.fullmatch(drop):
            shutil.rmtree(folder)


def _persons(settings: Settings, connection: duckdb.DuckDBPyConnection, one: Due) -> None:
    """Replace persons in the published rows of the months with pseudonyms by a key that is not kept; delete former
    versions, archives of claims and real values kept aside.
    """
    months = list(one.taken)
    with transaction(connection):
        changed = anonymise_persons(connection, secrets.token_bytes(32), months)
        rows: list[reseal.ToWrite] = [
            (schema, table, month, 0, count) for (schema, table, month), count in sorted(changed.items())
        ]
        reseal.note(connection, [*rows, *_versions(connection, months), *_noted(months)])
    _remove_versions(settings, connection, months)
    for month in months:
        for folder in (settings.published, settings.named):
            _unlink(claim_pack_path(folder, month))
    _remove_work(settings, months)


def _packs(settings: Settings, connection: duckdb.DuckDBPyConnection, one: Due) -> None:
    months = list(one.taken)
    with transaction(connection):
        reseal.note(connection, [*_versions(connection, months), *_noted(months)])
    _remove_versions(settings, connection, months)
    for month in months:
        _unlink(pack_path(settings.published, month))
        for folder in (settings.published, settings.named):
            _unlink(claim_pack_path(folder, month))


def _work(settings: Settings, connection: duckdb.DuckDBPyConnection, one: Due) -> None:
    with transaction(connection):
        reseal.note(connection, _noted(one.taken))
    _remove_work(settings, one.taken)


def _tables(settings: Settings, connection: duckdb.DuckDBPyConnection, one: Due) -> None:
    """Delete archived tables on which only publications of these months are based, except what is loaded now or named
    by a remaining pack.
    """
    with transaction(connection):
        reseal.note(connection, _noted(one.taken))
    rows = connection.execute("select distinct sha256 from raw.file_register where drop = ?", [REFERENCE_DROP])
    needed = {sha for (sha,) in rows.fetchall()}
    for pack in sorted(pack_path(settings.published, "").parent.glob("*.zip")):
        if pack.stem not in one.taken:
            try:
                needed |= reference_hashes_of_pack(pack)
            except ValueError as error:
                raise UserError(f"{error} Move it away, then run again.") from error
    for folder in (settings.published, settings.named):
        for path in sorted(archived_reference_path(folder, "x").parent.glob("*")):
            if path.name not in needed:
                path.unlink()


def _by_day(settings: Settings, connection: duckdb.DuckDBPyConnection, one: Due) -> None:
    """What is counted by its day of arrival and is in no table: it is in the record."""
    with transaction(connection):
        reseal.note(connection, _noted(one.taken))


def _versions(connection: duckdb.DuckDBPyConnection, months: Collection[str]) -> list[reseal.ToWrite]:
    """Delete the former versions of the months that the record does not state as deleted, with their rows."""
    chain = read_chain(connection)
    latest = {(e.output, e.review_month): e.version for e in chain}
    known = {(e.output, e.review_month, e.version): e for e in chain}
    return [
        (reseal.FORMER, output, month, number, entry.rows)
        for (output, month, number), entry in known.items()
        if month in months and number < latest[output, month] and entry.parquet_sha256
    ]


def _remove_versions(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Collection[str]) -> None:
    for output, month, number in {
        (e.output, e.review_month, n) for e in read_chain(connection) if e.review_month in months
        for n in range(1, e.version)
    }:  # fmt: skip
        shutil.rmtree(archive_path(settings.published, output, month, number), ignore_errors=True)


def _remove_work(settings: Settings, months: Iterable[str]) -> None:
    for month in months:
        for folder in (settings.published, settings.named):
            shutil.rmtree(folder / DO / month, ignore_errors=True)
            for path in (folder / reviewers.FOLDER).glob(f"*/{month}.xlsx"):
                path.unlink()
                with suppress(OSError):
                    path.parent.rmdir()
        shutil.rmtree(settings.named / "files" / month, ignore_errors=True)


def _unlink(path: Path) -> None:
    for each in (path, companion(path, SIGNATURE), companion(path, STAMP)):
        each.unlink(missing_ok=True)
