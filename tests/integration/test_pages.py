"""The pages of the demo estate as files: every number is that of its table, texts are text, the network is forbidden,
bytes repeat.
"""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from pipelines.report.figures import condition_sql
from pipelines.report.pages import document_page, embedded_json, month_page, write_pages
from pipelines.report.pdf import pdf
from pipelines.report.sent_documents import due_documents, read_document
from pipelines.report.words import money
from tests.conftest import Reviewed

MONTH = "2026-10"
EVIL = '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>'


class Numbers(HTMLParser):
    """The figures of a page (value, table, measure, condition, shown text) and its addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self.policy = ""
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "data":
            self.figures.append({**given, "text": ""})
            self.inside = True
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        self.addresses += [given[k] for k in ("href", "src", "action") if given.get(k)]

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "data"

    def handle_data(self, data):
        if self.inside:
            self.figures[-1]["text"] += data


def _documents(connection):
    return [
        read_document(connection, table, MONTH, contract) for table, contract, _ in due_documents(connection, MONTH)
    ]


@pytest.fixture(scope="module")
def published(demo: Reviewed):
    connection = duckdb.connect(str(demo.published), read_only=True)
    yield connection
    connection.close()


def pages(demo: Reviewed) -> list[Path]:
    return sorted((demo.data / "published" / "pages").glob("*.html"))


def payload(text: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])


def test_there_is_a_page_per_month_and_an_index_that_names_them(demo: Reviewed):
    names = {p.name for p in pages(demo)}
    months = {f"2026-{m:02d}.html" for m in range(5, 11)}
    assert months | {"index.html"} <= names
    addresses = Numbers((demo.data / "published" / "pages" / "index.html").read_text()).addresses
    assert months <= set(addresses)


def test_the_run_says_where_the_page_lies(demo: Reviewed):
    assert f"{demo.data / 'published' / 'pages' / '2026-10.html'}" in demo.output


def test_every_number_on_every_page_is_that_of_the_table_it_names(demo: Reviewed, published):
    compared = 0
    for page in pages(demo):
        for figure in Numbers(page.read_text()).figures:
            condition, values = condition_sql(json.loads(figure["data-where"]))
            (value,) = published.execute(
                f"select {figure['data-measure']} from {figure['data-table']} where {condition}", values
            ).fetchone()
            assert str(value) == figure["value"], (page.name, figure)
            assert figure["data-table"].split(".")[0] in {"calendar", "marts"}
            digits = re.sub(r"[^0-9.\-]", "", figure["text"])
            assert float(digits) == pytest.approx(float(value), abs=0.005), figure
            compared += 1
    assert compared > 150


def test_a_question_that_rules_wait_for_is_asked_before_any_number_on_the_page_and_in_the_ending(demo: Reviewed):
    ending, page = demo.output, (demo.data / "published" / "pages" / "2026-10.html").read_text()
    assert ending.index("Resolve first") < ending.index("Review month 2026-10")
    assert "Media & Entertainment Collection: does it contain Vault Professional (2)?" in ending
    assert page.index("<h3>Resolve first</h3>") < page.index("If the auditor came today")
    assert "<b>Media &amp; Entertainment Collection</b>: does it contain Vault Professional (" in page


def test_headline_numbers_agree_with_sums_written_by_hand(demo: Reviewed, published):
    text = (demo.data / "published" / "pages" / f"{MONTH}.html").read_text()
    shown = [f["text"].strip() for f in Numbers(text).figures]
    for sql in (
        "select sum(money_auditor_list), 'EUR' from calendar.auditor_count where review_month = '2026-10'",
        # Seats to release: each seat once, what cures an over-assignment apart.
        "select sum(amount), 'EUR' from calendar.actions where review_month = '2026-10' and subject_type = 'seat' and "
        "kind = 'save' and state in ('proposed', 'decided', 'in_work')",
    ):
        amount, currency = published.execute(sql).fetchone()
        assert money(amount, currency) in shown
    (entitled,) = published.execute(
        "select sum(entitled) from calendar.licence_position where review_month = '2026-10'"
    ).fetchone()
    assert f"{entitled:,}" in shown


@pytest.mark.parametrize(
    ("key", "table", "columns"),
    [
        ("position", "licence_position", "team_alias, offering_key, entitled, assigned, active_90d, gap_team, ghosts"),
        (
            "auditor",
            "auditor_count",
            "team_alias, offering_key, auditor_count, flex_covered, defensible_count, ghost, duplicate, inactive, "
            "after_remediation_count, entitled",
        ),
        ("pools", "token_forecast", "team_alias, purchased, consumed, balance, projected_total, shortfall_tokens"),
    ],
)
def test_the_data_of_the_charts_is_that_of_the_marts(demo: Reviewed, published, key, table, columns):
    for month in ("2026-07", MONTH):
        rows = payload((demo.data / "published" / "pages" / f"{month}.html").read_text())[key]
        wanted = published.execute(
            f"select {columns} from calendar.{table} where review_month = ? order by all", [month]
        ).fetchall()
        found = sorted(tuple(row[c] for c in columns.split(", ")) for row in rows)
        assert found == [tuple(float(v) if hasattr(v, "as_tuple") else v for v in row) for row in wanted]


def test_the_ghosts_of_the_chart_are_those_of_the_ledger(demo: Reviewed, published):
    rows = payload((demo.data / "published" / "pages" / f"{MONTH}.html").read_text())["ghosts"]
    seats, days = published.execute(
        "select count(*), sum(seat_days) from calendar.ghost_ledger where review_month = ? and ghost_to is null",
        [MONTH],
    ).fetchone()
    assert seats and (sum(r["seats"] for r in rows), sum(r["seat_days"] for r in rows)) == (seats, days)


def test_hubs_have_a_section_that_names_the_worst_of_them(demo: Reviewed, published):
    page = (demo.published.parent / "pages" / f"{MONTH}.html").read_text(encoding="utf-8")
    section = page.partition('<section id="hubs"')[2].partition("</section>")[0]
    found = published.execute(
        "select person_key from calendar.findings where review_month = ? and rule_id = 'HUB-01'", [MONTH]
    ).fetchall()
    assert found
    assert all(person in section for (person,) in found)


def test_every_finding_is_on_the_page_with_its_rows_of_files(demo: Reviewed, published):
    data = payload((demo.data / "published" / "pages" / f"{MONTH}.html").read_text())["findings"]
    wanted = published.execute(
        "select finding_id, rule_id, severity, exposure_amount, evidence_count, evidence from calendar.findings where "
        "review_month = ?",
        [MONTH],
    ).fetchall()
    assert data["rows"] == len(wanted)
    columns = data["columns"]
    place = {finding: i for i, finding in enumerate(columns["finding_id"])}
    for finding, rule, severity, exposure, count, evidence in wanted:
        i = place[finding]
        assert columns["rule_id"]["of"][columns["rule_id"]["at"][i]] == rule
        assert columns["severity"]["of"][columns["severity"]["at"][i]] == severity
        assert columns["exposure_amount"][i] == (None if exposure is None else float(exposure))
        assert columns["evidence_count"][i] == count
        shown = ";".join(f"{data['files'][f][1]}:{','.join(map(str, rows))}" for f, rows in data["evidence"][i])
        cut = ";".join(f"{p.split(':')[0][:12]}:{p.split(':')[1]}" for p in (evidence or "").split(";") if p)
        assert shown == cut
        assert all("no longer" not in data["files"][f][0] for f, _ in data["evidence"][i])


def test_pages_forbid_the_network_and_name_no_address(demo: Reviewed):
    for page in pages(demo):
        read = Numbers(page.read_text())
        assert "default-src 'none'" in read.policy and "connect-src" not in read.policy
        assert "unsafe-inline" not in read.policy.split("script-src")[1]
        for address in read.addresses:
            assert not re.match(r"[a-z]+:(?!,)|//", address), (page.name, address)


def test_links_of_the_pages_lead_to_files_that_exist(demo: Reviewed):
    for page in pages(demo):
        for address in Numbers(page.read_text()).addresses:
            if address.startswith(("#", "data:")):
                continue
            assert (page.parent / address.split("#")[0]).resolve().is_file(), (page.name, address)


def test_a_name_that_is_html_is_text(demo: Reviewed, tmp_path: Path):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    for table, column in (
        ("findings", "person_key"),
        ("findings", "detail"),
        ("findings", "team_alias"),
        ("licence_position", "team_alias"),
        ("file_register", "path"),
        ("rule_runs", "reason"),
        ("token_forecast", "team_alias"),
        ("review_calendar", "inputs_missing"),
    ):
        connection.execute(f"update calendar.{table} set {column} = ?", [EVIL])
    connection.execute("update calendar.rule_runs set assessability = 'partly'")
    connection.execute("update marts.dim_person set legal_entity = ?", [EVIL])
    text = month_page(connection, MONTH)
    connection.close()
    assert "<script>document.title" not in text and "<img src=x" not in text
    assert "&lt;/script&gt;" in text
    assert payload(text)["pools"][0]["team_alias"] == EVIL


def test_a_renewal_brief_and_an_audit_readiness_report_lie_beside_the_month_they_are_due_in(demo: Reviewed, published):
    folder = demo.data / "published" / "pages"
    for table, kind in (("renewal_brief", "renewal-brief"), ("audit_readiness", "audit-readiness")):
        due = published.execute(
            f"select distinct review_month, contract_number from calendar.{table} order by all"
        ).fetchall()
        assert due
        names = {f"{month}-{kind}-{contract}" for month, contract in due}
        assert {p.stem for p in folder.glob(f"*-{kind}-*.html")} == names
        for name in names:
            assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF-")
            text = (folder / f"{name}.html").read_text()
            assert f"{name}.html" in (folder / f"{name[:7]}.html").read_text()
            # A contract whose own teams are in order has nothing to do.
            assert "o do</h2>" in text or "No action needed</h2>" in text
            for part in ("The position", "What could not be assessed", "Source: calendar."):
                assert part in text


def test_a_document_says_what_is_missing_in_words(demo: Reviewed, tmp_path: Path):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    connection.execute("update calendar.renewal_brief set seats_invoiced = null, unit_price = null, saving = null")
    connection.execute("update calendar.rule_runs set assessability = 'not_assessable', reason = 'lrt is missing'")
    brief, *_, readiness = _documents(connection)
    connection.close()
    assert any("no invoice is on file" in limit for limit in brief.limits)
    assert any("no price is on file" in limit for limit in brief.limits)
    assert any("not assessable. lrt is missing" in limit for limit in readiness.limits)
    assert "not known" in document_page(brief)


@pytest.mark.parametrize("contract", ["#panic(1)", "*a* `b` $x$ \\ [c]", "../../etc", "=1+1", "合同 №7", EVIL])
def test_a_contract_is_text_in_documents_and_harmless_in_file_names(demo: Reviewed, tmp_path: Path, contract):
    database = tmp_path / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    connection.execute("update calendar.renewal_brief set contract_number = ?, levers = ?", [contract, contract])
    connection.execute("update calendar.audit_readiness set contract_number = ?, team_alias = ?", [contract, contract])
    documents = _documents(connection)
    connection.close()
    assert [d.kind for d in documents] == ["renewal-brief", "audit-readiness"]
    for document in documents:
        assert re.fullmatch(r"2026-10-[a-z-]+-[A-Za-z0-9-]+", document.name)
        assert pdf(document) == pdf(document)
        assert "<script>document.title" not in document_page(document)


def test_documents_of_a_contract_that_is_no_longer_due_are_taken_away(demo: Reviewed, published, tmp_path: Path):
    pages_folder = tmp_path / "pages"
    pages_folder.mkdir()
    (pages_folder / f"{MONTH}-renewal-brief-gone.html").write_text("old")
    (pages_folder / "2026-09-renewal-brief-other.html").write_text("of another month")
    write_pages(published, [MONTH], tmp_path, tmp_path / "scratch")
    assert not (pages_folder / f"{MONTH}-renewal-brief-gone.html").exists()
    assert (pages_folder / "2026-09-renewal-brief-other.html").exists()


def test_json_in_a_page_cannot_end_its_element():
    text = embedded_json({"name": "</script><!-- \u2028 &"})
    assert "<" not in text and ">" not in text and "\u2028" not in text
    assert json.loads(text) == {"name": "</script><!-- \u2028 &"}


def test_the_same_publication_gives_the_same_pages(demo: Reviewed, published, tmp_path: Path):
    months = [f"2026-{m:02d}" for m in range(5, 11)]
    for path in write_pages(published, months, tmp_path, tmp_path / "scratch"):
        assert path.read_bytes() == (demo.data / "published" / "pages" / path.name).read_bytes(), path.name
    assert list((tmp_path / "scratch").iterdir()) == []
