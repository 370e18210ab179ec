"""`python docs/site/build.py [FOLDER]`: builds the documentation site, without a network. Warnings are errors: a dead
link is one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.cli import build_parser
from pipelines.guide.site import write_sources
from pipelines.settings import ROOT


def build(target: Path) -> int:
    """Build the site into a folder; what it is made of lies beside it. Returns Sphinx's exit code."""
    from sphinx.cmd.build import main as sphinx  # a tool of development: only who builds the site has it

    sources = target.with_name(target.name + "-sources")
    pages = write_sources(sources, build_parser())
    code = sphinx(
        ["-b", "html", "-W", "--keep-going", "-q", "-E", "-c", str(ROOT / "docs" / "site"), str(sources), str(target)]
    )
    if code == 0:
        print(f"{len(pages)} pages: {target / 'index.html'}")
    return int(code)


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site").resolve()))
