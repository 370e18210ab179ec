"""What a header that no input recognises is most like, and what to do about it, in words. Pure functions over texts;
opens no data file.

An input is meant by what its columns mean: a spelling that many inputs share says little, one that only one knows says
much.
"""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pipelines.contracts
from pipelines.contracts import REFERENCE, Contract, Form
from pipelines.contracts.aliases import aliases, fold, fold_header
from pipelines.ingest.recognise.inputs import ORDER, contract_of

CONTRACTS = Path(pipelines.contracts.__file__).parent
# How alike an unknown spelling must be to a known one to be named as a guess (measured: Persnummer and Personalnummer
# 0.83, DirSyncEnabled and account_enabled 0.71).
ALIKE = 0.8
MAX_NAMED = 6


@dataclass(frozen=True)
class Likeness:
    """How much a header is like an input. columns: header text by the column it means; missing: required columns (or
    groups of which one is) that are not there.
    """

    contract: Contract
    score: float
    columns: dict[str, str]
    missing: tuple[str, ...]


def likeness(header: Sequence[str]) -> float:
    """How much a header is like that of any known input; 0 for one that shares nothing with them."""
    best = _nearest(header)
    return best.score if best is not None else 0.0


def explain(header: Sequence[str], line: int = 1, called: str = "") -> str:
    """What a header that was not recognised is most like, what it lacks and what to do. line: where it stands in its
    file, told where it is not the first. called: the name of a file of the reference folder; a table of that name is
    what is meant.
    """
    where = f"line {line} looks like a header: " if line > 1 else ""
    if product := _product(header):
        contract = contract_of(product["input"])
        title = contract.title if contract else product["input"]
        return (
            f"{where}this is from {product['product']}; as {product['input']} ({title}) it cannot be read: "
            f"{product['advice']}{_invisible(header)}"
        )
    best = _nearest(header, called)
    if best is None or best.score <= 0:
        return f"no known input has any of these columns: {_listed(header)}{_invisible(header)}"
    name = best.contract.name
    said = (
        f"{where}most like {name} ({best.contract.title}): {_listed(list(best.columns))} "
        f"{'is' if len(best.columns) == 1 else 'are'} there"
    )
    if not best.missing:
        return f"{said}; too little to be sure: name the input in a manifest (input: {name}){_invisible(header)}"
    renames, unclear = _renames(header, best)
    lacks = f"missing: {', '.join(best.missing)}"
    pairs = ", ".join(f"'{visible(old)}' to {new}" for old, new in renames)
    todo = [f"perhaps rename {pairs}"] if renames else []
    todo += [f"{column} is {advice}" for column in unclear if (advice := _column_advice().get((name, column)))]
    return "; ".join([f"{said}; {lacks}", *todo]) + _invisible(header)


def visible(text: str) -> str:
    """A text in which characters that look like a blank, or like nothing, are named."""
    return "".join(f"[{unicodedata.name(c, f'U+{ord(c):04X}')}]" if _is_invisible(c) else c for c in text)


def _is_invisible(c: str) -> bool:
    return c != " " and unicodedata.category(c) in ("Cf", "Cc", "Zs", "Zl", "Zp")


def _invisible(header: Sequence[str]) -> str:
    """Header texts that hold characters which cannot be seen."""
    odd = [h for h in header if visible(h) != h]
    if not odd:
        return ""
    return f"; there are invisible characters in {', '.join(visible(h) for h in odd[:MAX_NAMED])}"


@cache
def _spellings() -> dict[str, dict[str, str]]:
    """Folded spelling → input → the column that it means there."""
    found: dict[str, dict[str, str]] = {}
    for name in ORDER:
        contract = contract_of(name)
        if contract is None or contract.form is not Form.TABLE:
            continue
        for column in contract.column_names:
            found.setdefault(column, {})[name] = column
        for alias in aliases().get(name, ()):
            found.setdefault(alias.alias, {}).setdefault(name, alias.column)
    return found


