"""Versions of a month: which of its stages differ, why, and the files and entries that result.

A stage is the month computed from the event rows up to one drop. The last stage is the current one; earlier stages are
variants in the warehouse, removed after publishing. Writes partitions through datasets.py and entries through
publications.py; computes no figures. Source: definition of this project, docs/foundations.md.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb

from pipelines.failures.isolation import AllOrNothing, Spared
from pipelines.failures.omissions import OUTPUT
from pipelines.partitions import VARIANT
from pipelines.publish.datasets import OUTPUT_ORDER, Written, columns_of, order_by, write_partition
from pipelines.publish.places import RECORDED, file_of, files_folder, partition_folder
from pipelines.publish.publications import GENESIS, NOT_VERSIONED, Entry, append, archive_path, file_sha256

# Columns that change with time, not with the facts: a difference in them alone makes no new version. Evidence moves to
# the file of highest precedence when a later export shows the same row again.
WITHOUT_VERSION = {"state", "evidence"}
# Outputs that depend on the files of the drop only, and are the same in every stage; causes are computed for the
# current version of the month only.
ONE_STAGE = {"file_register", "rejected_rows", "finding_causes", "unverified_findings", "input_notes", "defaults_used"}
SAME_ROWS = "same rows, later state or other file form"
# These restate a settled month; late rows and late files only complete it.
RESTATING = {"corrected file", "withdrawn drop", "changed rule", "changed reference"}
EVENT_INPUTS = ("usage", "seat_usage", "token_usage", "lrt", "tokenflex", "nlm_log", "sam_usage")
# Number of rows hashed at a time.
PIECE = 10_000
# Tables of decisions and sign-offs. A decision makes a new version of a month and restates nothing.
DECIDED = ("dispositions", "sign_offs")
NO_FILES = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Stage:
    """A month computed from the event rows up to `horizon`. key: its review_month in the warehouse."""

    key: str
    horizon: str


@dataclass
class Publication:
    """What a call published: the current partitions and the new entries of the chain."""

    written: list[Written] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Basis:
    """The inputs that a stage depends on, each as a SHA-256."""

    raw: str
    reference: str
    decisions: str
    rules: str
    events: str


def publish_stages(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    scratch: Path,
    stages: Mapping[str, Sequence[Stage]],
    outputs: Sequence[str],
    chain: Sequence[Entry],
    rules_sha256: str,
    code_version: str,
    spared: Spared | None = None,
) -> Publication:
    """Write new versions of the stages of each month, as files and as entries of the chain.

    stages: the stages of each month in order, the last one being its current version. chain: the record before this
    call. The caller handles the outputs of NOT_VERSIONED. spared: what the run could not make; files and chain of these
    outputs are left unchanged. An output that fails here is added to it. A stage with the same rows as the version
    before it makes no new version. The folder of a previous version is deleted if no new version results.
    """
    names = [o for o in OUTPUT_ORDER if o in outputs and o not in NOT_VERSIONED]
    spared = spared or AllOrNothing()
    keys = [s.key for all_of in stages.values() for s in all_of]
    hashes = {}
    for output in names:
        try:
            hashes[output] = _content_hashes(connection, output, keys)
        except Exception as error:
            for month in sorted(stages):
                with spared.part(OUTPUT, output, month, "comparing it with its previous version"):
                    raise error
    recorder = _Recorder(connection, published, scratch, chain, rules_sha256, code_version, hashes)
    for month in sorted(stages):
        missing = spared.missing(OUTPUT)
        recorder.month(month, stages[month], [o for o in names if (o, month) not in missing], spared)
    append(connection, chain, recorder.done.entries)
    return recorder.done


class _Recorder:
    """Iterates over stages, writes partitions and extends the chain in memory."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        published: Path,
        scratch: Path,
        chain: Sequence[Entry],
        rules_sha256: str,
        code_version: str,
        hashes: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.connection, self.published, self.scratch = connection, published, scratch
        self.rules, self.code, self.hashes = rules_sha256, code_version, hashes
        self.latest = {(e.output, e.review_month): e for e in chain}
        self.place, self.link = len(chain), chain[-1].entry_hash if chain else GENESIS
        self.done = Publication()

    def month(self, month: str, stages: Sequence[Stage], outputs: Sequence[str], spared: Spared) -> None:
        """Publish all outputs of one month. Whether it is restated is decided across all of them, before anything is
        written.
        """
        final = stages[-1]
        # All stages of a month use the same reference tables.
        reference, decisions = reference_sha256_of(self.connection, month)
        bases = {s: basis_of_stage(self.connection, month, s, self.rules, reference, decisions) for s in stages}
        contents = {o: _differing_stages(o, stages, self.hashes[o]) for o in outputs}
        if any(_restates(self.latest.get((o, month)), contents[o][-1][1], bases[final], final) for o in outputs):
            self.connection.execute(
                "update calendar.licence_position set state = 'restated' where review_month = ?", [final.key]
            )
        states = {s: _state(self.connection, s) for s in stages}
        for output in outputs:
            before, place, link = self.latest.get((output, month)), self.place, self.link
            entries, written = len(self.done.entries), len(self.done.written)
            with spared.part(OUTPUT, output, month, "the writer of its files"):
                done = False
                try:
                    for stage, content in contents[output]:
                        self._stage(output, month, stage, content, bases[stage], states[stage], stage is final)
                    done = True
                finally:
                    if not done:
                        self._undo(output, month, before)
                        self.place, self.link = place, link
                        del self.done.entries[entries:], self.done.written[written:]

    def _undo(self, output: str, month: str, before: Entry | None) -> None:
        """Restore the files of one output and month; the former current ones are in the folder of their version."""
        versions = archive_path(self.published, output, month, 1).parent
        kept = {e.version for e in [before] if e} | set(range(1, before.version if before else 1))
        for folder in versions.glob("publication_version=*"):
            if int(folder.name.rpartition("=")[2]) not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        standing = partition_folder(self.published, output, month)
        former = archive_path(self.published, output, month, before.version) if before else None
        for kind in RECORDED:
            path = file_of(self.published, output, month, kind)
            if former is None:
                path.unlink(missing_ok=True)
            elif (former / path.name).is_file():
                (former / path.name).replace(path)
        if former is not None:
            shutil.rmtree(former, ignore_errors=True)
        for folder in (standing, versions):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        if before is None:
            self.latest.pop((output, month), None)
        else:
            self.latest[output, month] = before

    def _stage(
        self, output: str, month: str, stage: Stage, content: str, basis: Basis, state: str, is_final: bool
    ) -> None:
        before = self.latest.get((output, month))
        same = before is not None and before.content_sha256 == content
        if same and not is_final:
            return
        version = 1 if before is None else before.version + (0 if same else 1)
        standing = partition_folder(self.published, output, month)
        folder = standing if is_final else archive_path(self.published, output, month, version)
        opened = files_folder(self.published, month) if is_final else None
        part = write_partition(self.connection, output, stage.key, folder, self.scratch, opened)
        if is_final:
            self.done.written.append(part)
        former = archive_path(self.published, output, month, before.version) if before else None
        parquet, csv = file_sha256(part.parquet), file_sha256(part.csv)
        if same and former is not None:
            shutil.rmtree(former, ignore_errors=True)
        if before is not None and same and (before.parquet_sha256, before.csv_sha256) == (parquet, csv):
            return
        added, removed, changed = (0, 0, 0) if same else _delta(self.connection, part, stage.key, former)
        entry = Entry(
            place=self.place + 1,
            review_month=month,
            output=output,
            version=version,
            rows=part.rows,
            rows_added=added,
            rows_removed=removed,
            rows_changed=changed,
            reason=SAME_ROWS if same else ", ".join(_causes(before, basis, stage)),
            parquet_sha256=parquet,
            csv_sha256=csv,
            content_sha256=content,
            raw_sha256=basis.raw,
            reference_sha256=basis.reference,
            rules_sha256=basis.rules,
            code_version=self.code,
            previous_hash=self.link,
            horizon=stage.horizon,
            events_sha256=basis.events,
            state=state,
            decisions_sha256=basis.decisions,
        ).sealed()
        self.place, self.link = entry.place, entry.entry_hash
        self.latest[output, month] = entry
        self.done.entries.append(entry)


