"""What changed in the company's tables since the month before, in words, and the tables with a change taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipelines.contracts import REFERENCE
from pipelines.reference.changes import SHOWN, Change, find_changes, take_back
from tests.unit.test_reference_resolution import OPEN, Raw, price, raw

__all__ = ["raw"]
MONTH, BEFORE = "2026-10", "2026-09"


def found(raw: Raw) -> list[tuple[str, str]]:
    raw.resolve(BEFORE, MONTH)
    return [(c.kind, c.detail) for c in find_changes(raw.con, [MONTH])]


def prices(raw: Raw, key: str) -> list[tuple[Any, ...]]:
    return raw.con.execute(
        "select amount, valid_from, valid_to from reference.prices where review_month = ? order by valid_from", [key]
    ).fetchall()


@pytest.mark.parametrize(
    ("start", "is_change"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_a_price_that_begins_in_the_month_is_a_change_of_it_and_no_other(raw: Raw, start: date, is_change: bool):
    raw.file("prices", price(100), price(110, start))
    assert found(raw) == ([("price", "prices revit list: amount 100 → 110")] if is_change else [])


def test_a_price_that_ends_is_no_longer_there_and_one_of_another_key_is_added(raw: Raw):
    raw.file("prices", price(100, end=date(2026, 10, 5)), price(90, date(2026, 10, 6), offering_key="maya"))
    assert found(raw) == [("price", "prices maya list: added; prices revit list: no longer there")]


def test_what_a_drop_tells_otherwise_for_its_month_is_a_change(raw: Raw):
    raw.file("prices", price(100))
    raw.file("prices", price(100, currency="USD"), drop=MONTH)
    assert found(raw) == [("price", "prices revit list: currency EUR → USD")]


def test_each_kind_has_a_change_of_its_own_in_order_and_a_source_is_no_change(raw: Raw):
    raw.default("rule_parameters", "USE-01,idle_days,90,,")
    raw.file("rule_parameters", {"rule_id": "USE-01", "parameter": "idle_days", "value": "60"}, drop=MONTH)
    raw.file("prices", price(100, source="the list"))
    raw.file("prices", price(100, source="a letter"), price(7, offering_key="maya"), drop=MONTH)
    assert found(raw) == [
        ("rule", "rule_parameters USE-01 idle_days: value 90 → 60"),
        ("price", "prices maya list: added"),
    ]


def test_the_first_changes_are_named_and_the_others_counted(raw: Raw):
    raw.file("prices", *(price(n, date(2026, 10, 1), offering_key=f"o{n}") for n in range(1, SHOWN + 3)))
    ((_, detail),) = found(raw)
    assert detail.count("added") == SHOWN and detail.endswith("; and 2 more")
    raw.con.execute(f"delete from reference.prices where offering_key > 'o{SHOWN}'")
    ((_, detail),) = [(c.kind, c.detail) for c in find_changes(raw.con, [MONTH])]
    assert detail.count("added") == SHOWN and "more" not in detail


def test_a_change_taken_back_is_the_price_of_the_month_before_for_good_beside_the_month_itself(raw: Raw):
    raw.file("prices", price(100), price(110, date(2026, 10, 10)))
    raw.resolve(BEFORE, MONTH)
    change = Change(MONTH, "price", "prices revit list: amount 100 → 110")
    take_back(raw.con, [change])
    assert change.key == f"{MONTH}~without-price"
    assert prices(raw, change.key) == [(100, date(1900, 1, 1), OPEN)]
    assert [amount for amount, *_ in prices(raw, MONTH)] == [100, 110]
    assert raw.con.execute("select * from reference.change").fetchall() == [(MONTH, "price", change.detail)]


def test_tables_of_other_kinds_stay_as_they_are_in_the_month_with_a_change_taken_back(raw: Raw):
    raw.file("prices", price(100), price(110, date(2026, 10, 10)))
    raw.resolve(BEFORE, MONTH)
    change = Change(MONTH, "term", "")
    take_back(raw.con, [change])
    assert prices(raw, change.key) == prices(raw, MONTH)
    names = sorted(REFERENCE)
    counts = " union all ".join(
        f"select '{n}', count(*) filter (where review_month = '{MONTH}') - "
        f"count(*) filter (where review_month = '{change.key}') from reference.{n}"
        for n in names
    )
    assert {n: d for n, d in raw.con.execute(counts).fetchall() if d} == {}
    take_back(raw.con, [])
    assert raw.con.execute("select count(*) from reference.change").fetchall() == [(0,)]
