"""Privacy mode in a run: whether it is on, real values for the models, pseudonyms for everything after them, and the
outputs that name persons, in a separate folder.

`pipelines/publish/veil` replaces the values.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import UserError
from pipelines.failures.isolation import Spared
from pipelines.publish.datasets import columns_of, copy_csv, order_by
from pipelines.publish.places import file_of
from pipelines.publish.veil import veil
from pipelines.publish.veil.identifiers import pseudonym
from pipelines.publish.veil.key import read_or_make
from pipelines.publish.work_files import FOLDER as DO
from pipelines.publish.work_files import write_work_files
from pipelines.publish.workbooks import reviewers
from pipelines.publish.workbooks.write import books_of, write_books
from pipelines.reference.known import YES
from pipelines.resources.modes import OWNER, OWNER_FILE, close
from pipelines.reviews.decisions import Given
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file, connect_to_look

# The outputs for those who act on persons; their workbooks accept decisions.
NAMED_OUTPUTS = ("deprovisioning_list", "provisioning_excess", "admin_roster_reconciliation", "actions", "findings")


def is_on(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the settings of the latest month of the run turn it on. connection: the warehouse."""
    try:
        rows = connection.execute(
            "select value from reference.settings where key = 'privacy_mode' order by review_month desc limit 1"
        ).fetchall()
    except duckdb.CatalogException:
        return False
    return bool(rows) and str(rows[0][0] or "").strip().lower() in YES


@dataclass(frozen=True)
class Cover:
    """Pseudonyms for anything that is not a table: sentences, file names."""

    connection: duckdb.DuckDBPyConnection
    key: bytes

    def meta(self, database: str) -> None:
        """Write pseudonyms into the tables of `meta` of an attached file that is being written."""
        veil.veil_meta(self.connection, self.key, database)

    def __call__(self, given: Sequence[str]) -> list[str]:
        return veil.sentences(self.connection, self.key, given)


def mode_of(settings: Settings) -> bool:
    """Whether the publication carries pseudonyms. Without a key it does not, and the warehouse is not opened: a command
    may ask while another one writes.
    """
    if not settings.pseudonym_key.is_file() or not settings.warehouse.is_file():
        return False
    with connect_to_look(settings) as connection:
        return veil.is_veiled(connection)


@dataclass(frozen=True)
class Real:
    """Pseudonym → real value: ids of findings and actions, keys of persons. Empty if there are no pseudonyms."""

    ids: Mapping[str, str]
    persons: Mapping[str, str]

    def rows(self, given: Sequence[Given]) -> list[Given]:
        """Rows of a workbook with real values; rows of a named workbook have them already."""
        return (
            [g._replace(texts={c: self._text(c, t) for c, t in g.texts.items()}) for g in given]
            if self.ids
            else [*given]
        )

    def _text(self, column: str, text: str) -> str:
        if column in ("finding_id", "finding_ids", "action_id"):
            return re.sub(r"p[0-9a-f]{15}", lambda m: self.ids.get(m[0], m[0]), text)
        return self.persons.get(text.strip(), text) if column == "person_key" else text


def read_real(settings: Settings) -> Real:
    """The real values of the pseudonyms of findings, actions and persons."""
    if not mode_of(settings):
        return Real({}, {})
    key = read_or_make(settings.pseudonym_key)
    with connect(settings) as connection:
        own = veil.own_tables(connection)
        ids: dict[str, str] = {}
        for table, column in (("calendar.findings", "finding_id"), ("calendar.actions", "action_id")):
            shown = pseudonym(key, column, "finding")
            ids |= dict(connection.execute(f"select distinct {shown}, {column} from {own[table]}").fetchall())
        shown = pseudonym(key, "lower(person_key)")
        persons = connection.execute(
            f"select distinct {shown}, person_key from {own['marts.dim_person']} union select distinct {shown}, "
            f"person_key from {own['calendar.findings']} where person_key is not null"
        ).fetchall()
    return Real(ids, dict(persons))


def shown_id(settings: Settings, finding_id: str) -> str:
    """The published id of a finding; the id in a named workbook is the real one."""
    shown = {real: shown for shown, real in read_real(settings).ids.items()}
    return shown.get(finding_id.strip().lower(), finding_id)


def real_finding(settings: Settings, finding: dict[str, Any]) -> dict[str, Any]:
    """The finding with real values instead of pseudonyms."""
    real = read_real(settings).ids.get(finding["finding_id"])
    if real is None:
        return finding
    with connect(settings) as connection:
        own = veil.own_tables(connection)["calendar.findings"]
        cursor = connection.execute(
            f"select * from {own} where finding_id = ? and review_month = ?", [real, finding["review_month"]]
        )
        names, rows = [d[0] for d in cursor.description or ()], cursor.fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else finding


