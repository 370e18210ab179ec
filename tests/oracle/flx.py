"""FLX: tokens. A pool is a team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from statistics import median

from tests.oracle.estate import Row, valid
from tests.oracle.foundations import World
from tests.oracle.terms import SINGLE_TEAM, Finding, Outcome, cents
from tests.oracle.use import flex_rate

ZERO = Decimal(0)
NONE = Fraction(0)


@dataclass
class Pool:
    """The packs of a team, its tokens by day, and the ledger of both."""

    team: str
    packs: list[Row]
    spent: dict[date, Decimal]
    as_of: date

    def close(self, day: date, ahead: Fraction = NONE) -> list[Fraction]:
        """What is left of each row of packs at the end of a day (two rows of one pack add up); after as_of so many
        tokens are used a day.
        """
        left = [Fraction(p["tokens"]) for p in self.packs]
        order = sorted(enumerate(self.packs), key=lambda n: (n[1]["end_date"], n[1]["tokens"], n[1]["pack_id"]))
        at = min(p["start_date"] for p in self.packs)
        while at <= day:
            need = Fraction(self.spent.get(at, ZERO)) if at <= self.as_of else ahead
            for n, p in order:
                if need > 0 and p["start_date"] <= at <= p["end_date"]:
                    taken = min(need, left[n])
                    left[n] -= taken
                    need -= taken
            at += timedelta(1)
        return left

    def balance(self, day: date) -> Fraction:
        """Closing balance of the packs active on a day."""
        left = self.close(day)
        return sum((x for x, p in zip(left, self.packs, strict=True) if p["start_date"] <= day <= p["end_date"]), NONE)

    @cached_property
    def active(self) -> list[Row]:
        return [p for p in self.packs if p["start_date"] <= self.as_of <= p["end_date"]]

    @property
    def term_start(self) -> date:
        return min(p["start_date"] for p in self.active)

    @property
    def term_end(self) -> date:
        return max(p["end_date"] for p in self.active)

    @property
    def purchased(self) -> Decimal:
        return sum((p["tokens"] for p in self.active), ZERO)

    @property
    def elapsed(self) -> int:
        return (self.as_of - self.term_start).days + 1

    def between(self, first: date, last: date) -> Decimal:
        return sum((t for d, t in self.spent.items() if first <= d <= last), ZERO)

    @property
    def v_now(self) -> Fraction:
        """velocity_first_90d until elapsed = 90, then the mean of the last 90 days."""
        if self.elapsed <= 90:
            return Fraction(self.between(self.term_start, self.as_of)) / self.elapsed
        return Fraction(self.between(self.as_of - timedelta(89), self.as_of)) / 90

    @property
    def exhaustion(self) -> date | None:
        """as_of + floor(balance / v_now) if v_now > 0."""
        if self.v_now <= 0:
            return None
        days = floor(self.balance(self.as_of) / self.v_now)
        return self.as_of + timedelta(days) if days < 1_000_000 else None


def spent(w: World) -> dict[str, dict[date, Decimal]]:
    """Tokens by pool and day, up to as_of."""
    found: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for r in w.tokens:
        found[r["team"]][r["day_used"]] += r["tokens_used"]
    return found


def pools(w: World) -> list[Pool]:
    """Teams with packs in drop(M)."""
    packs: dict[str, list[Row]] = defaultdict(list)
    for p in w.packs:
        packs[p["team"]].append(p)
    tokens = spent(w)
    return [Pool(team, rows, tokens.get(team, {}), w.as_of) for team, rows in sorted(packs.items())]


def flx_01(w: World) -> Outcome:
    """FLX-01: exhaustion_date < term_end; a pool before elapsed = 30 is left out."""
    outcome = Outcome()
    running = [p for p in pools(w) if p.active]
    known = [p for p in running if p.elapsed >= w.number("FLX-01", "min_elapsed_days")]
    outcome.left_out = len(running) - len(known)
    outcome.unassessable = bool(running) and not known
    for p in known:
        if p.exhaustion is None or p.exhaustion >= p.term_end:
            continue
        days = (p.term_end - p.exhaustion).days
        short = max(NONE, p.v_now * (p.term_end - w.as_of).days - p.balance(w.as_of))
        price = w.token_price(p.team)
        amount = Fraction(price.amount) * short if price.amount is not None else None
        severity = "critical" if days > w.number("FLX-01", "near_days") else "high"
        outcome.findings.append(
            Finding(
                "FLX-01", severity, p.team, None, None, None, days, 0, cents(short), amount, price, action="buy_tokens"
            )
        )
    return outcome


def flx_02(w: World) -> Outcome:
    """FLX-02: at v_now a day a pack that ends within 90 days ends with tokens left."""
    found = []
    last = w.as_of + w.days_of("FLX-02", "days")
    for p in pools(w):
        # Rows of one pack are summed.
        left: dict[str, Fraction] = defaultdict(Fraction)
        for n, pack in enumerate(p.packs):
            if p.active and w.as_of <= pack["end_date"] <= last:
                left[pack["pack_id"]] += p.close(pack["end_date"], p.v_now)[n]
        for pack_id, tokens in left.items():
            if (rest := cents(tokens)) > 0:
                found.append(Finding("FLX-02", "high", p.team, None, None, pack_id, rest, 0, rest))
    return Outcome(found)


def flx_03(w: World) -> Outcome:
    """FLX-03: balance < 20 % of purchased."""
    found = []
    for p in pools(w):
        if not p.active:
            continue
        balance, limit = cents(p.balance(w.as_of)), cents(w.number("FLX-03", "share") * p.purchased)
        if balance < limit:
            found.append(Finding("FLX-03", "high", p.team, None, None, None, balance, limit, limit - balance))
    return Outcome(found)


def flx_04(w: World) -> Outcome:
    """FLX-04: the ledger's balance at the end of a flex_balance date differs from the balance stated."""
    found = []
    of_team = {p.team: p for p in pools(w)}
    rows = [{**r, "team": r["team_alias"] or SINGLE_TEAM} for r in w.estate.state("flex_balance", w.month)]
    stated: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for r in w.estate.winning(rows, lambda r: (r["team"], r["balance_date"])):
        stated[(r["team"], r["balance_date"])] += r["tokens_available"]
    for (team, day), tokens in stated.items():
        if day > w.as_of:
            continue
        # A pool without packs has a ledger of zero.
        ledger, said = cents(of_team[team].balance(day)) if team in of_team else ZERO, cents(tokens)
        if said != ledger:
            found.append(Finding("FLX-04", "high", team, None, None, day.isoformat(), said, ledger, said - ledger))
    return Outcome(found)


