"""`selfaudit retain`: deletes data past the configured retention periods, and records it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import date

from pipelines.commands.shared.arguments import Commands, add_command, add_json, add_today
from pipelines.commands.shared.logs import console_progress, progress_log
from pipelines.errors import DONE, UserError
from pipelines.reference.retention import KEYS
from pipelines.run import history, retention
from pipelines.run.erasure import refuse_unfinished
from pipelines.run.reseal import not_as_recorded
from pipelines.run.retention import Due
from pipelines.run.sealing import sealed
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock

NOTHING = f"Nothing is past its retention period (settings {', '.join(KEYS)})."


def retain(settings: Settings, today: date, is_dry: bool, as_json: bool) -> int:
    """Print what is past its retention period on the day, and what is kept regardless and why; delete the former."""
    with console_progress(settings), writer_lock(settings, progress_log.info):
        if not settings.published_database.is_file():
            raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run`.")
        refuse_unfinished(settings, retention.COMMAND)
        retention.refuse_if_not_loaded(settings)
        found = retention.due(settings, today)
        taken, entries = [one for one in found if one.taken], 0
        if not is_dry and (taken or retention.is_begun(settings)):
            with sealed(settings, []) as changed:
                put_back = [] if retention.is_begun(settings) else history.hold_to_record(settings)
                for sentence in [*changed, *put_back]:
                    progress_log.warning(f"changed outside a run: {sentence}")
                if not retention.is_begun(settings) and (wrong := not_as_recorded(settings)):
                    raise UserError(
                        f"{wrong[0]} ({len(wrong)} differences in all: `selfaudit verify`). Nothing was removed: "
                        "rewriting would record these differences as published."
                    )
                taken, entries = retention.take_away(settings, found, today, _forget_runs, progress_log.info)
    held = {one.kind: dict(one.held) for one in found if one.held}
    if as_json:
        of = [{"kind": o.kind, "months": o.months, "taken": o.taken} for o in taken]
        print(json.dumps({"dry_run": is_dry, "classes": of, "held": held, "entries": entries}, indent=2))
    else:
        print("\n".join(_lines(taken, held, is_dry)))
    return DONE


def _forget_runs(settings: Settings, before: date) -> int:
    from pipelines.defs.history import forget_runs  # imported late: Dagster takes seconds to import

    return forget_runs(settings, before)


def _lines(taken: Sequence[Due], held: Mapping[str, Mapping[str, str]], is_dry: bool) -> list[str]:
    what = "would be removed" if is_dry else "removed"
    lines = [f"{o.kind} (kept {o.months} months): {', '.join(o.taken)} {what}." for o in taken]
    lines += [
        f"{kind}: {month} is past its retention period, but is kept because of {by}."
        for kind, months in held.items()
        for month, by in months.items()
    ]
    return lines or [NOTHING]


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return retain(settings, arguments.today or arguments.clock().date(), arguments.dry_run, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "retain",
        "Remove what is kept longer than the settings say (retention_months_...), and record it.",
        "selfaudit retain --dry-run",
        _work,
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="list what would be removed, and what is kept for another reason"
    )
    add_today(parser, "the day on which months are counted (default: today)")
    add_json(parser)
