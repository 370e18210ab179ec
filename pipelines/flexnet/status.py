"""What `lmutil lmstat -a` prints, as rows: one per user's line, beside them what is issued and in use per feature, and
which servers answer.

Pure parsing of one text of at most some megabytes. A server that is down is data: its features are unknown, never "0 in
use". Source: FlexNet Licensing, lmstat; texts seen of versions 11.6 to 11.19.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts.limits import MAX_DIGITS, MAX_SERVER_LINE_CHARS
from pipelines.flexnet.codes import read_code
from pipelines.flexnet.licence import RejectedRow
from pipelines.flexnet.text import read_count, read_date

SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "line_number": pl.Int64(),
    "kind": pl.String(),
    "status_at": pl.Datetime("us"),
    "server": pl.String(),
    "daemon": pl.String(),
    "feature": pl.String(),
    "issued": pl.Int64(),
    "in_use": pl.Int64(),
    "reserved": pl.Int64(),
    "expires_on": pl.Date(),
    "user_name": pl.String(),
    "host": pl.String(),
    "display": pl.String(),
    "component": pl.String(),
    "version": pl.String(),
    "handle": pl.String(),
    "started_at": pl.Datetime("us"),
    "licences": pl.Int64(),
    "is_queued": pl.Boolean(),
    "is_borrowed": pl.Boolean(),
    "is_name_ambiguous": pl.Boolean(),
    "message": pl.String(),
}
YEARS_BACK = 12

# After "status on", or alone on its line.
_STATUS_AT = re.compile(r"(?:status on |^)[^\s\d]{2,4}\s+(\d{1,2})/\s?(\d{1,2})/(\d{4})\s+(\d{1,2}):\s?(\d{1,2})")
_FEATURE = re.compile(r"Users of (.+?):\s+\((.*)\)\s*$")
_COUNTS = re.compile(r"Total of (\d+) licenses? issued;\s*Total of (\d+) licenses? in use")
_POOL = re.compile(r'"(.+?)" v([^,]*), vendor: ([^,\s]+)(?:, expiry: ([^\s,(]+))?')
_RESERVED = re.compile(r"(\d+) RESERVATIONs? for ")
_USER = re.compile(r"(.+) \((v[^()]*)\) \(([^\s/()]+)/([\w@.]+) ([\w.]+)\)(.*)$")
_START = re.compile(r",\s*start\s+(\S{2,4})\s+(\d{1,2})/\s?(\d{1,2})(?:/(\d{4}))?\s+(\d{1,2}):\s?(\d{1,2})")
_COUNT = re.compile(r", (\d+) licenses?\b")
_SERVER = re.compile(r"(\S+): license server (UP|DOWN)\b")
_SERVER_ERROR = re.compile(r"(\S+): (Cannot .*|.*\(-\d+[,:)].*)$")
_DAEMON = re.compile(r"([\w.-]+): (UP v\S*|.*daemon is down.*|Vendor daemon .*)$")
_ERROR = re.compile(r"(?:Error getting status|lmgrd is not running):\s*(.*)$")
_ERROR_CODE = re.compile(r"\(-\d+[,:]")
_ASKED = re.compile(r"License server status:\s*(?:\d*@)?([^\s,;@]+)")
_KNOWN = re.compile(
    r"lm(?:util|stat) - Copyright|License server status:|License file\(s\) on|Vendor daemon status|Feature usage "
    r"info|vendor_string:|"
    r"floating license|nodelocked license|[-_= ]+$|\[Detecting|NOTE: |but only reads|lmstat -a "
    r"is|Feature\s+Version|ISSUER|uncounted|"
    r"The desired vendor daemon|LINGER|Users are queued|License file\(s\):"
)
_LISTED = re.compile(r"\S+\s+[\d.]+\s+\d+\s+\S+\s+\S+$")


@dataclass
class StatusText:
    """rows: dicts with the columns of SCHEMA, kind `user` (numbered from 1), `feature`, `server` or `silent`
    (row_number null); read: users' lines.

    A `silent` row is a server that was asked and told nothing of its features, with its error as the message: what it
    issues and who uses it is not known.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    read: int = 0
    status_at: datetime | None = None
    unexplained: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        """The rows as a table in file order."""
        return pl.DataFrame(self.rows, schema=SCHEMA, orient="row")


