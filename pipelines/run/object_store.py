"""Landing zone and publication on an object store (S3): copied to the data folder before a run, and from it afterwards
(docs/decisions/0045). Everything in between works on the data folder only.

Converts objects to files and files to a snapshot, without knowing their content. obstore is imported late.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.errors import UserError
from pipelines.ingest.landing.files import DROP_NAME, REFERENCE_DROP
from pipelines.publish.publications import file_sha256
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock

log = logging.getLogger("selfaudit.progress")
CURRENT = "current.json"
SNAPSHOTS = "snapshots"
# The current snapshot, and the one that readers may still be using.
KEPT_SNAPSHOTS = 2
# Tables that commands write into the landing zone: once in the data folder, they are maintained there.
KEPT_HERE = {f"{REFERENCE_DROP}/dispositions.csv", f"{REFERENCE_DROP}/sign_offs.csv"}
CHUNK = 8 * 2**20
INSTALL = (
    "Install it into the environment of selfaudit: `pip install 'selfaudit[s3]'`, or `.venv/bin/pip install obstore`."
)


# Data folders whose landing zone this process has copied: a step of a run must not send an incomplete publication.
_BEGUN: set[Path] = set()


@contextmanager
def exchanged(settings: Settings) -> Iterator[None]:
    """Copy the landing zone in, run the block, send the publication out. The caller holds the writer's lock.

    If the block fails, nothing is sent: readers keep their snapshot. Raises UserError if the store cannot be read or
    written.
    """
    if settings.data in _BEGUN or not (settings.landing_store or settings.published_store):
        yield
        return
    bring_in(settings)
    _BEGUN.add(settings.data)
    try:
        yield
    finally:
        _BEGUN.discard(settings.data)
    send_out(settings)


def bring_in_if_free(settings: Settings) -> None:
    """Copy the landing zone in for a check of it. Raises BusyError while a run is in progress."""
    if settings.landing_store:
        with writer_lock(settings, wait=False):
            bring_in(settings)


def bring_in(settings: Settings) -> None:
    """Make the drops and the reference folder of the landing zone equal to the store; no effect without a store.

    Files that did not come from the store stay. Every new object is read before the first file is replaced.
    """
    if not settings.landing_store:
        return
    with _error_line(settings.landing_store, "The landing zone is as it was."):
        store = _open(settings.landing_store)
        memory = settings.state / "objects" / "landing.json"
        known = _remembered(memory, settings.landing_store)
        there = _listed(store, settings.landing_store)
        if known and not there:
            raise UserError(
                f"{settings.landing_store} holds no drop any more. Nothing is taken out of the landing zone for that: "
                f"correct SELFAUDIT_LANDING, or put the drops back; if it is meant, empty {settings.landing} and "
                f"remove {memory}."
            )
        here = {k for k in there if (settings.landing / k).is_file()}
        new = [k for k, tag in there.items() if k not in here or (known.get(k) != tag and k not in KEPT_HERE)]
        gone = sorted(known.keys() - there.keys() - KEPT_HERE)
        staged = settings.scratch / "landing"
        shutil.rmtree(staged, ignore_errors=True)
        try:
            for key in new:
                _download(store, key, staged / key)
            for key in gone:
                (settings.landing / key).unlink(missing_ok=True)
            for key in new:
                (settings.landing / key).parent.mkdir(parents=True, exist_ok=True)
                (staged / key).replace(settings.landing / key)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        _remember(memory, {"url": settings.landing_store, "objects": there})
        if new or gone:
            log.info(f"landing zone: {len(new)} files new or changed in {settings.landing_store}")


def send_out(settings: Settings) -> None:
    """Send the publication to the store as one snapshot, if it differs from the current one; no effect without a store.

    A snapshot is written completely before `current.json` names it, and never changes afterwards.
    """
    if not settings.published_store or not settings.published_database.is_file():
        return
    import obstore

    with _error_line(
        settings.published_store, "The data folder has the publication; readers of the store have the one before."
    ):
        store = _open(settings.published_store)
        files = {
            p.relative_to(settings.published).as_posix(): p
            for p in sorted(settings.published.rglob("*"))
            if p.is_file() and not p.is_symlink()
        }
        hashes = {name: file_sha256(path) for name, path in files.items()}
        snapshot = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
        before = _current(store)
        if before.get("snapshot") == snapshot:
            return
        folder, old = f"{SNAPSHOTS}/{snapshot}", before.get("files", {})
        for name, path in files.items():
            if old.get(name) == hashes[name]:
                obstore.copy(store, f"{SNAPSHOTS}/{before['snapshot']}/{name}", f"{folder}/{name}")
            else:
                obstore.put(store, f"{folder}/{name}", path)
        there = {m["path"].removeprefix(f"{folder}/"): m["size"] for m in _objects(store, folder)}
        if wrong := sorted(n for n, p in files.items() if there.get(n) != p.stat().st_size):
            raise UserError(f"{wrong[0]} is incomplete in {settings.published_store}. Run the same command again.")
        history = [snapshot, *(s for s in before.get("snapshots", []) if s != snapshot)][:KEPT_SNAPSHOTS]
        text = json.dumps({"snapshot": snapshot, "folder": folder, "snapshots": history, "files": hashes}, indent=1)
        obstore.put(store, CURRENT, text.encode())
        stale = [m["path"] for m in _objects(store, SNAPSHOTS) if m["path"].split("/")[1] not in history]
        if stale:
            obstore.delete(store, stale)
        log.info(f"published: snapshot {snapshot[:12]} in {settings.published_store}, {len(files)} files")


def _open(url: str) -> Any:
    try:
        from obstore.store import from_url  # late, and only if a store is set
    except ImportError:
        raise UserError(f"{url} needs the package obstore, which is not installed. {INSTALL}") from None
    # Address, region and credentials by the names of AWS in the environment.
    return from_url(url)


@contextmanager
def _error_line(url: str, stands: str) -> Iterator[None]:
    """A library error in one line, without the server's response, which may quote the request."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith("obstore") and not isinstance(error, FileNotFoundError):
            raise
        reason = str(error).split("\n", 1)[0].split(": <?xml", 1)[0][:300]
        raise UserError(
            f"{url} cannot be read or written ({reason}). {stands} Check that the address is "
            "correct and reachable, and that AWS_ACCESS_KEY_ID and the rest of the environment grant access."
        ) from error


