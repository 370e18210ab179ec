"""Workbooks as people save them: old ones, strict ones, OpenDocument, titles over merged cells, totals, endings that
say something else.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from tests.unit.ingest.landing import Landing

ROOT = Path(__file__).resolve().parents[2]
HEADER = ["employee_id", "email", "status", "leave_date", "department"]
ROWS = [["1", "ada@f.example", "active", "", "Zoë"], ["2", "bo@f.example", "terminated", date(2026, 9, 15), "BIM"]]


def workers(landing: Landing) -> list[tuple]:
    landing.load()
    return landing.con.execute(
        "select employee_id, email, leave_date, department from raw.hr_workers order by _row_number"
    ).fetchall()


EXPECTED = [("1", "ada@f.example", None, "Zoë"), ("2", "bo@f.example", date(2026, 9, 15), "BIM")]


def saved(titled: bool, total: bool) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Mitarbeiter")
        at = 0
        if titled:
            sheet.merge_range(0, 0, 0, 4, "HR list of October")
            sheet.write(1, 0, "Exported: 2026-11-03")
            at = 3
        for row in [HEADER, *ROWS]:
            for place, value in enumerate(row):
                sheet.write(at, place, value, day if isinstance(value, date) else None)
            at += 1
        if total:
            sheet.write(at, 0, "Total")
            sheet.write(at, 4, 2)
    return buffer.getvalue()


@pytest.mark.parametrize("titled", [True, False])
@pytest.mark.parametrize("total", [True, False])
def test_titles_over_merged_cells_and_totals_are_no_data(landing, titled, total):
    landing.put("w.xlsx", saved(titled, total))
    assert workers(landing) == EXPECTED
    assert landing.register()["w.xlsx#Mitarbeiter"][2:5] == (2, 2, 0)


@pytest.mark.parametrize("name", ["w.xls", "w.xlsx", "export", "w.csv"])
def test_the_ending_of_a_name_does_not_decide_what_a_workbook_is(landing, name):
    landing.put(f"new/{name}", saved(False, False))
    assert workers(landing) == EXPECTED


@pytest.mark.parametrize("name", ["w.xls", "w.xlsx", "export"])
def test_a_workbook_of_excel_97_is_read(landing, name):
    landing.put(name, (ROOT / "data" / "workers_biff.xls").read_bytes())
    assert workers(landing) == EXPECTED
    (row,) = landing.register().values()
    assert row[6] == "xls" and "totals" in row[7]


def test_a_damaged_or_encrypted_workbook_of_the_old_form_is_refused_with_what_to_do(landing):
    data = (ROOT / "data" / "workers_biff.xls").read_bytes()
    landing.put("cut.xls", data[:1500])
    landing.put("noise.xls", data[:600] + bytes(2000))
    landing.load()
    for row in landing.register().values():
        assert row[1] == "rejected" and "save it as .xlsx without a password" in row[7]


def test_a_strict_workbook_keeps_its_iso_dates(landing):
    case = ROOT / "cases" / "24-strict-workbook" / "input" / "2026-10" / "workers.xlsx"
    folder = landing.folder / "landing" / "2026-10"
    folder.mkdir(parents=True)
    shutil.copy(case, folder / "workers.xlsx")
    landing.load()
    found = landing.con.execute("select count(*), min(hire_date), max(leave_date) from raw.hr_workers").fetchall()
    assert found == [(24, date(2020, 1, 13), date(2026, 9, 15))]


def test_an_opendocument_sheet_is_read(landing):
    def cell(value: object) -> str:
        if isinstance(value, date):
            return (
                '<table:table-cell office:value-type="date" '
                f'office:date-value="{value}"><text:p>{value}</text:p></table:table-cell>'
            )
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join("<table:table-row>" + "".join(map(cell, r)) + "</table:table-row>" for r in [HEADER, *ROWS])
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f"{spaces}><office:body><office:spreadsheet><table:table "
        f'table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    landing.put("w.ods", buffer.getvalue())
    assert workers(landing) == EXPECTED
