"""The key of the pseudonyms: a file accessible to its owner only, outside everything that is published. Created if
missing.

Whoever has it can resolve pseudonyms; if it is lost, later pseudonyms differ from earlier ones.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipelines.errors import UserError

LENGTH = 32


def read_or_make(path: Path) -> bytes:
    """The key. Raises UserError if the file is not a key or is readable by others than its owner."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(f"{secrets.token_hex(LENGTH)}\n")
    try:
        if path.stat().st_mode & 0o077:
            raise UserError(f"{path} can be read by users other than its owner; run: chmod 600 {path}")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} contains no pseudonym key ({error}); expected {2 * LENGTH} hexadecimal digits."
        ) from error
    if len(key) != LENGTH:
        raise UserError(f"{path} contains no pseudonym key; expected {2 * LENGTH} hexadecimal digits.")
    return key
