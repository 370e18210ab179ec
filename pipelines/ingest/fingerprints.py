"""Which drops differ from what is loaded, by the content of their files, and which wait for a publication. Never by a time of modification."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts.aliases import version_text
from pipelines.ingest.files import REFERENCE_DROP, LandingFile, list_drops, scan
from pipelines.partitions import shift
from pipelines.settings import EXPECTATIONS

INGEST_VERSION = b"3"
CORRECTIONS = EXPECTATIONS / "corrections"


def fingerprint_of(
    files: Sequence[LandingFile], manifests: Mapping[str, bytes], corrections: Path = CORRECTIONS
) -> str:
    """SHA-256 over paths and contents of the files of a drop, its manifests, the declared corrections, and how this version reads them."""
    digest = hashlib.sha256(INGEST_VERSION + version_text())
    for path in sorted(corrections.glob("*.yml")):
        digest.update(path.read_bytes())
    for file in files:
        digest.update(f"{file.path}\0{file.sha256}\0{file.problem}\n".encode(errors="surrogateescape"))
    for name, text in sorted(manifests.items()):
        digest.update(name.encode(errors="surrogateescape") + b"\0" + text)
    return digest.hexdigest()


def drop_fingerprints(landing: Path) -> dict[str, str]:
    """Drop (and `reference`) → what its files are: paths and contents, and how this version reads them. Never a time of modification."""
    return {d: fingerprint_of(*scan(landing / d)) for d in [REFERENCE_DROP, *list_drops(landing)]}


def changed_drops(con: duckdb.DuckDBPyConnection, landing: Path, present: Mapping[str, str] | None = None) -> list[str]:
    """Drops (and `reference`) whose files differ from what is loaded, by content, or whose publication has not come to its end.

    present: the fingerprints of the landing zone, where the caller has them already.
    """
    known, pending = {}, set()
    tables = {
        name for (name,) in con.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    }
    if "drop_fingerprint" in tables:
        known = dict(con.execute("select drop, fingerprint from raw.drop_fingerprint").fetchall())
    if "pending_drop" in tables:
        pending = {drop for (drop,) in con.execute("select drop from raw.pending_drop").fetchall()}
    here = drop_fingerprints(landing) if present is None else present
    return [d for d, fingerprint in here.items() if d in pending or fingerprint != known.get(d)]


def remember_pending(con: duckdb.DuckDBPyConnection, drops: Sequence[str], touches_later: bool) -> None:
    """Note that these drops wait for a publication, once each. `reference` is every month.

    touches_later: a changed drop touches the months after it and those just before it too; a month that is only made again does not.
    """
    for drop in drops:
        con.execute(
            "insert into raw.pending_drop select ?, ? where not exists (select 1 from raw.pending_drop where drop = ? and touches_later >= ?)",
            [drop, touches_later, drop, touches_later],
        )


def forget_pending(
    con: duckdb.DuckDBPyConnection, published: Sequence[str], made: Sequence[str], reach: int = 2
) -> None:
    """After a publication: forget what was in it. made: all months that have results; what touches others needs those too: the months after a drop, and
    those that it may restate, at most `reach` before it."""
    for drop, later in con.execute("select drop, touches_later from raw.pending_drop").fetchall():
        touched = [m for m in made if drop in (REFERENCE_DROP, m) or (later and m >= shift(drop, -reach))]
        if set(touched) <= set(published):
            con.execute("delete from raw.pending_drop where drop = ? and touches_later = ?", [drop, later])
