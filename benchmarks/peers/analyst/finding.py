"""What a rule hands back: findings with the common fields, and how many persons or teams it left out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low", "info")


@dataclass
class Finding:
    """One finding of one month; amounts are exact until they are compared."""

    rule: str
    team: str = ""
    offering: str = ""
    person: str = ""
    scope: str = ""
    observed: Any = None
    threshold: Any = None
    excess: Any = None
    exposure: Fraction | None = None
    currency: str | None = None
    basis: str | None = None
    severity: str = "medium"
    confidence: str = "high"
    more: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    first_seen: str = ""
    months_open: int = 0
    assessability: str = ""

    @property
    def id(self) -> str:
        """finding_id."""
        text = "|".join((self.rule, self.team, self.offering, self.person, self.scope))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class Result:
    """Findings of a rule in a month."""

    findings: list[Finding] = field(default_factory=list)
    left_out: int = 0
    impossible: bool = False
