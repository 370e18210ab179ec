"""Files of the landing zone whose bytes this software changed, because persons were removed from them: their new
hashes, and updating the warehouse so that they are not taken for new deliveries.

Changes no file and decides about no person.
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

# Event sets derived from raw rows when a drop is loaded; they are made again.
EVENT_SETS = ("use_cell", "device_cell", "lag_cell", "session_pair", "event_state")


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder, without links, in order."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) if folder.is_dir() else []


def changed_hashes(
    connection: duckdb.DuckDBPyConnection, landing: Path, values: Values, before: Mapping[str, str]
) -> dict[str, str]:
    """Former SHA-256 of a file of the landing zone → present one, including members of archives.

    before: drop/path → hash. values: the replaced values, which may occur in names of files and members as well.
    """
    now = {name: path for name in before if (path := _place_of(landing, values, name)) is not None}
    found = {before[name]: file_sha256(path) for name, path in now.items()}
    changed = {name for name in now if found[before[name]] != before[name]}
    rows = connection.execute(
        "select distinct drop || '/' || path, sha256 from raw.file_register where contains(path, '!')"
    ).fetchall()
    for name, sha in rows:
        outer, *members = name.partition("#")[0].split("!")
        # The register may have the present hash already: the work was interrupted after the register was updated.
        if outer in changed:
            names = [{member, values.text(member)} for member in members]
            if (made := _member_sha256(now[outer], names)) is not None:
                found[sha] = made
    return {old: new for old, new in found.items() if old not in {new, REMOVED}}


def _place_of(landing: Path, values: Values, name: str) -> Path | None:
    """Present path of a file whose name may have contained a replaced value."""
    return next((path for path in (landing / values.text(name), landing / name) if path.is_file()), None)


def _member_sha256(path: Path, members: Sequence[Collection[str]]) -> str | None:
    """SHA-256 of a member, possibly nested; each level may have one of several names."""
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
    """Update the stored fingerprints of the drops and the sizes of their files to the present ones; for members of
    archives the sizes are unchanged. Within the transaction that changes the rows.
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
    """Delete the event sets; the next load makes them from the present rows."""
    for table in EVENT_SETS:
        connection.execute(f"delete from raw.{table}")
