"""The renewal optimiser: as cheap as trying everything on small estates, lawful always."""

from __future__ import annotations

from itertools import chain, combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.optimise.renewal import Catalogue, Need, Person, cheapest_mix, plan_pool

PRICES = {"a": 1800, "b": 2600, "c": 900, "suite": 3400, "pack": 2500}
MEMBERS = {"suite": ("a", "b", "c"), "pack": ("b", "c")}


def subsets(values):
    return chain.from_iterable(combinations(values, n) for n in range(len(values) + 1))


def lawful_mixes(person, catalogue):
    """Every set of seats with tokens for the rest: (seats, cost)."""
    for seats in subsets(sorted(catalogue.prices)):
        rights = set().union(*(catalogue.covers(o) for o in (*seats, *person.kept, *person.owned)), set())
        rest = [n for n in person.needs if n.item not in rights]
        if all(n.flex is not None for n in rest):
            everything = person.kept | set(seats)
            yield everything, sum(catalogue.prices[o] for o in everything) + sum(n.flex for n in rest)


def brute_force(people, catalogue, buffer):
    return min(
        sum(cost for _, cost in chosen)
        + buffer * sum(catalogue.prices[o] for o in set().union(*(seats for seats, _ in chosen), set()))
        for chosen in product(*(list(lawful_mixes(p, catalogue)) for p in people))
    )


def need(item):
    return st.builds(Need, st.just(item), st.integers(1, 250), st.none() | st.integers(0, 4000))


@st.composite
def persons(draw):
    items = draw(st.lists(st.sampled_from("abc"), unique=True, max_size=3))
    held = draw(st.frozensets(st.sampled_from(sorted(PRICES)), max_size=2))
    kept = draw(st.sampled_from([frozenset(), frozenset(), frozenset(list(held)[:1])]))
    owned = draw(st.sampled_from([frozenset(), frozenset(), frozenset("a")]))
    return Person("p", held, tuple(draw(need(i)) for i in items), kept, owned)


@settings(max_examples=150, deadline=None)
@given(st.lists(persons(), max_size=3), st.integers(0, 2))
def test_the_plan_costs_what_the_cheapest_of_all_plans_costs(people, buffer):
    catalogue = Catalogue(PRICES, MEMBERS)
    plan = plan_pool(people, catalogue, buffer)
    assert plan.cost == brute_force(people, catalogue, buffer)
    assert plan.is_cheapest


@settings(max_examples=40, deadline=None)
@given(st.lists(persons(), min_size=4, max_size=5))
def test_the_plan_is_cheapest_also_where_more_people_share_an_offering(people):
    catalogue = Catalogue({"a": 1800, "suite": 2000}, {"suite": ("a", "b", "c")})
    lawful = [p for p in people if p.kept <= set(catalogue.prices) and any(lawful_mixes(p, catalogue))]
    assert plan_pool(lawful, catalogue, 3).cost == brute_force(lawful, catalogue, 3)


@settings(max_examples=200, deadline=None)
@given(persons())
def test_every_mix_gives_a_right_to_everything_that_is_used(person):
    catalogue = Catalogue(PRICES, MEMBERS)
    mix = cheapest_mix(person, catalogue)
    rights = set(mix.flex).union(*(catalogue.covers(o) for o in (*mix.seats, *person.owned)), set())
    assert {n.item for n in person.needs} <= rights
    assert person.kept <= mix.seats and not mix.unpriced


def test_one_product_of_a_collection_is_enough_for_who_uses_one_and_the_collection_for_who_uses_three():
    catalogue = Catalogue(PRICES, MEMBERS)
    one = Person("one", frozenset(["suite"]), (Need("b", 120, 4000),))
    three = Person("three", frozenset("ab"), (Need("a", 99, 3000), Need("b", 99, 3000), Need("c", 9, 60)))
    assert cheapest_mix(one, catalogue).seats == {"pack"}
    assert cheapest_mix(three, catalogue).seats == {"suite"}


def test_few_days_go_to_tokens_and_at_the_same_price_the_seat_that_is_held_stays():
    catalogue = Catalogue(PRICES, {})
    assert cheapest_mix(Person("x", frozenset("a"), (Need("a", 5, 1799),)), catalogue).flex == {"a"}
    assert cheapest_mix(Person("x", frozenset("a"), (Need("a", 5, 1800),)), catalogue).seats == {"a"}
    assert cheapest_mix(Person("x", frozenset(), (Need("a", 5, 1800),)), catalogue).flex == {"a"}


def test_who_uses_nothing_gets_nothing_and_who_is_on_leave_keeps_the_seat():
    catalogue = Catalogue(PRICES, {})
    assert cheapest_mix(Person("x", frozenset("a"), ()), catalogue).cost == 0
    assert cheapest_mix(Person("x", frozenset("a"), (), kept=frozenset("a")), catalogue).seats == {"a"}


def test_a_buffer_can_make_it_cheaper_not_to_stock_an_offering_for_one_person():
    catalogue = Catalogue({"a": 1000}, {})
    one = [Person("x", frozenset("a"), (Need("a", 50, 1500),))]
    assert plan_pool(one, catalogue, 0).used == {"a": 1}
    assert plan_pool(one, catalogue, 1).used == {}
    assert plan_pool(one * 3, catalogue, 1).used == {"a": 3}


def test_without_a_price_nothing_is_proposed_and_the_item_is_named():
    mix = cheapest_mix(Person("x", frozenset("z"), (Need("z", 50, None), Need("a", 50, None))), Catalogue(PRICES, {}))
    assert (mix.unpriced, mix.seats) == ({"z"}, {"a"})
