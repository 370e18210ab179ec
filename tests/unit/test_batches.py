"""How months are shared out over batches, and what is left of a run in batches that was ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.run.batches import DISK_OF_BATCH, MEMORY_OF_ROW, Batch, TooLittleDiskError, position, share_out
from pipelines.run.due import months_due, months_left

MONTHS = [f"2026-{n:02d}" for n in range(1, 13)]
PLENTY = 10**15


@given(
    rows=st.lists(st.integers(0, 10**7), min_size=1, max_size=12),
    memory=st.integers(1, 10**9),
)
def test_every_month_is_in_one_batch_in_order_and_only_a_single_month_is_larger_than_the_memory(rows, memory):
    by_month = dict(zip(MONTHS, rows, strict=False))
    batches = share_out(by_month, memory, PLENTY)
    assert [m for b in batches for m in b.months] == sorted(by_month)
    assert sum(b.rows for b in batches) == sum(rows)
    assert all(len(b.months) == 1 or b.rows * MEMORY_OF_ROW <= memory for b in batches)


def test_what_fits_is_one_batch():
    assert share_out(dict.fromkeys(MONTHS, 1000), 12000 * MEMORY_OF_ROW, PLENTY) == [Batch(tuple(MONTHS), 12000)]


def test_batches_are_made_smaller_where_the_disk_is_small():
    one = Batch(("2026-01",), 10**6).disk
    batches = share_out(dict.fromkeys(MONTHS[:4], 10**6), PLENTY, 2 * one - DISK_OF_BATCH)
    assert [b.months for b in batches] == [("2026-01", "2026-02"), ("2026-03", "2026-04")]


def test_a_month_for_which_the_disk_is_too_small_is_named_before_anything_is_made():
    with pytest.raises(
        TooLittleDiskError, match=r"2026-01 reads 90,000,000 event rows and needs about 3\.8 GB.* 3\.0 GB are free"
    ):
        share_out({"2026-01": 90 * 10**6}, PLENTY, 3 * 10**9)


def test_the_time_that_is_left_is_told_from_the_second_batch_on():
    batches = [Batch(("2026-01",), 10**6), Batch(("2026-02", "2026-03"), 10**6), Batch(("2026-04",), 10**6)]
    assert position(batches, 0, 0.0) == "batch 1 of 3: 2026-01"
    assert position(batches, 1, 120.0) == "batch 2 of 3: 2026-02 to 2026-03; about 4 minutes left"


def test_a_run_over_the_same_months_goes_on_after_those_that_were_published():
    begun = {"2026-01": True, "2026-02": False, "2026-03": False}
    assert months_left(MONTHS[:3], begun) == ["2026-02", "2026-03"]
    assert months_left(MONTHS[:2], begun) == ["2026-01", "2026-02"], "a run of other months makes all of them"
    assert months_left(MONTHS[:3], dict.fromkeys(MONTHS[:3], True)) == MONTHS[:3]


def test_months_published_with_a_changed_drop_are_not_due_again_and_those_begun_are():
    drops = MONTHS[:6]
    settled = {"2026-03": {"2026-01", "2026-02", "2026-03"}}
    assert months_due(drops, ["2026-03"], drops, 2, settled) == ["2026-04", "2026-05", "2026-06"]
    assert months_due(drops, [], drops, 2, {}, ["2026-05"]) == ["2026-05", "2026-06"]
