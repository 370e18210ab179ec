"""What is signed: statements, one after each run, each covering the previous one, with the head of the chain of
publications and the list of files; and a statement for each sign-off. Each is stored next to its signature.

    published/seals/000012.json, .json.sig   and, where an authority stamps it, .json.tsr
    published/seals/files.sha256             the list that the last statement covers
    published/seals/sign-offs/2026-10-user_activity_audit.json, .json.sig

Writes and reads them. `pipelines/run/sealing.py` determines their content; check.py verifies them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from pipelines.publish.seals.keys import Signer
from pipelines.publish.seals.listing import FOLDER

LIST = "files.sha256"
SIGN_OFFS = "sign-offs"
SIGNATURE, STAMP = ".sig", ".tsr"
GENESIS = "0" * 64


@dataclass(frozen=True)
class Statement:
    """What a run vouches for at its end. number: from 1. previous_sha256: of the previous statement, zeros for the
    first. chain_length, chain_hash: the head of the chain of publications. first_month, last_month: of the published
    months. made: the months of this run. files_sha256: of the list of files; files: its length. sign_offs: name of the
    statement of each sign-off → its SHA-256. found: changes made outside a run since the previous statement, as
    sentences. interrupted: whether a run ended early between the two, so that the previous statement does not vouch for
    what it left. time_stamp: host of the authority that will stamp the statement, '' for none. public_key: SHA-256 of
    the key in DER form. software: name and version.
    """

    number: int
    previous_sha256: str
    chain_length: int
    chain_hash: str
    first_month: str
    last_month: str
    made: tuple[str, ...]
    files_sha256: str
    files: int
    public_key: str
    software: str
    sign_offs: Mapping[str, str] = field(default_factory=dict)
    found: tuple[str, ...] = ()
    interrupted: bool = False
    time_stamp: str = ""

    def as_bytes(self) -> bytes:
        """The canonical form, which is signed: JSON with sorted keys, one key per line."""
        return canonical(asdict(self))


def canonical(content: Mapping[str, object]) -> bytes:
    """JSON with sorted keys and a final line end, in a unique form."""
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()


def statement_of(content: bytes) -> Statement:
    """Parse a statement. Raises ValueError if the bytes are not its canonical form."""
    try:
        raw = json.loads(content)
        if not isinstance(raw, dict) or set(raw) != {f.name for f in fields(Statement)}:
            raise ValueError("its fields are not those of a statement")
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        made = Statement(**given)
    except (TypeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if made.as_bytes() != content:
        raise ValueError("it is not in the form in which statements are signed")
    return made


def folder_of(published: Path) -> Path:
    """The folder of statements and signatures."""
    return published / FOLDER


def path_of(published: Path, number: int) -> Path:
    """Path of a statement."""
    return folder_of(published) / f"{number:06d}.json"


def companion(path: Path, ending: str) -> Path:
    """Path of the signature or stamp of a file, next to the file."""
    return path.with_name(path.name + ending)


def numbers(published: Path) -> list[int]:
    """The numbers of the existing statements, in order."""
    found = folder_of(published).glob("[0-9][0-9][0-9][0-9][0-9][0-9].json")
    return sorted(int(path.stem) for path in found)


def last(published: Path) -> tuple[Statement, str] | None:
    """The last existing statement with its SHA-256; None if there is none. Raises ValueError if it is damaged."""
    if not (there := numbers(published)):
        return None
    content = path_of(published, there[-1]).read_bytes()
    return statement_of(content), hashlib.sha256(content).hexdigest()


def write_signed(path: Path, content: bytes, signer: Signer, scratch: Path) -> None:
    """Write a file and its signature by atomic rename, the file last, so that it never exists without a signature."""
    _replace(companion(path, SIGNATURE), signer.sign(content), scratch)
    _replace(path, content, scratch)


def write_signature(path: Path, signer: Signer, scratch: Path) -> None:
    """Write the signature of an existing file next to it."""
    _replace(companion(path, SIGNATURE), signer.sign(path.read_bytes()), scratch)


def list_path(published: Path) -> Path:
    """Path of the list of files: next to the statements, or, as file names may name persons, with the files that name
    persons.
    """
    named = published.parent / "named"
    return (named / FOLDER if named.is_dir() else folder_of(published)) / LIST


def write_list(published: Path, text: bytes, scratch: Path) -> None:
    """Write the list of files for the next statement."""
    _replace(list_path(published), text, scratch)


def write_stamp(path: Path, answer: bytes, scratch: Path) -> None:
    """Write the response of a time-stamp authority next to the statement it stamps."""
    _replace(companion(path, STAMP), answer, scratch)


def sign_off_path(published: Path, activity: str, period: str) -> Path:
    """Path of the statement of a sign-off."""
    return folder_of(published) / SIGN_OFFS / f"{period}-{activity}.json"


def sign_off_statement(row: Mapping[str, str], adopted: bool) -> bytes:
    """The statement of a sign-off: its row as a hash, which names nobody. adopted: the sign-off predates signing."""
    return canonical(
        {
            "activity": row.get("activity", ""),
            "period": row.get("period", ""),
            "row_sha256": row_sha256(row),
            "adopted": adopted,
        }
    )


def row_sha256(row: Mapping[str, str]) -> str:
    """SHA-256 of the non-empty cells of a row of sign_offs, as JSON with sorted keys."""
    cells = {k: v for k, v in row.items() if k and v}
    return hashlib.sha256(json.dumps(cells, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sign_offs(published: Path) -> dict[str, str]:
    """Name → SHA-256 of the existing statements of sign-offs."""
    found = sorted((folder_of(published) / SIGN_OFFS).glob("*.json"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _replace(target: Path, content: bytes, scratch: Path) -> None:
    scratch.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = scratch / f"seal.{target.name}"
    part.write_bytes(content)
    part.replace(target)
