"""Entitlement, second part: ENT-03 ENT-07 ENT-09 ENT-13."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import Row, domain_of, fold, release

Line = tuple[str, str]


def _invoice_lines(month: Month) -> dict[Line, Row]:
    """(contract or subscription, offering) → the line with the latest invoice_date among those that cover as_of."""
    contract_of = {
        r["subscription_id"]: r["contract_number"] for r in month.inputs.subscriptions if r["subscription_id"]
    }
    found: dict[Line, Row] = {}
    for row in month.inputs.drop_rows("invoices"):
        begin, end = row["period_start"], row["period_end"]
        if (begin is not None and begin > month.as_of) or (end is not None and end < month.as_of):
            continue
        owner = row["contract_number"] or contract_of.get(row["subscription_id"]) or row["subscription_id"] or ""
        key = (owner, month.ref.offering(row["offering_name"]))
        if key not in found or (row["invoice_date"], row["invoice_number"]) > (
            found[key]["invoice_date"],
            found[key]["invoice_number"],
        ):
            found[key] = row
    return found


def ent_03(month: Month) -> Result:
    """Contract, portal and invoice compared line by line."""
    contract = {(r["contract_number"], r["offering_key"]): r for r in month.ref.rows("contract_lines")}
    ends = {r["contract_number"]: r["end_date"] for r in month.ref.rows("contracts")}
    portal: dict[Line, list[Row]] = {}
    for team, offering in month.seats.lines:
        for row in month.seats.in_force(team, offering):
            portal.setdefault((row["contract_number"] or row["subscription_id"], offering), []).append(row)
    invoice = _invoice_lines(month)
    result = Result()
    for key in sorted(set(contract) | set(portal) | set(invoice)):
        owner, offering = key
        quantity: dict[str, Fraction] = {}
        if key in contract:
            quantity["contract"] = Fraction(contract[key]["quantity"])
        if key in portal:
            quantity["portal"] = Fraction(sum(r["seat_quantity"] for r in portal[key]))
        if key in invoice:
            quantity["invoice"] = Fraction(invoice[key]["quantity"])
        types: list[tuple[str, Any, Any]] = []
        if "portal" not in quantity:
            types.append(("missing_in_portal", quantity.get("contract", quantity.get("invoice")), 0))
        if "contract" not in quantity:
            types.append(("missing_in_contract", quantity.get("portal", quantity.get("invoice")), 0))
        if "invoice" not in quantity:
            types.append(("missing_invoice", quantity.get("portal", quantity.get("contract")), 0))
        if len(set(quantity.values())) > 1:
            types.append(("quantity", max(quantity.values()), min(quantity.values())))
        if key in contract and key in invoice and contract[key]["unit_price"] is not None:
            agreed, billed = Fraction(contract[key]["unit_price"]), Fraction(invoice[key]["unit_price"])
            if abs(billed - agreed) > month.ref.number("ENT-03", "price_share", offering) * agreed:
                types.append(("unit_price", billed, agreed))
        if key in portal and ends.get(owner) is not None:
            days = (max(r["end_date"] for r in portal[key]) - ends[owner]).days
            if days:
                types.append(("end_date", days, 0))
        for name, observed, threshold in types:
            result.findings.append(
                Finding(
                    "ENT-03", offering=offering, scope=f"{owner}:{name}", observed=observed, threshold=threshold,
                    excess=observed - threshold, severity="high",
                )
            )  # fmt: skip
    return result


def last_anniversary(start: date, as_of: date) -> date:
    """The latest anniversary of a day not later than as_of (the day itself if none)."""
    year = as_of.year
    while year >= start.year:
        try:
            day = start.replace(year=year)
        except ValueError:
            day = date(year, 2, 28)
        if day <= as_of:
            return day
        year -= 1
    return start


def overage(month: Month, contract: str, offering: str) -> int:
    """Assigned less entitled over the teams with a row of the offering under the contract, at least 0."""
    teams = {
        r["team"] for r in month.inputs.subscriptions if r["contract_number"] == contract and r["offering"] == offering
    }
    return max(0, sum(month.seats.gap_team(t, offering) for t in teams))


def ent_07(month: Month, earlier: list[Month]) -> Result:
    """Overage of a contract by its three measures."""
    result = Result()
    for row in month.ref.rows("contracts"):
        if row["start_date"] is None:
            continue
        since = last_anniversary(row["start_date"], month.as_of)
        months = [
            m for m in [*earlier, month]
            if m.as_of >= since and m.inputs.has_drop and m.inputs.present("subscriptions") and m.seats.known
        ]  # fmt: skip
        contract = row["contract_number"]
        offerings = {r["offering"] for m in months for r in m.inputs.subscriptions if r["contract_number"] == contract}
        for offering in sorted(offerings):
            values = [overage(m, contract, offering) for m in months]
            measures = {
                "snapshot": Fraction(values[-1]),
                "high_water": Fraction(max(values)),
                "rolling_mean": Fraction(sum(values), len(values)),
            }
            own = measures.get(fold(row["true_up_measure"]))
            if any(v > 0 for v in measures.values()):
                result.findings.append(
                    Finding(
                        "ENT-07", offering=offering, scope=contract, observed=own, threshold=0, excess=own,
                        severity="high" if own is not None and own > 0 else "info",
                    )
                )  # fmt: skip
    return result


def installed_release(row: Row) -> int | None:
    """The year in the product's name, else the leading integer of the version."""
    year = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", row["product_display_name"])
    return int(year[1]) if year else release(row["version"])


