"""The renewal optimiser over tables: pools from rows, one plan per pool and scenario, a sentence per person, columns
back. No database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.optimise.renewal import Catalogue, Mix, Need, Person, plan_pool

SCENARIOS = ("review_month", "scenario", "price_percent", "token_price_percent", "buffer")
PRICES = ("review_month", "contract_number", "offering_key", "price_cents")
MEMBERS = ("review_month", "collection_key", "member_key")
SEATS = (
    "review_month",
    "contract_number",
    "team_alias",
    "person_key",
    "is_home",
    "has_left",
    "offering_key",
    "kind",
    "why_kept",
)
NEEDS = ("review_month", "contract_number", "person_key", "item", "days", "flex_cents")
OUTPUT = {
    "review_month": "varchar",
    "contract_number": "varchar",
    "team_alias": "varchar",
    "person_key": "varchar",
    "scenario": "varchar",
    "held": "varchar",
    "seats": "varchar",
    "flex_now": "varchar",
    "flex": "varchar",
    "unpriced": "varchar",
    "action": "varchar",
    "tokens_now_cents": "decimal(38,0)",
    "tokens_cents": "decimal(38,0)",
    "cost_now_cents": "decimal(38,0)",
    "cost_cents": "decimal(38,0)",
    "is_cheapest": "boolean",
    "reason": "varchar",
}
Row = Sequence[Any]
DAYS_UNKNOWN = "used, but on how many days is not known"
NO_PRICE = "its price is not known"


@dataclass
class _Member:
    """What the rows say of one person of a pool."""

    is_home: bool
    has_left: bool
    held: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    owned: set[str] = field(default_factory=set)
    why: set[str] = field(default_factory=set)


def choose(
    scenarios: Iterable[Row], prices: Iterable[Row], members: Iterable[Row], seats: Iterable[Row], needs: Iterable[Row]
) -> dict[str, tuple[str, list[Any]]]:
    """Column → (SQL type, values): one row per (month, contract, team, person, scenario). Each argument is rows in the
    order of its constant above.

    Cost now is what the seats held and the tokens for products without one cost at today's prices; the cost proposed is
    at the prices of the scenario. A seat that is used and has no price stays: whether it is the cheapest is not known.
    """
    estate = _read(prices, members, seats, needs)
    of_month: dict[str, list[Row]] = defaultdict(list)
    for row in scenarios:
        of_month[row[0]].append(row)
    found = [row for pool in sorted(estate.pools) for row in _rows_of_pool(estate, pool, of_month[pool[0]])]
    return {name: (kind, [row[i] for row in found]) for i, (name, kind) in enumerate(OUTPUT.items())}


@dataclass
class _Estate:
    """What the rows say. prices: (month, contract) → offering → cents. collections: month → collection → members.
    needs, held: (month, contract, person) → needs, and offerings held in any team. pools: (month, contract, team) →
    persons.
    """

    prices: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    collections: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    needs: dict[tuple[str, str, str], list[Need]] = field(default_factory=lambda: defaultdict(list))
    held: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    pools: dict[tuple[str, str, str], dict[str, _Member]] = field(default_factory=lambda: defaultdict(dict))


def _read(prices: Iterable[Row], members: Iterable[Row], seats: Iterable[Row], needs: Iterable[Row]) -> _Estate:
    estate = _Estate()
    for month, contract, offering, cents in prices:
        estate.prices[month, contract][offering] = int(cents)
    for month, collection, member in members:
        estate.collections[month][collection].add(member)
    for month, contract, person, item, days, cents in needs:
        estate.needs[month, contract, person].append(Need(item, days, None if cents is None else int(cents)))
    for month, contract, team, person, home, left, offering, kind, why in seats:
        one = estate.pools[month, contract, team].setdefault(person, _Member(bool(home), bool(left)))
        if offering is not None:
            (one.owned if kind == "owned" else one.held).add(offering)
            if kind == "kept":
                one.kept.add(offering)
                one.why.add(why)
    for (month, contract, _), people in estate.pools.items():
        for key, one in people.items():
            estate.held[month, contract, key] |= one.held | one.owned
            # The use that a collection explains also says how often the product itself is used.
            if one.why == {DAYS_UNKNOWN}:
                one.kept -= {n.item for n in estate.needs[month, contract, key]}
                one.why = one.why if one.kept else set()
    return estate


def _rows_of_pool(estate: _Estate, pool: tuple[str, str, str], scenarios: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """One row per scenario and person of a pool, with the columns of OUTPUT."""
    month, contract, team = pool
    people, own = estate.pools[pool], estate.prices[month, contract]
    today = Catalogue(own, estate.collections[month])
    without_price: dict[str, set[str]] = {}
    persons = []
    for key, one in sorted(people.items()):
        needs = tuple(estate.needs[month, contract, key]) if one.is_home and not one.has_left else ()
        used = {n.item for n in needs}
        without_price[key] = {o for o in one.held - one.kept - own.keys() if used & today.covers(o)}
        if without_price[key]:
            one.kept |= without_price[key]
            one.why.add(NO_PRICE)
        persons.append(Person(key, frozenset(one.held), needs, frozenset(one.kept), frozenset(one.owned)))
    for _, scenario, percent, token_percent, buffer in scenarios:
        catalogue = Catalogue({o: _risen(cents, percent) for o, cents in own.items()}, estate.collections[month])
        then = [_with_tokens_risen(p, token_percent) for p in persons]
        plan = plan_pool(then, catalogue, buffer)
        for person, at_today, found_mix in zip(then, persons, plan.mixes, strict=True):
            mix = replace(found_mix, unpriced=found_mix.unpriced | without_price[person.key])
            flex_now = _tokens_now(at_today, estate.held[month, contract, person.key], today)
            yield (
                *(month, contract, team, person.key, scenario),
                *(";".join(sorted(v)) for v in (person.held, mix.seats, flex_now, mix.flex, mix.unpriced)),
                _action(person, mix, catalogue),
                sum(flex_now.values()),
                sum(n.flex or 0 for n in person.needs if n.item in mix.flex),
                sum(own.get(o, 0) for o in person.held) + sum(flex_now.values()),
                mix.cost,
                plan.is_cheapest,
                _reason(person, people[person.key], mix, catalogue),
            )


def _tokens_now(person: Person, held: set[str], catalogue: Catalogue) -> dict[str, int]:
    """Item → cents a year of the tokens for what the person uses and has no right to by any seat."""
    covered = frozenset().union(*(catalogue.covers(o) for o in held)) if held else frozenset()
    return {n.item: n.flex for n in person.needs if n.flex is not None and n.item not in covered}


def _risen(cents: int, percent: int) -> int:
    """A price after a rise, rounded up to the cent: seats and tokens alike, so that the same rise of both changes no
    order but a tie.
    """
    return -(-cents * (100 + percent) // 100)


def _with_tokens_risen(person: Person, percent: int) -> Person:
    if not percent:
        return person
    needs = (n if n.flex is None else replace(n, flex=_risen(n.flex, percent)) for n in person.needs)
    return replace(person, needs=tuple(needs))


def _action(person: Person, mix: Mix, catalogue: Catalogue) -> str:
    """keep, none, to_collection, to_single, to_flex, to_seat, mixed, or price_missing where a product that is used has
    no price.
    """
    if mix.unpriced:
        return "price_missing"
    if mix.seats == person.held and (mix.seats or not mix.flex):
        return "keep" if mix.seats or mix.flex else "none"
    if not mix.seats:
        return "none" if not mix.flex else "to_flex" if person.held else "keep"
    added = mix.seats - person.held
    if not added:
        return "to_flex" if mix.flex else "fewer_seats"
    if added & set(catalogue.members):
        return "to_collection"
    if person.held & set(catalogue.members) - mix.seats:
        return "to_single"
    return "mixed" if mix.flex else "to_seat"


def _euro(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _reason(person: Person, one: _Member, mix: Mix, catalogue: Catalogue) -> str:
    """One sentence: what was used, what is cheapest, what it would cost otherwise."""
    if one.has_left:
        return "Has left, is disabled or is not in the directory: nothing is renewed."
    if not one.is_home and not one.kept:
        return "Is decided in another team, where the use is later: nothing is renewed here."
    kept = f"Keeps {_names(sorted(one.kept))} ({', '.join(sorted(one.why))})" if one.kept else ""
    if not person.needs:
        return f"{kept}." if kept else "No use in the last 365 days: nothing is renewed."
    used = _names([f"{n.item} on {n.days} day{'s' if n.days != 1 else ''}" for n in person.needs])
    if mix.unpriced:
        return f"Used {used}: {_names(sorted(mix.unpriced))} has no price, so the cheapest way is not known."
    new = [*sorted(mix.seats - person.kept)]
    parts = [f"a seat of {o} ({_euro(catalogue.prices.get(o, 0))})" for o in new]
    flex = {n.item: n.flex or 0 for n in person.needs}
    parts += [f"tokens for {i} ({_euro(flex[i])})" for i in sorted(mix.flex)]
    if not parts:
        owned = _names(sorted(person.owned | person.kept))
        return (
            f"Used {used}: a seat of {owned} elsewhere already gives the right."
            if not kept
            else f"{kept}, which covers {used}."
        )
    chosen = " and ".join(parts)
    compared = _compared(person, mix, catalogue, flex)
    return f"{kept + '; u' if kept else 'U'}sed {used}: {chosen} a year is the cheapest lawful way{compared}."


def _compared(person: Person, mix: Mix, catalogue: Catalogue, flex: Mapping[str, int]) -> str:
    """What the other way would cost, where there is one to name: what is held now, else tokens for what gets a seat."""
    given_up = person.held - mix.seats
    if given_up:
        return f"; {_names(sorted(given_up))} costs {_euro(sum(catalogue.prices.get(o, 0) for o in given_up))}"
    seated = [n for n in person.needs if n.item in mix.seats and n.flex is not None]
    if seated:
        return f"; tokens would cost {_euro(sum(flex[n.item] for n in seated))}"
    return ""


def _names(values: Sequence[str]) -> str:
    return " and ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else "".join(values)
