"""The token forecast: coverage and error on planted pools, and what it must never do."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.token_estates import KINDS, horizon, outcome, planted, v_now
from pipelines.forecast import pools as pools_module
from pipelines.forecast.tokens import Interval, still_to_use


class Origin(NamedTuple):
    """A forecast that is wanted, with real dates."""

    key: int
    history_start: date
    cut: date
    target: date


class Forecast(NamedTuple):
    p10: float
    p50: float
    p90: float


def forecast_origins(origins: list[Origin], days: list[tuple[int, date, float]]) -> list[Forecast]:
    def whole(values) -> np.ndarray:
        return np.array(list(values), dtype=np.int64)

    found = pools_module.forecast_origins(
        whole(o.key for o in origins),
        whole(o.history_start.toordinal() for o in origins),
        whole(o.cut.toordinal() for o in origins),
        whole(o.target.toordinal() for o in origins),
        whole(k for k, _, _ in days),
        whole(d.toordinal() for _, d, _ in days),
        np.array([t for _, _, t in days], dtype=np.float64),
    )
    return [Forecast(*map(float, v)) for v in zip(found.p10, found.p50, found.p90, strict=True)]


def of(pools) -> Interval:
    return still_to_use(pools.days, np.arange(len(pools.days)), pools.cut, pools.known, horizon(pools))


@pytest.fixture(scope="module")
def many():
    """Pools that the constants were not chosen on."""
    pools = planted(2400, seed=2027)
    used = np.array([row[365 : cut + 1].sum() for row, cut in zip(pools.days, pools.cut, strict=True)])
    return pools, of(pools), outcome(pools), used


def test_the_80_percent_interval_holds_80_percent_of_the_outcomes(many):
    pools, found, true, _ = many
    inside = (found.p10 <= true) & (true <= found.p90)
    assert 0.75 <= inside.mean() <= 0.85
    for kind in KINDS:
        assert inside[pools.kind == kind].mean() >= 0.65, kind


@pytest.mark.parametrize("low,high", [(45, 120), (120, 240), (240, 400), (400, 800)])
def test_the_interval_holds_with_short_and_with_long_histories(many, low, high):
    pools, found, true, _ = many
    chosen = (pools.known >= low) & (pools.known < high)
    inside = ((found.p10 <= true) & (true <= found.p90))[chosen]
    assert 0.73 <= inside.mean() <= 0.88


def test_the_median_is_nearer_to_the_outcome_than_v_now_over_many_pools(many):
    pools, found, true, used = many
    mine = np.abs(found.p50 - true) / (used + true)
    theirs = np.abs(v_now(pools) - true) / (used + true)
    assert mine.mean() < theirs.mean()


def test_a_pool_that_uses_the_same_every_week_is_forecast_on_its_working_days():
    start = date(2026, 1, 1)
    days = [(1, start + timedelta(i), 10.0) for i in range(200) if (start + timedelta(i)).weekday() < 5]
    cut = start + timedelta(199)
    for ahead in (1, 6, 7, 40, 100):
        target = cut + timedelta(ahead)
        (found,) = forecast_origins([Origin(1, start, cut, target)], days)
        true = 10.0 * sum((cut + timedelta(i)).weekday() < 5 for i in range(1, ahead + 1))
        assert found.p50 == pytest.approx(true, rel=0.015, abs=0.5)
        assert found.p10 <= true <= found.p90


def test_growth_that_lasted_for_months_is_seen():
    start = date(2026, 1, 1)
    days = [(1, start + timedelta(i), 100 * np.exp(0.5 * i / 365)) for i in range(270)]
    (found,) = forecast_origins([Origin(1, start, start + timedelta(269), start + timedelta(364))], days)
    flat = sum(t for _, _, t in days[-90:]) / 90 * 95
    true = sum(100 * np.exp(0.5 * i / 365) for i in range(270, 365))
    assert abs(found.p50 - true) < abs(flat - true)


def test_nothing_used_gives_nothing_and_no_days_left_give_nothing():
    start = date(2026, 1, 1)
    origins = [
        Origin(1, start, start + timedelta(100), start + timedelta(200)),
        Origin(2, start, start + timedelta(100), start + timedelta(100)),
        Origin(3, start, start + timedelta(100), start + timedelta(90)),
    ]
    found = forecast_origins(origins, [(2, start, 5.0), (3, start, 5.0)])
    assert [tuple(f) for f in found] == [(0.0, 0.0, 0.0)] * 3


def test_what_came_before_the_history_and_after_the_cut_changes_nothing():
    start, cut = date(2026, 3, 1), date(2026, 6, 30)
    days = [(1, start + timedelta(i), 5.0 + i % 7) for i in range(122)]
    origin = [Origin(1, start, cut, date(2026, 12, 31))]
    more = [*days, (1, date(2026, 1, 5), 900.0), (1, date(2026, 7, 1), 900.0), (2, start, 3.0)]
    assert forecast_origins(origin, more) == forecast_origins(origin, days)


def test_a_pool_has_the_same_forecast_whatever_else_is_in_the_run_and_another_seed_changes_little():
    pools = planted(60, seed=5)
    alone = still_to_use(pools.days[7:8], np.array([0]), pools.cut[7:8], pools.known[7:8], horizon(pools)[7:8])
    among = of(pools)
    assert (alone.p10[0], alone.p50[0], alone.p90[0]) == (among.p10[7], among.p50[7], among.p90[7])
    other = still_to_use(pools.days, np.arange(60), pools.cut, pools.known, horizon(pools), seed=99)
    assert np.median(np.abs(other.p50 / among.p50 - 1)) < 0.02


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=120),
    st.integers(1, 500),
)
def test_the_quantiles_are_ordered_finite_and_never_negative(tokens, ahead):
    start = date(2026, 1, 1)
    cut = start + timedelta(len(tokens) - 1)
    days = [(1, start + timedelta(i), t) for i, t in enumerate(tokens)]
    (found,) = forecast_origins([Origin(1, start, cut, cut + timedelta(ahead))], days)
    assert 0 <= found.p10 <= found.p50 <= found.p90 < 1e12


def test_an_origin_without_a_known_day_is_refused():
    with pytest.raises(ValueError, match="known day"):
        forecast_origins([Origin(1, date(2026, 2, 1), date(2026, 1, 1), date(2026, 3, 1))], [])


def test_loading_the_module_does_not_load_numpy():
    code = "import sys, pipelines.forecast.pools; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