def ent_09(month: Month) -> Result:
    """More devices with perpetual software than seats."""
    result = Result()
    covered = {o for t, o in month.seats.lines if month.seats.in_force(t, o)}
    seats: dict[str, int] = {}
    greatest: dict[str, int | None] = {}
    for row in month.inputs.perpetual:
        offering, number = row["offering"], release(row["version"])
        seats[offering] = seats.get(offering, 0) + row["seats"]
        known = greatest.get(offering)
        greatest[offering] = known if number is None else number if known is None else max(known, number)
    for offering in sorted(seats):
        if offering in covered or covered & month.ref.collections_with(offering, month.as_of):
            continue
        limit = greatest[offering]
        devices = set()
        for row in month.inputs.drop_rows("device_inventory"):
            number = installed_release(row)
            fits = number is None or (limit is not None and number <= limit)
            if month.ref.offering(row["product_display_name"]) == offering and fits:
                devices.add(row["device_id"])
        if len(devices) > seats[offering]:
            over = len(devices) - seats[offering]
            result.findings.append(
                Finding(
                    "ENT-09",
                    offering=offering,
                    observed=len(devices),
                    threshold=seats[offering],
                    excess=over,
                    severity="critical",
                )
            )
    return result


def ent_13(month: Month) -> Result:
    """Trial and education licences."""
    people, seats = month.people, month.seats
    inventory = month.inputs.drop_rows("device_inventory")
    devices = {r["device_id"] for r in inventory}
    days: dict[tuple[str, str, str], set[date]] = {}
    installed: dict[tuple[str, str, str], set[Any]] = {}
    for row in seats.lrt_window:
        claim, person = fold(row["licence_claim"]), row["person"]
        ours = row["device"] in devices or (
            people.record(person) is not None or people.account(person)[0] is not None or person in seats.held
            or domain_of(person) in month.ref.domains
        )  # fmt: skip
        if claim in {"trial", "education"} and ours:
            days.setdefault((row["offering"], person, claim), set()).add(row["day"])
    for row in inventory:
        seen, kind = row["last_seen_at"], fold(row["licence_class"])
        if kind not in {"trial", "education"}:
            continue
        if seen is not None and seen.date() <= month.as_of - timedelta(days=365):
            continue
        person = month.inputs.person(row["user_email"]) or f"device:{row['device_id']}"
        key = (month.ref.offering(row["product_display_name"]), person, kind)
        installed.setdefault(key, set()).add((row["device_id"].lower(), installed_release(row)))
    result = Result()
    for key in sorted(set(days) | set(installed)):
        count = len(days.get(key, ())) + len(installed.get(key, ()))
        result.findings.append(
            Finding("ENT-13", "", *key, observed=count, threshold=0, excess=count, severity="critical")
        )
    return result


RULES = {"ENT-03": ent_03, "ENT-09": ent_09, "ENT-13": ent_13}
