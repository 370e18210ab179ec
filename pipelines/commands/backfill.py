"""`selfaudit backfill FROM..TO`: an alias of `selfaudit run` on a range of months."""

from __future__ import annotations

from pipelines.commands.run import add_run_options, work
from pipelines.commands.shared.arguments import Commands, add_command


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "backfill",
        "Review a range of months in one run (the same as `run FROM..TO`).",
        "selfaudit backfill 2024-11..2026-10",
        work,
    )
    parser.add_argument("months", metavar="FROM..TO", help="YYYY-MM..YYYY-MM")
    add_run_options(parser)
