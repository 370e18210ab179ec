"""A file whose reader fails, rows that cannot be written, an input that must not be used: each is named, and everything
else of the drop is loaded.
"""

from __future__ import annotations

import errno
import os
from functools import partial
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.conform import judged as judged_step
from pipelines.ingest.load import load_landing
from pipelines.ingest.recognise import recognised
from pipelines.ingest.write import written
from pipelines.quality import judge
from pipelines.quality.judge import begin_judging
from pipelines.quality.verdict import CRITICAL, Verdict, judgement_of
from pipelines.run import ingestion
from pipelines.settings import Settings
from tests.unit.ingest.landing import GOOD, Landing

SUBSCRIPTIONS = (
    "team_alias,contract_number,subscription_id,offering_name,seat_quantity,start_date,end_date,subscription_status\n"
    "T,C1,S1,Revit,3,2026-01-01,2027-01-01,Active\n"
)


def remembered(landing: Landing) -> list[str]:
    return [d for (d,) in landing.con.execute("select drop from raw.drop_fingerprint order by 1").fetchall()]


def failed(landing: Landing) -> list[tuple[str, str]]:
    return landing.con.execute("select path, input from raw.failed_input order by 1").fetchall()


@pytest.fixture
def two_files(tmp_path: Path) -> Landing:
    landing = Landing(tmp_path)
    landing.put("users.csv", GOOD)
    landing.put("subscriptions.csv", SUBSCRIPTIONS)
    return landing


