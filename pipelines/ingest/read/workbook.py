"""Workbooks (XLSX, XLSB, ODS, and XLS of Excel 97 to 2003) as CSV files of texts, read in a child process with a memory
limit.

The child is this module run as a program. No reader defends itself against archive bombs: sizes are looked at first.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.ingest.landing.files import FileDamageError

# The form that is no archive, as the register names it (and as its files end).
OLD = "xls"
FORMS = ("xlsx", "xlsb", "ods", OLD)
MAX_UNPACKED = 2 << 30
MAX_RATIO = 200
MAX_CELLS = 200_000_000
CHILD_MEMORY = 3 << 30
SECONDS = 600
_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]+)([0-9]+)"')


@dataclass(frozen=True)
class Sheet:
    """One sheet as written by the child: its name, the CSV of its texts (header first), its numbers of rows and
    columns.
    """

    name: str
    csv: Path
    rows: int
    columns: int


def look_before(path: Path) -> None:
    """Raise FileDamageError if a workbook swells, claims too many cells or declares entities; nothing is unpacked."""
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        unpacked = sum(i.file_size for i in infos)
        packed = sum(i.compress_size for i in infos)
        if unpacked > MAX_UNPACKED or unpacked > max(64 << 20, packed * MAX_RATIO):
            raise FileDamageError(f"the workbook swells to {unpacked >> 20} MB; it was not opened")
        for info in infos:
            if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
                with archive.open(info) as handle:
                    head = handle.read(4096)
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise FileDamageError("the workbook declares XML entities; it was not opened")
                if found := _DIMENSION.search(head):
                    column = 0
                    for letter in found[1]:
                        column = column * 26 + letter - 64
                    if column * int(found[2]) > MAX_CELLS:
                        raise FileDamageError(
                            f"a sheet of the workbook claims {int(found[2])} rows of {column} columns; it was not "
                            "opened"
                        )


def read_workbook(path: Path, folder: Path, form: str = "xlsx") -> list[Sheet]:
    """Every sheet of a workbook in its order. form: of `files.workbook_form`, or OLD. Raises FileDamageError naming the
    damage (encrypted, truncated, too large).
    """
    try:
        if form != OLD:
            look_before(path)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise FileDamageError(f"the workbook is damaged: {error}") from error
    folder.mkdir(parents=True, exist_ok=True)
    # The reader goes by the ending of the name, and files are called what people call them.
    link = folder / f"book.{form}"
    link.symlink_to(path.resolve())
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.ingest.read.workbook", str(link), str(folder)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileDamageError(f"the workbook could not be read within {SECONDS} seconds") from error
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["the reader ended without a word"])[-1]
        if form == OLD:
            # A workbook with a password, of any year, comes in this form too.
            raise FileDamageError(
                f"the workbook is encrypted, or of an old kind that cannot be read ({said}); save it as .xlsx without "
                "a password"
            )
        raise FileDamageError(f"the workbook is damaged or needs too much memory: {said}")
    return [Sheet(s["name"], folder / s["csv"], s["rows"], s["columns"]) for s in json.loads(done.stdout)]


def cell_text(value: Any) -> str:
    """The text of a cell: dates as YYYY-MM-DD, numbers without exponent, '' for nothing."""
    text = str(value)
    if value is None or value == "":
        text = ""
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float):
        # Never as 5.67e-05: that is no form of a number in a file.
        text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(Decimal(repr(value)), "f")
    elif isinstance(value, datetime):
        text = value.strftime("%Y-%m-%d" if value.time() == time(0) else "%Y-%m-%d %H:%M:%S")
    elif isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, timedelta):
        text = str(value.total_seconds())
    return text


def _child(path: Path, folder: Path) -> None:
    import resource

    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    workbook = CalamineWorkbook.from_path(str(path))
    sheets = []
    for number, name in enumerate(workbook.sheet_names):
        target = folder / f"sheet{number}.csv"
        rows = columns = 0
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            for row in workbook.get_sheet_by_name(name).iter_rows():
                cells = [cell_text(v) for v in row]
                if any(c.strip() for c in cells):
                    rows += 1
                    columns = max(columns, *(i + 1 for i, c in enumerate(cells) if c.strip()))
                    writer.writerow(cells)
        sheets.append({"name": name, "csv": target.name, "rows": rows, "columns": columns})
    sys.stdout.write(json.dumps(sheets))


if __name__ == "__main__":
    _child(Path(sys.argv[1]), Path(sys.argv[2]))
