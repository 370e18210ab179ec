"""USE: activity and right-sizing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.con import con_01
from tests.oracle.estate import USE_EVENTS, valid
from tests.oracle.foundations import World
from tests.oracle.groups import by_group
from tests.oracle.idn import idn_01, use_is_whole
from tests.oracle.position import ent_01_positions
from tests.oracle.terms import Finding, Outcome, Price, cents

Amount = Decimal | Fraction


def comparable(w: World, *amounts: tuple[Amount, str | None]) -> tuple[list[Fraction], str | None] | None:
    """Amounts in their currency, if they have one, else all in the organisation's; none where a rate is not known."""
    currencies = {currency for _, currency in amounts}
    if len(currencies) == 1:
        return [Fraction(amount) for amount, _ in amounts], next(iter(currencies))
    rates = [w.rate(currency or "") for _, currency in amounts]
    if None in rates:
        return None
    return [Fraction(a) * Fraction(rate or 0) for (a, _), rate in zip(amounts, rates, strict=True)], w.own_currency


def annual(amount: Decimal, days_observed: int) -> Fraction:
    """Value x 365 / days_observed."""
    return Fraction(amount) * 365 / days_observed if days_observed else Fraction(0)


def use_01(w: World) -> Outcome:
    """USE-01: in A, last_use known, cutoff - last_use >= 90, and assigned_date null or <= as_of - 60."""
    outcome = Outcome()
    if w.is_stale or not use_is_whole(w):
        return outcome
    over = ent_01_positions(w)
    for seat in w.seats.values():
        last, limit = w.last_use(seat), int(w.number("USE-01", "days", seat.offering))
        earliest = w.as_of - w.days_of("USE-01", "min_assigned_days", seat.offering)
        if last is None or (w.cutoff - last).days < limit or (seat.assigned_date and seat.assigned_date > earliest):
            continue
        if w.rejected(seat.person, *USE_EVENTS) or w.access_unread(seat) or w.assigned_unread(seat):
            outcome.left_out += 1
            continue
        record, price = w.hr_record(seat.person), w.price(seat.team, seat.offering)
        # A record on leave whose leave_date has passed is ended; "HR status on_leave" is read as its status alone.
        on_leave = record is not None and record["status"] == "on_leave"
        days = (w.cutoff - last).days
        outcome.findings.append(
            Finding(
                "USE-01",
                "high" if (seat.team, seat.offering) in over else "medium",
                *seat.key,
                None,
                days,
                limit,
                days - limit,
                price.amount,
                price,
                action="hold" if on_leave else "edit_group" if by_group(w, seat) else "unassign",
            )
        )
    return outcome


def use_02(w: World) -> Outcome:
    """USE-02: in A, last_use unknown, assigned_date known, as_of - assigned_date >= 45."""
    outcome = Outcome()
    if w.is_stale or not use_is_whole(w):
        return outcome
    for seat in w.seats.values():
        limit = int(w.number("USE-02", "days", seat.offering))
        if w.last_use(seat) is not None or seat.assigned_date is None or (w.as_of - seat.assigned_date).days < limit:
            continue
        if w.rejected(seat.person, *USE_EVENTS) or w.access_unread(seat):
            outcome.left_out += 1
            continue
        price, days = w.price(seat.team, seat.offering), (w.as_of - seat.assigned_date).days
        amount = price.amount
        outcome.findings.append(Finding("USE-02", "medium", *seat.key, None, days, limit, days - limit, amount, price))
    return outcome


def flex_rate(w: World, offering: str, day: date) -> Decimal | None:
    """Tokens a day of an offering on that day."""
    rows = [r for r in w.ref("flex_rates") if r["offering_key"] == offering and valid(r, day)]
    return rows[-1]["tokens_per_day"] if rows else None


def tokens_of_use(w: World, person: str, offering: str) -> Decimal | None:
    """Tokens that the use of a seat would have cost in 12 months; none where a rate is missing.

    Per use day the rates of all products named that day, or of the offering if none is named. A row that counts for a
    collection because its own offering is a member names that member.
    """
    named: dict[date, set[str]] = {d: set() for d in w.use_days(person, offering) if d > w.as_of - timedelta(365)}
    for use in w.uses_of.get(person, ()):
        if use.day not in named:
            continue
        members = w.members(offering, use.day)
        if use.offering == offering:
            named[use.day] |= {use.product} if use.product else set()
        elif use.offering in members or use.product in members:
            named[use.day].add(use.product or use.offering)
    total = Decimal(0)
    for day, products in named.items():
        for product in products or {offering}:
            rate = flex_rate(w, product, day)
            if rate is None:
                return None
            total += rate
    return total


