"""The list of files that a seal stands for, in the form of `sha256sum`, by paths below the data folder; and what
differs from it.

Listed: what is published, the warehouse, the software's own files that a next run builds on, and what was delivered.
Not listed: the seals themselves, scratch, logs, Dagster's storage, the mailbox (what was taken from it is listed).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.publish.publications import file_sha256

FOLDER = "seals"
# Folders and files below the data folder, and what is left out below them.
_LISTED = (
    "published",
    "named",
    "warehouse",
    "state/dbt",
    "state/rules_fingerprint",
    "state/views_fingerprint",
    "landing",
)
_NOT = (
    f"published/{FOLDER}/",
    f"named/{FOLDER}/",
    "state/dbt/logs/",
    "landing/decisions/",
    "warehouse/scratch/",
    "warehouse/replay/",
    "warehouse/what-if/",
)
_BUT = ("landing/decisions/taken/",)
LANDING = "landing/"
# What stands for a file that is a link, or no file: no hash.
NO_FILE = "0" * 64
# What `differences` says of a file → the same as a predicate.
IN_WORDS = {"changed": "was changed", "missing": "was removed", "new": "was added"}


def hashes(data: Path, without: str = "") -> dict[str, str]:
    """Path below the data folder → SHA-256 of every file that a seal stands for. without: the beginning of paths that
    are left out. Files that go while this looks are left out.
    """
    found = {}
    for name, path in _files(data):
        if without and name.startswith(without):
            continue
        try:
            found[name] = NO_FILE if path.is_symlink() else file_sha256(path)
        except OSError:
            continue
    return found


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    """Every file that is listed, links too; what they lead to is not looked at."""
    for top in _LISTED:
        start = data / top
        if start.is_file() or start.is_symlink():
            yield top, start
            if not start.is_dir():
                continue
        for base, folders, names in os.walk(start):
            folders.sort()
            for folder in [f for f in folders if (Path(base) / f).is_symlink()]:
                names.append(folder)
            for name in sorted(names):
                path = Path(base) / name
                shown = path.relative_to(data).as_posix()
                if path.is_fifo() or path.is_socket():
                    continue
                if not shown.startswith(_NOT) or shown.startswith(_BUT):
                    yield shown, path


def as_text(listed: Mapping[str, str]) -> bytes:
    """The list as `sha256sum` writes it and `sha256sum --check` reads it; a name with a backslash or a line end in it
    is escaped.
    """
    lines = []
    for name, sha in sorted(listed.items()):
        escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        lines.append(f"{'' if escaped == name else chr(92)}{sha}  {escaped}\n")
    return "".join(lines).encode(errors="surrogateescape")


def from_text(text: bytes) -> dict[str, str]:
    """The list again. Raises ValueError for a line that is none."""
    found = {}
    # A name may hold other characters that end a line elsewhere (U+2028, a form feed).
    for line in text.decode(errors="surrogateescape").removesuffix("\n").split("\n") if text else ():
        is_escaped = line.startswith("\\")
        sha, separator, name = line.removeprefix("\\").partition("  ")
        if len(sha) != 64 or not separator:
            raise ValueError(f"'{line[:80]}' is not a line of sha256sum")
        if is_escaped:
            name = name.replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")
        found[name] = sha
    return found


def differences(listed: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """Path → what became of it since it was listed, a key of IN_WORDS."""
    found = dict.fromkeys(listed.keys() - there.keys(), "missing")
    found |= dict.fromkeys(there.keys() - listed.keys(), "new")
    found |= {name: "changed" for name in listed.keys() & there.keys() if listed[name] != there[name]}
    return dict(sorted(found.items()))


def is_delivered(name: str) -> bool:
    """Whether a path is one of the landing zone, where people add and mend files between runs."""
    return name.startswith(LANDING)
