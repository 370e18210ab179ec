"""A file whose newest date is of another month than its drop is asked about, and of which dates that is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.ingest.conform.other_months import misplaced
from tests.unit.ingest.landing import Landing


@pytest.mark.parametrize("newest", [date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 1), None])
def test_from_the_first_day_of_the_month_to_31_days_after_its_end_a_file_is_in_its_folder(newest: date | None):
    assert misplaced("2026-10", newest) == ""


@pytest.mark.parametrize(
    ("newest", "words"),
    [(date(2026, 9, 30), "before 2026-10-01"), (date(2026, 12, 2), "more than 31 days after 2026-10-31")],
)
def test_a_day_further_is_asked_about(newest: date, words: str):
    assert f"the newest date in it is {newest}, {words}" in misplaced("2026-10", newest)


def test_a_reference_table_has_no_month():
    assert misplaced("reference", date(2000, 1, 1)) == ""


def test_the_newest_day_of_a_file_is_that_of_its_rows_that_count(tmp_path: Path):
    landing = Landing(tmp_path)
    head = "id,userPrincipalName,accountEnabled,lastSignInDateTime\n"
    rows = [f"{n},p{n}@f.example,true,2026-10-0{n}T08:00:00Z\n" for n in range(1, 10)] * 3
    landing.put("users.csv", head + "".join(rows) + ",nobody@f.example,true,2026-11-30T08:00:00Z\n")
    # A file of an input without such a day, and one of which no row counts.
    landing.put("groups.csv", "employee_id,status\n1,Active\n")
    landing.put("broken.csv", head + "x,,,2026-10-01T08:00:00Z\n")
    landing.load()
    found = dict(landing.con.execute("select path, newest_day from raw.file_register").fetchall())
    assert found == {"users.csv": date(2026, 10, 9), "groups.csv": None, "broken.csv": None}
