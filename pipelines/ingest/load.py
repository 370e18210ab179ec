"""The landing zone into the raw schema: every file registered, every row accounted for, one transaction per drop.

The entry point of ingestion. Reads files through `tables`, judges cells through `conform`; precedence between files is dbt's.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import INPUTS, Contract, Form, Kind
from pipelines.contracts.aliases import version_text
from pipelines.contracts.contract import LINEAGE
from pipelines.ingest.conform import conform_sql, literal
from pipelines.ingest.corrections import AppliedCorrection, CorrectionError, apply_corrections
from pipelines.ingest.files import REFERENCE_DROP, LandingFile, Manifest, list_drops, manifest_for, scan, stamp_of
from pipelines.ingest.recognise import contract_of
from pipelines.ingest.schema import REGISTER_COLUMNS
from pipelines.ingest.servertext import UNNUMBERED, in_timezone
from pipelines.ingest.tables import Part, Reader
from pipelines.partitions import shift
from pipelines.settings import EXPECTATIONS
from pipelines.warehouse import transaction

__all__ = ["LandingReport", "RowArithmeticError", "changed_drops", "list_drops", "load_landing"]

FILES_PER_DROP = 100_000
ROWS_PER_FILE = 10_000_000_000
INGEST_VERSION = b"2"
CORRECTIONS = EXPECTATIONS / "corrections"
# By name: a table of an older version has columns of later ones at its end.
REJECTED = "drop, path, sha256, row_number, row_text, column_name, reason, input"
# What a judge returns waits for its verdicts when it is called.
Verdicts = Callable[[], list[Any]]
Judge = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, str]], Verdicts]


class RowArithmeticError(RuntimeError):
    """A file whose rows do not add up; the run stops and nothing of the drop is written."""


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


@dataclass
class Registered:
    """A row of the file register, and the table of its good rows."""

    file: LandingFile
    part: Part
    manifest: Manifest
    number: int = 0
    rank: int = 0
    loaded: int = 0
    rejected: int = 0
    duplicate: int = 0
    typed: str = ""


def _drop_index(drop: str) -> int:
    return 0 if drop == REFERENCE_DROP else (int(drop[:4]) - 1999) * 12 + int(drop[5:7])


def _fingerprint(files: Sequence[LandingFile], manifests: Mapping[str, bytes], corrections: Path = CORRECTIONS) -> str:
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
    return {d: _fingerprint(*scan(landing / d)) for d in [REFERENCE_DROP, *list_drops(landing)]}


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


def load_landing(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    drops: Sequence[str],
    scratch: Path,
    progress: Callable[[str], None] = lambda message: None,
    judge: Judge | None = None,
    store: Callable[[duckdb.DuckDBPyConnection, str, list[Any]], None] | None = None,
    corrections: Path = CORRECTIONS,
) -> LandingReport:
    """Bring the reference folder and the drops into the raw schema; drops whose content is loaded already are left alone.

    judge: called with (con, drop, input → table of typed rows) before the write; what it returns is called inside the transaction and raises to refuse
    the drop. store: called inside the transaction with the verdicts. corrections: folder of declared corrections. Raises RowArithmeticError if a file's rows do not
    add up, CorrectionError if a correction is malformed or no longer needed.
    """
    report = LandingReport()
    known = dict(con.execute("select drop, fingerprint from raw.drop_fingerprint").fetchall())
    for drop in [REFERENCE_DROP, *sorted(drops)]:
        files, manifests = scan(landing / drop)
        fingerprint = _fingerprint(files, manifests, corrections)
        if known.get(drop) == fingerprint:
            report.unchanged.append(drop)
            continue
        folder = scratch / f"drop_{drop}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            entries = _read_unchanged(con, drop, files, manifests, folder, corrections)
            verdicts = judge(con, drop, _union_tables(con, entries)) if judge and drop != REFERENCE_DROP else list
            _write_drop(con, drop, entries, fingerprint, verdicts, store)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _forget_tables(con)
        rows = sum(e.part.rows for e in entries)
        report.loaded.append(drop)
        report.files += len(entries)
        report.rows += rows
        progress(
            f"drop {drop}: {len(entries)} files, {rows:,} rows read, {sum(e.rejected for e in entries):,} rejected"
        )
    return report


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
) -> list[Registered]:
    """Read the drop. Raises LandingChangedError where a file is not the one that was hashed any more, whatever the reader made of it."""
    done = False
    try:
        entries = _read_drop(con, drop, files, manifests, folder, corrections)
        done = True
    finally:
        moved = next((f for f in files if f.stamp and stamp_of(f.real) != f.stamp), None)
        if moved is not None:
            what = "changed" if moved.real.exists() else "vanished"
            raise LandingChangedError(
                f"{drop}/{moved.path} {what} while it was read, so nothing was published. Wait until the export is complete and run the same command again."
            ) from (None if done else sys.exception())
    return entries


def _read_drop(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    files: Sequence[LandingFile],
    manifests: Mapping[str, bytes],
    folder: Path,
    corrections: Path,
) -> list[Registered]:
    reader = Reader(con, folder, prefer_reference=drop == REFERENCE_DROP)
    share = _rejected_share(con, drop)
    entries: list[Registered] = []
    seen: dict[str, str] = {}
    for file in files:
        manifest = manifest_for(file.path, dict(manifests))
        named = manifest.values.get("input")
        if file.problem:
            parts = [Part(file.path, "unrecognised", file.problem)]
        elif named is not None and contract_of(str(named)) is None:
            parts = [Part(file.path, "unrecognised", f"the manifest names the input '{named}', which is not known")]
        else:
            parts = list(reader.read(file.path, file.real, str(named) if named is not None else None))
        first_of_file = seen.setdefault(file.sha256, file.path) == file.path
        for part in parts:
            entry = Registered(file, part, manifest)
            own = part.sha256
            repeated = not first_of_file or (own is not None and seen.setdefault(own, part.path) != part.path)
            _judge_part(con, entry, repeated, share, f"_typed{len(entries)}")
            entries.append(entry)
    _number(entries, drop)
    _correct(con, drop, entries, corrections)
    return entries


def _correct(con: duckdb.DuckDBPyConnection, drop: str, entries: Sequence[Registered], folder: Path) -> None:
    """Apply the declared corrections of the drop to its good rows; a dropped row counts as rejected with the correction's reason.

    Raises CorrectionError, for an entry that meets no row too: its file may be missing.
    """
    for path in sorted(folder.glob("*.yml")):
        if path.stem not in INPUTS:
            raise CorrectionError(f"{path.name}: no input of that name is known")
        contract = INPUTS[path.stem]
        mine = [e for e in entries if e.part.verdict == "loaded" and e.part.match and _contract(e) is contract]
        none = ", ".join(f'cast(null as {c.type.sql}) as "{c.name}"' for c in contract.columns)
        rows = " union all ".join(f"({_good_rows(e)})" for e in mine)
        empty = f"select {none}, cast(null as bigint) as _src, cast(null as bigint) as _row_number where false"
        con.execute(f"create or replace temp table _corrected as {rows or empty}")
        for done in apply_corrections(con, "_corrected", contract.name, drop, folder):
            for entry in mine:
                first = entry.number * ROWS_PER_FILE
                numbers = [src - first for src in done.rows if first < src < first + ROWS_PER_FILE]
                if numbers:
                    _write_back(con, entry, done, numbers)
        con.execute("drop table _corrected")


def _write_back(
    con: duckdb.DuckDBPyConnection, entry: Registered, done: AppliedCorrection, numbers: Sequence[int]
) -> None:
    """What a correction did to rows of one file, in the file's typed rows and its arithmetic."""
    contract = _contract(entry)
    if entry.part.typed is not None:
        con.execute(f"create temp table {entry.typed}_own as select * from {entry.typed}")
        entry.part.typed, entry.typed = None, f"{entry.typed}_own"
    names = contract.column_names
    if done.action == "override":
        sets = ", ".join(f'"{n}" = c."{n}"' for n in names)
        con.execute(
            f"update {entry.typed} as t set {sets} from _corrected as c "
            f"where c._src = {_src(entry, 't.')} and list_contains(?, c._row_number)",
            [list(numbers)],
        )
        return
    text = "concat_ws(',', " + ", ".join(f"""coalesce(cast("{n}" as varchar), '')""" for n in names) + ")"
    con.execute(
        f"update {entry.typed} set _text = {text}, _reason = ? where list_contains(?, _row_number)",
        [f"correction {done.id}: {done.reason}", list(numbers)],
    )
    entry.rejected += len(numbers)
    entry.loaded -= len(numbers)


