"""Workbooks and CSV files that a person filled in, as rows of texts with the numbers that a spreadsheet shows.

Reads many files with one child process, under the same memory limit as `workbook`. Knows no column and judges no cell;
a file that cannot be read is its FileDamageError, and the others are read all the same.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipelines.contracts.limits import CLOCK_PER_SECOND, MAX_ROW_BYTES, beyond_bytes, seconds_for
from pipelines.ingest.forms.encodings import to_utf8
from pipelines.ingest.forms.workbook import (
    CHILD_MEMORY,
    OLD,
    TWINS,
    cell_text,
    in_plain_words,
    look_before,
    row_within_limits,
)
from pipelines.ingest.landing.archives import workbook_form
from pipelines.ingest.landing.files import FileDamageError, kind_of

WORKBOOK_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
HEAD = 1 << 16
SEPARATORS = (",", ";", "\t")
# A person fills in fewer; what has more is refused before it fills the memory.
MOST_ROWS = 200_000
MOST_TEXT = 256 << 20
# Workbooks of one child process.
AT_ONCE = 50
TOO_LONG = "empty the cell that is too long"
# The apostrophe that a CSV of ours puts before a text that a spreadsheet would take for a formula.
_GUARDED = re.compile(r"'[=+\-@\t\r]")


@dataclass(frozen=True)
class FilledSheet:
    """A sheet: its name ('' in a CSV file), and its rows that are not blank.

    rows: (number as a spreadsheet shows it, texts from column A on).
    """

    name: str
    rows: list[tuple[int, list[str]]]


def read_filled(paths: Sequence[Path]) -> list[list[FilledSheet] | FileDamageError]:
    """The sheets of each file in its order, or why it cannot be read."""
    found: dict[Path, list[FilledSheet] | FileDamageError] = {}
    workbooks = []
    for path in paths:
        try:
            if _is_workbook(path):
                workbooks.append(path)
            else:
                found[path] = [_read_text(path)]
        except FileDamageError as error:
            found[path] = error
        except csv.Error:  # a cell that is longer than the limit of the reader
            found[path] = FileDamageError(f"a row of it is longer than {MAX_ROW_BYTES >> 20} MB: {TOO_LONG}")
        except Exception as error:  # whatever a file does to its reader, the others are read
            found[path] = FileDamageError(f"the file cannot be read: {in_plain_words(str(error))}")
    for start in range(0, len(workbooks), AT_ONCE):
        found |= _read_workbooks(workbooks[start : start + AT_ONCE])
    return [found[path] for path in paths]


def _is_workbook(path: Path) -> bool:
    """Whether the bytes are those of a workbook; False for a text. Raises FileDamageError for anything else."""
    with path.open("rb") as handle:
        kind = kind_of(handle.read(HEAD))
    if kind == "ole":
        return True
    if kind == "zip":
        if not workbook_form(path):
            raise FileDamageError("it is an archive, not a workbook")
        look_before(path)
        return True
    if kind == "empty":
        raise FileDamageError("the file is empty")
    if kind in {"binary", "gzip"}:
        raise FileDamageError("it is neither a workbook nor a text file")
    if path.suffix.lower() in WORKBOOK_ENDINGS:
        raise FileDamageError("it is named like a workbook, but it is a text file")
    return False


def _read_text(path: Path) -> FilledSheet:
    """A CSV file. The separator is the one that gives the widest row among the first."""
    with path.open("rb") as handle:
        kind = kind_of(handle.read(HEAD))
    if path.stat().st_size > MOST_TEXT:
        raise FileDamageError(f"it is larger than {MOST_TEXT >> 20} MB")
    with tempfile.TemporaryDirectory() as folder:
        decoded = to_utf8(path, kind, Path(folder) / "text.csv")
        text = decoded.path.read_text(encoding="utf-8-sig")
    if "\x00" in text:
        raise FileDamageError("it is not a text file")
    if text.count('"') % 2:
        raise FileDamageError("a quote is opened and never closed")
    widths = {s: max((len(row) for row in islice(_records(text, s), 20)), default=0) for s in SEPARATORS}
    separator = max(SEPARATORS, key=lambda s: widths[s])
    rows = []
    cells: list[str] = []
    for number, cells in enumerate(_records(text, separator), start=1):
        if sum(map(len, cells)) > MAX_ROW_BYTES:
            raise FileDamageError(beyond_bytes(f"row {number} has {{}}", len("".join(cells)), MAX_ROW_BYTES, TOO_LONG))
        if number > MOST_ROWS:
            raise FileDamageError(f"it has more than {MOST_ROWS:,} rows")
        if any(c.strip() for c in cells):
            rows.append((number, [c[1:] if _GUARDED.match(c) else c for c in cells]))
    # A spreadsheet leaves empty cells at the end of a line out, but never its end.
    if not text.endswith(("\n", "\r")) and len(cells) < widths[separator]:
        raise FileDamageError("it ends in the middle of its last row")
    return FilledSheet("", rows)


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _read_workbooks(paths: Sequence[Path]) -> dict[Path, list[FilledSheet] | FileDamageError]:
    """Read workbooks in a child; where it dies at one, that one is damaged, and another child reads those after it."""
    found: dict[Path, list[FilledSheet] | FileDamageError] = {}
    left = list(paths)
    while left:
        said, last = _ask_child(left)
        for path, line in zip(left, said, strict=False):
            found[path] = (
                FileDamageError(line["damage"])
                if "damage" in line
                else [FilledSheet(s["name"], [(n, cells) for n, cells in s["rows"]]) for s in line["sheets"]]
            )
        if len(said) < len(left):
            found[left[len(said)]] = FileDamageError(f"the workbook is damaged or needs too much memory: {last}")
        left = left[len(said) + 1 :]
    return found


def _ask_child(paths: Sequence[Path]) -> tuple[list[dict[str, Any]], str]:
    """What a child says of the workbooks, in order, as far as it came; and its last words."""
    seconds = seconds_for(sum(path.stat().st_size for path in paths)) * CLOCK_PER_SECOND
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.ingest.read.filled"],
            input=json.dumps([str(p) for p in paths]),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        out = done.stdout
        last = in_plain_words(done.stderr)
    except subprocess.TimeoutExpired as error:
        out = error.stdout if isinstance(error.stdout, str) else (error.stdout or b"").decode("utf-8", "replace")
        last = f"it could not be read within {seconds:.0f} seconds"
    said: list[dict[str, Any]] = []
    for line in out.splitlines():
        try:
            said.append(json.loads(line))
        except ValueError:
            break  # the line at which it died
    return said, last


def _child() -> None:
    import resource

    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    for path_name in json.loads(sys.stdin.read()):
        path = Path(path_name)
        try:
            with path.open("rb") as handle:
                workbook = CalamineWorkbook.from_filelike(handle)
                if len(set(workbook.sheet_names)) < len(workbook.sheet_names):
                    raise FileDamageError(TWINS)
                said: dict[str, object] = {"sheets": [_sheet(workbook, n) for n in workbook.sheet_names]}
        except FileDamageError as error:
            said = {"damage": str(error)}
        except Exception as error:  # whatever a workbook does to its reader, the others are read
            said = {"damage": _damage(path, error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _sheet(workbook: Any, name: str) -> dict[str, object]:
    rows = []
    sheet = workbook.get_sheet_by_name(name)
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        cells = [cell_text(value) for value in row]
        if any(c.strip() for c in cells):
            if number > MOST_ROWS:
                raise FileDamageError(f"the sheet {name[:80]} has more than {MOST_ROWS:,} rows")
            row_within_limits(cells, number, name)
            rows.append([number, cells])
    return {"name": name, "rows": rows}


def _damage(path: Path, error: Exception) -> str:
    with path.open("rb") as handle:
        kind = kind_of(handle.read(8))
    if kind == "ole":
        # A workbook with a password, of any year, comes in this form too.
        return f"the workbook is encrypted, or of an old kind ({OLD}) that cannot be read: {in_plain_words(str(error))}"
    return f"the workbook is damaged: {in_plain_words(str(error))}"


if __name__ == "__main__":
    _child()
