"""Pictures of the documentation: parts of the published pages of a reviewed data folder, taken by the Chromium of the
machine without a network.

What is shown and how large stands in PICTURES; where a picture stands in a page, the page says
(`<!-- picture: NAME: what it shows -->`, see `pipelines/guide/site.py`).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1280, 860


@dataclass(frozen=True)
class Picture:
    """page: file in the folder of pages, LATEST for the page of the latest month. part: the part of it, as a CSS
    selector; empty: what the window shows first. height: at most so many pixels of it.
    """

    page: str
    part: str = ""
    height: int = HEIGHT


LATEST = "latest"
PICTURES = {
    "index": Picture("index.html"),
    "month": Picture(LATEST),
    "to-pay-to-save": Picture(LATEST, ".glance"),
    "calendar": Picture(LATEST, "#calendar"),
    "position": Picture(LATEST, "#position"),
    "auditor": Picture(LATEST, "#auditor"),
    "findings": Picture(LATEST, "#findings"),
    "claims": Picture(LATEST, "#claims"),
}


def take(pages: Path, folder: Path) -> list[str]:
    """Take the pictures of a folder of published pages into another folder; the names of those that were taken.

    None where the machine has no browser or there are no pages. A part that a page does not have has no picture.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    months = sorted(p for p in pages.glob("????-??.html"))
    if browser is None or not months:
        return []
    from playwright.sync_api import sync_playwright  # a tool of development

    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        for name, picture in PICTURES.items():
            file = months[-1] if picture.page == LATEST else pages / picture.page
            page.goto(file.resolve().as_uri())
            if picture.page == LATEST:
                page.wait_for_selector("html[data-ready=yes]")
            found = page.query_selector(picture.part or "body")
            if found is None:
                continue
            box = found.bounding_box() or {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
            clip = box | {"height": min(box["height"], picture.height)}
            if not picture.part:
                clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
            page.screenshot(path=str(folder / f"{name}.png"), clip=clip, full_page=True)
            taken.append(name)
        chromium.close()
    return taken
