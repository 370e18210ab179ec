"""Names of files and folders that are made of texts of delivered files: safe on every system, and two texts apart.

Knows nothing of what they are names of.
"""

from __future__ import annotations

import hashlib
import re

# Names that Windows keeps for devices, whatever their ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
# The end of a name that was changed; a text that ends so gets one too.
_MARKED = re.compile(r"-[0-9a-f]{6}$")


def file_name(text: str) -> str:
    """A name for a file: letters, digits, dots and hyphens of the text, in lower case. Where that is not the text
    itself, enough of its hash is added to tell two texts apart. Never empty, a path, or hidden.
    """
    plain = re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.")[:60].rstrip("-.")
    if plain and plain == text and plain.split(".")[0] not in _DEVICES and not _MARKED.search(plain):
        return plain
    return f"{plain or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