def use_03(w: World) -> Outcome:
    """USE-03: the use of a seat would cost clearly less on Flex: annualised cost < price x 0.85."""
    outcome = Outcome()
    token = w.token_price()
    left_out = set()
    if token.amount is None:
        return outcome
    for seat in w.seats.values():
        if w.days_observed < w.number("USE-03", "min_observed_days", seat.offering):
            continue
        if w.days_12m(seat.person, seat.offering) == 0:
            continue
        tokens = tokens_of_use(w, seat.person, seat.offering)
        if tokens is None:
            left_out.add(seat.person)
            continue
        price = w.price(seat.team, seat.offering)
        if price.amount is None:
            continue
        cost = annual(tokens * token.amount, w.days_observed)
        both = comparable(w, (cost, token.currency), (price.amount, price.currency))
        if both is None:
            left_out.add(seat.person)
            continue
        (flex, held), currency = both
        if flex < held * Fraction(w.number("USE-03", "factor", seat.offering)):
            outcome.findings.append(
                compared(
                    "USE-03", "low", seat.key, flex, held, held - flex, Price(None, currency, price.basis), "to_flex"
                )
            )
    outcome.left_out = len(left_out)
    return outcome


def compared(
    rule: str,
    severity: str,
    key: tuple[str | None, str, str],
    observed: Fraction,
    threshold: Fraction,
    saved: Fraction,
    price: Price,
    action: str,
) -> Finding:
    """A finding of two amounts: what is shown is the difference of the amounts as shown."""
    shown = cents(observed) - cents(threshold)
    shown = -shown if rule in ("USE-03", "USE-06") else shown
    return Finding(
        rule,
        severity,
        *key,
        None,
        cents(observed),
        cents(threshold),
        shown,
        saved,
        price,
        action=action,
        difference=shown,
    )


def token_costs(w: World) -> dict[tuple[str, str], list[tuple[Fraction, str | None]] | None]:
    """Annualised cost of the tokens of a (person, offering), by currency; none where a token has no price."""
    found: dict[tuple[str, str], dict[str | None, Decimal] | None] = {}
    for r in w.tokens:
        if not r["person"] or r["day_used"] <= w.as_of - timedelta(365) or r["tokens_used"] <= 0:
            continue
        key, price = (r["person"], r["offering"]), w.token_price(r["team"])
        sums = found.setdefault(key, {})
        if price.amount is None or sums is None:
            found[key] = None
            continue
        sums[price.currency] = sums.get(price.currency, Decimal(0)) + r["tokens_used"] * price.amount
    days = w.token_days_observed
    return {k: [(annual(a, days), c) for c, a in v.items()] if v is not None else None for k, v in found.items()}


def use_04(w: World) -> Outcome:
    """USE-04: tokens of somebody who does not hold the offering, annualised, cost more than price x 1.15."""
    outcome = Outcome()
    if not (w.whole("usage_report") and w.whole("users")):
        return outcome
    for (person, offering), costs in token_costs(w).items():
        if w.token_days_observed < w.number("USE-04", "min_observed_days", offering) or w.holds(person, offering):
            continue
        price = w.price(None, offering)
        if costs is None or price.amount is None:
            continue
        both = comparable(w, (price.amount, price.currency), *costs)
        if both is None:
            outcome.left_out += 1
            continue
        seat, cost = both[0][0], sum(both[0][1:], Fraction(0))
        if cost <= seat * Fraction(w.number("USE-04", "factor", offering)):
            continue
        if w.not_known(person, offering) or w.rejected(person, "users", "usage_report"):
            outcome.left_out += 1
            continue
        shown = Price(None, both[1], price.basis)
        outcome.findings.append(
            compared("USE-04", "medium", (None, offering, person), cost, seat, cost - seat, shown, "to_seat")
        )
    return outcome


def use_05(w: World) -> Outcome:
    """USE-05: seats and Flex cost over at least two members of a collection not held > collection price x 1.05."""
    outcome = Outcome()
    if not (w.whole("usage_report") and w.whole("users")):
        return outcome
    tokens = token_costs(w)
    persons = sorted({*w.seats_of, *(p for p, _ in tokens)})
    for collection in sorted({r["collection_key"] for r in w.ref("collection_members")}):
        price = w.price(None, collection)
        members = w.members(collection, w.as_of)
        if price.amount is None:
            continue
        for person in persons:
            held = w.holds_directly(person)
            if w.holds(person, collection):
                continue
            parts: list[tuple[Amount, str | None]] = []
            used, unclear = set(), False
            for member in members:
                if member in held:
                    prices = [w.price(s.team, member) for s in w.seats_of[person] if s.offering == member]
                    amounts = [(p.amount, p.currency) for p in prices if p.amount is not None]
                    in_one = comparable(w, *amounts) if amounts else None
                    if in_one is not None:
                        least = min(range(len(amounts)), key=lambda n: in_one[0][n])
                        parts.append(amounts[least])
                    unclear |= bool(amounts) and in_one is None
                    used |= {member} if amounts else set()
                spent = tokens.get((person, member))
                if spent is not None:
                    parts += spent
                    used.add(member)
            if len(used) < 2:
                continue
            both = comparable(w, (price.amount, price.currency), *parts)
            if unclear or both is None:
                outcome.left_out += 1
                continue
            whole, total = both[0][0], sum(both[0][1:], Fraction(0))
            if total <= whole * Fraction(w.number("USE-05", "factor", collection)):
                continue
            if w.rejected(person, "users", "usage_report"):
                outcome.left_out += 1
                continue
            shown = Price(None, both[1], price.basis)
            outcome.findings.append(
                compared(
                    "USE-05", "low", (None, collection, person), total, whole, total - whole, shown, "to_collection"
                )
            )
    return outcome


