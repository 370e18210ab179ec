"""Exit codes, UserError, and errors of the system and of DuckDB in one line each: a full disk, a folder that cannot be
written, a warehouse that cannot be opened.

Knows the words of the operating system and of DuckDB, and what to do about them. Opens nothing but probe files, and
mends nothing.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import Settings

# Exit codes of every command; what they mean to a scheduler is said in docs and in pipelines/guide/commands.py.
DONE, FAILED, WRONG_USE, NOT_ALL_ASSESSED, DONE_IN_PART = 0, 1, 2, 3, 4

STANDS = "The previous publication is unchanged."


class UserError(Exception):
    """Something the user can mend; the message says what, where and what to do."""


@dataclass(frozen=True)
class _Fault:
    """Words that betray a fault, and what to say of it: {where} is the path that was named, {data} the data folder,
    {warehouse} its warehouse.
    """

    words: re.Pattern[str]
    text: str


def _fault(words: str, text: str) -> _Fault:
    return _Fault(re.compile(words, re.IGNORECASE), text)


_AGAIN = "the next run makes it again from the landing zone, and the record of publications goes on"
_FAULTS = (
    _fault(
        r"No space left on device|Errno 28\b|Disk quota exceeded|Errno 122\b|max_temp_directory_size|disk is full",
        "The disk is full{at}. Free some space (a run needs about three times what {data}/warehouse and "
        "{data}/published take) and run the same command "
        f"again. {STANDS}",
    ),
    _fault(
        r"Read-only file system|Errno 30\b",
        "{where} is read-only. A run writes to {data}/published, {data}/warehouse and {data}/state: make them "
        "writable, or choose another folder with "
        f"--data. {STANDS}",
    ),
    _fault(
        r"cross-device link|Errno 18\b",
        "{where} lies on another volume than {data}/warehouse, so that a finished file cannot be moved into place in "
        "one step. Keep published, warehouse and state of a "
        f"data folder on one volume. {STANDS}",
    ),
    _fault(
        r"read a database file with (?:storage )?version number|newer version of DuckDB|storage version greater",
        "{warehouse} was written by a newer DuckDB than this one. Install the versions of requirements.lock, or move "
        "the file away: "
        f"{_AGAIN}. {STANDS}",
    ),
    _fault(
        r"not a valid DuckDB database|Corrupt database|corrupt(?:ed|ion)?\b|computed checksum|Serialization "
        r"Error|Failed to deserialize|WAL file",
        "{where_or_warehouse} is damaged and cannot be opened. Move it away (with the .wal file beside it): "
        + f"{_AGAIN}. {STANDS}",
    ),
    _fault(
        r"Conflicting lock is held|Could not set lock|lock on file",
        "{where_or_warehouse} is open in another program. Close it and run the same command again; readers open "
        "{data}/published/selfaudit.duckdb.",
    ),
    _fault(
        r"Permission denied|Errno 13\b|Operation not permitted|Errno 1\b|permissions",
        "{where} cannot be read or written: permission denied. Give the user that runs selfaudit the right to read "
        "the landing zone and to write "
        f"{{data}}/published, {{data}}/warehouse and {{data}}/state. {STANDS}",
    ),
    _fault(
        r"Input/output error|Errno 5\b",
        "{where} cannot be read or written: the device reports an error. Check the disk, then run the same command "
        "again. " + STANDS,
    ),
)
_QUOTED = re.compile(r"[\"'](/[^\"']+)[\"']")


def in_words(text: str, settings: Settings) -> str | None:
    """One line that says what happened, where and what to do; None where the text tells of none of these faults."""
    for fault in _FAULTS:
        if fault.words.search(text):
            named = _QUOTED.findall(text)
            where = named[0] if named else ""
            return fault.text.format(
                where=where or f"A folder below {settings.data}",
                where_or_warehouse=where or settings.warehouse,
                at=f" ({where})" if where else "",
                data=settings.data,
                warehouse=settings.warehouse,
            )
    return None


def of_error(error: BaseException, settings: Settings) -> str:
    """One line for an error that nobody expected: in words where they are known, else its kind and its first line."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, OSError) and error.filename and str(error.filename) not in text:
        text = f"{text}: '{error.filename}'"
    if type(error).__module__.startswith("pipelines."):
        return text
    return in_words(text, settings) or f"{type(error).__name__}: {text.splitlines()[0]}"


