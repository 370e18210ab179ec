"""File and folder names derived from delivered texts: valid on every system, and distinct for distinct texts."""

from __future__ import annotations

import hashlib
import re

# Names that Windows reserves for devices, with any extension.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
# The suffix of a changed name; a text that already ends this way gets another one.
_MARKED = re.compile(r"-[0-9a-f]{6}$")


def file_name(text: str) -> str:
    """A file name made of the letters, digits, dots and hyphens of the text, in lower case. If it differs from the
    text, part of the text's hash is appended to keep names distinct. Never empty, a path, or hidden.
    """
    plain = re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.")[:60].rstrip("-.")
    if plain and plain == text and plain.split(".")[0] not in _DEVICES and not _MARKED.search(plain):
        return plain
    return f"{plain or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
