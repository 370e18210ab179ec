"""ENT: entitlement and position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.estate import Row
from tests.oracle.foundations import World
from tests.oracle.position import ended_before, ent_01_positions, ent_04_positions
from tests.oracle.terms import Finding, Outcome


def unknown_names(w: World) -> set[str]:
    """Teams with rows of subscriptions, users or usage_report under a name that no alias knows."""
    rows = [*w.subscriptions, *w.users, *w.report]
    return {r["team"] for r in rows if (r["offering"] or "").startswith("unmapped:")}


def confidence_of(w: World, team: str, offering: str, names: bool) -> str:
    """Low where a subscription of unknown status is counted, or where the team has an unknown name (ENT-01, ENT-04)."""
    rows = [r for r in w.subscriptions_of.get((team, offering), ()) if r["subscription_status"] == "unknown"]
    if rows or (names and team in unknown_names(w)):
        return "low"
    return "high"


def _position(w: World, rule: str, severity: str, team: str, offering: str, action: str | None = None) -> Finding:
    assigned, entitled = len(w.assigned.get((team, offering), ())), w.entitled(team, offering)
    price = w.price(team, offering)
    gap = assigned - entitled
    amount = price.amount * gap if price.amount is not None else None
    sure = confidence_of(w, team, offering, True)
    return Finding(rule, severity, team, offering, None, None, assigned, entitled, gap, amount, price, sure, action)


def ent_01(w: World) -> Outcome:
    """ENT-01: gap_team > 0, where ENT-04 does not hold."""
    outcome = Outcome()
    for team, offering in ent_01_positions(w):
        gap = w.gap_org(offering)
        entitled = sum(w.entitled(t, o) for t, o in w.positions if o == offering)
        share = w.number("ENT-01", "critical_share", offering) * entitled
        many = gap >= w.number("ENT-01", "critical_seats", offering) or gap >= share
        severity = "critical" if gap > 0 and many else "high"
        cure = "move" if gap <= 0 else "unassign_or_buy"
        outcome.findings.append(_position(w, "ENT-01", severity, team, offering, cure))
    return outcome


def ent_02(w: World) -> Outcome:
    """ENT-02: entitled - assigned - min_stock > max(1, 5 % of entitled)."""
    outcome = Outcome()
    if not (w.whole("usage_report") and w.whole("users")):
        return outcome
    for team, offering in w.positions:
        entitled, assigned = w.entitled(team, offering), len(w.assigned.get((team, offering), ()))
        spare = entitled - assigned - w.number("ENT-02", "min_stock", offering)
        if spare <= max(Decimal(1), w.number("ENT-02", "share", offering) * entitled):
            continue
        ends = [r["end_date"] for r in w.subscriptions_of[(team, offering)] if w.in_force(r, w.as_of)]
        near = min(ends) <= w.as_of + w.days_of("ENT-02", "notice_days", offering)
        price = w.price(team, offering)
        amount = price.amount * spare if price.amount is not None else None
        sure = confidence_of(w, team, offering, False)
        outcome.findings.append(
            Finding(
                "ENT-02",
                "high" if near else "medium",
                team,
                offering,
                None,
                None,
                assigned,
                entitled,
                spare,
                amount,
                price,
                sure,
            )
        )
    return outcome


@dataclass
class Line:
    """One line of the three-way comparison: what contract, portal and invoice say."""

    contract: Decimal | None = None
    contract_price: Decimal | None = None
    portal: Decimal | None = None
    portal_end: date | None = None
    invoice: Decimal | None = None
    invoice_price: Decimal | None = None
    currencies: set[str | None] = field(default_factory=set)


def _invoiced(w: World, number_of: dict[str, str]) -> dict[tuple[str, str], list[Row]]:
    """Per line the invoice lines of the latest invoice_date among those whose period covers as_of."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for r in w.estate.state("invoices", w.month):
        if (r["period_start"] or date.min) <= w.as_of <= (r["period_end"] or date.max):
            number = r["contract_number"] or number_of.get(r["subscription_id"] or "") or r["subscription_id"] or ""
            found[(number, w.offering(r["offering_name"]))].append(r)
    latest = {key: max(r["invoice_date"] for r in rows) for key, rows in found.items()}
    return {key: [r for r in rows if r["invoice_date"] == latest[key]] for key, rows in found.items()}


