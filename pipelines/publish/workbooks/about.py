"""The first sheet, "About": what the workbook is, its as-of date, totals, what could not be assessed, how to decide,
and the source files.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from pipelines.partitions import as_of
from pipelines.publish.workbooks.book_context import REST_OF_REFERENCE, Month, Subject
from pipelines.publish.workbooks.cells import OpenBook
from pipelines.publish.workbooks.changes_sheet import ORDER_OF_CHANGE, Changes
from pipelines.publish.workbooks.terms import ACTIVITY, DECIDED_BY, SEVERITY_PLACE, SIGNED_BY, SIGNED_ON, label

# Outputs that cover every rule.
COUNT_RULES = {"findings", "rule_runs", "licence_position", "auditor_count", "audit_readiness"}


def about(
    book: OpenBook,
    sheet: Any,
    connection: duckdb.DuckDBPyConnection,
    subject: Subject,
    total: int,
    shown: int,
    changes: Changes,
) -> None:
    """Write the sheet. total: rows of the output in the month; shown: rows in the workbook."""
    book.width(sheet, 0, 0, 30)
    book.width(sheet, 1, 1, 46)
    book.width(sheet, 2, 7, 18)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, subject.layout.title, book.title)
    sheet.write_string(1, 0, subject.layout.purpose)
    row = _notes(book, sheet, 3, subject.output, subject.month)
    for name, value in _facts(connection, subject, total, shown):
        sheet.write_string(row, 0, name, book.strong)
        book.put(sheet, row, 1, value)
        row += 1
    row = _to_fill_in(book, sheet, row, connection, subject)
    row = _totals(book, sheet, row + 1, connection, subject)
    if changes.previous is not None:
        counted = {c: sum(1 for r in changes.rows if r[0] == c) for c in ORDER_OF_CHANGE}
        found = [(c, n) for c, n in counted.items() if n]
        row = book.table(sheet, row, [f"Since {changes.previous}", "Rows"], found or [("unchanged", total)])
    row = _limits(book, sheet, row, subject.output, subject.month)
    if subject.decides:
        row = how_to_decide(book, sheet, row)
    sheet.write_string(row, 0, "Made from these files", book.strong)
    headers = ["Drop", "File", "Read as", "Verdict", "Rows read", "Rows used", "Rows rejected", "SHA-256"]
    row = book.table(sheet, row + 1, headers, subject.month.files)
    sheet.write_string(row, 0, REST_OF_REFERENCE)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _notes(book: OpenBook, sheet: Any, row: int, output: str, month: Month) -> int:
    """Write, before any number, which parts of this list incomplete, unjoinable or refused inputs suppress."""
    mine = [
        n.sentence for n in month.notes if any(_concerns(rule, output, month) for rule in n.rule_ids) or not n.rule_ids
    ]
    if not mine:
        return row
    sheet.write_string(row, 0, "What the files do not say", book.strong)
    sheet.write_string(
        row, 1, "Nobody is named because of what is missing in these files; counts that would need it are not known."
    )
    for sentence in mine:
        row += 1
        sheet.write_string(row, 0, sentence)
    return row + 2


def _concerns(rule: str, output: str, month: Month) -> bool:
    """Whether the output contains findings of the rule, or counts them."""
    return output in COUNT_RULES or output in (month.outputs_of_rule.get(rule) or "").split(";")


def _facts(connection: duckdb.DuckDBPyConnection, subject: Subject, total: int, shown: int) -> list[tuple[str, Any]]:
    """Write month, state, number of rows, when the review is due, and who signed it."""
    month = subject.month
    facts: list[tuple[str, Any]] = [
        ("Review month", month.review_month),
        ("As of", as_of(month.review_month)),
        ("Figures are", month.state),
        ("Rows", total),
    ]
    if shown < total:
        where = f"the first {shown:,}, worst first; all of them are in {subject.output}.csv"
        facts.append(("Rows in this workbook", where))
    due = connection.execute(
        "select contract_number, due, due_on, state, signed_off_by from calendar.review_calendar "
        "where review_month = ? and output = ? and not is_ahead order by contract_number, due_on",
        [month.review_month, subject.output],
    ).fetchall()
    for contract, is_due, due_on, state, signer in due:
        words = f"{state.replace('_', ' ')}, due {due_on}" if is_due else "not due in this month"
        facts.append((f"Review {contract}".strip(), words + (f", signed off by {signer}" if signer else "")))
    return facts


def _to_fill_in(book: OpenBook, sheet: Any, row: int, connection: duckdb.DuckDBPyConnection, subject: Subject) -> int:
    """Write the cells that a reviewer fills in once per workbook: who decides, and who signs off. Pre-filled if the
    review is signed.
    """
    cells: list[tuple[str, Any]] = [(DECIDED_BY, None)] if subject.decides else []
    due = connection.execute(
        "select activity, signed_off_by, signed_off_at from calendar.review_calendar where review_month = ? and "
        "output = ? and due order by signed_off_at nulls last, contract_number limit 1",
        [subject.month.review_month, subject.output],
    ).fetchall()
    for activity, signer, signed_at in due:
        sheet.write_string(row, 0, ACTIVITY, book.strong)
        sheet.write_string(row, 1, activity)
        row += 1
        cells += [(SIGNED_BY, signer), (SIGNED_ON, signed_at.date() if signed_at else None)]
    for name, value in cells:
        fill_in(book, sheet, row, name, value)
        row += 1
    return row


def fill_in(book: OpenBook, sheet: Any, row: int, name: str, value: Any) -> None:
    """A cell to be filled in by hand, next to its label."""
    sheet.write_string(row, 0, name, book.strong)
    book.put(sheet, row, 1, value, book.decide_date if isinstance(value, date) else book.decide)


def how_to_decide(book: OpenBook, sheet: Any, row: int) -> int:
    """Explain how decisions are made and handed back. Returns the next free row."""
    sheet.write_string(row, 0, "How to decide", book.strong)
    for text in (
        "Choose a decision in the yellow column of a list; a waiver needs a last day and a reason. What was decided "
        "before is filled in.",
        "Enter your name in the row, or once in the yellow cell above; to sign off the review, enter a name there too.",
        "Save the file and put it into landing/decisions/ of the data folder. A text file with the answer then appears "
        "next to it, and the next run shows the decisions.",
    ):
        row += 1
        sheet.write_string(row, 0, text)
    return row + 2


def _totals(book: OpenBook, sheet: Any, row: int, connection: duckdb.DuckDBPyConnection, subject: Subject) -> int:
    output, kinds, by, review_month = subject.output, subject.kinds, subject.by, subject.month.review_month
    if "severity" in kinds:
        rows = connection.execute(
            f'select severity, count(*) from calendar.{output} where "{by}" = ? and severity is not null group by 1 '
            f"order by {SEVERITY_PLACE}",
            [review_month],
        ).fetchall()
        if rows:
            row = book.table(sheet, row, ["Severity", "Rows"], rows)
    money = [n for n in ("exposure_amount", "saving", "shortfall_amount", "wasted_year", "cost_year") if n in kinds]
    if money and "currency" in kinds:
        rows = connection.execute(
            f'select currency, {", ".join(f"sum({n})" for n in money)} from calendar.{output} where "{by}" = ? and '
            "currency is not null group by 1 order by 1",
            [review_month],
        ).fetchall()
        if rows:
            row = book.table(sheet, row, ["Totals in", *(label(n) for n in money)], rows)
    return row


def _limits(book: OpenBook, sheet: Any, row: int, output: str, month: Month) -> int:
    mine = [
        r
        for r in month.not_assessed
        if output in {"findings", "rule_runs"} or output in (month.outputs_of_rule.get(r[0]) or "").split(";")
    ]
    sheet.write_string(row, 0, "What could not be assessed", book.strong)
    if not mine:
        sheet.write_string(row, 1, "Every rule behind this list was assessed in full.")
        return row + 2
    sheet.write_string(row, 1, "This is not the same as nothing found.")
    return book.table(sheet, row + 1, ["Rule", "Title", "Assessability", "Why"], mine)
