"""The command `selfaudit`: collects the commands, each a module of `pipelines/commands`, and turns their errors into
messages and exit codes. No work.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some rule was not assessable, 4 done in part: something was not
made.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from pipelines.commands.shared.logs import as_may_be_said, say_ending
from pipelines.commands.shared.terminal import plain_output
from pipelines.errors import FAILED, STANDS, WRONG_USE, UserError, of_error, of_surroundings
from pipelines.partitions import MonthError
from pipelines.settings import TEXT, SettingsError, load_settings

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
    "keys",
    "verify",
    "replay",
    "retain",
    "forget",
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


class _Stop:
    """Lets Ctrl-C and a signal of the machine (a shutdown, a scheduler) stop the command alike: published files are put
    back, and it says so. `asked` tells that it was, also where a library made an error of its own of it.

    A second signal, and an alarm after GRACE seconds, end the process at once: a statement of DuckDB's may wait long
    for its threads. Published files are whole then, as after a kill.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)
    GRACE = 20.0

    def __init__(self) -> None:
        self.asked = False
        # Outside the main thread signals cannot be set.
        numbers = self.SIGNALS if threading.current_thread() is threading.main_thread() else ()
        self._former = {number: signal.signal(number, self._stop) for number in numbers}

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        # By the operating system: no handler of Python's runs while a library works.
        for each in (*self.SIGNALS, signal.SIGALRM):
            signal.signal(each, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, self.GRACE)
        raise KeyboardInterrupt

    def forget(self) -> None:
        """Set the former handlers again."""
        if self.asked:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._former.items():
            signal.signal(number, handler)


def _answered(arguments: argparse.Namespace, stop: _Stop) -> int:
    """Do the work. Returns the exit code; errors a user can mend are one message. Raises everything where the command
    was stopped.
    """
    try:
        settings = load_settings(arguments.data)
        arguments.log = settings.log
        settings.apply_to_environment()
        code = int(arguments.work(settings, arguments))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has enough (`| head`). What is left in the buffer must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (MonthError, SettingsError) as error:
        said, code = str(error), WRONG_USE
    except UserError as error:
        said, code = str(error), FAILED
    except of_surroundings() as error:
        said, code = of_error(error, settings), FAILED
    if stop.asked:
        raise KeyboardInterrupt
    say_ending(arguments.log, as_may_be_said(settings, said) if code == FAILED else said)
    return code


def main(argv: Sequence[str] | None = None, clock: Callable[[], datetime] = _now) -> int:
    """Entry point of the command. Returns the exit code; errors a user can mend are one message, not a stack trace.

    clock: what the commands ask for the moment (in UTC); none of them reads one of its own.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    arguments = build_parser(_asked_for(given)).parse_args(given)
    arguments.clock, arguments.log = clock, TEXT
    stop = _Stop()
    try:
        with plain_output():
            return _answered(arguments, stop)
    except (KeyboardInterrupt, Exception) as error:
        if not (stop.asked or isinstance(error, KeyboardInterrupt)):
            raise
        say_ending(arguments.log, f"stopped. {STANDS} Run the same command again.")
        return FAILED
    finally:
        stop.forget()


if __name__ == "__main__":
    sys.exit(main())