def forget_variants(connection: duckdb.DuckDBPyConnection) -> None:
    """Delete the rows of variants from every published table: they served comparison and writing only and belong to no
    month.
    """
    tables = connection.execute(
        "select schema_name, table_name from duckdb_columns() where schema_name in ('calendar', 'marts') and "
        "column_name = 'review_month' "
        "and database_name = current_database()"
    ).fetchall()
    for schema, table in tables:
        connection.execute(f"delete from {schema}.\"{table}\" where contains(review_month, '{VARIANT}')")


def _differing_stages(output: str, stages: Sequence[Stage], hashes: Mapping[str, str]) -> list[tuple[Stage, str]]:
    """The stages whose rows differ from those of the next one, and the last stage, each with the hash of its rows."""
    mine = stages[-1:] if output in ONE_STAGE else stages
    hashed = [(s, hashes[s.key]) for s in mine]
    return [
        pair for pair, after in zip(hashed, [*hashed[1:], None], strict=True) if after is None or pair[1] != after[1]
    ]


def _state(connection: duckdb.DuckDBPyConnection, stage: Stage) -> str:
    """State of the month by its licence position, or else by the months of the run."""
    rows = connection.execute(
        "select coalesce((select max(state) from calendar.licence_position where review_month = ?), "
        "(select max(state) from intermediate.int_month_state where review_month = ?))",
        [stage.key, stage.key],
    ).fetchall()
    return str(rows[0][0])


