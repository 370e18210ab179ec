"""Licences of everything that a review needs: each may be shipped with software under Apache-2.0, and what is left to
choose or is only weakly copyleft is named here with the reason.
"""

from __future__ import annotations

import re
from importlib import metadata

from packaging.requirements import Requirement

PERMISSIVE = re.compile(
    r"(?:the )?(?:MIT(?:-0)?|MIT License|Apache(?: Software)?(?: License)?(?:[- ]2\.0)?|0BSD|Zlib|CC0-1\.0|Unlicense|"
    r"(?:3-Clause )?BSD(?:[- ][23]-Clause)?(?: License)?|ISC(?: License(?: \(ISCL\))?)?|PSF-2\.0|CNRI-Python|"
    r"Python Software Foundation License|OSI Approved)",
    re.IGNORECASE,
)
# Unchanged files of MPL-2.0 may be used and shipped beside files of any licence.
FILE_BY_FILE = {"certifi", "orjson", "pathspec", "tqdm"}
# One of several is chosen.
CHOSEN = {"text-unidecode": "Artistic License"}


def needed() -> dict[str, metadata.Distribution]:
    """Name → what is installed of it, of everything that the project needs without its extras."""
    found: dict[str, metadata.Distribution] = {}
    waiting = ["selfaudit"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        for text in found[name].requires or ():
            requirement = Requirement(text)
            extras = {"", *requirement.extras} if name != "selfaudit" else {""}
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(re.sub("[-_.]+", "-", requirement.name).lower())
    return found


def licences(distribution: metadata.Distribution) -> set[str]:
    """The licences that a package names: its expression, else its classifiers, else its text."""
    about = distribution.metadata
    classifiers = about.get_all("Classifier") or []
    named = {c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::")}
    said = about.get("License-Expression") or ("" if named else about.get("License")) or ""
    return named if not said else {one.strip() for one in re.split(r" (?:AND|OR) |[()]", said)} - {""}


def test_everything_that_a_review_needs_may_be_shipped_with_it():
    packages = needed()
    assert len(packages) > 60
    refused = {}
    for name, distribution in sorted(packages.items()):
        if name in CHOSEN:
            assert CHOSEN[name] in licences(distribution), name
            continue
        left = {one for one in licences(distribution) if not PERMISSIVE.fullmatch(one)}
        if name in FILE_BY_FILE:
            left -= {"MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)"}
        if left:
            refused[name] = sorted(left)
    assert refused == {}
