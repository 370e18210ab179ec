"""All rules of all months, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.peers.analyst import (
    late_ent,
    late_idn,
    late_lrt,
    late_nlm,
    late_quarter,
    late_use,
    rules_ent,
    rules_flx,
    rules_idn,
    rules_lrt,
    rules_use,
)
from benchmarks.peers.analyst.assess import assessability
from benchmarks.peers.analyst.chain import Chain
from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import month_before
from benchmarks.peers.analyst.warehouse import Warehouse

RULES: dict[str, Callable[[Month], Result]] = {}
for _module in (
    rules_ent,
    rules_use,
    rules_idn,
    rules_flx,
    rules_lrt,
    late_ent,
    late_use,
    late_idn,
    late_lrt,
    late_nlm,
):
    RULES |= _module.RULES
# Rules that stand on findings of others or on earlier months.
LATER = ("USE-10", "LRT-14", "ENT-07", "IDN-03")


@dataclass
class Review:
    """A month with its findings and what each rule could say."""

    month: Month
    findings: list[Finding] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)

    def of(self, *rules: str) -> list[Finding]:
        """Findings of rules."""
        return [f for f in self.findings if f.rule in rules]

    def add(self, rule: str, result: Result) -> None:
        """Keep what a rule found, if it could be judged."""
        state = assessability(self.month, rule, result)
        self.states[rule] = state
        if state != "not_assessable":
            for finding in result.findings:
                finding.assessability = state
            self.findings += result.findings


def review(warehouse: Warehouse, later_drops: int = 0) -> list[Review]:
    """Every month of the last run; `later_drops`: event rows of so many later drops count too (restated versions)."""
    chain = Chain()
    reviews: list[Review] = []
    for name, as_of in warehouse.months:
        month = Month(warehouse, name, as_of, month_before(name, -later_drops))
        one = Review(month)
        there = month.inputs.has_drop
        for rule, judge in RULES.items():
            one.add(rule, judge(month) if there else Result())
        freed, receivers = one.of("USE-01", "USE-02", "IDN-01", "CON-01"), one.of("USE-04")
        one.add("USE-10", late_use.use_10(month, freed, receivers) if there else Result())
        out = Result() if not there else late_lrt.lrt_14(month, one.of("LRT-03"))
        one.add("LRT-14", out)
        one.add("ENT-07", late_ent.ent_07(month, [r.month for r in reviews]) if there else Result())
        one.add("IDN-03", late_quarter.idn_03([*(r.month for r in reviews), month]) if there else Result())
        chain.step(month, one.findings, {r: s != "not_assessable" for r, s in one.states.items()})
        reviews.append(one)
    return reviews