def _nearest(header: Sequence[str], called: str = "") -> Likeness | None:
    folded = {fold_header(h): h for h in reversed(header) if fold_header(h)}
    columns: dict[str, dict[str, str]] = {}
    weights: dict[str, float] = {}
    for spelling, text in folded.items():
        meant = _spellings().get(spelling, {})
        for name, column in meant.items():
            if column not in columns.setdefault(name, {}):
                columns[name][column] = text
                weights[name] = weights.get(name, 0.0) + (2.0 if _is_needed(name, column) else 1.0) / len(meant) ** 0.5
    found = [_likeness(name, columns[name], weights[name]) for name in columns]
    by_name = fold(called) if called and fold(called) in REFERENCE else ""
    return max(found, key=lambda k: (k.contract.name == by_name, k.score, -ORDER.index(k.contract.name)), default=None)


def _is_needed(name: str, column: str) -> bool:
    contract = contract_of(name)
    return contract is not None and (column in contract.required or any(column in group for group in contract.any_of))


def _likeness(name: str, columns: dict[str, str], weight: float) -> Likeness:
    contract = contract_of(name)
    assert contract is not None
    missing = [c for c in contract.required if c not in columns]
    missing += [" or ".join(g) for g in contract.any_of if not set(g) & set(columns)]
    needed = len(contract.required) + len(contract.any_of)
    # What is missing counts against it, yet something is left of what is there.
    score = weight * (0.2 + 0.8 * (1 - len(missing) / needed)) if needed else weight
    texts = {columns[c]: c for c in contract.column_names if c in columns}
    return Likeness(contract, score, texts, tuple(missing))


def _renames(header: Sequence[str], best: Likeness) -> tuple[list[tuple[str, str]], list[str]]:
    """(header text, missing column) pairs of which the text is much like a spelling of the column; the missing columns
    without one.
    """
    free = [h for h in header if h.strip() and h not in best.columns]
    pairs: list[tuple[str, str]] = []
    unclear: list[str] = []
    for column in (c for m in best.missing for c in m.split(" or ")):
        known = [column, *(a.alias for a in aliases().get(best.contract.name, ()) if a.column == column)]
        ranked = sorted(
            ((max(_alike(fold(h), k) for k in known), h) for h in free), key=lambda pair: (-pair[0], pair[1])
        )
        if ranked and ranked[0][0] >= ALIKE:
            pairs.append((ranked[0][1], column))
            free.remove(ranked[0][1])
        else:
            unclear.append(column)
    return pairs, unclear


def _alike(one: str, other: str) -> float:
    one, other = one.replace("_", ""), other.replace("_", "")
    if min(len(one), len(other)) >= 5 and (one.startswith(other) or other.startswith(one)):
        return 0.9
    matcher = difflib.SequenceMatcher(None, one, other)
    # Both are upper bounds that cost little; what is below is no guess anyway.
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


@cache
def _known_files() -> tuple[dict[str, str], ...]:
    with (CONTRACTS / "known_files.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def _column_advice() -> dict[tuple[str, str], str]:
    with (CONTRACTS / "column_hints.csv").open(encoding="utf-8", newline="") as handle:
        return {(row["input"], row["column"]): row["advice"] for row in csv.DictReader(handle)}


def _product(header: Sequence[str]) -> dict[str, str] | None:
    """The product that writes files with these columns, of those that are no input as they are."""
    folded = {fold(h) for h in header}
    for row in _known_files():
        if set(row["marks"].split()) <= folded and not set(row["lacks"].split()) & folded:
            return row
    return None


def _listed(texts: Sequence[str]) -> str:
    shown = [visible(t) for t in texts if t.strip()]
    more = f" and {len(shown) - MAX_NAMED} more" if len(shown) > MAX_NAMED else ""
    return ", ".join(shown[:MAX_NAMED]) + more
