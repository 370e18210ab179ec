"""`selfaudit verify [PACK]` and `selfaudit replay MONTH`: whether what was published still is what it was, and can be
made again.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.differences import published_file, report_differences
from pipelines.errors import UserError
from pipelines.publish.packs import verify_pack, verify_publication
from pipelines.settings import Settings
from pipelines.warehouse import connect_file


def verify(settings: Settings, pack: Path | None, as_json: bool) -> int:
    """Check one pack, or without one the whole publication. Exit code 1 if anything differs."""
    if pack is not None:
        if not pack.is_file():
            raise UserError(f"There is no file {pack}. Packs lie in {settings.published / 'packs'}.")
        try:
            wrong = verify_pack(pack, settings.published, settings.landing)
        except ValueError as error:
            raise UserError(str(error)) from error
        what = str(pack)
    else:
        with closing(connect_file(published_file(settings))) as connection:
            wrong = verify_publication(connection, settings.published, settings.landing)
        what = str(settings.published)
    return report_differences(what, wrong, as_json)


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return verify(settings, arguments.pack, arguments.json)


def declare(commands: Commands) -> None:
    """Its arguments."""
    parser = add_command(
        commands,
        "verify",
        "Whether an evidence pack, or the whole publication, and the raw files are what they were.",
        "selfaudit verify data/published/packs/2026-10.zip",
        _work,
    )
    parser.add_argument(
        "pack", type=Path, nargs="?", default=None, metavar="PACK", help="default: everything published"
    )
    add_json(parser)
