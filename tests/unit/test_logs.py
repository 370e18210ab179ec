"""Logs for a scheduler: one JSON object a line with its step and months, without addresses of mail; and what it makes
of a rule that could not be assessed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from pipelines.cli import main
from pipelines.commands.run import exit_code
from pipelines.commands.shared.logs import console_progress, progress_log
from pipelines.errors import DONE, DONE_IN_PART, NOT_ALL_ASSESSED
from pipelines.run import progress
from pipelines.settings import FAIL, JSON_LINES, PASS, SettingsError, load_settings


@pytest.fixture(autouse=True)
def nowhere():
    progress.at("")  # tests of other files leave a step behind
    yield
    progress.at("")


def test_a_line_has_time_level_run_step_month_and_message(tmp_path, capsys):
    with console_progress(replace(load_settings(tmp_path), log=JSON_LINES)):
        progress_log.info("before the first step")
        progress.at(progress.TRANSFORM, ["2026-09", "2026-10"])
        progress_log.warning('sign_offs.csv, row 3: "Ada@Example.example", ada@corp.example is nobody')
        progress.at(progress.PUBLISH, ["2026-10"])
        progress_log.info("1 page written\nof 2")
    out, err = capsys.readouterr()
    first, second, third = (json.loads(line) for line in err.splitlines())
    assert not out and list(first) == ["time", "level", "run", "step", "month", "message"]
    assert first["step"] is first["month"] is None and datetime.fromisoformat(first["time"]).utcoffset() is not None
    assert (second["level"], second["step"], second["month"]) == ("warning", "dbt_models", "2026-09..2026-10")
    assert second["message"] == 'sign_offs.csv, row 3: "<address>", <address> is nobody'
    assert third["month"] == "2026-10" and third["message"] == "1 page written\nof 2"
    assert len({line["run"] for line in (first, second, third)}) == 1


def test_the_error_that_ends_a_command_is_a_line_too(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SELFAUDIT_LOG", "json")
    assert main(["--data", str(tmp_path / "none"), "run"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said["level"] == "error" and said["message"].startswith("There is no landing zone at ")


def test_without_the_setting_lines_are_for_people(tmp_path, capsys):
    with console_progress(load_settings(tmp_path)):
        progress_log.info("reviewing")
    assert capsys.readouterr().err == "[   0.0 s] reviewing\n"


@pytest.mark.parametrize("name", ["SELFAUDIT_LOG", "SELFAUDIT_NOT_ASSESSABLE"])
def test_a_setting_that_does_not_fit_is_refused(name, monkeypatch):
    monkeypatch.setenv(name, "perhaps")
    with pytest.raises(SettingsError, match=f"{name} is 'perhaps'; expected"):
        load_settings()


LACKING = {"not_made": [], "not_assessed": [{"assessability": "partly"}, {"assessability": "not_assessable"}]}
PARTLY = {"not_made": [], "not_assessed": [{"assessability": "partly"}]}


@pytest.mark.parametrize(
    ("summary", "setting", "code"),
    [
        (LACKING, FAIL, NOT_ALL_ASSESSED),
        (LACKING, PASS, DONE),
        (PARTLY, FAIL, DONE),
        ({**LACKING, "not_made": ["an output"]}, PASS, DONE_IN_PART),
    ],
)
def test_a_rule_that_is_not_assessable_is_a_failure_unless_the_setting_says_otherwise(summary, setting, code):
    assert exit_code(summary, setting) == code