def use_06(w: World) -> Outcome:
    """USE-06: a collection held of which exactly one member was used, whose price < collection price x 0.9."""
    outcome = Outcome()
    for seat in w.seats.values():
        if not w.is_collection(seat.offering):
            continue
        used = set()
        for use in w.uses_of.get(seat.person, ()):
            if use.day <= w.as_of - timedelta(365):
                continue
            members = w.members(seat.offering, use.day)
            # A row names its product if that is a member, else its offering if that is one.
            used |= set([m for m in (use.product, use.offering) if m in members][:1])
        if len(used) != 1:
            continue
        one, whole = w.price(seat.team, next(iter(used))), w.price(seat.team, seat.offering)
        if one.amount is None or whole.amount is None:
            continue
        both = comparable(w, (one.amount, one.currency), (whole.amount, whole.currency))
        if both is None:
            outcome.left_out += 1
            continue
        (single, all_), currency = both
        if single < all_ * Fraction(w.number("USE-06", "factor", seat.offering)):
            shown = Price(None, currency, whole.basis)
            outcome.findings.append(
                compared("USE-06", "low", seat.key, single, all_, all_ - single, shown, "to_single")
            )
    return outcome


def use_07(w: World) -> Outcome:
    """USE-07: (team, person) holds a collection and one of its members; scope = collection. Of two that have each other
    one stays, the first by key.
    """
    found = []
    for seat in w.seats.values():
        for member in w.members(seat.offering, w.as_of):
            is_mutual = seat.offering in w.members(member, w.as_of)
            if (seat.team, member, seat.person) in w.seats and not (is_mutual and member < seat.offering):
                price = w.price(seat.team, member)
                amount = price.amount
                key = (seat.team, member, seat.person, seat.offering)
                action = "edit_group" if by_group(w, w.seats[key[:3]]) else "unassign"
                found.append(Finding("USE-07", "medium", *key, 2, 1, 1, amount, price, action=action))
    return Outcome(found)


def use_08(w: World) -> Outcome:
    """USE-08: (offering, person) in more than one team; exposure is excess x lowest price."""
    found = []
    teams: dict[tuple[str, str], list[str]] = defaultdict(list)
    for seat in w.seats.values():
        teams[(seat.offering, seat.person)].append(seat.team)
    for (offering, person), where in teams.items():
        if len(where) < 2:
            continue
        prices = [p for t in sorted(where) if (p := w.price(t, offering)).amount is not None]
        price = min(prices, key=lambda p: (p.amount or Decimal(0)) * (w.rate(p.currency or "") or 1), default=Price())
        amount = price.amount * (len(where) - 1) if price.amount is not None else None
        n = len(where)
        found.append(
            Finding("USE-08", "medium", None, offering, person, None, n, 1, n - 1, amount, price, action="unassign")
        )
    return Outcome(found)


def use_10(w: World) -> Outcome:
    """USE-10: a seat that can be freed (USE-01, USE-02, IDN-01, CON-01) for somebody who needs it (USE-04)."""
    found = []
    free: dict[str, dict[tuple[str, str], date]] = defaultdict(dict)
    for rule in (use_01, use_02, idn_01, con_01):
        for f in rule(w).findings:
            seat = w.seats[(f.team or "", f.offering or "", f.person or "")]
            free[seat.offering][(seat.team, seat.person)] = w.last_use(seat) or date.min
    receivers = use_04(w).findings

    def cost(f: Finding) -> Decimal:
        """In the organisation's currency: amounts shown may stand in several."""
        return Decimal(f.observed) * (w.rate(f.price.currency or "") or 1)

    receivers.sort(key=lambda f: (-cost(f), f.person or ""))
    pools: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for r in w.tokens:
        if r["person"] and r["day_used"] > w.as_of - timedelta(365):
            pools[(r["person"], r["offering"])][r["team"]] += r["tokens_used"]
    for receiver in receivers:
        offering, person = receiver.offering or "", receiver.person or ""
        spent = pools[(person, offering)]
        team = min(spent, key=lambda t: (-spent[t], t))
        seats = free[offering]
        if not seats:
            continue
        first = min(seats, key=lambda s: (s[0] != team, seats[s], s[1], s[0]))
        del seats[first]
        found.append(Finding("USE-10", "info", first[0], offering, first[1], person, 1, 0, 1, action="give_seat"))
    return Outcome(found)


RULES: dict[str, Callable[[World], Outcome]] = {
    "USE-01": use_01,
    "USE-02": use_02,
    "USE-03": use_03,
    "USE-04": use_04,
    "USE-05": use_05,
    "USE-06": use_06,
    "USE-07": use_07,
    "USE-08": use_08,
    "USE-10": use_10,
}
