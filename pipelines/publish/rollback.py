"""Keeps the previous publication until the new one is complete: if publishing fails, every file is restored.

Uses hard links, which take no space: published files are replaced, never modified in place. On a file system without
hard links nothing is kept; after a failure each file is complete, but some may belong to the new publication. The next
run makes them consistent.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipelines.publish.places import FILES

_PARTITION = re.compile(r"review_month=(\d{4}-\d{2})")
# Folders that only grow (versions) or that a run does not write (sam).
NOT_KEPT = {"versions", "sam"}


@contextmanager
def restored_on_failure(published: Path, keep: Path, months: Sequence[str]) -> Iterator[None]:
    """Run the block. If it raises, the files that it replaced in `published` are restored and those that it added are
    deleted.

    keep: a folder on the same volume; it is emptied. months: the months being published; partitions of other months are
    neither written nor examined.
    """
    shutil.rmtree(keep, ignore_errors=True)
    linked = _link(published, keep, months)
    done = False
    try:
        yield
        done = True
    finally:
        if not done and linked:
            _put_back(published, keep, months)
        shutil.rmtree(keep, ignore_errors=True)


def _files(folder: Path, months: Sequence[str]) -> Iterator[Path]:
    """Files that a run over these months writes, as relative paths."""
    for base, folders, names in os.walk(folder):
        inside = Path(base).relative_to(folder)
        folders[:] = sorted(f for f in folders if _written(inside / f, months))
        yield from (inside / name for name in sorted(names))


def _written(path: Path, months: Sequence[str]) -> bool:
    if path.parts[0] in NOT_KEPT:
        return False
    if path.parts[0] == FILES and len(path.parts) == 2:
        return path.name in months
    partition = _PARTITION.fullmatch(path.name)
    return partition is None or partition[1] in months


def _link(published: Path, keep: Path, months: Sequence[str]) -> bool:
    try:
        for path in _files(published, months):
            (keep / path).parent.mkdir(parents=True, exist_ok=True)
            os.link(published / path, keep / path)
    except OSError:
        return False
    return True


def _put_back(published: Path, keep: Path, months: Sequence[str]) -> None:
    former = set(_files(keep, months))
    for path in set(_files(published, months)) - former:
        (published / path).unlink()
    for path in sorted(former):
        # Renaming a link onto another link to the same file does nothing and leaves both.
        if not (published / path).exists() or not (published / path).samefile(keep / path):
            (published / path).parent.mkdir(parents=True, exist_ok=True)
            (keep / path).replace(published / path)
