"""The first screen of a month: what has to be paid or corrected, what can be saved, what has been saved, by date and
amount.

Reads `actions`, `action_totals` and `savings`. Every amount has its kind and the price it is based on. Returns plain
values and figures; produces no HTML and sums nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.publish.work_files import OPEN
from pipelines.report.figures import Figure, figure

Connection = duckdb.DuckDBPyConnection
# The contents of the two halves of the screen, and their maximum number of rows.
HALVES = {"pay": ("owe", "risk"), "save": ("save",)}
MOST = 6
# An empty half is only meaningful if these checks ran: the position, and the seats that nobody needs.
NEEDED = {"pay": ["ENT-01", "ENT-04", "ENT-05"], "save": ["ENT-02", "IDN-01", "USE-01", "USE-02"]}


@dataclass(frozen=True)
class Total:
    """The open actions of one kind at one price: number, amount, and the amount a month before (None: no such
    month).
    """

    kind: str
    price_basis: str
    amount: Figure
    number: Figure
    before: Figure | None


@dataclass(frozen=True)
class Task:
    """One thing to do. due_on is None if there is no due date; responsible is empty if unknown."""

    kind: str
    what: str
    amount: Figure
    price_basis: str
    amount_is: str
    due_on: date | None
    due_because: str
    responsible: str
    responsible_as: str
    severity: str


def first_screen(connection: Connection, review_month: str, previous: str | None) -> dict[str, Any]:
    """The two halves, each with `totals`, `unpriced`, `tasks`, `more` (open actions not shown) and `not_known` (titles
    and reasons of the checks it depends on that could not run); and `saved`, the realised savings.
    """
    screen: dict[str, Any] = {
        name: _half(connection, review_month, previous, kinds)
        | {"not_known": _not_known(connection, review_month, name)}
        for name, kinds in HALVES.items()
    }
    screen["saved"] = [
        figure(
            connection,
            "calendar.savings",
            "sum(realised_amount)",
            {"review_month": review_month, "currency": currency, "state": "done"},
            "money",
            currency,
        )
        for (currency,) in connection.execute(
            "select distinct currency from calendar.savings where review_month = ? and state = 'done' and "
            "realised_amount > 0 order by 1",
            [review_month],
        ).fetchall()
    ]
    return screen


def _not_known(connection: Connection, review_month: str, half: str) -> list[tuple[str, str]]:
    """Reason → titles of the checks without which further payments or savings are unknown."""
    found: dict[str, list[str]] = {}
    for title, reason in connection.execute(
        "select title, coalesce(reason, '') from calendar.rule_runs where review_month = ? and "
        "assessability = 'not_assessable' and list_contains(?, rule_id) order by rule_id",
        [review_month, NEEDED[half]],
    ).fetchall():
        found.setdefault(reason, []).append(title)
    return [(", ".join(titles), reason) for reason, titles in found.items()]


def _half(connection: Connection, review_month: str, previous: str | None, kinds: tuple[str, ...]) -> dict[str, Any]:
    groups = connection.execute(
        "select kind, currency, price_basis from calendar.action_totals where review_month = ? and list_contains(?, "
        "kind) and currency is not null "
        "and number > 0 order by list_position(?, kind), amount desc, currency, price_basis",
        [review_month, list(kinds), list(kinds)],
    ).fetchall()
    rows = connection.execute(
        "select action_id, kind, what, currency, price_basis, coalesce(amount_is, ''), due_on, due_because, "
        "coalesce(responsible, ''), "
        "coalesce(responsible_as, ''), severity from calendar.actions where review_month = ? and list_contains(?, "
        "kind) and list_contains(?, state) "
        "order by place limit ?",
        [review_month, list(kinds), OPEN, MOST],
    ).fetchall()
    where = {"review_month": review_month, "kind": list(kinds)}
    number = figure(connection, "calendar.action_totals", "sum(number)", where)
    return {
        "totals": [_total(connection, review_month, previous, *group) for group in groups],
        "unpriced": figure(connection, "calendar.action_totals", "sum(unpriced)", where),
        "number": number,
        "tasks": [_task(connection, review_month, *row) for row in rows],
        "more": max(0, int(number.value or 0) - len(rows)),
    }


def _total(
    connection: Connection, review_month: str, previous: str | None, kind: str, currency: str, basis: str
) -> Total:
    table = "calendar.action_totals"
    where = {"review_month": review_month, "kind": kind, "currency": currency, "price_basis": basis}
    return Total(
        kind,
        basis,
        figure(connection, table, "sum(amount)", where, "money", currency),
        figure(connection, table, "sum(number)", where),
        figure(connection, table, "sum(amount_before)", where, "money", currency) if previous else None,
    )


def _task(
    connection: Connection,
    review_month: str,
    action_id: str,
    kind: str,
    what: str,
    currency: str | None,
    basis: str,
    amount_is: str,
    *rest: Any,
) -> Task:
    where = {"review_month": review_month, "action_id": action_id}
    amount = figure(connection, "calendar.actions", "max(amount)", where, "money", currency)
    return Task(kind, what, amount, basis, amount_is, *rest)
