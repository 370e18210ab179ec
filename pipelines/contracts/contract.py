"""The vocabulary of contracts: what a file of an input looks like, as frozen data.

Holds the dataclasses `Column` and `Contract` and the raw table that follows from them.
Does not hold any input (one file each beside this one), nor reading, nor judging (`pipelines/ingest`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How an input is used: per drop, over all drops up to the month, or as a company-owned table."""

    STATE = "state"
    EVENT = "event"
    REFERENCE = "reference"


class Form(StrEnum):
    """What a file of the input is: a table with a header, or a text of the licence server that has none."""

    TABLE = "table"
    SERVER_LOG = "server log"
    LICENCE_FILE = "licence file"
    STATUS_TEXT = "status text"


# Numbers of this size or more are no amounts, rates or counts of a company: a row that has one is rejected
# (docs/decisions/0024).
LIMIT = 10**15


class Type(StrEnum):
    """Types a canonical column can have; the value is the DuckDB type of the raw column.

    Numbers hold every value below LIMIT. Their types are those of `dbt_project/macros/engine/types.sql`, by test;
    docs/decisions/0024 says why.
    """

    TEXT = "VARCHAR"
    EMAIL = "VARCHAR "  # lower-cased; the trailing blank keeps the enum members apart
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"  # always UTC
    INTEGER = "BIGINT"
    NUMBER = "DECIMAL(19,4)"  # a quantity, tokens, an amount as stated
    PRICE = "DECIMAL(21,6)"  # an amount for one of something
    RATE = "DECIMAL(33,18)"  # a rate between two currencies
    BOOLEAN = "BOOLEAN"

    @property
    def sql(self) -> str:
        """The DuckDB type name of a raw column of this type."""
        return self.value.strip()

    @property
    def is_number(self) -> bool:
        """Whether values are numbers, with decimals or without."""
        return self in (Type.INTEGER, Type.NUMBER, Type.PRICE, Type.RATE)


@dataclass(frozen=True)
class Column:
    """One canonical column.

    required: needed for recognition and never null (a row without it is rejected). minimum: smallest allowed value of a
    number, inclusive unless `exclusive`. values: the values it can have, empty = any. Texts are mapped to them by
    `values.csv`; a text that no row knows is loaded as `unknown` where that is one of them, else its row is rejected. A
    boolean is null then. identifier: names one thing; a number in scientific notation is a damaged one, and its row is
    rejected. What a column means in words is in `pipelines/guide/columns.csv`.
    """

    name: str
    type: Type = Type.TEXT
    required: bool = False
    minimum: float | None = None
    exclusive: bool = False
    values: tuple[str, ...] = ()
    identifier: bool = False


@dataclass(frozen=True)
class Contract:
    """What one input promises.

    fallback: (column, generation, column to read instead) where a header of that generation lacks the column. guarded:
    (column, header, columns): a header that many kinds of list have; it means the column only beside these. any_of:
    groups of columns of which each row must fill at least one; a header must hold one of each group. is_use: its rows
    say who used what on which day; which of them a later file beats is decided once, in `_until`
    (`pipelines/ingest/write/events.py`). form: only tables are recognised by their header. natural_key: columns that
    make a row the same row in another file; empty = every row counts. table: the raw table, `raw.<name>` or
    `raw.ref_<name>` for a reference table.
    """

    name: str
    title: str
    kind: Kind
    columns: tuple[Column, ...]
    natural_key: tuple[str, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    fallback: tuple[tuple[str, str, str], ...] = ()
    guarded: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    section: str = ""
    is_use: bool = False
    form: Form = Form.TABLE
    source: str = "definition of this project, docs/exporting.md"

    @property
    def table(self) -> str:
        """Qualified name of the raw table."""
        return f"raw.ref_{self.name}" if self.kind is Kind.REFERENCE else f"raw.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Canonical column names in contract order."""
        return tuple(c.name for c in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that a row cannot lack."""
        return tuple(c.name for c in self.columns if c.required)

    @property
    def rejecting(self) -> frozenset[str]:
        """Names of the columns whose unreadable cells cost their row: required, of the key, and in a company's own
        table what bounds or prices.

        Everywhere else an unreadable cell is null and counted (definition of this project,
        docs/exporting.md). A price whose `valid_to` is not read would hold for ever.
        """
        names = {*self.required, *self.natural_key, *(c for group in self.any_of for c in group)}
        if self.kind is Kind.REFERENCE:
            names |= {c.name for c in self.columns if c.name in {"valid_from", "valid_to"} or c.type.is_number}
        return frozenset(names)


# Lineage that every raw row keeps. _file_no is the row's file in raw.file_register; _src packs file and row
# into one number (file_no * 10^10 + row) so that evidence can travel through SQL cheaply.
LINEAGE: tuple[tuple[str, str], ...] = (
    ("_drop", "VARCHAR"),
    ("_file_no", "INTEGER"),
    ("_file_sha256", "VARCHAR"),
    ("_row_number", "BIGINT"),
    ("_src", "BIGINT"),
    ("_file_rank", "BIGINT"),
    ("_hidden", "BOOLEAN"),
    ("_extra", "VARCHAR"),
)


# The drop of the file from which on another row takes the place of this one, null where none does.
UNTIL = ("_until", "VARCHAR")


def raw_columns(contract: Contract) -> list[tuple[str, str]]:
    """Name and DuckDB type of every column of the contract's raw table, in order."""
    return [*((c.name, c.type.sql) for c in contract.columns), *LINEAGE, *([UNTIL] if contract.is_use else [])]


def raw_ddl(contract: Contract) -> str:
    """CREATE TABLE IF NOT EXISTS of the contract's raw table: canonical columns, then lineage."""
    columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in raw_columns(contract))
    return f"CREATE TABLE IF NOT EXISTS {contract.table} ({columns})"
