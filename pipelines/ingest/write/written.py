"""Last step of ingestion, *written*: the judged tables of a drop into the raw schema, in one transaction that replaces
what was loaded of it, with what expectations say of them.

Where a transaction cannot end it is taken back, and another one begins without the file or input that was at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

import duckdb

from pipelines.contracts import INPUTS, REFERENCE, Kind
from pipelines.errors import is_of_surroundings
from pipelines.ingest.conform.completeness import with_completeness
from pipelines.ingest.conform.judged import Judged, Standards, judge_table, refused
from pipelines.ingest.conform.other_months import with_newest_day
from pipelines.ingest.landing.delivered import DeliveredDrop
from pipelines.ingest.landing.fingerprints import remember_pending
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.recognise.recognised import failed_reading
from pipelines.ingest.write.judgement import Judgement, Pending, both, known
from pipelines.ingest.write.rows import write_table
from pipelines.ingest.write.straight import NotStraightError, write_straight
from pipelines.warehouse import insert_rows, transaction

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


# Begins to judge the rows of a drop: connection, drop, input → relation of its good rows.
Judge = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, str]], Pending]


@dataclass(frozen=True)
class Written:
    """The tables of a drop as they were written."""

    drop: str
    tables: tuple[Judged, ...]

    @property
    def rows(self) -> int:
        """Rows read."""
        return sum(t.read.rows for t in self.tables)

    @property
    def rejected(self) -> int:
        """Rows rejected."""
        return sum(t.rejected for t in self.tables)


class _UnwritableError(RuntimeError):
    """Rows of one file that cannot be written; ends the transaction."""

    def __init__(self, table: Judged, error: duckdb.Error) -> None:
        super().__init__(str(error))
        self.table, self.error = table, error


class _RefusedError(RuntimeError):
    """Inputs are refused whose rows are written already; ends the transaction."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in judgement.refused.items()))
        self.judgement = judgement


class _BrokenError(RuntimeError):
    """Judging rows that were written straight broke the transaction; `late` says of which input."""

    def __init__(self, late: Pending, error: duckdb.Error) -> None:
        super().__init__(str(error))
        self.late, self.error = late, error


def write_drop(
    drop: DeliveredDrop,
    tables: Sequence[Judged],
    fingerprint: str,
    standards: Standards,
    scratch: Scratch,
    judge: Judge | None,
) -> Written:
    """Replace what is loaded of a drop. judge: None where no expectation is asked.

    A file whose rows cannot be written, and an input that the judgement refuses, are rejected; the others are written.
    A drop with a file that failed is not remembered as loaded: the next run reads it again. Raises RowArithmeticError,
    LandingChangedError, and what is no fault of a file (a full disk).
    """
    # What waits for another process begins before the large files are read.
    begun = judge(scratch.con, drop.name, _good_rows(scratch.con, tables, False)) if judge else known(Judgement())
    while True:
        try:
            return _written(drop, tables, fingerprint, standards, scratch, begun, judge)
        except NotStraightError as error:
            tables = _again(tables, {error.table.path: ""}, standards, scratch)
        except _UnwritableError as error:
            if error.table.failure or is_of_surroundings(error.error):
                raise error.error from None
            tables = _again(tables, {error.table.path: failed_reading(error.error)}, standards, scratch)
        except _RefusedError as error:
            tables = _again(tables, _refused_paths(tables, error.judgement), standards, scratch)
            begun, judge = known(Judgement(error.judgement.rows)), None
        except _BrokenError as error:
            late = error.late()
            if not late.refused:
                raise error.error from None
            tables = _again(tables, _refused_paths(tables, late), standards, scratch)
            begun, judge = both(begun, known(Judgement(late.rows))), None


def _refused_paths(tables: Sequence[Judged], judgement: Judgement) -> dict[str, str]:
    """Path → why, of the tables of refused inputs."""
    reasons = judgement.refused
    return {t.path: reasons[t.contract.name] for t in tables if t.is_loaded and t.contract.name in reasons}


def _again(
    tables: Sequence[Judged], reasons: Mapping[str, str], standards: Standards, scratch: Scratch
) -> list[Judged]:
    """The tables of a drop for another transaction. reasons: path → why a table is refused, '' for one that is only
    not to go straight into its raw table.
    """
    changed = []
    for table in tables:
        if table.path not in reasons:
            changed.append(table)
            continue
        first = _staged(table, standards, scratch)
        reason = reasons[table.path]
        changed.append(refused(first, reason) if reason else first)
    return with_completeness(changed)


