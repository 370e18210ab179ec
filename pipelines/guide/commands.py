"""The command in words: its help texts and exit codes, from the parser itself."""

from __future__ import annotations

import argparse
import functools

from pipelines.guide.markdown import anchor, fenced, table

WIDTH = 100


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Name → parser of every command."""
    (action,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(action.choices)


def _help(parser: argparse.ArgumentParser) -> str:
    """The help text at a width that does not depend on the terminal."""
    parser.formatter_class = functools.partial(argparse.RawDescriptionHelpFormatter, width=WIDTH)
    return parser.format_help()


def command_page(parser: argparse.ArgumentParser) -> str:
    """The page of the command: exit codes, then one section per command with what `--help` prints."""
    parts = [
        "# The command\n",
        "`make install` installs it as `.venv/bin/selfaudit`. `--data DIR` precedes the name of the command.\n",
        "## Exit codes\n",
        table(
            ["code", "means"],
            [
                ["0", "done"],
                ["1", "failed; the message says what, where and what to do, and the previous publication is unchanged"],
                ["2", "incorrect use: a command, option or month that does not exist"],
                [
                    "3",
                    "done, but at least one rule was not assessable; the summary and the pages say which and why. 0 "
                    "with `SELFAUDIT_NOT_ASSESSABLE=pass`",
                ],
                [
                    "4",
                    "partly done: something was not made; the summary says what, why, and which earlier version is "
                    "still in place",
                ],
            ],
        ),
        "## selfaudit\n",
        fenced(_help(parser)),
    ]
    for name, command in subcommands(parser).items():
        parts += [anchor(f"command-{name}") + f"## selfaudit {name}\n", fenced(_help(command))]
    return "\n".join(parts)
