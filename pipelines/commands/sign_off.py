"""`selfaudit sign-off ACTIVITY PERIOD --by NAME`: appends the signature to landing/reference/sign_offs.csv; the next
run shows it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import datetime

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, UserError
from pipelines.partitions import parse_month
from pipelines.reviews.sign_off import SignOffError, sign
from pipelines.run.decided import add_sign_offs, read_reviews
from pipelines.run.sign_off_table import read_sign_offs
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock


def sign_off(
    settings: Settings, activity: str, period: str, by: str, moment: datetime, note: str, as_json: bool
) -> int:
    """Sign the current publication: its entry in the chain of publications is part of the row."""
    parse_month(period)
    with writer_lock(settings):
        reviews, earlier = read_reviews(settings), read_sign_offs(settings)
        at = moment.replace(microsecond=0)
        try:
            new = sign(reviews.rows, earlier, activity, period, by, at, reviews.entry(activity, period), note)
        except SignOffError as error:
            raise UserError(str(error)) from error
        target = add_sign_offs(settings, earlier, new)
    if as_json:
        print(json.dumps(asdict(new), indent=2, default=str))
    else:
        print(f"{new.activity} of {new.period} is signed by {new.by}; added to {target}.")
        print("`selfaudit run` shows it in the review calendar.")
    return DONE


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    moment = arguments.at or arguments.clock().replace(tzinfo=None)
    return sign_off(
        settings, arguments.activity, arguments.period, arguments.by, moment, arguments.note, arguments.json
    )


def declare(commands: Commands) -> None:
    """Declare the arguments."""
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
