"""What a command prints, as a terminal may have it: characters that would steer it, or turn the order of a line, come
from cells and names of files, and are shown by their numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Controls but for the tab and the end of a line; marks and overrides of direction.
_STEERING = {*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {9, 10}
_SHOWN = {code: f"[U+{code:04X}]" for code in _STEERING}


class _Plain:
    """A stream whose texts steer nothing; everything else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text as it may be shown."""
        return int(self._stream.write(text.translate(_SHOWN)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def plain_output() -> Iterator[None]:
    """While a command works, both of its streams are plain."""
    former = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Plain(sys.stdout), _Plain(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = former
