"""`selfaudit forget PERSON`: removes one person from everything in the data folder."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import date

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.logs import console_progress, progress_log
from pipelines.errors import DONE, FAILED, UserError
from pipelines.run import forgetting, history
from pipelines.run.erasure import read_journal, refuse_unfinished
from pipelines.run.forgetting import Report
from pipelines.run.reseal import not_as_recorded
from pipelines.run.sealing import sealed
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock

MOST_LISTED = 20


def forget(
    settings: Settings, person: str | None, reason: str, today: date, is_dry: bool, as_json: bool, goes_on: bool = False
) -> int:
    """Forget the person, or resume an interrupted call. Exit code 1 if something still names the person."""
    with console_progress(settings), writer_lock(settings, progress_log.info):
        if not settings.published_database.is_file():
            raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run`.")
        refuse_unfinished(settings, forgetting.COMMAND)
        journal = read_journal(settings)
        if journal is None and (goes_on or not person):
            raise UserError(
                "Name the person: an address as in column email, or a person_key. There is no interrupted call to "
                "resume."
            )
        if is_dry and journal is None:
            report = forgetting.look(settings, str(person), reason, today)
        elif is_dry:
            raise UserError("`selfaudit forget` was interrupted. Run `selfaudit forget --go-on` first.")
        else:
            report = _forget(settings, person, reason, today, journal)
    if as_json:
        print(json.dumps(asdict(report), indent=2))
    else:
        print("\n".join(_lines(report)))
    return FAILED if report.left and not report.is_dry else DONE


def _forget(
    settings: Settings, person: str | None, reason: str, today: date, journal: dict[str, object] | None
) -> Report:
    forgetting.refuse_without_key(settings)
    with sealed(settings, []) as changed:
        for sentence in changed:
            progress_log.warning(f"changed outside a run: {sentence}")
        if journal is not None:
            progress_log.info("resuming the interrupted call")
        else:
            for sentence in history.hold_to_record(settings):
                progress_log.warning(f"changed outside a run: {sentence}")
            if wrong := not_as_recorded(settings):
                raise UserError(
                    f"{wrong[0]} ({len(wrong)} differences in all: `selfaudit verify`). Nobody was forgotten: "
                    "rewriting would record these differences as published."
                )
            journal = forgetting.begin(settings, str(person), reason, today)
        return forgetting.go_on(settings, journal, progress_log.info)


def _lines(report: Report) -> list[str]:
    what = "would be changed" if report.is_dry else "changed"
    rows = sum(report.tables.values())
    lines = [f"{len(report.tables)} tables ({rows:,} rows) and {len(report.files)} files {what}."]
    listed = [f"{table}: {n:,} rows" for table, n in report.tables.items()] + report.files
    if report.is_dry:
        lines += [f"  {one}" for one in listed]
    if not report.is_dry:
        lines.append(
            f"Recorded in {report.entries} entries of the record; the report is "
            f"published/erasures/{report.number:06d}.json."
        )
    for one in report.left[:MOST_LISTED]:
        lines.append(f"  check by hand: {one}")
    return lines


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    today = arguments.clock().date()
    return forget(
        settings, arguments.person, arguments.reason, today, arguments.dry_run, arguments.json, arguments.go_on
    )


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "forget",
        "Remove a person from everything in the data folder; counts are kept, and the removal is recorded.",
        'selfaudit forget ada@example.com --reason "request of 2026-11-30"',
        _work,
    )
    parser.add_argument("person", nargs="?", default=None, metavar="PERSON", help="an address, or a person_key")
    parser.add_argument("--reason", default="", help="what is recorded as the reason; must not name the person")
    parser.add_argument("--dry-run", action="store_true", help="list what would be changed, and change nothing")
    parser.add_argument("--go-on", action="store_true", help="resume a call that was interrupted")
    add_json(parser)
