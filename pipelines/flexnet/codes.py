"""Feature codes of the vendor daemon: their grammar. The table of the published ones is
`feature_codes.csv` of the seeds.

A code is five digits, a mnemonic and an ending: `_F` and `_T_F` are packages that outlive releases, `_yyyy_nF` is one
release of one product. The number alone is no key: the same number stands before several products. The table ends with
release 2019; a code that is not in it must be shown as unmapped with what its own text says. Folding is the folding of
headers and product names everywhere in this project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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


def read_code(code: str) -> FeatureCode:
    """Kind, mnemonic and release of a feature code by its grammar; kind `other` if it does not fit."""
    found = _CODE.fullmatch(code.strip())
    if found is None:
        return FeatureCode(code, "other")
    if found["release"]:
        return FeatureCode(code, "component", found["mnemonic"], found["release"])
    return FeatureCode(code, "term_package" if found["term"] else "package", found["mnemonic"])
