"""Which drops differ from what is loaded, by the content of their files, and which wait for a publication. Never by a
time of modification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.contracts.aliases import version_text
from pipelines.ingest.landing.files import REFERENCE_DROP, LandingFile, list_drops, scan, sha256_of
from pipelines.partitions import shift
from pipelines.settings import COMPANY_EXPECTATIONS, EXPECTATIONS

INGEST_VERSION = b"12"
CORRECTIONS = EXPECTATIONS / "corrections"


def fingerprint_of(
    files: Sequence[LandingFile],
    manifests: Mapping[str, bytes],
    corrections: Path = CORRECTIONS,
    expectations: Path | None = None,
) -> str:
    """SHA-256 over paths and contents of the files of a drop, its manifests, the declared corrections, what the company
    expects of it besides (files of the folder `expectations`), and how this version reads them.
    """
    digest = hashlib.sha256(INGEST_VERSION + version_text())
    for path in sorted(corrections.glob("*.yml")):
        digest.update(path.read_bytes())
    for path in sorted(expectations.glob("*")) if expectations else ():
        if path.is_file():
            digest.update(path.name.encode(errors="surrogateescape") + b"\0" + sha256_of(path).encode())
    for file in files:
        digest.update(f"{file.path}\0{file.sha256}\0{file.problem}\n".encode(errors="surrogateescape"))
    for name, text in sorted(manifests.items()):
        digest.update(name.encode(errors="surrogateescape") + b"\0" + text)
    return digest.hexdigest()


def drop_fingerprints(landing: Path) -> dict[str, str]:
    """Drop (and `reference`) → what its files are: paths and contents, and how this version reads them. Never a time of
    modification.
    """
    found = {d: fingerprint_of(*scan(landing / d), expectations=expected_of(landing)) for d in list_drops(landing)}
    return {REFERENCE_DROP: reference_fingerprint(landing), **found}


def expected_of(landing: Path) -> Path:
    """The folder beside a landing zone with what its company expects of drops."""
    return landing.parent / COMPANY_EXPECTATIONS


def reference_fingerprint(landing: Path) -> str:
    """The fingerprint of the reference folder alone."""
    return fingerprint_of(*scan(landing / REFERENCE_DROP))


def changed_drops(con: duckdb.DuckDBPyConnection, landing: Path, present: Mapping[str, str] | None = None) -> list[str]:
    """Drops (and `reference`) whose files differ from what is loaded, by content, or whose publication has not come to
    its end.

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
    # What follows a colon is the company's value table that the drop was read with; it lies in the reference folder,
    # which has its own fingerprint.
    return [d for d, fingerprint in here.items() if d in pending or fingerprint != known.get(d, "").partition(":")[0]]


def loaded_drops(con: duckdb.DuckDBPyConnection, present: Mapping[str, str]) -> set[str]:
    """Drops (and `reference`) that are loaded as they lie in the landing zone. present: its fingerprints."""
    return {
        d
        for d, known in con.execute("select drop, fingerprint from raw.drop_fingerprint").fetchall()
        if present.get(d) == known.partition(":")[0]
    }


def remember_pending(con: duckdb.DuckDBPyConnection, drops: Sequence[str], touches_later: bool) -> None:
    """Note that these drops wait for a publication, once each. `reference` is every month.

    touches_later: a changed drop touches the months after it and those just before it too, and no month is published
    with it yet; a month that is only made again does not.
    """
    for drop in drops:
        if touches_later:
            con.execute("delete from raw.settled_month where drop = ?", [drop])
        con.execute(
            "insert into raw.pending_drop select ?, ? where not exists (select 1 from raw.pending_drop where drop = ? "
            "and touches_later >= ?)",
            [drop, touches_later, drop, touches_later],
        )


def forget_pending(
    con: duckdb.DuckDBPyConnection, published: Sequence[str], made: Sequence[str], reach: int = 2
) -> None:
    """After a publication: forget what was in it. made: all months that have results; what touches others needs those
    too: the months after a drop, and those that it may restate, at most `reach` before it. Months that are published
    while others still wait are remembered, drop by drop.
    """
    settled = settled_months(con)
    for drop, later in con.execute("select drop, touches_later from raw.pending_drop").fetchall():
        touched = [m for m in made if drop in (REFERENCE_DROP, m) or (later and m >= shift(drop, -reach))]
        known = settled.get(drop, set())
        if set(touched) <= {*published, *known}:
            con.execute("delete from raw.pending_drop where drop = ? and touches_later = ?", [drop, later])
        else:
            for month in sorted(set(published) - known):
                con.execute("insert into raw.settled_month values (?, ?)", [drop, month])
    con.execute("delete from raw.settled_month where drop not in (select drop from raw.pending_drop)")


def settled_months(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Drop that waits for a publication → months that were published with it already, by a run that made its months in
    batches and was ended between them.
    """
    found: dict[str, set[str]] = {}
    for drop, month in con.execute("select drop, review_month from raw.settled_month").fetchall():
        found.setdefault(drop, set()).add(month)
    return found


def months_started(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Months that a run set out to make and did not publish, whose drops are not pending for another reason."""
    rows = con.execute("select drop from raw.pending_drop group by drop having not bool_or(touches_later)").fetchall()
    return {month for (month,) in rows}


def months_begun(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Months that a run set out to make, whether or not their drops are pending for another reason too."""
    rows = con.execute("select drop from raw.pending_drop where not touches_later").fetchall()
    return {month for (month,) in rows}


def forget_begun(con: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """A run set out to make these months and left them as they are published."""
    con.execute("delete from raw.pending_drop where not touches_later and list_contains(?, drop)", [list(months)])


def remember_batches(con: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Note the months of a run in batches, none of them published; without months there is no such run."""
    con.execute("delete from raw.batched_run")
    for month in months:
        con.execute("insert into raw.batched_run values (?, false)", [month])


def batches_started(con: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """The months of a run in batches that did not come to its end, and whether each is published."""
    return dict(con.execute("select review_month, is_published from raw.batched_run order by 1").fetchall())


def forget_batches(con: duckdb.DuckDBPyConnection, published: Sequence[str]) -> None:
    """After a publication: note these months of a run in batches as published, and forget the run after its last
    one.
    """
    for month in published:
        con.execute("update raw.batched_run set is_published = true where review_month = ?", [month])
    con.execute("delete from raw.batched_run where (select bool_and(is_published) from raw.batched_run)")
