"""The Flex ledger in SQL against one that goes day by day, on invented pools: balances, overdraft, expiry, run-out,
term, velocity, projection.

Holds the slow, obvious ledger (exact fractions) and the comparison. The rules on top of the pool have dbt unit tests.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import shutil
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import Reviewed
from tests.dbt.project import WAREHOUSE, dbt
from tests.dbt.warehouse import as_tables

AS_OF = dt.date(2026, 10, 31)
FIRST = dt.date(2025, 6, 1)
DAY = dt.timedelta(1)
MODELS = ("int_flex_term", "int_flex_ledger", "int_flex_pack", "int_flex_backtest", "int_pool")


@dataclass
class Pool:
    """One invented pool: packs as (end, tokens, id, start), so that sorting gives the order of use, and tokens by
    day.
    """

    packs: list[tuple[dt.date, Decimal, str, dt.date]] = field(default_factory=list)
    used: dict[dt.date, Decimal] = field(default_factory=dict)

    @property
    def active(self) -> list[tuple[dt.date, Decimal, str, dt.date]]:
        return [p for p in self.packs if p[3] <= AS_OF <= p[0]]

    @property
    def term(self) -> tuple[dt.date, dt.date] | None:
        return (min(p[3] for p in self.active), max(p[0] for p in self.active)) if self.active else None

    def between(self, first: dt.date, last: dt.date) -> Fraction:
        """Tokens of the days from first to last, both inclusive."""
        return sum((Fraction(t) for d, t in self.used.items() if first <= d <= last), Fraction(0))

    @property
    def v_now(self) -> Fraction | None:
        if self.term is None:
            return None
        start = self.term[0]
        elapsed = (AS_OF - start).days + 1
        return self.between(start, AS_OF) / elapsed if elapsed <= 90 else self.between(AS_OF - 89 * DAY, AS_OF) / 90


Ledger = tuple[dict[str, Pool], dict[str, tuple[Any, ...]], dict[tuple[str, str], Any]]


def invented(seed: int) -> dict[str, Pool]:
    """Pools of all shapes: no pack, gaps, overlaps, equal ends, one-day packs, packs still to come, no use, dense
    use.
    """
    chance = random.Random(seed)
    pools: dict[str, Pool] = {}
    for number in range(150):
        pool = Pool()
        for place in range(chance.randint(0, 6)):
            start = FIRST + chance.randint(0, 560) * DAY
            end = start + chance.choice([0, 1, 5, 30, 100, 365]) * DAY
            tokens = Decimal(chance.choice(["1", "5", "10", "50", "100", "33.5", "300"]))
            pool.packs.append((end, tokens, f"P{chance.randint(0, 99):02}-{place}", start))
        density = chance.choice([0, 0.02, 0.3, 0.9])
        for offset in range((AS_OF - FIRST).days + 1):
            if chance.random() < density:
                pool.used[FIRST + offset * DAY] = Decimal(chance.choice(["1", "2", "0.5", "0.25", "7", "130"]))
        if pool.packs or pool.used:
            pools[f"Pool {number:03}"] = pool
    return pools


def two_decimals(value: Fraction) -> Decimal:
    """Rounded half away from zero, as money and tokens are."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def day_by_day(pool: Pool) -> tuple[dict[str, Fraction], Fraction, Fraction | None]:
    """What each pack has left after its end, the overdraft up to as_of, the balance of the active packs at as_of."""
    order = sorted(pool.packs)
    left = {p[2]: Fraction(p[1]) for p in order}
    at_end: dict[str, Fraction] = {}
    overdraft, balance = Fraction(0), None
    day = min((p[3] for p in order), default=AS_OF)
    while order and day <= max(AS_OF, order[-1][0]):
        wanted = Fraction(pool.used.get(day, 0)) if day <= AS_OF else (pool.v_now or Fraction(0))
        for end, _, pack, start in order:
            if start <= day <= end:
                taken = min(wanted, left[pack])
                left[pack] -= taken
                wanted -= taken
            if day == end:
                at_end[pack] = left[pack]
        if day <= AS_OF:
            overdraft += wanted
        if day == AS_OF and pool.active:
            balance = sum((left[p[2]] for p in pool.active), Fraction(0))
        day += DAY
    return at_end, overdraft, balance


