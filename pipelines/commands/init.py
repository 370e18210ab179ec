"""`selfaudit init`: an empty, documented landing zone in a data folder. `pipelines/guide/landing` defines its content;
this module writes all of it, or nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, WRONG_USE, UserError
from pipelines.guide.landing import START, empty_landing_zone
from pipelines.partitions import parse_month, shift
from pipelines.settings import Settings, load_settings

SHOWN = 10


def init(settings: Settings, month: str | None, today: date, as_json: bool) -> int:
    """Write folders, manifest, empty tables and pages for one review month (default: the last completed one).

    Raises UserError, and writes nothing, if one of the files exists; MonthError if the month is invalid.
    """
    wanted = month or shift(f"{today:%Y-%m}", -1)
    parse_month(wanted)
    folders, files = empty_landing_zone(wanted)
    _refuse_to_overwrite(settings, list(files))
    try:
        for name in folders:
            (settings.data / name).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            _write(settings.data / name, text)
    except OSError as error:
        raise UserError(
            f"{error.filename or settings.data} cannot be written: {error.strerror}. Choose another folder, or fix "
            "that one, remove what this attempt has written, and try again."
        ) from error
    _say(settings, wanted, list(files), as_json)
    return DONE


def _refuse_to_overwrite(settings: Settings, names: list[str]) -> None:
    there = [name for name in names if (settings.data / name).exists() or (settings.data / name).is_symlink()]
    if not there:
        return
    more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
    raise UserError(
        f"{settings.data} already contains: {', '.join(there[:SHOWN])}{more}. Nothing was written: existing "
        "files are never overwritten. Give an empty folder, or move these away first. For a further month no `init` is "
        "needed: make a folder "
        f"{settings.landing / 'YYYY-MM'}."
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as handle:  # x: fail if the file has been created meanwhile
        handle.write(text)


def _say(settings: Settings, month: str, files: list[str], as_json: bool) -> None:
    start = settings.data / START
    if as_json:
        print(
            json.dumps(
                {"data": str(settings.data), "month": month, "start": str(start), "files": sorted(files)}, indent=2
            )
        )
        return
    print(f"An empty landing zone for {month} is in {settings.data} ({len(files)} files; no data yet).")
    print(f"  1. Read {start}.")
    print(
        f"  2. Put the exports of {month} into {settings.landing / month}, and fill what you can of "
        f"{settings.landing / 'reference'}."
    )
    print(f'  3. selfaudit --data "{settings.data}" run')


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.folder is not None and arguments.data is not None:
        print("selfaudit: the folder is given twice; leave out --data or DIR", file=sys.stderr)
        return WRONG_USE
    chosen = load_settings(arguments.folder) if arguments.folder is not None else settings
    return init(chosen, arguments.month, arguments.clock().date(), arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "init",
        "Make a data folder for your own files: month folder, empty reference tables, and what to put where.",
        "selfaudit init ./data --month 2026-10",
        _work,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=None, metavar="DIR", help="default: the data folder")
    parser.add_argument(
        "--month", default=None, metavar="YYYY-MM", help="first review month (default: the last that is over)"
    )
    add_json(parser, "the files written, as JSON")
