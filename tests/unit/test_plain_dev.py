"""`dagster dev -w workspace.yaml` in the checkout becomes what `make dev` is; any other program and folder stays what
it is. Nothing is started.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import pytest

from pipelines.defs import dev
from pipelines.settings import ROOT

LINE = Path(dev.__file__).with_name("dagster_dev.pth").read_text(encoding="utf-8")
PLAIN = ["/some/bin/dagster", "dev", "-w", "workspace.yaml"]


@pytest.fixture
def started(monkeypatch, tmp_path) -> list[list[str]]:
    """What this process would have become; the data folder is a new one."""
    calls: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: calls.append(command))
    monkeypatch.setattr(os, "environ", {**os.environ, "SELFAUDIT_DATA": str(tmp_path)})
    os.environ.pop("DAGSTER_HOME", None)
    monkeypatch.chdir(ROOT)
    with warnings.catch_warnings():
        yield calls


def python_starts(monkeypatch, argv: list[str]) -> None:
    """The line of the environment, as Python runs it before a program."""
    monkeypatch.setattr(sys, "argv", argv)
    exec(LINE, {})


@pytest.mark.parametrize(
    "options", [["-w", "workspace.yaml"], ["--workspace", "workspace.yaml"], []], ids=["-w", "--workspace", "nothing"]
)
def test_the_plain_command_becomes_the_one_of_make_dev(started, monkeypatch, tmp_path, options):
    python_starts(monkeypatch, [*PLAIN[:2], "-p", "3001", *options])
    (command,) = started
    assert command[-6:] == ["dagster", "dev", "-w", str(ROOT / "workspace.yaml"), "-p", "3001"]
    assert os.environ["DAGSTER_HOME"] == str(tmp_path / "state" / "dagster") == str(Path.cwd())
    assert (Path.cwd() / "dagster.yaml").is_file()


@pytest.mark.parametrize(
    "argv",
    [
        ["/some/bin/dagster", "asset", "list", "-w", "workspace.yaml"],
        ["/some/bin/other", "dev", "-w", "workspace.yaml"],
        ["/some/bin/dagster", "dev", "-w", "elsewhere.yaml"],
        ["/some/bin/dagster", "dev", "-w", "workspace.yaml", "-w", "elsewhere.yaml"],
        ["/some/bin/dagster", "dev", "-m", "other.definitions"],
        ["dev"],
    ],
)
def test_other_commands_and_other_definitions_are_left_alone(started, monkeypatch, argv):
    python_starts(monkeypatch, argv)
    assert started == [] and "DAGSTER_HOME" not in os.environ


def test_another_folder_is_left_alone(started, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    python_starts(monkeypatch, PLAIN)
    assert started == []


def test_a_dagster_home_is_kept_and_the_notice_is_not_shown(started, monkeypatch):
    os.environ["DAGSTER_HOME"] = "/srv/dagster"
    python_starts(monkeypatch, PLAIN)
    assert started == [] and os.environ["DAGSTER_HOME"] == "/srv/dagster"
    with warnings.catch_warnings(record=True) as shown:
        warnings.warn(dev.NOTICE + " and its usage is discouraged.", FutureWarning, stacklevel=1)
    assert shown == []
