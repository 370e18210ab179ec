"""The licence file as rows: INCREMENT and FEATURE with their count, PACKAGE with its components.

Pure parsing of one file; keeps no key and no signature. What a licence entitles to in a month is the rules' business,
but what only the file as a whole tells is held here: which rows are superseded, and that a package's components have no
licences of their own. Source: FlexNet Licensing, licence administration guide; licences of adskflex.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.flexnet.text import read_count, read_date

SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "line_number": pl.Int64(),
    "kind": pl.String(),
    "feature": pl.String(),
    "daemon": pl.String(),
    "version": pl.String(),
    "licences": pl.Int64(),
    "is_uncounted": pl.Boolean(),
    "start_on": pl.Date(),
    "expires_on": pl.Date(),
    "issued_on": pl.Date(),
    "serial_number": pl.String(),
    "dup_group": pl.String(),
    "suite_dup_group": pl.String(),
    "vendor_string": pl.String(),
    "issuer": pl.String(),
    "supersedes": pl.String(),
    "is_superseded": pl.Boolean(),
    "is_priority_list": pl.Boolean(),
    "components": pl.String(),
    "server": pl.String(),
}
ROWS = ("INCREMENT", "FEATURE")
OTHER = ("SERVER", "USE_SERVER", "VENDOR", "DAEMON", "UPGRADE", "FEATURESET", "NOTICE", "ISSUER", "ISSUED", "TS_OK")
_TOKEN = re.compile(r'(?:[^\s"]+=)?"[^"]*"|\S+')


@dataclass(frozen=True)
class RejectedRow:
    """A row that is none: its number among the file's rows, its text without keys, the column that failed, why."""

    row_number: int
    row_text: str
    column_name: str
    reason: str


@dataclass
class LicenceFile:
    """rows: dicts with the columns of SCHEMA; read: INCREMENT and FEATURE lines (= loaded + rejected); servers: host
    names, a triad is three.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    read: int = 0
    servers: list[str] = field(default_factory=list)
    daemons: list[str] = field(default_factory=list)
    unexplained: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        """The rows as a table in file order."""
        return pl.DataFrame(self.rows, schema=SCHEMA, orient="row")


def read_licence(path: Path) -> LicenceFile:
    """A licence file (UTF-8; other bytes are replaced). Raises OSError only; a line that is no row is rejected or
    counted as unexplained.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as handle:
        return parse_licence(handle)


def parse_licence(lines: Iterable[str]) -> LicenceFile:
    """The rows of a licence file from its physical lines."""
    result = LicenceFile()
    for number, text in _logical(lines):
        tokens = _TOKEN.findall(text)
        word = tokens[0].upper()
        if word in ROWS:
            result.read += 1
            try:
                result.rows.append(_row(word, number, result.read, tokens))
            except _BadRowError as error:
                result.rejected.append(RejectedRow(result.read, " ".join(tokens[:6]), error.column, str(error)))
        elif word == "PACKAGE" and len(tokens) >= 4:
            result.rows.append(_package(number, tokens))
        elif word in OTHER:
            if word == "SERVER" and len(tokens) > 1:
                result.servers.append(tokens[1])
            elif word in {"VENDOR", "DAEMON"} and len(tokens) > 1:
                result.daemons.append(tokens[1])
        else:
            result.unexplained += 1
            if len(result.examples) < 20:
                result.examples.append((number, tokens[0][:80]))
    server = ";".join(dict.fromkeys(result.servers)) or None
    until = _superseded_until(result.rows)
    for row in result.rows:
        row["server"] = server
        row["is_superseded"] = _is_superseded(row, until)
    _first_feature_counts(result.rows)
    return result


