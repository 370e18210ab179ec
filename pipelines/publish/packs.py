"""Evidence packs: everything published for a month in one archive, and the check that nothing has changed since.

A pack holds the files of the outputs, the rule parameters as they were, and a manifest with the hash of every member
and every raw file and the month's entries of the chain. The same publication gives the same bytes. Does not rebuild
anything (`selfaudit replay` does).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb

from pipelines.failures.omissions import INPUT, OUTPUT, RULE, read
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.places import RECORDED, existing_file, file_of
from pipelines.publish.publications import (
    NOT_VERSIONED,
    Entry,
    archive_path,
    broken_link,
    file_sha256,
    months_removed,
    read_chain,
)
from pipelines.publish.record_check import compare_with_record, latest_entries

MANIFEST = "manifest.json"
PARAMETERS = "rule_parameters.csv"
# Archives store a date per member; a fixed one keeps the bytes identical.
EPOCH = (1980, 1, 1, 0, 0, 0)
# The folder of the company's own tables in the landing zone.
REFERENCE_DROP = "reference"
# The verdict of a file deleted at the end of its retention period.
TAKEN_AWAY = "removed"
# How the record refers to copies of the company's tables deleted at the end of their retention period.
OF_TABLES = "tables"
# A file name that contains a pseudonym, and so differs from the name in the landing zone.
VEILED_NAME = re.compile(r"person-[0-9a-f]{16}|\(withheld\)")


def pack_path(published: Path, month: str) -> Path:
    """Path of a month's pack."""
    return published / "packs" / f"{month}.zip"


def write_pack(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    scratch: Path,
    month: str,
    shown: Callable[[Sequence[str]], list[str]] = list,
) -> Path:
    """Write the pack of a month from its published files, by atomic rename. connection: the warehouse. shown: maps file
    names and sentences to the form in which they may be published.
    """
    members: dict[str, Path | bytes] = {}
    for output in OUTPUT_ORDER:
        if output not in NOT_VERSIONED:
            files = [file_of(published, output, month, form) for form in RECORDED]
            members |= {f"{output}/{p.name}": p for p in files if p.is_file()}
    members[PARAMETERS] = _parameters(connection, month)
    # The record up to the month's last entry, whatever the same run published for other months.
    chain = read_chain(connection)
    own = [e for e in chain if e.review_month == month]
    last = own[-1] if own else None
    manifest = {
        "review_month": month,
        "members": {name: _sha256(content) for name, content in sorted(members.items())},
        "raw_files": _raw_files(connection, own, month, shown),
        "publications": [asdict(e) for e in own],
        "chain_length": last.place if last else 0,
        "chain_hash": last.entry_hash if last else "",
    }
    # What the pack lacks, or contains from an earlier run.
    if lacking := sorted(
        {(u.kind, u.name) for u in read(connection) if u.review_month == month and u.kind in (OUTPUT, RULE, INPUT)}
    ):
        manifest["not_made"] = shown([f"{kind} {name}" for kind, name in lacking])
    members[MANIFEST] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    scratch.mkdir(parents=True, exist_ok=True)
    part = scratch / f"pack.{month}.zip"
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in sorted(members.items()):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content if isinstance(content, bytes) else content.read_bytes())
    target = pack_path(published, month)
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    return target


def verify_pack(pack: Path, published: Path, landing: Path) -> list[str]:
    """Every discrepancy of a pack, one sentence each; empty if everything that can be recomputed agrees.

    Compares the members with the manifest, the entries with the chain, the published files (naming the first differing
    byte), and the raw files that still exist. Raises ValueError if the file is not a pack.
    """
    try:
        with zipfile.ZipFile(pack) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            wrong = _members(archive, manifest, published)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{pack} is not an evidence pack of selfaudit, or it is damaged: {error}") from error
    for fields in manifest["publications"]:
        entry = Entry(**fields)
        if entry.entry_hash != entry.expected_hash():
            wrong.append(
                f"the entry of {entry.output}, version {entry.version}, in the pack was changed after it was written"
            )
    return wrong + raw_differences(manifest["raw_files"], landing, published)


def verify_publication(connection: duckdb.DuckDBPyConnection, published: Path, landing: Path) -> list[str]:
    """Every discrepancy of the whole publication: the chain, every partition against its latest entry, every previous
    version against its last entry, the rows of the published file against the partitions, and every raw file against
    the register.

    connection: the published DuckDB file.
    """
    chain = read_chain(connection)
    wrong = [sentence] if (sentence := broken_link(chain)) else []
    latest = {(e.output, e.review_month): e.version for e in chain}
    for entry in {(e.output, e.review_month, e.version): e for e in chain}.values():
        is_latest = entry.version == latest[entry.output, entry.review_month]
        folder = archive_path(published, entry.output, entry.review_month, entry.version)
        for form, expected in zip(RECORDED, (entry.parquet_sha256, entry.csv_sha256), strict=True):
            path = folder / f"{entry.output}.{form}"
            if is_latest:
                path = existing_file(published, entry.output, entry.review_month, form)
            if not expected:
                # The record says that this version was deleted.
                wrong += (
                    [f"{path} exists again, although the record says that it was removed"] if path.is_file() else []
                )
            elif not path.is_file():
                wrong.append(f"{path} is missing")
            elif file_sha256(path) != expected:
                wrong.append(f"{path} differs from what was published (version {entry.version})")
    wrong += compare_with_record(connection, published, latest_entries(chain), "published file")
    rows = connection.execute(
        "select distinct drop, path, sha256 from calendar.file_register where verdict is distinct from ? order by all",
        [TAKEN_AWAY],
    ).fetchall()
    return wrong + raw_differences([list(r) for r in rows], landing, published)


