"""What `run`, `doctor` and the pages tell about files: what lies where nothing is read, files in the wrong month, the
first reason of what was refused.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.commands.shared.file_messages import files_to_look_at, line_of
from pipelines.ingest.conform.advice import what_to_do
from pipelines.ingest.landing.strays import month_named, strays
from tests.unit.ingest.landing import USERS, Landing

USAGE = "Day used,Product,Email\n{},Revit,a@f.example\n"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def told(landing: Landing) -> dict[str, str]:
    landing.load()
    landing.con.execute("create schema if not exists calendar")
    for table in ("file_register", "rejected_rows"):
        landing.con.execute(f"create or replace view calendar.{table} as select * from raw.{table}")
    return {f["path"]: line_of(f) for f in files_to_look_at(landing.con, "2026-10", "2026-10")}


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("October 2026", "2026-10"),
        ("Okt. 2026", "2026-10"),
        ("octubre de 2026", "2026-10"),
        ("2026_10", "2026-10"),
        ("202610", "2026-10"),
        ("10-2026", "2026-10"),
        ("2026-1", "2026-01"),
        ("März 2026", "2026-03"),
        ("2026-10 (2)", "2026-10"),
        ("2026-13", ""),
        ("2026", ""),
        ("2026 Q3", ""),
        ("archive", ""),
    ],
)
def test_the_month_that_a_folder_means_is_guessed_only_where_it_is_clear(name, month):
    assert month_named(name) == month


def test_what_lies_beside_the_month_folders_is_named_with_what_to_do(landing):
    landing.put("users.csv", USERS)
    landing.put("x.csv", USERS, drop="October 2026")
    landing.put("x.csv", USERS, drop="2026-13")
    landing.put("settings.csv", "key,value\n", drop="reference")
    landing.put("x.xlsx", "", drop="decisions")
    for name in ("usage.csv", ".DS_Store", "~$usage.xlsx", "_manifest.yml"):
        (landing.folder / "landing" / name).write_text("")
    found = {s.name: s.sentence() for s in strays(landing.folder / "landing")}
    assert sorted(found) == ["2026-13/", "October 2026/", "_manifest.yml", "usage.csv"]
    assert "rename it to 2026-10" in found["October 2026/"]
    assert "YYYY-MM" in found["2026-13/"] and "YYYY-MM" in found["usage.csv"]
    assert strays(landing.folder / "nowhere") == []


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-10-01", None),
        ("2026-10-31", None),
        ("2026-12-01", None),
        ("2026-12-02", "newest date in it is 2026-12-02, more than 31 days after 2026-10-31"),
        ("2026-09-30", "newest date in it is 2026-09-30, before 2026-10-01"),
    ],
)
def test_a_file_in_the_folder_of_another_month_is_told_with_both_dates(landing, day, words):
    landing.put("seats.csv", USAGE.format(day))
    line = told(landing).get("seats.csv")
    assert (line is None) if words is None else (words in line)


def test_what_was_refused_is_told_with_its_first_bad_row_and_what_to_do(landing):
    landing.put(
        "s.csv", "contract_number,offering_name,seat_quantity,start_date,end_date\n1,Revit,many,2026-01-01,2026-12-31\n"
    )
    landing.put("u.csv", USERS + "".join(f"p{i}@f.example,A,B,User,Revit,T\n" for i in range(50)) + "q@f.example,A\n")
    landing.put("alias.csv", "alias,offering_key,valid_from\nx,revit,31.02.2026\n", drop="reference")
    found = told(landing)
    assert "is rejected, 1 of 1 rows rejected" in found["s.csv"]
    assert "first bad row: row 1: seat_quantity: 'many'" in found["s.csv"]
    assert "is loaded, 1 of 51 rows rejected: first bad row: row 51: 2 fields found" in found["u.csv"]
    assert found["u.csv"].endswith("export again without opening the file in between")
    assert "valid_from" in found["alias.csv"]


def test_files_that_are_as_they_should_be_are_not_told(landing):
    landing.put("u.csv", USERS + "p@f.example,A,B,User,Revit,T\n")
    landing.put("t.csv", "Report\nDay used,Product,Email,Tokens used\n2026-10-01,Revit,a@f.example,1\nTotal,,,1\n")
    landing.put("~$u.xlsx", b"\x00")
    landing.put("w.csv", USERS.encode() + "p@f.example,Zoë,B,User,Revit,T\n".encode("cp1252"))
    assert list(told(landing)) == ["w.csv"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("start_date: '03/04/2026' can be day/month or month/day; set date_order in a manifest", "dmy or mdy"),
        ("2 fields found where the header has 6", "quotes"),
        ("account_enabled: is empty; a value is required", "export the column"),
        ("something else", ""),
    ],
)
def test_a_reason_says_what_to_do(reason, words):
    assert words in what_to_do(reason)
