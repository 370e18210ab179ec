"""All rules of all months, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.peers.analyst import rules_ent, rules_flx, rules_idn, rules_lrt, rules_use
from benchmarks.peers.analyst.assess import assessability
from benchmarks.peers.analyst.chain import Chain
from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.warehouse import Warehouse

RULES: dict[str, Callable[[Month], Result]] = {
    **rules_ent.RULES, **rules_use.RULES, **rules_idn.RULES, **rules_flx.RULES, **rules_lrt.RULES,
}  # fmt: skip


@dataclass
class Review:
    """A month with its findings and what each rule could say."""

    month: Month
    findings: list[Finding] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)

    def of(self, rule: str) -> list[Finding]:
        """Findings of a rule."""
        return [f for f in self.findings if f.rule == rule]


def review(warehouse: Warehouse) -> list[Review]:
    """Every month of the last run."""
    chain = Chain()
    reviews = []
    for name, as_of in warehouse.months:
        month = Month(warehouse, name, as_of)
        one = Review(month)
        for rule, judge in RULES.items():
            result = judge(month) if month.inputs.has_drop else Result()
            state = assessability(month, rule, result)
            one.states[rule] = state
            if state != "not_assessable":
                for finding in result.findings:
                    finding.assessability = state
                one.findings += result.findings
        chain.step(month, one.findings, {r: s != "not_assessable" for r, s in one.states.items()})
        reviews.append(one)
    return reviews
