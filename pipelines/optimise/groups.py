"""Repairs of group rules for a table of members: groups the rows, asks `predicates.py`, gives columns back. No
database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from pipelines.optimise.predicate_edit import Member, Proposal, propose
from pipelines.reference.predicate import COLUMNS

KEY = ("review_month", "team_alias", "group_name", "offering_key")
INPUT = (*KEY, "intended", "must_stay", "can_go", "has_seat", "is_active", "in_force", *COLUMNS)
OTHERS = ("review_month", *COLUMNS)
OUTPUT = {
    **dict.fromkeys(KEY, "varchar"),
    "proposed_predicate": "varchar",
    "edits": "bigint",
    "freed": "bigint",
    "seats_freed": "bigint",
    "active_users_hit": "bigint",
    "kept_with_them": "bigint",
    "let_in": "bigint",
    "is_smallest": "boolean",
    "persons_let_in": "bigint",
    "helps": "boolean",
}


def repair_groups(
    rows: Iterable[Sequence[Any]], everybody: Iterable[Sequence[Any]]
) -> dict[str, tuple[str, list[Any]]]:
    """Column → (SQL type, values), one row per group and offering.

    rows: tuples in the order of INPUT, sorted by the key. everybody: one tuple in the order of OTHERS per HR record in
    force of each month.
    """
    by_month: dict[str, Counter[tuple[Any, ...]]] = {}
    for month, *attributes in everybody:
        by_month.setdefault(month, Counter())[tuple(attributes)] += 1
    found: list[tuple[Any, ...]] = []
    # Versions of a month, and months in which nothing moved, ask the same question: it is answered once.
    answers: dict[tuple[Any, ...], Proposal] = {}
    for key, of_key in groupby(rows, key=lambda r: tuple(r[:4])):
        group = list(of_key)
        intended = group[0][4]
        outside = by_month.get(key[0], Counter()) - Counter(tuple(r[10:]) for r in group if r[9])
        question = intended, frozenset(Counter(tuple(r[5:]) for r in group).items()), frozenset(outside.items())
        if question not in answers:
            members = [
                Member(dict(zip(COLUMNS, r[10:], strict=True)), bool(r[5]), bool(r[6]), bool(r[7]), bool(r[8]))
                for r in group
            ]
            others = [dict(zip(COLUMNS, o, strict=True)) for o in outside]
            answers[question] = propose(intended, members, others, list(outside.values()))
        p = answers[question]
        found.append(
            (
                *key,
                p.predicate,
                p.edits,
                p.freed,
                p.seats_freed,
                p.active_hit,
                p.kept_with_them,
                p.let_in,
                p.is_smallest,
                p.persons_let_in,
                p.helps,
            )
        )
    return {name: (kind, [row[i] for row in found]) for i, (name, kind) in enumerate(OUTPUT.items())}