def lines(w: World) -> dict[tuple[str, str], Line]:
    """The full outer join of contract lines, subscriptions active at as_of and invoices."""
    found: dict[tuple[str, str], Line] = defaultdict(Line)
    for r in w.ref("contract_lines"):
        line = found[(r["contract_number"], r["offering_key"])]
        line.currencies.add(r["currency"])
        line.contract, line.contract_price = (line.contract or Decimal(0)) + r["quantity"], r["unit_price"]
    number_of = {}
    for r in w.subscriptions:
        if r["subscription_id"] and r["contract_number"]:
            number_of[r["subscription_id"]] = r["contract_number"]
        if w.in_force(r, w.as_of):
            line = found[(r["contract_number"] or r["subscription_id"], r["offering"])]
            line.portal = (line.portal or Decimal(0)) + r["seat_quantity"]
            line.portal_end = max(line.portal_end or r["end_date"], r["end_date"])
    for key, rows in _invoiced(w, number_of).items():
        line, quantity = found[key], sum((r["quantity"] for r in rows), Decimal(0))
        line.invoice = quantity
        line.currencies |= {r["currency"] for r in rows}
        if quantity:
            line.invoice_price = sum((r["quantity"] * r["unit_price"] for r in rows), Decimal(0)) / quantity
    return found


def ent_03(w: World) -> Outcome:
    """ENT-03: contract, portal and invoice side by side, by (contract, offering) and type of mismatch."""
    outcome = Outcome()
    portal_whole, invoices_whole = w.whole("subscriptions"), w.whole("invoices")
    contracts = {r["contract_number"]: r for r in w.ref("contracts")}

    def say(kind: str, contract: str, offering: str, observed: Decimal, threshold: Decimal) -> None:
        outcome.findings.append(
            Finding(
                "ENT-03", "high", None, offering, None, f"{contract}:{kind}", observed, threshold, observed - threshold
            )
        )

    table = lines(w)
    # A subscription that a part does not show may name the contract of an invoice line without one.
    shown = {r["subscription_id"] for r in w.subscriptions if r["subscription_id"]}
    open_lines = {
        (w.offering(r["offering_name"]), r["subscription_id"] or "")
        for r in w.estate.state("invoices", w.month)
        if not portal_whole and not r["contract_number"] and r["subscription_id"] not in shown
        if (r["period_start"] or date.min) <= w.as_of <= (r["period_end"] or date.max)
    }
    for (contract, offering), line in table.items():
        zero = Decimal(0)
        sides = [q for q in (line.contract, line.portal, line.invoice) if q is not None]
        if line.portal is None and portal_whole:
            say("missing_in_portal", contract, offering, sides[0], zero)
        if line.contract is None and (offering, contract) not in open_lines:
            say("missing_in_contract", contract, offering, sides[0], zero)
        if line.invoice is None and invoices_whole and offering not in {o for o, _ in open_lines}:
            first = line.portal if line.portal is not None else sides[0]
            say("missing_invoice", contract, offering, first, zero)
        if min(sides) != max(sides) and portal_whole and invoices_whole:
            say("quantity", contract, offering, max(sides), min(sides))
        if line.invoice_price is not None and line.contract_price is not None and len(line.currencies) == 1:
            allowed = w.number("ENT-03", "price_share", offering) * line.contract_price
            if abs(line.invoice_price - line.contract_price) > allowed:
                say("unit_price", contract, offering, line.invoice_price, line.contract_price)
        end = contracts.get(contract, {}).get("end_date")
        # Of a part of the subscriptions the latest end may be missing.
        sure = line.portal_end is not None and (portal_whole or line.portal_end > (end or date.max))
        if end is not None and line.portal_end is not None and line.portal_end != end and sure:
            say("end_date", contract, offering, Decimal((line.portal_end - end).days), zero)
    return outcome


