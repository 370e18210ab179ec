"""`selfaudit sign-off ACTIVITY PERIOD --by NAME`: adds the signature to landing/reference/sign_offs.csv; the next run
shows it.
"""

from __future__ import annotations

import argparse
import csv
import json
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, UserError
from pipelines.partitions import parse_month
from pipelines.publish.publications import read_chain
from pipelines.reviews.sign_off import SignOffError, as_csv, sign
from pipelines.settings import Settings
from pipelines.warehouse import connect_file, writer_lock


def sign_off(
    settings: Settings, activity: str, period: str, by: str, moment: datetime, note: str, as_json: bool
) -> int:
    """Sign what is published now: its entry in the chain of publications goes into the row."""
    parse_month(period)
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet, so there is nothing to sign.")
    target = settings.landing / "reference" / "sign_offs.csv"
    with writer_lock(settings):
        with closing(connect_file(settings.published_database)) as connection:
            cursor = connection.execute(
                "select activity, output, period, state from calendar.review_calendar order by all"
            )
            reviews = [
                dict(zip(("activity", "output", "period", "state"), row, strict=True)) for row in cursor.fetchall()
            ]
            hashes = {(e.output, e.review_month): e.entry_hash for e in read_chain(connection)}
        output = next((r["output"] for r in reviews if activity in (r["activity"], r["output"])), "")
        earlier = _earlier(target)
        try:
            new = sign(
                reviews,
                earlier,
                activity,
                period,
                by,
                moment.replace(microsecond=0),
                hashes.get((output, period), ""),
                note,
            )
        except SignOffError as error:
            raise UserError(str(error)) from error
        settings.scratch.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = settings.scratch / "sign_offs.csv"
        part.write_text(as_csv(earlier, new), encoding="utf-8", newline="")
        part.replace(target)
    if as_json:
        print(json.dumps(asdict(new), indent=2, default=str))
    else:
        print(f"{new.activity} of {new.period} is signed by {new.by}; added to {target}.")
        print("`selfaudit run` shows it in the review calendar.")
    return DONE


def _earlier(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [{k: v or "" for k, v in row.items() if k} for row in csv.DictReader(handle)]


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    moment = arguments.at or arguments.clock().replace(tzinfo=None)
    return sign_off(
        settings, arguments.activity, arguments.period, arguments.by, moment, arguments.note, arguments.json
    )


def declare(commands: Commands) -> None:
    """Its arguments."""
    parser = add_command(
        commands,
        "sign-off",
        "Sign a review of a month; the next run shows it in the review calendar.",
        'selfaudit sign-off user_activity_audit 2026-10 --by "Ada Example"',
        _work,
    )
    parser.add_argument("activity", metavar="ACTIVITY", help="as in the review calendar, or the name of the output")
    parser.add_argument("period", metavar="YYYY-MM")
    parser.add_argument("--by", required=True, metavar="NAME", help="who signs")
    parser.add_argument("--note", default="", help="what should be remembered")
    parser.add_argument(
        "--at",
        type=datetime.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD[THH:MM:SS]",
        help="when it was signed (default: now, UTC)",
    )
    add_json(parser)
