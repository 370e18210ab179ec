"""The landing zone into the raw schema: every file registered, every row accounted for, one transaction per drop.

The entry point of ingestion. Reads files through `tables`, judges cells through `conform`, writes through `write`;
precedence between files is dbt's.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import Form, Kind
from pipelines.contracts.limits import seconds_for
from pipelines.contracts.values import Company
from pipelines.errors import is_of_surroundings
from pipelines.ingest.conform.addresses import with_addresses
from pipelines.ingest.conform.apply_corrections import correct_entries
from pipelines.ingest.conform.cell_notes import note_cells
from pipelines.ingest.conform.company_values import mark_of_entries, mark_of_loaded, own_words, standing_words
from pipelines.ingest.conform.completeness import judge_completeness
from pipelines.ingest.conform.entries import How, Registered, contract_of_entry, forms_of, good_rows, number_entries
from pipelines.ingest.conform.judging import EMPTY_IN_EVERY_ROW
from pipelines.ingest.conform.other_months import find_newest_days
from pipelines.ingest.conform.table import conform_file, conform_table, noted_of
from pipelines.ingest.landing.files import REFERENCE_DROP, LandingFile, left_by_program, scan, stamp_of
from pipelines.ingest.landing.fingerprints import CORRECTIONS, expected_of, fingerprint_of
from pipelines.ingest.landing.manifests import Manifest, manifest_for
from pipelines.ingest.landing.time_limit import TimeLimit
from pipelines.ingest.read.delimited import has_wide_record
from pipelines.ingest.read.linked import Waiting, join_linked
from pipelines.ingest.read.server_text import in_timezone
from pipelines.ingest.read.tables import Part, Reader, failed_reading
from pipelines.ingest.recognise.inputs import contract_of
from pipelines.ingest.write.rows import RefusedInputsError, UnwritableError, Verdicts, write_drop
from pipelines.ingest.write.straight import NotStraightError, can_go_straight, write_straight

Judge = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, str]], Verdicts]


class LandingChangedError(RuntimeError):
    """A file vanished or changed while it was read; nothing of the drop is written."""


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
    store: Callable[[duckdb.DuckDBPyConnection, str, list[Any]], None] | None = None,
    corrections: Path = CORRECTIONS,
    begin: Callable[[], None] = lambda: None,
) -> LandingReport:
    """Bring the reference folder and the drops into the raw schema; drops whose content is loaded already are left
    alone.

    A drop is read again too where the company's own value table (`value_aliases`) says something else of one of its
    inputs than when it was loaded.

    judge: called with (con, drop, input → table of typed rows) before the write; what it returns is called inside the
    transaction and raises RefusedInputsError for inputs that must not be used. store: called inside the transaction
    with the verdicts. corrections: folder of declared corrections. begin: called before a drop is read that will be
    judged. Raises RowArithmeticError if a file's rows do not add up, CorrectionError if a correction is malformed or no
    longer needed.
    """
    report = LandingReport()
    known = dict(con.execute("select drop, fingerprint from raw.drop_fingerprint").fetchall())
    words: Company = {}
    for drop in [REFERENCE_DROP, *sorted(drops)]:
        files, manifests = scan(landing / drop)
        expected = expected_of(landing) if drop != REFERENCE_DROP else None
        fingerprint = fingerprint_of(files, manifests, corrections, expected)
        if known.get(drop) == fingerprint + mark_of_loaded(con, drop, words):
            report.unchanged.append(drop)
            if drop == REFERENCE_DROP:
                words, warnings = standing_words(con)
                report.warnings += warnings
            continue
        if drop != REFERENCE_DROP:
            begin()
        folder = scratch / f"drop_{drop}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            entries = _read_unchanged(con, drop, files, manifests, folder, corrections, words)
            own = own_words(con, entries) if drop != REFERENCE_DROP else None
            if own is not None and own[0] != words:
                report.warnings += own[1]
                _forget_tables(con)
                again = folder / "again"
                again.mkdir()
                entries = _read_unchanged(con, drop, files, manifests, again, corrections, own[0])
            fingerprint += mark_of_entries(entries, words)
            _write(con, drop, files, entries, fingerprint, judge if drop != REFERENCE_DROP else None, store)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _forget_tables(con)
        if drop == REFERENCE_DROP:
            words, warnings = standing_words(con)
            report.warnings += warnings
        rows = sum(e.part.rows for e in entries)
        report.loaded.append(drop)
        report.files += len(entries)
        report.rows += rows
        progress(
            f"drop {drop}: {len(entries)} files, {rows:,} rows read, {sum(e.rejected for e in entries):,} rejected"
        )
    return report


def _write(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    files: Sequence[LandingFile],
    entries: Sequence[Registered],
    fingerprint: str,
    judge: Judge | None,
    store: Callable[[duckdb.DuckDBPyConnection, str, list[Any]], None] | None,
) -> None:
    """Write the drop; without the files and inputs that cannot be written or must not be used."""
    later = {contract_of_entry(e).name for e in entries if e.is_straight}
    # What waits for another process begins before the large files are read.
    begun = judge(con, drop, _union_tables(con, entries, without=later)) if judge else list

    def fill() -> Verdicts:
        """Inside the transaction: large files into their tables, then what is judged of the rows that lie there.

        What it returns waits for all verdicts.
        """
        straight = [e for e in entries if e.is_straight]
        with _unchanged(drop, files):
            for entry in straight:
                write_straight(con, drop, entry)
        find_newest_days(con, straight)
        if judge is None or not later:
            return begun
        rest = judge(con, drop, _union_tables(con, entries, only=later))
        try:
            con.execute("select 1")
        except duckdb.Error:
            rest()  # judging broke the transaction, and says so of its input
            raise
        return partial(_all_of, [begun, rest])

    while True:
        try:
            write_drop(con, drop, entries, fingerprint, fill, store)
            return
        except NotStraightError as error:
            _stage(con, entries, error.entry)
        except UnwritableError as error:
            if error.entry.failure or is_of_surroundings(error):
                raise
            _stage(con, entries, error.entry)
            error.entry.refuse(failed_reading(error))
        except RefusedInputsError as error:
            for entry in entries:
                if entry.part.verdict == "loaded" and entry.part.match is not None:
                    reason = error.reasons.get(contract_of_entry(entry).name)
                    if reason is not None:
                        _stage(con, entries, entry)
                    if reason is not None and entry.part.verdict == "loaded":
                        entry.refuse(reason)
            judge, begun = None, partial(list, error.verdicts)


def _all_of(asked: Sequence[Verdicts]) -> list[Any]:
    """The verdicts of several judgements; raises one RefusedInputsError for all of them."""
    found: list[Any] = []
    reasons: dict[str, str] = {}
    for answer in asked:
        try:
            found += answer()
        except RefusedInputsError as error:
            found += error.verdicts
            reasons |= error.reasons
    if reasons:
        raise RefusedInputsError(reasons, found)
    return found


def _stage(con: duckdb.DuckDBPyConnection, entries: Sequence[Registered], entry: Registered) -> None:
    """Read a file that was to go straight into its table into one of its own first, as any other. Leaves other files
    alone.
    """
    if entry.is_straight:
        entry.is_straight, entry.typed, entry.aside = False, "", ""
        entry.complete, entry.incomplete_reason, entry.newest_day = None, "", None
        _judge_entry(con, entry, repeated=False)
        judge_completeness(entries)
        find_newest_days(con, [entry])


def _rejected_share(con: duckdb.DuckDBPyConnection, drop: str) -> float:
    found = con.execute(
        "select value from raw.ref_rule_parameters where rule_id = 'foundations' and parameter = 'max_rejected_share' "
        "and _drop in (?, 'reference') order by _drop = 'reference', valid_from desc nulls last limit 1",
        [drop],
    ).fetchall()
    try:
        return float(found[0][0]) if found else 0.05
    except ValueError:
        return 0.05


def _read_unchanged(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    files: Sequence[LandingFile],
    manifests: Mapping[str, bytes],
    folder: Path,
    corrections: Path,
    words: Company,
) -> list[Registered]:
    """Read the drop, but for the rows of the files that go straight into their tables. Raises LandingChangedError."""
    with _unchanged(drop, files):
        return _read_drop(con, drop, files, manifests, folder, corrections, words)


@contextmanager
def _unchanged(drop: str, files: Sequence[LandingFile]) -> Iterator[None]:
    """Raises LandingChangedError where a file is not the one that was hashed any more, whatever its reader made of
    it.
    """
    done = False
    try:
        yield
        done = True
    finally:
        moved = next((f for f in files if f.stamp and stamp_of(f.real) != f.stamp), None)
        if moved is not None:
            what = "changed" if moved.real.exists() else "vanished"
            raise LandingChangedError(
                f"{drop}/{moved.path} {what} while it was read, so nothing was published. Wait until the export is "
                "complete and run the same command again."
            ) from (None if done else sys.exception())


def _read_drop(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    files: Sequence[LandingFile],
    manifests: Mapping[str, bytes],
    folder: Path,
    corrections: Path,
    words: Company,
) -> list[Registered]:
    reader = Reader(con, folder, prefer_reference=drop == REFERENCE_DROP)
    share = _rejected_share(con, drop)
    corrected = {path.stem for path in corrections.glob("*.yml")}
    entries: list[Registered] = []
    waiting: list[tuple[Registered, bool]] = []
    seen: dict[str, str] = {}
    taken: set[str] = set()
    for file in files:
        manifest = manifest_for(file.path, dict(manifests))
        named = manifest.named_input
        if left := left_by_program(file.path):
            parts = [Part(file.path, "ignored", left)]
        elif file.problem:
            parts = [Part(file.path, "unrecognised", file.problem)]
        elif named is not None and contract_of(named) is None:
            parts = [Part(file.path, "unrecognised", f"the manifest names the input '{named}', which is not known")]
        else:
            parts = _read_in_time(reader, file, manifest)
        first_of_file = seen.setdefault(file.sha256, file.path) == file.path
        for part in parts:
            part.path = _own_name(part, taken)
            entry = Registered(file, part, manifest)
            own, place = part.sha256, part.member or part.path
            repeated = not first_of_file or (own is not None and seen.setdefault(own, place) != place)
            entry.how = How(reader, words, share, f"_typed{len(entries)}")
            entry.is_straight = not repeated and part.match is not None and can_go_straight(entry, corrected)
            if part.match is not None and part.match.linked is not None:
                waiting.append((entry, repeated))
            elif not entry.is_straight:
                _judge_entry(con, entry, repeated)
            if part.failed:
                entry.failure = part.message
            entries.append(entry)
    others = {contract_of_entry(e).name for e in entries if e.part.match is not None and e.part.match.linked is None}
    _judge_linked(con, waiting, others)
    number_entries(entries, drop)
    correct_entries(con, drop, entries, corrections)
    judge_completeness(entries)
    find_newest_days(con, entries)
    return entries


def _read_in_time(reader: Reader, file: LandingFile, manifest: Manifest) -> list[Part]:
    """The parts of a file; where reading it took more time than it may, one part that says so."""
    with TimeLimit(seconds_for(file.size), reader.con) as limit:
        try:
            parts = list(reader.read(file.path, file.real, manifest))
        except Exception as error:
            if not limit.is_over:
                raise
            # Ended by the limit; what the library makes of that depends on where it was.
            return [_unread(file, limit, type(error).__name__)]
    return [_unread(file, limit)] if limit.is_over else parts


def _unread(file: LandingFile, limit: TimeLimit, ended_with: str = "") -> Part:
    return Part(file.path, "rejected", _took_too_long(limit, ended_with), failed=True)


def _took_too_long(limit: TimeLimit, ended_with: str = "") -> str:
    """Why a file was not read in its time. ended_with: the error that ended reading, if one did."""
    error = f" ({ended_with})" if ended_with else ""
    return (
        f"it could not be read within {limit.seconds:.0f} seconds of processor time{error}; export it again, and "
        "report this line if it fails again"
    )


def _own_name(part: Part, taken: set[str]) -> str:
    """The path of a part, with a number where another part of the drop has the same: an archive can hold two members,
    a workbook two sheets, of one name.
    """
    path, number = part.path, 2
    while path in taken:
        path, number = f"{part.path} ({number})", number + 1
    if number > 2:
        part.say(f"another one is called {part.path} too")
    taken.add(path)
    return path


def _judge_linked(
    con: duckdb.DuckDBPyConnection, waiting: Sequence[tuple[Registered, bool]], others: Collection[str]
) -> None:
    """Join the tables that explain each other, then type and judge their rows as those of any other file. others: the
    inputs of the drop's other files.
    """
    try:
        for entry, _ in waiting:
            if entry.part.unread is not None and entry.how is not None:
                entry.how.reader.stage(entry.part)
                entry.part.unread = None
        join_linked(con, [Waiting(entry.part, entry.manifest) for entry, _ in waiting], others)
    except Exception as error:  # whatever a file does to its reader, the others are read
        if is_of_surroundings(error):
            raise
        for entry, _ in waiting:
            entry.refuse(failed_reading(error))
        return
    for entry, repeated in waiting:
        if entry.part.match is not None:
            _judge_entry(con, entry, repeated)


def _judge_entry(con: duckdb.DuckDBPyConnection, entry: Registered, repeated: bool) -> None:
    """Type and judge the rows of a file. repeated: its bytes are those of another one of the drop."""
    with TimeLimit(seconds_for(entry.file.size), con) as limit:
        try:
            _judge_part(con, entry, repeated)
        except Exception as error:  # whatever a file does to its reader, the others are read
            if is_of_surroundings(error) and not limit.is_over:
                raise
            entry.typed = ""
            entry.refuse(_took_too_long(limit) if limit.is_over else failed_reading(error))


def _judge_part(con: duckdb.DuckDBPyConnection, entry: Registered, repeated: bool) -> None:
    assert entry.how is not None
    reader, words, share, typed = entry.how.reader, entry.how.words, entry.how.share, entry.how.name
    part = entry.part
    if part.match is None or (part.table is None and part.typed is None and part.unread is None):
        return
    if repeated:
        if part.unread is not None:
            reader.stage(part)
        part.verdict, part.message, entry.duplicate = (
            "duplicate",
            "the same bytes as another file of this drop",
            part.rows,
        )
        part.bad = []
        return
    entry.is_view = _type_part(con, reader, entry, typed, words)
    if part.match.contract.name == "directory_users":
        con.execute(f"create temp view {typed}_addresses as {with_addresses(part.match, typed)}")
        entry.is_view, typed = True, f"{typed}_addresses"
    is_table = part.match.contract.form is Form.TABLE
    noted = "count(*) filter (where _noted <> 0)" if is_table else "0"
    bad, cells = con.execute(f"select count(*) filter (where _reason is not null), {noted} from {typed}").fetchall()[0]
    entry.rejected = bad + len(part.bad)
    entry.loaded = part.rows - entry.rejected
    entry.typed = typed
    if entry.rejected > share * part.rows:
        part.verdict = "rejected"
        part.message = (
            f"{entry.rejected} of {part.rows} rows are bad, more than {share:.0%}; the file as a whole is refused"
        )
        part.message += _empty_column(con, entry)
        entry.rejected, entry.loaded = part.rows, 0
    if cells:
        entry.unread, entry.unknown = note_cells(con, typed, noted_of(part.match, words))
        if part.verdict == "rejected":
            entry.unread = []


def _empty_column(con: duckdb.DuckDBPyConnection, entry: Registered) -> str:
    """Words for the register where a required column is empty in every row of a refused file."""
    found = con.execute(
        f"select min(_bad_column) from {entry.typed} having count(*) > 0 and min(_bad_column) = max(_bad_column) "
        f"and bool_and(coalesce(_reason, '') = 'is empty; a value is required')"
    ).fetchall()
    if not found:
        return ""
    column = str(found[0][0])
    what = EMPTY_IN_EVERY_ROW.get((contract_of_entry(entry).name, column))
    return f". {column} is empty in every row" + (f". {what}" if what else "")


def _type_part(con: duckdb.DuckDBPyConnection, reader: Reader, entry: Registered, typed: str, words: Company) -> bool:
    """Create `typed`, the judged rows of a part; whether it is a view. Sets the rows read."""
    part, manifest = entry.part, entry.manifest
    match = part.match
    assert match is not None
    if part.typed is not None:
        con.execute(f"create temp view {typed} as {in_timezone(match.contract, part.typed, manifest.timezone)}")
        return True
    forms = forms_of(entry)
    if part.unread is not None:
        relation, size = part.unread.relation(), part.unread.plain.stat().st_size
        try:
            rows = conform_file(con, match, relation, size, typed, forms, words)
        except duckdb.Error:
            reader.split(part)
        else:
            if rows is not None and not has_wide_record(part.unread.plain, part.unread.header, rows):
                part.rows = rows
                return True
            if rows is not None:
                con.execute(f"drop view {typed}; drop table {typed}_rows")
                reader.split(part)
            else:
                reader.stage(part)
    assert part.table is not None
    conform_table(con, match, part.table, typed, forms, words)
    con.execute(f"drop table {part.table}")
    return False


def _union_tables(
    con: duckdb.DuckDBPyConnection,
    entries: Sequence[Registered],
    only: Collection[str] | None = None,
    without: Collection[str] = (),
) -> dict[str, str]:
    """Input → temporary view over the good rows of all its files of the drop. only, without: of which inputs."""
    by_input: dict[str, list[Registered]] = {}
    for entry in entries:
        if entry.part.verdict == "loaded" and contract_of_entry(entry).kind is not Kind.REFERENCE:
            by_input.setdefault(contract_of_entry(entry).name, []).append(entry)
    tables = {}
    for name, found in sorted(by_input.items()):
        if name in without or (only is not None and name not in only):
            continue
        con.execute(f"create or replace temp view _judged_{name} as " + " union all ".join(good_rows(e) for e in found))
        tables[name] = f"_judged_{name}"
    return tables


def _forget_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table and view of a drop."""
    for name, kind in con.execute(
        "select table_name, 'table' from duckdb_tables() where temporary union all "
        "select view_name, 'view' from duckdb_views() where temporary and not internal"
    ).fetchall():
        con.execute(f'drop {kind} if exists "{name}"')
