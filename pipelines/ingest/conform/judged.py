"""Fourth step of ingestion, *judged*: the rows of a table typed and judged by the contract of its input, and the
verdict on the table as a whole, as a value. Writes nothing.

How cells are typed and judged is `table` and the files that it uses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from pipelines.contracts import Contract, Form
from pipelines.contracts.limits import seconds_for
from pipelines.contracts.values import Company
from pipelines.errors import is_of_surroundings
from pipelines.ingest.conform.addresses import with_addresses
from pipelines.ingest.conform.cell_notes import UnknownValue, UnreadCells, note_cells
from pipelines.ingest.conform.judging import EMPTY_IN_EVERY_ROW
from pipelines.ingest.conform.table import Forms, conform_file, conform_table, noted_of
from pipelines.ingest.forms.workbook import FORMS
from pipelines.ingest.landing.delivered import Delivered
from pipelines.ingest.landing.manifests import Manifest
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.landing.time_limit import TimeLimit
from pipelines.ingest.read.read_rows import ReadRows, split, staged, took_too_long
from pipelines.ingest.read.server_text import UNNUMBERED, in_timezone
from pipelines.ingest.recognise.recognised import failed_reading

ROWS_PER_FILE = 10_000_000_000


@dataclass(frozen=True)
class Standards:
    """What the tables of a drop are judged by besides their contracts: the company's words for values, and the share of
    bad rows above which a table is refused.
    """

    words: Company
    rejected_share: float


@dataclass(frozen=True)
class Judged:
    """A table with the verdict on it and on its rows: what becomes a row of the file register.

    verdict: loaded, rejected, duplicate, unrecognised, ignored. loaded, rejected, duplicate: its rows, which add up to
    those read. typed: table or view of its judged rows, '' where there is none. number, rank: of the file, in evidence
    and in precedence. is_straight: a large file that is judged while it is written (`write.straight`): `typed` is then
    a view of what lies in the raw table, and `aside` the judged rows that are bad or of which something is noted.

    complete: whether the file holds all there is, None where the question does not arise; incomplete_reason: the sign
    that says no. newest_day: the newest date of use, access, sign-in or event among the good rows. unread, unknown:
    what was noted of its cells. failure: why nothing of it is used though its kind was known: a reader or an
    expectation failed; the next run tries it again.
    """

    delivered: Delivered
    read: ReadRows
    verdict: str
    message: str
    number: int = 0
    rank: int = 0
    loaded: int = 0
    rejected: int = 0
    duplicate: int = 0
    typed: str = ""
    is_view: bool = False
    is_straight: bool = False
    aside: str = ""
    complete: bool | None = None
    incomplete_reason: str = ""
    newest_day: date | None = None
    unread: tuple[UnreadCells, ...] = ()
    unknown: tuple[UnknownValue, ...] = ()
    failure: str = ""

    @property
    def path(self) -> str:
        """Its path in the drop, which no other table of it has."""
        return self.read.table.path

    @property
    def sha256(self) -> str:
        """The hash of its file, or of the member of an archive that it is of."""
        return self.read.table.sha256 or self.delivered.file.sha256

    @property
    def manifest(self) -> Manifest:
        """What manifests say about its file."""
        return self.delivered.manifest

    @property
    def is_recognised(self) -> bool:
        """Whether its input is known."""
        return self.read.table.match is not None

    @property
    def is_loaded(self) -> bool:
        """Whether its good rows are used."""
        return self.verdict == "loaded" and self.is_recognised

    @property
    def contract(self) -> Contract:
        """The contract of its input. Only where that is known."""
        return self.read.contract

    @property
    def forms(self) -> Forms:
        """How the dates of its file may be written."""
        manifest, table = self.manifest, self.read.table
        return Forms.of(manifest.values, manifest.timezone, table.encoding in FORMS, table.from_1904)

    def src_sql(self, of: str = "") -> str:
        """SQL of the number that is file and row; rows that the register does not count lie beyond those it does."""
        number = f"{of}_row_number"
        if self.contract.form is not Form.TABLE:
            number = f"coalesce({of}_row_number, {UNNUMBERED} + {of}line_number)"
        return f"{self.number * ROWS_PER_FILE} + {number}"

    def good_rows(self) -> str:
        """SQL of its good rows: the columns of its contract, `_src`, `_row_number`."""
        names = ", ".join(f'"{c}"' for c in self.contract.column_names)
        return f"select {names}, {self.src_sql()} as _src, _row_number from {self.typed} where _reason is null"


def unjudged(delivered: Delivered, read: ReadRows) -> Judged:
    """A table of whose rows nothing was looked at, with the verdict that it came with."""
    table = read.table
    return Judged(delivered, read, table.verdict, table.message, failure=table.message if table.failed else "")


def refused(judged: Judged, reason: str) -> Judged:
    """The same table of which nothing is used, because reading or judging it failed."""
    rows = judged.read.rows
    return replace(
        judged,
        read=replace(judged.read, bad=()),
        verdict="rejected",
        message=reason,
        failure=reason,
        loaded=0,
        rejected=rows,
        duplicate=0,
        unread=(),
    )


def copy_of_another(delivered: Delivered, read: ReadRows, scratch: Scratch) -> Judged:
    """A table whose bytes are those of another one of the drop: its rows are counted and not used."""
    try:
        with TimeLimit(_seconds_for(delivered, read), scratch.con) as limit:
            read = staged(read, scratch) if read.scanned is not None else read
    except Exception as error:
        return _failed(unjudged(delivered, read), error, limit)
    why = "the same bytes as another file of this drop"
    return Judged(delivered, replace(read, bad=()), "duplicate", why, duplicate=read.rows)


def _seconds_for(delivered: Delivered, read: ReadRows) -> float:
    """Processor time for the rows of a table: by its own size where an archive holds it packed."""
    return seconds_for(max(delivered.file.size, read.scanned.size if read.scanned is not None else 0))


def judge_table(delivered: Delivered, read: ReadRows, standards: Standards, scratch: Scratch) -> Judged:
    """Type and judge the rows of a table. Whatever it does to its judge, the others are judged; raises what is not its
    own (a full disk). A table without rows keeps the verdict that it came with.
    """
    if not read.has_rows:
        return unjudged(delivered, read)
    name = f"{scratch.name()}_typed"
    try:
        with TimeLimit(_seconds_for(delivered, read), scratch.con) as limit:
            if read.typed is not None:
                zone = in_timezone(read.contract, read.typed, delivered.manifest.timezone)
                scratch.con.execute(f"create temp view {name} as {zone}")
            judged = unjudged(delivered, read)
            if read.scanned is not None:
                read = _typed_where_it_lies(judged, name, standards.words, scratch)
            is_view = read.staged is None
            if read.staged is not None:
                conform_table(scratch.con, read.match, read.staged, name, judged.forms, standards.words)
                scratch.con.execute(f"drop table {read.staged}")
            return _counted(replace(judged, read=read, typed=name, is_view=is_view), standards, scratch.con)
    except Exception as error:
        return _failed(unjudged(delivered, read), error, limit)


def _failed(judged: Judged, error: Exception, limit: TimeLimit) -> Judged:
    if is_of_surroundings(error) and not limit.is_over:
        raise error
    return refused(judged, took_too_long(limit) if limit.is_over else failed_reading(error))


def _typed_where_it_lies(judged: Judged, name: str, words: Company, scratch: Scratch) -> ReadRows:
    """Create the view `name` of the judged rows of a scanned text, in one pass. Where that cannot be, no view, and the
    rows in a table of texts.
    """
    read, scanned = judged.read, judged.read.scanned
    assert scanned is not None
    try:
        rows = conform_file(scratch.con, read.match, scanned.scan, scanned.size, name, judged.forms, words)
    except duckdb.Error:
        return split(read, scratch)
    if rows is None:
        return staged(read, scratch)
    if scanned.has_wide_record(rows):
        scratch.con.execute(f"drop view {name}; drop table {name}_rows")
        return split(read, scratch)
    return replace(read, rows=rows)


def _counted(judged: Judged, standards: Standards, con: duckdb.DuckDBPyConnection) -> Judged:
    """The judged rows counted, the verdict on the table, and what is noted of its cells."""
    read, typed, is_view = judged.read, judged.typed, judged.is_view
    if judged.contract.name == "directory_users":
        con.execute(f"create temp view {typed}_addresses as {with_addresses(read.match, typed)}")
        typed, is_view = f"{typed}_addresses", True
    noted = "count(*) filter (where _noted <> 0)" if judged.contract.form is Form.TABLE else "0"
    bad, cells = con.execute(f"select count(*) filter (where _reason is not null), {noted} from {typed}").fetchall()[0]
    rejected = bad + len(read.bad)
    judged = replace(judged, typed=typed, is_view=is_view, rejected=rejected, loaded=read.rows - rejected)
    if rejected > standards.rejected_share * read.rows:
        message = (
            f"{rejected} of {read.rows} rows are bad, more than {standards.rejected_share:.0%}; so the whole file is "
            f"rejected{_empty_column(judged, con)}"
        )
        judged = replace(judged, verdict="rejected", message=message, rejected=read.rows, loaded=0)
    if cells:
        unread, unknown = note_cells(con, typed, noted_of(read.match, standards.words))
        judged = replace(judged, unread=tuple(unread) if judged.is_loaded else (), unknown=tuple(unknown))
    return judged


def _empty_column(judged: Judged, con: duckdb.DuckDBPyConnection) -> str:
    """Words for the register where a required column is empty in every row of a refused file."""
    found = con.execute(
        f"select min(_bad_column) from {judged.typed} having count(*) > 0 and min(_bad_column) = max(_bad_column) "
        f"and bool_and(coalesce(_reason, '') = 'is empty; a value is required')"
    ).fetchall()
    if not found:
        return ""
    column = str(found[0][0])
    what = EMPTY_IN_EVERY_ROW.get((judged.contract.name, column))
    return f". {column} is empty in every row" + (f". {what}" if what else "")
