"""Feature codes of the vendor daemon: their grammar and the table of the published ones (`feature_codes.csv`).

A code is five digits, a mnemonic and an ending: `_F` and `_T_F` are packages that outlive releases, `_yyyy_nF` is one release of one product.
The number alone is no key: the same number stands before several products. The table ends with release 2019; a code that is not in it must
be shown as unmapped with what its own text says. Folding is the folding of headers and product names everywhere in this project.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "feature_codes.csv"
_CODE = re.compile(
    r"(?P<number>\d{5})(?P<mnemonic>.+?)(?:_(?P<release>\d{4}|\d{1,2}|\d{4}[A-Z]+)_\dF|_(?P<term>T_)?F)", re.I
)


@dataclass(frozen=True)
class FeatureCode:
    """What a code says of itself. kind: package (`_F`), term_package (`_T_F`: a subscription), component (one release), other."""

    code: str
    kind: str
    mnemonic: str | None = None
    release: str | None = None


@dataclass(frozen=True)
class KnownCode:
    """A row of the table: product name, and the name without maker and release, folded (an alias of an offering, not an offering)."""

    feature_code: str
    kind: str
    release: str | None
    name: str
    product: str
    source: str


def read_code(code: str) -> FeatureCode:
    """Kind, mnemonic and release of a feature code by its grammar; kind `other` if it does not fit."""
    found = _CODE.fullmatch(code.strip())
    if found is None:
        return FeatureCode(code, "other")
    if found["release"]:
        return FeatureCode(code, "component", found["mnemonic"], found["release"])
    return FeatureCode(code, "term_package" if found["term"] else "package", found["mnemonic"])


@cache
def known_codes() -> dict[str, tuple[KnownCode, ...]]:
    """Code in upper case → its rows in the table; some codes were published for more than one product name."""
    rows: dict[str, list[KnownCode]] = {}
    with TABLE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            known = KnownCode(
                row["feature_code"], row["kind"], row["release"] or None, row["name"], row["product"], row["source"]
            )
            rows.setdefault(known.feature_code.upper(), []).append(known)
    return {code: tuple(found) for code, found in rows.items()}