def read_status(path: Path) -> StatusText:
    """A status text (UTF-8; other bytes are replaced). Raises OSError only."""
    with path.open(encoding="utf-8-sig", errors="replace") as handle:
        return parse_status(handle)


def parse_status(lines: Iterable[str]) -> StatusText:
    """The rows of one or more `lmstat` outputs from their physical lines."""
    return _Parser().parse(lines)


class _Parser:
    def __init__(self) -> None:
        self.result = StatusText()
        self.server: str | None = None
        self.daemon: str | None = None
        self.feature: dict[str, Any] | None = None
        # Of the server that is asked: its name, the row of its first error, and whether it told of a feature.
        self.asked: str | None = None
        self.error: dict[str, Any] | None = None
        self.told = False
        self.ends: dict[int, set[str]] = {}

    def parse(self, lines: Iterable[str]) -> StatusText:
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text:
                continue
            # Nothing that is read is so long, and patterns of a line take long over it.
            if len(text) > MAX_SERVER_LINE_CHARS or not self._line(number, text, indented=line[0] in " \t"):
                self.result.unexplained += 1
                if len(self.result.examples) < 20:
                    self.result.examples.append((number, text[:200]))
        self._end_of_answer()
        return self.result

    def _end_of_answer(self) -> None:
        """What one server said is over: it is silent if it told of no feature and an error stands there instead."""
        if self.error is not None and not self.told:
            self.error |= {"kind": "silent", "server": self.server or self.asked or self.error["server"]}
        self.asked, self.error, self.told = None, None, False

    def _failed(self, number: int, message: str, **values: Any) -> None:
        row = self._row("server", number, message=message, **values)
        self.error = self.error or row

    def _row(self, kind: str, number: int, **values: Any) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(SCHEMA)
        row |= {"kind": kind, "line_number": number, "status_at": self.result.status_at, "server": self.server}
        row |= {"daemon": self.daemon} | values
        self.result.rows.append(row)
        return row

    def _line(self, number: int, text: str, indented: bool) -> bool:
        if found := _FEATURE.match(text):
            self._start_feature(number, found[1], found[2])
        elif self.feature is not None and (found := _RESERVED.match(text)):
            reserved = read_count(found[1])
            if reserved is None:
                return False
            self.feature["reserved"] = (self.feature["reserved"] or 0) + reserved
        elif self.feature is not None and indented and (found := _USER.match(text)):
            self._user(number, text, found)
        elif found := _STATUS_AT.search(text):
            month, day, year, hour, minute = (int(g) for g in found.groups())
            self._end_of_answer()
            self.server = self.daemon = self.feature = None
            try:
                self.result.status_at = datetime(year, month, day, hour, minute)
            except ValueError:
                return False
        elif self.feature is not None and (found := _POOL.match(text)):
            self._pool(found)
        elif found := _ASKED.match(text):
            # One output can hold several servers, of which only the first stands under the date.
            self._end_of_answer()
            self.server = self.daemon = self.feature = None
            self.asked = found[1]
        elif text.startswith("Vendor daemon status"):
            self.daemon = self.feature = None
        else:
            return self._about_servers(number, text)
        return True

    def _about_servers(self, number: int, text: str) -> bool:
        if found := _SERVER.match(text):
            if self.server is None or "(MASTER)" in text:
                self.server = found[1]
            self._row("server", number, server=found[1], daemon=None, message=found[2])
        elif found := _ERROR.match(text):
            self._failed(number, found[1].strip(), daemon=None, server=self.server or self.asked)
        elif self.feature is None and (found := _DAEMON.match(text)):
            self.daemon = found[1]
            if found[2].startswith("UP"):
                self._row("server", number, message=found[2].split(" v")[0])
            else:
                self._failed(number, found[2].strip())
        elif self.feature is None and (found := _SERVER_ERROR.match(text)):
            self._failed(number, found[2].strip(), server=found[1], daemon=None)
        elif _ERROR_CODE.search(text):
            self._failed(number, text, server=self.server or self.asked)
        else:
            return bool(_KNOWN.match(text) or _LISTED.match(text))
        return True

    def _start_feature(self, number: int, name: str, told: str) -> None:
        counts = _COUNTS.match(told)
        issued, in_use = (read_count(counts[1]), read_count(counts[2])) if counts else (None, None)
        self.told = True
        self.feature = self._row(
            "feature",
            number,
            feature=name.strip(),
            issued=issued,
            in_use=in_use,
            message=told if issued is None or in_use is None else None,
        )

    def _pool(self, found: re.Match[str]) -> None:
        assert self.feature is not None
        self.feature["daemon"] = self.daemon = found[3]
        try:
            expires, never = read_date(found[4]) if found[4] else (None, False)
        except ValueError:
            return
        if not expires and not never:
            return
        # Pools of a feature that end on different days have no one end.
        ends = self.ends.setdefault(self.feature["line_number"], set())
        ends.add("permanent" if expires is None else expires.isoformat())
        self.feature["expires_on"] = expires if len(ends) == 1 else None
        if len(ends) > 1:
            self.feature["message"] = f"its licences end on different days: {', '.join(sorted(ends))}"

    def _user(self, number: int, text: str, found: re.Match[str]) -> None:
        assert self.feature is not None
        result = self.result
        result.read += 1
        rest = found[6]
        start = _START.match(rest)
        queued = " queued for " in rest
        if start is None and not queued:
            result.rejected.append(RejectedRow(result.read, text, "started_at", "the line names no start"))
            return
        user, host, display, component, ambiguous = split_names(found[1].strip())
        count = _COUNT.search(rest)
        licences = read_count(count[1]) if count else 1
        if licences is None:
            reason = f"the number of licences has more than {MAX_DIGITS} digits"
            result.rejected.append(RejectedRow(result.read, text, "licences", reason))
            return
        self._row(
            "user",
            number,
            row_number=result.read,
            feature=self.feature["feature"],
            daemon=self.feature["daemon"],
            issued=self.feature["issued"],
            in_use=self.feature["in_use"],
            server=found[3],
            user_name=user,
            host=host,
            display=display,
            component=component,
            version=found[2],
            handle=found[5],
            started_at=started_at(start, result.status_at) if start else None,
            licences=0 if queued else licences,
            is_queued=queued,
            is_borrowed="linger:" in rest.lower(),
            is_name_ambiguous=ambiguous,
        )


