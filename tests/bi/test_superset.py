"""Superset shows the published file: every chart against the file itself, in a browser, and while the next month is
written and swapped in.
"""

from __future__ import annotations

import math
import os
import re
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.publish.measures import measures
from pipelines.publish.superset.bundle import dataset_sql, read_dashboard, write_bundle
from tests.bi.serving import PYTHON, SERVER, Superset, serving
from tests.conftest import COMMAND, ROOT, Reviewed

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="Superset is not installed here; `make bi-install` does it"),
]
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MONTH, NEXT = "2026-10", "2026-11"
DASHBOARD = read_dashboard()


@dataclass
class Estate:
    """A copy of the reviewed demo that may change, and Superset on its published file."""

    data: Path
    superset: Superset

    @property
    def published(self) -> Path:
        return self.data / "published" / "selfaudit.duckdb"


@pytest.fixture(scope="module")
def estate(demo: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    folder = tmp_path_factory.mktemp("superset")
    data = folder / "data"
    shutil.copytree(demo.data, data)
    bundle = folder / "bundle.zip"
    write_bundle(data / "published" / "selfaudit.duckdb", bundle)
    with serving(folder / "home", bundle) as superset:
        yield Estate(data, superset)


def from_the_file(published: Path, chart: dict[str, Any], month: str | None) -> list[tuple[Any, ...]]:
    """What a chart should show, asked of the published file without Superset."""
    expression = {m.name: m.expression for m in measures()}
    by, wanted = chart.get("by", []), [expression[m] for m in chart.get("measures", [])]
    source = (
        dataset_sql(DASHBOARD, chart["dataset"]) or f"select * from {DASHBOARD['datasets'][chart['dataset']]['table']}"
    )
    where = f"where review_month = '{month}'" if month else ""
    grouped = f"group by {', '.join(by)}" if by and wanted else ""
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(
            f"select {', '.join([*by, *wanted])} from ({source}) {where} {grouped} order by all"
        ).fetchall()


def comparable(value: Any) -> Any:
    """Superset sends money as a JSON number and days as milliseconds of an epoch."""
    if isinstance(value, Decimal | float):
        return None if math.isnan(value) else round(float(value), 4)
    if isinstance(value, datetime | date):
        return round((datetime(value.year, value.month, value.day) - datetime(1970, 1, 1)).total_seconds() * 1000.0, 4)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(comparable, row)) for row in rows), key=repr)


def shown(
    superset: Superset, question: dict[str, Any], chart: dict[str, Any], month: str | None
) -> list[tuple[Any, ...]]:
    names = [*chart.get("by", []), *chart.get("measures", [])]
    return in_order([tuple(row[n] for n in names) for row in superset.rows(question, month)])


def month_of(chart: dict[str, Any], month: str) -> str | None:
    return None if chart.get("all_months") else month


def check_every_chart(estate: Estate, month: str) -> None:
    questions = estate.superset.charts()
    assert sorted(questions) == sorted(c["title"] for c in DASHBOARD["charts"].values())
    for name, chart in DASHBOARD["charts"].items():
        asked = month_of(chart, month)
        expected = in_order(from_the_file(estate.published, chart, asked))
        assert expected or month != MONTH, f"{name} would show nothing"
        assert shown(estate.superset, questions[chart["title"]], chart, asked) == expected, name


def test_every_chart_shows_the_numbers_of_the_published_file(estate: Estate):
    check_every_chart(estate, MONTH)


def test_a_number_that_would_mix_months_is_left_empty(estate: Estate):
    chart = DASHBOARD["charts"]["entitled"]
    assert shown(estate.superset, estate.superset.charts()[chart["title"]], chart, None) == [(None,)]


def test_a_person_at_superset_can_read_nothing_but_the_published_file(estate: Estate):
    secret = estate.data / "landing" / "reference" / "prices.csv"
    assert secret.is_file()
    refused = {
        f"select * from read_csv('{secret}')": r"file system operations are disabled by configuration",
        f"attach '{estate.data}/warehouse/selfaudit.duckdb' as w": r"disabled by configuration|DML|mutat",
        "set enable_external_access = true": r"locked|DML|mutat",
    }
    for place, (sql, reason) in enumerate(refused.items()):
        asked = {"database_id": 1, "sql": sql, "client_id": f"{secrets.token_hex(4)}{place}"}
        with pytest.raises(AssertionError, match=f"(?i){reason}"):
            estate.superset.ask("POST", "/api/v1/sqllab/execute/", asked)


def log_in(page: Any, superset: Superset) -> None:
    """Fill in the form as a person would, who tries again where a busy server refuses the first time.

    The form belongs to a script that goes on loading: it is filled once nothing more is asked of the server.
    """
    for _attempt in range(3):
        page.goto(f"{superset.address}/login/", wait_until="networkidle", timeout=120_000)
        page.fill("input#username", "admin")
        page.fill("input#password", superset.password)
        with page.expect_navigation(url=lambda url: not url.endswith("/login/"), timeout=120_000):
            page.keyboard.press("Enter")
        if "/login/" not in page.url:
            return
    raise AssertionError(f"Superset refused its administrator three times; it shows:\n{page.inner_text('body')}")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed on this machine")