def _restates(before: Entry | None, content: str, basis: Basis, stage: Stage) -> bool:
    """Whether the content of a settled month changes for a reason that restates it."""
    if before is None or before.state not in {"settled", "restated"} or before.content_sha256 == content:
        return False
    return bool(RESTATING & set(_causes(before, basis, stage)))


def _causes(before: Entry | None, basis: Basis, stage: Stage) -> list[str]:
    """Reasons for a new version: the inputs that differ from those of the previous version."""
    if before is None:
        return ["first version"]
    causes = []
    if before.horizon != stage.horizon:
        causes.append("late rows")
    # A drop contains its own copies of reference tables, which come and go with it.
    whole_drop = ""
    if before.raw_sha256 != basis.raw:
        whole_drop = "late drop" if before.raw_sha256 == NO_FILES else "withdrawn drop" if basis.raw == NO_FILES else ""
        causes.append(whole_drop or "corrected file")
    elif before.horizon == stage.horizon and before.events_sha256 != basis.events:
        causes.append("late file of another drop")
    if before.rules_sha256 != basis.rules:
        causes.append("changed rule")
    if before.reference_sha256 != basis.reference and not whole_drop:
        causes.append("changed reference")
    # An entry of an earlier version of the software has both in one hash.
    if before.decisions_sha256 not in (None, basis.decisions) and not whole_drop:
        causes.append("decided")
    return causes or ["changed history"]


def basis_of_stage(
    connection: duckdb.DuckDBPyConnection,
    month: str,
    stage: Stage,
    rules_sha256: str,
    reference_sha256: str,
    decisions_sha256: str,
) -> Basis:
    """The inputs that a stage of a month depends on: the registered files of its drop and the registered event files up
    to its horizon, with the given hashes.
    """
    events = connection.execute(
        "select drop || '/' || path, sha256 from raw.file_register where drop <> 'reference' and drop <= ? and "
        "verdict = 'loaded' "
        f"and input in ({', '.join('?' for _ in EVENT_INPUTS)}) order by all",
        [stage.horizon, *EVENT_INPUTS],
    ).fetchall()
    raw = connection.execute(
        "select path, sha256 from raw.file_register where drop = ? order by all", [month]
    ).fetchall()
    return Basis(_files_sha256(raw), reference_sha256, decisions_sha256, rules_sha256, _files_sha256(events))