def _judge_part(con: duckdb.DuckDBPyConnection, entry: Registered, repeated: bool, share: float, typed: str) -> None:
    part, manifest = entry.part, entry.manifest
    if part.match is None or (part.table is None and part.typed is None):
        return
    if repeated:
        part.verdict, part.message, entry.duplicate = (
            "duplicate",
            "the same bytes as another file of this drop",
            part.rows,
        )
        part.bad = []
        return
    if part.typed is not None:
        con.execute(f"create temp view {typed} as {in_timezone(part.match.contract, part.typed, manifest.timezone)}")
    else:
        assert part.table is not None
        conform_sql(con, part.match, part.table, typed, manifest.timezone, manifest.values.get("date_order"))
        con.execute(f"drop table {part.table}")
    bad = int(con.execute(f"select count(*) from {typed} where _reason is not null").fetchall()[0][0])
    entry.rejected = bad + len(part.bad)
    entry.loaded = part.rows - entry.rejected
    entry.typed = typed
    if entry.rejected > share * part.rows:
        part.verdict = "rejected"
        part.message = (
            f"{entry.rejected} of {part.rows} rows are bad, more than {share:.0%}; the file as a whole is refused"
        )
        entry.rejected, entry.loaded = part.rows, 0


def _number(entries: list[Registered], drop: str) -> None:
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


