"""Differences between what the project publishes and what this implementation finds, table by table."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.peers.analyst.finding import Finding
from benchmarks.peers.analyst.ledger import assignment_history, ghost_ledger
from benchmarks.peers.analyst.money import per_unit
from benchmarks.peers.analyst.outputs import auditor_count, deprovisioning_list, licence_position, token_forecast
from benchmarks.peers.analyst.outputs_more import (
    admin_roster_reconciliation,
    audit_readiness,
    compliance_gap_register,
    provisioning_rules_update,
    renewal_brief,
)
from benchmarks.peers.analyst.review import LATER, RULES, Review, review
from benchmarks.peers.analyst.text import Row, fold, rounded
from benchmarks.peers.analyst.warehouse import Published, Warehouse

ALL = {*RULES, *LATER}
POSITION = ("review_month", "team_alias", "offering_key")

MONEY_OF_GAPS = {f"money_{n}_{b}" for n in ("auditor", "defensible", "after") for b in ("list", "contract")}


def same(ours: Any, theirs: Any, exact_cents: bool = False, tolerance: float = 0.0) -> bool:
    """Equal; numbers to a relative 1e-9 (money: to the cent)."""
    if ours == "any":
        return True
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(ours, (int, float, Fraction, Decimal)) and not isinstance(ours, bool):
        if exact_cents:
            return rounded(Fraction(ours)) == rounded(Fraction(theirs))
        return abs(float(ours) - float(theirs)) <= max(tolerance, 1e-6 * max(1.0, abs(float(ours))))
    if isinstance(theirs, datetime.datetime):
        theirs = theirs.date()
    return bool(ours == theirs)


class Differences:
    """Collects and prints differences."""

    def __init__(self, limit: int = 12) -> None:
        self.limit = limit
        self.count: Counter[str] = Counter()
        self.lines: list[str] = []

    def add(self, kind: str, text: str) -> None:
        """One difference; only the first of a kind are shown."""
        self.count[kind] += 1
        if self.count[kind] <= self.limit:
            self.lines.append(f"{kind}: {text}")

    def compare(
        self, table: str, ours: Iterable[Row], theirs: Iterable[Row], key: tuple[str, ...], money: set[str]
    ) -> None:
        """Keys only in one, and values per column of ours."""
        mine = {tuple(r[k] for k in key): r for r in ours}
        other = {tuple(r[k] for k in key): r for r in theirs}
        for k in sorted(mine.keys() - other.keys(), key=str):
            self.add(f"{table} only analyst {mine[k].get('rule_id', '')}", f"{k} {_brief(mine[k])}")
        for k in sorted(other.keys() - mine.keys(), key=str):
            self.add(f"{table} only project {other[k].get('rule_id', '')}", f"{k} {_brief(other[k])}")
        for k in sorted(mine.keys() & other.keys(), key=str):
            for column, value in mine[k].items():
                rule = mine[k].get("rule_id", "")
                # Amounts of money and tokens are published at two decimals.
                coarse = (
                    0.005001 if rule in {"USE-03", "USE-04", "USE-05", "USE-06"} or str(rule).startswith("FLX") else 0.0
                )
                if column in other[k] and not same(value, other[k][column], column in money, coarse):
                    shown = float(value) if isinstance(value, Fraction) else value
                    self.add(
                        f"{table}.{column} {rule}", f"{k} {_brief(mine[k])} analyst {shown} project {other[k][column]}"
                    )


def _brief(row: Row) -> str:
    names = ("rule_id", "team_alias", "offering_key", "person_key", "scope", "observed", "threshold", "assessability")
    return " ".join(f"{row[n]}" for n in names if row.get(n) not in (None, "") and n in row)


def _in_own_money(one: Review, finding: Finding) -> Fraction | None:
    """Exposure in the organisation's currency."""
    if finding.exposure is None:
        return None
    rate = per_unit(one.month, finding.currency)
    return None if rate is None else finding.exposure * rate