def _objects(store: Any, prefix: str | None = None) -> Iterator[Mapping[str, Any]]:
    import obstore

    for batch in obstore.list(store, prefix):
        yield from batch


def _listed(store: Any, url: str) -> dict[str, str]:
    """Path in the landing zone → identifier of the object's version. For drops and the reference folder.

    Raises UserError for a name that is not a path inside a drop: an object may have any name.
    """
    found = {}
    for one in _objects(store):
        key = str(one["path"])
        parts = PurePosixPath(key).parts
        if not parts or not (DROP_NAME.fullmatch(parts[0]) or parts[0] == REFERENCE_DROP):
            continue
        if "/".join(parts) != key or ".." in parts or "\\" in key or not key.isprintable() or len(parts) < 2:
            raise UserError(f"{url} has an object {key!r:.200}, which is not a valid file name. Rename or remove it.")
        found[key] = f"{one['e_tag']} {one['size']}"
    for key in found:
        if above := [p for p in PurePosixPath(key).parents if str(p) in found]:
            raise UserError(f"{url} has {str(above[0])!r:.200} as a file and as a folder. Remove one of them.")
    return found


def _download(store: Any, key: str, path: Path) -> None:
    import obstore

    path.parent.mkdir(parents=True, exist_ok=True)
    answer = obstore.get(store, key)
    with path.open("wb") as file:
        for chunk in answer.stream(min_chunk_size=CHUNK):
            file.write(chunk)
    if path.stat().st_size != answer.meta["size"]:
        raise UserError(f"{key} changed while it was read. Run the same command again.")


def _current(store: Any) -> dict[str, Any]:
    """Content of the store's `current.json`; empty if nothing was sent yet, or if another program wrote it."""
    import obstore

    try:
        found = json.loads(bytes(obstore.get(store, CURRENT).bytes()))
    except FileNotFoundError:
        return {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else {}


def _remembered(memory: Path, url: str) -> dict[str, str]:
    if not memory.is_file():
        return {}
    found = json.loads(memory.read_text(encoding="utf-8"))
    return dict(found["objects"]) if found["url"] == url else {}


def _remember(memory: Path, content: Mapping[str, Any]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    aside = memory.with_suffix(".new")
    aside.write_text(json.dumps(content, indent=1), encoding="utf-8")
    aside.replace(memory)