@contextmanager
def decided_on(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Callable[[str], str]]]:
    """A connection for reading what can be decided, and the location of each table in it: the published file, or the
    real values of the warehouse if the former has pseudonyms.
    """
    if mode_of(settings):
        with connect(settings) as connection:
            own = veil.own_tables(connection)
            yield connection, lambda table: own.get(table, table)
    else:
        with closing(connect_file(settings.published_database)) as connection:
            yield connection, str


def refuse_a_switch(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise UserError if the mode was switched after something was published. connection: the warehouse, with the
    settings of the run.
    """
    on, was = is_on(connection), veil.is_veiled(connection)
    if on != was and (was or settings.published_database.is_file()):
        raise UserError(
            f"settings: privacy_mode was switched {'on' if on else 'off'}, and {settings.published} holds what was "
            f"published {'with names, or its warehouse is gone' if on else 'with pseudonyms'}; one record cannot hold "
            f"both. Move {settings.published} and {settings.warehouse.parent} away (you "
            "decide who may read them), and run again: every month is made from the landing zone. Or switch it back."
        )


def lift(settings: Settings) -> None:
    """Before models are made: put real values into the tables that they read."""
    with connect(settings) as connection:
        if veil.is_veiled(connection):
            veil.lift(connection)


def cover(settings: Settings, connection: duckdb.DuckDBPyConnection, made: Collection[str] | None) -> Cover | None:
    """Before anything is published: write pseudonyms into what the run made. made: names of tables, None for all.
    Returns None if privacy mode is off.
    """
    refuse_a_switch(settings, connection)
    if not is_on(connection):
        return None
    key = read_or_make(settings.pseudonym_key)
    veil.veil(connection, key, made)
    return Cover(connection, key)


def named_database(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> Path:
    """The published file with real values of these months, in scratch; used for the named outputs, then deleted."""
    target = settings.scratch / "named.duckdb"
    target.unlink(missing_ok=True)
    shutil.copyfile(settings.published_database, target)
    target.chmod(OWNER_FILE)
    connection.execute(f"attach '{str(target).replace(chr(39), chr(39) * 2)}' as _named")
    try:
        for table, own in veil.own_tables(connection).items():
            connection.execute(f"delete from _named.{table} where list_contains(?, review_month)", [list(months)])
            connection.execute(
                f"insert into _named.{table} by name select * from {own} where list_contains(?, review_month) "
                "order by all",
                [list(months)],
            )
    finally:
        connection.execute("detach _named")
    return target


def write_named(settings: Settings, months: Sequence[str], latest: str, spared: Spared) -> None:
    """Write the outputs that name persons: the de-provisioning list and others that are acted on, as CSV and workbook,
    work files, workbooks of responsible persons. Raises the errors of their writers.
    """
    folder = settings.named
    folder.mkdir(mode=OWNER, parents=True, exist_ok=True)
    with connect(settings) as connection:
        database = named_database(settings, connection, months)
    try:
        with closing(connect_file(database)) as named:
            for month in months:
                for output in NAMED_OUTPUTS:
                    _write_csv(named, output, month, file_of(folder, output, month, "csv"))
                books = [b for b in books_of(named, [month], spared.missing("output")) if b[0] in NAMED_OUTPUTS]
                write_books(named, books, folder, settings.scratch, spared)
                write_work_files(named, month, folder / DO / month, settings.scratch)
                there = {p.relative_to(folder).as_posix() for p in (folder / reviewers.FOLDER).glob(f"*/{month}.xlsx")}
                if there or month == latest:
                    books_of_persons = reviewers.reviewer_books(named, month)
                    for book in books_of_persons:
                        reviewers.write_reviewer_book(book, folder, settings.scratch)
                    # Of a person who no longer has actions.
                    for stale in there - {book.path for book in books_of_persons}:
                        (folder / stale).unlink()
    finally:
        database.unlink(missing_ok=True)
        close(folder)


def _write_csv(named: duckdb.DuckDBPyConnection, output: str, month: str, target: Path) -> None:
    order = order_by([name for name, _ in columns_of(named, output)], output)
    target.parent.mkdir(parents=True, exist_ok=True)
    copy_csv(
        named, output, f"(select * from calendar.{output} where review_month = '{month}' order by {order})", target
    )
