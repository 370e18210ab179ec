"""`selfaudit workbooks MONTH`: writes the workbooks of published months on demand."""

from __future__ import annotations

import argparse
import json
from contextlib import closing

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, UserError
from pipelines.partitions import parse_range
from pipelines.report.rows import published_months
from pipelines.run import object_store
from pipelines.run.for_people import write_workbooks
from pipelines.run.sealing import sealed
from pipelines.settings import Settings
from pipelines.warehouse import connect_file, writer_lock


def workbooks(settings: Settings, months: str, as_json: bool) -> int:
    """Write every workbook of the months. The record is unchanged. Raises UserError if a month is not published."""
    wanted = parse_range(months)
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run`.")
    with closing(connect_file(settings.published_database)) as published:
        known = published_months(published)
    if missing := [m for m in wanted if m not in known]:
        raise UserError(f"{', '.join(missing)}: not published. Published: {', '.join(known)}.")
    with writer_lock(settings):
        with sealed(settings, []):
            written = write_workbooks(settings, wanted)
        object_store.send_out(settings)
    if as_json:
        print(json.dumps({"months": wanted, "workbooks": written}, indent=2))
    else:
        print(
            f"{len(written)} workbooks of {wanted[0]}{f' to {wanted[-1]}' if wanted[1:] else ''} written to "
            f"{settings.published}."
        )
    return DONE


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return workbooks(settings, arguments.months, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "workbooks",
        "Write the workbooks of a month from what is published, even if SELFAUDIT_WORKBOOKS=latest leaves them out.",
        "selfaudit workbooks 2026-03",
        _work,
    )
    parser.add_argument("months", metavar="MONTH|FROM..TO", help="YYYY-MM or YYYY-MM..YYYY-MM")
    add_json(parser, "the files written, as JSON")
