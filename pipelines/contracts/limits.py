"""Limits of delivered files: columns, lengths, archive members, nesting, digits, time and memory. A file beyond one of
them is refused by name, and the other files of its drop are read.

Holds numbers and the words of a refusal; opens no file. The limits are far above what a spreadsheet, a portal or a
directory writes, and low enough that a file within them is read in seconds. Source: definition of this project,
docs/exporting.md.
"""

from __future__ import annotations

MB = 1 << 20

# Columns of a table, and characters of the line (or the keys) that names them. A sheet can have 16,384 columns, nearly
# all of them empty.
MAX_COLUMNS = 1_000
MAX_HEADER_CHARS = 1 << 16
# Bytes of one row, and therefore of one cell. Excel keeps 32,767 characters in a cell.
MAX_ROW_BYTES = 8 * MB
# Files in an archive, those of archives in it included; entries of a workbook, which is an archive too; its sheets.
MAX_MEMBERS = 1_000
MAX_WORKBOOK_ENTRIES = 10_000
MAX_SHEETS = 500
# Bytes of the list of contents at the end of an archive; it is read as a whole.
MAX_DIRECTORY_BYTES = 4 * MB
# Texts of all cells of a workbook, beyond its content: a text that many cells share is in it once.
LEAST_SHEET_TEXT, SHEET_TEXT_SWELL = 256 * MB, 8
# How much larger than the archive its content may be, what any archive may hold, and what none may.
MAX_SWELL = 300
LEAST_UNPACKED = 64 * MB
MAX_UNPACKED = 8192 * MB
# Archives and gzip files within each other.
MAX_PACKINGS = 3
# A manifest is a few lines.
MAX_MANIFEST_BYTES = 64 << 10
MAX_MANIFEST_DEPTH = 10
# Texts that are parsed as a whole.
MAX_JSON_BYTES = 1024 * MB
# Values of a JSON text: so many, and one more for so many bytes of it. Each takes some 60 bytes of memory.
MAX_JSON_VALUES, BYTES_PER_JSON_VALUE = 10_000_000, 8
MAX_PAGE_BYTES = 128 * MB
MAX_SERVER_TEXT_BYTES = 64 * MB
# A line of a licence server's text that is longer holds nothing that is read.
MAX_SERVER_LINE_CHARS = 4_096
# Digits of a whole number: below 10^15 every program keeps it exactly.
MAX_DIGITS = 15
# Characters of a remark on a file.
MAX_REMARK_CHARS = 2_000
# Processor time for one file, whatever it does to its reader: so many seconds, and so many for each megabyte of it.
SECONDS_PER_FILE = 10.0
SECONDS_PER_MB = 2.0
# How much longer than that the reader of a workbook may last by the clock, on a machine that is busy.
CLOCK_PER_SECOND = 10.0


def beyond(what: str, found: int, limit: int, todo: str) -> str:
    """The words of a refusal: what was found, what is accepted, what to do. what: "the header has {} columns"."""
    return f"{what.format(f'{found:,}')}; at most {limit:,} are accepted: {todo}"


def beyond_bytes(what: str, found: int, limit: int, todo: str) -> str:
    """The same of sizes in bytes, in megabytes rounded up. what: "the row has {}"."""
    return f"{what.format(f'{-(-found // MB):,} MB')}; at most {limit / MB:,.4g} MB are accepted: {todo}"


def seconds_for(size: int) -> float:
    """Processor time that the reading of a file of that many bytes may take."""
    return SECONDS_PER_FILE + SECONDS_PER_MB * size / MB


def json_values_for(size: int) -> int:
    """How many values a JSON text of that many bytes may hold."""
    return MAX_JSON_VALUES + size // BYTES_PER_JSON_VALUE


def sheet_text_for(size: int) -> int:
    """How many bytes the texts of all cells of a workbook with so many bytes of content may have."""
    return min(max(LEAST_SHEET_TEXT, SHEET_TEXT_SWELL * size), MAX_UNPACKED)
