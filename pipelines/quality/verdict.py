"""The verdict: what one expectation said about one input of one drop, whichever engine judged. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from pipelines.ingest.write.judgement import Judgement

CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True)
class Verdict:
    """One expectation's outcome.

    expectation: its name: the type, and what tells it apart where the company added it. column: '' for the
    table. severity: critical (nothing of the input is used in the drop) or warning. observed: what was seen, as text
    without personal data. unexpected_rows: rows that do not meet it (1 for a fact of the table). engine: 'gx' or 'sql'.
    """

    input: str
    drop: str
    expectation: str
    column: str
    severity: str
    passed: bool
    observed: str
    unexpected_rows: int
    engine: str
    message: str


def critical_failures(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that stop a drop."""
    return [v for v in verdicts if v.severity == CRITICAL and not v.passed]


def judgement_of(verdicts: Sequence[Verdict]) -> Judgement:
    """The verdicts on a drop as ingestion writes them. An input of which a critical expectation failed is refused; the
    other inputs of the drop are not touched by it.
    """
    reasons: dict[str, list[str]] = {}
    for verdict in critical_failures(verdicts):
        reasons.setdefault(verdict.input, []).append(verdict.message.rstrip("."))
    refused = {
        name: f"{'; '.join(messages)}. Nothing of this input is used in this drop: correct the file, or report this as "
        "a defect"
        for name, messages in reasons.items()
    }
    ordered = sorted(verdicts, key=lambda v: (v.input, v.expectation, v.column))
    names = [f.name for f in fields(Verdict)]
    rows = tuple({"column_name" if n == "column" else n: getattr(v, n) for n in names} for v in ordered)
    return Judgement(rows, refused)
