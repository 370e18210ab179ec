"""Tables one below the other, and lines below the rows that are none."""

from __future__ import annotations

import itertools

import pytest

from tests.unit.ingest.judged import connection
from tests.unit.ingest.made import workbook

con = connection()


HR = ["employee_id", "email", "status", "department"]


@pytest.mark.parametrize("order", [*list(itertools.permutations(range(4)))[1:], (0, 1, 2), (2, 0)])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_columns_that_stand_once_more_in_another_order_are_another_table(landing, order, end):
    rows = [HR, ["1", "a@f.example", "active", "BIM"], [HR[i] for i in order], ["x"] * len(order)]
    landing.put("hr.csv", "".join(",".join(row) + end for row in rows))
    landing.load()
    found = landing.register()["hr.csv"]
    assert found[:2] == ("hr_workers", "rejected")
    assert found[7].startswith("line 3 is another header") and "save each as a file of its own" in found[7]


def test_such_columns_in_a_sheet_are_another_table_too(landing):
    landing.put("hr.xlsx", workbook([HR, ["1", "a@f.example", "active", "BIM"], HR[::-1], ["BIM", "active", "b", "2"]]))
    landing.load()
    assert "row 2 below the header is another header" in landing.register()["hr.xlsx#S"][7]


@pytest.mark.parametrize(
    "row", ["2,status,active,department", "2,employee_id,active,BIM", "employee_id,b@f.example,active,BIM"]
)
def test_a_row_with_a_word_of_the_header_in_it_is_a_row(landing, row):
    landing.put("hr.csv", ",".join(HR) + "\n1,a@f.example,active,BIM\n" + row + "\n")
    landing.load()
    assert landing.register()["hr.csv"][:3] == ("hr_workers", "loaded", 2)


def test_subtotals_and_taxes_of_an_invoice_are_no_rows(landing):
    header = "Invoice number,Invoice date,Product,Quantity,Unit price,Currency\n"
    below = ',,Subtotal,5,8925.00,EUR\n,,VAT 19 %,,1695.75,EUR\n"MwSt. 19,0%",,,,1695.75,EUR\nTotal,,,,10620.75,EUR\n'
    landing.put("i.csv", header + "I1,2026-10-01,Revit,5,1785.00,EUR\n" + below)
    landing.load()
    assert landing.register()["i.csv"][:5] == ("invoices", "loaded", 1, 1, 0)


def test_the_mark_that_ends_a_text_of_dos_is_no_row(landing):
    landing.put("hr.csv", "employee_id,status,email\r\n1,active,a@f.example\r\n\x1a")
    landing.load()
    assert landing.register()["hr.csv"][:5] == ("hr_workers", "loaded", 1, 1, 0)


def test_a_text_of_dos_is_refused_with_the_code_page_to_name(landing):
    landing.put("hr.csv", "employee_id,last_name,status\n1,Müller,active\n".encode("cp850"))
    landing.put("named.csv", "employee_id,last_name,status\n2,Köhler,active\n".encode("cp850"))
    landing.put("named.csv.manifest.yml", "encoding: cp850\n")
    landing.load()
    assert landing.register()["hr.csv"][1] == "rejected" and "encoding: cp850" in landing.register()["hr.csv"][7]
    assert landing.con.execute("select last_name from raw.hr_workers").fetchall() == [("Köhler",)]


def test_a_list_of_persons_that_holds_none_is_a_part_and_an_empty_register_is_not(landing):
    landing.put("d.csv", "id,userPrincipalName,accountEnabled,mail\n")
    landing.put("c.csv", "Email,Company,Start date,End date\n")
    landing.load()
    found = landing.con.execute("select path, complete, incomplete_reason from raw.file_register order by 1").fetchall()
    assert found == [("c.csv", "yes", None), ("d.csv", "no", "it has a header and no row")]