def split_names(text: str) -> tuple[str, str | None, str | None, str | None, bool]:
    """(user, host, display, component, ambiguous) of what stands before the version. Names may hold blanks; then host =
    display decides.
    """
    tokens = text.split()
    component = None
    if len(tokens) > 2 and read_code(tokens[-1]).kind != "other":
        component = tokens.pop()
    if len(tokens) <= 3:
        user, host, display = [*tokens, None, None][:3]
        return str(user), host, display, component, False
    lowered = [token.lower() for token in tokens]
    for width in range((len(tokens) - 1) // 2, 0, -1):
        if lowered[-width:] == lowered[-2 * width : -width]:
            host = " ".join(tokens[-2 * width : -width])
            return " ".join(tokens[: -2 * width]), host, " ".join(tokens[-width:]), component, False
    return str(tokens[0]), tokens[1], " ".join(tokens[2:]), component, True


def started_at(start: re.Match[str], status_at: datetime | None) -> datetime | None:
    """The start as naive local time. The text has no year: the latest year in which the date exists, is not after the
    status and has the weekday; if none has it (a weekday of another language, a clock that was wrong), the latest in
    which it exists and is not after the status. None if there is none.
    """
    weekday, month, day, year, hour, minute = start.groups()
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    if year is None and status_at is None:
        return None
    last = int(year) if year else status_at.year if status_at else 0
    nearest = None
    for candidate in range(last, last - (1 if year else YEARS_BACK), -1):
        try:
            at = datetime(candidate, int(month), int(day), int(hour), int(minute))
        except ValueError:
            continue
        if status_at is not None and at > status_at + timedelta(days=1):
            continue
        if year or names[at.weekday()] == weekday.lower():
            return at
        nearest = nearest or at
    return nearest
