"""Trends of the index page: a number that is not known is a gap, never zero."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.report import figures
from pipelines.report.trends import trends

MONTHS = ["2026-07", "2026-08", "2026-09"]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    monkeypatch.setattr(figures, "is_absent", lambda *_: False)
    with duckdb.connect() as connection:
        connection.execute(
            "create schema calendar; create table calendar.licence_position (review_month varchar, entitled bigint, "
            "assigned bigint, ghosts bigint, cost_year decimal(38, 2), currency varchar); "
            "create table calendar.savings (review_month varchar, currency varchar, state varchar, realised_amount "
            "decimal(38, 2)); "
            "insert into calendar.licence_position values ('2026-07', 10, 8, 1, 100, 'EUR'), "
            "('2026-08', 10, 9, 2, 90, 'EUR'), ('2026-08', 5, 1, null, 7000, 'JPY'), "
            "('2026-09', 20, 10, 0, 80, 'EUR'); "
            "insert into calendar.savings values ('2026-09', 'EUR', 'done', 12.50), ('2026-09', 'EUR', 'refused', null)"
        )
        yield connection


def test_every_measure_has_a_number_per_month_and_money_is_apart_by_currency(published):
    found = {
        (t.name, t.figures[0].currency): [None if f.value is None else str(f.value) for f in t.figures]
        for t in trends(published, MONTHS)
    }
    assert found["Seats entitled", None] == ["10", "15", "20"]
    assert found["Cost of the seats, a year", "EUR"] == ["100.00", "90.00", "80.00"]
    assert found["Cost of the seats, a year", "JPY"] == [None, "7000.00", None]
    assert found["Realised savings so far", "EUR"] == ["0.00", "0.00", "12.50"]


def test_a_month_of_which_a_part_is_not_known_is_a_gap_in_number_and_line(published):
    (ghosts,) = (t for t in trends(published, MONTHS) if t.name == "Seats of people who left")
    assert [f.value for f in ghosts.figures] == [1, None, 0]
    assert ghosts.lines == ("0.0,2.0 0.0,2.0", "120.0,22.0 120.0,22.0")


def test_the_latest_twelve_months_are_shown_and_what_is_never_known_is_not(published):
    published.execute("update calendar.licence_position set assigned = null")
    found = trends(published, [*(f"2025-{m:02d}" for m in range(1, 13)), *MONTHS])
    assert "Seats assigned" not in {t.name for t in found}
    assert all(len(t.figures) == 12 for t in found)
