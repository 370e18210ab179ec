"""Dagster's own pages in a real browser, as `make dev` serves them over a reviewed data folder: what a click on an
asset makes, and what a user sees of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.months import last_month
from pipelines.partitions import months_between
from tests.conftest import ROOT, Reviewed, own_environment

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed on this machine"),
]
MART, OUTPUT, INPUT = "marts/fct_usage_monthly", "published/findings", "raw/users"
MONTHS = ["2026-09", "2026-10"]
# As they are typed into the dialog: its buttons "Latest" and "All" go by the clock.
LAST, RANGE = MONTHS[-1], ",".join(MONTHS)
# Waits are long, since the machine may be busy; nothing is asserted about them.
PATIENCE_SECONDS = 300
RUNS = """{ runsOrError(limit: 1) { ... on Runs { results { runId status assetSelection { path }
  stats { ... on RunStatsSnapshot { materializations } } tags { key value } } } } }"""


class Ui:
    """The server, a page of it, and what is asked beside the page."""

    def __init__(self, address: str, page: Any) -> None:
        self.address, self.page = address, page

    def ask(self, query: str) -> Any:
        body = json.dumps({"query": query}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def last_run(self) -> dict[str, Any] | None:
        return next(iter(self.ask(RUNS)["runsOrError"]["results"]), None)

    def materialize(self, asset: str, months: str) -> dict[str, Any]:
        """Click Materialize on the page of an asset, type the months, launch; the run once it has ended."""
        before = (self.last_run() or {}).get("runId")
        self.page.goto(f"{self.address}/assets/{asset}")
        self.page.get_by_role("button", name="Materialize").first.click()
        dialog = self.page.locator("[role=dialog]").first
        dialog.get_by_role("textbox").first.fill(months)
        dialog.get_by_role("textbox").first.press("Tab")
        dialog.get_by_role("button", name=re.compile("^Launch (1 run|backfill)")).click()
        return self.ended(before)

    def ended(self, before: str | None) -> dict[str, Any]:
        """The run that came after another one, once it has ended."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            run = self.last_run()
            if run and run["runId"] != before and run["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return run
            time.sleep(1)
        raise AssertionError(f"no run ended: {self.last_run()}")


@pytest.fixture(scope="module")
def served(small: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `make dev` over a copy of the small estate."""
    folder = tmp_path_factory.mktemp("ui")
    data = Path(shutil.copytree(small.data, folder / "data", symlinks=True))
    shutil.rmtree(data / "state" / "dagster", ignore_errors=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "pipelines.defs.dev", "-p", str(port)],
            env={**own_environment(), "SELFAUDIT_DATA": str(data)},
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            address, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_SECONDS
            while True:
                try:
                    urllib.request.urlopen(f"{address}/server_info", timeout=5).close()
                    break
                except OSError:
                    assert server.poll() is None and time.monotonic() < end, (folder / "log").read_text()
                    time.sleep(1)
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


@pytest.fixture(scope="module")
def ui(served: str) -> Iterator[Ui]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1500, "height": 950})
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        yield Ui(served, page)
        browser.close()


def test_the_months_of_the_command_are_shown_as_made(ui: Ui):
    ui.page.goto(f"{ui.address}/assets/{MART}?view=partitions")
    ui.page.get_by_text("Materialized (2)").wait_for()
    # Every month that is over is offered, and nobody delivered those after the last of the demo.
    over = len(months_between(MONTHS[-1], last_month(datetime.now(UTC).date()))) - 1
    assert ui.page.get_by_text(f"Missing ({over})").is_visible()


@pytest.mark.parametrize(
    ("asset", "months", "materializations"),
    [(MART, LAST, 1), (MART, RANGE, 2), (OUTPUT, LAST, 1), (OUTPUT, RANGE, 2), (INPUT, LAST, 1), (INPUT, RANGE, 2)],
    ids=["a mart", "a mart, a range", "an output", "an output, a range", "an input", "an input, a range"],
)
def test_a_click_makes_what_was_asked_for(ui: Ui, asset: str, months: str, materializations: int):
    run = ui.materialize(asset, months)
    assert run["status"] == "SUCCESS" and [k["path"] for k in run["assetSelection"]] == [asset.split("/")]
    assert run["stats"]["materializations"] == materializations
    ui.page.goto(f"{ui.address}/runs/{run['runId']}")
    ui.page.get_by_text("RUN_SUCCESS").first.wait_for()


def test_checks_are_run_alone_and_say_what_they_hold(ui: Ui):
    before = ui.last_run()["runId"]
    ui.page.goto(f"{ui.address}/assets/{INPUT}?view=checks")
    ui.page.get_by_role("button", name="Execute all").click()
    run = ui.ended(before)
    assert run["status"] == "SUCCESS" and run["stats"]["materializations"] == 0
