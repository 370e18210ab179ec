"""The sheet "List": the rows of an output, worst first, with the reviewer's columns. Reads one published table;
`sheets` defines the leading columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from pipelines.publish.datasets import order_by
from pipelines.publish.workbooks.book_context import Subject
from pipelines.publish.workbooks.cells import MOST_TEXT, OpenBook
from pipelines.publish.workbooks.sheets import Sheet
from pipelines.publish.workbooks.terms import DECISION_COLUMNS, DECISIONS, SEVERITY_PLACE, WIDTHS, label

# Outputs whose numbers are empty only because inputs or a price are missing: a reader would take an empty cell for
# zero.
COUNTS = frozenset({"licence_position", "auditor_count"})
NOT_KNOWN = "not known"
# The decision on a row with several findings, if they all have the same one.
_DECIDED_TOGETHER = """ left join (
    select i.ids, any_value(f.decision) as decision, any_value(f.until) as until,
        any_value(f.decided_by) as decided_by, any_value(f.reason_for_decision) as reason_for_decision
    from (select ids, unnest(string_split(ids, ';')) as finding_id
        from (select distinct finding_ids as ids from calendar.{output} where "{by}" = ?)) as i
    left join calendar.findings as f on f.review_month = ? and f.finding_id = i.finding_id
    group by i.ids
    having count(f.decision) = count(*)
        and count(distinct concat_ws(chr(31), f.decision, coalesce(cast(f.until as varchar), ''),
            coalesce(f.decided_by, ''), coalesce(f.reason_for_decision, ''))) = 1
) as d on d.ids = o.finding_ids"""
_DECIDED = """ left join (
    select review_month as decided_month, finding_id as decided_finding, decision, until, decided_by,
        reason_for_decision
    from calendar.findings
) as d on d.decided_month = o.review_month and d.decided_finding = o.finding_id"""
# More than a person reviews; the workbook states how many rows are only in the CSV.
MOST_ROWS = 25_000


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    subject: Subject,
    only: str = "true",
    given: Sequence[Any] = (),
    most: int | None = MOST_ROWS,
) -> tuple[list[str], list[tuple[Any, ...]], int]:
    """The columns in sheet order, the rows worst first (at most `most`), and the total number of rows.

    only, given: SQL of a filter on the rows of the output, and its parameters.
    """
    limit = "" if most is None else f"limit {most}"
    output, sheet, by, names = subject.output, subject.layout, subject.by, list(subject.kinds)
    review_month = subject.month.review_month
    selected = {n: f'o."{n}"' for n in names if n != by}
    if sheet.decidable:
        # The month that a decision refers to: `selfaudit decide` reads it back.
        selected[by] = f'o."{by}"'
    join = ""
    values: list[Any] = []
    if output == "deprovisioning_list":
        selected["reason_in_words"] = "c.reason_in_words"
        join = (
            "left join (select rule_id as catalogue_rule, title as reason_in_words from meta.rule_catalogue) as c "
            "on c.catalogue_rule = o.primary_reason"
        )
    if sheet.decidable and "decision" not in names:
        selected |= {n: f'd."{n}"' for n in DECISION_COLUMNS}
        if "finding_ids" in names:
            join += _DECIDED_TOGETHER.format(output=output, by=by)
            values = [review_month, review_month]
        else:
            join += _DECIDED
    # Actions have their own order.
    worst = ([SEVERITY_PLACE] if "severity" in names and "place" not in names else []) + (
        ["exposure_amount desc nulls last"] if "exposure_amount" in names else []
    )
    order = ", ".join([*worst, order_by(names, output)])
    lead = [n for n in sheet.lead if n in selected]
    columns = [*lead, *(n for n in selected if n not in lead)]
    where = f'"{by}" = ? and {only}'
    total = connection.execute(
        f"select count(*) from calendar.{output} where {where}", [review_month, *given]
    ).fetchall()
    found = connection.execute(
        f"select {', '.join(selected[n] for n in columns)} from "
        f"(select * from calendar.{output} where {where} order by {order} {limit}) as o {join} "
        f"order by {order}",
        [review_month, *given, *values],
    ).fetchall()
    return columns, found, int(total[0][0])


def numbers_of(subject: Subject) -> frozenset[str]:
    """The numeric columns in which an empty cell means "not known"."""
    if subject.output not in COUNTS:
        return frozenset()
    return frozenset(
        n for n, kind in subject.kinds.items() if kind.startswith(("DECIMAL", "DOUBLE", "BIGINT", "INTEGER", "HUGEINT"))
    )


def listing(
    book: OpenBook,
    sheet: Any,
    layout: Sheet,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    told_missing: frozenset[str] = frozenset(),
) -> None:
    """Write the sheet: a frozen header, the rows, filters, and print settings. told_missing: columns in which an empty
    cell is labelled as not known.
    """
    lead = len([c for c in layout.lead if c in columns])
    order: list[str] = [*columns[:lead], *(DECISION_COLUMNS if layout.decidable else ())]
    # If the output has earlier decisions, they are in the reviewer's columns already.
    order += [n for n in columns[lead:] if n not in order]
    source = {name: index for index, name in enumerate(columns)}
    for column, name in enumerate(order):
        width = WIDTHS.get(name, max(11, min(24, len(label(name)) + 4)))
        book.width(sheet, column, column, width, book.date if name == "until" else None)
    sheet.set_row(0, 30)
    for column, name in enumerate(order):
        book.put(sheet, 0, column, label(name), book.decide_head if name in DECISION_COLUMNS else book.head)
    # Texts, most of the cells, take the fast path; `put` handles all other types.
    places = [
        (column, source[name], name == "severity", name in told_missing)
        for column, name in enumerate(order)
        if name in source
    ]
    write_string, put, severity = sheet.write_string, book.put, book.severity
    for number, values in enumerate(rows, start=1):
        for column, index, coloured, told in places:
            value = values[index]
            if value is None:
                if told:
                    write_string(number, column, NOT_KNOWN)
                continue
            if type(value) is str and len(value) <= MOST_TEXT:
                write_string(number, column, value, severity.get(value) if coloured else None)
            else:
                put(sheet, number, column, value)
    if not rows:
        sheet.write_string(1, 0, "No rows. The first sheet says whether this was due and what could not be assessed.")
    last = max(len(rows), 1)
    sheet.autofilter(0, 0, last, len(order) - 1)
    sheet.freeze_panes(1, layout.frozen)
    sheet.print_area(0, 0, last, (lead or len(order)) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if layout.decidable and rows:
        _ask_for_decisions(book, sheet, order.index("decision"), last)


def _ask_for_decisions(book: OpenBook, sheet: Any, place: int, last: int) -> None:
    """Colour the reviewer's columns, which begin at `place`, down to row `last`, and restrict their values."""
    yellow = {"type": "formula", "criteria": "=TRUE", "format": book.decide}
    sheet.conditional_format(1, place, last, place + len(DECISION_COLUMNS) - 1, yellow)
    sheet.data_validation(
        1,
        place,
        last,
        place,
        {
            "validate": "list",
            "source": list(DECISIONS),
            "error_title": "Not a decision",
            "error_message": "Choose accepted, waived, remediated or false_positive.",
        },
    )
    sheet.data_validation(
        1,
        place + 1,
        last,
        place + 1,
        {
            "validate": "date",
            "criteria": ">",
            "value": date(2000, 1, 1),
            "input_title": "Until",
            "input_message": "Only for waived, which needs it: the last day of the waiver.",
            "error_title": "Not a date",
            "error_message": "Enter a date, for example 2026-12-31.",
        },
    )
