"""Forecasts for origins that come as columns of a table: puts days into a grid of pools by days and asks `tokens.py`.

An origin is (pool, history_start, cut, target): pool is the number of a series of days, history_start its first day
that counts (days without a row are zero from there), cut the last known day, target the last day of the forecast. Days
are numbers. Holds no method and no SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.forecast.tokens import SEED, Interval, still_to_use

if TYPE_CHECKING:
    from pipelines.forecast.tokens import Floats, Integers


def forecast_origins(
    pool: Integers,
    history_start: Integers,
    cut: Integers,
    target: Integers,
    day_pool: Integers,
    day: Integers,
    tokens: Floats,
    seed: int = SEED,
) -> Interval:
    """Tokens still to be used after the cut up to and with the target, one p10, p50 and p90 per origin, rounded to two
    decimals.

    day_pool, day, tokens: the history as rows; rows of one pool and day add up, rows outside of an origin's history are
    not looked at. Raises ValueError where an origin's cut lies before its history starts.
    """
    import numpy as np

    if not len(pool):
        return Interval(np.zeros(0), np.zeros(0), np.zeros(0))
    numbers = np.unique(pool)
    first = int(history_start.min())
    grid = np.zeros((len(numbers), max(int(cut.max()) - first + 1, 1)))
    inside = np.isin(day_pool, numbers) & (day >= first) & (day - first < grid.shape[1])
    np.add.at(grid, (np.searchsorted(numbers, day_pool[inside]), day[inside] - first), tokens[inside])
    found = still_to_use(grid, np.searchsorted(numbers, pool), cut - first, cut - history_start + 1, target - cut, seed)
    return Interval(np.round(found.p10, 2), np.round(found.p50, 2), np.round(found.p90, 2))
