"""Dagster's own records of events in SQLite, with less work for each: an open connection for each file instead of six
new ones for an event, no flush to disk at every commit, and one transaction for many events (docs/decisions/0041).

Files and tables are those of Dagster's `SqliteEventLogStorage`, which can take the place of this class at any time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy
from dagster import DagsterInstance, EventLogEntry
from dagster._config import StringSource
from dagster._core.events import ASSET_EVENTS, DagsterEventType
from dagster._core.storage.event_log import SqlEventLogStorageTable, SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

from pipelines.settings import hand_over_events_together

# Where Dagster keeps them inside its folder.
FOLDER = Path("history", "runs")
INDEX = "index"
# The files of so many runs are kept open, besides the index: a page of the UI looks at many.
OPEN_RUNS = 4
BUSY_SECONDS = 60
# So many events of outputs and materialisations wait for one another at most, and so long.
WAITING, WAITING_SECONDS = 500, 1.0


class OpenEventLogStorage(SqliteEventLogStorage):
    """Named in the `dagster.yaml` of a data folder. A power cut may lose the last events; it does not damage the
    files (SQLite's WAL with `synchronous = normal`).
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._engines_lock = threading.Lock()
        self._tables: set[str] = set()
        self._waiting: list[EventLogEntry] = []
        self._waiting_lock = threading.RLock()
        # The connections of a batch, by file, in the thread that stores it.
        self._batch = threading.local()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        """home: Dagster's folder."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> OpenEventLogStorage:
        """The storage of a folder of Dagster's."""
        hand_over_events_together()
        return cls(str(Path(config_value["home"]) / FOLDER), inst_data)

    def run_connection(self, run_id: str | None = None) -> Any:
        """A transaction in the file of a run; events without a run have a file too."""
        return self._transaction(run_id or "", super().run_connection)

    def index_connection(self) -> Any:
        """A transaction in the file of all runs."""
        return self._transaction(INDEX, lambda _: super(OpenEventLogStorage, self).index_connection())

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; that a step has an output is written with what comes next."""
        if event.dagster_event_type is DagsterEventType.STEP_OUTPUT:
            self._delay([event])
        else:
            self.flush()
            super().store_event(event)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run in one transaction for each file that they go into; materialisations with what comes
        next.
        """
        if all(e.dagster_event_type is DagsterEventType.ASSET_MATERIALIZATION for e in events):
            self._delay(events)
            return
        self.flush()
        with self.together():
            self._store([e for e in events if e.dagster_event_type in ASSET_EVENTS])
            for event in events:
                if event.dagster_event_type not in ASSET_EVENTS:
                    super().store_event(event)

    def flush(self) -> None:
        """Write what waits. Every reading and every other event does it first."""
        with self._waiting_lock:
            events, self._waiting = self._waiting, []
            if events:
                with self.together():
                    self._store(events)

    def _delay(self, events: Sequence[EventLogEntry]) -> None:
        with self._waiting_lock:
            other_run = self._waiting and self._waiting[0].run_id != events[0].run_id
            if other_run:
                self.flush()
            self._waiting += events
            old = events[-1].timestamp - self._waiting[0].timestamp > WAITING_SECONDS
            if old or len(self._waiting) >= WAITING:
                self.flush()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread stores in the block is one transaction for each file."""
        if getattr(self._batch, "connections", None) is not None:
            yield
            return
        self.flush()
        # Left in reverse: what is in the index is in the file of its run too.
        with ExitStack() as transactions:
            self._batch.connections, self._batch.transactions = {}, transactions
            try:
                yield
            finally:
                self._batch.connections = None

    def _store(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of a run, each in its file and those of assets in the index too."""
        if not events:
            return
        rows = [self._event_to_row(e) for e in events]
        with self.run_connection(events[0].run_id) as run:
            run.execute(SqlEventLogStorageTable.insert(), rows)
        of_assets = [(e, r) for e, r in zip(events, rows, strict=True) if e.dagster_event_type in ASSET_EVENTS]
        if not of_assets:
            return
        with self.index_connection() as index:
            index.execute(SqlEventLogStorageTable.insert(), [row for _, row in of_assets])
            # Nobody else writes into the file before the end of the transaction.
            newest = index.execute(sqlalchemy.select(sqlalchemy.func.max(SqlEventLogStorageTable.c.id))).scalar_one()
            numbers = range(newest - len(of_assets) + 1, newest + 1)
            self._store_asset_event_tags(index, [e for e, _ in of_assets], numbers)
            # Of an asset the index keeps the last event of each kind.
            last = {
                (row["asset_key"], event.dagster_event_type): (event, number)
                for (event, row), number in zip(of_assets, numbers, strict=True)
            }
            for event, number in last.values():
                self._store_asset_event(index, event, number)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; one that is there once stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def delete_events(self, run_id: str) -> None:
        """Forget a run, and let go of its file."""
        super().delete_events(run_id)
        with self._engines_lock:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()

    def dispose(self) -> None:
        """Write what waits, and close every file."""
        self.flush()
        with self._engines_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
        super().dispose()

    @contextmanager
    def _transaction(self, shard: str, first: Any) -> Iterator[Connection]:
        held: dict[str, Connection] | None = getattr(self._batch, "connections", None)
        if held is None:
            self.flush()
            with self._engine(shard, first).begin() as connection:
                yield connection
            return
        if shard not in held:
            held[shard] = self._batch.transactions.enter_context(self._engine(shard, first).begin())
        yield held[shard]

    def _engine(self, shard: str, first: Any) -> Engine:
        with self._engines_lock:
            if shard in self._engines:
                return self._engines[shard]
        # Dagster makes the tables of a file when it opens it.
        opened: AbstractContextManager[Connection] = first(shard)
        with opened:
            pass
        engine = sqlalchemy.create_engine(self.conn_string_for_shard(shard), connect_args={"timeout": BUSY_SECONDS})
        sqlalchemy.event.listen(engine, "connect", _without_flush)
        with self._engines_lock:
            runs = [name for name in self._engines if name != INDEX]
            for name in runs[: max(0, len(runs) - OPEN_RUNS + 1)]:
                self._engines.pop(name).dispose()
            return self._engines.setdefault(shard, engine)


def together(instance: DagsterInstance) -> AbstractContextManager[None]:
    """What this thread stores in the block is one transaction for each file, if this storage is the instance's."""
    storage = instance.event_log_storage
    return storage.together() if isinstance(storage, OpenEventLogStorage) else nullcontext()


def _without_flush(connection: Any, _: Any) -> None:
    connection.execute("pragma synchronous = normal")
