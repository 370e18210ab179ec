"""Mistakes made by rule and drawn by lot: a comparison that includes its limit or excludes it, a minimum for a maximum,
another order, an inner join for an outer one, a condition negated. In models that have unit tests, and in Python
modules that have tests of their own. Runs nothing.
"""

from __future__ import annotations

import random
import re

from tests.conftest import ROOT
from tests.dbt.unit_tests import unit_tests
from tests.mutations.planted import path_of
from tests.mutations.project import DBT, Mutation

# (pattern, replacement). Of the SQL of models.
LIMITS = ((r"(?<= )>=(?= )", ">"), (r"(?<= )<=(?= )", "<"), (r"(?<= )>(?= )", ">="), (r"(?<= )<(?= )", "<="))
OF_SQL = (
    *LIMITS,
    (r"\bmax\((?!distinct)", "min("), (r"\bmin\((?!distinct)", "max("), (r" desc\b", ""),
    (r"\bis not null\b", "is null"), (r"\bnot exists\b", "exists"), (r"\bbool_or\(", "bool_and("),
    (r"\bleast\(", "greatest("), (r"\bgreatest\(", "least("), (r"\bcount\(distinct ", "count("),
    (r"(?<= )<>(?= )", "="), (r"(?<== )false\b", "true"), (r"(?<!select )(?<= )(\d+)(?=[ ),])", r"1\1"),
    (r"\bleft join\b", "inner join"), (r"(?<= )and(?= )", "or"), (r"(?<= )or(?= )", "and"),
    (r"\bnot (?!exists|null|in\b)", ""), (r"\bnulls first\b", "nulls last"), (r"\bnulls last\b", "nulls first"),
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


def _made(text: str, begin: int, end: int, replacement: str) -> tuple[str, str, str]:
    """What, before and after of the mistake at a place, the text around it long enough to be there once."""
    left, right = begin, end
    while text.count(text[left:right]) > 1:
        left, right = max(0, left - 10), min(len(text), right + 10)
    line = text.count("\n", 0, begin) + 1
    what = f"line {line}: `{text[begin:end].strip()}` is `{replacement.strip() or 'gone'}`"
    return what, text[left:right], text[left:begin] + replacement + text[end:right]


def of_models(number: int | None, seed: int) -> list[Mutation]:
    """So many mistakes in the models that have unit tests, of all that there could be; None: all of them."""
    found = []
    paths = {p.stem: p for p in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    for name in sorted(unit_tests().keys() & paths.keys()):
        text, path = paths[name].read_text(encoding="utf-8"), str(paths[name].relative_to(ROOT))
        for place in _places(text, OF_SQL, r"--[^\n]*$|\{#.*?#\}|'[^'\n]*'"):
            found.append(Mutation(*(made := _made(text, *place))[:1], path, *made[1:], DBT, (name,)))
    if number is not None:
        found = random.Random(seed).sample(found, min(number, len(found)))
    return sorted(found, key=lambda m: (m.file, int(m.what.split()[1][:-1])))


def of_modules(number: int, seed: int) -> list[Mutation]:
    """So many mistakes in Python modules, one module after the other."""
    chance, found = random.Random(seed), []
    pairs = sorted(MODULES.items())
    for i in range(number):
        file, tests = pairs[i % len(pairs)]
        text = (ROOT / path_of(file)).read_text(encoding="utf-8")
        if places := _places(text, OF_PYTHON, r'#[^\n]*$|""".*?"""|"[^"\n]*"'):
            what, before, after = _made(text, *chance.choice(places))
            found.append(Mutation(what, path_of(file), before, after, path_of(tests)))
    return found
