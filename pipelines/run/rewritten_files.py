"""Files of the landing zone whose bytes were changed here, because persons were taken out of them: their hashes as they
are now, and the warehouse made to know them so, that they are not taken for files that were delivered anew.

Changes no file and decides about nobody.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.ingest.landing.files import readable_name, scan
from pipelines.publish.publications import REMOVED, file_sha256
from pipelines.substitution.values import Values
from pipelines.warehouse import insert_rows

# Sets of events that are made of raw rows when a drop is loaded; they are made again.
EVENT_SETS = ("use_cell", "device_cell", "lag_cell", "session_pair", "event_state")


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder that is no link, in order."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) if folder.is_dir() else []


def changed_hashes(
    connection: duckdb.DuckDBPyConnection, landing: Path, values: Values, before: Mapping[str, str]
) -> dict[str, str]:
    """SHA-256 of what a file of the landing zone was → what it is now, members of archives too.

    before: drop/path → hash. values: what was replaced, in names of files and members as well.
    """
    now = {name: path for name in before if (path := _place_of(landing, values, name)) is not None}
    found = {before[name]: file_sha256(path) for name, path in now.items()}
    changed = {name for name in now if found[before[name]] != before[name]}
    rows = connection.execute(
        "select distinct drop || '/' || path, sha256 from raw.file_register where contains(path, '!')"
    ).fetchall()
    for name, sha in rows:
        outer, *members = name.partition("#")[0].split("!")
        # The register may name it by what stands there now: the work was stopped after it was brought up to date.
        if outer in changed:
            names = [{member, values.text(member)} for member in members]
            if (made := _member_sha256(now[outer], names)) is not None:
                found[sha] = made
    return {old: new for old, new in found.items() if old not in {new, REMOVED}}


def _place_of(landing: Path, values: Values, name: str) -> Path | None:
    """Where a file is now, whose name may have held what was replaced."""
    return next((path for path in (landing / values.text(name), landing / name) if path.is_file()), None)


def _member_sha256(path: Path, members: Sequence[Collection[str]]) -> str | None:
    """Of a member of a member; each may be called by one of several names."""
    content = path.read_bytes()
    for names in members:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                name = next(n for n in archive.namelist() if readable_name(n) in names)
                content = archive.read(name)
        except (zipfile.BadZipFile, StopIteration, KeyError):
            return None
    return hashlib.sha256(content).hexdigest()


def know_as_now(
    connection: duckdb.DuckDBPyConnection, landing: Path, drops: Sequence[str], fingerprints: Mapping[str, str]
) -> None:
    """The drops known by what lies there now: their fingerprints, and the sizes of their files; of members of archives
    sizes stay what they were. Within the transaction that changes the rows.
    """
    for drop in drops:
        connection.execute(
            "update raw.drop_fingerprint set fingerprint = ? || case when contains(fingerprint, ':') then ':' || "
            "split_part(fingerprint, ':', 2) else '' end where drop = ?",
            [fingerprints[drop], drop],
        )
    rows = [(d, f.path, f.size) for d in drops for f in scan(landing / d)[0]]
    connection.execute("create or replace temp table _size (drop varchar, path varchar, bytes bigint)")
    insert_rows(connection, "_size", ("drop", "path", "bytes"), rows)
    for table in ("raw.file_register", "calendar.file_register"):
        connection.execute(
            f"update {table} as f set bytes = s.bytes from _size as s where s.drop = f.drop and s.path = "
            "split_part(f.path, '#', 1) and s.bytes <> f.bytes"
        )
    connection.execute("drop table _size")


def forget_event_sets(connection: duckdb.DuckDBPyConnection) -> None:
    """The next load makes them of the rows as they are now."""
    for table in EVENT_SETS:
        connection.execute(f"delete from raw.{table}")
