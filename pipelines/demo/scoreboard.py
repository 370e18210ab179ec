"""Scores what was found against what was planted. Reads the published file and the truth table; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

KEY = ("review_month", "rule_id", "team_alias", "offering_key", "person_key", "scope")


@dataclass
class RuleScore:
    """One rule against its planted cases: found and missed violations, near-misses that spoke."""

    rule_id: str
    planted: int = 0
    missed: list[str] = field(default_factory=list)
    near_misses: int = 0
    spoke: list[str] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the findings of the scored months that were planted, 1.0 if there is none."""
        right = self.planted - len(self.missed)
        return right / (right + len(self.unplanned)) if right + len(self.unplanned) else 1.0

    @property
    def recall(self) -> float | None:
        """Share of planted violations that were found, None if none was planted."""
        return (self.planted - len(self.missed)) / self.planted if self.planted else None


def score(connection: duckdb.DuckDBPyConnection, truth: Path) -> list[RuleScore]:
    """Per rule: planted violations found, near-misses silent. connection: the published file."""
    keys = " and ".join(f"coalesce(f.{c}, '') = coalesce(t.{c}, '')" for c in KEY)
    rows = connection.execute(
        f"select t.rule_id, t.planted, t.note || coalesce(' (' || t.person_key || ')', ''), exists (select 1 from calendar.findings as f where {keys}) "
        f"from read_csv(?, all_varchar=true, header=true) as t order by all",
        [str(truth)],
    ).fetchall()
    scores: dict[str, RuleScore] = {}
    for rule, planted, note, found in rows:
        entry = scores.setdefault(rule, RuleScore(rule))
        if planted == "violation":
            entry.planted += 1
            if not found:
                entry.missed.append(note)
        else:
            entry.near_misses += 1
            if found:
                entry.spoke.append(note)
    unplanned = connection.execute(
        "select f.rule_id, f.detail from calendar.findings as f where f.review_month in (select review_month from read_csv(?, all_varchar=true, header=true)) "
        f"and not exists (select 1 from read_csv(?, all_varchar=true, header=true) as t where t.planted = 'violation' and {keys}) order by all",
        [str(truth), str(truth)],
    ).fetchall()
    for rule, detail in unplanned:
        scores.setdefault(rule, RuleScore(rule)).unplanned.append(detail)
    return [scores[rule] for rule in sorted(scores)]
