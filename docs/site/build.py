"""`python docs/site/build.py [FOLDER] [--pages DIR]`: builds the documentation site, without a network. Warnings are
errors: a dead link is one. DIR: published pages that its pictures are taken of; without it the site has none.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from pipelines.cli import build_parser
from pipelines.guide.site import PICTURES, write_sources
from pipelines.settings import ROOT


def build(target: Path, published_pages: Path | None = None) -> int:
    """Build the site into a folder; what it is made of lies beside it. Returns Sphinx's exit code.

    published_pages: of a reviewed data folder, for the pictures.
    """
    from sphinx.cmd.build import main as sphinx  # a tool of development: only who builds the site has it

    sources = target.with_name(target.name + "-sources")
    pictures, shown = target.with_name(target.name + "-pictures"), []
    shutil.rmtree(pictures, ignore_errors=True)
    if published_pages is not None:
        from pictures import take  # beside this file

        shown = take(published_pages, pictures)
        print(f"{len(shown)} pictures of {published_pages}" if shown else "no pictures: no Chromium, or no pages")
    pages = write_sources(sources, build_parser(), shown)
    if shown:
        shutil.copytree(pictures, sources / PICTURES)
    code = sphinx(
        ["-b", "html", "-W", "--keep-going", "-q", "-E", "-c", str(ROOT / "docs" / "site"), str(sources), str(target)]
    )
    if code == 0:
        print(f"{len(pages)} pages: {target / 'index.html'}")
    return int(code)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--pages", type=Path, metavar="DIR")
    given = parser.parse_args()
    sys.exit(build(given.folder.resolve(), given.pages))