def _contract(entry: Registered) -> Contract:
    assert entry.part.match is not None
    return entry.part.match.contract


def _src(entry: Registered, of: str = "") -> str:
    """SQL of the number that is file and row; rows that the register does not count lie beyond those it does."""
    number = f"{of}_row_number"
    if _contract(entry).form is not Form.TABLE:
        number = f"coalesce({of}_row_number, {UNNUMBERED} + {of}line_number)"
    return f"{entry.number * ROWS_PER_FILE} + {number}"


def _good_rows(entry: Registered) -> str:
    names = ", ".join(f'"{c}"' for c in _contract(entry).column_names)
    return f"select {names}, {_src(entry)} as _src, _row_number from {entry.typed} where _reason is null"


def _union_tables(con: duckdb.DuckDBPyConnection, entries: Sequence[Registered]) -> dict[str, str]:
    """Input → temporary view over the good rows of all its files of the drop."""
    by_input: dict[str, list[Registered]] = {}
    for entry in entries:
        if entry.part.verdict == "loaded" and _contract(entry).kind is not Kind.REFERENCE:
            by_input.setdefault(_contract(entry).name, []).append(entry)
    tables = {}
    for name, found in sorted(by_input.items()):
        con.execute(
            f"create or replace temp view _judged_{name} as " + " union all ".join(_good_rows(e) for e in found)
        )
        tables[name] = f"_judged_{name}"
    return tables


