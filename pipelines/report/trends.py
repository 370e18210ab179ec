"""Monthly trends of position, spend, ghosts and realised savings for the index page: one line per measure, each number
with its source. An unknown number is missing, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.report.document import Connection
from pipelines.report.figures import Figure, figure

POSITION, SAVINGS = "calendar.licence_position", "calendar.savings"
MOST_MONTHS = 12
WIDTH, HEIGHT = 120, 24


@dataclass(frozen=True)
class Trend:
    """One measure: its name, a figure per month (earliest first), and the points of the lines, one line for each run of
    known months without a gap.
    """

    name: str
    figures: tuple[Figure, ...]
    lines: tuple[str, ...]


def trends(connection: Connection, months: Sequence[str]) -> list[Trend]:
    """The measures over the latest twelve of these months, which must be in order; money separately by currency."""
    shown = list(months)[-MOST_MONTHS:]
    currencies = [
        c
        for (c,) in connection.execute(
            f"select distinct currency from {POSITION} where list_contains(?, review_month) and cost_year is not null "
            "order by 1",
            [shown],
        ).fetchall()
    ]
    found = [
        _trend(connection, "Seats entitled", shown, POSITION, _complete_sum("entitled")),
        _trend(connection, "Seats assigned", shown, POSITION, _complete_sum("assigned")),
        _trend(connection, "Seats of people who left", shown, POSITION, _complete_sum("ghosts")),
    ]
    for currency in currencies:
        spend = {"currency": currency}
        name = "Cost of the seats, a year"
        found.append(_trend(connection, name, shown, POSITION, "sum(cost_year)", spend, currency))
    saved = connection.execute(
        f"select distinct currency from {SAVINGS} where list_contains(?, review_month) and realised_amount > 0 "
        "order by 1",
        [shown],
    ).fetchall()
    for (currency,) in saved:
        done = {"currency": currency, "state": "done"}
        measure = "coalesce(sum(realised_amount), 0)"
        found.append(_trend(connection, "Realised savings so far", shown, SAVINGS, measure, done, currency))
    return [t for t in found if any(f.known for f in t.figures)]


def _complete_sum(column: str) -> str:
    """The sum, null if any part is unknown."""
    return f"case when count(*) = count({column}) then sum({column}) end"


def _trend(
    connection: Connection,
    name: str,
    months: Sequence[str],
    table: str,
    measure: str,
    where: dict[str, str] | None = None,
    currency: str | None = None,
) -> Trend:
    kind = "money" if currency else "count"
    found = tuple(
        figure(connection, table, measure, {"review_month": m, **(where or {})}, kind, currency) for m in months
    )
    return Trend(name, found, _lines([None if f.value is None else float(f.value) for f in found]))


def _lines(values: Sequence[float | None]) -> tuple[str, ...]:
    """Points of SVG lines in a box of WIDTH by HEIGHT, scaled from the smallest value to the largest."""
    known = [v for v in values if v is not None]
    if not known:
        return ()
    low, span = min(known), max(known) - min(known)
    step = WIDTH / max(1, len(values) - 1)
    lines: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            lines.append([])
            continue
        height = HEIGHT / 2 if not span else HEIGHT - 2 - (value - low) / span * (HEIGHT - 4)
        lines[-1].append(f"{place * step:.1f},{height:.1f}")
    # A single point is drawn as a short line.
    return tuple(" ".join(points if len(points) > 1 else [*points, *points]) for points in lines if points)
