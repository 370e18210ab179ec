"""The page of a month in a real browser, opened from the file system: drawn, usable, silent towards the network,
accessible.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.report.pages import write_pages
from tests.conftest import Reviewed

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed on this machine")
AXE = Path(__file__).parent / "assets" / "axe-4.14.1.min.js"
MONTH = "2026-10"
EVIL = '<script>document.title="owned"</script><img src=x onerror="document.title=1">'
CHARTS = ("chart-position", "chart-auditor", "chart-ghosts", "chart-trend")


class Opened:
    """A page under test, with what it said and what it asked for."""

    def __init__(self, page) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: self.said.append(f"error: {e}"))
        page.on("request", lambda r: self.asked.append(r.url))

    def go(self, path: Path) -> Opened:
        self.page.goto(path.resolve().as_uri())
        return self

    def ready(self) -> Opened:
        self.page.wait_for_selector("html[data-ready=yes]", timeout=10_000)
        return self


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser) -> Iterator[object]:
    contexts = []

    def opened(path: Path, width: int = 1280, theme: str = "light", scripts: bool = True) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = Opened(context.new_page()).go(path)
        return page.ready() if scripts and len(path.stem) == len(MONTH) else page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def month(demo: Reviewed) -> Path:
    return demo.data / "published" / "pages" / f"{MONTH}.html"


def test_it_opens_from_the_file_system_without_a_word_to_the_network(open_page, month: Path):
    opened = open_page(month)
    assert [a for a in opened.asked if not a.startswith(("file:", "data:"))] == []
    assert len([a for a in opened.asked if a.startswith("file:")]) == 1
    assert opened.said == []


def test_the_policy_stops_a_script_that_tries(open_page, month: Path):
    opened = open_page(month)
    outcome = opened.page.evaluate("() => fetch('http://127.0.0.1:9/').then(() => 'reached', () => 'stopped')")
    assert outcome == "stopped"
    assert any("Content Security Policy" in s for s in opened.said)


def test_every_chart_is_drawn_and_speaks_for_itself(open_page, month: Path):
    page = open_page(month).page
    for chart in CHARTS:
        svg = page.locator(f"#{chart} svg")
        assert svg.count() == 1, chart
        assert svg.locator("rect, path, line").count() > 3, chart
        assert len(svg.get_attribute("aria-label")) > 30
    assert page.locator(".chart-pool svg").count() == page.locator(".chart-pool").count() >= 2


OUTLINE = """() => {
    const lines = [], text = (e) => e.textContent.replace(/\\s+/g, ' ').trim();
    const walk = (element, depth) => {
        const say = (words) => lines.push('  '.repeat(depth) + words);
        for (const e of element.children) {
            const tag = e.tagName.toLowerCase(), id = e.id ? '#' + e.id : '';
            let inner = depth;
            if (['header', 'main', 'footer', 'nav', 'section'].includes(tag)) { say(tag + id); inner += 1; }
            else if (tag === 'h2' || (tag === 'h3' && !e.closest('.pool'))) say(tag + ' ' +
            text(e).replace(/provisional|settled|restated/, '').trim());
            else if (tag === 'th' && e.closest('thead') && !e.closest('.strip')) say('column ' + text(e));
            else if (tag === 'label') say('control ' + text(e.firstChild));
            else if (tag === 'figure' && e.matches('.chart') && !(e.matches('.chart-pool') && e.dataset.pool !== '0')) {
                const marks = [...new Set([...e.querySelectorAll('svg > g')].map((g) =>
                g.firstElementChild?.tagName).filter(Boolean))].sort();
                say('chart' + id + ' drawn with ' + marks.join(' '));
                for (const key of e.querySelectorAll('figcaption > span')) say('  key ' + text(key));
            }
            if (tag !== 'svg' && tag !== 'tbody' && tag !== 'select') walk(e, inner);
        }
    };
    walk(document.body, 0);
    return lines.join('\\n');
}"""


def test_the_page_has_the_structure_that_was_agreed(open_page, month: Path):
    """The golden is an outline: landmarks, headings, charts with their kinds of marks and keys, controls, columns. No
    pixels, no numbers.
    """
    page = open_page(month).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.wait_for_timeout(150)
    outline = page.evaluate(OUTLINE) + "\n"
    golden = Path(__file__).parent / "golden" / "month.txt"
    if "SELFAUDIT_WRITE_GOLDEN" in os.environ:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(outline)
    assert outline == golden.read_text(), (
        "if the change is meant, run this test once with SELFAUDIT_WRITE_GOLDEN=1 and look at the difference"
    )


def test_filters_search_sort_and_pages_of_the_findings(open_page, month: Path, demo: Reviewed):
    connection = duckdb.connect(str(demo.published), read_only=True)
    counts = dict(
        connection.execute(
            "select severity, count(*) from calendar.findings where review_month = ? group by 1", [MONTH]
        ).fetchall()
    )
    (largest,) = connection.execute(
        "select max(exposure_amount) from calendar.findings where review_month = ?", [MONTH]
    ).fetchone()
    connection.close()
    page = open_page(month).page
    grid = page.locator("#table-findings")
    status = grid.locator("[role=status]")
    assert status.inner_text() == f"1 to 25 of {sum(counts.values())}"
    grid.get_by_role("button", name="Next").click()
    assert status.inner_text().startswith("26 to ")
    page.locator("[data-severity=critical]").first.click()
    assert status.inner_text().startswith(f"1 to {counts['critical']} of {counts['critical']}")
    assert set(grid.locator("tbody .sev").all_inner_texts()) == {"critical"}
    grid.get_by_role("button", name="Clear").click()
    grid.get_by_role("searchbox").fill("maya expiry")
    sync_api.expect(status).to_contain_text("in all")
    assert all("Maya" in t for t in grid.locator("tbody tr.row").all_inner_texts())
    grid.get_by_role("button", name="Clear").click()
    grid.get_by_role("button", name="Exposure").click()
    assert grid.locator("th[data-column=exposure_amount]").get_attribute("aria-sort") == "descending"
    assert grid.locator("tbody tr.row").first.locator("td.num").first.inner_text() == f"{largest:,.2f} EUR"


def test_a_finding_unfolds_to_its_rule_and_its_rows_of_files_by_keyboard_alone(open_page, month: Path):
    page = open_page(month).page
    button = page.locator("#table-findings .unfold").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    more = page.locator("#table-findings tr.more")
    for word in ("Question", "Rule", "Here", "Evidence", "row"):
        assert word in more.inner_text()
    assert f"{MONTH}/" in more.inner_text()
    page.keyboard.press("Enter")
    assert more.count() == 0


def test_a_thing_to_do_leads_to_its_findings(open_page, month: Path):
    page = open_page(month).page
    button = page.locator(".todo [data-rule]").first
    rule = button.get_attribute("data-rule")
    button.click()
    rows = page.locator("#table-findings tbody tr.row").all_inner_texts()
    assert rows and all(rule in r for r in rows)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", [MONTH, "2026-05", "index", f"{MONTH}-renewal-brief-*", f"{MONTH}-audit-readiness-*"])
def test_no_serious_violation_of_accessibility(open_page, demo: Reviewed, theme, name):
    path = min((demo.data / "published" / "pages").glob(f"{name}.html"))
    page = open_page(path, theme=theme).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    if page.locator("#table-findings").count():
        page.locator("#table-findings .unfold").first.click()
    page.wait_for_timeout(150)
    page.evaluate(AXE.read_text())
    result = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    serious = [
        (v["id"], v["impact"], [n["target"] for n in v["nodes"]][:3], v["nodes"][0]["failureSummary"])
        for v in result["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
    assert serious == [], json.dumps(serious, indent=1)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", [MONTH, "index", f"{MONTH}-renewal-brief-*", f"{MONTH}-audit-readiness-*"])
def test_nothing_is_wider_than_the_window(open_page, demo: Reviewed, name, width):
    path = min((demo.data / "published" / "pages").glob(f"{name}.html"))
    page = open_page(path, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_light_colours_no_controls_and_more_than_one_page_of_rows(open_page, month: Path):
    page = open_page(month, theme="dark").page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.locator(".controls").first.is_visible()
    assert page.locator("#chart-position svg").is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#table-findings tbody tr.row").count() > 25
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#table-findings tbody tr.row").count() == 25


def test_without_scripts_the_numbers_are_still_there(open_page, month: Path):
    page = open_page(month, scripts=False).page
    text = page.locator("main").inner_text()
    assert "Most severe findings" in text and "workbook of findings" in text and "EUR" in text


def test_a_name_with_html_in_it_is_text_and_runs_nowhere(open_page, demo: Reviewed, tmp_path: Path):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    for table, column in (
        ("findings", "person_key"),
        ("findings", "detail"),
        ("findings", "team_alias"),
        ("licence_position", "team_alias"),
        ("token_forecast", "team_alias"),
        ("file_register", "path"),
    ):
        connection.execute(f"update calendar.{table} set {column} = ?", [EVIL])
    connection.execute("update marts.dim_person set legal_entity = ?", [EVIL])
    connection.execute("update marts.dim_offering set offering_name = ?", [EVIL])
    write_pages(connection, [MONTH], tmp_path, tmp_path / "scratch")
    connection.close()
    opened = open_page(tmp_path / "pages" / f"{MONTH}.html")
    opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    opened.page.locator("#table-findings .unfold").first.click()
    assert opened.page.title() == "Licence review October 2026"
    assert opened.page.locator("img").count() == 0
    assert EVIL in opened.page.locator("#table-findings tr.more").inner_text()
    assert opened.said == []


def test_a_month_without_any_row_still_has_a_page_that_says_so(open_page, demo: Reviewed, tmp_path: Path):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    for table in (
        "findings",
        "licence_position",
        "auditor_count",
        "token_forecast",
        "deprovisioning_list",
        "ghost_ledger",
    ):
        connection.execute(f"delete from calendar.{table}")
    connection.execute("update calendar.rule_runs set assessability = 'not_assessable', reason = 'no drop'")
    write_pages(connection, [MONTH], tmp_path, tmp_path / "scratch")
    connection.close()
    opened = open_page(tmp_path / "pages" / f"{MONTH}.html")
    assert opened.said == []
    text = opened.page.locator("main").inner_text()
    for part in ("no finding does not mean", "not known", "No rows."):
        assert part in text


def test_the_page_of_a_month_without_files_says_only_that_and_no_other_month_is_compared_with_it(
    open_page, demo: Reviewed, tmp_path: Path
):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from calendar.file_register where drop = '2026-09'")
        write_pages(connection, ["2026-09", MONTH], tmp_path, tmp_path / "scratch")
    page = open_page(tmp_path / "pages" / "2026-09.html", scripts=False).page
    assert page.locator("main").inner_text().startswith("There are no files for this month.")
    assert page.locator("main > *").count() == 1 and page.locator("section, table, figure, .fig").count() == 0
    row = open_page(tmp_path / "pages" / "index.html", scripts=False).page.locator("tr", has_text="September 2026")
    assert row.inner_text().split() == ["September", "2026", "no", "files"]
    assert (
        "compared with August 2026"
        in open_page(tmp_path / "pages" / f"{MONTH}.html").page.locator("header").inner_text()
    )


@pytest.fixture
def page_after(open_page, demo: Reviewed, tmp_path: Path):
    """The page of the month after a change of the published tables, opened without a complaint of the browser."""

    def changed(sql: str) -> Opened:
        database = tmp_path / "selfaudit.duckdb"
        shutil.copy(demo.published, database)
        with duckdb.connect(str(database)) as connection:
            connection.execute(sql)
            write_pages(connection, [MONTH], tmp_path, tmp_path / "scratch")
        opened = open_page(tmp_path / "pages" / f"{MONTH}.html")
        assert opened.said == []
        return opened

    return changed


def test_unknown_numbers_are_called_unknown_and_never_zero(page_after):
    opened = page_after(
        "update calendar.licence_position set assigned = null, active_90d = null; "
        "update calendar.auditor_count set inactive = null, after_remediation_count = null, gap_after = null, "
        "money_after_list = null; "
        "update calendar.token_forecast set projected_total = null, projected_p10 = null, v_now = null, consumed = "
        "null, balance = null, adequacy = 'not_assessable'"
    )
    assert "not known" in opened.page.locator(".levels").inner_text()
    assert "not known" in opened.page.locator("#chart-auditor svg").get_attribute("aria-label")
    assert "use not known" in opened.page.locator("#chart-position svg").inner_html()
    for table, column in (("table-position", "Active 90 days"), ("table-auditor", "Inactive")):
        grid = opened.page.locator(f"#{table}")
        grid.locator("xpath=ancestor::details").locator("summary").click()
        grid.locator(f'td[data-label="{column}"]').first.wait_for()  # it is filled when it is unfolded
        shown = grid.locator(f'td[data-label="{column}"]').all_inner_texts()
        assert set(shown) == {"not known"}, (table, shown)


def test_without_assignments_no_seat_is_counted_and_none_is_free(page_after):
    opened = page_after(
        "update calendar.licence_position set assigned = null, active_90d = null, gap_team = null; "
        "delete from calendar.auditor_count; delete from calendar.deprovisioning_list; "
        "update calendar.rule_runs set assessability = 'not_assessable'"
    )
    counted, released, *_ = opened.page.locator(".card").filter(has=opened.page.locator(".big")).all_inner_texts()
    assert "not known" in counted and "The count needs assignments and subscriptions." in counted
    assert released.splitlines()[1:] and "not known" in released
    words = opened.page.locator("#chart-auditor svg").get_attribute("aria-label")
    assert "Auditor’s count not known" in words and not re.search("[0-9]", words), words


def test_without_subscriptions_nothing_is_over_free_or_owed(page_after, demo: Reviewed):
    money = ", ".join(f"money_{n}_{b} = null" for n in ("auditor", "defensible", "after") for b in ("list", "contract"))
    opened = page_after(
        "update calendar.licence_position set entitled = null, gap_team = null, gap_org = null; "
        "update calendar.auditor_count set entitled = null, gap_auditor = null, gap_defensible = null, gap_after = "
        f"null, ghost = null, list_currency = null, contract_currency = null, {money}; "
        "update calendar.rule_runs set assessability = 'not_assessable', reason = 'missing: subscriptions' where "
        "rule_id in ('ENT-01', 'ENT-02', 'ENT-04', 'ENT-05'); "
        "delete from calendar.actions where kind in ('owe', 'risk'); "
        "delete from calendar.action_totals where kind in ('owe', 'risk')"
    )
    with duckdb.connect(str(demo.published), read_only=True) as published:
        counted, inactive = published.execute(
            "select sum(auditor_count), sum(inactive) from calendar.auditor_count where review_month = ?", [MONTH]
        ).fetchall()[0]
    pay, save = opened.page.locator("#actions > div").all()
    assert "Not known" in pay.inner_text() and "(missing: subscriptions)" in pay.inner_text()
    assert "Unassigned stock (missing: subscriptions)" in save.inner_text()
    assert "not known seats above entitlement" in " ".join(opened.page.locator(".hero").inner_text().split())
    position, auditor = (opened.page.locator(f"#chart-{n} svg") for n in ("position", "auditor"))
    words = position.inner_html()
    assert "right not known" in words and " over<" not in words and " free<" not in words
    assert position.get_attribute("aria-label").endswith(". How many seats are entitled is not known.")
    # A line that is not known takes nobody out, and hides no line after it.
    assert auditor.get_attribute("aria-label").split(". ")[-1].startswith(f"Auditor’s count {counted}, ")
    assert "ghosts not known, duplicates minus" in auditor.get_attribute("aria-label")
    assert f"inactive seats minus {inactive}, " in auditor.get_attribute("aria-label")
    assert auditor.get_attribute("aria-label").endswith("Entitled not known")


def test_fifty_thousand_findings_are_sorted_and_filtered_in_a_blink(open_page, demo: Reviewed, tmp_path: Path):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    connection.execute(
        "insert into calendar.findings by name select f.* replace (md5(f.finding_id || r.i)[:16] as finding_id, "
        "'person' || r.i || '@nordbau.example' as person_key) "
        "from calendar.findings as f cross join range(1000) as r (i) where f.review_month = '2026-10' limit 50000"
    )
    write_pages(connection, [MONTH], tmp_path, tmp_path / "scratch")
    connection.close()
    page = open_page(tmp_path / "pages" / f"{MONTH}.html").page
    milliseconds = page.evaluate(
        """() => {
        const grid = document.querySelector('#table-findings');
        const took = [];
        const time = (action) => { const start = performance.now(); action(); took.push(performance.now() - start); };
        time(() => grid.querySelector('th[data-column=exposure_amount] button').click());
        time(() => grid.querySelector('th[data-column=subject] button').click());
        const select = grid.querySelector('.controls select');
        time(() => { select.value = 'critical'; select.dispatchEvent(new Event('change')); });
        return took;
    }"""
    )
    print("sort by money, sort by name, filter:", milliseconds)
    assert page.locator("#table-findings tbody tr").count() <= 25
    assert "in all" in page.locator("#table-findings [role=status]").inner_text()