def ent_04(w: World) -> Outcome:
    """ENT-04: assigned after every subscription has ended."""
    outcome = Outcome()
    for team, offering in ent_04_positions(w):
        last = ended_before(w, team, offering) or w.as_of
        late = (w.as_of - last).days > w.number("ENT-04", "grace_days", offering)
        outcome.findings.append(_position(w, "ENT-04", "critical" if late else "medium", team, offering))
    return outcome


def pinned_until(w: World, team: str, offering: str, last: date) -> int:
    """Holders pinned to a subscription of that (team, offering) whose last day this is; one that renews has none."""
    ends: dict[str, date] = {}
    for r in w.subscriptions_of.get((team, offering), ()):
        if r["subscription_id"] and r["subscription_status"] != "over":
            renews = r["autorenew_date"] and r["end_date"] >= w.as_of
            end = date.max if renews else r["end_date"]
            ends[r["subscription_id"]] = max(end, ends.get(r["subscription_id"], end))
    ending = {number for number, end in ends.items() if end == last}
    return sum(
        any(r["pinned_subscription_id"] in ending for r in w.stated.get(seat.key, ()))
        for seat in w.assigned.get((team, offering), ())
    )


def ent_05(w: World) -> Outcome:
    """ENT-05: the first day ahead on which ending subscriptions force somebody out."""
    outcome = Outcome()
    if not w.whole("subscriptions"):
        return outcome
    for team, offering in w.positions:
        assigned = len(w.assigned.get((team, offering), ()))
        now = max(0, assigned - w.entitled(team, offering))
        for ahead in range(1, int(w.number("ENT-05", "horizon_days", offering)) + 1):
            day = w.as_of + timedelta(ahead)
            entitled = w.entitled(team, offering, day)
            out = max(0, assigned - entitled) - now
            if out > 0:
                pinned = pinned_until(w, team, offering, day - timedelta(1))
                out = max(out, pinned - max(0, entitled - (assigned - pinned)))
                price = w.price(team, offering)
                amount = price.amount * out if price.amount is not None else None
                near = ahead < w.number("ENT-05", "near_days", offering)
                sure = confidence_of(w, team, offering, False)
                outcome.findings.append(
                    Finding(
                        "ENT-05",
                        "high" if near else "medium",
                        team,
                        offering,
                        None,
                        day.isoformat(),
                        assigned,
                        entitled,
                        out,
                        amount,
                        price,
                        sure,
                    )
                )
                break
    return outcome


def overage(w: World) -> dict[tuple[str, str], int]:
    """Per (contract, offering) assigned - entitled over the teams with a row of it under that contract, at least 0."""
    teams: dict[tuple[str, str], set[str]] = defaultdict(set)
    for r in w.subscriptions:
        if r["contract_number"]:
            teams[(r["contract_number"], r["offering"])].add(r["team"])
    return {(c, o): max(0, sum(w.gap_team(t, o) for t in where)) for (c, o), where in teams.items()}


def ent_07(w: World) -> Outcome:
    """ENT-07: overage by snapshot, high water and rolling mean since the last anniversary of the contract's start."""
    outcome = Outcome()
    if not w.whole("subscriptions"):
        return outcome
    months = [d for d in w.estate.drops if d <= w.month]
    worlds = [w if m == w.month else World(w.estate, m) for m in months]
    # A month of which the subscriptions are a part says nothing of its overage.
    worlds = [x for x in worlds if x.has_a and x.estate.present("subscriptions", x.month) and x.whole("subscriptions")]
    by_month = [(x.as_of, overage(x)) for x in worlds]
    contracts = {r["contract_number"]: r for r in w.ref("contracts")}
    # A pair that drop(M) no longer has keeps the high water of the months before: its own overage in M is 0.
    for contract, offering in sorted({pair for _, o in by_month for pair in o if pair[0] in contracts}):
        since = anniversary(contracts[contract]["start_date"], w.as_of)
        values = [o.get((contract, offering), 0) for day, o in by_month if day >= since]
        if not values:
            continue
        measures = {
            "snapshot": Decimal(values[-1]),
            "high_water": Decimal(max(values)),
            "rolling_mean": Decimal(sum(values)) / len(values),
        }
        if max(measures.values()) > 0:
            own = measures.get(contracts[contract]["true_up_measure"] or "")
            severity = "high" if own is not None and own > 0 else "info"
            outcome.findings.append(Finding("ENT-07", severity, None, offering, None, contract, own, 0, own))
    return outcome


