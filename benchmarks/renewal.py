"""`python -m benchmarks.renewal`: time of the renewal optimiser on a made-up estate of many persons; prints a line per
scenario.
"""

from __future__ import annotations

import argparse
import random
import time

from pipelines.optimise.renewal import Catalogue, Need, Person, plan_pool


def estate(number: int, seed: int) -> tuple[list[Person], Catalogue]:
    """Persons of one pool with one to five products each, thirty products in four collections."""
    rng = random.Random(seed)
    products = [f"product_{i:02d}" for i in range(30)]
    prices = {p: rng.randrange(40_000, 300_000) for p in products}
    members = {f"collection_{i}": rng.sample(products, 10) for i in range(4)}
    prices |= {c: rng.randrange(280_000, 420_000) for c in members}
    people = []
    for i in range(number):
        used = rng.sample(products, rng.choice((0, 1, 1, 2, 3, 5)))
        needs = tuple(Need(p, d := rng.randrange(1, 220), d * rng.randrange(500, 2_500)) for p in used)
        held = frozenset(rng.sample(sorted(prices), rng.choice((1, 1, 2))))
        people.append(Person(f"person_{i:05d}", held, needs))
    return people, Catalogue(prices, members)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.renewal")
    parser.add_argument("--persons", type=int, default=60_000)
    arguments = parser.parse_args()
    people, catalogue = estate(arguments.persons, 1)
    for buffer in (0, 1, 2):
        started = time.perf_counter()
        plan = plan_pool(people, catalogue, buffer)
        seconds = time.perf_counter() - started
        print(
            f"{arguments.persons:,} persons, buffer {buffer}: {seconds:.1f} s, {sum(plan.used.values()):,} seats, "
            f"proven {plan.is_cheapest}"
        )


if __name__ == "__main__":
    main()
