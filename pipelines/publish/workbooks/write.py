"""One workbook per output and month: what it is, the list with a column for the decision, changes since last month, the
columns.

Reads the published tables only. Byte-stable: the document's dates are the as-of date, the order of rows is total. Each
larger sheet has a module of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.failures.isolation import AllOrNothing, Spared
from pipelines.failures.omissions import WORKBOOK
from pipelines.publish.datasets import FOR_PROGRAMS, columns_of, existing_outputs
from pipelines.publish.places import file_of
from pipelines.publish.workbooks.about import about
from pipelines.publish.workbooks.book_context import Month, Subject, read_month
from pipelines.publish.workbooks.cells import OpenBook
from pipelines.publish.workbooks.changes_sheet import changes_of, write_changes
from pipelines.publish.workbooks.claim_sheet import claim_sheet
from pipelines.publish.workbooks.hub_sheet import hub_sheet
from pipelines.publish.workbooks.listing import listing, numbers_of, rows_of
from pipelines.publish.workbooks.sheets import Sheet, sheet_of
from pipelines.publish.workbooks.terms import label

# Outputs without a workbook: daily token use runs to millions of rows, and its monthly sums are in the workbook of the
# forecast; the history of all seats is for BI tools; causes are shown next to their effects, on the sheets "Since last
# month"; outputs for other software are read as CSV or Parquet.
WITHOUT_WORKBOOK = FOR_PROGRAMS | {
    "action_totals",
    "token_burn",
    "assignment_history",
    "publications",
    "finding_causes",
    "group_removals",
    "unverified_findings",
    "input_notes",
    "claim_evidence",
}
# Outputs with a workbook only in months that have rows; empty workbooks would be clutter.
ONLY_WITH_ROWS = {"claim_answers"}
# An output and a month: one workbook.
Book = tuple[str, str]
_BY = {"file_register": "drop", "rejected_rows": "drop"}


def books_of(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], missing: Collection[Book] = ()
) -> list[Book]:
    """The workbooks of the months, by month and then in the order of the outputs. missing: outputs that were not made;
    their workbooks are kept.
    """
    outputs = [o for o in existing_outputs(connection) if o not in WITHOUT_WORKBOOK]
    filled = {
        (output, month)
        for output in ONLY_WITH_ROWS.intersection(outputs)
        for (month,) in connection.execute(f"select distinct review_month from calendar.{output}").fetchall()
    }
    return [
        (output, month)
        for month in sorted(months)
        for output in outputs
        if (output, month) not in missing and (output not in ONLY_WITH_ROWS or (output, month) in filled)
    ]


def column_of_month(output: str) -> str:
    """The column of an output that determines the month of a row's workbook."""
    return _BY.get(output, "review_month")


def path_of(published: Path, book: Book) -> Path:
    """Path of a workbook."""
    output, review_month = book
    return file_of(published, output, review_month, "xlsx")


def remove_former_books(published: Path, months: Sequence[str]) -> None:
    """Delete the workbooks of outputs that no longer have one in this version of the software: they would show outdated
    figures.
    """
    for month in months:
        for output in WITHOUT_WORKBOOK:
            path_of(published, (output, month)).unlink(missing_ok=True)


def write_books(
    connection: duckdb.DuckDBPyConnection,
    books: Sequence[Book],
    published: Path,
    scratch: Path,
    spared: Spared | None = None,
) -> list[Path]:
    """Write workbooks from the published tables, each by atomic rename. Returns the paths of those written, in the
    order of `books`.

    spared: records a failed workbook; without it the error is raised.
    """
    written = []
    spared = spared or AllOrNothing()
    scratch.mkdir(parents=True, exist_ok=True)
    columns = _descriptions(connection)
    months = {month: read_month(connection, month) for month in sorted({month for _, month in books})}
    for output, review_month in books:
        target = path_of(published, (output, review_month))
        part = scratch / f"{output}.{review_month}.xlsx"
        with spared.part(WORKBOOK, str(target.relative_to(published)), review_month, "the writer of workbooks"):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(connection, output, months[review_month], columns.get(output, []), part)
            part.replace(target)
            written.append(target)
    return written


