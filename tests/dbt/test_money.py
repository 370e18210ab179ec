"""Money: rounded once, exactly, half away from zero, in the row's currency and in the organisation's. Works on a copy
of the demo's warehouse.
"""

from __future__ import annotations

import random
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from tests.dbt.test_models import dbt  # noqa: F401
from tests.dbt.warehouse import as_tables

RATE = Decimal("140.0137")


def cents(amount: Fraction) -> Decimal:
    """Rounded to two decimals, half away from zero."""
    whole = int((abs(amount) * 200 + 1) // 2)
    return Decimal(whole if amount >= 0 else -whole).scaleb(-2)


def compiled(dbt, expression: str) -> str:  # noqa: F811
    """The SQL that a macro becomes."""
    said = dbt("compile", "--quiet", "--inline", "select {{ " + expression + " }} as value from amounts")
    return str(said[said.index("select") :].strip())


def test_a_product_divided_is_rounded_once_and_half_away_from_zero(dbt):  # noqa: F811
    draw = random.Random(11)
    rows = []
    for _ in range(4000):
        places = draw.choice([0, 2, 4, 8, 12])
        amount = Decimal(draw.randint(-(10**9), 10**9)).scaleb(-min(places, 6)) + Decimal(draw.randint(0, 9)).scaleb(
            -places
        )
        rows.append((amount, Decimal(draw.randint(0, 20_000)).scaleb(-4), draw.choice([1, 7, 90, 365])))
    # The halves themselves: 0.005 and 0.125 up, -0.005 down, and what lies a trillionth below them.
    halves = ["0.005", "0.125", "-0.005", "-2.675", "0.004999999999", "-0.004999999999", "1.005"]
    rows += [(Decimal(h), Decimal(1), 1) for h in halves] + [(Decimal("1.005") * 365, Decimal(1), 365)]
    with closing(duckdb.connect()) as con:
        con.execute("create table amounts (place integer, a decimal(38,12), r decimal(18,4), d bigint)")
        con.executemany("insert into amounts values (?, ?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
        sql = compiled(dbt, "money_ratio('a', 'r', 'd')")
        found = [v for (v,) in con.execute(f"{sql} order by place").fetchall()]
    wanted = [cents(Fraction(a) * Fraction(r) / d) for a, r, d in rows]
    assert [(rows[i], f, w) for i, (f, w) in enumerate(zip(found, wanted, strict=True)) if f != w] == []


@pytest.fixture(scope="module")
def converted(dbt) -> Path:  # noqa: F811
    """The demo's findings, made again for an organisation that counts in another currency than its prices."""
    warehouse = dbt.folder / "selfaudit.duckdb"
    with closing(duckdb.connect(str(warehouse))) as con:
        con.execute("update reference.settings set value = 'XTS' where key = 'currency'")
        con.execute(
            "insert into reference.exchange_rates (review_month, currency, per_unit, valid_from, valid_to) "
            f"select review_month, currency, {RATE}, date '1900-01-01', date '9999-12-31' "
            "from (select distinct review_month, currency from reference.prices)"
        )
        # Prices of four places, so that a rounded amount times a rate is another one than the exact amount times it.
        as_tables(con, "int_position", "int_assignment")
        con.execute("update intermediate.int_position set price = price + 0.0037 where price is not null")
        con.execute("update intermediate.int_assignment set price = price + 0.0037 where price is not null")
    dbt("run", "--select", "int_rate", "int_finding_row", "int_finding")
    return warehouse


def test_the_organisations_amount_comes_from_the_exact_amount_and_not_from_the_rounded_one(converted):
    with closing(duckdb.connect(str(converted), read_only=True)) as con:
        rows = con.execute(
            "select f.rule_id, f.exposure_amount, f.exposure_amount_org, f.currency_org, a.price, "
            "  case when f.rule_id = 'IDN-01' then cast(f.observed as bigint) else 365 end "
            "from intermediate.int_finding f join intermediate.int_assignment a using (review_month, team_alias, "
            "offering_key, person_key) "
            "where f.rule_id in ('IDN-01', 'USE-01', 'USE-02', 'CON-01', 'IDN-09') and f.exposure_amount is not null"
        ).fetchall()
        plain = con.execute(
            "select count(*) from intermediate.int_finding where exposure_amount is null and exposure_amount_org is "
            "not null"
        ).fetchall()
    assert {r[0] for r in rows} >= {"IDN-01", "USE-01", "USE-02", "CON-01"}
    assert plain == [(0,)]
    twice = 0
    for rule, amount, own, currency, price, days in rows:
        exact = Fraction(price) * days / 365
        assert (rule, amount, own, currency) == (rule, cents(exact), cents(exact * Fraction(RATE)), "XTS")
        twice += own != (amount * RATE).quantize(Decimal("0.01"), ROUND_HALF_UP)
    # Cases in which rounding twice would have shown.
    assert twice > 0
