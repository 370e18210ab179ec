"""Declares commands: name, description, example and function; and the options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from pipelines.settings import Settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Commands,
    name: str,
    summary: str,
    example: str,
    work: Callable[[Settings, argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """Add a command whose function is called with the settings and its arguments and returns the exit code.

    The arguments include `clock`, a function that returns the current time in UTC.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(work=work)
    return parser


def add_json(parser: argparse.ArgumentParser, what: str = "as JSON") -> None:
    """The option --json. what: what is printed as JSON."""
    parser.add_argument("--json", action="store_true", help=what)


def add_today(parser: argparse.ArgumentParser, what: str) -> None:
    """The option --today, a day. what: what the day determines, and its default."""
    parser.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help=what)
