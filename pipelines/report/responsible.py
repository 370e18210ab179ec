"""The persons responsible for the month's actions: how many actions each has, how many are undecided, and since when an
answer is overdue.

Reads `actions`. Overdue is as of the month, not of today, so that a page does not change by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.partitions import as_of
from pipelines.report.figures import Figure, figure
from pipelines.reviews.activities import MONTHLY_DUE_DAY, due_day

# Persons whom the page names; all of them are in the workbook of actions.
MOST_ASKED = 30


@dataclass(frozen=True)
class ResponsiblePerson:
    """A responsible person ('' for actions that nobody is known for). late_since: the day by which the first of the
    undecided actions was to be answered, where that is before the as-of date.
    """

    responsible: str
    actions: Figure
    undecided: Figure
    late_since: date | None


def responsible_persons(connection: duckdb.DuckDBPyConnection, review_month: str) -> dict[str, Any]:
    """`people`: those who are late longest first, then those with most to decide, at most MOST_ASKED; `all`: how many
    the month asks; `silent`: how many of them have not decided on everything.
    """
    rows = connection.execute(
        "select coalesce(responsible, ''), count(*) filter (where state = 'proposed') as undecided, "
        "min(first_seen_month) filter (where state = 'proposed') as first_seen "
        "from calendar.actions where review_month = ? and last_seen_month = review_month group by 1 "
        "order by first_seen nulls last, undecided desc, 1",
        [review_month],
    ).fetchall()
    people = []
    for person, undecided, first_seen in rows[:MOST_ASKED]:
        due = due_day(first_seen, MONTHLY_DUE_DAY) if undecided else None
        where = {"review_month": review_month, "last_seen_month": review_month, "responsible": person or None}
        people.append(
            ResponsiblePerson(
                person,
                figure(connection, "calendar.actions", "count(*)", where),
                figure(connection, "calendar.actions", "count(*)", {**where, "state": "proposed"}),
                due if due and due < as_of(review_month) else None,
            )
        )
    return {"people": people, "all": len(rows), "silent": sum(1 for _, undecided, _ in rows if undecided)}
