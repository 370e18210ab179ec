"""The sources of the documentation site: hand-written pages as they are, generated pages beside them, one table of
contents.

Writes Markdown into a folder; Sphinx makes the site of it (`__main__`).
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from pipelines.guide.commands import command_page
from pipelines.guide.defaults import default_pages
from pipelines.guide.published import measure_page, published_pages
from pipelines.guide.rules import parameter_page, rule_pages
from pipelines.guide.tables import input_pages, reference_pages
from pipelines.settings import ROOT

# Folder of the pictures in the site, and how a page says that one stands there and what it shows.
PICTURES = "_pictures"
PICTURE = re.compile(r"<!-- picture: ([a-z-]+): (.+?) -->")
# Page of the site → where it is written by hand, beside the pages of `docs/`.
ELSEWHERE = {
    "business-decisions": ROOT / "dbt_project" / "DECISIONS.md",
    "expectations": ROOT / "expectations" / "README.md",
    "corrections": ROOT / "expectations" / "corrections" / "README.md",
    "defaults": ROOT / "dbt_project" / "seeds" / "defaults" / "README.md",
    "benchmarks": ROOT / "benchmarks" / "RESULTS.md",
}
# Order of the menu. What `docs/` holds and no part names comes last, so that a new page is never lost.
PARTS: dict[str, tuple[str, ...]] = {
    "Using it": (
        "first-ten-minutes",
        "exporting",
        "inputs",
        "reference-tables",
        "default-names",
        "deciding",
        "answering-claims",
        "limits",
    ),
    "What it says": ("foundations", "rules", "parameters", "columns", "measures", "bi"),
    "Running it": (
        "operations",
        "privacy",
        "evidence",
        "deploying",
        "many-companies",
        "scale",
        "commands",
        "export-sam",
    ),
    "How it is built": (
        "architecture",
        "dbt",
        "business-decisions",
        "decisions",
        "expectations",
        "defaults",
        "dependencies",
        "scoreboard",
        "mutations",
        "benchmarks",
    ),
}
# Pages that hang below another one.
BELOW = {
    "rules": ("rules-",),
    "default-names": ("default-names-",),
    "columns": ("columns-",),
    "decisions": ("decisions/",),
    "expectations": ("corrections",),
}


def generated_pages(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Page name → Markdown of every page that is made from something else."""
    return {
        "inputs": input_pages(),
        "reference-tables": reference_pages(),
        "parameters": parameter_page(),
        "commands": command_page(parser),
        "measures": measure_page(),
        **rule_pages(),
        **default_pages(),
        **published_pages(),
    }


def handwritten_pages(docs: Path = ROOT / "docs") -> dict[str, str]:
    """Page name → Markdown of every page of `docs/`, and of the few that are kept where they are needed."""
    pages = {
        p.relative_to(docs).with_suffix("").as_posix(): p.read_text(encoding="utf-8")
        for p in sorted(docs.rglob("*.md"))
    }
    pages |= {name: path.read_text(encoding="utf-8") for name, path in ELSEWHERE.items() if path.is_file()}
    pages["decisions"] = "# Technical decisions\n\nWhy it is built this way, one page per decision.\n"
    return pages


def with_pictures(text: str, taken: Collection[str]) -> str:
    """A page with its pictures, where they were taken; without their places where they were not."""
    return PICTURE.sub(lambda m: f"![{m[2]}](/{PICTURES}/{m[1]}.png)" if m[1] in taken else "", text)


def write_sources(target: Path, parser: argparse.ArgumentParser, pictures: Collection[str] = ()) -> list[str]:
    """Write the sources of the site into a folder that is emptied first. Returns the names of the pages.

    pictures: names of those that will lie in its folder PICTURES.
    """
    pages = handwritten_pages() | generated_pages(parser)
    for name, prefixes in BELOW.items():
        below = [p for p in sorted(pages) if p != name and p.startswith(prefixes)]
        pages[name] += _menu(below)
    pages["index"] = _index(pages)
    shutil.rmtree(target, ignore_errors=True)
    for name, text in pages.items():
        path = target / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(with_pictures(text, pictures), encoding="utf-8")
    return sorted(pages)


def _menu(pages: list[str], caption: str = "") -> str:
    options = f":caption: {caption}\n" if caption else ""
    entries = "\n".join(f"/{p}" for p in pages)
    return f"\n```{{toctree}}\n:maxdepth: 1\n{options}\n{entries}\n```\n"


def _index(pages: dict[str, str]) -> str:
    named = {p for part in PARTS.values() for p in part}
    below = {p for prefixes in BELOW.values() for p in pages if p.startswith(prefixes)}
    parts = {caption: [p for p in part if p in pages] for caption, part in PARTS.items()}
    parts["More"] = sorted(set(pages) - named - below)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opening = re.split(r"^## ", readme, maxsplit=1, flags=re.M)[0].rstrip()
    return "\n".join([opening + "\n", *(_menu(part, caption) for caption, part in parts.items() if part)])
