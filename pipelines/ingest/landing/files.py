"""Files of the landing zone: which there are, how they are called in words, what their bytes are.

Hashes and magic numbers. Does not unpack (`archives`), looks at no header and no row (`tables`), and never writes into
the landing zone.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.limits import MAX_MANIFEST_BYTES
from pipelines.ingest.landing.manifests import is_manifest

CHUNK = 1 << 20
DROP_NAME = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
REFERENCE_DROP = "reference"
LEFT_BEHIND = (
    (re.compile(r"~\$.*"), "Excel keeps it beside a workbook that is open"),
    (re.compile(r"\.~lock\..*#"), "LibreOffice keeps it beside a file that is open"),
    (re.compile(r"\.DS_Store"), "macOS keeps its view of the folder in it"),
    (re.compile(r"thumbs\.db", re.IGNORECASE), "Windows keeps thumbnails in it"),
    (re.compile(r"desktop\.ini", re.IGNORECASE), "Windows keeps its view of the folder in it"),
)
LINK = "a link or device, which is not followed: put the file itself here"
TOO_DEEP = "lies too deep in folders within folders to be opened: move it up"


class FileDamageError(Exception):
    """A file that cannot be read; the message names the damage."""


@dataclass(frozen=True)
class LandingFile:
    """A file of a drop: its path inside the drop (with /, as `readable_name`), where it lies, size, hash. `problem` if
    it must not be opened.

    stamp: how the file stood before it was hashed (`stamp_of`), to notice that it changed while it was read.
    """

    path: str
    real: Path
    size: int
    sha256: str
    problem: str = ""
    stamp: tuple[int, ...] = ()


def list_drops(landing: Path) -> list[str]:
    """Names of the drops (folders YYYY-MM) in order."""
    return (
        sorted(p.name for p in landing.iterdir() if p.is_dir() and DROP_NAME.fullmatch(p.name))
        if landing.is_dir()
        else []
    )


def readable_name(name: str) -> str:
    """A name of a file as text that can be shown and stored: bytes that are not UTF-8, and characters that would move
    the cursor, end the line or show what follows backwards, as `\\xe9` and `\\x0a`. Any other name is left as it is.
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(ascii(c)[1:-1] if _moves(c) else c for c in text)


def _moves(c: str) -> bool:
    """Whether a character moves the cursor, ends the line, or turns the direction of what follows (Unicode UAX 9)."""
    turns = unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return turns or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")


def left_by_program(path: str) -> str:
    """What a file is that a program leaves behind and nobody delivers (lock files, views of folders), by its name; ''
    for any other.
    """
    parts = path.replace("!", "/").split("/")
    if "__MACOSX" in parts or parts[-1].startswith("._"):
        return "macOS keeps properties of another file in it"
    return next((what for pattern, what in LEFT_BEHIND if pattern.fullmatch(parts[-1])), "")


def holds_files(folder: Path) -> bool:
    """Whether anything but manifests and files of programs lies in a folder or below it: a folder that was only
    prepared is no drop yet.
    """
    return any(not is_manifest(name) and not left_by_program(name) for _, _, names in os.walk(folder) for name in names)


def drops_with_files(landing: Path) -> list[str]:
    """Names of the drops that hold at least one file; a folder that is empty or holds manifests only is no delivery."""
    return [d for d in list_drops(landing) if holds_files(landing / d)]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read by chunks: of those that it has at the beginning, as one that is being written
    may grow faster than it is read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        left = os.fstat(handle.fileno()).st_size
        while left > 0 and (chunk := handle.read(min(left, CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def stamp_of(path: Path) -> tuple[int, ...]:
    """Size, times and number of a file: another where its bytes are others. Empty if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # a path that is too long to be asked about
        return False


def _refused(folder: Path, real: Path, problem: str) -> LandingFile:
    path = readable_name(real.relative_to(folder).as_posix())
    return LandingFile(path, real, 0, hashlib.sha256(path.encode()).hexdigest(), problem)


def scan(folder: Path) -> tuple[list[LandingFile], dict[str, bytes]]:
    """Every file below a drop in byte order of its path, and the manifests (path → bytes). Links are not followed."""
    files: list[LandingFile] = []
    manifests: dict[str, bytes] = {}

    def unreadable(error: OSError) -> None:
        # A folder that cannot be read is an error and not an empty one.
        if error.errno != errno.ENAMETOOLONG:
            raise error
        files.append(_refused(folder, Path(os.fsdecode(error.filename)), TOO_DEEP))

    for base, folders, names in os.walk(folder, onerror=unreadable) if folder.is_dir() else ():
        for name in list(folders):
            if _is_link(Path(base) / name):
                folders.remove(name)
                names.append(name)
        for name in names:
            real = Path(base) / name
            path = readable_name(real.relative_to(folder).as_posix())
            try:
                if real.is_symlink() or not real.is_file():
                    files.append(_refused(folder, real, LINK))
                    continue
                if is_manifest(name):
                    with real.open("rb") as handle:
                        # One byte more than is accepted shows that it is too long.
                        manifests[path] = handle.read(MAX_MANIFEST_BYTES + 1)
                else:
                    stamp = stamp_of(real)
                    files.append(LandingFile(path, real, real.stat().st_size, sha256_of(real), stamp=stamp))
            except OSError as error:
                too_deep = error.errno == errno.ENAMETOOLONG
                files.append(_refused(folder, real, TOO_DEEP if too_deep else f"cannot be read: {error.strerror}"))
    files.sort(key=lambda f: os.fsencode(f.real))
    return files, manifests


def _without_mark(head: bytes) -> str:
    """Whether bytes with zeros in them are UTF-16 without a byte order mark: nearly every other byte is zero, since
    nearly every character is ASCII.
    """
    first, second = head[: len(head) & ~1 : 2], head[1::2]
    for kind, high, low in (("utf16le", second, first), ("utf16be", first, second)):
        if len(low) > 8 and high.count(0) > 0.7 * len(high) and 0 not in low:
            return kind
    return "binary"


def kind_of(head: bytes) -> str:
    """What bytes begin with: empty, gzip, zip, ole, json, text, utf16le, utf16be, binary."""
    if not head:
        return "empty"
    for magic, kind in (
        (b"\x1f\x8b", "gzip"),
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06", "zip"),
        (b"\xd0\xcf\x11\xe0", "ole"),
        (b"\xff\xfe", "utf16le"),
        (b"\xfe\xff", "utf16be"),
    ):
        if head.startswith(magic):
            return kind
    if b"\x00" in head:
        return _without_mark(head)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        return "empty"
    return "json" if text[:1] in b"{[" else "text"
