"""What the signing account remembers next to its key, out of reach of accounts that can only write the data folder: the
last statement, the sign-offs since, and whether a run is in progress.

Without it a data folder restored as a whole from last month would be indistinguishable from the current one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipelines.publish.seals.keys import SigningKeyError


@dataclass(frozen=True)
class Memory:
    """number, sha256: the last statement; 0 and '' for none. begun: a run is in progress, or ended before it signed.
    found, hashes: what had changed when it began, as sentences, and path → its hash at that time ('' = missing).
    sign_offs: statement of a sign-off → SHA-256.
    """

    number: int = 0
    sha256: str = ""
    begun: bool = False
    found: tuple[str, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False
    sign_offs: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Memory:
    """The memory; an empty one if there is no file yet. Raises SigningKeyError if the file is damaged."""
    if not path.is_file():
        return Memory()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Memory(**{**raw, "found": tuple(raw["found"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SigningKeyError(
            f"{path}, which remembers the last signature, cannot be read ({error}). Restore it from a backup; "
            "without it a data folder that was replaced by an older one cannot be detected."
        ) from error


def write(path: Path, memory: Memory) -> None:
    """Replace the file atomically, accessible to its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(json.dumps(asdict(memory), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)


def _list_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.files")


def read_list(path: Path) -> bytes:
    """The list of files of the last statement, as `sha256sum` writes it; empty if there is none. path: of the memory
    itself.
    """
    own = _list_path(path)
    return own.read_bytes() if own.is_file() else b""


def write_list(path: Path, listed: bytes) -> None:
    """Store the list of files of the signed statement."""
    own = _list_path(path)
    part = own.with_name(f"{own.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_bytes(listed)
    part.replace(own)