def test_the_dashboard_opens_in_a_browser_every_chart_answered_and_nobody_else_asked(estate: Estate):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    answers: list[tuple[int, str]] = []
    left: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1500, "height": 2700})
        page.on("response", lambda r: answers.append((r.status, r.url)))
        page.on("requestfinished", lambda r: left.append(r.url))
        log_in(page, estate.superset)
        page.goto(f"{estate.superset.address}/superset/dashboard/selfaudit/")
        holders = page.locator(".dashboard-component-chart-holder")
        sync_api.expect(holders).to_have_count(len(DASHBOARD["charts"]), timeout=120_000)
        drawn = page.locator(".dashboard-component-chart-holder :is(canvas, table, .header-line)")
        for n in range(len(DASHBOARD["charts"])):
            sync_api.expect(holders.nth(n).locator("canvas, table, .header-line").first).to_be_visible(timeout=120_000)
        assert drawn.count() >= len(DASHBOARD["charts"])
        text = page.locator(".grid-content").inner_text()
        browser.close()
    assert [a for a in answers if a[0] >= 400] == []
    assert [u for u in left if not u.startswith((estate.superset.address, "data:", "blob:"))] == []
    (entitled,) = from_the_file(estate.published, DASHBOARD["charts"]["entitled"], MONTH)
    (wasted,) = from_the_file(estate.published, DASHBOARD["charts"]["money"], MONTH)
    # Between a title and its number stands how many filters apply.
    assert re.search(rf"Seats entitled\n(\d\n)?{entitled[0]:,}\n", text) and f"{wasted[2]:,.2f}" in text
    assert "No data" not in text and "error" not in text.lower()


HELD = """
import shutil, sys
import superset_config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
file, beside = sys.argv[1:]
question = "select count(distinct review_month) from calendar.findings"
engine = create_engine(f"duckdb:///{file}?access_mode=read_only", poolclass=NullPool)
with engine.connect() as held:
    first = held.execute(question).scalar()
    shutil.move(beside, file)
    with engine.connect() as later:
        print(first, later.execute(question).scalar(), held.execute(question).scalar())
"""


def test_a_question_that_is_still_open_does_not_keep_the_former_file_for_the_next_one(estate: Estate, tmp_path: Path):
    """Connections of one process to one path share the file that was there first, unless each is an instance of its
    own.
    """
    file, beside = tmp_path / "selfaudit.duckdb", tmp_path / "beside.duckdb"
    shutil.copy(estate.published, file)
    shutil.copy(estate.published, beside)
    with duckdb.connect(str(beside)) as connection:
        connection.execute(f"delete from calendar.findings where review_month = '{MONTH}'")
    environment = {
        "SUPERSET_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(SERVER.parent),
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", HELD, str(file), str(beside)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "6 5 6"


class Watcher(threading.Thread):
    """Somebody who looks at the trend about every second, and notes what was shown."""

    def __init__(self, superset: Superset, question: dict[str, Any], chart: dict[str, Any]) -> None:
        super().__init__()
        self.superset, self.question, self.chart = superset, question, chart
        self.seen: list[list[tuple[Any, ...]]] = []
        self.failed: Exception | None = None
        self.enough = threading.Event()

    def run(self) -> None:
        try:
            while not self.enough.wait(1):
                self.seen.append(shown(self.superset, self.question, self.chart, None))
        except Exception as error:
            self.failed = error


def test_superset_answers_while_the_next_month_is_written_and_shows_it_once_it_is_swapped_in(estate: Estate):
    """Runs last: it changes the estate."""
    chart = DASHBOARD["charts"]["findings_trend"]
    question = estate.superset.charts()[chart["title"]]
    before = in_order(from_the_file(estate.published, chart, None))
    assert NEXT not in {row[0] for row in before}
    shutil.copytree(estate.data / "landing" / MONTH, estate.data / "landing" / NEXT)
    watchers = [Watcher(estate.superset, question, chart) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SELFAUDIT", "DAGSTER", "DBT"))}
    run = subprocess.Popen(
        [str(COMMAND), "--data", str(estate.data), "run", NEXT],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said, _ = run.communicate(timeout=1500)
    after = in_order(from_the_file(estate.published, chart, None))
    first_question_after = shown(estate.superset, question, chart, None)
    for watcher in watchers:
        watcher.enough.set()
        watcher.join(timeout=300)
    assert run.returncode in (0, 3), said
    assert NEXT in {row[0] for row in after}
    assert first_question_after == after, "Superset kept the former file"
    for watcher in watchers:
        assert watcher.failed is None, watcher.failed
        assert len(watcher.seen) > 5 and watcher.seen[0] == before
        changes = [s for s, former in zip(watcher.seen[1:], watcher.seen, strict=False) if s != former]
        assert changes in ([], [after]), "something was shown that was never published"
    check_every_chart(estate, NEXT)
