"""The documentation site: builds without a warning, leads nowhere dead, needs no other host, and names everything that
there is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from pipelines.cli import build_parser
from pipelines.contracts import INPUTS, REFERENCE
from pipelines.guide.commands import subcommands
from pipelines.guide.published import published_tables
from pipelines.guide.rules import catalogue, parameters
from pipelines.guide.site import handwritten_pages, with_pictures
from pipelines.publish.measures import measures
from tests.conftest import ROOT, Reviewed

# What a browser fetches by itself, as (element, attribute).
FETCHED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}


@dataclass
class Page(HTMLParser):
    """Ids, links, fetched addresses and text of one page."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if (tag, name) == ("a", "href") and value:
                self.links.append(value)
            if (tag, name) in FETCHED and value:
                self.fetched.append(value)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return unescape("".join(self.text))


@pytest.fixture(scope="module")
def site(demo: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does it, in a folder of its own."""
    target, published = tmp_path_factory.mktemp("docs") / "site", demo.data / "published" / "pages"
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "site" / "build.py"), str(target), "--pages", str(published)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Path inside the site → the page."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        found[path.relative_to(site).as_posix()] = page
    return found


def test_every_link_inside_the_site_leads_to_a_page_and_every_anchor_is_there(site: Path, pages: dict[str, Page]):
    dead = []
    for name, page in pages.items():
        for link in [*page.links, *page.fetched]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            target = target.resolve()
            if not target.is_file():
                dead.append((name, link))
            elif parts.fragment and target.suffix == ".html":
                ids = pages[target.relative_to(site.resolve()).as_posix()].ids
                if unquote(parts.fragment) not in ids and parts.fragment not in {"", "#"}:
                    dead.append((name, link))
    assert dead == []


def test_no_page_fetches_anything_from_another_host(site: Path, pages: dict[str, Page]):
    outside = [(n, a) for n, p in pages.items() for a in p.fetched if urlsplit(a).scheme or urlsplit(a).netloc]
    assert outside == []
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"(?:url\(\s*['\"]?|@import\s+['\"])(?:https?:)?//", text), path.name


def test_every_rule_has_a_section_with_question_definition_example_parameters_and_model(pages: dict[str, Page]):
    for row in catalogue():
        page = pages[f"rules-{row['family'].lower()}.html"]
        assert row["rule_id"].lower() in page.ids
        words = " ".join(page.words.replace("’", "'").replace("“", '"').replace("”", '"').split())
        for part in (row["title"], row["question"], row["in_words"], "Definition.", "Example.", row["source"]):
            assert part in words, (row["rule_id"], part)
        for parameter in parameters().get(row["rule_id"], []):
            assert parameter["parameter"] in words
        assert f"{row['rule_id'].lower().replace('-', '_')}_" in words


def test_every_input_and_reference_table_is_there_with_every_column(pages: dict[str, Page]):
    for tables, page, kind in ((INPUTS, "inputs.html", "input"), (REFERENCE, "reference-tables.html", "reference")):
        for name, contract in tables.items():
            assert f"{kind}-{name.replace('_', '-')}" in pages[page].ids, name
            for column in contract.column_names:
                assert column in pages[page].words, (name, column)


def test_every_published_column_is_there(pages: dict[str, Page]):
    for table in published_tables():
        page = pages[f"columns-{table.schema}.html"]
        assert f"table-{table.schema}-{table.name}".replace("_", "-") in page.ids
        for column, _, _ in table.columns:
            assert column in page.words, (table.name, column)


def test_every_measure_is_there_with_what_it_says(pages: dict[str, Page]):
    for measure in measures():
        assert measure.name in pages["measures.html"].words, measure.name


def test_the_words_about_the_rule_catalogue_name_its_columns():
    (described,) = [t for t in published_tables() if t.name == "rule_catalogue"]
    assert {name for name, _, _ in described.columns} == set(catalogue()[0])


def test_every_command_is_there_with_its_help(pages: dict[str, Page]):
    for name in subcommands(build_parser()):
        assert f"command-{name}" in pages["commands.html"].ids
        assert f"usage: selfaudit {name}" in pages["commands.html"].words


def test_every_page_of_docs_is_in_the_menu(pages: dict[str, Page]):
    linked = set(pages["index.html"].links) | set(pages["decisions.html"].links)
    for path in (ROOT / "docs").rglob("*.md"):
        assert path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in linked, path.name


def test_links_between_the_written_pages_hold_where_they_are_written():
    dead = []
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in link and not (path.parent / link).exists():
                dead.append((path.name, link))
    assert dead == []


def test_every_picture_that_a_page_asks_for_is_of_the_demo_and_shown_with_words(site: Path, pages: dict[str, Page]):
    asked = {name for text in handwritten_pages().values() for name in re.findall(r"<!-- picture: ([a-z-]+):", text)}
    shown = {Path(src).stem for page in pages.values() for src in page.fetched if src.endswith(".png")}
    browser = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    assert len(asked) >= 6 and shown == (asked if browser else set())


def test_a_picture_that_was_not_taken_leaves_nothing_behind():
    text = "a\n\n<!-- picture: month: The first screen -->\n\nb"
    assert with_pictures(text, []) == "a\n\n\n\nb"
    assert with_pictures(text, ["month"]) == "a\n\n![The first screen](/_pictures/month.png)\n\nb"
