"""The warehouse file: the only place that opens it. One writer at a time, by a lock that waits.

Holds connections and the lock. Does not know what the tables mean; publishing writes files of its own.
"""

from __future__ import annotations

import fcntl
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb

from pipelines.resources.modes import OWNER, only_for
from pipelines.settings import Settings

POOL = "warehouse"


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    # No extension is ever fetched: everything that is used is linked into the wheel. Groups of rows that a parallel
    # insert left short are not merged when the file is brought to rest: that writes the large tables once more; groups
    # whose rows are all deleted are given back all the same (docs/decisions/0022).
    return {
        "max_vacuum_tasks": 0,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(settings.scratch),
    }


# Warehouses that this process has open for writing, and how often: DuckDB opens a file in one way per process.
_OPEN: Counter[Path] = Counter()


@contextmanager
def connect(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse for writing, closed at the end; the file is made where there is none. Raises
    duckdb.IOException if another process writes.
    """
    path = settings.warehouse
    settings.scratch.mkdir(parents=True, exist_ok=True)
    # They hold every row that was delivered, and keys.
    for folder in (path.parent, settings.state):
        folder.mkdir(parents=True, exist_ok=True)
        only_for(folder, OWNER)
    with _opened(str(path), settings, read_only=False) as connection:
        _OPEN[path] += 1
        try:
            yield connection
        finally:
            _OPEN[path] -= 1


@contextmanager
def connect_to_look(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for whoever only reads: to the warehouse, read-only unless this process writes it already; to an
    empty database in memory where there is none. Makes no file and no folder. Raises duckdb.IOException if another
    process writes.
    """
    path = settings.warehouse
    name, read_only = (str(path), not _OPEN[path]) if path.is_file() else (":memory:", False)
    with _opened(name, settings, read_only) as connection:
        yield connection


@contextmanager
def _opened(name: str, settings: Settings, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(name, read_only=read_only, config=_config(settings))) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def connect_in_memory() -> duckdb.DuckDBPyConnection:
    """A connection to a database that is in no file and holds nothing."""
    return duckdb.connect(":memory:")


def connect_file(path: Path, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """A connection to another DuckDB file (the published one), with extensions off."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def attach_beside(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach another DuckDB file to be read. name: one of ours, not quoted here."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {name} (read_only)")


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Append rows of few columns to a table in one statement; one for each row costs half a millisecond to two. table
    and columns are names of ours, not quoted here.
    """
    if rows:
        connection.execute(
            f"insert into {table} ({', '.join(columns)}) select {', '.join(['unnest(?)'] * len(columns))}",
            [list(values) for values in zip(*rows, strict=True)],
        )


def columns_of_tables(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, dict[str, str]]:
    """Table → its columns in order, each with its type, of a schema of the connection's own database."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = ? and database_name = "
        "current_database() order by table_name, column_index",
        [schema],
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the block or nothing: committed at its end, rolled back where it raises. Nothing inside may catch an error
    and go on.
    """
    connection.execute("begin")
    done = False
    try:
        yield
        connection.execute("commit")
        done = True
    finally:
        if not done:
            with suppress(duckdb.TransactionException):  # a commit that failed is rolled back already
                connection.execute("rollback")


class BusyError(RuntimeError):
    """Another process writes this data folder, and the caller did not want to wait."""


# Locks that this process holds: a step of a run that the command started must not wait for the command.
_HELD: set[Path] = set()


@contextmanager
def writer_lock(
    settings: Settings, waiting: Callable[[str], None] = lambda message: None, wait: bool = True
) -> Iterator[None]:
    """Hold the right to write this data folder; a second run waits in order instead of failing on the file lock.

    A process that holds it already goes on. wait=False: raises BusyError instead of waiting.
    """
    path = settings.state / "writer.lock"
    if path in _HELD:
        yield
        return
    settings.state.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise BusyError("another run is writing this data folder") from None
            waiting("another run is writing this data folder; waiting for it to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        _HELD.add(path)
        _empty(settings.scratch)
        try:
            yield
        finally:
            _HELD.discard(path)
            fcntl.flock(handle, fcntl.LOCK_UN)


def _empty(folder: Path) -> None:
    """Take away what somebody who was killed left; the folder stays, since whoever reads may spill into it."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


@contextmanager
def while_nobody_writes(settings: Settings) -> Iterator[None]:
    """Keep other processes from writing this data folder while somebody looks. Raises BusyError where one writes. Makes
    no file: where there is no lock nothing was ever written.
    """
    path = settings.state / "writer.lock"
    if path in _HELD or not path.is_file():
        yield
        return
    with path.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("another run is writing this data folder") from None
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
