"""What expectations say of the rows of a drop, as a value. Ingestion asks for it before the end of its transaction; who
judges, and how, is `quality`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Judgement:
    """rows: those of raw.quality_result, each column → value. refused: input → why nothing of it may be used."""

    rows: tuple[Mapping[str, Any], ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: Judgement) -> Judgement:
        return Judgement((*self.rows, *other.rows), {**self.refused, **other.refused})


# A judgement that is waited for: another process judges while rows are written.
Pending = Callable[[], Judgement]


def known(judgement: Judgement) -> Pending:
    """A judgement that nobody has to wait for."""
    return lambda: judgement


def both(one: Pending, other: Pending) -> Pending:
    """Two judgements together."""
    return lambda: one() + other()