def _fill(warehouse: Path, pools: dict[str, Pool]) -> None:
    """Replace packs and use of a warehouse by the invented ones, for one review month."""
    packs = [(n, p[2], p[1], p[3], p[0], i) for n, pool in pools.items() for i, p in enumerate(pool.packs)]
    used = [(n, d, t) for n, pool in pools.items() for d, t in pool.used.items()]
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create table new_packs as select * from staging.stg_portal__flex_packs limit 0")
        con.execute("drop view staging.stg_portal__flex_packs cascade")
        con.execute("create table staging.stg_portal__flex_packs as select * from new_packs")
        as_tables(con, "int_token_row", "int_month")
        con.execute("delete from intermediate.int_token_row")
        con.execute("delete from intermediate.int_month where review_month <> '2026-10'")
        con.executemany(
            """insert into staging.stg_portal__flex_packs by name
            select '2026-10' as review_month, ? as team_alias, ? as pack_id, ? as tokens, ? as start_date,
                ? as end_date, ? as src""",
            packs,
        )
        con.executemany(
            """insert into intermediate.int_token_row by name
            select '2026-10' as review_month, ? as team_alias, ? as "day", ? as tokens""",
            used,
        )


@pytest.fixture(scope="module")
def ledger(demo: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Invented pools, what the models say of each pool, and what each pack has left at its end."""
    folder = tmp_path_factory.mktemp("ledger")
    warehouse = folder / WAREHOUSE
    shutil.copy(demo.data / "warehouse" / "selfaudit.duckdb", warehouse)
    pools = invented(11)
    _fill(warehouse, pools)
    code, said = dbt(folder, "run", "--select", *MODELS)
    assert code == 0, said[-3000:]
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(
            """select team_alias, consumed, balance, overdraft, expired, v_now, projected_total, exhaustion_date,
                term_start, term_end, shortfall_tokens
            from intermediate.int_pool"""
        ).fetchall()
        packs = con.execute("select team_alias, pack_id, left_at_end from intermediate.int_flex_pack").fetchall()
    return pools, {r[0]: r[1:] for r in rows}, {(r[0], r[1]): r[2] for r in packs}


def test_every_pool_closes_as_it_does_day_by_day(ledger: Ledger) -> None:
    pools, found, _ = ledger
    assert sorted(found) == sorted(pools)
    for name, pool in pools.items():
        at_end, overdraft, balance = day_by_day(pool)
        expired = sum((at_end[p[2]] for p in pool.packs if p[0] < AS_OF), Fraction(0))
        assert found[name][1] == (None if balance is None else two_decimals(balance)), name
        assert found[name][2:4] == (two_decimals(overdraft), two_decimals(expired)), name


def test_every_pool_has_the_term_and_the_velocity_of_its_active_packs(ledger: Ledger) -> None:
    pools, found, _ = ledger
    for name, pool in pools.items():
        if pool.term is None:
            assert [found[name][i] for i in (1, 4, 5, 6, 7, 8, 9)] == [None] * 7, name
            continue
        _, _, balance = day_by_day(pool)
        assert pool.v_now is not None and balance is not None
        consumed, ahead = pool.between(pool.term[0], AS_OF), pool.v_now * (pool.term[1] - AS_OF).days
        assert found[name][0] == two_decimals(consumed), name
        assert found[name][4] == pytest.approx(float(pool.v_now), abs=1e-9), name
        assert found[name][5] == pytest.approx(two_decimals(consumed + ahead), abs=Decimal("0.01")), name
        ends = AS_OF + math.floor(balance / pool.v_now) * DAY if pool.v_now > 0 else None
        assert found[name][6:9] == (ends, *pool.term), name
        assert found[name][9] == pytest.approx(max(Decimal(0), two_decimals(ahead - balance)), abs=Decimal("0.01")), (
            name
        )


def test_every_pack_has_left_at_its_end_what_running_on_at_v_now_leaves(ledger: Ledger) -> None:
    pools, _, packs = ledger
    for name, pool in pools.items():
        at_end, _, _ = day_by_day(pool)
        for end, _, pack, _ in pool.packs:
            unknown = end > AS_OF and pool.v_now is None
            assert packs[name, pack] == (None if unknown else two_decimals(at_end[pack])), (name, pack)
