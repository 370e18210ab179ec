"""Writes the workbooks of a run in two processes: writing cells is the slowest part of publishing, and it needs only
the published file.

Holds the split of the work and the second process (`python -m pipelines.publish.workbooks.parallel`), which starts
together with publishing and is therefore ready when there is something to write. `write` writes each book.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb

from pipelines.errors import is_of_surroundings
from pipelines.failures.isolation import Spared
from pipelines.failures.omissions import WORKBOOK
from pipelines.publish.workbooks.listing import MOST_ROWS
from pipelines.publish.workbooks.write import Book, column_of_month, path_of, write_books
from pipelines.resources.modes import new_files_for_the_group
from pipelines.warehouse import connect_file

# With fewer books a second process costs more than it saves.
ENOUGH = 10
# Fixed cost of a workbook, and the cost of a month's pages, which this process writes afterwards; both in cells
# (measured).
CELLS_OF_A_BOOK, CELLS_OF_PAGES = 5_000, 25_000


# Prefix of the second process's line about a failed workbook.
FAILED = "not written"


class WorkbookError(RuntimeError):
    """The second process failed; the message is its own."""


class SecondWriter:
    """The second process, before and after it receives its task."""

    def __init__(self, at_once: bool = True) -> None:
        """at_once: start now, as a task is likely; otherwise it starts when the task is given."""
        self._started = self._start() if at_once else None

    @staticmethod
    def _start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines.publish.workbooks.parallel"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def give(self, database: Path, books: Sequence[Book], published: Path, scratch: Path) -> None:
        """Send these books to the process. Does not raise if it has already ended; `failures` reports why."""
        self._started = self._started or self._start()
        task = {"database": str(database), "books": books, "published": str(published), "scratch": str(scratch)}
        process = self._started
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps(task))
            process.stdin.close()
        process.stdin = None

    def failures(self) -> list[tuple[str, str, str]]:
        """Wait for the books. Returns (path below the published folder, month, reason) of those that failed. Raises
        WorkbookError with the process's last output.
        """
        assert self._started is not None
        said = self._started.communicate()[0]
        if self._started.returncode:
            last = said.strip().splitlines()[-1:] or ["no word of it"]
            raise WorkbookError(f"the process that writes workbooks ended with {self._started.returncode}: {last[0]}")
        found = [line.split("\t", 3)[1:] for line in said.splitlines() if line.startswith(FAILED)]
        return [(name, month, reason) for name, month, reason in found]

    def close(self) -> None:
        """End the process, whether or not it received a task."""
        if self._started is None:
            return
        self._started.kill()
        self._started.wait()
        for pipe in (self._started.stdin, self._started.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def second_writer(at_once: bool = True) -> Iterator[SecondWriter]:
    """The second process, for the duration of a publication. at_once: whether many workbooks are to be expected."""
    writer = SecondWriter(at_once)
    try:
        yield writer
    finally:
        writer.close()


def write_all(
    connection: duckdb.DuckDBPyConnection,
    database: Path,
    books: Sequence[Book],
    published: Path,
    scratch: Path,
    second: SecondWriter,
    spared: Spared,
) -> list[Path]:
    """Write workbooks, half of the work in this process and half in the other. database: the published file that
    `connection` reads.

    spared: records failed workbooks. Returns the paths of those written, in the order of `books`.
    """
    mine, theirs = _halves(connection, books) if len(books) >= ENOUGH else (list(books), [])
    if theirs:
        second.give(database, theirs, published, scratch)
    write_books(connection, mine, published, scratch, spared)
    if theirs:
        try:
            for name, month, reason in second.failures():
                spared.note(WORKBOOK, name, month, "the writer of workbooks", reason)
        except WorkbookError as error:
            if is_of_surroundings(error):
                raise
            # The process has ended and what it wrote is unknown: this process writes its books again.
            write_books(connection, theirs, published, scratch, spared)
    failed = {name for name, _ in spared.missing(WORKBOOK)}
    paths = [path_of(published, book) for book in books]
    return [path for path in paths if str(path.relative_to(published)) not in failed]


def _halves(connection: duckdb.DuckDBPyConnection, books: Sequence[Book]) -> tuple[list[Book], list[Book]]:
    """The books in two lists of about equal cost, the first for this process: largest first, each added to the list
    with less work.
    """
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


def main() -> None:
    """The second process: reads the task from standard input and writes one line to standard output per failed book.
    Without a task it ends.
    """
    import xlsxwriter  # noqa: F401  imported early, while there is no publication yet

    given = sys.stdin.read()
    if not given:
        return
    new_files_for_the_group()
    task = json.loads(given)
    books = [(output, month) for output, month in task["books"]]
    with closing(connect_file(Path(task["database"]))) as connection:
        spared = Spared()
        write_books(connection, books, Path(task["published"]), Path(task["scratch"]), spared)
    for one in spared.unmade:
        print(FAILED, one.name, one.review_month, one.reason.replace("\t", " "), sep="\t")


if __name__ == "__main__":
    main()
