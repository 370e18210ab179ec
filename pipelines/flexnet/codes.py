"""Feature codes of the vendor daemon: their grammar and the table of the published ones (`feature_codes.csv` of the
seeds).

A code is five digits, a mnemonic and an ending: `_F` and `_T_F` are packages that outlive releases, `_yyyy_nF` is one
release of one product. The number alone is no key: the same number stands before several products. The table ends with
release 2019; a code that is not in it must be shown as unmapped with what its own text says. Folding is the folding of
headers and product names everywhere in this project.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from pipelines.settings import SEEDS

TABLE = SEEDS / "feature_codes.csv"
_CODE = re.compile(
    r"(?P<number>\d{5})(?P<mnemonic>.+?)(?:_(?P<release>\d{4}|\d{1,2}|\d{4}[A-Z]+)_\dF|_(?P<term>T_)?F)", re.I
)


@dataclass(frozen=True)
class FeatureCode:
    """What a code says of itself. kind: package (`_F`), term_package (`_T_F`: a subscription), component (one release),
    other.
    """

    code: str
    kind: str
    mnemonic: str | None = None
    release: str | None = None


@dataclass(frozen=True)
class KnownCode:
    """A row of the table: product name, and the name without maker and release, folded (an alias of an offering, not an
    offering).
    """

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
def known_codes() -> dict[str, KnownCode]:
    """Code in upper case → its row in the table; a package that was renamed has its last published name."""
    rows: dict[str, KnownCode] = {}
    with TABLE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            known = KnownCode(
                row["feature_code"], row["kind"], row["release"] or None, row["name"], row["product"], row["source"]
            )
            rows[known.feature_code.upper()] = known
    return rows


@cache
def _products_by_mnemonic() -> dict[str, set[str]]:
    packages: dict[str, set[str]] = {}
    every: dict[str, set[str]] = {}
    for known in known_codes().values():
        mnemonic = (read_code(known.feature_code).mnemonic or "").upper()
        every.setdefault(mnemonic, set()).add(known.product)
        if known.kind != "component":
            packages.setdefault(mnemonic, set()).add(known.product)
    return every | packages


def product_of(code: str) -> tuple[str | None, str]:
    """(folded product name, how: `code`, `mnemonic`, `unmapped`) of a feature code.

    A code that is not in the table is named after its mnemonic where the known packages of that mnemonic (else its
    components) are one product; else it is unmapped.
    """
    known = known_codes().get(code.strip().upper())
    if known is not None:
        return known.product, "code"
    products = _products_by_mnemonic().get((read_code(code).mnemonic or "").upper(), set())
    return (next(iter(products)), "mnemonic") if len(products) == 1 else (None, "unmapped")
