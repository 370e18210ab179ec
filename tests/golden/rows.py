"""`python -m tests.golden.rows [DATA]`: writes the published rows of one month of the demo anew (by default of a demo
that is made for it), for a reader's diff.

Beside it lies one CSV file per output, in the order in which it is published. Evidence names files instead of their
hashes, so that a byte in a file of the
demo is no change of every finding that stands on it. Holds no comparison.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from pathlib import Path

import duckdb

from tests.conftest import as_installed
from tests.scoreboard import DEMO

FOLDER = Path(__file__).parent
MONTH = "2026-10"
OUTPUTS = (
    "findings",
    "deprovisioning_list",
    "compliance_gap_register",
    "licence_position",
    "reallocation_candidates",
    "rule_runs",
)


def files_of_hashes(data: Path) -> dict[str, str]:
    """SHA-256 of every file of the landing zone to its path there; of files with the same bytes the first."""
    with duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True) as con:
        rows = con.execute("select sha256, drop || '/' || path from calendar.file_register order by 2 desc").fetchall()
    return dict(rows)


def published_rows(data: Path, output: str) -> str:
    """The CSV file of an output and MONTH as it lies published, with names of files in its evidence."""
    names = files_of_hashes(data)
    path = data / "published" / "files" / MONTH / f"{output}.csv"
    head, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    place = head.index("evidence") if "evidence" in head else None
    if place is not None:
        for row in rows:
            parts = [part.partition(":") for part in row[place].split(";")]
            row[place] = ";".join(names.get(sha, sha) + colon + numbers for sha, colon, numbers in parts)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()


def write(data: Path) -> None:
    """Write what is published in a reviewed demo beside this module."""
    for output in OUTPUTS:
        (FOLDER / f"{output}.csv").write_text(published_rows(data, output), encoding="utf-8")


def main(folder: str | None) -> None:
    """Write from a data folder, or from a demo made for it."""
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(folder or scratch)
        if folder is None:
            made = as_installed(data, *DEMO)
            assert made.exit_code in (0, 3), made.output
        write(data)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