def _descriptions(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(
        "select table_name, column_name, column_description from meta.columns where schema_name = 'calendar' order by "
        "all"
    ).fetchall()
    for table, column, description in rows:
        found.setdefault(table, []).append((column, description or ""))
    return found


def kinds_of(connection: duckdb.DuckDBPyConnection, output: str) -> dict[str, str]:
    """The columns of an output and their types, in order."""
    return dict(columns_of(connection, output))


def _write(
    connection: duckdb.DuckDBPyConnection,
    output: str,
    month: Month,
    descriptions: Sequence[tuple[str, str]],
    path: Path,
) -> None:
    layout, by = sheet_of(output), column_of_month(output)
    is_review = bool(
        connection.execute("select 1 from calendar.review_calendar where output = ? limit 1", [output]).fetchall()
    )
    subject = Subject(output, layout, kinds_of(connection, output), by, month, is_review)
    columns, rows, total = rows_of(connection, subject)
    changes = changes_of(connection, subject)
    beside = _to_decide(connection, subject) if is_review else []
    book = OpenBook(path, month.review_month, layout.title, max(len(rows), len(changes.rows), *_lengths(beside)))
    first, second = (book.book.add_worksheet(name) for name in ("About", "List"))
    about(book, first, connection, subject, total, len(rows), changes)
    listing(book, second, layout, columns, rows, numbers_of(subject))
    for name, other, (other_columns, other_rows, _) in beside:
        listing(book, book.book.add_worksheet(name), other, other_columns, other_rows)
    write_changes(book, book.book.add_worksheet("Since last month"), layout, changes)
    if output == "token_forecast":
        _burn(book, connection, month.review_month)
    hub_sheet(book, connection, output, month.review_month)
    claim_sheet(book, connection, output, month.review_month)
    _columns(book, descriptions)
    book.close()


def _to_decide(
    connection: duckdb.DuckDBPyConnection, subject: Subject
) -> list[tuple[str, Sheet, tuple[list[str], list[tuple[Any, ...]], int]]]:
    """The actions and findings of a review, each as (sheet, layout, rows); only findings that are not rows of the list,
    and no sheet without rows.
    """
    rules, there = subject.rules, existing_outputs(connection)
    found = []
    if "actions" in there:
        only = "list_has_any(string_split(rule_ids, ';'), ?) and last_seen_month = review_month"
        found.append(("Actions", "actions", only))
    if "findings" in there:
        only = "list_contains(?, rule_id)"
        if "finding_id" in subject.kinds:
            listed = (
                f"select finding_id from calendar.{subject.output} where review_month = '{subject.month.review_month}'"
            )
            only += f" and finding_id not in ({listed})"
        found.append(("Findings", "findings", only))
    made = [
        (
            name,
            sheet_of(output),
            rows_of(
                connection,
                Subject(output, sheet_of(output), kinds_of(connection, output), "review_month", subject.month),
                only,
                [rules],
            ),
        )
        for name, output, only in found
    ]
    return [m for m in made if m[2][1] or "finding_id" not in subject.kinds or m[0] != "Findings"]


def _lengths(beside: Sequence[tuple[str, Sheet, tuple[list[str], list[tuple[Any, ...]], int]]]) -> list[int]:
    return [len(rows) for _, _, (_, rows, _) in beside]


# Sheets of the month's tokens: name, columns, grouping, and the joins for names.
BURN_SHEETS = (
    (
        "By product",
        ("Team", "Product", "Tokens", "Of them AI features", "Persons", "Days with a charge"),
        "b.team_alias, coalesce(o.offering_name, b.offering_key)",
    ),
    (
        "By feature",
        ("Team", "Feature", "Tokens", "Of them AI features", "Persons", "Days with a charge"),
        "b.team_alias, coalesce(nullif(b.feature, ''), '(none named)')",
    ),
    (
        "By person",
        ("Team", "Person", "Tokens", "Of them AI features", "Products", "Days with a charge"),
        "b.team_alias, coalesce(p.email, nullif(b.person_key, ''), '(not named)')",
    ),
)


def _burn(book: OpenBook, connection: duckdb.DuckDBPyConnection, review_month: str) -> None:
    """Write tokens by month, and those of the month by product, feature and person, AI features separately."""
    rows = connection.execute(
        "select review_month, team_alias, offering_key, sum(tokens), max(persons) from marts.fct_token_monthly "
        "where review_month <= ? group by 1, 2, 3 order by 1 desc, 2, 3",
        [review_month],
    ).fetchall()
    _plain(book, "Use by month", ["Review month", "Team", "Offering", "Tokens", "Persons"], rows)
    if "token_burn" not in existing_outputs(connection):
        return
    for name, columns, grouped in BURN_SHEETS:
        counted = "b.offering_key" if "Products" in columns else "nullif(b.person_key, '')"
        rows = connection.execute(
            f"select {grouped}, sum(b.tokens), coalesce(sum(case when b.is_ai then b.tokens end), 0), "
            f"count(distinct {counted}), count(distinct b.day) from calendar.token_burn as b "
            "left join marts.dim_offering as o on o.review_month = b.review_month and o.offering_key = b.offering_key "
            "left join marts.dim_person as p on p.review_month = b.review_month and p.person_key = b.person_key "
            "where b.review_month = ? group by 1, 2 order by 3 desc, 1, 2",
            [review_month],
        ).fetchall()
        _plain(book, name, columns, rows)


def _plain(book: OpenBook, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    sheet = book.book.add_worksheet(name)
    book.width(sheet, 0, len(columns) - 1, 20)
    book.table(sheet, 0, list(columns), rows)
    sheet.freeze_panes(1, 0)


def _columns(book: OpenBook, descriptions: Sequence[tuple[str, str]]) -> None:
    sheet = book.book.add_worksheet("Columns")
    book.width(sheet, 0, 1, 26)
    book.width(sheet, 2, 2, 100)
    rows = [(label(name), name, description) for name, description in descriptions]
    book.table(sheet, 0, ["Header", "Column in the database", "What it holds"], rows)
    sheet.freeze_panes(1, 0)
