"""Checks that could not run, grouped by the file they need, to show how many checks each file would enable. A pure
function from rows of rule_runs to groups. The models define what a rule needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.contracts import INPUTS, REFERENCE

MISSING = "missing: "
# Suffixes of an input's name in a reason, if a drop other than the month's is acceptable or needed.
WHERE = re.compile(r" in (any drop|the drop of .+)$")


@dataclass(frozen=True)
class Waiting:
    """What is missing, in words, and the checks that wait for it.

    only: how many of them need nothing else. rules: (rule, title), in order.
    """

    what: str
    only: int
    rules: tuple[tuple[str, str], ...]

    @property
    def count(self) -> int:
        """Number of waiting checks."""
        return len(self.rules)


def waiting_checks(limits: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    """The groups, ordered by how many checks each alone would enable, largest first. limits: rows of rule_runs
    (rule_id, title, assessability, reason); only rules that could not run at all because an input is missing are
    grouped.
    """
    waiting: dict[str, set[tuple[str, str]]] = {}
    only: dict[str, int] = {}
    for row in limits:
        reason = row["reason"] or ""
        if row["assessability"] != "not_assessable" or not reason.startswith(MISSING):
            continue
        # Commas within parentheses are part of a name.
        names = {_in_words(part) for part in re.split(r", (?![^(]*\))", reason.removeprefix(MISSING))}
        for name in names:
            waiting.setdefault(name, set()).add((row["rule_id"], row["title"]))
            only[name] = only.get(name, 0) + (len(names) == 1)
    groups = [Waiting(name, only[name], tuple(sorted(rules))) for name, rules in waiting.items()]
    return sorted(groups, key=lambda g: (-g.only, -g.count, g.what))


def _in_words(need: str) -> str:
    """A need in words: the title of the input or of the company's table, with its name."""
    if " or " in need and "(" not in need:
        return " or ".join(_in_words(part) for part in need.split(" or "))
    table = need.removeprefix("reference table ")
    if table != need:
        return f"{REFERENCE[table].title} (your table {table})" if table in REFERENCE else need
    where = WHERE.search(need)
    name = need[: where.start()] if where else need
    if name not in INPUTS:
        return need
    month = where.group(1) if where and where.group(1) != "any drop" else ""
    return f"{INPUTS[name].title} ({name})" + (f" in {month}" if month else "")
