"""The cheapest lawful mix of licences for the next term: per person, pooled per team and contract, with a minimum
stock.

A person needs a right to every product they use: a seat of it, a seat of a collection with it, or tokens for its days
(LT and single products are offerings like any other: they are chosen where the use names them). Seats of one team and
contract are one pool; every offering of which the pool has a seat also has `buffer` spare ones, so that it can pay not
to stock an offering for a few. Money is whole cents, days are of a year. Exact: people are decided one by one, and the
offerings that could pay to leave out are tried together. No database, no clock, no solver: the only thing that couples
people is the buffer, and it can tip the balance for a handful of offerings only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

# With more offerings in doubt than this the best single steps are taken and the answer is not proven the cheapest.
MAX_DOUBTFUL = 12
MAX_COLLECTIONS = 8


@dataclass(frozen=True)
class Need:
    """A product that the person uses: days of the last 365, and what its tokens cost a year in cents (None: no rate or
    no token price).
    """

    item: str
    days: int
    flex: int | None


@dataclass(frozen=True)
class Person:
    """Somebody of a pool. held: seats they have from it. kept: seats of those that stay whatever the use (on leave,
    just assigned).

    owned: what other contracts that run on give them. needs: what they use (empty for somebody who has left).
    """

    key: str
    held: frozenset[str]
    needs: tuple[Need, ...]
    kept: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Mix:
    """What a person gets: seats (with those kept), items on tokens, items without any priced right, cost a year in
    cents (buffer not included).
    """

    seats: frozenset[str]
    flex: frozenset[str]
    unpriced: frozenset[str]
    cost: int


@dataclass(frozen=True)
class Plan:
    """Mix per person (in their order), seats used per offering, cost of the mixes in cents, whether it is proven."""

    mixes: tuple[Mix, ...]
    used: Mapping[str, int]
    cost: int
    is_cheapest: bool


class Catalogue:
    """Seat prices in cents a year, and what each collection holds."""

    def __init__(self, prices: Mapping[str, int], members: Mapping[str, Iterable[str]]) -> None:
        self.prices = dict(prices)
        self.members = {c: frozenset(m) | {c} for c, m in members.items() if c in self.prices}
        self.of_item: dict[str, list[str]] = {}
        for collection, held in sorted(self.members.items()):
            for item in held:
                self.of_item.setdefault(item, []).append(collection)
        self.all_members = {c: frozenset(m) | {c} for c, m in members.items()}

    def covers(self, offering: str) -> frozenset[str]:
        """Items that a seat of the offering gives a right to."""
        return self.all_members.get(offering, frozenset([offering]))


def cheapest_mix(person: Person, catalogue: Catalogue, closed: frozenset[str] = frozenset()) -> Mix:
    """The cheapest lawful mix when the offerings in `closed` are not to be had. Among equal ones that with most of what
    is held, then fewest seats.
    """
    prices = catalogue.prices
    base = sum(prices.get(o, 0) for o in person.kept)
    given: set[str] = set()
    for offering in person.kept | person.owned:
        given |= catalogue.covers(offering)
    needs = [n for n in person.needs if n.item not in given]
    singles: dict[str, tuple[int | None, int | None]] = {}
    collections: set[str] = set()
    unpriced = set()
    for n in needs:
        if n.flex is None and n.item not in prices and n.item not in catalogue.of_item:
            unpriced.add(n.item)
            continue
        seat = prices.get(n.item) if n.item not in closed and n.item not in catalogue.members else None
        around = [c for c in catalogue.of_item.get(n.item, ()) if c not in closed]
        singles[n.item] = (seat, n.flex)
        collections.update(around)
    best: tuple[tuple[object, ...], Mix] | None = None
    usable = sorted(collections, key=lambda c: (prices[c], c))[:MAX_COLLECTIONS]
    for number in range(min(len(usable), len(singles)) + 1):
        for chosen in combinations(usable, number):
            covered = frozenset().union(*(catalogue.members[c] for c in chosen)) if chosen else frozenset()
            seats = set(chosen)
            flex = set()
            cost = base + sum(prices[c] for c in chosen)
            lawful = True
            for item, (seat, tokens) in singles.items():
                if item in covered:
                    continue
                # At the same price what they hold stays; else tokens, which bind nobody.
                if seat is not None and (tokens is None or seat < tokens or (seat == tokens and item in person.held)):
                    seats.add(item)
                    cost += seat
                elif tokens is not None:
                    flex.add(item)
                    cost += tokens
                else:
                    lawful = False
                    break
            if not lawful:
                continue
            rank = (cost, -len(seats & person.held), len(seats), sorted(seats))
            if best is None or rank < best[0]:
                best = rank, Mix(person.kept | seats, frozenset(flex), frozenset(unpriced), cost)
    if best is None:
        # Only a closed offering gave the right.
        return Mix(person.kept, frozenset(), frozenset(n.item for n in needs), IMPOSSIBLE)
    return best[1]


IMPOSSIBLE = 10**60  # above every cost in cents


def plan_pool(people: Sequence[Person], catalogue: Catalogue, buffer: int = 0) -> Plan:
    """The cheapest plan of one pool: mixes of all persons plus `buffer` spare seats of every offering that anybody has
    a seat of.
    """
    mixes = [cheapest_mix(p, catalogue) for p in people]
    users: dict[str, list[int]] = {}
    for i, mix in enumerate(mixes):
        for offering in mix.seats:
            users.setdefault(offering, []).append(i)
    opening = {o: buffer * catalogue.prices.get(o, 0) for o in catalogue.prices}
    kept = frozenset().union(*(p.kept for p in people)) if people else frozenset()
    doubtful = _doubtful(people, mixes, users, catalogue, opening, kept)
    proven = True
    if doubtful:
        affected = sorted({i for o in doubtful for i in users[o]})
        touched = set(affected)
        untouched = {o for o, who in users.items() if any(i not in touched for i in who)}
        # Offerings nobody has a seat of yet may take the place of those left out.
        fresh = {o for i in affected for o in _options(people[i], catalogue)} - set(users)
        contested = sorted(doubtful | fresh)
        if len(contested) <= MAX_DOUBTFUL:
            trials = [frozenset(c) for n in range(len(contested) + 1) for c in combinations(contested, n)]
        else:
            proven = False
            trials = [frozenset(), *(frozenset([o]) for o in sorted(doubtful))]
        best: tuple[int, list[str], list[Mix]] | None = None
        for closed in trials:
            tried = [cheapest_mix(people[i], catalogue, closed) for i in affected]
            stocked = untouched.union(*(mix.seats for mix in tried))
            found = (sum(m.cost for m in tried) + sum(opening.get(o, 0) for o in stocked), sorted(closed))
            if best is None or found < best[:2]:
                best = (*found, tried)
        assert best is not None
        for i, mix in zip(affected, best[2], strict=True):
            mixes[i] = mix
    used: dict[str, int] = {}
    for mix in mixes:
        for offering in mix.seats:
            used[offering] = used.get(offering, 0) + 1
    cost = sum(m.cost for m in mixes) + sum(opening.get(o, 0) for o in used)
    return Plan(tuple(mixes), used, cost, proven)


def _options(person: Person, catalogue: Catalogue) -> set[str]:
    """Offerings that could give the person a right to something they use."""
    found = set()
    for n in person.needs:
        found |= {o for o in (n.item, *catalogue.of_item.get(n.item, ())) if o in catalogue.prices}
    return found


def _doubtful(
    people: Sequence[Person],
    mixes: Sequence[Mix],
    users: Mapping[str, Sequence[int]],
    catalogue: Catalogue,
    opening: Mapping[str, int],
    kept: frozenset[str],
) -> set[str]:
    """Offerings that it could pay to leave out, alone or with others: what their users would lose at least is less than
    the buffer of all of these.
    """
    doubtful = {o for o in users if opening.get(o, 0) > 0 and o not in kept}
    regret: dict[str, int] = {}
    for offering in sorted(doubtful):
        limit = sum(opening[o] for o in doubtful)
        lost = 0
        for i in users[offering]:
            lost += cheapest_mix(people[i], catalogue, frozenset([offering])).cost - mixes[i].cost
            if lost >= limit:
                break
        regret[offering] = lost
    while True:
        limit = sum(opening[o] for o in doubtful)
        still = {o for o in doubtful if regret[o] < limit}
        if still == doubtful:
            return doubtful
        doubtful = still
