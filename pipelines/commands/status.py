"""`selfaudit status`: months made, rules assessed, reviews due; read from the published file only."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.alerts.facts import read_facts
from pipelines.commands.shared.arguments import Commands, add_command, add_json, add_today
from pipelines.commands.shared.summary import not_made_as_dict, not_made_lines
from pipelines.errors import UserError
from pipelines.failures.omissions import read
from pipelines.publish.datasets import existing_outputs
from pipelines.reviews.overdue import (
    AbsentMonth,
    OverdueReview,
    Unanswered,
    absent_months,
    overdue_provisional_months,
    overdue_reviews,
    unanswered,
)
from pipelines.run.parts import read_last_made
from pipelines.settings import Settings
from pipelines.warehouse import connect_file

MONTH = ("review_month", "assessed", "partly", "not_assessable", "findings", "state")
REVIEW = ("activity", "period", "contract_number", "due_on", "state")
LAST_MADE = ("review_month", "because", "outputs")
# Of the reviews that need action only the latest are printed.
MOST_REVIEWS = 40


@dataclass(frozen=True)
class Status:
    """State on a day: of the published file, and what is late."""

    not_made: list[dict[str, Any]]
    last_made: list[tuple[str, str, str]]
    months: list[tuple[Any, ...]]
    reviews: list[tuple[Any, ...]]
    overdue: list[OverdueReview]
    waiting_for: list[Unanswered]
    absent: list[AbsentMonth]
    provisional: list[str]


def status(settings: Settings, today: date, as_json: bool) -> int:
    """Print what was not made, one line per month, the reviews that need action, and what is late on the day. Does not
    open the warehouse, so it can be used during a run.
    """
    found = _read(settings, today)
    print(_as_json(found) if as_json else "\n".join(_lines(found, today)))
    return 0


def _read(settings: Settings, today: date) -> Status:
    if not settings.published_database.is_file():
        raise UserError(
            f"Nothing is published in {settings.published} yet. Start with `selfaudit run` or `selfaudit demo`."
        )
    with closing(connect_file(settings.published_database)) as connection:
        months = connection.execute(
            "select r.review_month, count(*) filter (where r.assessability = 'assessed'), "
            "count(*) filter (where r.assessability = 'partly'), count(*) filter (where r.assessability = "
            "'not_assessable'), "
            "sum(r.findings), (select max(p.state) from calendar.licence_position as p where p.review_month = "
            "r.review_month) "
            "from calendar.rule_runs as r group by 1 order by 1"
        ).fetchall()
        reviews = connection.execute(
            "select activity, period, coalesce(contract_number, ''), due_on, state from calendar.review_calendar "
            "where state in ('waiting', 'due', 'overdue', 'produced') and not is_ahead "
            "qualify review_month = max(review_month) over () "
            "order by due_on, activity, period"
        ).fetchall()
        proposed = _proposed(connection)
        last_made = read_last_made(connection)
        not_made = [not_made_as_dict(u) for u in read(connection, "meta.not_made")]
    facts = read_facts(settings)
    return Status(
        not_made,
        last_made,
        months,
        reviews,
        overdue_reviews(facts.reviews, facts.contracts, today),
        unanswered(proposed, today),
        absent_months(facts.drops, today),
        overdue_provisional_months(facts.states, today),
    )


def _as_json(found: Status) -> str:
    return json.dumps(
        {
            "not_made": found.not_made,
            "last_made": [dict(zip(LAST_MADE, m, strict=True)) for m in found.last_made],
            "months": [dict(zip(MONTH, m, strict=True)) for m in found.months],
            "reviews": [dict(zip(REVIEW, r, strict=True)) for r in found.reviews],
            "overdue_reviews": [asdict(r) for r in found.overdue],
            "waiting_for_an_answer": [asdict(u) for u in found.waiting_for],
            "absent_months": [asdict(a) for a in found.absent],
            "provisional_past_its_time": found.provisional,
        },
        indent=2,
        default=str,
    )


def _lines(found: Status, today: date) -> Iterator[str]:
    if found.not_made:
        yield "Not made:"
        yield from not_made_lines(found.not_made)
        yield ""
    yield f"{'month':<9} {'findings':>9} {'assessed':>9} {'partly':>7} {'not':>4}  figures"
    for month, assessed, partly, missing, findings, state in found.months:
        yield f"{month:<9} {findings or 0:>9} {assessed:>9} {partly:>7} {missing:>4}  {state or 'none'}"
    waiting = found.reviews[-MOST_REVIEWS:]
    yield from _part("Last made, and why:", (_last_made(*m) for m in found.last_made))
    yield from _part(
        "Reviews waiting for a sign-off or for files:",
        (f"{day}  {state:<9} {name} {period} {contract}" for name, period, contract, day, state in waiting),
    )
    yield from _part(
        f"Overdue on {today}:",
        (f"{r.due_on}  {r.why:<14} {r.activity} {r.period} {r.contract_number}" for r in found.overdue),
    )
    yield from _part(
        "Actions not answered by the due date of the review in which they first appeared:",
        (f"{u.due_on}  {u.actions:>5}  {u.responsible}" for u in found.waiting_for),
    )
    yield from _part("Months without a drop:", (f"{a.month}  {a.why}" for a in found.absent))
    if found.provisional:
        yield f"\nStill provisional, although the drop that settles it is overdue: {', '.join(found.provisional)}"


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A title and its lines; empty if there are no lines."""
    shown = [f"  {line}".rstrip() for line in lines]
    if shown:
        yield f"\n{title}"
        yield from shown


def _last_made(month: str, because: str, outputs: str) -> str:
    made = outputs if outputs == "all" else f"{outputs.count(',') + 1 if outputs else 0} outputs"
    return f"{month}  {made:<11} {because}"


def _proposed(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(responsible person, month first seen) of the undecided actions of the latest month."""
    if "actions" not in existing_outputs(connection):
        return []
    return connection.execute(
        "select responsible, first_seen_month from calendar.actions where state = 'proposed' and responsible is not "
        "null and last_seen_month = review_month and review_month = (select max(review_month) from calendar.rule_runs) "
        "order by all"
    ).fetchall()


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return status(settings, arguments.today or arguments.clock().date(), arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(commands, "status", "What has been made, and what is due.", "selfaudit status", _work)
    add_today(parser, "the day on which something is late (default: today, UTC)")
    add_json(parser)
