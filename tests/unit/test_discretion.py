"""What may be said where privacy mode is on: what a run says of its progress and of its failures names nobody."""

from __future__ import annotations

import gzip
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.cli import main
from pipelines.commands.alerts import after_run
from pipelines.commands.shared.differences import report_differences
from pipelines.errors import UserError
from pipelines.failures.omissions import PartlyMadeError
from pipelines.publish.veil.key import read_or_make
from pipelines.run import discretion
from pipelines.run.answers import Answer, sentences
from pipelines.settings import Settings
from pipelines.warehouse import connect

FAULT = "dispositions row 3: 'Zara O'Mark' of zara@mark.example is no decision (\"zara\")"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data folder whose settings ask for privacy mode; nothing is made of it yet."""
    settings = Settings(data=tmp_path)
    (settings.landing / "reference").mkdir(parents=True)
    (settings.landing / "reference" / "settings.csv").write_text("key,value\nprivacy_mode,on\n")
    return settings


def names_nobody(text: str) -> bool:
    return not any(part in text.lower() for part in ("zara", "mark"))


@pytest.mark.parametrize(
    ("name", "content", "asked"),
    [
        ("settings.csv", b"key;value\nprivacy_mode;on\n", True),
        ("settings.csv", "\ufeffkey,value\nPrivacy_Mode,yes\n".encode("utf-16"), True),
        ("settings.csv", b'"key","value"\n"privacy_mode","off"\n', False),
        ("settings.csv", b"key,value\ncurrency,EUR\n", False),
        ("settings.csv.gz", gzip.compress(b"key,value\nprivacy_mode,on\n", mtime=0), True),
    ],
)
def test_a_first_run_knows_from_the_tables_whether_names_may_be_said(
    settings: Settings, name: str, content: bytes, asked: bool
):
    (settings.landing / "reference" / "settings.csv").unlink()
    (settings.landing / "reference" / name).write_bytes(content)
    assert discretion.is_asked_for(settings) is asked
    assert (discretion.said(settings, [FAULT]) == [FAULT]) is not asked


def test_a_packed_table_says_nothing_any_more_once_something_is_published_with_names(settings: Settings):
    (settings.landing / "reference" / "settings.csv").unlink()
    (settings.landing / "reference" / "prices.xlsx").write_bytes(b"PK\x03\x04")
    assert discretion.is_asked_for(settings)
    settings.published.mkdir()
    settings.published_database.touch()
    assert not discretion.is_asked_for(settings)
    read_or_make(settings.pseudonym_key)
    assert discretion.is_asked_for(settings)


def test_whoever_is_known_is_called_by_the_pseudonym_and_without_a_warehouse_forms_are_enough(settings: Settings):
    with connect(settings) as con:
        con.execute("create schema raw; create schema reference")
        con.execute(
            "create table raw.users as select 'zara@mark.example' as email, 'Zara' as first_name, 'Mark' as last_name"
        )
        con.execute("create table reference.person_aliases (alias_email varchar, email varchar)")
    read_or_make(settings.pseudonym_key)
    (text,) = discretion.said(settings, ["the file of Zara Mark changed"])
    assert names_nobody(text) and "the file of person-" in text
    settings.warehouse.write_bytes(b"no database")
    (text,) = discretion.said(settings, [FAULT])
    assert names_nobody(text) and text.startswith("dispositions row 3: '(withheld)'")


def test_lines_of_progress_name_nobody_and_those_that_others_keep_hold_no_address_in_any_mode(
    settings: Settings, caplog: pytest.LogCaptureFixture
):
    log, kept = logging.getLogger("selfaudit.progress"), list[str]()
    with caplog.at_level(logging.INFO, "selfaudit.progress"), discretion.quiet_log(settings):
        log.info(FAULT)
    assert names_nobody(caplog.text) and "dispositions row 3" in caplog.text
    discretion.progress(settings, kept.append)(FAULT)
    (settings.landing / "reference" / "settings.csv").unlink()
    discretion.progress(settings, kept.append)("landing/2026-10/zara@mark.example.csv is new")
    assert names_nobody(kept[0]) and kept[1] == "landing/2026-10/<address> is new"


@pytest.mark.parametrize("kind", [UserError, PartlyMadeError, duckdb.ConversionException])
def test_an_error_that_dagster_keeps_names_nobody_nor_do_its_causes(settings: Settings, kind: type[Exception]):
    with pytest.raises(Exception) as caught, discretion.quiet_errors(settings):
        try:
            raise ValueError(FAULT)
        except ValueError as error:
            raise kind(FAULT) from error
    one: BaseException | None = caught.value
    assert isinstance(one, PartlyMadeError) is (kind is PartlyMadeError)
    assert names_nobody(str(one)) and "dispositions row 3" in str(one)
    assert one.__cause__ is None and one.__suppress_context__


def test_an_error_without_a_name_in_it_stays_what_it_is(settings: Settings):
    with pytest.raises(UserError, match="the disk is full"), discretion.quiet_errors(settings):
        raise UserError("the disk is full")
    with pytest.raises(ValueError, match="Zara"), discretion.quiet_errors(settings, but=(ValueError,)):
        raise ValueError("Select 'Zara'")


def test_a_refusal_of_the_command_names_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(*_: object) -> int:
        raise UserError(FAULT)

    monkeypatch.setattr("pipelines.commands.status.status", fail)
    assert main(["--data", str(settings.data), "status"]) == 1
    said = capsys.readouterr().err
    assert names_nobody(said) and said.startswith("selfaudit: dispositions row 3")


def test_an_alert_of_a_failed_run_and_what_waits_to_be_sent_name_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    sent: list[bytes] = []
    monkeypatch.setenv("SELFAUDIT_ALERT_WEBHOOK", "http://127.0.0.1:9/hook")
    monkeypatch.setenv("SELFAUDIT_ALERT_HOSTS", "127.0.0.1")
    monkeypatch.setenv("SELFAUDIT_ALERT_NAMES", "1")
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    monkeypatch.setattr("pipelines.alerts.send.PAUSES", ())
    monkeypatch.setattr("pipelines.alerts.send.post", lambda where, body, *rest: sent.append(body))
    after_run(settings, moment, FAULT, ["2026-10"])
    assert len(sent) == 1 and names_nobody(sent[0].decode()) and "dispositions row 3" in sent[0].decode()

    def refused(*_: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr("pipelines.alerts.send.post", refused)
    after_run(settings, moment, f"{FAULT}, again", ["2026-10"])
    waiting = (settings.state / "alerts" / "waiting.json").read_text()
    assert names_nobody(waiting) and "again" in json.loads(waiting)["webhook"][0]["detail"]


def test_answers_to_decisions_are_counted_where_their_lines_would_say_who_decided_and_signed():
    answer = Answer("zara.xlsx", signed="user_activity_audit of 2026-10 is signed by Zara Mark")
    (private,), (plain,) = sentences([answer], True), sentences([answer], False)
    assert names_nobody(private) and private.startswith("1 file")
    assert "signed by Zara Mark" in plain


def test_differences_that_verify_finds_name_nobody(settings: Settings, capsys: pytest.CaptureFixture[str]):
    wrong = ["landing/2026-10/zara@mark.example users.csv was changed after the last signature"]
    for as_json in (False, True):
        assert report_differences(settings, "published", wrong, as_json, notes=[FAULT]) == 1
        said = capsys.readouterr().out
        assert names_nobody(said) and "users.csv was changed after the last signature" in said
