"""Who may read what a run writes: modes of files and folders. Never widens a mode that somebody set.

Source: definition of this project, docs/operations.md, Storage.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# New files 0640, new folders 0750: nothing for users who are neither the owner nor of the group.
UMASK = 0o027
OWNER, GROUP = 0o700, 0o750
OWNER_FILE = 0o600


def new_files_for_the_group() -> None:
    """From now on, whatever this process and its children write is for its user and the group."""
    os.umask(UMASK)


def only_for(folder: Path, most: int) -> None:
    """Take from a folder what it gives beyond `most` (OWNER, GROUP). One of another user is left as it is."""
    with suppress(OSError):
        mode = folder.stat().st_mode & 0o7777
        if mode & ~most & 0o777:
            folder.chmod(mode & (most | 0o7000))


def close(folder: Path) -> None:
    """A folder and everything in it for its owner alone."""
    for path in [folder, *folder.rglob("*")]:
        with suppress(OSError):
            path.chmod(OWNER if path.is_dir() else OWNER_FILE)
