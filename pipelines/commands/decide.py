"""`selfaudit decide`: reads the decisions of a workbook back and appends them to landing/reference/dispositions.csv."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, FAILED, UserError
from pipelines.ingest.landing.files import FileDamageError
from pipelines.ingest.read.filled import read_filled
from pipelines.reviews.decisions import Given, Outcome, judge
from pipelines.reviews.dispositions import History
from pipelines.run.decided import (
    add_decisions,
    dispositions_file,
    earlier_decisions,
    filled,
    read_published,
)
from pipelines.run.discretion import said
from pipelines.run.privacy import read_real
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock

SHOWN = 50


def decide(settings: Settings, workbook: Path, by: str, moment: datetime, dry_run: bool, as_json: bool) -> int:
    """Read, validate and write. If any row is invalid, nothing is written and every invalid row is listed."""
    published = read_published(settings)
    rows = read_real(settings).rows(_rows(workbook))
    with writer_lock(settings):
        earlier = earlier_decisions(settings)
        outcome = judge(rows, published, History(earlier), moment.replace(microsecond=0), by.strip())
        if outcome.new and not outcome.refused and not dry_run:
            add_decisions(settings, earlier, outcome.new)
    whys = said(settings, [r.why for r in outcome.rows])
    outcome = replace(outcome, rows=[replace(r, why=why) for r, why in zip(outcome.rows, whys, strict=True)])
    _say(workbook, dispositions_file(settings), outcome, dry_run, as_json)
    return FAILED if outcome.refused else DONE


def _rows(workbook: Path) -> list[Given]:
    if not workbook.is_file():
        raise UserError(f"There is no file {workbook}.")
    (read,) = read_filled([workbook])
    if isinstance(read, FileDamageError):
        raise UserError(f"{workbook} cannot be read as a workbook: {read}") from read
    found = filled(read)
    if found.is_ours:
        return found.rows
    raise UserError(
        f"{workbook} has no sheet with the columns 'Decision' and 'Finding id' or 'Finding ids'. Decisions are typed "
        "into the "
        "yellow columns of the sheet 'List' of a published workbook, for example deprovisioning_list.xlsx."
    )


def _say(workbook: Path, target: Path, outcome: Outcome, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print(
            json.dumps(
                {
                    "workbook": str(workbook),
                    "new": len(outcome.new),
                    "known": outcome.known,
                    "undecided": outcome.undecided,
                    "refused": [{"sheet": r.sheet, "row": r.row, "why": r.why} for r in outcome.refused],
                    "written": str(target) if outcome.new and not outcome.refused and not dry_run else None,
                },
                indent=2,
            )
        )
        return
    if outcome.refused:
        print(f"Nothing was written: {len(outcome.refused)} rows of {workbook} cannot be used:")
        for refusal in outcome.refused[:SHOWN]:
            print(f"  {f'{refusal.sheet}, ' if refusal.sheet else ''}row {refusal.row}: {refusal.why}")
        if len(outcome.refused) > SHOWN:
            print(f"  and {len(outcome.refused) - SHOWN} more")
        return
    print(f"{len(outcome.new)} new decisions, {outcome.known} already known, {outcome.undecided} rows left open.")
    if outcome.new and dry_run:
        print("Nothing was written (--dry-run).")
    elif outcome.new:
        print(f"Written: {target}")
        print("The next `selfaudit run` shows them in the month that they are about and in the months after it.")


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    moment = arguments.at or arguments.clock().replace(tzinfo=None)
    return decide(settings, arguments.workbook, arguments.by, moment, arguments.dry_run, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "decide",
        "Read back the decisions that were typed into a workbook; the next run shows them.",
        'selfaudit decide deprovisioning_list.xlsx --by "Ada Example"',
        _work,
    )
    parser.add_argument("workbook", type=Path, metavar="FILE.xlsx")
    parser.add_argument("--by", default="", metavar="NAME", help="who decides, if the workbook does not say")
    parser.add_argument(
        "--at",
        type=datetime.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD[THH:MM:SS]",
        help="when it was decided (default: now, UTC); without a review month in the row it counts from that month on",
    )
    parser.add_argument("--dry-run", action="store_true", help="check the rows and write nothing")
    add_json(parser)
