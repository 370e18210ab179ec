"""Workbooks (XLSX, XLSB, ODS, and XLS of Excel 97 to 2003) as CSV files of texts, read in a child process with a memory
limit.

The child is this module run as a program. No reader defends itself against archive bombs: sizes are looked at first.
"""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.contracts.limits import (
    CLOCK_PER_SECOND,
    MAX_ROW_BYTES,
    MAX_SHEETS,
    MAX_WORKBOOK_ENTRIES,
    beyond,
    beyond_bytes,
    seconds_for,
    sheet_text_for,
)
from pipelines.ingest.forms.own_csv import row_writer
from pipelines.ingest.landing.archives import DAMAGES, damaged, opened
from pipelines.ingest.landing.files import FileDamageError

# The form that is no archive, as the register names it (and as its files end).
OLD = "xls"
FORMS = ("xlsx", "xlsb", "ods", OLD)
MAX_UNPACKED = 2 << 30
MAX_RATIO = 200
MAX_CELLS = 200_000_000
CHILD_MEMORY = 3 << 30
# Digits of a number that spreadsheets keep.
KEPT_DIGITS = 15
# Exit code of the child where the workbook is beyond a limit; it says which.
REFUSED = 3
# Under it no workbook is read, and what one may take beyond it for each byte of its content.
LEAST_MEMORY = 1 << 30
MEMORY_PER_BYTE = 8
_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]+)([0-9]+)"')
# The first day that a workbook of old Excel for the Mac counts from, in its properties at the beginning of the part.
_FROM_1904 = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*["'](?:1|true)["']""")
# A cell that shows an error (#N/A); its reader gives nothing for it.
_ERROR_CELL = b' t="e"'
# The last words of the child where the disk is full or fails: by the number, as a workbook may say anything else.
_FULL = re.compile(r"^OSError: \[Errno (?:5|28|122)\]", re.MULTILINE)


@dataclass(frozen=True)
class Sheet:
    """One sheet as written by the child: its name, the CSV of its texts (header first), its numbers of rows and
    columns. is_twin: a sheet before it has the same name, and this one was not read. is_hidden: whoever opens the
    workbook does not see it. from_1904: the workbook counts days from 1904.
    """

    name: str
    csv: Path
    rows: int
    columns: int
    is_twin: bool = False
    is_hidden: bool = False
    from_1904: bool = False


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip file of a workbook. Raises FileDamageError where it, or a part that is read of it, is damaged: the reader
    of workbooks passes over a wrong checksum.
    """
    try:
        with opened(path, MAX_WORKBOOK_ENTRIES) as archive:
            yield archive
    except DAMAGES as error:
        raise damaged("workbook", error) from error


def look_before(path: Path) -> int:
    """Bytes of a workbook's content by what it says of itself. Raises FileDamageError if it swells, claims too many
    cells, declares entities or is damaged; nothing is unpacked.
    """
    with _archive(path) as archive:
        infos = archive.infolist()
        sheets = sum(1 for i in infos if i.filename.startswith("xl/worksheets/") and not i.is_dir())
        if sheets > MAX_SHEETS:
            raise FileDamageError(
                beyond(
                    "the workbook holds {} sheets", sheets, MAX_SHEETS, "save what is needed as a workbook of its own"
                )
            )
        unpacked = sum(i.file_size for i in infos)
        packed = sum(i.compress_size for i in infos)
        if unpacked > MAX_UNPACKED or unpacked > max(64 << 20, packed * MAX_RATIO):
            raise FileDamageError(f"the workbook unpacks to {unpacked >> 20} MB, so it was not opened")
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
    return unpacked


def memory_for(size: int) -> int:
    """Bytes of memory that the reading of workbooks with so much content may take."""
    return min(CHILD_MEMORY, LEAST_MEMORY + MEMORY_PER_BYTE * size)


def read_workbook(path: Path, folder: Path, form: str = "xlsx") -> list[Sheet]:
    """Every sheet of a workbook in its order. form: of `files.workbook_form`, or OLD. Raises FileDamageError naming the
    damage (encrypted, truncated, too large).
    """
    size = path.stat().st_size if form == OLD else look_before(path)
    folder.mkdir(parents=True, exist_ok=True)
    # The reader goes by the ending of the name, and files are called what people call them.
    link = folder / f"book.{form}"
    link.symlink_to(path.resolve())
    seconds = seconds_for(size)
    limits = [memory_for(size), math.ceil(seconds), sheet_text_for(size)]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.ingest.forms.workbook", str(link), str(folder), *map(str, limits)],
            capture_output=True,
            text=True,
            timeout=seconds * CLOCK_PER_SECOND,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileDamageError(too_slow(seconds * CLOCK_PER_SECOND, "")) from error
    if done.returncode == -signal.SIGXCPU:
        raise FileDamageError(too_slow(seconds))
    if _FULL.search(done.stderr):
        raise OSError(done.stderr.strip().splitlines()[-1])
    if done.returncode == REFUSED:
        raise FileDamageError(done.stderr.strip())
    if done.returncode != 0:
        said = in_plain_words(done.stderr)
        if form == OLD:
            # A workbook with a password, of any year, comes in this form too.
            raise FileDamageError(
                f"the workbook is encrypted, or of an old kind that cannot be read ({said}); save it as .xlsx without "
                "a password"
            )
        raise FileDamageError(f"the workbook is damaged or needs too much memory: {said}")
    from_1904 = form == "xlsx" and _counts_from_1904(path)
    return [
        Sheet(s["name"], folder / s["csv"], s["rows"], s["columns"], s["is_twin"], s["is_hidden"], from_1904)
        for s in json.loads(done.stdout)
    ]


def _counts_from_1904(path: Path) -> bool:
    with _archive(path) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return False
        with archive.open("xl/workbook.xml") as part:
            return _FROM_1904.search(part.read(1 << 16)) is not None


def error_cells(path: Path) -> int:
    """How many cells of a workbook (XLSX) show an error. Its reader gives nothing for them. Raises FileDamageError."""
    found = 0
    with _archive(path) as archive:
        for info in archive.infolist():
            if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
                with archive.open(info) as part:
                    rest = b""
                    while chunk := part.read(1 << 20):
                        found += (rest + chunk).count(_ERROR_CELL)
                        rest = chunk[1 - len(_ERROR_CELL) :]
    return found


def too_slow(seconds: float, kind: str = " of processor time") -> str:
    """Why a workbook is refused that was not read in its time."""
    return f"the workbook could not be read within {seconds:.0f} seconds{kind}; save what is needed of it as .csv"


def cell_text(value: Any) -> str:
    """The text of a cell: dates as YYYY-MM-DD, numbers without exponent, '' for nothing."""
    text = str(value)
    if value is None or value == "":
        text = ""
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float):
        # Never as 5.67e-05: that is no form of a number in a file. Of a whole number that a spreadsheet has cut, the
        # digits that it kept are shown.
        text = str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
        text = format(value, ".14E") if value.is_integer() and _is_cut(text) else text
    elif isinstance(value, datetime):
        text = value.strftime("%Y-%m-%d" if value.time() == time(0) else "%Y-%m-%d %H:%M:%S")
    elif isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, timedelta):
        text = str(value.total_seconds())
    return text


def _is_cut(text: str) -> bool:
    """Whether a whole number has more digits than a spreadsheet keeps, which fills up with zeros."""
    digits = text.lstrip("-")
    return len(digits) > KEPT_DIGITS and (len(digits) > KEPT_DIGITS + 1 or digits.endswith("0"))


def in_plain_words(said: str) -> str:
    """What the library that reads workbooks says of one in its last line, without the names of its errors."""
    if re.search("MemoryError|memory allocation|capacity overflow", said):
        return "more memory than a workbook of its size may take"
    if re.search("panicked at|backtrace", said, re.IGNORECASE):
        return "its reader gave up on it"
    said = (said.strip().splitlines() or ["the reader ended without a message"])[-1]
    return re.sub(r"^(?:\w+\.)*\w*(?:Error|Exception): ", "", said)


SHARED = "a text that many cells share may be the cause; save what is needed as .csv"
TWINS = "another sheet of the workbook has the same name, and only the first can be read: rename one of them"


def row_within_limits(cells: list[str], number: int, sheet: str) -> None:
    """Raise FileDamageError where a row of a sheet is longer than a row may be. Excel writes no such cell."""
    if sum(map(len, cells)) > MAX_ROW_BYTES:
        size = sum(len(c.encode()) for c in cells)
        what = f"row {number} of the sheet {sheet[:80]} has {{}}"
        raise FileDamageError(beyond_bytes(what, size, MAX_ROW_BYTES, "empty the cell that is too long"))


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    """The rows of a sheet. A cell that was merged downwards says the same in every row that it reaches over, unless it
    is a number: a quantity of several rows is none of each.
    """
    left = sheet.start[1] if sheet.start else 0
    merged: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        if last > first and column >= left:
            merged.setdefault(first, []).append((column - left, last))
    said: dict[int, tuple[Any, int]] = {}
    for number, row in enumerate(sheet.iter_rows()):
        said = {c: (value, last) for c, (value, last) in said.items() if last >= number}
        is_blank = all(v == "" for v in row)
        # A row without anything of its own is none.
        yield row if is_blank else [said[c][0] if c in said and v == "" else v for c, v in enumerate(row)]
        for column, last in merged.get(number, ()):
            if column < len(row) and isinstance(row[column], str | date) and row[column] != "":
                said[column] = (row[column], last)


def _child(path: Path, folder: Path, memory: int, seconds: int, most_text: int) -> None:
    import resource

    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # One second more for whoever does not end by the signal.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    written = 0
    workbook = CalamineWorkbook.from_path(str(path))
    sheets = []
    for number, name in enumerate(workbook.sheet_names):
        # The reader goes by names, and would give the first sheet of the name again.
        is_twin = name in workbook.sheet_names[:number]
        target = folder / f"sheet{number}.csv"
        rows = columns = 0
        with target.open("w", encoding="utf-8", newline="") as out:
            write = row_writer(out)
            sheet = None if is_twin else workbook.get_sheet_by_name(name)
            for place, row in enumerate(_rows(sheet) if sheet is not None else (), start=1):
                cells = [cell_text(v) for v in row]
                if any(c.strip() for c in cells):
                    rows += 1
                    columns = max(columns, *(i + 1 for i, c in enumerate(cells) if c.strip()))
                    row_within_limits(cells, place, name)
                    written += sum(map(len, cells)) + len(cells)
                    if written > most_text:
                        raise FileDamageError(beyond_bytes("the cells hold {} of text", written, most_text, SHARED))
                    write(cells)
        is_hidden = str(workbook.sheets_metadata[number].visible) != "SheetVisibleEnum.Visible"
        said = {"name": name, "csv": target.name, "rows": rows, "columns": columns}
        sheets.append({**said, "is_twin": is_twin, "is_hidden": is_hidden})
    sys.stdout.write(json.dumps(sheets))


if __name__ == "__main__":
    try:
        _child(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
    except FileDamageError as damage:
        sys.stderr.write(str(damage))
        sys.exit(REFUSED)
