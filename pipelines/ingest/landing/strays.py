"""What lies in the landing zone where nothing is read: files beside the month folders, folders whose name is not a
month. Looks at names only.

Source: definition of this project, docs/exporting.md.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.landing.files import DROP_NAME, REFERENCE_DROP, left_by_program, readable_name
from pipelines.ingest.landing.manifests import is_manifest

# Folders beside the month folders that are no drops: the company's tables, and filled workbooks (definition of this
# project, docs/foundations.md).
KNOWN = {REFERENCE_DROP, "decisions"}
# The first letters of the months in the languages of the products, without accents.
MONTHS = (
    ("jan", "ene", "gen", "sty"),
    ("feb", "fev", "fevr", "lut"),
    ("mar", "maerz", "mrt"),
    ("apr", "avr", "abr", "kwi"),
    ("may", "mai", "mayo", "maj", "mag", "mei"),
    ("jun", "juin", "giu", "cze"),
    ("jul", "juil", "lug", "lip"),
    ("aug", "aout", "ago", "sie"),
    ("sep", "set", "wrz"),
    ("oct", "okt", "ott", "out", "paz"),
    ("nov", "lis"),
    ("dec", "dez", "dic", "gru"),
)


@dataclass(frozen=True)
class Stray:
    """A file or folder that is not read: its name in the landing zone, why, and what to do."""

    name: str
    why: str
    advice: str

    def sentence(self) -> str:
        """All of it in one line."""
        return f"{self.name}: {self.why}; {self.advice}"


def strays(landing: Path) -> list[Stray]:
    """Everything directly in the landing zone that is not read, by name; none where there is no landing zone."""
    if not landing.is_dir():
        return []
    found = []
    for entry in sorted(landing.iterdir(), key=lambda p: p.name):
        name = readable_name(entry.name)
        if entry.is_dir() and not entry.is_symlink():
            if not DROP_NAME.fullmatch(entry.name) and entry.name not in KNOWN:
                found.append(_folder(name))
        elif not left_by_program(entry.name):
            found.append(_file(name))
    return found


def _file(name: str) -> Stray:
    if is_manifest(name):
        return Stray(
            name, "a manifest beside the month folders, which applies to no file", "move it into the folder of a month"
        )
    return Stray(
        name, "a file beside the month folders, which is not read", "move it into the folder of its month (YYYY-MM)"
    )


def _folder(name: str) -> Stray:
    meant = month_named(name)
    todo = (
        f"rename it to {meant}"
        if meant
        else "a drop is a folder named YYYY-MM, such as 2026-10: rename it, or move its files into one"
    )
    return Stray(f"{name}/", "a folder whose name is not a month, so that nothing in it is read", todo)


def month_named(name: str) -> str:
    """The month (YYYY-MM) that the name of a folder most likely means, '' where it says none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    if written := re.match(r"(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?!\d)", plain):
        return f"{written[1]}-{written[2]}"
    years = re.findall(r"(?<!\d)20\d\d(?!\d)", plain)
    if len(years) != 1:
        return ""
    rest = plain.replace(years[0], " ", 1)
    named = {i for i, starts in enumerate(MONTHS, 1) for w in re.findall(r"[a-z]{3,}", rest) if w.startswith(starts)}
    numbers = {int(n) for n in re.findall(r"(?<![a-z\d])\d{1,2}(?!\d)", rest)}
    months = named or numbers
    if len(months) != 1 or not 1 <= (month := months.pop()) <= 12:
        return ""
    return f"{years[0]}-{month:02d}"
