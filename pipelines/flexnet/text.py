"""What the licence file and the status text share: recognition by content, and dates as FlexNet writes them. Reads no
file.
"""

from __future__ import annotations

import re
from datetime import date

from pipelines.contracts.limits import MAX_DIGITS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNT = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{1,4})")
_ENVELOPE = re.compile(
    r"^(?:.*?\s)?(?:\d{4}[-/]\d\d[-/]\d\d[T ])?[ "
    r"\d]?\d:\s?[0-5]?\d:\s?[0-5]?\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?:\s?[AaPp][Mm])?\s+\([^()\s]+\)",
    re.M,
)
# A name in brackets holds no bracket: of a text of nothing but brackets each would be tried with every other one.
_LOG_TEXT = re.compile(
    r"\([^()\s]+\) (?:(?:OUT|IN|DENIED|UNSUPPORTED|QUEUED|DEQUEUED): |TIMESTAMP \d|FlexNet Licensing|FLEXnet "
    r"Licensing|FLEXlm |"
    r"\(@\S+-SLOG@\)|SLOG:|Server started on|EXITING |Server's System Date)"
)
_LICENCE = re.compile(r"^[ \t]*(?:INCREMENT|FEATURE|PACKAGE)[ \t]+\S+[ \t]+\S+[ \t]+[\d.]+", re.M)
_STATUS = re.compile(
    r"^(?:Flexible License Manager status on |License server status: |Users of \S.*:\s+\(|Error getting status: )", re.M
)


_LISTED = re.compile(r"^NOTE: lmstat -i does not give information", re.M)


def is_debug_log(head: str) -> bool:
    """True if the beginning of a text (64 KB are enough) is a vendor daemon's or lmgrd's debug log."""
    lines = [line for line in head.splitlines() if line.strip()]
    timed = sum(1 for line in lines if _ENVELOPE.match(line))
    return timed * 2 > len(lines) and _LOG_TEXT.search(head) is not None


def is_status_text(head: str) -> bool:
    """True if the beginning of a text is what `lmutil lmstat` prints."""
    return not is_debug_log(head) and _STATUS.search(head) is not None


def is_licence_file(head: str) -> bool:
    """True if the beginning of a text is a FlexNet licence file. A debug log or a table that quotes such a line is
    none.
    """
    return not is_debug_log(head) and not is_status_text(head) and _LICENCE.search(head) is not None


def is_licence_list(head: str) -> bool:
    """True if the beginning of a text is what `lmutil lmstat -i` prints: the lines of the licence file, and nothing of
    what the server knows.
    """
    return _LISTED.search(head) is not None and "Users of " not in head


def read_count(text: str) -> int | None:
    """The number that digits say; None where they are not those of 0 to 9, or too many to be a number of licences."""
    return int(text) if _COUNT.fullmatch(text) else None


def read_date(text: str) -> tuple[date | None, bool]:
    """(date, True if it means "never expires") of a FlexNet date. Raises ValueError for a date that does not exist.

    `permanent`, and a year of nought (`1-jan-0`, `01-jan-0000`), never expire. Two digits of a year from 70 on are of
    the last century.
    """
    text = text.strip()
    if text.lower().startswith("permanent"):
        return None, True
    found = _DATE.fullmatch(text)
    if found is None or found[2].lower() not in _MONTHS:
        raise ValueError(f"`{text}` is not a date")
    year = int(found[3])
    if year == 0:
        return None, True
    if len(found[3]) <= 2:
        year += 1900 if year >= 70 else 2000
    return date(year, _MONTHS.index(found[2].lower()) + 1, int(found[1])), False
