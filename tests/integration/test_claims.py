"""The demo's list of claims: each line ends where it must, by the rows that show it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import Reviewed

MONTH = "2026-10"
WANTED = {
    "A-01": ("contested", "used_with_right", {"seat", "use"}),
    "A-02": ("accepted", "used_without_right", {"use"}),
    "A-03": ("contested", "used_with_right", {"use", "own_cover"}),
    "A-04": ("contested", "own_serial", {"install", "perpetual"}),
    "A-05": ("not_provable", "user_not_known", {"install"}),
    "A-06": ("contested", "not_installed", set()),
    "A-07": ("out_of_scope", "duplicate", set()),
    "A-08": ("out_of_scope", "another_company", set()),
    "A-09": ("not_provable", "unknown_product", set()),
    "A-10": ("accepted", "over_entitlement", {"entitlement", "assigned"}),
    "A-11": ("contested", "within_entitlement", {"entitlement", "assigned"}),
    "A-12": ("not_provable", "unknown_person", set()),
}


@pytest.fixture(scope="module")
def published(demo: Reviewed) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.published), read_only=True) as connection:
        yield connection


def test_each_line_ends_where_it_must_with_the_rows_that_show_it(published):
    answers = published.execute(
        "select claim_id, answer, reason_code from calendar.claim_answers where review_month = ? order by 1", [MONTH]
    ).fetchall()
    shown: dict[str, set[str]] = {claim: set() for claim in WANTED}
    for claim, kind in published.execute("select distinct claim_id, kind from calendar.claim_evidence").fetchall():
        shown[claim].add(kind)
    assert {c: (a, r, shown[c]) for c, a, r in answers} == WANTED


def test_rows_of_the_evidence_are_those_of_the_files(demo: Reviewed, published):
    path, row = published.execute(
        "select drop || '/' || path, row_number from calendar.claim_evidence where claim_id = 'A-04' and input = "
        "'perpetual_licences'"
    ).fetchall()[0]
    with (demo.data / "landing" / path).open(encoding="utf-8", newline="") as handle:
        assert list(csv.DictReader(handle))[row - 1]["serial_number"] == "391-00000003"


def test_months_without_claims_have_no_workbook_and_no_archive(demo: Reviewed, published):
    folder = demo.data / "published"
    assert [p.parent.name for p in (folder / "files").rglob("claim_answers.xlsx")] == [MONTH]
    assert [p.name for p in (folder / "claims").iterdir()] == [f"{MONTH}.zip"]
    assert published.execute("select count(*) from calendar.claim_answers where review_month <> ?", [MONTH]).fetchall()[
        0
    ] == (0,)


def test_workbook_and_archive_hold_every_line_and_row(demo: Reviewed, published):
    folder = demo.data / "published"
    book = CalamineWorkbook.from_path(folder / "files" / MONTH / "claim_answers.xlsx")
    head, *rows = book.get_sheet_by_name("Evidence").to_python()
    (number,) = published.execute("select count(*) from calendar.claim_evidence").fetchall()[0]
    assert len(rows) == number > 20 and head[0] == "Claim"
    with zipfile.ZipFile(folder / "claims" / f"{MONTH}.zip") as archive:
        in_folders = [
            row
            for mark in ("share", "limit", "withhold")
            for row in csv.DictReader(io.StringIO(archive.read(f"{mark}/evidence.csv").decode()))
        ]
        assert "A-02" not in archive.read("share/answers.csv").decode()
    assert len(in_folders) == number and all(row["row"] for row in in_folders)


def test_the_page_counts_the_answers(demo: Reviewed):
    text = (demo.data / "published" / "pages" / f"{MONTH}.html").read_text()
    assert 'id="claims"' in text and "Claims" not in (demo.data / "published" / "pages" / "2026-09.html").read_text()
