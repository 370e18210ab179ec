"""Mistakes made by rule and drawn by lot: a comparison that takes its limit in or leaves it out, a minimum for a
maximum, another order, a condition
turned round. Of models that have unit tests, and of Python modules that have tests of their own. Runs nothing.
"""

from __future__ import annotations

import random
import re

import yaml

from tests.conftest import ROOT
from tests.mutations.planted import path_of
from tests.mutations.project import DBT, Mutation

# (pattern, replacement). Of the SQL of models.
LIMITS = ((r"(?<= )>=(?= )", ">"), (r"(?<= )<=(?= )", "<"), (r"(?<= )>(?= )", ">="), (r"(?<= )<(?= )", "<="))
OF_SQL = (
    *LIMITS,
    (r"\bmax\((?!distinct)", "min("), (r"\bmin\((?!distinct)", "max("), (r" desc\b", ""),
    (r"\bis not null\b", "is null"), (r"\bnot exists\b", "exists"), (r"\bbool_or\(", "bool_and("),
    (r"\bleast\(", "greatest("), (r"\bgreatest\(", "least("), (r"\bcount\(distinct ", "count("),
    (r"(?<= )<>(?= )", "="), (r"(?<== )false\b", "true"), (r"(?<= )(\d+)(?=[ ),])", r"1\1"),
)  # fmt: skip
OF_PYTHON = (
    *LIMITS,
    (r"(?<= )==(?= )", "!="), (r"\bmax\(", "min("), (r"\bmin\(", "max("), (r"\bis not None\b", "is None"),
    (r"\bnot (?!in\b|None)", ""), (r"(?<= )and(?= )", "or"), (r"(?<= )or(?= )", "and"), (r" \+ 1\b", " + 2"),
    (r" - 1\b", ""), (r"\bany\(", "all("), (r"\ball\(", "any("), (r"\breverse=True", "reverse=False"),
)  # fmt: skip
# Modules with few files to read or none, and the tests that are theirs.
MODULES = {
    "partitions.py": "test_partitions.py",
    "due.py": "test_due.py",
    "overdue.py": "test_late.py",
    "manifests.py": "test_manifests.py",
    "predicate_edit.py": "test_optimise_predicates.py",
    "precedence.py": "test_landing.py",
    "completeness.py": "test_completeness.py",
    "written.py": "test_straight.py",
}


def _places(text: str, rules: tuple[tuple[str, str], ...], comment: str) -> list[tuple[int, int, str]]:
    """Begin, end and replacement of every place outside of comments where a rule fits."""
    skipped = [m.span() for m in re.finditer(comment, text, re.S | re.M)]
    found = []
    for pattern, replacement in rules:
        for m in re.finditer(pattern, text):
            if not any(a <= m.start() < b for a, b in skipped):
                found.append((m.start(), m.end(), m.expand(replacement)))
    return sorted(found)


def _made(
    path: str, rules: tuple[tuple[str, str], ...], comment: str, chance: random.Random
) -> tuple[str, str, str] | None:
    """What, before and after of one mistake in a file, the text around it long enough to be there once."""
    text = (ROOT / path).read_text(encoding="utf-8")
    places = _places(text, rules, comment)
    if not places:
        return None
    begin, end, replacement = chance.choice(places)
    left, right = begin, end
    while text.count(text[left:right]) > 1:
        left, right = max(0, left - 10), min(len(text), right + 10)
    line = text.count("\n", 0, begin) + 1
    what = f"line {line}: `{text[begin:end].strip()}` is `{replacement.strip() or 'gone'}`"
    return what, text[left:right], text[left:begin] + replacement + text[end:right]


def sample(models: int, modules: int, seed: int) -> list[Mutation]:
    """So many mistakes in models, at most one in each, and so many in Python modules."""
    chance = random.Random(seed)
    tested = {
        test["model"]
        for path in (ROOT / "dbt_project" / "models").rglob("_unit_tests*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    }
    found = []
    models_of = {p.stem: p for p in (ROOT / "dbt_project" / "models").rglob("*.sql") if p.stem in tested}
    for name in chance.sample(sorted(models_of), len(models_of)):
        path = str(models_of[name].relative_to(ROOT))
        made = _made(path, OF_SQL, r"--[^\n]*$|\{#.*?#\}|'[^'\n]*'", chance)
        if made is not None and len(found) < models:
            found.append(Mutation(made[0], path, made[1], made[2], DBT, (name,)))
    pairs = sorted(MODULES.items())
    for i in range(modules):
        file, tests = pairs[i % len(pairs)]
        made = _made(path_of(file), OF_PYTHON, r'#[^\n]*$|""".*?"""|"[^"\n]*"', chance)
        if made is not None:
            found.append(Mutation(made[0], path_of(file), made[1], made[2], path_of(tests)))
    return found