def anniversary(start: date | None, day: date) -> date:
    """The last anniversary of a day, up to another."""
    if start is None:
        return date.min
    year = day.year if (start.month, start.day) <= (day.month, day.day) else day.year - 1
    try:
        return start.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


NAMES = {
    "subscriptions": "offering_name",
    "users": "offering_name product_name",
    "usage_report": "offering_name",
    "product_access": "offering_name",
    "perpetual_licences": "offering_name",
    "invoices": "offering_name",
    "sam_usage": "offering_name",
    "usage": "offering_name product_name",
    "seat_usage": "offering_name",
    "token_usage": "offering_name",
    "lrt": "product",
    "tokenflex": "product_name",
}
FIRST = ("subscriptions", "users", "usage_report", "product_access")
EVENT_NAMES = ("sam_usage", "usage", "seat_usage", "token_usage", "lrt", "tokenflex")


def ent_12(w: World) -> Outcome:
    """ENT-12: an offering or product text without an alias, in the inputs of drop(M); one finding per folded text."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, columns in NAMES.items():
        rows = w.estate.state(name, w.month)
        for column in columns.split():
            for text in {r[column] for r in rows if r[column]}:
                key = w.offering(text)
                if key.startswith("unmapped:"):
                    found[key].add(name)
    outcome = Outcome()
    for key, inputs in found.items():
        severity = "high" if inputs & set(FIRST) else "info" if inputs <= set(EVENT_NAMES) else "medium"
        outcome.findings.append(Finding("ENT-12", severity, None, key, None, None, 1, 0, 1))
    return outcome


def ent_14(w: World) -> Outcome:
    """ENT-14: use of a product by persons whose right to it is not known; once per collection and product."""
    persons: dict[tuple[str, str], set[str]] = defaultdict(set)
    for person, uses in w.uses_of.items():
        for use in uses:
            if use.day <= w.as_of - timedelta(365):
                continue
            product, held = use.product or use.offering, w.held_on(person, use.day)
            if held and not w.covers(held, product, use.day):
                for collection in w.right_open(held, product, use.day):
                    persons[(product, collection)].add(person)
    return Outcome(
        [
            Finding("ENT-14", "medium", None, o, None, c, len(p), 0, len(p), action="confirm_coverage")
            for (o, c), p in persons.items()
        ]
    )


def ent_15(w: World) -> Outcome:
    """ENT-15: seats_total of product_access against E(as_of), seats_assigned against assigned, per (team, offering)."""
    outcome = Outcome()
    shown: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for r in w.product_access:
        shown[(r["team"], r["offering"])].append(r)
    has_subscriptions = w.estate.present("subscriptions", w.month) and w.whole("subscriptions")
    has_a = w.has_a and w.whole("usage_report") and w.whole("users")
    for (team, offering), rows in shown.items():
        if has_subscriptions:
            total, entitled = sum(r["seats_total"] for r in rows), w.entitled(team, offering)
            sure = confidence_of(w, team, offering, False)
            if total != entitled:
                key = (team, offering, None, "total")
                outcome.findings.append(
                    Finding("ENT-15", "medium", *key, total, entitled, total - entitled, confidence=sure)
                )
        if has_a:
            said, assigned = sum(r["seats_assigned"] for r in rows), len(w.assigned.get((team, offering), ()))
            if said != assigned:
                key = (team, offering, None, "assigned")
                outcome.findings.append(Finding("ENT-15", "medium", *key, said, assigned, said - assigned))
    return outcome


RULES: dict[str, Callable[[World], Outcome]] = {
    "ENT-01": ent_01,
    "ENT-02": ent_02,
    "ENT-03": ent_03,
    "ENT-04": ent_04,
    "ENT-05": ent_05,
    "ENT-07": ent_07,
    "ENT-12": ent_12,
    "ENT-14": ent_14,
    "ENT-15": ent_15,
}
