"""The record of what was published: one entry per output, month and version, each covering the previous one by its
hash.

Holds the chain (`calendar.publications`) and the location of previous versions. versions.py decides whether there is a
new version, datasets.py writes partitions, packs.py makes and verifies packs. Source: definition of this project,
docs/foundations.md.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.publish.places import RECORDED, file_of
from pipelines.warehouse import transaction

TABLE = "calendar.publications"
# The review calendar shows the present and changes every day, so it is not versioned.
NOT_VERSIONED = {"review_calendar", "publications"}
GENESIS = "0" * 64
# The content hash of removed rows: the hash of zero bytes.
REMOVED = hashlib.sha256(b"").hexdigest()
# Prefix of an entry's reason when data of its month was deleted at the end of a retention period.
RETENTION = "retention: "
# One statement per row would cost milliseconds each.
ROWS_AT_ONCE = 100

SCHEMA = (
    "place bigint, review_month varchar, output varchar, version bigint, rows bigint, rows_added bigint, rows_removed "
    "bigint, "
    "rows_changed bigint, reason varchar, parquet_sha256 varchar, csv_sha256 varchar, content_sha256 varchar, "
    "raw_sha256 varchar, "
    "reference_sha256 varchar, rules_sha256 varchar, code_version varchar, previous_hash varchar, entry_hash varchar, "
    "horizon varchar, events_sha256 varchar, state varchar, decisions_sha256 varchar"
)
COLUMNS = tuple(part.split()[0] for part in SCHEMA.split(", "))
ABOUT = (
    "Grain: (output, review_month, version) and form of the files: the chain of publications; each entry covers "
    "the one before it."
)
DESCRIPTIONS = {
    "place": "Place in the chain, from 1",
    "review_month": "Review month, YYYY-MM",
    "output": "Output",
    "version": "Version of the month's output, from 1",
    "rows": "Rows of the partition",
    "rows_added": "Rows whose key the previous version did not have",
    "rows_removed": "Rows of the previous version whose key is gone",
    "rows_changed": "Rows with another value under the same key",
    "reason": "first version; late rows, late drop, withdrawn drop, corrected file, late file of another drop, "
    "changed rule, changed reference, decided, changed history; or the same rows in another state; or what was taken "
    "out of them: `retention` and the setting, `forgotten` and the number of the report",
    "parquet_sha256": "SHA-256 of the Parquet file",
    "csv_sha256": "SHA-256 of the CSV file",
    "content_sha256": "SHA-256 over the rows in order, without their state and without where their evidence lies",
    "raw_sha256": "SHA-256 over path and hash of every file of the drop",
    "reference_sha256": "SHA-256 over the reference tables as they were for the month, without decisions and "
    "signatures",
    "rules_sha256": "SHA-256 over the rule pack: every model, seed and macro",
    "code_version": "Version of the software",
    "previous_hash": "entry_hash of the entry before it; zeros for the first",
    "entry_hash": "SHA-256 over all other fields that are filled",
    "horizon": "The last drop whose event rows this version uses",
    "events_sha256": "SHA-256 over path and hash of every event file up to the horizon",
    "state": "State of the month when it was published: provisional, settled, restated",
    "decisions_sha256": "SHA-256 over decisions and signatures as they were for the month",
}


@dataclass(frozen=True)
class Entry:
    """One publication. Hashes are SHA-256 in lower-case hex; `entry_hash` covers every other field, and therefore the
    previous entry.
    """

    place: int
    review_month: str
    output: str
    version: int
    rows: int
    rows_added: int
    rows_removed: int
    rows_changed: int
    reason: str
    parquet_sha256: str
    csv_sha256: str
    content_sha256: str
    raw_sha256: str
    reference_sha256: str
    rules_sha256: str
    code_version: str
    previous_hash: str
    entry_hash: str = ""
    # Empty in entries written by an earlier version of the software.
    horizon: str | None = None
    events_sha256: str | None = None
    state: str | None = None
    decisions_sha256: str | None = None

    def sealed(self) -> Entry:
        """The entry with `entry_hash` set."""
        return Entry(**{**asdict(self), "entry_hash": self.expected_hash()})

    def expected_hash(self) -> str:
        """The correct `entry_hash`: SHA-256 of the other non-empty fields as JSON with sorted keys."""
        fields = {k: v for k, v in asdict(self).items() if k != "entry_hash" and v is not None}
        return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_chain(connection: duckdb.DuckDBPyConnection) -> list[Entry]:
    """All entries in order; empty if nothing has been published."""
    known = {
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'calendar' and table_name = 'publications' "
            "and database_name = current_database()"
        ).fetchall()
    }
    names = [n for n in COLUMNS if n in known]
    if not names:
        return []
    rows = connection.execute(f"select {', '.join(names)} from {TABLE} order by place").fetchall()
    return [Entry(**dict(zip(names, row, strict=True))) for row in rows]


def broken_link(chain: Sequence[Entry]) -> str:
    """The first fault of a chain as one sentence; empty if every entry covers the previous one."""
    before = GENESIS
    for place, entry in enumerate(chain, 1):
        name = f"entry {entry.place} ({entry.output} of {entry.review_month}, version {entry.version})"
        if entry.place != place:
            return f"{name} is at position {place}: an earlier entry is missing"
        if entry.previous_hash != before:
            return f"{name} does not contain the hash of the entry before it"
        if entry.entry_hash != entry.expected_hash():
            return f"{name} was changed after it was written"
        before = entry.entry_hash
    return ""


def archive_path(published: Path, output: str, month: str, version: int) -> Path:
    """Folder of a previous version of a partition."""
    return published / "versions" / output / f"review_month={month}" / f"publication_version={version}"


def archive_previous(published: Path, chain: Sequence[Entry], outputs: Iterable[str], months: Sequence[str]) -> None:
    """Before partitions are rewritten, copy the current ones that agree with the chain to the folder of their version.

    A copy, not a move: readers keep the partition until it is replaced. Existing files are not overwritten.
    """
    latest = {(e.output, e.review_month): e for e in chain}
    for output in outputs:
        for month in months:
            entry = latest.get((output, month))
            parquet, csv = (file_of(published, output, month, form) for form in RECORDED)
            if entry is None or not parquet.is_file() or file_sha256(parquet) != entry.parquet_sha256:
                continue
            target = archive_path(published, output, month, entry.version)
            target.mkdir(parents=True, exist_ok=True)
            for path in (parquet, csv):
                if path.is_file() and not (target / path.name).is_file():
                    part = target / f".{path.name}.part"
                    shutil.copyfile(path, part)
                    part.replace(target / path.name)


def append(connection: duckdb.DuckDBPyConnection, former: Sequence[Entry], added: Sequence[Entry]) -> None:
    """Append new entries in one transaction. `former`, the chain before them, is written as well if the warehouse is
    new and took the chain from the publication.
    """
    with transaction(connection):
        connection.execute(f"create table if not exists {TABLE} ({SCHEMA})")
        for column in SCHEMA.split(", "):
            connection.execute(f"alter table {TABLE} add column if not exists {column}")
        held = connection.execute(f"select count(*) from {TABLE}").fetchall()[0][0]
        rows = [*(former if held == 0 else []), *added]
        marks = f"({', '.join('?' * len(COLUMNS))})"
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            connection.execute(
                f"insert into {TABLE} ({', '.join(COLUMNS)}) values {', '.join([marks] * len(part))}",
                [getattr(e, name) for e in part for name in COLUMNS],
            )


def restated_months(chain: Iterable[Entry]) -> list[str]:
    """Months that the record states as restated: published as settled, then changed because a file, a rule or a
    reference row changed.
    """
    return sorted({e.review_month for e in chain if e.state == "restated"})


def retention_reason(what: str, months: int) -> str:
    """The reason of an entry that records a deletion in its month and the setting responsible."""
    return f"{RETENTION}{what} taken away after {months} months (setting retention_months_{what})"


def months_removed(chain: Iterable[Entry], what: str) -> set[str]:
    """Months for which the record states a deletion. what: a class of retention."""
    return {e.review_month for e in chain if e.reason.startswith(f"{RETENTION}{what} ")}


def published_horizon(chain: Iterable[Entry], month: str) -> str | None:
    """The last drop whose event rows are known to be part of a published version of the month; None if the month has
    never been published.
    """
    found = [e.horizon or e.review_month for e in chain if e.review_month == month]
    return max(found, default=None)
