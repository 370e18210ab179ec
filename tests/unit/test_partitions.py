"""What a month is."""

from datetime import date

import pytest

from pipelines.partitions import MonthError, as_of, horizons, months_between, months_to_run, parse_range, shift


def test_the_as_of_date_is_the_last_day_also_in_leap_years():
    assert as_of("2024-02") == date(2024, 2, 29)
    assert as_of("2026-02") == date(2026, 2, 28)
    assert as_of("2026-12") == date(2026, 12, 31)


def test_shifting_crosses_years_both_ways():
    assert shift("2026-01", -1) == "2025-12"
    assert shift("2025-12", 2) == "2026-02"


def test_a_range_holds_both_ends_and_one_month_is_a_range():
    assert parse_range("2025-11..2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert parse_range("2026-02") == ["2026-02"]


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-01", "October", "", "2026-01..", "2026-03..2026-01"])
def test_what_is_no_month_is_refused_with_what_was_expected(text):
    with pytest.raises(MonthError):
        parse_range(text)


def test_months_before_the_wanted_one_are_made_first_if_they_never_were():
    assert months_to_run(["2026-03"], ["2026-01", "2026-03"], []) == ["2026-01", "2026-02", "2026-03"]
    assert months_to_run(["2026-03"], ["2026-01", "2026-03"], ["2026-01", "2026-02"]) == ["2026-03"]
    assert months_between("2026-01", "2026-01") == ["2026-01"]


def test_a_month_is_restated_by_the_drops_after_it_up_to_the_limit_itself():
    drops = ["2026-07", "2026-08", "2026-10", "2026-11", "2026-12"]
    assert horizons("2026-08", drops, 3) == ["2026-08", "2026-10", "2026-11"]
    assert horizons("2026-08", drops, 0) == ["2026-08"]
    assert horizons("2026-12", drops, 3) == ["2026-12"]
