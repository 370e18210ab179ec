"""`python -m benchmarks.forecast`: the token forecast on planted pools: error against v_now and against a library's
exponential smoothing, coverage, speed.

Prints tables; writes nothing. The library (statsmodels) is compared if it is installed; it is no dependency. Decision
0003 holds the results.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np

from benchmarks.token_estates import KINDS, Pools, horizon, outcome, planted, v_now
from pipelines.forecast.tokens import still_to_use


def weekly_smoothing(pools: Pools, paths: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """p10, p50, p90 by damped additive exponential smoothing of weeks, simulated ahead (statsmodels ETS); v_now where
    it cannot be fitted.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    low, mid, high = [], [], []
    for row, cut, known, ahead, plain in zip(
        pools.days, pools.cut, pools.known, horizon(pools), v_now(pools), strict=True
    ):
        history = row[cut + 1 - known // 7 * 7 : cut + 1].reshape(-1, 7).sum(axis=1)
        weeks = -(-ahead // 7)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fitted = ETSModel(history, error="add", trend="add", damped_trend=True).fit(disp=False, maxiter=200)
                future = np.asarray(
                    fitted.simulate(weeks, anchor="end", repetitions=paths, rng=np.random.default_rng(1))
                ).reshape(weeks, paths)
            share = np.ones(weeks)
            share[-1] = (ahead - 7 * (weeks - 1)) / 7
            total = (np.maximum(future, 0) * share[:, None]).sum(axis=0)
            a, b, c = np.quantile(total, [0.1, 0.5, 0.9])
        except (ValueError, np.linalg.LinAlgError):
            a = b = c = plain
        low.append(a)
        mid.append(b)
        high.append(c)
    return np.array(low), np.array(mid), np.array(high)


def bootstrap(pools: Pools) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The method of the project."""
    found = still_to_use(pools.days, np.arange(len(pools.days)), pools.cut, pools.known, horizon(pools))
    return found.p10, found.p50, found.p90


def only_v_now(pools: Pools) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rule of v_now, an interval of no width."""
    value = v_now(pools)
    return value, value, value


def measure(name: str, method: Callable[[Pools], tuple[np.ndarray, np.ndarray, np.ndarray]], pools: Pools) -> None:
    """One line per method: mean error of the whole term's total, coverage, width, seconds; per kind error and
    coverage.
    """
    started = time.perf_counter()
    low, mid, high = method(pools)
    seconds = time.perf_counter() - started
    true = outcome(pools)
    used = np.array([row[pools.term_start : cut + 1].sum() for row, cut in zip(pools.days, pools.cut, strict=True)])
    error = np.abs(mid - true) / np.maximum(used + true, 1)
    inside = (low <= true) & (true <= high)
    width = (high - low) / np.maximum(used + true, 1)
    kinds = "  ".join(f"{error[pools.kind == k].mean():.3f}/{inside[pools.kind == k].mean():.2f}" for k in KINDS)
    print(f"{name:<22} {error.mean():>6.4f} {inside.mean():>8.3f} {width.mean():>6.3f} {seconds:>8.2f}   {kinds}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast")
    parser.add_argument("--pools", type=int, default=600)
    parser.add_argument("--seed", type=int, default=31)
    arguments = parser.parse_args()
    pools = planted(arguments.pools, arguments.seed)
    print(f"{arguments.pools} planted pools; error = |p50 - outcome| / total of the term; interval meant to hold 80 %")
    print(f"{'method':<22} {'error':>6} {'coverage':>8} {'width':>6} {'seconds':>8}   per kind: " + "  ".join(KINDS))
    measure("v_now", only_v_now, pools)
    measure("block bootstrap", bootstrap, pools)
    try:
        import statsmodels  # noqa: F401
    except ImportError:
        print("statsmodels is not installed: its exponential smoothing is not compared")
    else:
        measure("damped smoothing (ETS)", weekly_smoothing, pools)
    many = planted(5000, arguments.seed + 1)
    started = time.perf_counter()
    bootstrap(many)
    print(f"5,000 origins: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
