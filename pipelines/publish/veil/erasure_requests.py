"""Erasure requests without names: keyed commitments to the addresses and identifiers of a person, each with its
replacement, so that values delivered again are replaced again.

A commitment is HMAC-SHA-256 with a separate key, in a file accessible to its owner only. Whoever has the key and the
file can test whether an address is among them, and nothing else. Both must be in the backup of the state folder.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.errors import UserError
from pipelines.publish.veil.identifiers import hmac_sql
from pipelines.publish.veil.key import read_or_make
from pipelines.resources.modes import OWNER_FILE

FILE, KEY_FILE = "forgotten.json", "forgotten.key"


@dataclass(frozen=True)
class ErasureRequest:
    """A person to be forgotten. number: of the report, from 1. token: replaces the person in names. replaced:
    commitment → replacement of the committed value.
    """

    number: int
    token: str
    replaced: Mapping[str, str]


def key_of(state: Path) -> bytes:
    """The key of the commitments, created if there are none yet. Raises UserError if they exist without the key."""
    if (state / FILE).is_file() and not (state / KEY_FILE).is_file():
        raise UserError(
            f"{state / KEY_FILE} is missing, and {state / FILE} lists erasure requests, which cannot be matched "
            "without the key. Restore it from a backup of the state folder."
        )
    return read_or_make(state / KEY_FILE)


def commitment(key: bytes, value: str) -> str:
    """The commitment to a value, case-insensitive."""
    return hmac.new(key, f"forgotten:{value.lower()}".encode(), hashlib.sha256).hexdigest()


def commitment_sql(key: bytes, expression: str) -> str:
    """The same as SQL, for a text in lower case."""
    return hmac_sql(key, f"'forgotten:' || {expression}")


def read_requests(state: Path) -> list[ErasureRequest]:
    """All persons to be forgotten. Raises UserError if the file is damaged."""
    path = state / FILE
    if not path.is_file():
        return []
    try:
        return [
            ErasureRequest(int(w["number"]), str(w["token"]), dict(w["replaced"])) for w in json.loads(path.read_text())
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged: {error}. Restore it from a backup of the state folder.") from error


def write_requests(state: Path, requests: Sequence[ErasureRequest]) -> None:
    """Replace the file atomically."""
    part = state / f"{FILE}.part"
    part.write_text(json.dumps([asdict(w) for w in requests], indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.chmod(OWNER_FILE)
    part.replace(state / FILE)


def with_request(known: Iterable[ErasureRequest], request: ErasureRequest) -> list[ErasureRequest]:
    """The requests with this one added, or replacing the one with the same number."""
    return sorted([*(w for w in known if w.number != request.number), request], key=lambda w: w.number)
