"""Activity, second part: USE-05 USE-06 USE-10; Flex, second part: FLX-08 FLX-10."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from statistics import median

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.money import Common, NoRateError
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.rules_flx import month_tokens
from benchmarks.peers.analyst.rules_use import token_cost
from benchmarks.peers.analyst.text import rounded


def use_05(month: Month) -> Result:
    """Members that cost more than their collection."""
    result = Result()
    seats, ref = month.seats, month.ref
    held: dict[str, dict[str, list[tuple[Fraction, str | None]]]] = {}
    for team, offering, person in seats.a:
        price, currency, _ = seats.price(team, offering)
        if price is not None:
            held.setdefault(person, {}).setdefault(offering, []).append((price, currency))
    used: dict[str, set[str]] = {}
    for row in seats.tokens:
        if row["person"] and row["tokens"] > 0 and row["day"] > seats.window_start:
            used.setdefault(row["person"], set()).add(row["offering"])
    observed = seats.observed_days("token_usage")
    left_out = set()
    collections = {r["collection_key"] for r in ref.valid("collection_members")}
    for person in sorted(set(held) | set(used)):
        for collection in sorted(collections - seats.held.get(person, set())):
            price, currency, basis = ref.price(collection, None)
            members = {r["member_key"] for r in ref.valid("collection_members") if r["collection_key"] == collection}
            prices = {o: p for o, p in held.get(person, {}).items() if o in members}
            tokens = {
                o: token_cost(month, person, o, observed) or {} for o in used.get(person, set()) & members if observed
            }
            costing = set(prices) | {o for o, t in tokens.items() if t}
            if price is None or len(costing) < 2:
                continue
            named = [c for p in prices.values() for _, c in p] + [c for t in tokens.values() for c in t]
            try:
                common = Common(month, (currency, *named))
            except NoRateError:
                left_out.add(person)
                continue
            cost = sum((min(common.of(*one) for one in p) for p in prices.values()), Fraction(0))
            cost += sum((common.of(amount, c) for t in tokens.values() for c, amount in t.items()), Fraction(0))
            price = common.of(price, currency)
            if cost <= price * ref.number("USE-05", "factor", collection):
                continue
            result.findings.append(
                Finding(
                    "USE-05",
                    offering=collection,
                    person=person,
                    observed=cost,
                    threshold=price,
                    excess=cost - price,
                    exposure=cost - price,
                    currency=common.currency,
                    basis=basis,
                    severity="low",
                )
            )
    result.left_out = len(left_out)
    return result


def use_06(month: Month) -> Result:
    """A collection of which one member is used."""
    result = Result()
    left_out = set()
    seats, ref = month.seats, month.ref
    collections = {r["collection_key"] for r in ref.rows("collection_members")}
    members: dict[tuple[str, str], set[str]] = {}
    for row in month.inputs.events:
        if row["person"] and seats.window_start < row["day"] <= month.as_of:
            for collection in seats.held.get(row["person"], set()) & collections:
                names = (row["product"], row["offering"])
                member = next((n for n in names if n and collection in ref.collections_with(n, row["day"])), None)
                if member:
                    members.setdefault((row["person"], collection), set()).add(member)
    for team, collection, person in sorted(seats.a):
        used = members.get((person, collection), set())
        if len(used) != 1:
            continue
        single, other, _ = seats.price(team, next(iter(used)))
        price, currency, basis = seats.price(team, collection)
        if single is None or price is None:
            continue
        try:
            common = Common(month, (currency, other))
        except NoRateError:
            left_out.add(person)
            continue
        single, price = common.of(single, other), common.of(price, currency)
        if single >= price * ref.number("USE-06", "factor", collection):
            continue
        result.findings.append(
            Finding(
                "USE-06",
                team,
                collection,
                person,
                observed=single,
                threshold=price,
                excess=price - single,
                exposure=price - single,
                currency=common.currency,
                basis=basis,
                severity="low",
            )
        )
    result.left_out = len(left_out)
    return result


def use_10(month: Month, freed: list[Finding], receivers: list[Finding]) -> Result:
    """Free seats for those who need them."""
    result = Result()
    free: dict[str, set[tuple[str, str]]] = {}
    for finding in freed:
        free.setdefault(finding.offering, set()).add((finding.team, finding.person))
    for receiver in sorted(receivers, key=lambda f: (-f.observed, f.person)):
        seats = free.get(receiver.offering, set())
        if not seats:
            continue
        pools: dict[str, Fraction] = {}
        for row in month.seats.tokens:
            if (row["person"], row["offering"]) == (receiver.person, receiver.offering) and row[
                "day"
            ] > month.seats.window_start:
                pools[row["team"]] = pools.get(row["team"], Fraction(0)) + Fraction(row["tokens"])
        team = min(pools, key=lambda t: (-pools[t], t))
        chosen = min(
            [s for s in seats if s[0] == team] or seats,
            key=lambda s: (month.seats.last_use((s[0], receiver.offering, s[1])) or date.min, s[1], s[0]),
        )
        seats.remove(chosen)
        result.findings.append(
            Finding(
                "USE-10",
                chosen[0],
                receiver.offering,
                chosen[1],
                receiver.person,
                observed=1,
                threshold=0,
                excess=1,
                severity="info",
            )
        )
    return result


def flx_08(month: Month) -> Result:
    """A burst of tokens."""
    result = Result()
    by_team: dict[str, dict[date, Fraction]] = {}
    for row in month.seats.tokens:
        days = by_team.setdefault(row["team"], {})
        days[row["day"]] = days.get(row["day"], Fraction(0)) + Fraction(row["tokens"])
    factor, least, ratio = (month.ref.number("FLX-08", n) for n in ("factor", "min_days", "min_ratio"))
    for team, exact in sorted(by_team.items()):
        days = {d: Fraction(rounded(t) or 0) for d, t in exact.items()}  # tokens compare at two decimals
        for day, tokens in sorted(days.items()):
            if day < month.first_day:
                continue
            before = [t for d, t in days.items() if day - timedelta(days=28) <= d < day and t > 0]
            if len(before) < least:
                continue
            middle = median(before)
            limit = max(middle + factor * median([abs(t - middle) for t in before]), ratio * middle)
            if tokens > limit:
                result.findings.append(
                    Finding(
                        "FLX-08", team, scope=day.isoformat(), observed=tokens, threshold=limit, excess=tokens - limit
                    )
                )
    return result


def flx_10(month: Month) -> Result:
    """Features of kind ai take most of a pool."""
    result = Result()
    total: dict[str, Fraction] = {}
    ai: dict[str, Fraction] = {}
    for row in month_tokens(month):
        team, tokens = row["team"], Fraction(row["tokens"])
        total[team] = total.get(team, Fraction(0)) + tokens
        need = month.ref.requirement(row["feature"], row["day"]) if row["feature"] else None
        if need is not None and need["kind"] == "ai":
            ai[team] = ai.get(team, Fraction(0)) + tokens
    limit = month.ref.number("FLX-10", "share")
    for team in sorted(ai):
        share = ai[team] / total[team]
        if share > limit:
            result.findings.append(Finding("FLX-10", team, observed=share, threshold=limit, excess=share - limit))
    return result


RULES = {"USE-05": use_05, "USE-06": use_06, "FLX-08": flx_08, "FLX-10": flx_10}
