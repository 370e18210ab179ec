"""The landing zone into the raw schema: takes each drop through the five steps of ingestion, file by file, and leaves
alone what is loaded already.

    delivered   landing/delivered.py        a file of a drop, and what manifests say about it
    recognised  recognise/recognised.py     a table of it, and the input that it is of
    read        read/read_rows.py           its rows as texts
    judged      conform/judged.py           its rows typed and judged, and the verdict on it
    written     write/written.py            all of a drop in one transaction

Precedence between files is dbt's.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pipelines.contracts.values import Company
from pipelines.errors import is_of_surroundings
from pipelines.ingest.conform.apply_corrections import corrected
from pipelines.ingest.conform.company_values import mark_of_loaded, mark_of_tables, own_words, standing_words
from pipelines.ingest.conform.completeness import with_completeness
from pipelines.ingest.conform.judged import (
    Judged,
    Standards,
    copy_of_another,
    judge_table,
    refused,
    unjudged,
)
from pipelines.ingest.conform.other_months import with_newest_day
from pipelines.ingest.conform.precedence import numbered
from pipelines.ingest.landing.delivered import Delivered, DeliveredDrop, Inventory, deliver
from pipelines.ingest.landing.files import REFERENCE_DROP
from pipelines.ingest.landing.fingerprints import CORRECTIONS
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.read.linked import Waiting, join_linked
from pipelines.ingest.read.read_rows import ReadRows, read_file, staged
from pipelines.ingest.recognise.recognised import failed_reading
from pipelines.ingest.write.straight import can_go_straight, judged_while_written
from pipelines.ingest.write.written import Judge, Written, write_drop


@dataclass
class LandingReport:
    """What a call did: drops loaded, drops left as they were, files and rows of the loaded ones."""

    loaded: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    files: int = 0
    rows: int = 0
    warnings: list[str] = field(default_factory=list)

    def add(self, other: LandingReport) -> None:
        """Take in what a further call did; a drop that one of them loaded is no unchanged one."""
        self.loaded += other.loaded
        self.unchanged = sorted(({*self.unchanged} | {*other.unchanged}) - {*self.loaded})
        self.files += other.files
        self.rows += other.rows
        self.warnings += other.warnings


def load_landing(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    drops: Sequence[str],
    scratch: Path,
    progress: Callable[[str], None] = lambda message: None,
    judge: Judge | None = None,
    corrections: Path = CORRECTIONS,
    begin: Callable[[], None] = lambda: None,
) -> LandingReport:
    """Bring the reference folder and the drops into the raw schema; drops whose content is loaded already are left
    alone.

    A drop is read again too where the company's own value table (`value_aliases`) says something else of one of its
    inputs than when it was loaded.

    judge: what expectations say of the rows of a drop; the reference folder is not asked about. corrections: folder of
    declared corrections. begin: called before a drop is read that will be judged. Raises RowArithmeticError if a file's
    rows do not add up, CorrectionError if a correction is malformed or no longer needed, LandingChangedError if a file
    changes meanwhile.
    """
    report = LandingReport()
    known = dict(con.execute("select drop, fingerprint from raw.drop_fingerprint").fetchall())
    words: Company = {}
    for name in [REFERENCE_DROP, *sorted(drops)]:
        is_reference = name == REFERENCE_DROP
        drop = deliver(landing, name, corrections)
        if known.get(name) == drop.fingerprint + mark_of_loaded(con, name, words):
            report.unchanged.append(name)
        else:
            if not is_reference:
                begin()
            written, warnings = _load(con, drop, scratch / f"drop_{name}", corrections, words, judge)
            report.loaded.append(name)
            report.files += len(written.tables)
            report.rows += written.rows
            report.warnings += warnings
            progress(
                f"drop {name}: {len(written.tables)} files, {written.rows:,} rows read, {written.rejected:,} rejected"
            )
        if is_reference:
            words, warnings = standing_words(con)
            report.warnings += warnings
    return report


def _load(
    con: duckdb.DuckDBPyConnection,
    drop: DeliveredDrop,
    folder: Path,
    corrections: Path,
    words: Company,
    judge: Judge | None,
) -> tuple[Written, list[str]]:
    """A drop from its files to the raw schema, and warnings. words: the company's own, as the reference folder has
    them.
    """
    is_reference = drop.name == REFERENCE_DROP
    standards = Standards(words, _rejected_share(con, drop.name))
    with _scratch(con, folder) as scratch:
        tables = _judged(drop, scratch, standards, corrections)
        own = None if is_reference else own_words(con, tables)
        if own is None or own[0] == words:
            return _written(drop, tables, words, standards, scratch, None if is_reference else judge), []
    # The drop's own words hold for all of its files.
    standards = Standards(own[0], standards.rejected_share)
    with _scratch(con, folder) as scratch:
        tables = _judged(drop, scratch, standards, corrections)
        return _written(drop, tables, words, standards, scratch, judge), own[1]


def _written(
    drop: DeliveredDrop,
    tables: Sequence[Judged],
    words: Company,
    standards: Standards,
    scratch: Scratch,
    judge: Judge | None,
) -> Written:
    return write_drop(drop, tables, drop.fingerprint + mark_of_tables(tables, words), standards, scratch, judge)


@contextmanager
def _scratch(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Scratch]:
    """An empty folder, and temporary tables that are dropped with it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield Scratch(con, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _forget_tables(con)


def _judged(drop: DeliveredDrop, scratch: Scratch, standards: Standards, corrections: Path) -> list[Judged]:
    """Every table of a drop, judged; of large files all but their rows, which are judged while they are written. Raises
    LandingChangedError.
    """
    with drop.unchanged():
        tables = _judged_one_by_one(drop, scratch, standards, {path.stem for path in corrections.glob("*.yml")})
        tables = corrected(scratch.con, drop.name, numbered(tables, drop.name), corrections)
        return [with_newest_day(scratch.con, table) for table in with_completeness(tables)]


def _judged_one_by_one(
    drop: DeliveredDrop, scratch: Scratch, standards: Standards, with_corrections: Collection[str]
) -> list[Judged]:
    """The tables of a drop, in its order: one is judged before the next is read, but for those that explain each other.
    with_corrections: inputs that have declared corrections.
    """
    judged: dict[int, Judged] = {}
    waiting: dict[int, _Read] = {}
    for place, one in enumerate(_read_one_by_one(drop, scratch)):
        if one.read.table.match is not None and one.read.match.linked is not None:
            waiting[place] = one
        elif not one.is_copy and can_go_straight(one.read, with_corrections):
            judged[place] = judged_while_written(one.delivered, one.read)
        else:
            judged[place] = _judged_alone(one, standards, scratch)
    others = {table.contract.name for table in judged.values() if table.is_recognised}
    linked = _judged_together(list(waiting.values()), others, standards, scratch)
    judged |= dict(zip(waiting, linked, strict=True))
    return [judged[place] for place in sorted(judged)]


@dataclass(frozen=True)
class _Read:
    """A table that was read, of which file, and whether its bytes are those of one before it in the drop."""

    delivered: Delivered
    read: ReadRows
    is_copy: bool


def _read_one_by_one(drop: DeliveredDrop, scratch: Scratch) -> Iterator[_Read]:
    """Every table of a drop, each with a path of its own."""
    inventory = Inventory()
    for delivered in drop.files():
        tables = read_file(delivered, scratch, drop.name)
        is_copy = inventory.is_copy(delivered.file.sha256, delivered.file.path)
        for read in (_with_own_path(table, inventory) for table in tables):
            sha, place = read.table.sha256, read.table.member or read.table.path
            yield _Read(delivered, read, is_copy or (sha is not None and inventory.is_copy(sha, place)))


def _with_own_path(read: ReadRows, inventory: Inventory) -> ReadRows:
    path = inventory.own_path(read.table.path)
    if path == read.table.path:
        return read
    table = replace(read.table, path=path).saying(f"another table of this drop is also called {read.table.path}")
    return replace(read, table=table)


def _judged_alone(one: _Read, standards: Standards, scratch: Scratch) -> Judged:
    if one.is_copy and one.read.has_rows:
        return copy_of_another(one.delivered, one.read, scratch)
    return judge_table(one.delivered, one.read, standards, scratch)


def _judged_together(
    waiting: Sequence[_Read], others: Collection[str], standards: Standards, scratch: Scratch
) -> list[Judged]:
    """Tables that explain each other, joined, and then judged as any other. others: the inputs of the other tables."""
    try:
        tables = [replace(w, read=staged(w.read, scratch)) if w.read.scanned is not None else w for w in waiting]
        joined = join_linked(scratch.con, [Waiting(w.read, w.delivered.manifest) for w in tables], others)
    except Exception as error:  # whatever a file does to its reader, the others are read
        if is_of_surroundings(error):
            raise
        return [refused(unjudged(w.delivered, w.read), failed_reading(error)) for w in waiting]
    return [_judged_alone(replace(w, read=r), standards, scratch) for w, r in zip(waiting, joined, strict=True)]


def _rejected_share(con: duckdb.DuckDBPyConnection, drop: str) -> float:
    """The share of bad rows above which a file is refused, by the parameters of the drop or the reference folder."""
    found = con.execute(
        "select value from raw.ref_rule_parameters where rule_id = 'foundations' and parameter = 'max_rejected_share' "
        "and _drop in (?, 'reference') order by _drop = 'reference', valid_from desc nulls last limit 1",
        [drop],
    ).fetchall()
    try:
        return float(found[0][0]) if found else 0.05
    except ValueError:
        return 0.05


def _forget_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table and view of a drop."""
    for name, kind in con.execute(
        "select table_name, 'table' from duckdb_tables() where temporary union all "
        "select view_name, 'view' from duckdb_views() where temporary and not internal"
    ).fetchall():
        con.execute(f'drop {kind} if exists "{name}"')
