"""The renewal optimiser over tables: who is decided where, what is kept, and the sentence that says why."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.optimise.renewal_tables import choose

MONTH, CONTRACT = "2026-10", "C1"
PRICES = [(MONTH, CONTRACT, o, c) for o, c in (("autocad", 180_000), ("revit", 260_000), ("aec", 340_000))]
MEMBERS = [(MONTH, "aec", m) for m in ("autocad", "revit")]
BASE = [(MONTH, "base", 0, 0, 0)]


def seat(person, offering, kind="held", team="A", home=True, left=False, why=None):
    return (MONTH, CONTRACT, team, person, home, left, offering, kind, why)


def need(person, item, days, cents):
    return (MONTH, CONTRACT, person, item, days, cents)


def mixes(seats, needs, scenarios=BASE):
    found = choose(scenarios, PRICES, MEMBERS, seats, needs)
    columns = [values for _, values in found.values()]
    return {
        (row["team_alias"], row["person_key"], row["scenario"]): row
        for row in (dict(zip(found, values, strict=True)) for values in zip(*columns, strict=True))
    }


def test_a_person_is_decided_in_the_team_of_the_latest_use_and_gets_nothing_elsewhere():
    found = mixes(
        [seat("x", "revit", team="A"), seat("x", "revit", team="B", home=False)], [need("x", "revit", 200, 900_000)]
    )
    assert found["A", "x", "base"]["seats"] == "revit"
    assert (found["B", "x", "base"]["seats"], found["B", "x", "base"]["action"]) == ("", "none")
    assert "another team" in found["B", "x", "base"]["reason"]


def test_who_has_left_gets_nothing_whatever_was_used():
    row = mixes([seat("x", "revit", left=True)], [need("x", "revit", 200, 900_000)])["A", "x", "base"]
    assert (row["seats"], row["action"], row["cost_now_cents"], row["cost_cents"]) == ("", "none", 260_000, 0)


def test_a_seat_that_is_kept_says_why():
    row = mixes([seat("x", "revit", "kept", why="on leave")], [])["A", "x", "base"]
    assert (row["seats"], row["action"], row["reason"]) == ("revit", "keep", "Keeps revit (on leave).")


def test_a_seat_with_unknown_days_is_decided_where_the_use_of_a_collection_tells_the_days():
    why = "used, but on how many days is not known"
    seats = [seat("x", "autocad", "kept", why=why), seat("x", "aec")]
    row = mixes(seats, [need("x", "autocad", 3, 2_000)])["A", "x", "base"]
    assert (row["seats"], row["flex"], row["action"]) == ("", "autocad", "to_flex")


def test_few_days_go_to_tokens_and_the_sentence_names_both_amounts():
    row = mixes([seat("x", "autocad")], [need("x", "autocad", 12, 25_200)])["A", "x", "base"]
    assert row["reason"] == (
        "Used autocad on 12 days: tokens for autocad (252.00) a year is the cheapest lawful way; autocad costs "
        "1,800.00."
    )


def test_a_seat_of_another_contract_is_not_bought_again():
    row = mixes([seat("x", "autocad"), seat("x", "aec", "owned")], [need("x", "autocad", 200, 900_000)])[
        "A", "x", "base"
    ]
    assert (row["seats"], row["action"]) == ("", "none")


def test_a_rise_of_seat_prices_alone_moves_people_to_tokens_and_the_same_rise_of_both_moves_nobody():
    seats, needs = [seat("x", "revit")], [need("x", "revit", 120, 265_000)]
    cases = [(MONTH, "base", 0, 0, 0), (MONTH, "seats", 5, 0, 0), (MONTH, "both", 5, 5, 0), (MONTH, "tokens", 0, 5, 0)]
    found = {c: row for (_, _, c), row in mixes(seats, needs, cases).items()}
    assert {c: (r["seats"], r["flex"], r["cost_cents"]) for c, r in found.items()} == {
        "base": ("revit", "", 260_000),
        "seats": ("", "revit", 265_000),
        "both": ("revit", "", 273_000),
        "tokens": ("revit", "", 260_000),
    }
    assert "tokens would cost 2,782.50" in found["both"]["reason"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["autocad", "revit"]), st.integers(1, 4000)), max_size=8),
    st.integers(0, 40),
    st.integers(0, 2),
)
def test_the_same_rise_of_seats_and_tokens_gives_the_same_seats_and_tokens(used, percent, buffer):
    # Prices in whole hundreds rise exactly; tokens do so too, and no two ways cost the same but by chance, which the
    # comparison of costs allows for.
    seats = [seat(f"p{i}", item) for i, (item, _) in enumerate(used)]
    needs = [need(f"p{i}", item, 10, cents * 100) for i, (item, cents) in enumerate(used)]
    found = mixes(seats, needs, [(MONTH, "base", 0, 0, buffer), (MONTH, "risen", percent, percent, buffer)])
    for (team, person, case), row in found.items():
        if case == "base":
            other = found[team, person, "risen"]
            assert (row["seats"], row["flex"]) == (other["seats"], other["flex"])
            assert other["cost_cents"] * 100 == row["cost_cents"] * (100 + percent)


def test_a_product_without_any_price_is_named_and_nothing_is_proposed_for_it():
    row = mixes([seat("x", "maya")], [need("x", "maya", 100, None)])["A", "x", "base"]
    assert (row["action"], row["unpriced"]) == ("price_missing", "maya")


def test_tokens_are_counted_now_and_then_and_are_not_spent_on_what_any_seat_gives_a_right_to():
    # x uses autocad without a seat in their team, and revit with a seat that another contract gives; y has a seat of a
    # collection in one team and works in another.
    seats = [
        *[seat("x", "maya"), seat("x", "revit", "owned")],
        *[seat("y", "aec", team="A", home=False), seat("y", "maya", team="B")],
    ]
    needs = [need("x", "autocad", 9, 30_000), need("x", "revit", 90, 80_000), need("y", "autocad", 200, 900_000)]
    found = mixes(seats, needs, [(MONTH, "base", 10, 20, 0)])
    row = found["A", "x", "base"]
    assert (row["flex_now"], row["tokens_now_cents"], row["cost_now_cents"]) == ("autocad", 30_000, 30_000)
    assert (row["flex"], row["tokens_cents"], row["cost_cents"]) == ("autocad", 36_000, 36_000)
    assert [found[k, "y", "base"]["flex_now"] for k in ("A", "B")] == ["", ""]


def test_a_seat_that_is_used_and_has_no_price_stays_though_tokens_have_one():
    row = mixes([seat("x", "maya"), seat("z", "maya")], [need("x", "maya", 3, 2_000)])
    assert (row["A", "x", "base"]["seats"], row["A", "x", "base"]["flex"]) == ("maya", "")
    assert (row["A", "x", "base"]["action"], row["A", "x", "base"]["unpriced"]) == ("price_missing", "maya")
    assert (row["A", "z", "base"]["seats"], row["A", "z", "base"]["action"]) == ("", "none")
