"""Chargeback and FOCUS on the demo estate: sums to the invoice, mandatory columns, allowed values. The column list is
that of FOCUS_Spec v1.2 (CC-BY-4.0).
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT, Reviewed

COLUMNS = list(csv.DictReader((ROOT / "tests" / "data" / "focus_v1_2_columns.csv").open(encoding="utf-8")))
MANDATORY = [c["column_id"] for c in COLUMNS if c["feature_level"] == "Mandatory"]
NEVER_NULL = [c["column_id"] for c in COLUMNS if c["feature_level"] == "Mandatory" and c["allows_nulls"] == "False"]


@pytest.fixture(scope="module")
def published(demo: Reviewed):
    connection = duckdb.connect(str(demo.published), read_only=True)
    yield connection
    connection.close()


def one(connection, sql):
    return connection.execute(sql).fetchall()[0][0]


def test_every_mandatory_column_is_there_and_those_of_ours_are_marked(published):
    names = [n for n, *_ in published.execute("describe calendar.focus").fetchall()]
    assert set(MANDATORY) <= set(names)
    known = {c["column_id"] for c in COLUMNS}
    assert [n for n in names if n not in known and not n.startswith("x_") and n != "review_month"] == []


@pytest.mark.parametrize("column", NEVER_NULL)
def test_a_column_that_must_not_be_null_is_not(published, column):
    assert one(published, f'select count(*) from calendar.focus where "{column}" is null') == 0


def test_times_are_utc_text_periods_are_half_open_and_consumption_is_of_usage_only(published):
    pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
    for column in ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"):
        assert (
            one(published, f"select count(*) from calendar.focus where not regexp_matches(\"{column}\", '{pattern}')")
            == 0
        )
    assert one(published, "select count(*) from calendar.focus where ChargePeriodEnd <= ChargePeriodStart") == 0
    assert (
        one(
            published,
            "select count(*) from calendar.focus where (ConsumedQuantity is null) = (ChargeCategory = 'Usage')",
        )
        == 0
    )
    categories = {c for (c,) in published.execute("select distinct ServiceCategory from calendar.focus").fetchall()}
    assert categories <= {"Business Applications", "AI and Machine Learning"}


def test_tokens_of_usage_are_the_tokens_of_the_portal(published):
    wrong = published.execute(
        "select f.review_month, f.tokens, b.tokens from (select review_month, sum(PricingCurrencyEffectiveCost) as "
        "tokens from calendar.focus "
        "where x_RowKind = 'token_usage' group by all) as f full join (select review_month, sum(tokens) as tokens "
        "from calendar.token_burn group by all) as b "
        "using (review_month) where f.tokens is distinct from b.tokens"
    ).fetchall()
    assert wrong == []


def test_the_months_of_a_line_add_up_to_twelfths_of_a_year_to_the_cent(demo: Reviewed, published):
    lines = list(
        csv.DictReader(next(Path(demo.data / "landing" / "2026-10").rglob("*nvoice*.csv")).open(encoding="utf-8"))
    )
    yearly = sum(Decimal(r["quantity"]) * Decimal(r["unit_price"]) for r in lines if r["period_start"] <= "2026-10-01")
    share = one(
        published, "select sum(amount) from calendar.chargeback where review_month = '2026-10' and source = 'invoice'"
    )
    assert abs(share - yearly * 31 / 365) < len(lines) * Decimal("0.01")


def test_every_cost_centre_bears_what_it_holds_and_ghosts_are_shown_apart(published):
    kinds = dict(
        published.execute(
            "select kind, sum(amount) from calendar.chargeback where review_month = '2026-10' group by 1"
        ).fetchall()
    )
    assert set(kinds) == {"seats", "ghosts", "unused_stock", "tokens"}
    assert kinds["seats"] > kinds["unused_stock"] > 0 and kinds["ghosts"] > 0
