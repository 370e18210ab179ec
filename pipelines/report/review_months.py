"""The compliance calendar on a month's page: the past year, reviews that need action, the coming year. Rows of
`calendar.review_calendar`; no HTML.
"""

from __future__ import annotations

from typing import Any

from pipelines.partitions import months_between, shift
from pipelines.report.rows import Connection, query
from pipelines.report.words import ACTIVITIES


def year_strip(connection: Connection, review_month: str) -> dict[str, Any]:
    """The calendar of the twelve months up to this one: the states of the reviews per activity and month."""
    first = shift(review_month, -11)
    months = months_between(first, review_month)
    rows = query(
        connection,
        "select activity, review_month, contract_number, state, due_on, inputs_missing, signed_off_by "
        "from calendar.review_calendar where review_month >= ? and review_month <= ? and not is_ahead order by all",
        first,
        review_month,
    )
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["activity"], row["review_month"]), []).append(row)
    names = [*ACTIVITIES, *sorted({r["activity"] for r in rows} - set(ACTIVITIES))]
    return {"months": months, "rows": [(name, [cells.get((name, m), []) for m in months]) for name in names]}


def waiting(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """Reviews up to this month that need action, the oldest first."""
    return query(
        connection,
        "select activity, output, review_month, contract_number, due_on, state from calendar.review_calendar "
        "where review_month <= ? and due and state in ('waiting', 'due', 'produced', 'overdue') order by due_on, "
        "activity, contract_number, review_month",
        review_month,
    )


def ahead(connection: Connection, review_month: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Events of the twelve months after this one by month and day: reviews, renewals and the days before them, packs
    that end, waivers that expire.
    """
    rows = query(
        connection,
        "select c.due_on, c.activity, c.period, c.contract_number, c.subject, "
        "coalesce(f.title || coalesce(': ' || coalesce(f.person_key, f.scope, f.team_alias), ''), '') as finding "
        "from calendar.review_calendar as c left join calendar.findings as f on f.review_month = c.review_month "
        "and f.finding_id = c.subject where c.review_month = ? and c.is_ahead order by c.due_on, c.activity, "
        "c.contract_number, c.subject",
        review_month,
    )
    months: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        months.setdefault(f"{row['due_on']:%Y-%m}", []).append(row)
    return sorted(months.items())