def raw_differences(raw_files: Sequence[Sequence[str]], landing: Path, published: Path) -> list[str]:
    """Raw files that are missing or have other bytes. raw_files: (drop, path, SHA-256); members of archives are judged
    by their archive. The company's own tables may change later, so for these an archived copy is accepted too.
    """
    wrong = []
    seen: dict[tuple[str, str], str] = {}
    for drop, path, sha in raw_files:
        if "!" in path or VEILED_NAME.search(path):
            continue
        seen[drop, path.split("#")[0]] = sha
    for (drop, name), sha in sorted(seen.items()):
        file = landing / drop / name
        if drop == REFERENCE_DROP and sha and _is_archived(published, sha):
            continue
        if not file.is_file():
            wrong.append(f"raw file {drop}/{name} is no longer in {landing}")
        elif sha and file_sha256(file) != sha:
            wrong.append(f"raw file {drop}/{name} has changed since it was loaded")
    return wrong


def archived_reference_path(published: Path, sha256: str) -> Path:
    """Path of the archived copy of a reference table that a publication was based on."""
    return published / "versions" / REFERENCE_DROP / sha256


def reference_hashes_of_pack(pack: Path) -> set[str]:
    """SHA-256 of each of the company's tables that a pack was based on. Raises ValueError if the file is not a pack."""
    try:
        with zipfile.ZipFile(pack) as archive:
            rows = json.loads(archive.read(MANIFEST))["raw_files"]
        return {sha for drop, _, sha in rows if drop == REFERENCE_DROP}
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{pack} is not an evidence pack of selfaudit, or it is damaged: {error}") from error


def _is_archived(published: Path, sha256: str) -> bool:
    paths = [archived_reference_path(folder, sha256) for folder in (published, published.parent / "named")]
    return any(path.is_file() and file_sha256(path) == sha256 for path in paths)


def archive_reference_files(connection: duckdb.DuckDBPyConnection, published: Path, landing: Path) -> None:
    """Archive every loaded reference file, each content once. A file that has changed since it was loaded is not
    archived: it will be loaded again.

    connection: the warehouse. published: the published folder, or the folder of files that name persons.
    """
    rows = connection.execute(
        "select distinct path, sha256 from raw.file_register where drop = ? and not contains(path, '!') order by all",
        [REFERENCE_DROP],
    ).fetchall()
    for name, sha in rows:
        source, target = landing / REFERENCE_DROP / name.split("#")[0], archived_reference_path(published, sha)
        if target.is_file() or not source.is_file() or file_sha256(source) != sha:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{sha}.part")
        shutil.copyfile(source, part)
        part.replace(target)


def first_difference(left: bytes, right: bytes) -> int:
    """Offset of the first byte in which two files differ; the length of the shorter file if it is a prefix of the
    other.
    """
    for offset, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return offset
    return min(len(left), len(right))


def _members(archive: zipfile.ZipFile, manifest: dict[str, dict[str, str]], published: Path) -> list[str]:
    wrong = []
    names = set(archive.namelist()) - {MANIFEST}
    for name in sorted(names - set(manifest["members"])):
        wrong.append(f"the pack contains {name}, which is not in its manifest")
    for name, expected in sorted(manifest["members"].items()):
        if name not in names:
            wrong.append(f"{name} is missing from the pack")
            continue
        content = archive.read(name)
        if hashlib.sha256(content).hexdigest() != expected:
            wrong.append(f"{name} in the pack does not match its manifest")
        output, _, file = name.partition("/")
        beside = existing_file(published, output, str(manifest["review_month"]), file.rpartition(".")[2])
        if file and beside.is_file() and (now := beside.read_bytes()) != content:
            wrong.append(f"{name} in the pack and {beside} differ from byte {first_difference(content, now):,} on")
    return wrong


def _sha256(content: Path | bytes) -> str:
    return file_sha256(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()


def _raw_files(
    connection: duckdb.DuckDBPyConnection, own: Sequence[Entry], month: str, shown: Callable[[Sequence[str]], list[str]]
) -> list[list[str]]:
    # If the archived copies were deleted, the present tables are not the ones the month was based on.
    tables = "" if month in months_removed(own, OF_TABLES) else REFERENCE_DROP
    rows = connection.execute(
        "select distinct drop, path, sha256 from raw.file_register where drop in (?, ?) and verdict is distinct from ? "
        "order by all",
        [month, tables, TAKEN_AWAY],
    ).fetchall()
    return [[drop, path, sha] for (drop, _, sha), path in zip(rows, shown([r[1] for r in rows]), strict=True)]


def _parameters(connection: duckdb.DuckDBPyConnection, month: str) -> bytes:
    """The rule parameters valid in the month, as CSV."""
    cursor = connection.execute(
        "select rule_id, parameter, value, valid_from, valid_to from reference.rule_parameters where review_month = ? "
        "order by all",
        [month],
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["rule_id", "parameter", "value", "valid_from", "valid_to"])
    writer.writerows(cursor.fetchall())
    return text.getvalue().encode()
