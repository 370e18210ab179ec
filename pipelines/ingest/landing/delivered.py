"""First step of ingestion, *delivered*: the files of a drop as they lie in the landing zone, each with what manifests
say about it. Hashes files, and opens none to see what it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.landing.files import REFERENCE_DROP, LandingFile, left_by_program, scan, stamp_of
from pipelines.ingest.landing.fingerprints import CORRECTIONS, expected_of, fingerprint_of
from pipelines.ingest.landing.manifests import Manifest, manifest_for


class LandingChangedError(RuntimeError):
    """A file vanished or changed while it was read; nothing of the drop is written."""


@dataclass(frozen=True)
class Delivered:
    """A file of a drop and what manifests say about it. verdict, reason: what the register says of a file that is not
    opened ('' = it is opened).
    """

    file: LandingFile
    manifest: Manifest
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True)
class DeliveredDrop:
    """A drop, `YYYY-MM` or `reference`: its files and manifests (path → bytes), and the fingerprint of both."""

    name: str
    found: tuple[LandingFile, ...]
    manifests: Mapping[str, bytes]
    fingerprint: str

    def files(self) -> Iterator[Delivered]:
        """Every file, in byte order of the paths."""
        for file in self.found:
            manifest = manifest_for(file.path, self.manifests)
            if left := left_by_program(file.path):
                yield Delivered(file, manifest, "ignored", left)
            elif file.problem:
                yield Delivered(file, manifest, "unrecognised", file.problem)
            else:
                yield Delivered(file, manifest)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Raises LandingChangedError where a file is not the one that was hashed any more, whatever its reader made of
        it.
        """
        done = False
        try:
            yield
            done = True
        finally:
            moved = next((f for f in self.found if f.stamp and stamp_of(f.real) != f.stamp), None)
            if moved is not None:
                what = "changed" if moved.real.exists() else "vanished"
                raise LandingChangedError(
                    f"{self.name}/{moved.path} {what} while it was read, so nothing was published. Wait until the "
                    "export is complete and run the same command again."
                ) from (None if done else sys.exception())


def deliver(landing: Path, name: str, corrections: Path = CORRECTIONS) -> DeliveredDrop:
    """The drop of this name as it lies in the landing zone. corrections: folder of declared corrections, which are part
    of its fingerprint, as what the company expects of drops is.
    """
    files, manifests = scan(landing / name)
    expected = expected_of(landing) if name != REFERENCE_DROP else None
    return DeliveredDrop(name, tuple(files), manifests, fingerprint_of(files, manifests, corrections, expected))


class Inventory:
    """The paths and contents of a drop that were met so far, to name each part once and to find copies."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._first: dict[str, str] = {}

    def is_copy(self, sha256: str, place: str) -> bool:
        """Whether the same bytes were met at another place."""
        return self._first.setdefault(sha256, place) != place

    def own_path(self, path: str) -> str:
        """The path of a part, with a number where another part has the same: an archive can hold two members, a
        workbook two sheets, of one name.
        """
        own, number = path, 2
        while own in self._taken:
            own, number = f"{path} ({number})", number + 1
        self._taken.add(own)
        return own