def _files_sha256(rows: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256("\n".join(f"{path}\0{sha}" for path, sha in rows).encode()).hexdigest()


def reference_sha256_of(connection: duckdb.DuckDBPyConnection, key: str) -> tuple[str, str]:
    """Hash of every reference table as resolved for the month: the valid rows, whatever file they came from, without
    the differences from the month before. The second hash is of decisions and sign-offs.
    """
    digest, decided = hashlib.sha256(), hashlib.sha256()
    tables = connection.execute(
        "select table_name, list(column_name order by column_name) from duckdb_columns() where schema_name = "
        "'reference' and table_name <> 'change' "
        "group by table_name having list_contains(list(column_name), 'review_month') order by table_name"
    ).fetchall()
    for table, names in tables:
        kept = [n for n in names if not n.startswith("_") and n not in {"hr_src", "is_default", "review_month"}]
        columns = ", ".join(f'"{n}"' for n in kept)
        rows = connection.execute(
            f'select distinct {columns} from reference."{table}" where review_month = ? order by all', [key]
        ).fetchall()
        (decided if table in DECIDED else digest).update(f"{table}\0{rows!r}\n".encode())
    return digest.hexdigest(), decided.hexdigest()


def _compared(connection: duckdb.DuckDBPyConnection, output: str) -> list[str]:
    return [n for n, _ in columns_of(connection, output) if n not in WITHOUT_VERSION and n != "review_month"]


def _content_hashes(connection: duckdb.DuckDBPyConnection, output: str, keys: Sequence[str]) -> dict[str, str]:
    """Key → SHA-256 of its rows in published order."""
    return content_hashes(connection, f"calendar.{output}", output, _compared(connection, output), keys)


def content_hashes(
    connection: duckdb.DuckDBPyConnection, relation: str, output: str, names: Sequence[str], keys: Sequence[str]
) -> dict[str, str]:
    """Key → SHA-256 of its rows in a relation with `review_month`, in the order of the output. names: the columns
    hashed. One statement for all keys, read in pieces, so that memory does not grow with the rows.
    """
    columns = ", ".join(f"coalesce(cast(\"{n}\" as varchar), '~')" for n in names)
    cursor = connection.execute(
        f"select review_month, concat_ws(chr(31), {columns}) from {relation} where list_contains(?, "
        "review_month) "
        f"order by review_month, {order_by(names, output)}",
        [list(keys)],
    )
    digests = {key: hashlib.sha256(",".join(names).encode()) for key in keys}
    # The hashes in existing chains were computed over pieces of this many rows of a month, without a line end between
    # two pieces.
    waiting: dict[str, list[str]] = {key: [] for key in keys}
    while rows := cursor.fetchmany(PIECE):
        for key, same in groupby(rows, itemgetter(0)):
            texts = waiting[key] + [text for _, text in same]
            while len(texts) >= PIECE:
                digests[key].update("\n".join(texts[:PIECE]).encode())
                texts = texts[PIECE:]
            waiting[key] = texts
    for key, texts in waiting.items():
        digests[key].update("\n".join(texts).encode())
    return {key: digest.hexdigest() for key, digest in digests.items()}


def _delta(connection: duckdb.DuckDBPyConnection, part: Written, key: str, former: Path | None) -> tuple[int, int, int]:
    """Rows added, removed and changed compared with the previous version's Parquet file, by the key of the output."""
    path = former / part.parquet.name if former else None
    if path is None or not path.is_file():
        return part.rows, 0, 0
    # Folder names are not columns here: a version in the path would hide a column of the same name.
    quoted = str(path).replace("'", "''")
    file = f"read_parquet('{quoted}', hive_partitioning = false)"
    known = {row[0] for row in connection.execute(f"describe select * from {file}").fetchall()}
    names = [n for n in _compared(connection, part.output) if n in known]
    grain = [n for n in OUTPUT_ORDER[part.output] if n in names]
    same = " and ".join(f'o."{n}" is not distinct from n."{n}"' for n in grain)
    differs = " or ".join(f'o."{n}" is distinct from n."{n}"' for n in names)
    row = connection.execute(
        f"select count(*) filter (where o._there is null), count(*) filter (where n._there is null), "
        f"count(*) filter (where o._there and n._there and ({differs})) "
        f"from (select *, true as _there from {file}) as o "
        f"full join (select *, true as _there from calendar.{part.output} where review_month = ?) as n on {same}",
        [key],
    ).fetchall()[0]
    return int(row[0]), int(row[1]), int(row[2])
