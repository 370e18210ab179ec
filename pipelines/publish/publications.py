"""The record of what was published: one entry per output, month and version, each covering the one before it by its hash.

Holds the chain (`calendar.publications`), the decision whether a partition is a new version, and where former versions go. Does not write
partitions (datasets.py) and does not pack or verify (packs.py). Source: shared specification, outputs, "Published, never shared".
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.publish.datasets import OUTPUT_ORDER, Written, columns_of, order_by
from pipelines.warehouse import transaction

TABLE = "calendar.publications"
# Columns that move with time and not with the facts: a difference in them alone is no new version.
WITHOUT_VERSION = {"state"}
# The calendar of reviews changes with every day; it is a view of the present, not a publication.
NOT_VERSIONED = {"review_calendar", "publications"}
GENESIS = "0" * 64
SAME_ROWS = "same rows, later state or other file form"

SCHEMA = (
    "place bigint, review_month varchar, output varchar, version bigint, rows bigint, rows_added bigint, rows_removed bigint, "
    "rows_changed bigint, reason varchar, parquet_sha256 varchar, csv_sha256 varchar, content_sha256 varchar, raw_sha256 varchar, "
    "reference_sha256 varchar, rules_sha256 varchar, code_version varchar, previous_hash varchar, entry_hash varchar"
)
COLUMNS = tuple(part.split()[0] for part in SCHEMA.split(", "))
ABOUT = "Grain: (output, review_month, version) and form of the files: the chain of publications; each entry covers the one before it."
DESCRIPTIONS = {
    "place": "Place in the chain, from 1",
    "review_month": "Review month, YYYY-MM",
    "output": "Output",
    "version": "Version of the month's output, from 1",
    "rows": "Rows of the partition",
    "rows_added": "Rows whose key the former version did not have",
    "rows_removed": "Rows of the former version whose key is gone",
    "rows_changed": "Rows with another value under the same key",
    "reason": "first version, corrected file, changed rule, changed reference, changed history, or the same rows in another state",
    "parquet_sha256": "SHA-256 of the Parquet file",
    "csv_sha256": "SHA-256 of the CSV file",
    "content_sha256": "SHA-256 over the rows in order, without the state",
    "raw_sha256": "SHA-256 over path and hash of every file of the drop",
    "reference_sha256": "SHA-256 over the reference tables as they were for the month",
    "rules_sha256": "SHA-256 over the rule pack: every model, seed and macro",
    "code_version": "Version of the software",
    "previous_hash": "entry_hash of the entry before it; zeros for the first",
    "entry_hash": "SHA-256 over all other fields",
}


@dataclass(frozen=True)
class Entry:
    """One publication. Hashes are SHA-256 in lower-case hex; `entry_hash` covers every other field and so the entry before it."""

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

    def sealed(self) -> Entry:
        """The entry with its own hash."""
        return Entry(**{**asdict(self), "entry_hash": self.expected_hash()})

    def expected_hash(self) -> str:
        """What `entry_hash` must be: SHA-256 over the other fields as JSON with sorted keys."""
        fields = {k: v for k, v in asdict(self).items() if k != "entry_hash"}
        return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_chain(connection: duckdb.DuckDBPyConnection) -> list[Entry]:
    """All entries in order; none if nothing was published yet."""
    known = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'calendar' and table_name = 'publications'"
    ).fetchall()[0][0]
    if not known:
        return []
    rows = connection.execute(f"select {', '.join(COLUMNS)} from {TABLE} order by place").fetchall()
    return [Entry(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


def broken_link(chain: Sequence[Entry]) -> str:
    """What is wrong with a chain, in one sentence; empty if every entry covers the one before it."""
    before = GENESIS
    for place, entry in enumerate(chain, 1):
        name = f"entry {entry.place} ({entry.output} of {entry.review_month}, version {entry.version})"
        if entry.place != place:
            return f"{name} stands at place {place}: an entry before it is missing"
        if entry.previous_hash != before:
            return f"{name} does not cover the entry before it"
        if entry.entry_hash != entry.expected_hash():
            return f"{name} was changed after it was written"
        before = entry.entry_hash
    return ""


def archive_path(published: Path, entry: Entry) -> Path:
    """Folder of a former version of a partition."""
    return published / "versions" / entry.output / f"review_month={entry.review_month}" / f"version={entry.version}"


def keep_former(published: Path, chain: Sequence[Entry], outputs: Iterable[str], months: Sequence[str]) -> None:
    """Before partitions are written anew: copy those that stand as the chain says to the folder of their version.

    A copy and not a move: readers keep the partition until the new one replaces it. What is there already is left alone.
    """
    latest = {(e.output, e.review_month): e for e in chain}
    for output in outputs:
        for month in months:
            entry = latest.get((output, month))
            folder = published / output / f"review_month={month}"
            parquet, csv = folder / f"{output}.parquet", folder / f"{output}.csv"
            if entry is None or not parquet.is_file() or file_sha256(parquet) != entry.parquet_sha256:
                continue
            target = archive_path(published, entry)
            target.mkdir(parents=True, exist_ok=True)
            for path in (parquet, csv):
                if path.is_file() and not (target / path.name).is_file():
                    part = target / f".{path.name}.part"
                    shutil.copyfile(path, part)
                    part.replace(target / path.name)


def record(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    written: Sequence[Written],
    former: Sequence[Entry],
    rules_sha256: str,
    code_version: str,
) -> list[Entry]:
    """Append an entry for each written partition whose content is not that of its latest version. Returns the new entries.

    former: the chain as it was. The folder of a former version is removed again where no new version came of it.
    """
    chain = list(former)
    latest = {(e.output, e.review_month): e for e in chain}
    facts: dict[str, tuple[str, str]] = {}
    added: list[Entry] = []
    for part in sorted(written, key=lambda w: (w.review_month, list(OUTPUT_ORDER).index(w.output))):
        if part.output in NOT_VERSIONED:
            continue
        if part.review_month not in facts:
            facts[part.review_month] = (
                _raw_sha256(connection, part.review_month),
                _reference_sha256(connection, part.review_month),
            )
        raw, reference = facts[part.review_month]
        before = latest.get((part.output, part.review_month))
        content = _content_sha256(connection, part)
        parquet, csv = file_sha256(part.parquet), file_sha256(part.csv)
        same = before is not None and before.content_sha256 == content
        if before is not None and same:
            shutil.rmtree(archive_path(published, before), ignore_errors=True)
            if (before.parquet_sha256, before.csv_sha256) == (parquet, csv):
                continue
        delta = (0, 0, 0) if same else _delta(connection, part, archive_path(published, before) if before else None)
        entry = Entry(
            place=len(chain) + 1,
            review_month=part.review_month,
            output=part.output,
            version=1 if before is None else before.version + (0 if same else 1),
            rows=part.rows,
            rows_added=delta[0],
            rows_removed=delta[1],
            rows_changed=delta[2],
            reason=SAME_ROWS if same else _reason(before, raw, reference, rules_sha256),
            parquet_sha256=parquet,
            csv_sha256=csv,
            content_sha256=content,
            raw_sha256=raw,
            reference_sha256=reference,
            rules_sha256=rules_sha256,
            code_version=code_version,
            previous_hash=chain[-1].entry_hash if chain else GENESIS,
        ).sealed()
        chain.append(entry)
        added.append(entry)
    _append(connection, former, added)
    return added


def _append(connection: duckdb.DuckDBPyConnection, former: Sequence[Entry], added: Sequence[Entry]) -> None:
    """Write the chain in one transaction. `former` is written too where the warehouse is new and the chain came from the publication."""
    with transaction(connection):
        connection.execute(f"create table if not exists {TABLE} ({SCHEMA})")
        held = connection.execute(f"select count(*) from {TABLE}").fetchall()[0][0]
        rows = [*(former if held == 0 else []), *added]
        if rows:
            marks = ", ".join("?" * len(COLUMNS))
            connection.executemany(f"insert into {TABLE} values ({marks})", [list(asdict(e).values()) for e in rows])


def _reason(before: Entry | None, raw: str, reference: str, rules: str) -> str:
    """Why there is a new version: what it stands on that its former version did not."""
    if before is None:
        return "first version"
    causes = []
    if before.raw_sha256 != raw:
        causes.append("corrected file")
    if before.rules_sha256 != rules:
        causes.append("changed rule")
    if before.reference_sha256 != reference:
        causes.append("changed reference")
    return ", ".join(causes) or "changed history"


def _raw_sha256(connection: duckdb.DuckDBPyConnection, month: str) -> str:
    """Over path and hash of every file of the drop."""
    rows = connection.execute(
        "select path, sha256 from raw.file_register where drop = ? order by path, sha256", [month]
    ).fetchall()
    return hashlib.sha256("\n".join(f"{path}\0{sha}" for path, sha in rows).encode()).hexdigest()


def _reference_sha256(connection: duckdb.DuckDBPyConnection, month: str) -> str:
    """Over every reference table as it was resolved for the month: what was valid, whatever file it came from."""
    digest = hashlib.sha256()
    tables = connection.execute(
        "select table_name, list(column_name order by column_name) from duckdb_columns() where schema_name = 'reference' "
        "group by table_name having list_contains(list(column_name), 'review_month') order by table_name"
    ).fetchall()
    for table, names in tables:
        kept = [n for n in names if not n.startswith("_") and n not in {"hr_src", "is_default"}]
        columns = ", ".join(f'"{n}"' for n in kept)
        rows = connection.execute(
            f'select distinct {columns} from reference."{table}" where review_month = ? order by all', [month]
        ).fetchall()
        digest.update(f"{table}\0{rows!r}\n".encode())
    return digest.hexdigest()


def _compared(connection: duckdb.DuckDBPyConnection, output: str) -> list[str]:
    return [n for n, _ in columns_of(connection, output) if n not in WITHOUT_VERSION and n != "review_month"]


def _content_sha256(connection: duckdb.DuckDBPyConnection, part: Written) -> str:
    """Over the rows in their published order, in pieces, so that memory does not grow with them."""
    names = _compared(connection, part.output)
    columns = ", ".join(f"coalesce(cast(\"{n}\" as varchar), '~')" for n in names)
    cursor = connection.execute(
        f"select concat_ws(chr(31), {columns}) from calendar.{part.output} where review_month = ? order by {order_by(names, part.output)}",
        [part.review_month],
    )
    digest = hashlib.sha256(",".join(names).encode())
    while rows := cursor.fetchmany(10_000):
        digest.update("\n".join(text for (text,) in rows).encode())
    return digest.hexdigest()


def _delta(connection: duckdb.DuckDBPyConnection, part: Written, former: Path | None) -> tuple[int, int, int]:
    """Rows added, removed and changed against the former version's Parquet file, by the key of the output."""
    path = former / part.parquet.name if former else None
    if path is None or not path.is_file():
        return part.rows, 0, 0
    quoted = str(path).replace("'", "''")
    known = {row[0] for row in connection.execute(f"describe select * from '{quoted}'").fetchall()}
    names = [n for n in _compared(connection, part.output) if n in known]
    key = [n for n in OUTPUT_ORDER[part.output] if n in names]
    same = " and ".join(f'o."{n}" is not distinct from n."{n}"' for n in key)
    differs = " or ".join(f'o."{n}" is distinct from n."{n}"' for n in names)
    row = connection.execute(
        f"select count(*) filter (where o._there is null), count(*) filter (where n._there is null), "
        f"count(*) filter (where o._there and n._there and ({differs})) "
        f"from (select *, true as _there from '{quoted}') as o "
        f"full join (select *, true as _there from calendar.{part.output} where review_month = ?) as n on {same}",
        [part.review_month],
    ).fetchall()[0]
    return int(row[0]), int(row[1]), int(row[2])
