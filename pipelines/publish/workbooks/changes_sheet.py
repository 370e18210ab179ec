"""The sheet "Since last month": what is new, gone, worse or better, and which single change caused it. Reads published
tables; "last" is the latest earlier month that has rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.workbooks.book_context import Subject
from pipelines.publish.workbooks.cells import OpenBook
from pipelines.publish.workbooks.listing import MOST_ROWS
from pipelines.publish.workbooks.sheets import Sheet
from pipelines.publish.workbooks.terms import SEVERITY_PLACE, WIDTHS, label

# Kinds of change in sort order.
ORDER_OF_CHANGE = {"new": 1, "reopened": 2, "worse": 3, "better": 4, "closed": 5, "waived": 6, "not verified": 7}


@dataclass(frozen=True)
class Changes:
    """Changes since the last month that has rows: the columns after the kind of change, the rows, and that month."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    previous: str | None


def changes_of(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Changes:
    """(change, key…, severity before, now, measure before, now, exposure before, now, cause) compared with the last
    month that has rows, and that month.
    """
    output, sheet, kinds, by = subject.output, subject.layout, subject.kinds, subject.by
    review_month = subject.month.review_month
    previous = connection.execute(
        f'select max("{by}") from calendar.{output} where "{by}" < ? and "{by}" <> \'reference\'', [review_month]
    ).fetchall()[0][0]
    key = sheet.key or OUTPUT_ORDER.get(output, ())
    names = [n for n in key if n in kinds]
    if previous is None or not names:
        return Changes([], [], None)
    words = [
        n for n in ("title", "team_alias", "offering_key", "person_key", "detail") if n in kinds and n not in names
    ]
    shown = [*names, *words]

    def have(name: str | None, alias: str) -> str:
        return f'{alias}."{name}"' if name and name in kinds else "null"

    rank = SEVERITY_PLACE.replace("case severity", "case {}.severity")
    severity = "severity" in kinds
    worse = [f"{rank.format('n')} < {rank.format('b')}"] if severity else []
    better = [f"{rank.format('n')} > {rank.format('b')}"] if severity else []
    if sheet.measure in kinds:
        worse.append(f'n."{sheet.measure}" > b."{sheet.measure}"')
        better.append(f'n."{sheet.measure}" < b."{sheet.measure}"')
    unverified = "false"
    if sheet.rules:
        unverified = (
            "exists (select 1 from calendar.rule_runs as r where r.review_month = $month and r.assessability = "
            "'not_assessable' "
            f"and strpos(';' || b.\"{sheet.rules}\" || ';', ';' || r.rule_id || ';') > 0)"
        )
        ids = next((n for n in ("finding_id", "finding_ids") if n in kinds), None)
        if ids:
            unverified = (
                "exists (select 1 from calendar.unverified_findings as u where u.review_month = $month "
                f'and strpos(b."{ids}", u.finding_id) > 0)'
            )
    status = "n.status" if "status" in kinds else "''"
    change = (
        f"case when n.here is null and {unverified} then 'not verified' when n.here is null then 'closed' "
        f"when {status} in ('waived', 'false_positive') then 'waived' "
        f"when {status} = 'reopened' and b.here is null then 'reopened' when b.here is null then 'new' "
        f"when {' or '.join(worse) or 'false'} then 'worse' when {' or '.join(better) or 'false'} then 'better' end"
    )
    exposure = "exposure_amount" if "exposure_amount" in kinds else None
    on = " and ".join(f'n."{k}" is not distinct from b."{k}"' for k in names)
    columns = ", ".join(f'coalesce(n."{name}", b."{name}") as "{name}"' for name in shown)
    places = " ".join(f"when '{name}' then {place}" for name, place in ORDER_OF_CHANGE.items())
    order = ", ".join(f'"{name}" nulls first' for name in shown)
    found = connection.execute(
        f"select * from (select {change} as change, {columns}, "
        f"{have('severity', 'b')} as severity_before, {have('severity', 'n')} as severity_now, "
        f"{have(sheet.measure, 'b')} as measure_before, {have(sheet.measure, 'n')} as measure_now, "
        f"{have(exposure, 'b')} as exposure_before, {have(exposure, 'n')} as exposure_now, {_cause(kinds)} as cause "
        f'from (select *, true as here from calendar.{output} where "{by}" = $month) as n '
        f'full outer join (select *, true as here from calendar.{output} where "{by}" = $previous) as b on {on}) '
        f"where change is not null order by case change {places} end, {order} limit {MOST_ROWS}",
        {"month": review_month, "previous": previous},
    ).fetchall()
    return Changes(shown, found, previous)


def _cause(kinds: Mapping[str, str]) -> str:
    """SQL of the single cause of a new or gone row: a changed parameter, price, rate or term of its findings; null if
    there is none.
    """
    if "finding_id" in kinds:
        mine = "c.finding_id = coalesce(n.finding_id, b.finding_id)"
    elif "finding_ids" in kinds:
        mine = "strpos(coalesce(n.finding_ids, '') || ';' || coalesce(b.finding_ids, ''), c.finding_id) > 0"
    else:
        return "null"
    return (
        "(select string_agg(distinct c.cause || ': ' || c.detail, '; ' order by c.cause || ': ' || c.detail) "
        f"from calendar.finding_causes as c where c.review_month = $month and {mine} "
        "and (c.change = 'appeared') = (n.here is not null))"
    )


def write_changes(book: OpenBook, sheet: Any, layout: Sheet, changes: Changes) -> None:
    """Write the sheet, or a sentence that there is nothing to compare or nothing has changed."""
    if changes.previous is None:
        sheet.write_string(0, 0, "There is no earlier month with rows to compare with.", book.strong)
        return
    book.width(sheet, 0, 0, 14)
    if not changes.rows:
        sheet.write_string(0, 0, f"Nothing is new, gone, worse or better since {changes.previous}.", book.strong)
        return
    measure = label(layout.measure) if layout.measure else "Measure"
    headers = [
        f"Since {changes.previous}",
        *(label(n) for n in changes.columns),
        "Severity before",
        "Severity now",
        f"{measure} before",
        f"{measure} now",
        "Exposure before",
        "Exposure now",
        "Because of a change in",
    ]
    for column, name in enumerate(changes.columns, start=1):
        book.width(sheet, column, column, WIDTHS.get(name, 18))
    book.width(sheet, len(changes.columns) + 1, len(headers) - 2, 15)
    book.width(sheet, len(headers) - 1, len(headers) - 1, 60)
    book.table(sheet, 0, headers, changes.rows)
    sheet.autofilter(0, 0, len(changes.rows), len(headers) - 1)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
