"""What a run could not make, as data: the record of it in the warehouse (`raw.not_made`) and the sentences that are
said of it.

Published as `meta.not_made`. Which failure takes what is `graph`; nothing is made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Protocol

import duckdb

from pipelines.warehouse import insert_rows


class Published(Protocol):
    """An entry of the record of publications, as far as it is needed here."""

    @property
    def output(self) -> str: ...
    @property
    def review_month(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def horizon(self) -> str | None: ...


TABLE = "raw.not_made"
# Kinds, in the order in which they are said.
OUTPUT, MART, RULE, INPUT, FILE, WORKBOOK, PAGE, PACK = (
    "output", "mart", "rule", "input", "file", "workbook", "page", "pack",
)  # fmt: skip
KINDS = (OUTPUT, MART, RULE, INPUT, FILE, WORKBOOK, PAGE, PACK)
AGAIN = "The next `selfaudit run` makes it."
A_DEFECT = (
    "If the place names a value, correct it in its file; otherwise this is a defect of the software: report this "
    f"message. {AGAIN}"
)


@dataclass(frozen=True)
class Unmade:
    """One thing that a run could not make for a month.

    kind: one of KINDS. name: the output, mart, rule, input, or the path below `published`. cause: the model, file or
    step that failed. reason: what it said, in one line. place: file and row of the value at fault, where it could be
    found. advice: what to do. former_version, former_drop: the publication that still stands, and the last drop that it
    knew; None where there is none.
    """

    review_month: str
    kind: str
    name: str
    cause: str
    reason: str
    place: str | None = None
    advice: str = A_DEFECT
    former_version: int | None = None
    former_drop: str | None = None

    @property
    def why(self) -> str:
        """Cause, reason and place in one sentence."""
        where = f" ({self.place})" if self.place else ""
        return f"{self.cause} failed: {self.reason.rstrip('.')}{where}"

    @property
    def stands(self) -> str:
        """What stands in its place."""
        if self.kind == RULE:
            return "no findings of it are shown, which does not mean that there are none"
        if self.kind == INPUT:
            return "it counts as not delivered"
        if self.former_version is None:
            return "no earlier run made it" if self.kind == OUTPUT else "the version of an earlier run is kept"
        return f"version {self.former_version} is kept, made from the drops up to {self.former_drop}"


class PartlyMadeError(RuntimeError):
    """A run that published what it could and not everything: raised at its end, where a run of Dagster's must be seen
    to have failed.
    """


COLUMNS = tuple(f.name for f in fields(Unmade))
DESCRIPTIONS = {
    "review_month": "Review month, YYYY-MM",
    "kind": "output, mart, rule, input, file, workbook, page, pack",
    "name": "What was not made: the output, mart, rule or input, or the path of a file below the published folder",
    "cause": "The model, file or step that failed",
    "reason": "What it said, in one line",
    "place": "File and row of the value at fault, where it could be found",
    "advice": "What to do",
    "former_version": "The version that still stands; empty where there is none",
    "former_drop": "The last drop that the standing version knew",
}
ABOUT = (
    "Grain: (review_month, kind, name): what the latest run of the month could not make. Empty where everything "
    "was made."
)


def forget(connection: duckdb.DuckDBPyConnection, months: Iterable[str], kinds: Sequence[str] = KINDS) -> None:
    """Forget what earlier runs of these months could not make; they are made again."""
    connection.execute(
        f"delete from {TABLE} where list_contains(?, review_month) and list_contains(?, kind)",
        [list(months), list(kinds)],
    )


def remember(connection: duckdb.DuckDBPyConnection, found: Iterable[Unmade]) -> None:
    """Add to the record, once each."""
    known = {(u.review_month, u.kind, u.name) for u in read(connection)}
    new = {(u.review_month, u.kind, u.name): u for u in found}
    insert_rows(connection, TABLE, COLUMNS, [astuple(u) for k, u in new.items() if k not in known])


def with_previous(found: Iterable[Unmade], chain: Iterable[Published]) -> list[Unmade]:
    """The same, each output with the version that stands. chain: the entries of the record of publications."""
    latest = {(e.output, e.review_month): e for e in chain}
    result = []
    for one in found:
        entry = latest.get((one.name, one.review_month)) if one.kind == OUTPUT else None
        drop = (entry.horizon or entry.review_month) if entry else None
        result.append(replace(one, former_version=entry.version if entry else None, former_drop=drop))
    return result


def read(connection: duckdb.DuckDBPyConnection, table: str = TABLE) -> list[Unmade]:
    """The record in order: by month, kind and name. table: `meta.not_made` in the published file. Empty where an
    earlier version wrote no such table.
    """
    schema, name = table.split(".")
    there = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = ? and table_name = ? and database_name = "
        "current_database()",
        [schema, name],
    ).fetchall()
    if not there[0][0]:
        return []
    rows = connection.execute(f"select {', '.join(COLUMNS)} from {table}").fetchall()
    return sorted((Unmade(*row) for row in rows), key=lambda u: (u.review_month, KINDS.index(u.kind), u.name))


_PREFIX = re.compile(
    r"^(Database|Runtime|Compilation|Python|Unhandled)? ?Error in (model|test) \S+ \([^)]*\)\s*", re.IGNORECASE
)


def in_words(message: str) -> str:
    """What dbt says of a failed model or test, in one line: the database's own words without dbt's heading and the
    lines of SQL.
    """
    text = _PREFIX.sub("", message.strip())
    if "Traceback" in text:  # of a Python model: what was raised stands last
        text = next(line for line in reversed(text.splitlines()) if line.strip())
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept: list[str] = []
    for line in lines:
        if line.startswith(("LINE ", "^", "compiled code at", "Traceback", "File ")) or (
            kept and line.startswith("Candidate")
        ):
            break
        kept.append(line)
    said = " ".join(kept) or text
    return said if len(said) <= 400 else said[:397] + "..."
