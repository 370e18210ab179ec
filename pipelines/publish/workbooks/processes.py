"""The workbooks of a run, made by two processes: writing cells is the slowest part of publishing, and it needs the published file and nothing else.

Holds how the books are shared out and the second process (`python -m pipelines.publish.workbooks.processes`). How a book is written is `write`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from pipelines.publish.workbooks.listing import MOST_ROWS
from pipelines.publish.workbooks.write import Book, books_of, column_of_month, write_books
from pipelines.warehouse import connect_file

# With fewer books a second process costs more than it takes over.
ENOUGH = 10
# What a book costs beside its rows, and what the pages of a month cost that this process makes afterwards, in cells (measured).
CELLS_OF_A_BOOK, CELLS_OF_PAGES = 5_000, 25_000


class WorkbookError(RuntimeError):
    """The second process failed; the message is its own."""


def write_all(
    connection: duckdb.DuckDBPyConnection, database: Path, months: Sequence[str], published: Path, scratch: Path
) -> list[Path]:
    """Write the workbooks of the months, half of the work here and half beside. database: the published file that `connection` reads.

    Returns their paths in order of month and output. Raises WorkbookError.
    """
    books = books_of(connection, months)
    mine, theirs = _halves(connection, books) if len(books) >= ENOUGH else (books, [])
    beside = _begin(database, theirs, published, scratch) if theirs else None
    try:
        written = dict(zip(mine, write_books(connection, mine, published, scratch), strict=True))
    finally:
        said = beside.communicate()[0] if beside else ""
    if beside and beside.returncode:
        last = said.strip().splitlines()[-1:] or ["no word of it"]
        raise WorkbookError(f"the process that writes workbooks ended with {beside.returncode}: {last[0]}")
    written.update(zip(theirs, (Path(line) for line in said.splitlines()), strict=True))
    return [written[book] for book in books]


def _halves(connection: duckdb.DuckDBPyConnection, books: Sequence[Book]) -> tuple[list[Book], list[Book]]:
    """The books in two lists, the first for this process, that cost about the same: the largest first, each to the list that has less."""
    widths = dict(
        connection.execute(
            "select table_name, count(*) from duckdb_columns() where schema_name = 'calendar' group by all"
        ).fetchall()
    )
    rows: dict[Book, int] = {}
    for output in {output for output, _ in books}:
        by = column_of_month(output)
        found = connection.execute(f'select "{by}", count(*) from calendar.{output} group by all').fetchall()
        rows |= {(output, month): min(int(n), MOST_ROWS) for month, n in found}
    cells = {book: CELLS_OF_A_BOOK + rows.get(book, 0) * int(widths.get(book[0], 1)) for book in books}
    shares: tuple[list[Book], list[Book]] = ([], [])
    totals = [CELLS_OF_PAGES * len({month for _, month in books}), 0]
    for book in sorted(books, key=lambda b: (-cells[b], b)):
        less = totals.index(min(totals))
        shares[less].append(book)
        totals[less] += cells[book]
    return shares


def _begin(database: Path, books: Sequence[Book], published: Path, scratch: Path) -> subprocess.Popen[str]:
    task = {"database": str(database), "books": books, "published": str(published), "scratch": str(scratch)}
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.publish.workbooks.processes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(task))
    process.stdin.close()
    process.stdin = None
    return process


def main() -> None:
    """The second process: the task comes on standard input, the paths of the books leave on standard output."""
    task = json.load(sys.stdin)
    books = [(output, month) for output, month in task["books"]]
    with closing(connect_file(Path(task["database"]))) as connection:
        written = write_books(connection, books, Path(task["published"]), Path(task["scratch"]))
    print("\n".join(str(path) for path in written))


if __name__ == "__main__":
    main()
