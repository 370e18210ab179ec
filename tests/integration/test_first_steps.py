"""A new user's first steps with files of their own: an empty landing zone, what the commands say about it, the first
file.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.conftest import Reviewed, selfaudit

MONTH = "2026-10"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Reviewed]]:
    """init, doctor and run on nothing, then one export and run again: the data folder and what each command said."""
    data = tmp_path_factory.mktemp("own") / "data"
    said = [selfaudit(data, "init", "--month", MONTH), selfaudit(data, "doctor"), selfaudit(data, "run")]
    users = "email,first_name,last_name,role,account_status,offering_name,team_alias\n"
    users += "ada@firm.example,Ada,Example,Primary admin,Verified,Revit,North\n"
    (data / "landing" / MONTH / "1-user-management" / "users.csv").write_text(users, encoding="utf-8")
    (data / "landing" / "2026-11").mkdir()  # prepared for the next month
    said += [selfaudit(data, "run"), selfaudit(data, "doctor"), selfaudit(data, "run")]
    return data, said


def test_an_empty_landing_zone_is_no_month_and_the_commands_say_where_files_go(begun: tuple[Path, list[Reviewed]]):
    _, (made, looked, ran, *_) = begun
    assert made.exit_code == 0 and "START-HERE.md" in made.output
    assert looked.exit_code == 0 and f"landing/{MONTH} holds no file yet" in looked.output
    assert ran.exit_code == 1 and f"landing/{MONTH} holds no file yet" in ran.output
    assert "Traceback" not in ran.output


def test_one_file_makes_the_first_month_and_empty_tables_stop_only_what_needs_them(begun: tuple[Path, list[Reviewed]]):
    data, (*_, ran, _, _) = begun
    assert ran.exit_code == 3, ran.output
    with duckdb.connect(data / "published" / "selfaudit.duckdb", read_only=True) as con:
        register = con.execute("select path, verdict, rows_loaded from calendar.file_register order by all").fetchall()
        runs = dict(con.execute("select rule_id, assessability from calendar.rule_runs").fetchall())
        months = con.execute("select distinct review_month from calendar.rule_runs").fetchall()
    assert {verdict for _, verdict, _ in register} == {"loaded"}
    assert [row for row in register if row[2]] == [("1-user-management/users.csv", "loaded", 1)]
    assert months == [(MONTH,)], "a folder prepared for the next month is no month yet"
    assert runs["ADM-07"] == "assessed" and runs["ADM-05"] == "not_assessable"


def test_the_doctor_tells_an_empty_table_from_one_that_is_given_and_names_the_prepared_month(
    begun: tuple[Path, list[Reviewed]],
):
    _, (*_, looked, again) = begun
    assert "prices.csv has a header and no row; needed by USE-03" in looked.output
    assert "the shipped defaults apply" in looked.output and "`selfaudit decide` writes them" in looked.output
    assert "landing/2026-11 holds no file yet" in looked.output
    assert again.exit_code == 0 and "Nothing is new or changed" in again.output
