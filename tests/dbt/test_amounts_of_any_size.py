"""Amounts of any size: every macro of money against fractions, over magnitudes of 0.0001 to 10^15, and the types they
are made of.

Runs on DuckDB alone, without dbt and without a warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.contracts.contract import LIMIT, Type
from tests.conftest import ROOT
from tests.dbt.macros import macros

sql = macros()
Row = Sequence[Any]


def of_units(units: int, places: int) -> Decimal:
    """The number without rounding, which Decimal's own arithmetic does after 28 digits."""
    return Decimal(f"{units}e-{places}")


def numbers(places: int, negative: bool = False, zero: bool = True, below: int = LIMIT) -> st.SearchStrategy[Decimal]:
    """Numbers below a limit with so many decimals, of every magnitude alike, and those at the edges: the least, halves,
    the greatest.
    """
    one, most = 10**places, below * 10**places
    edges = {1, 5, one // 100, one // 200, one, most - 1, most - one, most // 3} - {0}
    digits = len(str(most)) - 1
    of_magnitude = st.integers(0, digits - 1).flatmap(lambda n: st.integers(10**n, 10 ** (n + 1) - 1))
    drawn = st.one_of(st.sampled_from(sorted(edges)), of_magnitude, *([st.just(0)] if zero else []))
    signs = st.sampled_from([1, 1, 1, -1] if negative else [1])
    return st.tuples(drawn, signs).map(lambda n: of_units(n[0] * n[1], places))


def asked(expression: str, columns: str, rows: Sequence[Row]) -> list[Any]:
    """What the expression is for each row of a table with these columns (`a decimal(19,4), …`)."""
    con = connection()
    con.execute(f"create or replace table amounts (place integer, {columns})")
    marks = ", ".join("?" * (len(rows[0]) + 1))
    cells = [cell for i, row in enumerate(rows) for cell in (i, *row)]
    con.execute(f"insert into amounts values {', '.join([f'({marks})'] * len(rows))}", cells)
    return [v for (v,) in con.execute(f"select {expression} from amounts order by place").fetchall()]


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One database in memory for all examples."""
    return duckdb.connect()


def exactly(amount: Decimal) -> Fraction:
    return Fraction(amount)


def cents(amount: Fraction) -> Decimal:
    """Rounded to two decimals, half away from zero."""
    whole = (abs(amount) * 200 + 1) // 2
    return Decimal(f"{'-' if amount < 0 else ''}{whole // 100}.{whole % 100:02d}")


NUMBER, PRICE, RATE = (sql(f"{n}_type") for n in ("number", "price", "rate"))
EXACT, MONEY, WHOLE = (sql(f"{n}_type") for n in ("exact", "money", "whole"))
DAYS = st.integers(1, 366)
lists = {"min_size": 1, "max_size": 40}


def test_the_types_are_the_same_in_contracts_macros_and_published_columns():
    of_contract = {t: t.sql.lower() for t in (Type.NUMBER, Type.PRICE, Type.RATE)}
    assert of_contract == {Type.NUMBER: NUMBER, Type.PRICE: PRICE, Type.RATE: RATE}
    for kind in of_contract.values():
        width, scale = map(int, re.findall(r"\d+", kind))
        assert 10 ** (width - scale) == LIMIT
    allowed = {sql(f"{n}_type") for n in ("number", "price", "rate", "total", "exact", "money", "whole")}
    for path in (ROOT / "dbt_project" / "models").rglob("_models.yml"):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        kinds = {c.get("data_type", "") for m in found["models"] for c in m.get("columns", [])}
        assert {k for k in kinds if k.startswith("decimal")} <= allowed, path


def test_no_model_names_a_type_of_amounts_itself():
    named = {
        f"{path.name}: {found}"
        for path in (ROOT / "dbt_project" / "models").rglob("*.sql")
        for found in re.findall(r"as decimal\((?:1[5-9]|[23]\d), *\d+\)", path.read_text(encoding="utf-8"))
    }
    # Days, and tokens of a day at eight places, are no amounts.
    assert {n for n in named if not re.match(r"int_clock|int_flex_ledger", n)} == set()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(12, negative=True), numbers(18, negative=True), DAYS), **lists))
@example(
    [(Decimal("0.005"), Decimal(1), 1), (Decimal("-0.005"), Decimal(1), 1), (Decimal("0.004999999999"), Decimal(1), 1)]
)
@example(
    [
        (Decimal("1825.005"), Decimal(1), 365),
        (Decimal("0.01"), Decimal("0.5"), 1),
        (Decimal("9999999999999.99"), Decimal("0.5"), 1),
    ]
)
def test_an_amount_at_a_rate_over_days_is_rounded_once(rows):
    found = asked(sql("money_ratio", "a", "r", "d"), f"a {EXACT}, r {RATE}, d bigint", rows)
    for (a, r, d), value in zip(rows, found, strict=True):
        wanted = exactly(a) * exactly(r) / d
        assert value == cents(wanted) if abs(wanted) < 10**15 or value is not None else abs(wanted) * d >= 10**26


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(2, negative=True, below=10**26), st.integers(0, 365)), **lists))
@example([(Decimal("999999999999998000000000.00"), 365), (Decimal("-0.01"), 183), (Decimal("0.01"), 182)])
def test_a_part_of_an_amount_is_rounded_once_and_is_there_where_the_amount_is(rows):
    found = asked(sql("money_share", "a", "d", "365"), f"a {MONEY}, d bigint", rows)
    assert found == [cents(exactly(a) * d / 365) for a, d in rows]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(4, negative=True), numbers(6, negative=True)), **lists))
def test_a_quantity_at_a_price_is_rounded_once_and_is_always_there(rows):
    found = asked(sql("money_product", "q", "p"), f"q {NUMBER}, p {PRICE}", rows)
    assert found == [cents(exactly(q) * exactly(p)) for q, p in rows]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(4, negative=True), numbers(6, negative=True)), **lists))
def test_a_product_of_decimals_is_rounded_once_or_beyond_what_is_shown(rows):
    found = asked(sql("money", ["q", "p"]), f"q {NUMBER}, p {PRICE}", rows)
    for (q, p), value in zip(rows, found, strict=True):
        wanted = exactly(q) * exactly(p)
        assert value == cents(wanted) if value is not None else abs(wanted) >= 10**26


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(6, negative=True), numbers(18, negative=True)), **lists))
def test_an_amount_in_another_currency_keeps_twelve_places(rows):
    found = asked(sql("converted", "a", "r"), f"a {PRICE}, r {RATE}", rows)
    for (a, r), value in zip(rows, found, strict=True):
        wanted = exactly(a) * exactly(r)
        if value is None:
            assert abs(wanted) >= 10**26
        else:
            assert abs(wanted) - abs(exactly(value)) < Fraction(1, 10**12)
            assert abs(wanted) >= abs(exactly(value))
            assert value == 0 or (value > 0) == (wanted > 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(4), numbers(6), numbers(6), numbers(6, below=10**6), DAYS), **lists))
def test_a_cost_is_compared_with_a_share_of_a_price_exactly(rows):
    columns = f"t {NUMBER}, p {PRICE}, s {EXACT}, f decimal(18,6), d bigint"
    # The amount itself, one unit less and one more: what is close is what must be exact.
    below = sql("less_than_product", sql("exact", ["t", "p", "365"]), ["s", "f", "d"])
    above = sql("more_than_product", sql("exact", ["t", "p", "365"]), ["s", "f", "d"])
    found = asked(f"[{below}, {above}]", columns, rows)
    for (t, p, s, f, d), value in zip(rows, found, strict=True):
        cost, limit = exactly(t) * exactly(p) * 365, exactly(s) * exactly(f) * d
        if max(cost, limit) < 10**20 or (cost < 10**26 and abs(cost - limit) > limit / 10**12):
            assert value == [cost < limit, cost > limit]


@settings(max_examples=30, deadline=None)
@given(numbers(4, zero=False, below=10**12), DAYS, st.sampled_from([-1, 0, 1]))
def test_a_cost_at_the_limit_itself_is_neither_less_nor_more(price, days, off):
    millionths = exactly(price) * 85 * days * 10**4 + off
    expressions = [sql(f"{n}_than_product", "c", ["s", "f", "d"]) for n in ("less", "more")]
    columns = f"c {EXACT}, s {PRICE}, f decimal(18,6), d bigint"
    (found,) = asked(
        f"[{', '.join(expressions)}]", columns, [(of_units(int(millionths), 6), price, Decimal("0.85"), days)]
    )
    assert found == [off < 0, off > 0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**32), st.lists(st.integers(0, 10**18), min_size=1, max_size=6)), **lists))
def test_shares_by_largest_remainder_are_cut_off_exactly(rows):
    flat = [(n, w, max(1, sum(weights))) for n, weights in rows for w in weights]
    flat = [(n, w, a) for n, w, a in flat if a < 10**19]
    found = asked(
        f"[{sql('whole_share', 'n', 'w', 'a')}, {sql('whole_share_rest', 'n', 'w', 'a')}]",
        f"n {WHOLE}, w {WHOLE}, a {WHOLE}",
        flat,
    )
    assert found == [[n * w // a, n * w % a] for n, w, a in flat]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(4), DAYS, numbers(4)), **lists))
def test_tokens_are_divided_exactly(rows):
    columns = f"t {sql('total_type')}, d bigint, v {sql('total_type')}"
    found = asked(
        f"[cast({sql('floor_div', 't', 'd', 'v')} as varchar), cast({sql('divided', 't', 'd')} as varchar)]",
        columns,
        rows,
    )
    for (t, d, v), (days, daily) in zip(rows, found, strict=True):
        assert days == (None if v == 0 else str(exactly(t) * d // exactly(v)))
        assert exactly(Decimal(daily)) == (exactly(t) / d * 2 * 10**8 + 1) // 2 / Fraction(10**8)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(numbers(12), numbers(4, zero=False)), **lists))
def test_a_mean_price_has_six_places(rows):
    found = asked(sql("mean_price", "a", "q"), f"a {EXACT}, q {sql('total_type')}", rows)
    for (a, q), value in zip(rows, found, strict=True):
        mean = exactly(a) / exactly(q)
        assert (value is None) == (mean >= 99 * 10**13), (a, q)
        if value is not None:
            assert exactly(value) == (mean * 2 * 10**6 + 1) // 2 / Fraction(10**6)


def test_sums_over_60_000_persons_of_the_largest_amounts_hold():
    greatest = 10**26
    with duckdb.connect() as con:
        con.execute(
            f"create table person as select cast({greatest} as {MONEY}) as amount, cast({LIMIT - 1} as bigint) as "
            "seats, "
            f"cast({LIMIT - 1}.9999 as {NUMBER}) as tokens, {sql('addend', '98000000000000000000')} as part from "
            "range(60000)"
        )
        found = con.execute(
            f"select sum(amount), {sql('count_sum', 'seats')}, cast(sum(tokens) as {sql('total_type')}), sum(part) "
            "from person"
        ).fetchall()
    assert list(map(Fraction, found[0])) == [
        greatest * 60_000,
        9 * 10**18,
        Fraction(LIMIT * 10**4 - 1, 10**4) * 60_000,
        98 * 10**18 * 60_000,
    ]


@pytest.mark.parametrize("text", ["100000000000000000000", "-100000000000000000000"])
def test_what_is_too_large_for_a_sum_is_no_part_of_it(text):
    assert asked(sql("addend", f"cast({text} as {MONEY})"), "x integer", [(1,)]) == [None]


@pytest.mark.parametrize(
    "name", ["money_ratio", "money_share", "converted", "money_product", "money", "less_than_product"]
)
def test_the_macros_parse_for_the_other_engine(name):
    arguments = {
        "money_ratio": ("a", "r", "d"),
        "money_share": ("a", "d", "365"),
        "converted": ("a", "r"),
        "money_product": ("a", "r"),
        "money": (["a", "r"],),
        "less_than_product": ("a", ["r", "d"]),
    }[name]
    text = f"select {macros('spark')(name, *arguments)} as value from amounts"
    assert sqlglot.parse_one(text, read="spark")
    assert "hugeint" not in text and "//" not in text
