"""The list of files that a seal covers, in the format of `sha256sum`, with paths relative to the data folder; and the
differences from it.

Listed: what is published, the warehouse, the software's own files that the next run builds on, and what was delivered.
Not listed: the seals themselves, scratch, logs, Dagster's storage, the mailbox (files taken from it are listed).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.publish.publications import file_sha256

FOLDER = "seals"
# Folders and files below the data folder, and the exclusions below them.
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
# Placeholder for the hash of a link or of anything that is not a regular file.
NO_FILE = "0" * 64
# Result of `differences` → the same as a predicate of a sentence.
IN_WORDS = {"changed": "was changed", "missing": "was removed", "new": "was added"}


def hashes(data: Path, without: str = "") -> dict[str, str]:
    """Path below the data folder → SHA-256 of every file that a seal covers. without: path prefixes to leave out. Files
    deleted meanwhile are left out.
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
    """Every listed file, including links; links are not followed."""
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
    """The list as `sha256sum` writes it and `sha256sum --check` reads it; a name with a backslash or a line end is
    escaped.
    """
    lines = []
    for name, sha in sorted(listed.items()):
        escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        lines.append(f"{'' if escaped == name else chr(92)}{sha}  {escaped}\n")
    return "".join(lines).encode(errors="surrogateescape")


def from_text(text: bytes) -> dict[str, str]:
    """Parse the list. Raises ValueError if a line is malformed."""
    found = {}
    # A name may contain other characters that Python treats as line ends (U+2028, form feed).
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
    """Path → how it has changed since it was listed, a key of IN_WORDS."""
    found = dict.fromkeys(listed.keys() - there.keys(), "missing")
    found |= dict.fromkeys(there.keys() - listed.keys(), "new")
    found |= {name: "changed" for name in listed.keys() & there.keys() if listed[name] != there[name]}
    return dict(sorted(found.items()))


def is_delivered(name: str) -> bool:
    """Whether a path is in the landing zone, where people add and correct files between runs."""
    return name.startswith(LANDING)
