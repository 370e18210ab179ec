"""Plain copies of what archives hold: gzip files, members of zip files. Every one is measured before it is unpacked.

Names of members are only names: nothing is written under them. What is in a copy is `files.kind_of` and the readers.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

from pipelines.contracts.limits import (
    LEAST_UNPACKED,
    MAX_DIRECTORY_BYTES,
    MAX_MEMBERS,
    MAX_SWELL,
    MAX_UNPACKED,
    MAX_WORKBOOK_ENTRIES,
    beyond,
    beyond_bytes,
)
from pipelines.errors import is_of_surroundings
from pipelines.ingest.landing.files import CHUNK, FileDamageError

SPLIT = "put what is needed into the folder of the month unpacked, or in several archives"
# What the libraries of archives raise where one is damaged, or packed in a way that they do not know.
DAMAGES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, struct.error)
NOT_UNPACKED = "its content cannot be unpacked"
# What each of them means to a user; an error of several kinds is the first. A RuntimeError is what zipfile raises for a
# password, and its subclass for a packing that it does not know.
IN_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (zlib.error, NOT_UNPACKED),
    (lzma.LZMAError, NOT_UNPACKED),
    (EOFError, "it ends too early"),
    (gzip.BadGzipFile, "its checksum or its header is wrong"),
    (RuntimeError, "it is encrypted, or packed in a way that is not known; pack it again as .zip without a password"),
    (UnicodeError, "a name in it is not the text that it says"),
)
NO_NAME = "(no name)"
# Characters of a sentence about an archive that are shown: names of members stand in some.
SHOWN_CHARS = 200
# Of a member's local header, before its name (PKWARE APPNOTE 4.3.7).
LOCAL_HEADER = 30


@dataclass
class Allowance:
    """What the unpacking of one delivered file may still take: archive members, and bytes in the scratch folder."""

    members: int
    unpacked: int

    @classmethod
    def of(cls, size: int) -> Allowance:
        """The allowance of a delivered file of that many bytes."""
        return cls(MAX_MEMBERS, min(max(size * MAX_SWELL, LEAST_UNPACKED), MAX_UNPACKED))


def gunzip(source: Path, target: Path, allowance: Allowance) -> None:
    """The content of a .gz in a plain file. Raises FileDamageError if it is truncated, damaged or swells beyond the
    limit.
    """
    try:
        with gzip.open(source, "rb") as handle:
            _copy_limited(handle, target, allowance)
    except DAMAGES as error:
        raise damaged("gzip file", error) from error


def damaged(what: str, error: Exception) -> FileDamageError:
    """What is wrong with an archive, in our words. what: "zip file". Raises the error where it is not the file's (a
    full disk).
    """
    if isinstance(error, OSError) and is_of_surroundings(error):
        raise error
    return FileDamageError(f"the {what} is damaged: {_in_words(error)}")


def _in_words(error: Exception) -> str:
    for kind, words in IN_WORDS:
        if isinstance(error, kind):
            return words
    # Only this kind is quoted: others name members, which can say anything.
    if isinstance(error, zipfile.BadZipFile):
        return str(error)[:SHOWN_CHARS]
    if isinstance(error, OSError) and error.errno is None:
        return NOT_UNPACKED
    if isinstance(error, OSError) and error.errno != errno.EINVAL:
        return f"it cannot be read ({error.strerror})"
    return "a number in it is wrong"


def _copy_limited(handle: IO[bytes] | gzip.GzipFile, target: Path, allowance: Allowance) -> str:
    digest = hashlib.sha256()
    limit = allowance.unpacked
    with target.open("wb") as out:
        while chunk := handle.read(CHUNK):
            allowance.unpacked -= len(chunk)
            if allowance.unpacked < 0:
                raise FileDamageError(f"the archive unpacks to more than {limit >> 20} MB, so it was not unpacked")
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def members(source: Path, scratch: Path, stem: str, allowance: Allowance) -> Iterator[tuple[str, Path, str]]:
    """(name, plain copy, sha256) of every member of a zip, in the archive's order.

    Raises FileDamageError for a damaged, encrypted or swelling archive, and for one with too many members or members
    that overlap; then nothing of it was unpacked.
    """
    try:
        with opened(source, MAX_MEMBERS) as archive:
            infos = [i for i in archive.infolist() if not i.filename.endswith("/")]
            _measure(infos, allowance)
            for number, info in enumerate(infos):
                if info.flag_bits & 0x1:
                    raise FileDamageError(f"the archive member {info.filename} is encrypted")
                target = scratch / f"{stem}_m{number}"
                with archive.open(info) as handle:
                    digest = _copy_limited(handle, target, allowance)
                yield info.filename or NO_NAME, target, digest
    except DAMAGES as error:
        raise damaged("zip file", error) from error


def _measure(infos: list[zipfile.ZipInfo], allowance: Allowance) -> None:
    """Take the members off the allowance. Raises FileDamageError where they are too many, or swell, by what the archive
    says of them.
    """
    if len(infos) > allowance.members:
        raise FileDamageError(beyond("the archive holds {} files", len(infos), MAX_MEMBERS, SPLIT))
    allowance.members -= len(infos)
    for info in infos:
        if info.file_size > max(info.compress_size * MAX_SWELL, LEAST_UNPACKED):
            raise FileDamageError(
                f"the archive member {info.filename} unpacks to {info.file_size >> 20} MB, so it was not unpacked"
            )
    unpacked = sum(i.file_size for i in infos)
    if unpacked > allowance.unpacked:
        raise FileDamageError(
            beyond_bytes("the archive unpacks to {}, so it was not unpacked", unpacked, allowance.unpacked, SPLIT)
        )
    by_place = sorted(infos, key=lambda i: i.header_offset)
    for one, other in pairwise(by_place):
        if one.header_offset + LOCAL_HEADER + one.compress_size > other.header_offset:
            raise FileDamageError(
                f"the archive members {one.filename} and {other.filename} overlap, as in a zip bomb; it was "
                "not unpacked"
            )


def opened(source: Path, most: int) -> zipfile.ZipFile:
    """A zip file whose list of contents is of a sensible length. most: the entries that are accepted.

    Raises FileDamageError where it has more, and what zipfile raises where it is damaged.
    """
    if (size := _directory_bytes(source)) > MAX_DIRECTORY_BYTES:
        raise FileDamageError(
            beyond_bytes("the list of contents of the archive has {}", size, MAX_DIRECTORY_BYTES, SPLIT)
        )
    archive = zipfile.ZipFile(source)
    if (found := len(archive.infolist())) > most:
        archive.close()
        raise FileDamageError(beyond("the archive holds {} files", found, most, SPLIT))
    return archive


def _directory_bytes(source: Path) -> int:
    """Bytes of the list of contents as the end of the archive states them, 0 where no such end is found."""
    with source.open("rb") as handle:
        size = handle.seek(0, 2)
        first = max(0, size - (1 << 16) - 22)
        handle.seek(first)
        tail = handle.read()
        place = tail.rfind(b"PK\x05\x06")
        if place < 0 or place + 16 > len(tail):
            return 0
        (stated,) = struct.unpack("<I", tail[place + 12 : place + 16])
        locator = tail[place - 20 : place] if place >= 20 else b""
        if not locator.startswith(b"PK\x06\x07"):
            return int(stated)
        # The record of an archive with more or larger members than the old form can state.
        handle.seek(min(struct.unpack("<Q", locator[8:16])[0], size))
        record = handle.read(56)
        return (
            int(struct.unpack("<Q", record[40:48])[0]) if record.startswith(b"PK\x06\x06") and len(record) == 56 else 0
        )


def workbook_form(path: Path) -> str:
    """Which workbook a zip is: xlsx, xlsb, ods; '' if it is none. Raises FileDamageError if the zip cannot be
    opened.
    """
    try:
        with opened(path, MAX_WORKBOOK_ENTRIES) as archive:
            names = set(archive.namelist())
    except DAMAGES as error:
        raise damaged("zip file or workbook", error) from error
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        return "xlsx"
    return "ods" if {"mimetype", "content.xml"} <= names else ""
