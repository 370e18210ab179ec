"""Makes output safe for a terminal: characters from cells and file names that would control it, or reorder a line, are
shown as their code points.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Control characters except tab and line end; direction marks and overrides.
_STEERING = {*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {9, 10}
_SHOWN = {code: f"[U+{code:04X}]" for code in _STEERING}


class _Plain:
    """A stream whose output contains no control characters; all other attributes are those of the wrapped stream."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text in its safe form."""
        return int(self._stream.write(text.translate(_SHOWN)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def plain_output() -> Iterator[None]:
    """While a command works, both of its output streams are filtered."""
    former = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Plain(sys.stdout), _Plain(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = former
