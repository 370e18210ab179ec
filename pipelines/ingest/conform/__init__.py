"""Texts to typed rows, set-based: the SQL that trims, maps, casts and judges every cell of a table of texts by its contract.

`table` runs it; `dates`, `numbers`, `values` build the SQL of one kind of cell, `judging` that of faults. What cells mean is data of `pipelines/contracts`.
"""

from pipelines.ingest.conform.sqltext import literal
from pipelines.ingest.conform.table import (
    UNCLEAR,
    Forms,
    Noted,
    aside_rows,
    conform_file,
    conform_table,
    noted_of,
    planning,
    straight_rows,
)

__all__ = [
    "UNCLEAR",
    "Forms",
    "Noted",
    "aside_rows",
    "conform_file",
    "conform_table",
    "literal",
    "noted_of",
    "planning",
    "straight_rows",
]
