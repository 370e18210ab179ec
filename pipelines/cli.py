"""The command `selfaudit`: collects the commands, each a module of `pipelines/commands`, and turns their errors into
messages and exit codes. No work.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some rule was not assessable, 4 done in part: something was not
made.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from pipelines.errors import FAILED, WRONG_USE, UserError, of_error, of_surroundings
from pipelines.partitions import MonthError
from pipelines.settings import SettingsError, load_settings

# In the order of the help: a place for the files, months, what is made of them, decisions and evidence.
COMMANDS = (
    "init",
    "demo",
    "run",
    "backfill",
    "workbooks",
    "status",
    "alerts",
    "doctor",
    "explain",
    "what-if",
    "decide",
    "sign-off",
    "verify",
    "replay",
    "export-sam",
)


def build_parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The argument parser; every command has a one-line summary and an example. names: the commands that it knows."""
    parser = argparse.ArgumentParser(
        prog="selfaudit",
        description="Reviews an Autodesk estate every month from the files the company can already download.",
        epilog="example:\n  selfaudit --data ./data run 2026-10",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=None, metavar="DIR", help="data folder (default: SELFAUDIT_DATA, else ./data)"
    )
    parser.add_argument("--version", action="version", version=f"selfaudit {version('selfaudit')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in names:
        import_module(f"pipelines.commands.{name.replace('-', '_')}").declare(commands)
    return parser


def _asked_for(argv: Sequence[str]) -> Sequence[str]:
    """The one command that is surely meant, so that the modules of the others are not loaded; all where it is not
    sure.
    """
    words = list(
        argv[2:] if argv[:1] == ["--data"] else argv[1:] if argv[:1] and argv[0].startswith("--data=") else argv
    )
    return words[:1] if words[:1] and words[0] in COMMANDS else COMMANDS


def _now() -> datetime:
    return datetime.now(UTC)


def main(argv: Sequence[str] | None = None, clock: Callable[[], datetime] = _now) -> int:
    """Entry point of the command. Returns the exit code; errors a user can mend are one message, not a stack trace.

    clock: what the commands ask for the moment (in UTC); none of them reads one of its own.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    arguments = build_parser(_asked_for(given)).parse_args(given)
    arguments.clock = clock
    try:
        settings = load_settings(arguments.data)
        settings.apply_to_environment()
        code = int(arguments.work(settings, arguments))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has enough (`| head`). What is left in the buffer must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (MonthError, SettingsError) as error:
        print(f"selfaudit: {error}", file=sys.stderr)
        return WRONG_USE
    except UserError as error:
        print(f"selfaudit: {error}", file=sys.stderr)
        return FAILED
    except of_surroundings() as error:
        print(f"selfaudit: {of_error(error, settings)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("selfaudit: stopped; the previous publication is unchanged", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
