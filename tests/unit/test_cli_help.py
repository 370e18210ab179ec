"""The help of every command: a sentence, an example, and the example is one that the command accepts."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import build_parser
from pipelines.guide.commands import subcommands

COMMANDS = subcommands(build_parser())


def examples(text: str) -> list[str]:
    return re.findall(r"^  (selfaudit .+)$", text.partition("example:")[2], flags=re.M)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_an_example_that_the_command_accepts(name: str):
    text = (COMMANDS[name] if name else build_parser()).format_help()
    found = examples(text)
    assert found, f"`selfaudit {name} --help` has no example"
    for example in found:
        arguments = build_parser().parse_args(shlex.split(example)[1:])
        assert not name or arguments.command == name


def test_a_reader_that_stops_reading_gets_no_stack_trace(tmp_path: Path):
    command = Path(sys.executable).with_name("selfaudit")
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{command}" --data "{tmp_path}" doctor | true'], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_the_command_does_and_what_every_option_means(name: str):
    command = COMMANDS[name]
    assert (command.description or "").endswith(".")
    unsaid = [a.dest for a in command._actions if a.option_strings and not a.help]
    assert unsaid == []
