"""Workbooks as people lay them out: merged cells, notes beside a table, days counted from 1904, sheets of months."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter

from tests.unit.ingest.judged import connection
from tests.unit.ingest.made import workbook

con = connection()


SEATS = ["Team", "Product", "Email", "Seat assignment"]
READ_SEATS = "select team_alias, offering_name, email from raw.usage_report order by email"


def seats(*rows: tuple[str, str, str]) -> list[list]:
    return [SEATS, *([*row, "Assigned"] for row in rows)]


def test_a_cell_that_was_merged_downwards_says_the_same_in_all_its_rows(landing):
    rows = seats(
        ("Office", "Revit", "a@f.example"),
        ("", "", "b@f.example"),
        ("", "Maya", "c@f.example"),
        ("", "Maya", "d@f.example"),
    )
    landing.put("s.xlsx", workbook(rows, merged=("A2:A4", "B2:B3")))
    landing.load()
    assert landing.con.execute(READ_SEATS).fetchall() == [
        ("Office", "Revit", "a@f.example"),
        ("Office", "Revit", "b@f.example"),
        ("Office", "Maya", "c@f.example"),
        (None, "Maya", "d@f.example"),
    ]


def test_a_number_that_was_merged_downwards_is_not_multiplied(landing):
    header = ["Contract number", "Product", "Seat quantity", "Start date", "End date"]
    rows = [header, ["C1", "Revit", 5, "2026-01-01", "2026-12-31"], ["C1", "Maya", "", "2026-01-01", "2026-12-31"]]
    landing.put("s.xlsx", workbook(rows, merged=("C2:C3",)))
    landing.load()
    assert landing.register()["s.xlsx#S"][3:5] == (0, 2)
    assert landing.con.execute("select reason from raw.rejected_rows").fetchall() == [
        ("seat_quantity: is empty; a value is required",)
    ]


def test_a_row_of_a_merged_cell_without_anything_else_is_no_row(landing):
    rows = seats(("Office", "Revit", "a@f.example"), ("", "", ""), ("", "Revit", "b@f.example"))
    rows[2] = []
    landing.put("s.xlsx", workbook(rows, merged=("A2:A4",)))
    landing.load()
    assert landing.register()["s.xlsx#S"][:5] == ("usage_report", "loaded", 2, 2, 0)


@pytest.mark.parametrize(("from_1904", "serial"), [(False, 46_297), (True, 44_835)])
def test_the_number_of_a_day_is_counted_from_where_the_workbook_does(landing, from_1904, serial):
    rows = [["employee_id", "status", "email", "leave_date"], ["1", "terminated", "a@f.example", serial]]
    landing.put("hr.xlsx", workbook(rows, date_1904=from_1904))
    landing.load()
    assert landing.con.execute("select leave_date from raw.hr_workers").fetchall() == [(date(2026, 10, 2),)]


def test_a_note_beside_a_table_is_no_part_of_it_and_is_told(landing):
    rows = seats(("Office", "Revit", "a@f.example"), ("Office", "Revit", "b@f.example"))
    rows[1] += ["", "please check"]
    landing.put("s.xlsx", workbook(rows))
    landing.load()
    found = landing.register()["s.xlsx#S"]
    assert found[:5] == ("usage_report", "loaded", 2, 2, 0)
    assert "cells beside the table were not read, such as 'please check'" in found[7]


def test_a_cell_right_behind_a_table_may_be_a_shifted_row(landing):
    rows = seats(("Office", "Revit", "a@f.example"), ("Office", "Revit", "b@f.example"))
    rows[1] += ["", "please check"]
    rows[2] += ["Assigned"]
    landing.put("s.xlsx", workbook(rows))
    landing.load()
    assert landing.register()["s.xlsx#S"][1] == "rejected"


def test_cells_of_a_workbook_that_show_an_error_are_told(landing):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["employee_id", "status", "email", "leave_date"])
        sheet.write_row(1, 0, ["1", "active", "a@f.example"])
        sheet.write_formula(1, 3, "=NA()", None, "#N/A")
    landing.put("hr.xlsx", made.getvalue())
    landing.load()
    found = landing.register()["hr.xlsx#S"]
    assert found[1] == "loaded" and "1 cells of the workbook show an error" in found[7]


def months(*names: str) -> bytes:
    """A workbook with a sheet of these names, each of one person with a seat."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        for number, name in enumerate(names):
            sheet = book.add_worksheet(name)
            for place, row in enumerate(seats(("Office", "Revit", f"p{number}@f.example"))):
                sheet.write_row(place, 0, row)
    return made.getvalue()


@pytest.mark.parametrize(
    "names",
    [
        ("Sep", "Oct"),
        ("2026-10", "2026-09"),
        ("Usage Oktober 2026", "Usage Oktober 2025"),
        ("10.2026", "11.2026"),
        ("Août", "Octobre"),
    ],
)
def test_of_sheets_of_several_months_the_one_of_the_drop_is_read(landing, names):
    landing.put("s.xlsx", months(*names))
    landing.load()
    own = next(n for n in names if n in ("Oct", "2026-10", "Usage Oktober 2026", "10.2026", "Octobre"))
    (other,) = set(names) - {own}
    assert landing.register()[f"s.xlsx#{own}"][:3] == ("usage_report", "loaded", 1)
    assert landing.register()[f"s.xlsx#{other}"][1] == "ignored"
    assert landing.register()[f"s.xlsx#{other}"][7].endswith(f"usage_report of 2026-10 is read from s.xlsx#{own}")


@pytest.mark.parametrize("names", [("Office", "Plant"), ("Oct", "Plant"), ("Jan", "Feb"), ("Oct A", "Oct B")])
def test_sheets_of_parts_of_a_company_are_all_read(landing, names):
    landing.put("s.xlsx", months(*names))
    landing.load()
    assert {r[1] for r in landing.register().values()} == {"loaded"}
