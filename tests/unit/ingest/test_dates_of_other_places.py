"""Dates and times in the forms of other languages, places and programs."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pipelines.contracts.values import halves_of_day
from pipelines.ingest.conform.table import Forms
from tests.unit.ingest.judged import connection, judge
from tests.unit.ingest.made import worker

con = connection()


AFTERNOON = datetime(2026, 10, 29, 15, 5)


def sign_in(text: str) -> datetime | None:
    columns = ["id", "userPrincipalName", "accountEnabled", "lastSignInDateTime"]
    found = judge(con, "directory_users", columns, [["1", "a@f.example", "true", text]], Forms(order="dmy"))
    return found.rows[0]["last_sign_in_at"]


@pytest.mark.parametrize("half", ["am", "pm"])
@pytest.mark.parametrize("gap", ["", " ", "\u202f"])
def test_a_half_of_the_day_is_read_in_other_languages_before_and_after_the_time(half, gap):
    wanted = datetime(2026, 10, 29, 3 if half == "am" else 15, 5)
    for word in halves_of_day(half):
        for spelt in (word, word.upper()):
            assert sign_in(f"29/10/2026 3:05{gap}{spelt}") == wanted, spelt
            assert sign_in(f"29/10/2026 {spelt}{gap}3:05") == wanted, spelt
    assert not set(halves_of_day("am")) & set(halves_of_day("pm"))


@pytest.mark.parametrize(
    "text",
    [
        "29/10/2026 15.05",
        "29.10.2026 15.05.00",
        "29/10/2026 15h05",
        "29/10/2026 à 15h05",
        "29/10/2026 (Thu) 15:05",
        "2026年10月29日(木) 15:05",
        "2026-10-29 15:05:00.0000000 +00:00",
        "2026-10-29 17:05 +02:00",
        "2026-10-29 15:05 Z",
        "20261029T150500Z",
        "1793286300",
        "1793286300.123",
        "1793286300000",
        "令和8年10月29日 15:05",
        "R8.10.29 15:05",
    ],
)
def test_an_instant_is_read_in_the_forms_of_other_places_and_programs(text):
    assert sign_in(text) == AFTERNOON


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("H30/10/15", date(2018, 10, 15)),
        ("S50-1-2", date(1975, 1, 2)),
        ("R6.2.30", None),
        ("T10.1.2", None),
    ],
)
def test_years_are_counted_in_eras_of_japan(text, day):
    assert worker(hire_date=text)[0]["hire_date"] == day


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("29. Oktober 2026", "de"),
        ("29 Ekim 2026", "tr"),
        ("29. října 2026", "cs"),
        ("29 okt. 2026", "nl"),
        ("29 окт. 2026", "ru"),
    ],
)
def test_a_month_in_another_language_is_read_where_it_is_named_and_asked_for_where_not(text, language):
    columns, row = ["employee_id", "status", "leave_date"], ["1", "terminated", text]
    assert judge(con, "hr_workers", columns, [row], Forms(language=language)).rows[0]["leave_date"] == date(
        2026, 10, 29
    )
    reason = judge(con, "hr_workers", columns, [row]).unread["leave_date"].reason
    assert "manifest (language: " in reason and language in reason
    needed = ["subscription_id", "offering_name", "seat_quantity", "start_date", "end_date"]
    (bad,) = judge(con, "subscriptions", needed, [["S1", "Revit", "1", text, "2027-01-01"]]).rows
    assert "manifest (language: " in bad["_reason"] and language in bad["_reason"] and text in bad["_reason"]


def test_the_number_of_a_day_in_a_text_is_told_as_what_it_is():
    found = judge(con, "hr_workers", ["employee_id", "status", "leave_date"], [["1", "terminated", "46023"]])
    assert "number of a day as spreadsheets count" in found.unread["leave_date"].reason