def _staged(table: Judged, standards: Standards, scratch: Scratch) -> Judged:
    """A table that was to go straight into its raw table, judged first as any other; any other as it is."""
    if not table.is_straight:
        return table
    judged = judge_table(table.delivered, table.read, standards, scratch)
    return with_newest_day(scratch.con, replace(judged, number=table.number, rank=table.rank))


def _good_rows(con: duckdb.DuckDBPyConnection, tables: Sequence[Judged], straight: bool) -> dict[str, str]:
    """Input → temporary view over the good rows of all its files of the drop. straight: of the inputs with a file that
    goes straight into its raw table, once its rows are there; else of the others.
    """
    late = {t.contract.name for t in tables if t.is_straight}
    by_input: dict[str, list[Judged]] = {}
    for table in tables:
        if table.is_loaded and table.contract.kind is not Kind.REFERENCE:
            by_input.setdefault(table.contract.name, []).append(table)
    views = {}
    for name, found in sorted(by_input.items()):
        if (name in late) == straight:
            rows = " union all ".join(t.good_rows() for t in found)
            con.execute(f"create or replace temp view _judged_{name} as {rows}")
            views[name] = f"_judged_{name}"
    return views


def _written(
    drop: DeliveredDrop,
    tables: Sequence[Judged],
    fingerprint: str,
    standards: Standards,
    scratch: Scratch,
    begun: Pending,
    judge: Judge | None,
) -> Written:
    """One transaction. begun: the judgement of the rows that do not go straight into their tables; judge: begins that
    of the others. Raises NotStraightError, _UnwritableError, _RefusedError or _BrokenError where it cannot end.
    """
    con = scratch.con
    with _commit_of(con, tables), transaction(con):
        for contract in [*INPUTS.values(), *REFERENCE.values()]:
            con.execute(f"delete from {contract.table} where _drop = ?", [drop.name])
        for table_name in DROP_TABLES:
            con.execute(f"delete from {table_name} where drop = ?", [drop.name])
        with drop.unchanged() if any(t.is_straight for t in tables) else nullcontext():
            tables = [write_straight(drop.name, t, standards, scratch) if t.is_straight else t for t in tables]
        tables = [with_newest_day(con, t) if t.is_straight else t for t in tables]
        late = _begun_late(con, drop.name, tables, judge)
        for table in tables:
            try:
                write_table(con, drop.name, table, standards.words)
            except duckdb.Error as error:  # the transaction is over; another one begins without the file
                raise _UnwritableError(table, error) from error
        _remember(con, drop.name, tables, fingerprint)
        judgement = begun() + late()
        if judgement.refused:
            raise _RefusedError(judgement)
        _write_judgement(con, drop.name, judgement)
    return Written(drop.name, tuple(tables))


def _begun_late(con: duckdb.DuckDBPyConnection, drop: str, tables: Sequence[Judged], judge: Judge | None) -> Pending:
    """The judgement of the rows that were written straight. Raises _BrokenError where judging broke the transaction."""
    if judge is None or not any(t.is_straight for t in tables):
        return known(Judgement())
    late = judge(con, drop, _good_rows(con, tables, True))
    try:
        con.execute("select 1")
    except duckdb.Error as error:
        raise _BrokenError(late, error) from error
    return late


def _remember(con: duckdb.DuckDBPyConnection, drop: str, tables: Sequence[Judged], fingerprint: str) -> None:
    """Note what failed, that the drop is loaded unless something did, and that its publication is to come."""
    failed = [t for t in tables if t.failure]
    for table in failed:
        name = table.contract.name if table.is_recognised else None
        con.execute("insert into raw.failed_input values (?, ?, ?, ?)", [drop, table.path, name, table.failure])
    if not failed:
        con.execute("insert into raw.drop_fingerprint values (?, ?)", [drop, fingerprint])
    remember_pending(con, [drop], touches_later=True)


def _write_judgement(con: duckdb.DuckDBPyConnection, drop: str, judgement: Judgement) -> None:
    con.execute("delete from raw.quality_result where drop = ?", [drop])
    if judgement.rows:
        columns = list(judgement.rows[0])
        insert_rows(con, "raw.quality_result", columns, [[row[c] for c in columns] for row in judgement.rows])


@contextmanager
def _commit_of(con: duckdb.DuckDBPyConnection, tables: Sequence[Judged]) -> Iterator[None]:
    """Rows whose numbers were filled in are not written to the log once more: the commit brings the file to rest
    instead.
    """
    settings = ("wal_autocheckpoint = '0MB'", "auto_checkpoint_skip_wal_threshold = 0")
    large = any(t.is_straight for t in tables)
    try:
        for setting in settings if large else ():
            con.execute(f"set {setting}")
        yield
    finally:
        for setting in settings if large else ():
            con.execute(f"reset {setting.partition(' ')[0]}")