class _BadRowError(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _logical(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(number of its first physical line, text) per logical line: a backslash at the end continues, also inside a
    quoted value.
    """
    pending = ""
    first = 0
    for number, line in enumerate(lines, 1):
        text = line.rstrip()
        if not pending:
            first = number
            if not text.strip() or text.lstrip().startswith("#"):
                continue
        if text.endswith("\\"):
            pending += text[:-1] + " "
            continue
        yield first, (pending + text).strip() or "#"
        pending = ""
    if pending.strip():
        yield first, pending.strip()


def _options(tokens: list[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for token in tokens:
        name, sign, value = token.partition("=")
        if sign or name.isalpha():
            options[name.upper()] = " ".join(value.strip('"').split())
    return options


def _date(options: dict[str, str], name: str, column: str) -> date | None:
    if not options.get(name):
        return None
    try:
        return read_date(options[name])[0]
    except ValueError as error:
        raise _BadRowError(column, str(error)) from error


def _base(kind: str, line: int, number: int | None, tokens: list[str], options: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(SCHEMA)
    supersedes = options.get("SUPERSEDE")
    row.update(
        row_number=number,
        line_number=line,
        kind=kind,
        feature=tokens[1],
        daemon=tokens[2],
        version=tokens[3],
        is_uncounted=False,
        issued_on=_date(options, "ISSUED", "issued_on"),
        serial_number=options.get("SN") or None,
        dup_group=(options.get("DUP_GROUP") or "").upper() or None,
        suite_dup_group=(options.get("SUITE_DUP_GROUP") or "").upper() or None,
        vendor_string=options.get("VENDOR_STRING") or None,
        issuer=options.get("ISSUER") or None,
        supersedes=None if supersedes is None else ";".join(supersedes.split()) or tokens[1],
        is_superseded=False,
        is_priority_list=tokens[1].upper() == "PLIST",
    )
    return row


def _row(kind: str, line: int, number: int, tokens: list[str]) -> dict[str, Any]:
    if len(tokens) < 6:
        raise _BadRowError(
            "licences", f"{len(tokens)} fields found where name, daemon, version, expiry and count are needed"
        )
    try:
        expires, _ = read_date(tokens[4])
    except ValueError as error:
        raise _BadRowError("expires_on", str(error)) from error
    count = tokens[5]
    number_of = read_count(count)
    if number_of is None and count.lower() != "uncounted":
        raise _BadRowError("licences", f"`{count[:40]}` is not a number of licences")
    options = _options(tokens[6:])
    row = _base(kind, line, number, tokens, options)
    row["expires_on"] = expires
    row["start_on"] = _date(options, "START", "start_on")
    row["is_uncounted"] = not number_of
    row["licences"] = number_of or None
    return row


def _package(line: int, tokens: list[str]) -> dict[str, Any]:
    options = _options(tokens[4:])
    try:
        row = _base("PACKAGE", line, None, tokens, options)
    except _BadRowError:
        row = _base("PACKAGE", line, None, tokens, options | {"ISSUED": ""})
    # A component may carry version and count: NAME:VERSION:COUNT.
    row["components"] = ";".join(c.partition(":")[0] for c in options.get("COMPONENTS", "").split()) or None
    return row


def _superseded_until(rows: list[dict[str, Any]]) -> dict[tuple[str, str], date]:
    """(daemon, feature) → the latest day on which a row was issued that names the feature in SUPERSEDE."""
    latest: dict[tuple[str, str], date] = {}
    for row in rows:
        if row["kind"] in ROWS and row["supersedes"] is not None and row["issued_on"] is not None:
            for feature in row["supersedes"].split(";"):
                key = (row["daemon"], feature)
                latest[key] = max(latest.get(key, row["issued_on"]), row["issued_on"])
    return latest


def _is_superseded(row: dict[str, Any], until: dict[tuple[str, str], date]) -> bool:
    """Whether a row names this feature in SUPERSEDE and was issued later; equal dates add up."""
    if row["kind"] not in ROWS or row["issued_on"] is None:
        return False
    latest = until.get((row["daemon"], row["feature"]))
    return latest is not None and latest > row["issued_on"]


def _first_feature_counts(rows: list[dict[str, Any]]) -> None:
    """Of several FEATURE lines of one name the daemon takes the first only; INCREMENT lines add up."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if row["kind"] == "FEATURE" and not row["is_superseded"]:
            key = (row["daemon"], row["feature"])
            row["is_superseded"] = key in seen
            seen.add(key)
