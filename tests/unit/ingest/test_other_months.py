"""A file whose newest date is of another month than its drop is asked about, and of which dates that is said."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.ingest.conform.other_months import misplaced


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
