"""Findings over the months: new, open, reopened, waived, closed, unverified; first month and months open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from benchmarks.peers.analyst.finding import Finding
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.text import Row


@dataclass
class Memory:
    """What is known of a finding after a month."""

    month: str
    state: str  # present, unverified, closed
    first_seen: str
    months_open: int
    waived: bool = False  # the last month in which it was there it was waived


def decision(month: Month, finding: str) -> str | None:
    """The latest disposition that counts at as_of; one whose `until` has passed is over."""
    rows: list[Row] = [
        r
        for r in month.ref.rows("dispositions")
        if r["finding_id"] == finding and r["decided_at"].date() <= month.as_of
    ]
    if not rows:
        return None
    last = max(rows, key=lambda r: r["decided_at"])
    until: date | None = last["until"]
    return None if until is not None and until < month.as_of else str(last["decision"])


class Chain:
    """Walks the months in order."""

    def __init__(self) -> None:
        self.memory: dict[str, Memory] = {}
        self.rules: dict[str, str] = {}

    def step(self, month: Month, findings: list[Finding], assessed: dict[str, bool]) -> None:
        """Give every finding of a month its status; remember closed and unverified ones."""
        here = {f.id: f for f in findings}
        for key, finding in here.items():
            self.rules[key] = finding.rule
            before = self.memory.get(key)
            if before is None:
                status, memory = "new", Memory(month.month, "present", month.month, 1)
            elif before.state == "closed":
                status, memory = "reopened", Memory(month.month, "present", before.first_seen, 1, before.waived)
            else:
                status = "open"
                memory = Memory(month.month, "present", before.first_seen, before.months_open + 1, before.waived)
            verdict = decision(month, key)
            if memory.waived:
                status = "reopened"
            memory.waived = verdict == "waived"
            if verdict == "waived":
                status = "waived"
            elif verdict == "false_positive":
                status = "false_positive"
            elif verdict == "remediated":
                status = "reopened"
            self.memory[key] = memory
            finding.status, finding.first_seen, finding.months_open = status, memory.first_seen, memory.months_open
        for key, memory in self.memory.items():
            if key in here or memory.state == "closed":
                continue
            memory.month = month.month
            if assessed[self.rules[key]]:
                memory.state = "closed"
            else:
                memory.state, memory.months_open = "unverified", memory.months_open + 1
