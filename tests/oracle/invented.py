"""An invented estate in which everything that the rules tell apart occurs at once: small, drawn by chance, with
nothing planted.

`python -m tests.oracle.invented FOLDER SEED` writes its landing zone. All names are made up.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from tests.oracle.invented_outside import OutsideFiles
from tests.oracle.invented_portal import PortalFiles
from tests.oracle.invented_reference import ReferenceFiles
from tests.oracle.invented_writer import MONTHS, last_day


class Invented(ReferenceFiles, PortalFiles, OutsideFiles):
    """The landing zone of one seed."""

    def drop(self, month: str) -> None:
        """The files of a month."""
        as_of, first = last_day(month), date.fromisoformat(f"{month}-01")
        self.portal(month, as_of)
        self.access(month)
        self.hubs(month, as_of)
        self.events(month, first, as_of)
        self.people(month, as_of)
        self.money(month, as_of)
        self.things(month, first, as_of)


def write(landing: Path, seed: int) -> None:
    """Write the landing zone of one seed."""
    writer = Invented(landing, seed)
    writer.reference()
    for month in MONTHS:
        writer.drop(month)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
