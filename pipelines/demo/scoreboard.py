"""Scores what was found against what was planted, and says it as a page. Reads the published file and the truth table;
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

KEY = ("review_month", "rule_id", "team_alias", "offering_key", "person_key", "scope")
HEADER = """# Scoreboard

How each rule performs on the demo estate (`selfaudit demo --persons 400 --months 6 --seed 7`). The truth table covers
every month completely: a finding that was not planted lowers precision, and a planted case that is not found lowers
recall. Near misses are cases just on the other side of a boundary; no rule may fire on them. `make scoreboard` writes
this page, and a test fails if it differs from the results.

| rule | planted | found | not planted | precision | recall | near misses | near misses found |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass
class RuleScore:
    """One rule against its planted cases over all months: missed violations, near-misses that spoke, findings that
    nobody planted.
    """

    rule_id: str
    planted: int = 0
    missed: list[str] = field(default_factory=list)
    near_misses: int = 0
    spoke: list[str] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        """Planted violations that were found."""
        return self.planted - len(self.missed)

    @property
    def precision(self) -> float:
        """Share of the findings that were planted, 1.0 if there is none."""
        wrong = len(self.unplanned) + len(self.spoke)
        return self.found / (self.found + wrong) if self.found + wrong else 1.0

    @property
    def recall(self) -> float | None:
        """Share of planted violations that were found, None if none was planted."""
        return self.found / self.planted if self.planted else None


def score(connection: duckdb.DuckDBPyConnection, truth: Path) -> list[RuleScore]:
    """Per rule that is at work (has a row in rule_runs), over all months. connection: the published file."""
    keys = ", ".join(f"coalesce(cast({c} as varchar), '') as {c}" for c in KEY)
    rows = connection.execute(
        f"with t as (select {keys}, planted, note from read_csv(?, all_varchar=true, header=true)), "
        f"f as (select {keys}, detail from calendar.findings), r as (select distinct rule_id from calendar.rule_runs) "
        "select r.rule_id, j.planted, j.found, j.note from r left join (select rule_id, t.planted, f.rule_id is not "
        "null as found, "
        "concat_ws(' ', review_month, nullif(team_alias, ''), nullif(offering_key, ''), nullif(person_key, ''), "
        "nullif(scope, ''), '-', coalesce(t.note, f.detail)) as note "
        f"from t full outer join f using ({', '.join(KEY)})) as j using (rule_id) order by all",
        [str(truth)],
    ).fetchall()
    scores: dict[str, RuleScore] = {}
    for rule, planted, found, note in rows:
        entry = scores.setdefault(rule, RuleScore(rule))
        if planted == "violation":
            entry.planted += 1
            if not found:
                entry.missed.append(note)
        elif planted == "near_miss":
            entry.near_misses += 1
            if found:
                entry.spoke.append(note)
        elif note is not None:
            entry.unplanned.append(note)
    return [scores[rule] for rule in sorted(scores)]


def markdown(scores: Sequence[RuleScore]) -> str:
    """The page `docs/scoreboard.md`: a row a rule, and the sum."""
    lines = []
    for s in scores:
        recall = "-" if s.recall is None else f"{s.recall:.2f}"
        wrong = len(s.unplanned) + len(s.spoke)
        lines.append(
            f"| {s.rule_id} | {s.planted} | {s.found} | {wrong} | {s.precision:.2f} | {recall} | {s.near_misses} | "
            f"{len(s.spoke)} |"
        )
    planted, found = sum(s.planted for s in scores), sum(s.found for s in scores)
    near, spoke = sum(s.near_misses for s in scores), sum(len(s.spoke) for s in scores)
    unplanned = sum(len(s.unplanned) + len(s.spoke) for s in scores)
    whole = f"| **{len(scores)} rules** | {planted} | {found} | {unplanned} | {found / max(1, found + unplanned):.2f} "
    lines.append(f"{whole}| {found / max(1, planted):.2f} | {near} | {spoke} |")
    return HEADER + "\n".join(lines) + "\n"
