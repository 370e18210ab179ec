"""Flex: FLX-01 to FLX-06 and FLX-09."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.flex import Ledger, Pool, pool_token_price, pools
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import Row, rounded


def _cents(value: Fraction) -> Any:
    return rounded(value)


def early(month: Month, pool: Pool) -> bool:
    """A pool whose term is too young to be judged."""
    return pool.elapsed is not None and pool.elapsed < month.ref.number("FLX-01", "min_elapsed_days")


def flx_01(month: Month) -> Result:
    """Runs dry before the term ends."""
    result = Result()
    active = [p for p in pools(month) if p.active]
    for pool in active:
        if early(month, pool):
            result.left_out += 1
            continue
        if pool.exhaustion is None or pool.term_end is None or pool.exhaustion >= pool.term_end:
            continue
        days = (pool.term_end - pool.exhaustion).days
        price, currency = pool_token_price(month, pool.team)
        short = pool.shortfall or Fraction(0)
        result.findings.append(
            Finding(
                "FLX-01",
                pool.team,
                observed=days,
                threshold=0,
                excess=short,
                exposure=None if price is None else short * price,
                currency=currency,
                severity="critical" if days > month.ref.number("FLX-01", "near_days") else "high",
            )
        )
    result.impossible = bool(active) and result.left_out == len(active)
    return result


def flx_02(month: Month) -> Result:
    """Packs that will end with tokens left."""
    result = Result()
    limit = month.as_of + timedelta(days=int(month.ref.number("FLX-02", "days")))
    for pool in pools(month):
        if pool.v_now is None:
            continue
        ahead = Ledger(pool.packs, pool.tokens, month.as_of)
        left = {p["pack_id"]: ahead.left[p["pack_id"]] for p in pool.packs if p["end_date"] == month.as_of}
        day = month.as_of
        while day < limit:
            day += timedelta(days=1)
            ahead.take(day, pool.v_now)
            left.update({p["pack_id"]: ahead.left[p["pack_id"]] for p in pool.packs if p["end_date"] == day})
        for pack, tokens in sorted(left.items()):
            if (_cents(tokens) or 0) > 0:
                result.findings.append(
                    Finding(
                        "FLX-02", pool.team, scope=pack, observed=tokens, threshold=0, excess=tokens, severity="high"
                    )
                )
    return result


def flx_03(month: Month) -> Result:
    """Little left."""
    result = Result()
    for pool in pools(month):
        limit = month.ref.number("FLX-03", "share") * pool.purchased
        if pool.active and _cents(pool.balance) < _cents(limit):
            result.findings.append(
                Finding(
                    "FLX-03",
                    pool.team,
                    observed=pool.balance,
                    threshold=limit,
                    excess=limit - pool.balance,
                    severity="high",
                )
            )
    return result


def flx_04(month: Month) -> Result:
    """Stated balance against the ledger."""
    result = Result()
    cache: dict[str, Pool] = {}
    for row in month.inputs.balances:
        day, team = row["balance_date"], row["team"]
        if day > month.as_of:
            continue
        pool = cache.setdefault(team, Pool(month, team))
        ledger, stated = Ledger(pool.packs, pool.tokens, day).balance, Fraction(row["tokens_available"])
        if _cents(ledger) != _cents(stated):
            result.findings.append(
                Finding(
                    "FLX-04",
                    team,
                    scope=day.isoformat(),
                    observed=stated,
                    threshold=ledger,
                    excess=stated - ledger,
                    severity="high",
                )
            )
    return result


def month_tokens(month: Month) -> list[Row]:
    """Token rows with tokens > 0 in M."""
    return [r for r in month.seats.tokens if r["day"] >= month.first_day and r["tokens"] > 0]


def flx_05(month: Month) -> Result:
    """Tokens that are no multiple of the rate."""
    found: dict[tuple[str, str, str], list[tuple[Fraction, Fraction, Fraction]]] = {}
    for row in month_tokens(month):
        rate, tokens = month.ref.rate(row["offering"], row["day"]), Fraction(row["tokens"])
        if row["feature"] is not None or not rate or rate < 0:
            continue
        rest = Fraction(_cents(tokens)) % Fraction(_cents(rate))
        if rest:
            key = (row["team"], row["offering"], row["person"] or "")
            found.setdefault(key, []).append((tokens, rate, rest))
    return Result(
        [
            Finding(
                "FLX-05",
                t,
                o,
                p,
                observed=sum(f[0] for f in rows),
                threshold=rows[-1][1] if len({f[1] for f in rows}) == 1 else "any",
                excess=sum(f[2] for f in rows),
            )
            for (t, o, p), rows in found.items()
        ]
    )


def flx_06(month: Month) -> Result:
    """Tokens of somebody with a seat."""
    found: dict[tuple[str, str, str], Fraction] = {}
    for row in month_tokens(month):
        if row["feature"] is None and row["person"] and month.seats.held_on(row["person"], row["offering"], row["day"]):
            key = (row["team"], row["offering"], row["person"])
            found[key] = found.get(key, Fraction(0)) + Fraction(row["tokens"])
    return Result(
        [
            Finding("FLX-06", t, o, p, observed=n, threshold=0, excess=n, severity="high")
            for (t, o, p), n in sorted(found.items())
        ]
    )


def flx_09(month: Month) -> Result:
    """One person takes most of a pool."""
    result = Result()
    by_team: dict[str, dict[str, Fraction]] = {}
    total: dict[str, Fraction] = {}
    for row in month_tokens(month):
        team, tokens = row["team"], Fraction(row["tokens"])
        total[team] = total.get(team, Fraction(0)) + tokens
        if row["person"]:
            persons = by_team.setdefault(team, {})
            persons[row["person"]] = persons.get(row["person"], Fraction(0)) + tokens
    share, least = month.ref.number("FLX-09", "share"), month.ref.number("FLX-09", "min_persons")
    for team, persons in sorted(by_team.items()):
        for person, tokens in sorted(persons.items()):
            if len(persons) >= least and tokens > share * total[team]:
                part = tokens / total[team]
                result.findings.append(
                    Finding(
                        "FLX-09",
                        team,
                        person=person,
                        observed=part,
                        threshold=share,
                        excess=part - share,
                        severity="info",
                    )
                )
    return result


RULES = {
    "FLX-01": flx_01,
    "FLX-02": flx_02,
    "FLX-03": flx_03,
    "FLX-04": flx_04,
    "FLX-05": flx_05,
    "FLX-06": flx_06,
    "FLX-09": flx_09,
}
