"""Texts of the network licence server as typed rows: debug log, licence file, status text. Parsing is
`pipelines/flexnet`; which text is one is `recognise`.

Such a text has no header and no cells to judge: its parser types the rows and names the bad ones. What comes out is the
relation that `conform` makes of a table: the contract's columns and _row_number, _hidden, _extra, _bad_column, _reason,
_text. Rows that belong to the input but are no rows of the register (starts and exits of a daemon, packages, servers)
have no _row_number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.contracts import Contract, Form, Type
from pipelines.contracts.limits import MAX_SERVER_TEXT_BYTES, beyond_bytes
from pipelines.flexnet.debuglog import LogSummary
from pipelines.flexnet.licence import RejectedRow, read_licence
from pipelines.flexnet.status import StatusText, read_status
from pipelines.flexnet.write import write_log
from pipelines.ingest.landing.files import FileDamageError
from pipelines.ingest.sqltext import literal

# Where rows without a number lie among the numbers of evidence: beyond the rows of any file.
UNNUMBERED = 5_000_000_000
SHORTER = "hand in one licence file, or one answer of `lmutil lmstat -a`, for each server"


@dataclass(frozen=True)
class ServerText:
    """What was read: rows of the register (loaded and rejected), the relation that holds them, remarks for the
    register, and what the text says is missing from it.
    """

    rows: int
    relation: str
    message: str
    missing: str = ""


def read_text(con: duckdb.DuckDBPyConnection, contract: Contract, path: Path, folder: Path, view: str) -> ServerText:
    """Read a text into Parquet files of `folder` and a temporary view over them. Bounded memory for a log of any
    size. Raises FileDamageError for a licence file or status text that is too long to be one.
    """
    missing = ""
    if contract.form is Form.SERVER_LOG:
        summary = write_log(path, folder)
        rows, message = summary.rows, _about_log(summary)
    else:
        if (size := path.stat().st_size) > MAX_SERVER_TEXT_BYTES:
            raise FileDamageError(beyond_bytes("the text has {}", size, MAX_SERVER_TEXT_BYTES, SHORTER))
        folder.mkdir(parents=True, exist_ok=True)
        parsed = read_licence(path) if contract.form is Form.LICENCE_FILE else read_status(path)
        parsed.frame().write_parquet(folder / "events-1.parquet")
        _rejected(parsed.rejected).write_parquet(folder / "rejected-1.parquet")
        rows, message = parsed.read, _unexplained(parsed.unexplained, parsed.examples)
        if isinstance(parsed, StatusText):
            missing = _silent(parsed)
            if not any(r["kind"] in {"feature", "silent"} for r in parsed.rows):
                message = "; ".join(
                    filter(None, ["it lists no feature: run `lmutil lmstat -a` and hand in its output", message])
                )
    con.execute(f"create or replace temp view {view} as {_relation(contract, folder)}")
    return ServerText(rows, view, message, missing)


def in_timezone(contract: Contract, relation: str, timezone: str) -> str:
    """SELECT of a relation whose times were wall time of that zone, now UTC."""
    names = [c.name for c in contract.columns if c.type is Type.TIMESTAMP]
    if timezone == "UTC" or not names:
        return f"select * from {relation}"
    zone = literal(timezone)
    replaced = ", ".join(f"timezone('UTC', timezone({zone}, {n})) as {n}" for n in names)
    return f"select * replace ({replaced}) from {relation}"


def _relation(contract: Contract, folder: Path) -> str:
    names = ", ".join(f'cast("{c.name}" as {c.type.sql}) as "{c.name}"' for c in contract.columns)
    nothing = ", ".join(f'cast(null as {c.type.sql}) as "{c.name}"' for c in contract.columns)
    # A start or exit before the first date cannot be placed.
    dated = "where event_at is not null" if contract.form is Form.SERVER_LOG else ""
    return (
        f"select row_number as _row_number, {names}, false as _hidden, cast(null as varchar) as _extra, cast(null as "
        "varchar) as _bad_column, "
        "cast(null as varchar) as _reason, cast(null as varchar) as _text from "
        f"read_parquet({_parts(folder, 'events')}) {dated} "
        f"union all select row_number, {nothing}, false, null, column_name, reason, row_text "
        f"from read_parquet({_parts(folder, 'rejected')})"
    )


def _parts(folder: Path, name: str) -> str:
    """SQL of the list of a reader's files, in the order in which it wrote them. Named one by one: a folder called `[a]`
    would be a pattern.
    """
    numbered = sorted(folder.glob(f"{name}-*.parquet"), key=lambda path: int(path.stem.removeprefix(f"{name}-")))
    return f"[{', '.join(literal(str(path)) for path in numbered)}]"


def _rejected(rows: list[RejectedRow]) -> pl.DataFrame:
    schema = {"row_number": pl.Int64, "row_text": pl.String, "column_name": pl.String, "reason": pl.String}
    return pl.DataFrame(
        [(r.row_number, r.row_text, r.column_name, r.reason) for r in rows], schema=schema, orient="row"
    )


def _unexplained(count: int, examples: list[tuple[int, str]]) -> str:
    if not count:
        return ""
    number, text = examples[0]
    return f"{count} lines that are not understood, the first is line {number}: {text.strip()[:120]}"


def _silent(parsed: StatusText) -> str:
    """Which servers of a status text did not answer, and what they said instead; '' where all did."""
    silent = [r for r in parsed.rows if r["kind"] == "silent"]
    texts = [f"{r['server'] or 'the licence server'} did not answer ({r['message']})" for r in silent[:3]]
    more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
    return (
        f"{'; '.join(texts)}{more}; what it issues and who uses it are unknown, which is not the same as none"
        if texts
        else ""
    )


def _about_log(summary: LogSummary) -> str:
    remarks = [_unexplained(summary.unexplained, summary.examples)]
    if summary.moved:
        remarks.append(f"{summary.moved} dated lines contradict the clock (a gap of days, or a clock that was reset)")
    if summary.reporting is False:
        remarks.append("the server says that it reports nothing to the vendor")
    return "; ".join(r for r in remarks if r)
