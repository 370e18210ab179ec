"""A renewal with other seats and prices: what is asked, what it comes to, and a workbook that calculates on."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from pipelines.errors import UserError
from pipelines.publish.workbooks.renewal_what_if import Line, changed, read_renewal, sums_of, write_renewal

MONTH, CONTRACT = "2026-10", "110"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema calendar; create schema marts")
        con.execute(
            "create table calendar.renewal_brief as select * from (values "
            "('2026-10', '110', 'revit', 'EUR', 8, 10, 10, 2600.00, 100.00, 20900.00, 7, 50.00, 18250.00), "
            "('2026-10', '110', 'maya', 'EUR', null, 3, 3, 1750.00, null, 5250.00, null, null, null), "
            "('2026-10', '110', 'aec', 'JPY', null, null, null, 400000, 0, 0, 1, 0, 400000), "
            "('2026-10', '220', 'maya', 'EUR', 1, 1, 1, 1, 0, 1, 1, 0, 1)) as t (review_month, contract_number, "
            "offering_key, currency, seats_portal, seats_contract, seats_invoiced, unit_price, tokens_now, spend_now, "
            "recommended_seats_base, tokens_proposed, spend_proposed)"
        )
        con.execute(
            "create table calendar.renewal_plan as select * from (values ('2026-10', '110', 'revit', 'base', 4, 0), "
            "('2026-10', '110', 'revit', 'base', 2, 0), ('2026-10', '110', 'revit', 'high', 9, 10)) as t "
            "(review_month, contract_number, offering_key, scenario, persons, price_percent)"
        )
        con.execute(
            "create table marts.dim_offering as select '2026-10' as review_month, 'revit' as offering_key, 'Revit' as "
            "offering_name"
        )
        yield con


def lines(con: duckdb.DuckDBPyConnection, seats=None, prices=None, tokens=None) -> dict[str, Line]:
    found = changed(read_renewal(con, MONTH, CONTRACT), seats or {}, prices or {}, tokens or {})
    return {line.offering_key: line for line in found}


def test_unasked_the_renewal_costs_what_the_plan_says(con):
    revit = lines(con)["revit"]
    assert (revit.seats_now, revit.people, revit.seats, revit.spend) == (8, 6, 7, Decimal("18250.00"))


def test_an_offering_is_named_by_its_key_or_its_name_and_every_number_can_be_asked(con):
    revit = lines(con, {"REVIT": 2}, {"Revit": Decimal("1000.005")}, {"revit": Decimal("7")})["revit"]
    assert revit.spend == Decimal("2007.01")


def test_what_is_not_known_is_in_no_sum_and_named(con):
    sums = sums_of(list(lines(con).values()))
    assert (sums["EUR"].now, sums["EUR"].planned, sums["EUR"].left_out) == (
        Decimal("20900.00"), Decimal("18250.00"), ("maya",)
    )  # fmt: skip
    # An offering that the contract does not have yet costs nothing now.
    assert (sums["JPY"].now, sums["JPY"].asked, sums["JPY"].left_out) == (Decimal(0), Decimal(400000), ())
    assert lines(con, {"maya": 3})["maya"].spend == Decimal("5250.00")


def test_what_cannot_be_asked_says_what_can(con):
    with pytest.raises(UserError, match=r"max is not an offering of this brief\. It has aec, maya, revit\."):
        lines(con, {"max": 1})
    with pytest.raises(UserError, match=r"no renewal brief of contract 9.*110 in 2026-10, 220 in 2026-10"):
        read_renewal(con, MONTH, "9")


def cells(path: Path) -> dict[str, list]:
    return {row[0]: row for row in CalamineWorkbook.from_path(path).get_sheet_by_name("What if").to_python() if row[0]}


def test_the_workbook_shows_what_was_asked_and_is_the_same_bytes_again(con, tmp_path: Path):
    asked = list(lines(con, {"revit": 2}).values())
    for name in ("a.xlsx", "b.xlsx"):
        write_renewal(asked, MONTH, CONTRACT, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    rows = cells(tmp_path / "a.xlsx")
    assert (rows["Revit"][9], rows["Revit"][12], rows["Revit"][13]) == (2, 5250, 15650)
    assert rows["Revit"][15] == "4 people who need a seat would have none"
    assert [rows["Together, EUR"][i] for i in (4, 7, 12, 13, 14)] == [20900, 18250, 5250, 15650, 13000]
    assert rows["maya"][12] == ""


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed on this machine")
def test_a_spreadsheet_calculates_the_same_from_the_cells_alone(con, tmp_path: Path):
    asked = lines(con, {"revit": 2}, {}, {"aec": Decimal(5)})
    write_renewal(list(asked.values()), MONTH, CONTRACT, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book, zipfile.ZipFile(tmp_path / "bare.xlsx", "w") as bare:
        for name in book.namelist():
            text = book.read(name)
            if name.startswith("xl/worksheets/sheet"):
                # Without the results that we wrote, and with two seats more.
                text = re.sub(rb"</f><v>[^<]*</v>", b"</f>", text)
                text = re.sub(rb'(<c r="J6"[^>]*><v>)2(</v>)', rb"\g<1>4\g<2>", text)
            bare.writestr(name, text)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(tmp_path / "bare.xlsx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    rows = cells(tmp_path / "out" / "bare.xlsx")
    assert (rows["Revit"][9], rows["Revit"][12]) == (4, 10450)
    assert rows["Revit"][15] == "2 people who need a seat would have none"
    assert [rows["Together, EUR"][i] for i in (4, 7, 12, 13, 14)] == [20900, 18250, 10450, 10450, 7800]
    assert [rows["Together, JPY"][i] for i in (4, 12)] == [0, 400005]
    assert rows["maya"][12] == ""