def finding_rows(reviews: list[Review]) -> list[Row]:
    """Findings as rows of the published names."""
    return [
        {
            "review_month": one.month.month,
            "finding_id": f.id,
            "rule_id": f.rule,
            "team_alias": f.team or None,
            "offering_key": f.offering or None,
            "person_key": f.person or None,
            "scope": f.scope or None,
            "observed": f.observed,
            "threshold": f.threshold,
            "excess": f.excess,
            "exposure_amount": f.exposure,
            "severity": f.severity,
            "confidence": f.confidence,
            "status": f.status,
            "months_open": f.months_open,
            "first_seen_month": f.first_seen,
            "assessability": f.assessability,
            "exposure_amount_org": _in_own_money(one, f),
            **({"price_basis": f.basis} if f.basis else {}),
            **({"currency": f.currency} if f.exposure is not None else {}),
            **{k: v for k, v in f.more.items() if k in {"cure", "seats_to_buy"} and v is not None},
        }
        for one in reviews
        for f in one.findings
    ]


def differences(data: Path, limit: int = 12, later_drops: int = 0) -> Differences:
    """Everything that differs in a data folder."""
    warehouse, published = Warehouse(data), Published(data)
    reviews = review(warehouse, later_drops)
    months = {m for m, _ in warehouse.months}
    out = Differences(limit)
    project_runs = published.table("rule_runs", months)
    known = {r["rule_id"] for r in project_runs} & ALL
    theirs = [r for r in published.table("findings", months) if r["rule_id"] in known]
    ours = [r for r in finding_rows(reviews) if r["rule_id"] in known]
    out.compare("findings", ours, theirs, ("review_month", "finding_id"), {"exposure_amount", "exposure_amount_org"})
    runs = [
        {
            "review_month": o.month.month,
            "rule_id": r,
            "assessability": s,
            "findings": len(o.of(r)) if s != "not_assessable" else "any",
        }
        for o in reviews
        for r, s in o.states.items()
    ]
    theirs = [r for r in project_runs if r["rule_id"] in known]
    out.compare("rule_runs", [r for r in runs if r["rule_id"] in known], theirs, ("review_month", "rule_id"), set())
    tables: tuple[Any, ...] = (
        ("licence_position", licence_position, POSITION, {"cost_year", "wasted_year"}),
        ("auditor_count", auditor_count, POSITION, MONEY_OF_GAPS),
        ("deprovisioning_list", deprovisioning_list, (*POSITION, "person_key"), {"exposure_amount"}),
        (
            "token_forecast",
            token_forecast,
            POSITION[:2],
            {
                "purchased",
                "consumed",
                "balance",
                "overdraft",
                "expired",
                "projected_total",
                "shortfall_tokens",
                "shortfall_amount",
            },
        ),
    )
    tables += (
        ("compliance_gap_register", compliance_gap_register, ("review_month", "finding_id"), set()),
        ("admin_roster_reconciliation", admin_roster_reconciliation, (*POSITION[:2], "person_key", "role"), set()),
        ("provisioning_rules_update", provisioning_rules_update, (*POSITION, "group_name"), set()),
        ("audit_readiness", audit_readiness, (*POSITION, "contract_number"), MONEY_OF_GAPS),
        ("renewal_brief", renewal_brief, ("review_month", "contract_number", "offering_key"), set()),
    )
    for name, make, key, money in tables:
        there = published.table(name, months)
        if name == "admin_roster_reconciliation":
            there = [{**r, "role": fold(r["role"])} for r in there if r["role"]]
        if name == "renewal_brief":  # lines of the contract alone are more than is asked for
            there = [r for r in there if r["seats_portal"] is not None]
        if name == "provisioning_rules_update":
            there = [r for r in there if r["offering_key"]]
        out.compare(name, [row for one in reviews for row in make(one)], there, key, money)
    for name, whole, key in (
        ("assignment_history", assignment_history, (*POSITION, "person_key", "spell")),
        ("ghost_ledger", ghost_ledger, (*POSITION, "person_key")),
    ):
        there = published.table(name, months)
        if there:
            out.compare(name, whole(reviews), there, key, {"cost"})
    return out
