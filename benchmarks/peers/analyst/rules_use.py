"""Activity and right-sizing: USE-01 USE-02 USE-03 USE-04 USE-07 USE-08."""

from __future__ import annotations

import os
from fractions import Fraction

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.flex import pool_token_price
from benchmarks.peers.analyst.money import Common, NoRateError
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.rules_ent import ent_01_applies, money

# Open reading: tokens of a person are tokens of pools, each at the price of its contract; or all at the row without
# contract.
PLAIN_TOKEN_PRICE = os.environ.get("ANALYST_PLAIN_TOKEN_PRICE") == "1"


def use_01(month: Month) -> Result:
    """Inactive seat."""
    result = Result()
    for key, seat in sorted(month.seats.a.items()):
        team, offering, person = key
        last, cutoff = month.seats.last_use(key), month.seats.cutoff
        if last is None or cutoff is None:
            continue
        idle, days = (cutoff - last).days, month.ref.number("USE-01", "days", offering)
        assigned, needed = seat["assigned_date"], month.ref.number("USE-01", "min_assigned_days", offering)
        if idle < days or (assigned is not None and (month.as_of - assigned).days < needed):
            continue
        result.findings.append(
            Finding(
                "USE-01",
                team,
                offering,
                person,
                observed=idle,
                threshold=days,
                excess=idle - days,
                severity="high" if ent_01_applies(month, team, offering) else "medium",
                more={"hold": month.people.on_leave(person)},
                **money(month, team, offering),
            )
        )
    return result


def use_02(month: Month) -> Result:
    """Seat never used."""
    result = Result()
    for key, seat in sorted(month.seats.a.items()):
        team, offering, person = key
        if month.seats.last_use(key) is not None or seat["assigned_date"] is None:
            continue
        age, days = (month.as_of - seat["assigned_date"]).days, month.ref.number("USE-02", "days", offering)
        if age >= days:
            result.findings.append(
                Finding(
                    "USE-02",
                    team,
                    offering,
                    person,
                    observed=age,
                    threshold=days,
                    excess=age - days,
                    **money(month, team, offering),
                )
            )
    return result


def flex_tokens(month: Month, person: str, offering: str) -> Fraction | None:
    """Tokens that the use days of the window would have cost on Flex; None if a rate is missing."""
    total = Fraction(0)
    for day, products in month.seats.named.get((person, offering), {}).items():
        if day <= month.seats.window_start:
            continue
        for product in products or {offering}:
            rate = month.ref.rate(product, day)
            if rate is None:
                return None
            total += rate
    return total


def use_03(month: Month) -> Result:
    """A seat dearer than tokens."""
    result = Result()
    observed = month.seats.observed_days()
    token_price, token_currency = month.ref.token_price()
    left_out = set()
    for team, offering, person in sorted(month.seats.a):
        if month.seats.days_12m(person, offering) == 0:
            continue
        if observed is None or observed < month.ref.number("USE-03", "min_observed_days", offering):
            continue
        price, currency, basis = month.seats.price(team, offering)
        tokens = flex_tokens(month, person, offering)
        if tokens is None:
            left_out.add(person)
            continue
        if price is None or token_price is None:
            continue
        try:
            common = Common(month, (currency, token_currency))
        except NoRateError:
            left_out.add(person)
            continue
        price = common.of(price, currency)
        cost = tokens * common.of(token_price, token_currency) * 365 / observed
        if cost < price * month.ref.number("USE-03", "factor", offering):
            result.findings.append(
                Finding(
                    "USE-03",
                    team,
                    offering,
                    person,
                    observed=cost,
                    threshold=price,
                    excess=price - cost,
                    exposure=price - cost,
                    currency=common.currency,
                    basis=basis,
                    severity="low",
                )
            )
    result.left_out = len(left_out)
    return result


def token_cost(month: Month, person: str, offering: str, observed: int) -> dict[str | None, Fraction] | None:
    """Tokens of a person on an offering in the window, annualised, each pool at its token price, by currency of that
    price.
    """
    total: dict[str | None, Fraction] = {}
    for row in month.seats.tokens:
        if (
            row["person"] == person
            and row["offering"] == offering
            and row["day"] > month.seats.window_start
            and row["tokens"]
        ):
            price, currency = month.ref.token_price() if PLAIN_TOKEN_PRICE else pool_token_price(month, row["team"])
            if price is None:
                return None
            total[currency] = total.get(currency, Fraction(0)) + Fraction(row["tokens"]) * price * 365 / observed
    return total


def use_04(month: Month) -> Result:
    """Tokens dearer than a seat."""
    result = Result()
    observed = month.seats.observed_days("token_usage")
    left_out = set()
    pairs = {
        (r["person"], r["offering"])
        for r in month.seats.tokens
        if r["person"] and r["tokens"] > 0 and r["day"] > month.seats.window_start
    }
    for person, offering in sorted(pairs):
        if observed is None or observed < month.ref.number("USE-04", "min_observed_days", offering):
            continue
        if month.seats.holding(person, offering):
            continue
        price, currency, basis = month.ref.price(offering, None)
        costs = token_cost(month, person, offering, observed)
        if price is None or not costs:
            continue
        try:
            common = Common(month, (currency, *costs))
        except NoRateError:
            left_out.add(person)
            continue
        price = common.of(price, currency)
        cost = sum((common.of(amount, c) for c, amount in costs.items()), Fraction(0))
        if cost <= price * month.ref.number("USE-04", "factor", offering):
            continue
        result.findings.append(
            Finding(
                "USE-04",
                offering=offering,
                person=person,
                observed=cost,
                threshold=price,
                excess=cost - price,
                exposure=cost - price,
                currency=common.currency,
                basis=basis,
            )
        )
    result.left_out = len(left_out)
    return result


def use_07(month: Month) -> Result:
    """A collection and one of its members in the same team."""
    result = Result()
    for team, offering, person in sorted(month.seats.a):
        for collection in sorted(month.ref.collections_with(offering, month.as_of)):
            if (team, collection, person) in month.seats.a and collection != offering:
                result.findings.append(
                    Finding(
                        "USE-07",
                        team,
                        offering,
                        person,
                        collection,
                        observed=2,
                        threshold=1,
                        excess=1,
                        **money(month, team, offering),
                    )
                )
    return result


def use_08(month: Month) -> Result:
    """The same offering in several teams."""
    result = Result()
    teams: dict[tuple[str, str], list[str]] = {}
    for team, offering, person in sorted(month.seats.a):
        teams.setdefault((offering, person), []).append(team)
    for (offering, person), where in teams.items():
        if len(where) < 2:
            continue
        priced = [p for p in (month.seats.price(t, offering) for t in where) if p[0] is not None]
        lowest = min(priced, key=lambda p: p[0] or 0) if priced else (None, None, "none")
        result.findings.append(
            Finding(
                "USE-08",
                offering=offering,
                person=person,
                observed=len(where),
                threshold=1,
                excess=len(where) - 1,
                exposure=None if lowest[0] is None else lowest[0] * (len(where) - 1),
                currency=lowest[1],
                basis=lowest[2],
            )
        )
    return result


RULES = {"USE-01": use_01, "USE-02": use_02, "USE-03": use_03, "USE-04": use_04, "USE-07": use_07, "USE-08": use_08}
