"""The persons responsible for the month's actions: how many actions each has, how many are undecided, and since when an
answer is overdue.

Reads `actions`. Overdue is relative to the month, not today, so that a page does not change over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.partitions import as_of
from pipelines.report.figures import Figure, figure
from pipelines.reviews.activities import MONTHLY_DUE_DAY, due_day

# Maximum number of persons on the page; the workbook of actions has all of them.
MOST_ASKED = 30


@dataclass(frozen=True)
class ResponsiblePerson:
    """A responsible person ('' for actions without one). late_since: the day by which the first undecided action was to
    be answered, if before the as-of date.
    """

    responsible: str
    actions: Figure
    undecided: Figure
    late_since: date | None


def responsible_persons(connection: duckdb.DuckDBPyConnection, review_month: str) -> dict[str, Any]:
    """`people`: the longest overdue first, then those with the most undecided actions, at most MOST_ASKED; `all`: the
    number of responsible persons in the month; `silent`: how many of them have undecided actions.
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
