"""`selfaudit decide`: reads the decisions of a workbook back and adds them to landing/reference/dispositions.csv."""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from datetime import datetime
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, FAILED, UserError
from pipelines.ingest.landing.files import FileDamageError
from pipelines.ingest.read.workbook import read_workbook
from pipelines.publish.workbooks.sheets import column_of
from pipelines.reviews.decisions import (
    DecisionFileError,
    Disposition,
    Outcome,
    Subject,
    judge,
    parse,
    place_of_head,
    write,
)
from pipelines.settings import Settings
from pipelines.warehouse import connect_file, writer_lock

SHOWN = 50


def decide(settings: Settings, workbook: Path, by: str, moment: datetime, dry_run: bool, as_json: bool) -> int:
    """Read, judge and write. All rows fit, or nothing is written and every row that does not fit is named."""
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet, so there is nothing to decide on.")
    rows = _rows(workbook)
    target = settings.landing / "reference" / "dispositions.csv"
    with writer_lock(settings):
        earlier = _earlier(target)
        outcome = judge(rows, _findings(settings), earlier, moment.replace(microsecond=0), by.strip())
        if outcome.new and not outcome.refused and not dry_run:
            target.parent.mkdir(parents=True, exist_ok=True)
            settings.scratch.mkdir(parents=True, exist_ok=True)
            part = settings.scratch / "dispositions.csv"
            part.write_text(write(earlier, outcome.new), encoding="utf-8", newline="")
            part.replace(target)
    _say(workbook, target, outcome, dry_run, as_json)
    return FAILED if outcome.refused else DONE


def _rows(workbook: Path) -> list[tuple[int, dict[str, str]]]:
    if not workbook.is_file():
        raise UserError(f"There is no file {workbook}.")
    with tempfile.TemporaryDirectory() as folder:
        try:
            sheets = read_workbook(workbook, Path(folder))
        except FileDamageError as error:
            raise UserError(f"{workbook} cannot be read as a workbook: {error}") from error
        for sheet in sheets:
            with sheet.csv.open(encoding="utf-8", newline="") as handle:
                texts = list(csv.reader(handle))
            names = [[column_of(cell) for cell in row] for row in texts[:20]]
            place = place_of_head(names)
            if place is not None:
                head = names[place]
                return [
                    (number, dict(zip(head, row, strict=False)))
                    for number, row in enumerate(texts[place + 1 :], start=place + 2)
                ]
    raise UserError(
        f"{workbook} has no sheet with the columns 'Decision' and 'Finding id' or 'Finding ids'. Decisions are typed "
        "into the "
        "yellow columns of the sheet 'List' of a published workbook, for example deprovisioning_list.xlsx."
    )


def _findings(settings: Settings) -> dict[str, Subject]:
    connection = connect_file(settings.published_database)
    try:
        rows = connection.execute(
            "select distinct finding_id, coalesce(team_alias, ''), coalesce(offering_key, ''), "
            "coalesce(person_key, '') from calendar.findings"
        ).fetchall()
        return {finding: Subject(*about) for finding, *about in rows}
    finally:
        connection.close()


def _earlier(target: Path) -> list[Disposition]:
    if not target.is_file():
        return []
    try:
        return parse(target.read_text(encoding="utf-8-sig"))
    except (DecisionFileError, UnicodeDecodeError) as error:
        raise UserError(
            f"{target} is not a file that `selfaudit decide` wrote: {error}. Give it another name (every file of that "
            "folder is read), "
            "then try again."
        ) from error


def _say(workbook: Path, target: Path, outcome: Outcome, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print(
            json.dumps(
                {
                    "workbook": str(workbook),
                    "new": len(outcome.new),
                    "known": outcome.known,
                    "undecided": outcome.undecided,
                    "refused": [{"row": r.row, "why": r.why} for r in outcome.refused],
                    "written": str(target) if outcome.new and not outcome.refused and not dry_run else None,
                },
                indent=2,
            )
        )
        return
    if outcome.refused:
        print(f"Nothing was written: {len(outcome.refused)} rows of {workbook} do not fit.")
        for refusal in outcome.refused[:SHOWN]:
            print(f"  row {refusal.row}: {refusal.why}")
        if len(outcome.refused) > SHOWN:
            print(f"  and {len(outcome.refused) - SHOWN} more")
        return
    print(f"{len(outcome.new)} new decisions, {outcome.known} known already, {outcome.undecided} rows left open.")
    if outcome.new and dry_run:
        print("Nothing was written (--dry-run).")
    elif outcome.new:
        print(f"Written: {target}")
        print("The next `selfaudit run` shows them in the month that they judge and the months after it.")


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    moment = arguments.at or arguments.clock().replace(tzinfo=None)
    return decide(settings, arguments.workbook, arguments.by, moment, arguments.dry_run, arguments.json)


def declare(commands: Commands) -> None:
    """Its arguments."""
    parser = add_command(
        commands,
        "decide",
        "Read the decisions that were typed into a workbook back; the next run shows them.",
        'selfaudit decide deprovisioning_list.xlsx --by "Ada Example"',
        _work,
    )
    parser.add_argument("workbook", type=Path, metavar="FILE.xlsx")
    parser.add_argument("--by", default="", metavar="NAME", help="who decides, where the workbook does not say")
    parser.add_argument(
        "--at",
        type=datetime.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD[THH:MM:SS]",
        help="when it was decided (default: now, UTC); without a review month in the row it counts from that month on",
    )
    parser.add_argument("--dry-run", action="store_true", help="judge the rows and write nothing")
    add_json(parser)