def test_a_file_that_breaks_its_reader_is_rejected_and_the_next_run_reads_it_again(two_files: Landing, monkeypatch):
    real = recognised._Recogniser._text

    def text(self, path, *rest):
        if path == "users.csv":
            raise KeyError("a cell of a kind that nobody expected")
        return real(self, path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(recognised._Recogniser, "_text", text)
        two_files.load()
    register = two_files.register()
    assert register["users.csv"][1] == "rejected" and "KeyError" in register["users.csv"][7]
    assert register["subscriptions.csv"][:4] == ("subscriptions", "loaded", 1, 1)
    assert failed(two_files) == [("users.csv", None)] and remembered(two_files) == ["reference"]
    two_files.load()
    assert two_files.register()["users.csv"][:4] == ("users", "loaded", 2, 2)
    assert failed(two_files) == [] and remembered(two_files) == ["2026-10", "reference"]


def test_cells_that_break_the_judge_of_one_file_do_not_touch_another(two_files: Landing, monkeypatch):
    real = judged_step._counted

    def counted(judged, standards, con):
        if judged.path == "users.csv":
            raise duckdb.ConversionException("Could not convert string 'ten' to INT64")
        return real(judged, standards, con)

    monkeypatch.setattr(judged_step, "_counted", counted)
    two_files.load()
    assert two_files.register()["users.csv"][:2] == ("users", "rejected")
    assert two_files.con.execute("select count(*) from raw.subscriptions").fetchall() == [(1,)]
    assert failed(two_files) == [("users.csv", "users")]


def test_rows_that_cannot_be_written_leave_those_of_other_files(two_files: Landing, monkeypatch):
    real = written.write_table

    def write_table(con, drop, table, words):
        real(con, drop, table, words)
        if table.path == "users.csv" and table.is_loaded:
            con.execute("select cast('x' || entry as integer) from (select '1' as entry)")

    monkeypatch.setattr(written, "write_table", write_table)
    two_files.load()
    assert two_files.con.execute(
        "select (select count(*) from raw.users), (select count(*) from raw.subscriptions)"
    ).fetchall() == [(0, 1)]
    assert two_files.register()["users.csv"][1:5] == ("rejected", 2, 0, 2)


def test_a_full_disk_is_no_fault_of_one_file(two_files: Landing, monkeypatch):
    def text(self, path, *rest):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(recognised._Recogniser, "_text", text)
    with pytest.raises(OSError, match="No space left"):
        two_files.load()


def judged(landing: Landing, *verdicts: Verdict) -> None:
    def judge(con, drop, tables):
        return lambda: judgement_of(verdicts)

    folder = landing.folder
    load_landing(landing.con, folder / "landing", ["2026-10"], folder / "scratch", judge=judge)


def test_a_critical_expectation_refuses_its_input_and_no_other(two_files: Landing):
    verdict = Verdict(
        "users", "2026-10", "not_null", "email", CRITICAL, False, "2 rows", 2, "sql", "email is never empty"
    )
    judged(two_files, verdict)
    users = two_files.register()["users.csv"]
    assert users[1] == "rejected" and "email is never empty" in users[7] and users[2:5] == (2, 0, 2)
    assert two_files.con.execute(
        "select (select count(*) from raw.users), (select count(*) from raw.subscriptions)"
    ).fetchall() == [(0, 1)]
    assert two_files.con.execute("select input, passed from raw.quality_result").fetchall() == [("users", False)]
    assert failed(two_files) == [("users.csv", "users")] and remembered(two_files) == ["reference"]


def test_verdicts_are_kept_per_drop_and_replaced_with_it(two_files: Landing):
    folder, asked = two_files.folder, iter(range(9))

    def judge(con, drop, tables):
        message = f"asked {next(asked)} times before"
        return lambda: judgement_of(
            [Verdict("users", drop, "not_null", "email", "warning", False, "", 1, "sql", message)]
        )

    two_files.put("users.csv", GOOD, drop="2026-09")
    for _ in range(2):
        two_files.put("groups.csv", f"Email,Group,Group type,Role\np@firm.example,G{next(asked)},x,Member\n")
        load_landing(two_files.con, folder / "landing", ["2026-09", "2026-10"], folder / "scratch", judge=judge)
    kept = two_files.con.execute("select drop, message from raw.quality_result order by all").fetchall()
    assert kept == [("2026-09", "asked 1 times before"), ("2026-10", "asked 4 times before")]


def test_an_input_that_cannot_be_judged_counts_as_one_that_failed(two_files: Landing):
    two_files.con.execute("create temp table t_users as select 1 as nothing")
    verdicts = begin_judging(two_files.con, "2026-10", {"users": "t_users"}, engine="sql")()
    assert [(v.input, v.severity, v.passed) for v in verdicts] == [("users", CRITICAL, False)]
    assert "could not be judged" in verdicts[0].message


def test_a_failure_before_the_judging_begins_counts_against_its_input_alone(two_files: Landing, monkeypatch):
    def facts_of(con, contract, drop):
        if contract.name == "users":
            raise RuntimeError("the facts broke")
        return real(con, contract, drop)

    real = judge.facts_of
    monkeypatch.setattr(judge, "facts_of", facts_of)
    two_files.load()
    tables_ = {name: f"raw.{name}" for name in ("users", "subscriptions")}
    verdicts = begin_judging(two_files.con, "2026-10", tables_, engine="sql")()
    broken = [(v.input, v.severity) for v in verdicts if "the facts broke" in v.message]
    assert broken == [("users", CRITICAL)]
    assert {v.input for v in verdicts if v.passed} == {"subscriptions"}


def test_an_input_that_must_not_be_used_is_refused_with_file_and_row_of_the_first_row_at_fault(
    two_files: Landing, monkeypatch
):
    two_files.put("more/users.csv", GOOD.replace("bo@firm.example", "eve@firm"))
    expectation = ("expect_column_values_to_match_regex", "email")
    verdict = Verdict("users", "2026-10", *expectation, CRITICAL, False, "1 row", 1, "sql", "email is an address.")
    monkeypatch.setattr(ingestion, "begin_judging", lambda *_, **__: lambda: [verdict])
    folder = two_files.folder
    judging = partial(ingestion._judge, Settings(data=folder))
    load_landing(two_files.con, folder / "landing", ["2026-10"], folder / "scratch", judge=judging)
    reason = two_files.register()["users.csv"][7]
    assert "email is an address (first in 2026-10/more/users.csv, row 2)" in reason
