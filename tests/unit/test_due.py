"""Which months the landing zone needs made."""

from __future__ import annotations

from datetime import date

from pipelines.run.due import all_months, months_asked_for, months_due, months_to_come, stretches

DROPS = ["2026-05", "2026-06", "2026-07", "2026-08"]


def test_nothing_new_and_nothing_changed_needs_nothing():
    assert months_due(DROPS, [], DROPS, 2) == []
    assert months_due([], ["reference"], [], 2) == []


def test_a_new_drop_needs_its_month_and_those_whose_figures_it_can_change():
    assert months_due(DROPS, ["2026-08"], DROPS[:3], 2) == ["2026-06", "2026-07", "2026-08"]
    assert months_due(DROPS, ["2026-08"], DROPS[:3], 0) == ["2026-08"]


def test_a_changed_drop_touches_the_months_after_it():
    assert months_due(DROPS, ["2026-07"], DROPS, 1) == ["2026-06", "2026-07", "2026-08"]


def test_months_after_a_changed_drop_wait_for_it_although_its_own_month_is_published_with_it():
    drops = ["2026-08", "2026-09", "2026-10"]
    published = {"2026-09": {"2026-09"}}
    assert months_due(drops, ["2026-09"], drops, 0, published) == ["2026-10"]


def test_a_changed_standing_table_needs_every_month():
    assert months_due(DROPS, ["reference"], DROPS, 2) == DROPS


def test_months_that_were_never_made_are_made_whatever_changed():
    assert months_due(DROPS, [], ["2026-05", "2026-06"], 2) == ["2026-07", "2026-08"]


def test_a_range_that_is_asked_for_takes_the_months_before_it_that_were_never_made():
    assert months_asked_for(["2026-08"], DROPS, ["2026-05"], []) == ["2026-06", "2026-07", "2026-08"]
    assert months_asked_for(["2026-08"], DROPS, DROPS, []) == ["2026-08"]
    assert months_asked_for(["2026-08"], DROPS, DROPS, ["2026-06"]) == ["2026-06", "2026-07", "2026-08"]


def test_a_month_that_is_not_over_and_comes_after_every_drop_is_still_to_come():
    assert months_to_come(["2026-08", "2026-09", "2026-10"], DROPS, date(2026, 10, 31)) == ["2026-10"]
    assert months_to_come(["2026-09", "2027-09"], DROPS, date(2026, 10, 1)) == ["2027-09"]
    assert months_to_come(["2026-08"], DROPS, date(2020, 1, 1)) == []
    assert months_to_come(["2026-08"], [], date(2026, 8, 31)) == ["2026-08"]


def test_other_rules_need_all_that_was_made_and_all_that_is_wanted():
    assert all_months(["2026-08"], ["2026-05", "2026-06"]) == DROPS


def test_stretches_have_no_gap_and_lose_no_month():
    assert stretches(["2026-12", "2026-05", "2027-01", "2026-06"]) == [("2026-05", "2026-06"), ("2026-12", "2027-01")]
    assert stretches([]) == []
