"""One workbook per responsible person and month, `published/reviewers/<person>/<month>.xlsx`: the month's actions
assigned to this person, with the columns for a decision. The mailbox reads it back like any other.

Reads the published tables only. Byte-stable. Models decide who is responsible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.partitions import as_of
from pipelines.publish.names import file_name
from pipelines.publish.workbooks.about import fill_in, how_to_decide
from pipelines.publish.workbooks.book_context import Month, Subject
from pipelines.publish.workbooks.cells import OpenBook
from pipelines.publish.workbooks.listing import listing, rows_of
from pipelines.publish.workbooks.sheets import sheet_of
from pipelines.publish.workbooks.terms import DECIDED_BY
from pipelines.publish.workbooks.write import kinds_of

FOLDER = "reviewers"
# Actions shown in the month; one that is no longer shown needs no answer.
ASKED = "responsible is not null and last_seen_month = review_month"


@dataclass(frozen=True)
class ReviewerBook:
    """Content of a person's workbook. key: the name of its folder. answer_by: when the reviews of the month are due."""

    key: str
    responsible: str
    review_month: str
    answer_by: date | None
    columns: list[str]
    rows: list[tuple[Any, ...]]

    @property
    def path(self) -> str:
        """Path below the published folder."""
        return f"{FOLDER}/{self.key}/{self.review_month}.xlsx"

    def shows(self, software: str) -> str:
        """SHA-256 of its content. software: what writes it."""
        said = [software, self.responsible, self.answer_by, self.columns, self.rows]
        return hashlib.sha256(repr(said).encode()).hexdigest()


def reviewer_books(connection: duckdb.DuckDBPyConnection, month: str) -> list[ReviewerBook]:
    """The workbooks of a month, by person. connection: the published file."""
    kinds = kinds_of(connection, "actions")
    if not kinds:
        return []
    subject = Subject("actions", sheet_of("actions"), kinds, "review_month", _bare(month))
    columns, rows, _ = rows_of(connection, subject, ASKED, most=None)
    who = columns.index("responsible")
    of_person: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        of_person.setdefault(row[who], []).append(row)
    due = connection.execute(
        "select min(due_on) from calendar.review_calendar where review_month = ? and due and "
        "coalesce(contract_number, '') = ''",
        [month],
    ).fetchall()[0][0]
    keys = folder_names(sorted(of_person))
    return [ReviewerBook(keys[p], p, month, due, columns, of_person[p]) for p in sorted(of_person)]


def _bare(month: str) -> Month:
    return Month(month, "", [], [], {}, [])


def folder_names(persons: Sequence[str]) -> dict[str, str]:
    """Person → folder name; unique even on a case-insensitive file system."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for person in persons:
        key = file_name(person)
        if key in taken:
            key = f"{key}-{hashlib.sha256(person.encode()).hexdigest()[:16]}"
        taken.add(key)
        found[person] = key
    return found


def write_reviewer_book(book: ReviewerBook, published: Path, scratch: Path) -> Path:
    """Write the workbook by atomic rename. Returns its path."""
    target = published / book.path
    part = scratch / f"reviewer.{book.key}.{book.review_month}.xlsx"
    layout = sheet_of("actions")
    open_book = OpenBook(part, book.review_month, f"For {book.responsible}", len(book.rows))
    first, second = (open_book.book.add_worksheet(name) for name in ("About", "List"))
    _about(open_book, first, book)
    listing(open_book, second, layout, book.columns, book.rows)
    open_book.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    return target


def _about(book: OpenBook, sheet: Any, of: ReviewerBook) -> None:
    book.width(sheet, 0, 0, 30)
    book.width(sheet, 1, 1, 46)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, f"Actions for {of.responsible}", book.title)
    sheet.write_string(1, 0, "What you are asked to do or to decide about Autodesk licences, one row per thing to do.")
    states: Mapping[str, int] = _states(of)
    facts: list[tuple[str, Any]] = [
        ("Review month", of.review_month),
        ("As of", as_of(of.review_month)),
        ("Please answer by", of.answer_by or "no day is set"),
        ("Actions", len(of.rows)),
        *((f"of them {state.replace('_', ' ')}", number) for state, number in states.items()),
    ]
    row = 3
    for name, value in facts:
        sheet.write_string(row, 0, name, book.strong)
        book.put(sheet, row, 1, value)
        row += 1
    fill_in(book, sheet, row, DECIDED_BY, of.responsible)
    how_to_decide(book, sheet, row + 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _states(of: ReviewerBook) -> dict[str, int]:
    place = of.columns.index("state")
    found: dict[str, int] = {}
    for row in of.rows:
        found[row[place]] = found.get(row[place], 0) + 1
    return dict(sorted(found.items()))
