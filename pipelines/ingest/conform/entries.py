"""A file of a drop on its way into the warehouse: its row of the register, its number and rank, and the SQL of its good
rows. Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from pipelines.contracts import Contract, Form
from pipelines.contracts.values import Company
from pipelines.ingest.conform.cell_notes import UnknownValue, UnreadCells
from pipelines.ingest.conform.table import Forms
from pipelines.ingest.landing.files import REFERENCE_DROP, LandingFile
from pipelines.ingest.landing.manifests import Manifest
from pipelines.ingest.read.server_text import UNNUMBERED
from pipelines.ingest.read.tables import Part, Reader
from pipelines.ingest.read.workbook import FORMS

FILES_PER_DROP = 100_000
ROWS_PER_FILE = 10_000_000_000


@dataclass(frozen=True)
class How:
    """What the rows of a file are typed with: who reads it, the company's words, the share of bad rows above which it
    is refused, a name for its tables.
    """

    reader: Reader
    words: Company
    share: float
    name: str


@dataclass
class Registered:
    """A row of the file register, and `typed`, the table or view of its judged rows.

    is_straight: its rows go into the raw table as they are read, once the drop's transaction is begun (`straight`);
    `typed` is then a view of those that lie there, and `aside` the judged rows that are bad or of which something is
    noted ('' where there is none).

    complete: whether the file holds all there is, None where the question does not arise; incomplete_reason: the sign
    that says no. newest_day: the newest date of use, access, sign-in or event among the good rows. unread, unknown:
    what was noted of its cells.
    """

    file: LandingFile
    part: Part
    manifest: Manifest
    number: int = 0
    rank: int = 0
    loaded: int = 0
    rejected: int = 0
    duplicate: int = 0
    typed: str = ""
    is_view: bool = False
    how: How | None = None
    is_straight: bool = False
    aside: str = ""
    complete: bool | None = None
    incomplete_reason: str = ""
    newest_day: date | None = None
    unread: list[UnreadCells] = field(default_factory=list)
    unknown: list[UnknownValue] = field(default_factory=list)
    # Why nothing of it is used though its kind was known: a reader or an expectation failed. The next run tries it
    # again.
    failure: str = ""

    def refuse(self, reason: str) -> None:
        """Use nothing of it, because reading or judging it failed."""
        self.part.verdict, self.part.message, self.failure = "rejected", reason, reason
        self.part.bad = []
        self.rejected, self.loaded, self.duplicate = self.part.rows, 0, 0
        self.unread = []


def _drop_index(drop: str) -> int:
    return 0 if drop == REFERENCE_DROP else (int(drop[:4]) - 1999) * 12 + int(drop[5:7])


def number_entries(entries: list[Registered], drop: str) -> None:
    """File numbers by path, ranks by precedence: exported_at (none lowest), then path in byte order."""
    index = _drop_index(drop)
    by_path = sorted(entries, key=lambda e: e.part.path.encode(errors="surrogateescape"))
    for place, entry in enumerate(by_path, 1):
        entry.number = index * FILES_PER_DROP + place
    by_rank = sorted(
        entries,
        key=lambda e: (e.manifest.exported_at or datetime.min, e.part.path.encode(errors="surrogateescape")),
    )
    for place, entry in enumerate(by_rank, 1):
        entry.rank = index * FILES_PER_DROP + place


def contract_of_entry(entry: Registered) -> Contract:
    """The contract of an entry whose input was recognised."""
    assert entry.part.match is not None
    return entry.part.match.contract


def forms_of(entry: Registered) -> Forms:
    """How the dates of its file may be written."""
    return Forms.of(entry.manifest.values, entry.manifest.timezone, serials=entry.part.encoding in FORMS)


def src_sql(entry: Registered, of: str = "") -> str:
    """SQL of the number that is file and row; rows that the register does not count lie beyond those it does."""
    number = f"{of}_row_number"
    if contract_of_entry(entry).form is not Form.TABLE:
        number = f"coalesce({of}_row_number, {UNNUMBERED} + {of}line_number)"
    return f"{entry.number * ROWS_PER_FILE} + {number}"


def good_rows(entry: Registered) -> str:
    """SQL of the good rows of an entry: the columns of its contract, `_src`, `_row_number`."""
    names = ", ".join(f'"{c}"' for c in contract_of_entry(entry).column_names)
    return f"select {names}, {src_sql(entry)} as _src, _row_number from {entry.typed} where _reason is null"