def _write_drop(
    con: duckdb.DuckDBPyConnection,
    drop: str,
    entries: Sequence[Registered],
    fingerprint: str,
    verdicts: Verdicts,
    store: Callable[[duckdb.DuckDBPyConnection, str, list[Any]], None] | None,
) -> None:
    from pipelines.contracts import REFERENCE

    with transaction(con):
        for contract in [*INPUTS.values(), *REFERENCE.values()]:
            con.execute(f"delete from {contract.table} where _drop = ?", [drop])
        for table in ("raw.file_register", "raw.rejected_rows", "raw.drop_fingerprint"):
            con.execute(f"delete from {table} where drop = ?", [drop])
        for entry in entries:
            _write_entry(con, drop, entry)
        con.execute("insert into raw.drop_fingerprint values (?, ?)", [drop, fingerprint])
        remember_pending(con, [drop], touches_later=True)
        found = verdicts()
        if store:
            store(con, drop, found)


def _write_entry(con: duckdb.DuckDBPyConnection, drop: str, entry: Registered) -> None:
    part, file = entry.part, entry.file
    sha = part.sha256 or file.sha256
    if entry.typed and part.verdict == "loaded":
        contract = _contract(entry)
        names = ", ".join(f'"{c}"' for c in contract.column_names)
        lineage = ", ".join(name for name, _ in LINEAGE)
        # The rows of a table stand in their file's order already; sorting wide rows costs as much as typing them.
        order = "" if contract.form is Form.TABLE else f" order by {_src(entry)}"
        con.execute(
            f"insert into {contract.table} ({names}, {lineage}) select {names}, {literal(drop)}, {entry.number}, {literal(sha)}, "
            f"_row_number, {_src(entry)}, {entry.rank}, _hidden, _extra "
            f"from {entry.typed} where _reason is null{order}"
        )
    if entry.typed:
        name = _contract(entry).name
        con.execute(
            f"insert into raw.rejected_rows ({REJECTED}) select ?, ?, ?, _row_number, _text, _bad_column, "
            f"coalesce(_bad_column || ': ', '') || _reason, ? from {entry.typed} where _reason is not null order by _row_number",
            [drop, part.path, sha, name],
        )
        if part.bad:
            con.executemany(
                f"insert into raw.rejected_rows ({REJECTED}) values (?, ?, ?, ?, ?, null, ?, ?)",
                [[drop, part.path, sha, b.number, b.text, b.reason, name] for b in part.bad],
            )
    _register(con, drop, entry, sha)


def _register(con: duckdb.DuckDBPyConnection, drop: str, entry: Registered, sha: str) -> None:
    part, file, manifest = entry.part, entry.file, entry.manifest
    if part.rows != entry.loaded + entry.rejected + entry.duplicate:
        raise RowArithmeticError(
            f"{drop}/{part.path}: {part.rows} rows read, but {entry.loaded} loaded, {entry.rejected} rejected and {entry.duplicate} duplicate"
        )
    messages = [m for m in (part.message, manifest.problem) if m]
    record = dict(manifest.values)
    if part.filters:
        record["filter_sheet"] = part.filters
    row = [
        entry.number, drop, part.path, sha, file.size,
        part.match.contract.name if part.match else None,
        part.match.generation if part.match else None,
        part.encoding, part.separator,
        part.rows, entry.loaded, entry.rejected, entry.duplicate,
        part.verdict, "; ".join(messages) or None,
        json.dumps(record, default=str, sort_keys=True, ensure_ascii=False) if record else None,
        ", ".join(sorted(part.match.extra)) or None if part.match else None,
        manifest.exported_at, entry.rank,
    ]  # fmt: skip
    names = ", ".join(f'"{name}"' for name, _ in REGISTER_COLUMNS)
    con.execute(f"insert into raw.file_register ({names}) values ({', '.join('?' for _ in REGISTER_COLUMNS)})", row)


def _forget_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Drop every temporary table and view of a drop."""
    for name, kind in con.execute(
        "select table_name, 'table' from duckdb_tables() where temporary union all "
        "select view_name, 'view' from duckdb_views() where temporary and not internal"
    ).fetchall():
        con.execute(f'drop {kind} if exists "{name}"')