# What concerns everything that a run does, and not one file or model of it.
_EVERYWHERE = re.compile(
    r"No space left on device|Errno 28\b|Disk quota exceeded|Errno 122\b|max_temp_directory_size|disk is "
    r"full|Input/output error|Errno 5\b"
    # Somebody stopped the command while DuckDB worked.
    r"|Query interrupted|INTERRUPT Error"
    r"|Corrupt database|computed checksum|Failed to deserialize|database has been invalidated|Conflicting lock is "
    r"held|Could not set lock",
    re.IGNORECASE,
)


def is_of_surroundings(error: BaseException | str) -> bool:
    """Whether an error, or the text of one, tells of the machine (a full disk, a damaged warehouse) and not of what was
    being made: nothing else can be made then either.
    """
    if isinstance(error, str):
        return bool(_EVERYWHERE.search(error))
    if isinstance(error, MemoryError):
        return True
    cause: BaseException | None = error
    while cause is not None:
        if _EVERYWHERE.search(f"{cause}"):
            return True
        cause = cause.__cause__
    return False


def root_in_one_line(error: BaseException) -> str:
    """What the error that began it says, in one line: its kind and its first line."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def step_failed(step: str, cause: str) -> str:
    """The line that says which step of a run failed and why. cause: kind and text; an error of our own speaks for
    itself, others keep their kind.
    """
    return f"step {step} failed: {re.sub(r'^pipelines[.][A-Za-z0-9_.]+: ', '', cause.strip())}"


def first_cause(error: BaseException) -> str:
    """Kind and text of the error that began it."""
    while error.__cause__ is not None:
        error = error.__cause__
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {error}"


def of_surroundings() -> tuple[type[Exception], ...]:
    """Kinds of errors that come from outside: of the operating system, of DuckDB where it was loaded, of a warehouse of
    another version.
    """
    found: list[type[Exception]] = [OSError]
    for module, name in (("duckdb", "Error"), ("pipelines.ingest.write.schema", "WarehouseVersionError")):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def refusal(settings: Settings) -> str | None:
    """Why a run could not end, found before it begins: the first folder that cannot be read or written, in words. None
    if all can.
    """
    for step in (_landing_readable, _writable):
        try:
            step(settings)
        except OSError as error:
            return of_error(error, settings)
    return None


def _landing_readable(settings: Settings) -> None:
    if not settings.landing.is_dir():
        return
    for base, folders, _ in os.walk(settings.landing, onerror=_raise):
        for name in folders:
            folder = Path(base) / name
            if not folder.is_symlink() and not os.access(folder, os.R_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _raise(error: OSError) -> None:
    raise error


def _writable(settings: Settings) -> None:
    """A file can be written in every folder that a run writes, and moved from the scratch folder to the published
    one.
    """
    settings.scratch.mkdir(parents=True, exist_ok=True)
    probe = settings.scratch / ".probe"
    for folder in (settings.state, settings.warehouse.parent, settings.published):
        folder.mkdir(parents=True, exist_ok=True)
        moved = folder / ".probe"
        try:
            moved.write_bytes(b"")
            if folder == settings.published:
                probe.write_bytes(b"")
                probe.replace(moved)
        except OSError as error:
            raise OSError(error.errno, os.strerror(error.errno or 0), str(folder)) from error
        finally:
            for path in (probe, moved):
                _forget(path.unlink)


def _forget(remove: Callable[..., None]) -> None:
    try:
        remove(missing_ok=True)
    except OSError:
        return