def flx_05(w: World) -> Outcome:
    """FLX-05: tokens of a row without feature that are no multiple of the rate valid that day."""
    found: dict[tuple[str, str, str | None], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for r in w.tokens_of_month:
        rate = flex_rate(w, r["offering"], r["day_used"])
        if r["tokens_used"] > 0 and not r["feature_key"] and rate and cents(r["tokens_used"]) % cents(rate):
            found[(r["team"], r["offering"], r["person"])].append((r["tokens_used"], rate))
    outcome = Outcome()
    for key, rows in found.items():
        tokens, rest = sum((t for t, _ in rows), ZERO), sum((cents(t) % cents(x) for t, x in rows), ZERO)
        limit = max(x for _, x in rows)
        outcome.findings.append(Finding("FLX-05", "medium", *key, None, tokens, limit, rest))
    return outcome


def flx_06(w: World) -> Outcome:
    """FLX-06: tokens of a row without feature by somebody who held a seat for it on that day."""
    outcome = Outcome()
    found: dict[tuple[str, str, str | None], Decimal] = defaultdict(Decimal)
    silent = set()
    for r in w.tokens_of_month:
        if r["tokens_used"] <= 0 or r["feature_key"] or not r["person"]:
            continue
        held = w.held_on(r["person"], r["day_used"])
        if w.covers(held, r["offering"], r["day_used"]):
            found[(r["team"], r["offering"], r["person"])] += r["tokens_used"]
        elif w.right_open(held, r["offering"], r["day_used"]):
            silent.add((r["person"], r["offering"]))
    outcome.findings = [Finding("FLX-06", "high", *key, None, n, 0, n) for key, n in found.items()]
    outcome.left_out = len(silent)
    return outcome


def flx_08(w: World) -> Outcome:
    """FLX-08: a day in M far above those of the 28 days before it that have tokens."""
    outcome = Outcome()
    for team, exact in spent(w).items():
        days = {day: cents(tokens) for day, tokens in exact.items()}
        for day, tokens in days.items():
            before = [days[d] for i in range(1, 29) if (d := day - timedelta(i)) in days and days[d] > 0]
            if day < w.month_start or len(before) < w.number("FLX-08", "min_days"):
                continue
            middle = median(before)
            spread = median(abs(t - middle) for t in before)
            limit = max(middle + w.number("FLX-08", "factor") * spread, w.number("FLX-08", "min_ratio") * middle)
            if tokens > limit:
                outcome.findings.append(
                    Finding("FLX-08", "medium", team, None, None, day.isoformat(), tokens, limit, tokens - limit)
                )
    return outcome


def flx_09(w: World) -> Outcome:
    """FLX-09: one person > 20 % of a pool's tokens in M, where at least 5 persons used tokens > 0."""
    outcome = Outcome()
    persons: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    total: dict[str, Decimal] = defaultdict(Decimal)
    for r in w.tokens_of_month:
        total[r["team"]] += r["tokens_used"]
        if r["person"] and r["tokens_used"] > 0:
            persons[r["team"]][r["person"]] += r["tokens_used"]
    limit = w.number("FLX-09", "share")
    for team, used in persons.items():
        if len(used) < w.number("FLX-09", "min_persons"):
            continue
        for person, tokens in used.items():
            share = tokens / total[team]
            if share > limit:
                outcome.findings.append(
                    Finding("FLX-09", "info", team, None, person, None, share, limit, share - limit)
                )
    return outcome


def flx_10(w: World) -> Outcome:
    """FLX-10: features of kind `ai` > 25 % of a pool's tokens in M."""
    outcome = Outcome()
    ai: dict[str, Decimal] = defaultdict(Decimal)
    total: dict[str, Decimal] = defaultdict(Decimal)
    for r in w.tokens_of_month:
        total[r["team"]] += r["tokens_used"]
        rules = [
            x for x in w.ref("feature_requirements") if x["feature"] == r["feature_key"] and valid(x, r["day_used"])
        ]
        if any(x["kind"] == "ai" for x in rules):
            ai[r["team"]] += r["tokens_used"]
    limit = w.number("FLX-10", "share")
    for team, tokens in ai.items():
        if total[team] and tokens / total[team] > limit:
            share = tokens / total[team]
            outcome.findings.append(Finding("FLX-10", "medium", team, None, None, None, share, limit, share - limit))
    return outcome


RULES: dict[str, Callable[[World], Outcome]] = {
    "FLX-01": flx_01,
    "FLX-02": flx_02,
    "FLX-03": flx_03,
    "FLX-04": flx_04,
    "FLX-05": flx_05,
    "FLX-06": flx_06,
    "FLX-08": flx_08,
    "FLX-09": flx_09,
    "FLX-10": flx_10,
}
