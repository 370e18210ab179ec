"""Forecast of the Flex tokens that a pool will still use: a median and an 80 % interval, by a block bootstrap of weeks.

Weeks are counted back from the cut, so each holds every weekday once and the weekday season drops out. What the model
knows: a level that returns to what is usual, a growth that is pulled towards the usual one as far as noise and drift
could have made it, the season of the year where a year is known, and residuals that keep their order inside blocks of
four weeks (so bursts stay bursts). What it cannot know (how far level and growth will drift) widens the interval, by
what the pool's own history shows and by constants measured on planted estates (docs/decisions/0003).

Everything is done for all origins at once. The draws are made from the seed and are the same for every pool: what comes
out for a pool does not depend on which other pools or months are in the run. Reads no clock, knows no database; numpy
is loaded when a forecast is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SEED = 20
PATHS = 400
BLOCK = 4
YEAR = 52
# Weeks of history that are looked at.
HISTORY = 2 * YEAR
# Origins worked on at once: bounds the memory.
CHUNK = 2048
# Weeks per span when the history is searched for drift: a third of it, within these bounds.
SPANS = range(4, 14)
# Weeks that say how a week divides over its days.
WEEKDAY_WEEKS = 13
SMALL = 1e-12


@dataclass(frozen=True)
class Constants:
    """What the history of one pool cannot tell, measured on planted estates (`python -m benchmarks.forecast`). Spreads
    are standard deviations.

    growth_sd, growth_mean: growth a week (logarithm) among pools. damping: how much of the growth is left a week later.
    stays: how much of the distance between the level now and the usual level is left a week later. season_kept: share
    of last year's season that is taken over. season_smooth: weeks averaged for it (odd). noise: spread of a week about
    the level, among pools; noise_worth: how many weeks of its own history weigh as much. drift: spread of the level's
    step from week to week, among pools; drift_worth: how many spans of its own history weigh as much. drift_span: weeks
    after which drift adds little more. level_sd: spread of the level even with a long history. inflation: how much
    slower real noise averages out than independent noise. upward: how much further outcomes lie above than below,
    because bursts add more than pauses take. widest: upper limit of the spread.
    """

    growth_sd: float = 0.006
    growth_mean: float = 0.001
    damping: float = 0.97
    stays: float = 0.8
    season_kept: float = 0.4
    season_smooth: int = 5
    noise: float = 0.1
    noise_worth: float = 1.0
    drift: float = 0.04
    drift_worth: float = 1.0
    drift_span: float = 160.0
    level_sd: float = 0.02
    inflation: float = 4.0
    upward: float = 1.05
    widest: float = 0.6


CONSTANTS = Constants()


@dataclass(frozen=True)
class Interval:
    """Tokens still to be used in the horizon, one number per origin: p10, p50, p90."""

    p10: Floats
    p50: Floats
    p90: Floats


def still_to_use(
    days: Floats,
    row: Integers,
    cut: Integers,
    known: Integers,
    horizon: Integers,
    seed: int = SEED,
    constants: Constants = CONSTANTS,
) -> Interval:
    """Tokens that will be used in the `horizon` days after the cut, for every origin.

    days: tokens a day, one row per pool, one column per calendar day. An origin is a `row` of it, the column `cut` of
    its last known day, the number of days `known` up to and with that column (older columns are not looked at), and its
    `horizon` in days (0 or less gives 0). Raises ValueError where shapes differ, a cut lies outside, or an origin has
    no known day.
    """
    import numpy as np

    days = np.asarray(days, dtype=np.float64)
    if days.ndim != 2 or not row.shape == cut.shape == known.shape == horizon.shape:
        raise ValueError("days is a table of pools by days; row, cut, known and horizon have one number per origin")
    if len(row) and (known.min() < 1 or cut.min() < 0 or cut.max() >= days.shape[1]):
        raise ValueError("an origin needs at least one known day, inside the days given")
    known = np.minimum(known, cut + 1)
    parts = [
        _chunk(_history(days, row[part], cut[part], known[part]), known[part], horizon[part], seed, constants)
        for part in (slice(i, i + CHUNK) for i in range(0, len(row), CHUNK))
    ]
    whole = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0))
    return Interval(whole[0], whole[1], whole[2])


def _history(days: Floats, row: Integers, cut: Integers, known: Integers) -> Any:
    """Origins by weeks by seven days, the cut last; what is not known is 0."""
    import numpy as np

    age = np.arange(HISTORY * 7 - 1, -1, -1)
    column = cut[:, None] - age[None, :]
    seen = age[None, :] < known[:, None]
    return np.where(seen, days[row[:, None], np.maximum(column, 0)], 0.0).reshape(len(row), HISTORY, 7)


def _chunk(grid: Any, known: Integers, horizon: Integers, seed: int, c: Constants) -> Any:
    import numpy as np

    weeks = grid.sum(axis=2)
    # A history of less than a week counts as a week at its pace.
    weeks[:, -1] = np.where(known < 7, weeks[:, -1] * 7 / known, weeks[:, -1])
    age = np.arange(HISTORY - 1, -1, -1, dtype=np.float64)
    whole = age[None, :] < np.maximum(known // 7, 1)[:, None]
    weeks = np.where(whole, weeks, 0.0)

    noise2, drift2 = _noise_and_drift(weeks, whole, c)
    growth, growth_sd = _growth(weeks, whole, noise2, drift2, c)
    season = _season(weeks, whole, growth, c)
    shape = np.exp(-growth[:, None] * age[None, :]) * season
    # A random walk seen through noise is followed best with weights that fall with age, the faster the more the level
    # moves.
    ratio = drift2 / (c.inflation * noise2)
    gain = (np.sqrt(ratio**2 + 4 * ratio) - ratio) / 2
    weight = np.where(whole, (1 - gain[:, None]) ** age[None, :], 0.0)
    level = (weight * weeks).sum(axis=1) / (weight * shape).sum(axis=1)
    of_year = whole & (age < YEAR)
    usual = np.where(of_year, weeks, 0).sum(axis=1) / np.where(of_year, shape, 0).sum(axis=1)

    expected = _expected(level, usual, growth, season, _weekdays(grid), horizon, c)
    total = _paths(expected, *_blocks(weeks, whole, shape * usual[:, None]), seed)

    ahead = np.maximum(horizon, 0) / 7
    share = weight / weight.sum(axis=1, keepdims=True)
    of_level = c.level_sd**2 + c.inflation * noise2 * (share**2).sum(axis=1) + drift2 * (1 - gain)
    of_growth = (growth_sd * (ahead / 2 + (share * age[None, :]).sum(axis=1))) ** 2
    of_drift = drift2 * c.drift_span * (1 - np.exp(-ahead / c.drift_span)) / 3
    spread = np.minimum(np.sqrt(of_level + of_growth + of_drift), c.widest)
    draw = _normal(seed)
    draw = np.where(draw > 0, c.upward * draw, draw)
    return np.quantile(total * np.exp(spread[:, None] * draw[None, :]), [0.1, 0.5, 0.9], axis=1)


def _noise_and_drift(weeks: Any, whole: Any, c: Constants) -> tuple[Any, Any]:
    """Variance of a week about the level, and of the level's step from week to week; both relative, pulled to what is
    usual among pools.
    """
    import numpy as np

    count = whole.sum(axis=1)
    pair = whole[:, 1:] & whole[:, :-1]
    step = 2 * (weeks[:, 1:] - weeks[:, :-1]) / np.maximum(weeks[:, 1:] + weeks[:, :-1], SMALL)
    own = (np.where(pair, step, 0) ** 2).sum(axis=1) / 2
    noise2 = (own + c.noise_worth * c.noise**2) / (pair.sum(axis=1) + c.noise_worth)

    # The means of neighbouring spans differ by noise and by drift.
    sums = np.concatenate([np.zeros((len(weeks), 1)), np.cumsum(weeks, axis=1)], axis=1)
    drift2 = np.full(len(weeks), c.drift**2)
    of_pool = np.clip(count // 3, SPANS[0], SPANS[-1])
    for span in SPANS:
        rows = np.flatnonzero((of_pool == span) & (count >= 2 * span))
        if not len(rows):
            continue
        means = (sums[rows, span:] - sums[rows, :-span]) / span
        early, late = means[:, :-span], means[:, span:]
        there = np.arange(early.shape[1])[None, :] >= (HISTORY - count[rows])[:, None]
        differ = 2 * (late - early) / np.maximum(late + early, SMALL)
        spread2 = np.where(there, differ**2, 0).sum(axis=1) / there.sum(axis=1)
        seen = np.maximum(spread2 - 2 * c.inflation * noise2[rows] / span, 0) * 3 / (2 * span)
        worth = count[rows] / span - 1
        drift2[rows] = (c.drift_worth * c.drift**2 + worth * seen) / (c.drift_worth + worth)
    return noise2, drift2


def _growth(weeks: Any, whole: Any, noise2: Any, drift2: Any, c: Constants) -> tuple[Any, Any]:
    """Growth a week (logarithm) and its spread: the slope of the last year, pulled to the usual as far as noise and
    drift could have made it.
    """
    import numpy as np

    age = np.arange(HISTORY - 1, -1, -1, dtype=np.float64)
    used = whole & (age < YEAR)
    n = used.sum(axis=1)
    mean = np.where(used, weeks, 0).sum(axis=1) / n
    centre = np.where(used, -age, 0).sum(axis=1) / n
    offset = np.where(used, -age[None, :] - centre[:, None], 0)
    relative = np.where(used, weeks / np.maximum(mean, SMALL)[:, None] - 1, 0)
    length = (offset**2).sum(axis=1)
    slope = (offset * relative).sum(axis=1) / np.maximum(length, SMALL)
    error2 = np.where(n > 2, c.inflation * noise2 / np.maximum(length, SMALL) + 1.2 * drift2 / n, 1.0)
    prior2 = c.growth_sd**2
    pulled = c.growth_mean + (slope - c.growth_mean) * prior2 / (prior2 + error2)
    growth = np.clip(pulled, -3 * c.growth_sd, 3 * c.growth_sd)
    return growth, np.sqrt(prior2 * error2 / (prior2 + error2))


def _season(weeks: Any, whole: Any, growth: Any, c: Constants) -> Any:
    """Season of the year per week of history, mean 1 over a year; 1 everywhere where less than a year is known."""
    import numpy as np

    season = np.ones_like(weeks)
    rows = np.flatnonzero(whole[:, -YEAR:].all(axis=1))
    if not len(rows):
        return season
    age = np.arange(YEAR - 1, -1, -1, dtype=np.float64)
    year = weeks[rows, -YEAR:] * np.exp(growth[rows, None] * age[None, :])
    index = year / np.maximum(year.mean(axis=1, keepdims=True), SMALL)
    half = c.season_smooth // 2
    smooth = np.mean([np.roll(index, k, axis=1) for k in range(-half, half + 1)], axis=0)
    kept = 1 + c.season_kept * (smooth - 1)
    season[rows] = np.concatenate([kept, kept], axis=1)
    return season


def _weekdays(grid: Any) -> Any:
    """Share of a week that its first 0, 1, ... 7 days make; evenly where nothing is known."""
    import numpy as np

    recent = grid[:, -WEEKDAY_WEEKS:, :].sum(axis=1) + SMALL
    share = recent / recent.sum(axis=1, keepdims=True)
    return np.concatenate([np.zeros((len(grid), 1)), np.cumsum(share, axis=1)], axis=1)


def _expected(level: Any, usual: Any, growth: Any, season: Any, weekdays: Any, horizon: Integers, c: Constants) -> Any:
    """Tokens expected per block of weeks ahead; the last week counts with the days that belong to the horizon."""
    import numpy as np

    number = -(-max(int(horizon.max()), 1) // (7 * BLOCK)) * BLOCK
    week = np.arange(1, number + 1, dtype=np.float64)
    steps = c.damping * (1 - c.damping**week) / (1 - c.damping)
    stays = c.stays**week
    path = level[:, None] * stays[None, :] + usual[:, None] * (1 - stays[None, :])
    ahead = season[:, HISTORY - YEAR + (np.arange(number) % YEAR)]
    expected = path * np.exp(growth[:, None] * steps[None, :]) * ahead
    parts = np.clip(horizon[:, None] - 7 * np.arange(number)[None, :], 0, 7)
    expected = expected * np.take_along_axis(weekdays, parts, axis=1)
    return expected.reshape(len(level), number // BLOCK, BLOCK).sum(axis=2)


def _blocks(weeks: Any, whole: Any, fitted: Any) -> tuple[Any, Any]:
    """Blocks of consecutive weeks as what happened over what the model says, mean 1 per pool, the last block last; and
    how many there are.
    """
    import numpy as np

    ratio = np.where(whole, weeks / np.maximum(fitted, SMALL), 0.0)
    sums = np.concatenate([np.zeros((len(weeks), 1)), np.cumsum(ratio, axis=1)], axis=1)
    blocks = (sums[:, BLOCK:] - sums[:, :-BLOCK]) / BLOCK
    number = np.maximum(whole.sum(axis=1) - BLOCK + 1, 0)
    there = np.arange(blocks.shape[1])[None, :] >= (blocks.shape[1] - number)[:, None]
    mean = np.where(there, blocks, 0).sum(axis=1) / np.maximum(number, 1)
    return np.where(number[:, None] > 0, 1 + blocks - mean[:, None], 1.0), number


def _paths(expected: Any, blocks: Any, number: Any, seed: int) -> Any:
    """Per origin and path: the sum over the blocks ahead of what is expected times a block of the past, drawn with
    replacement.
    """
    import numpy as np

    draws = np.random.Generator(np.random.PCG64([seed, 1])).random((expected.shape[1], PATHS))
    total = np.zeros((len(expected), PATHS))
    last = blocks.shape[1] - 1
    for k in range(expected.shape[1]):
        back = (draws[k][None, :] * np.maximum(number, 1)[:, None]).astype(np.int64)
        total += expected[:, k : k + 1] * np.take_along_axis(blocks, last - back, axis=1)
    return np.maximum(total, 0.0)


def _normal(seed: int) -> Any:
    """A standard normal draw per path, evenly spread, in an order of its own."""
    import numpy as np

    even = np.array([NormalDist().inv_cdf((i + 0.5) / PATHS) for i in range(PATHS)])
    return np.random.Generator(np.random.PCG64([seed, 2])).permutation(even)
