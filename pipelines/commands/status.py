"""`selfaudit status`: months made, rules assessed, reviews due; read from the published file only."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import date

import duckdb

from pipelines.alerts.facts import read_facts
from pipelines.commands.shared.arguments import Commands, add_command, add_json, add_today
from pipelines.commands.shared.summary import not_made_as_dict, not_made_lines
from pipelines.errors import UserError
from pipelines.failures.omissions import read
from pipelines.reviews.overdue import absent_months, overdue_reviews, provisional_past_its_time, unanswered
from pipelines.run.parts import read_last_made
from pipelines.settings import Settings
from pipelines.warehouse import connect_file


def status(settings: Settings, today: date, as_json: bool) -> int:
    """Print what was not made, one line per month, the reviews that wait, and what is late on the day. Never touches
    the warehouse, so it may run beside a run.
    """
    if not settings.published_database.is_file():
        raise UserError(
            f"Nothing is published in {settings.published} yet. Start with `selfaudit run` or `selfaudit demo`."
        )
    connection = connect_file(settings.published_database)
    try:
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
    finally:
        connection.close()
    facts = read_facts(settings)
    overdue = overdue_reviews(facts.reviews, facts.contracts, today)
    waiting_for = unanswered(proposed, today)
    absent = absent_months(facts.drops, today)
    provisional = provisional_past_its_time(facts.states, today)
    if as_json:
        keys = ("review_month", "assessed", "partly", "not_assessable", "findings", "state")
        names = ("activity", "period", "contract_number", "due_on", "state")
        print(
            json.dumps(
                {
                    "not_made": not_made,
                    "last_made": [dict(zip(("review_month", "because", "outputs"), m, strict=True)) for m in last_made],
                    "months": [dict(zip(keys, m, strict=True)) for m in months],
                    "reviews": [dict(zip(names, r, strict=True)) for r in reviews],
                    "overdue_reviews": [asdict(r) for r in overdue],
                    "waiting_for_an_answer": [asdict(u) for u in waiting_for],
                    "absent_months": [asdict(a) for a in absent],
                    "provisional_past_its_time": provisional,
                },
                indent=2,
                default=str,
            )
        )
        return 0
    if not_made:
        print("Not made:")
        print("\n".join(not_made_lines(not_made)) + "\n")
    print(f"{'month':<9} {'findings':>9} {'assessed':>9} {'partly':>7} {'not':>4}  figures")
    for month, assessed, partly, missing, findings, state in months:
        print(f"{month:<9} {findings or 0:>9} {assessed:>9} {partly:>7} {missing:>4}  {state or 'none'}")
    if last_made:
        print("\nMade last, and what for:")
        for month, because, outputs in last_made:
            made = outputs if outputs == "all" else f"{outputs.count(',') + 1 if outputs else 0} outputs"
            print(f"  {month}  {made:<11} {because}")
    if reviews:
        print("\nReviews that wait for somebody:")
        for activity, period, contract, due_on, state in reviews[-40:]:
            print(f"  {due_on}  {state:<9} {activity} {period} {contract}".rstrip())
    if overdue:
        print(f"\nOverdue on {today}:")
        for late in overdue:
            print(f"  {late.due_on}  {late.why:<14} {late.activity} {late.period} {late.contract_number}".rstrip())
    if waiting_for:
        print("\nActions that wait for an answer, though the review of their first month is past its day:")
        for one in waiting_for:
            print(f"  {one.due_on}  {one.actions:>5}  {one.responsible}")
    if absent:
        print("\nMonths without a drop:")
        for month in absent:
            print(f"  {month.month}  {month.why}")
    if provisional:
        print(f"\nStill provisional, though the drop that settles it is past its day: {', '.join(provisional)}")
    return 0


def _proposed(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(responsible person, month first seen) of the actions of the latest month that nobody has decided on."""
    there = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'calendar' and table_name = 'actions'"
    ).fetchall()
    if not there:
        return []
    return connection.execute(
        "select responsible, first_seen_month from calendar.actions where state = 'proposed' and responsible is not "
        "null and last_seen_month = review_month and review_month = (select max(review_month) from calendar.rule_runs) "
        "order by all"
    ).fetchall()


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return status(settings, arguments.today or arguments.clock().date(), arguments.json)


def declare(commands: Commands) -> None:
    """Its arguments."""
    parser = add_command(commands, "status", "What has been made, and what is due.", "selfaudit status", _work)
    add_today(parser, "the day on which something is late (default: today, UTC)")
    add_json(parser)
