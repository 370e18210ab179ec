"""Planted token pools with a known future: weekday and month season, growth, bursts, drift, quiet and busy pools; a
seed makes them.

Holds the estates that the forecast is measured on, by tests (coverage) and by `python -m benchmarks.forecast` (against
other methods).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("plain", "season", "growth", "bursts", "all", "small")


@dataclass(frozen=True)
class Pools:
    """days: tokens a day per pool (365 days before the term, then the term); known: days of history up to the cut; cut:
    column of the cut; kind per pool.
    """

    days: np.ndarray
    known: np.ndarray
    cut: np.ndarray
    kind: np.ndarray
    term_start: int = 365
    term_days: int = 365


def planted(number: int, seed: int, kinds: tuple[str, ...] = KINDS) -> Pools:
    """`number` pools with a term of 365 days, cut at a month end between day 45 and day 340; half of them have history
    from before the term.
    """
    rng = np.random.default_rng(seed)
    total = 730
    day = np.arange(total)
    kind = np.array([kinds[i % len(kinds)] for i in range(number)])
    rows = []
    for k in kind:
        base = np.exp(rng.uniform(np.log(30), np.log(3000)))
        weekday = np.array([1, 1.05, 1.05, 1, 0.9, rng.uniform(0.02, 0.3), rng.uniform(0.02, 0.2)])
        level = np.full(total, base) * weekday[(day + rng.integers(7)) % 7]
        if k in {"season", "all"}:
            phase = rng.uniform(0, 2 * np.pi)
            season = 1 + rng.uniform(0.05, 0.3) * np.cos(2 * np.pi * day / 365 + phase)
            august = (day + rng.integers(365)) % 365 < 21
            level = level * season * np.where(august, rng.uniform(0.6, 1.0), 1.0)
        if k in {"growth", "all", "small"}:
            level = level * np.exp(rng.normal(0.15, 0.3) * (day - 365) / 365)
        if k in {"bursts", "all"}:
            for _ in range(rng.poisson(rng.uniform(2, 8))):
                start, length = rng.integers(total), rng.integers(3, 30)
                level[start : start + length] *= rng.uniform(1.3, 3)
        if k != "plain":
            steps = rng.normal(0, rng.uniform(0.0, 0.06), total // 7 + 1)
            drift = np.zeros(len(steps))
            for i in range(1, len(steps)):
                drift[i] = 0.97 * drift[i - 1] + steps[i]
            level = level * np.exp(drift[day // 7])
        noise = rng.uniform(0.1, 0.5)
        level = level * rng.gamma(1 / noise**2, noise**2, total)
        size = rng.choice([1, 2, 7, 9]) if k != "small" else rng.choice([7, 27])
        users = 0.02 if k == "small" else 1.0
        rows.append(rng.poisson(level * users / size) * size)
    cut_in_term = rng.choice([59, 90, 120, 151, 181, 212, 243, 273, 304, 334], number) - 1
    before = np.where(rng.random(number) < 0.5, rng.integers(0, 366, number), 0)
    return Pools(np.array(rows, dtype=np.float64), cut_in_term + 1 + before, 365 + cut_in_term, kind)


def outcome(pools: Pools) -> np.ndarray:
    """Tokens used after the cut until the end of the term."""
    end = pools.term_start + pools.term_days
    return np.array([row[cut + 1 : end].sum() for row, cut in zip(pools.days, pools.cut, strict=True)])


def horizon(pools: Pools) -> np.ndarray:
    """Days after the cut until the end of the term."""
    return pools.term_start + pools.term_days - 1 - pools.cut


def v_now(pools: Pools) -> np.ndarray:
    """What the rule of v_now says will still be used: the mean of the term until its 90th day, then of the last 90
    days.
    """
    out = []
    for row, cut, ahead in zip(pools.days, pools.cut, horizon(pools), strict=True):
        elapsed = cut - pools.term_start + 1
        span = min(elapsed, 90)
        out.append(row[cut + 1 - span : cut + 1].sum() / span * ahead)
    return np.array(out)
