"""Files that people drop beside their exports and that hold no table that can be read: documents, pictures, archives,
databases, messages. Looks at marks in the bytes only; what is read is not known here.

The marks are data (`contracts/known_forms.csv`). `bytes`: the first bytes in hexadecimal, `??` for any; `tar`: those at
257; `ole`: the name of a stream of a compound file; `member`: of a file in a zip.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pipelines.contracts
from pipelines.contracts.limits import MAX_WORKBOOK_ENTRIES
from pipelines.ingest.landing.archives import DAMAGES, opened

TAR_MARK = 257
# Lines at the beginning of a message, of which it has these and others.
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z-]{1,40}:[ \t]|[ \t]+\S")
_OF_MESSAGE = (b"subject:", b"from:", b"content-type:")
MESSAGE = "this is a message (.eml): save its attachment and hand in that"


@cache
def _known() -> dict[str, tuple[tuple[str, str], ...]]:
    """Kind of mark → (mark, what to say)."""
    found: dict[str, list[tuple[str, str]]] = {}
    with (Path(pipelines.contracts.__file__).parent / "known_forms.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["kind"], []).append((row["mark"], f"this is {row['what']}: {row['advice']}"))
    return {kind: tuple(marks) for kind, marks in found.items()}


def foreign_bytes(head: bytes) -> str:
    """What a file is that begins so and cannot be read, and what to do; '' for any other."""
    for kind, begin in (("bytes", 0), ("tar", TAR_MARK)):
        for mark, said in _known()[kind]:
            wanted = [mark[i : i + 2] for i in range(0, len(mark), 2)]
            there = head[begin : begin + len(wanted)]
            if len(there) == len(wanted) and all(w in ("??", f"{b:02x}") for w, b in zip(wanted, there, strict=True)):
                return said
    return MESSAGE if _is_message(head) else ""


def foreign_stream(head: bytes) -> str:
    """The same for a compound file of Microsoft's (OLE), by the names of its streams."""
    return next((said for mark, said in _known()["ole"] if mark.encode("utf-16-le") in head), "")


def foreign_archive(path: Path) -> str:
    """The same for a zip that is a document, by the names of its files; '' too where it is damaged."""
    try:
        with opened(path, MAX_WORKBOOK_ENTRIES) as archive:
            names = set(archive.namelist())
    except DAMAGES:
        return ""
    return next((said for mark, said in _known()["member"] if mark in names), "")


def _is_message(head: bytes) -> bool:
    lines = re.split(rb"\r?\n", re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0])
    if len(lines) < len(_OF_MESSAGE) or not all(_HEADER_LINE.match(line) for line in lines):
        return False
    lower = [line.lower() for line in lines]
    # A web page that a browser saved has such lines too.
    is_page = any(b"multipart/related" in line for line in lower)
    return not is_page and all(any(line.startswith(name) for line in lower) for name in _OF_MESSAGE)
