"""Files as people have them, the second round: texts that stand for nothing, tables put together or drawn for the eye,
and what is no table at all.
"""

from __future__ import annotations

import io
import itertools
import json
import tarfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.contracts.values import empty_words, halves_of_day
from pipelines.ingest.conform.table import Forms
from pipelines.ingest.recognise.inputs import recognise
from tests.unit.ingest.judged import connection, judge
from tests.unit.ingest.test_landing import Landing

con = connection()


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def workbook(rows: list[list], merged: tuple[str, ...] = (), **options: bool) -> bytes:
    """A workbook of one sheet, S. merged: ranges whose first cell stands for all of them."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for cells in merged:
            row, column = xlsxwriter.utility.xl_cell_to_rowcol(cells.partition(":")[0])
            sheet.merge_range(cells, rows[row][column])
    return made.getvalue()


def worker(**cells: str) -> list[dict]:
    """The rows of one worker with these cells."""
    given = {"employee_id": "1", "status": "active", **cells}
    return judge(con, "hr_workers", list(given), [list(given.values())]).rows


# --- texts that stand for nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", empty_words("any"))
@pytest.mark.parametrize("around", ["", "  "])
def test_a_word_for_nothing_is_empty_in_every_column(word, around):
    (row,) = worker(email=word + around, department=around + word, leave_date=word, manager_id=word, last_name=word)
    assert [row[c] for c in ("email", "department", "leave_date", "manager_id", "last_name")] == [None] * 5
    assert row["_reason"] is None and row["_noted"] == 0


@pytest.mark.parametrize("word", [*empty_words("named"), "None", "K.A.", "UNKNOWN"])
def test_a_word_for_none_is_no_address_and_no_id_and_elsewhere_a_text(word):
    (row,) = worker(email=word, manager_id=word, department=word)
    assert (row["email"], row["manager_id"], row["department"]) == (None, None, word)


@pytest.mark.parametrize("name", ["Null", "Nan", "Na", "None", "X"])
def test_persons_and_ids_that_look_like_such_words_are_themselves(name):
    (row,) = worker(first_name=name, last_name=name)
    assert (row["first_name"], row["last_name"]) == (name, name)
    assert worker(employee_id="NA")[0]["employee_id"] == "NA"


def test_a_required_cell_with_a_word_for_nothing_is_missing():
    assert worker(employee_id="NULL")[0]["_reason"] == "is empty; a value is required"


ERRORS = ["#N/A", "#NV", "#REF!", "#BEZUG!", "#WERT!", "#VALEUR!", "#¡VALOR!", "#¿NOMBRE?", "#NAME?", "#DIV/0!"]
ERRORS += ["#N/D!", "#ADR!", "#YOK", "#Н/Д", "#ЗНАЧ!", "#VÆRDI!", "#SPILL!", "########"]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_a_spreadsheet_is_an_unread_cell_and_no_text(error):
    found = judge(
        con,
        "hr_workers",
        ["employee_id", "status", "email", "department", "manager_id", "leave_date"],
        [["1", "active", error, error, error, error]],
    )
    assert [found.rows[0][c] for c in ("email", "department", "manager_id", "leave_date")] == [None] * 4
    assert set(found.unread) == {"email", "department", "manager_id", "leave_date"}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_where_a_value_is_required_costs_the_row_and_says_so(error):
    (row,) = worker(employee_id=error)
    assert "what a spreadsheet shows in place of a value" in row["_reason"] and error in row["_reason"]


@pytest.mark.parametrize("text", ["#1", "#", "# 12", "#BIM", "C#", "#ask!me"])
def test_a_text_with_a_number_sign_is_no_error(text):
    assert worker(department=text)[0]["department"] == text


# --- addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e"])
@pytest.mark.parametrize("place", [0, 3, 4, 16])
def test_characters_that_nobody_sees_are_no_part_of_an_address(unseen, place):
    address = "ada@firm.example"
    (row,) = worker(email=address[:place] + unseen + address[place:])
    assert row["email"] == address


@pytest.mark.parametrize(
    "cell",
    [
        "ada@firm.example.",
        "ada @firm.example",
        "ada@ firm.example",
        "ada\u00a0@firm.example",
        "ada@firm.example (Ada Lo)",
        "Lo, Ada ada@firm.example",
        "[ada@firm.example](mailto:ada@firm.example)",
        '=HYPERLINK("mailto:ada@firm.example","Ada")',
        "mailto:ada@firm.example?subject=Seat",
        "E-Mail: ada@firm.example",
    ],
)
def test_an_address_is_found_in_what_stands_around_it(cell):
    assert worker(email=cell)[0]["email"] == "ada@firm.example"


@pytest.mark.parametrize("address", ["o'neil@firm.example", "a/b=c@firm.example", "ünal@firm.example", "a+b@x.example"])
def test_an_address_alone_is_itself(address):
    assert worker(email=address)[0]["email"] == address


@pytest.mark.parametrize("cell", ["Ada Lo", "Ada Lo lo@firm.example", "ada lo@firm.example", "see list"])
def test_words_that_may_be_a_name_are_no_address(cell):
    found = judge(con, "hr_workers", ["employee_id", "status", "email"], [["1", "active", cell]])
    assert found.rows[0]["email"] is None
    assert found.unread["email"].reason == "is not an e-mail address" and found.unread["email"].first_text == cell
    seat = ["Email", "Product", "Seat assignment"]
    (row,) = judge(con, "usage_report", seat, [[cell, "Revit", "Assigned"]]).rows
    assert row["_reason"] == f"'{cell}' is not an e-mail address"


def test_a_sign_in_name_may_hold_blanks():
    columns = ["id", "userPrincipalName", "accountEnabled"]
    (row,) = judge(con, "directory_users", columns, [["1", "Ada Lo@old domain", "true"]]).rows
    assert row["user_principal_name"] == "ada lo@old domain" and row["_reason"] is None


# --- JSON as programs write tables -----------------------------------------------------------------------------

NAMES, ACCOUNTS = (
    ["id", "userPrincipalName", "accountEnabled"],
    [["1", "a@f.example", True], ["2", "b@f.example", False]],
)
BY_COLUMNS = list(zip(*ACCOUNTS, strict=True))
SHAPES = {
    "lists": [NAMES, *ACCOUNTS],
    "split": {"columns": NAMES, "index": [0, 1], "data": ACCOUNTS},
    "columns": {n: {str(i): v for i, v in enumerate(c)} for n, c in zip(NAMES, BY_COLUMNS, strict=True)},
    "list": {n: list(c) for n, c in zip(NAMES, BY_COLUMNS, strict=True)},
    "records": [dict(zip(NAMES, a, strict=True)) for a in ACCOUNTS],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_table_in_json_is_read_whichever_way_it_lies(landing, shape):
    landing.put("u.json", json.dumps(SHAPES[shape]))
    landing.load()
    assert landing.register()["u.json"][:5] == ("directory_users", "loaded", 2, 2, 0)
    query = "select user_id, user_principal_name, account_enabled from raw.directory_users order by 1"
    assert landing.con.execute(query).fetchall() == [tuple(a) for a in ACCOUNTS]


def test_an_account_with_lists_in_it_is_one_account(landing):
    account = {"id": "1", "userPrincipalName": "a@f.example", "accountEnabled": True, "otherMails": ["b@f.example"]}
    landing.put("u.json", json.dumps(account))
    landing.load()
    assert landing.register()["u.json"][:3] == ("directory_users", "loaded", 1)


# --- tables one below the other --------------------------------------------------------------------------------

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


# --- workbooks as people lay them out --------------------------------------------------------------------------

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


# --- files that hold no table ----------------------------------------------------------------------------------


def zipped(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, "x")
    return made.getvalue()


def tarred() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("users.csv"), io.BytesIO())
    return made.getvalue()


MAIL = "From: a@f.example\r\nSubject: Users\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\n\r\n--x\r\nid,mail\r\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
FOREIGN = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "word processor": b"{\\rtf1\\ansi x}",
    "PNG": b"\x89PNG\r\n\x1a\n\0\0",
    "7z": b"7z\xbc\xaf'\x1c\0\x04",
    "RAR": b"Rar!\x1a\x07\x01\0",
    "tar": tarred(),
    "Parquet": b"PAR1\x15\x04PAR1",
    "SQLite": b"SQLite format 3\0\x10",
    "Access": b"\0\1\0\0Standard ACE DB\0",
    "UTF-32": "id,mail".encode("utf-32"),
    "link": b"[InternetShortcut]\r\nURL=https://x.example\r\n",
    "save its attachment": MAIL.encode(),
    "Outlook": OLE + "__substg1.0_001A001E".encode("utf-16-le"),
    "Word": zipped("word/document.xml"),
    "presentation": zipped("ppt/presentation.xml"),
    "XML": b"<?xml version='1.0'?><users><user id='1'/></users>",
    "refusal of a service": b'{"error": {"code": "InvalidAuthenticationToken"}}',
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_holds_no_table_is_called_what_it_is_with_what_to_do(landing, what):
    landing.put("export.csv", FOREIGN[what])
    landing.load()
    ((path, found),) = landing.register().items()
    assert path == "export.csv" and found[1] == "unrecognised"
    assert what in found[7] and any(word in found[7] for word in ("save", "export", "unpack", "open", "hand in"))


@pytest.mark.parametrize("first", ["From: x", "Subject: seats;Content-Type: y"])
def test_a_title_with_a_colon_does_not_make_a_list_a_message(landing, first):
    landing.put("hr.csv", first + "\n\nemployee_id;status;email\n1;active;a@f.example\n")
    landing.load()
    assert landing.register()["hr.csv"][:3] == ("hr_workers", "loaded", 1)


# --- dates and times -------------------------------------------------------------------------------------------

AFTERNOON = datetime(2026, 10, 29, 15, 5)


def sign_in(text: str) -> datetime | None:
    columns = ["id", "userPrincipalName", "accountEnabled", "lastSignInDateTime"]
    found = judge(con, "directory_users", columns, [["1", "a@f.example", "true", text]], Forms(order="dmy"))
    return found.rows[0]["last_sign_in_at"]


@pytest.mark.parametrize("half", ["am", "pm"])
@pytest.mark.parametrize("gap", ["", " ", "\u202f"])
def test_a_half_of_the_day_is_read_in_other_languages_before_and_after_the_time(half, gap):
    wanted = datetime(2026, 10, 29, 3 if half == "am" else 15, 5)
    for word in halves_of_day(half):
        for spelt in (word, word.upper()):
            assert sign_in(f"29/10/2026 3:05{gap}{spelt}") == wanted, spelt
            assert sign_in(f"29/10/2026 {spelt}{gap}3:05") == wanted, spelt
    assert not set(halves_of_day("am")) & set(halves_of_day("pm"))


@pytest.mark.parametrize(
    "text",
    [
        "29/10/2026 15.05",
        "29.10.2026 15.05.00",
        "29/10/2026 15h05",
        "29/10/2026 à 15h05",
        "29/10/2026 (Thu) 15:05",
        "2026年10月29日(木) 15:05",
        "2026-10-29 15:05:00.0000000 +00:00",
        "2026-10-29 17:05 +02:00",
        "2026-10-29 15:05 Z",
        "20261029T150500Z",
        "1793286300",
        "1793286300.123",
        "1793286300000",
        "令和8年10月29日 15:05",
        "R8.10.29 15:05",
    ],
)
def test_an_instant_is_read_in_the_forms_of_other_places_and_programs(text):
    assert sign_in(text) == AFTERNOON


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("H30/10/15", date(2018, 10, 15)),
        ("S50-1-2", date(1975, 1, 2)),
        ("R6.2.30", None),
        ("T10.1.2", None),
    ],
)
def test_years_are_counted_in_eras_of_japan(text, day):
    assert worker(hire_date=text)[0]["hire_date"] == day


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("29. Oktober 2026", "de"),
        ("29 Ekim 2026", "tr"),
        ("29. října 2026", "cs"),
        ("29 okt. 2026", "nl"),
        ("29 окт. 2026", "ru"),
    ],
)
def test_a_month_in_another_language_is_read_where_it_is_named_and_asked_for_where_not(text, language):
    columns, row = ["employee_id", "status", "leave_date"], ["1", "terminated", text]
    assert judge(con, "hr_workers", columns, [row], Forms(language=language)).rows[0]["leave_date"] == date(
        2026, 10, 29
    )
    reason = judge(con, "hr_workers", columns, [row]).unread["leave_date"].reason
    assert "manifest (language: " in reason and language in reason
    needed = ["subscription_id", "offering_name", "seat_quantity", "start_date", "end_date"]
    (bad,) = judge(con, "subscriptions", needed, [["S1", "Revit", "1", text, "2027-01-01"]]).rows
    assert "manifest (language: " in bad["_reason"] and language in bad["_reason"] and text in bad["_reason"]


def test_the_number_of_a_day_in_a_text_is_told_as_what_it_is():
    found = judge(con, "hr_workers", ["employee_id", "status", "leave_date"], [["1", "terminated", "46023"]])
    assert "number of a day as spreadsheets count" in found.unread["leave_date"].reason


# --- words of other languages ----------------------------------------------------------------------------------


YES_AND_NO = {
    True: ["EVET", "DOĞRU", "Ano", "IGAZ", "SANT", "SAND", "TOSI", "ИСТИНА", "是", "예"],
    False: ["HAYIR", "YANLIŞ", "NEPRAVDA", "HAMIS", "FALSKT", "USANN", "EPÄTOSI", "ЛОЖЬ", "否", "아니요"],
    None: ["x", "maybe"],
}


@pytest.mark.parametrize(("text", "value"), [(t, v) for v, texts in YES_AND_NO.items() for t in texts])
def test_yes_and_no_are_read_as_spreadsheets_of_other_languages_write_them(text, value):
    columns = ["id", "userPrincipalName", "accountEnabled"]
    found = judge(con, "directory_users", columns, [["1", "a@f.example", text]])
    assert found.rows[0]["account_enabled"] is value and bool(found.unknown) == (value is None)


@pytest.mark.parametrize(
    "email", ["E-mail address", "E-mail\naddress", "Email ID", "EmailAddress", "User email", "E-Mail"]
)
@pytest.mark.parametrize(
    ("others", "name"),
    [
        ("First name,Last name,Role,Product,Team", "users"),
        ("Product,Seat assignment,Last accessed", "usage_report"),
        ("Day used,Product,First name,Last name", "seat_usage"),
        ("Day used,Product,Tokens used", "token_usage"),
        ("Group,Group type,Role", "groups"),
        ("Employee ID,Status,Hire date", "hr_workers"),
        ("Company,Sponsor email,Start date", "contractors"),
    ],
)
def test_an_address_has_the_same_spellings_in_every_list_of_persons(email, others, name):
    match = recognise([email, *others.split(",")])
    assert match is not None and match.contract.name == name and "email" in match.positions


@pytest.mark.parametrize(
    ("start", "end"), [("Start", "End"), ("From", "Until"), ("von", "bis"), ("Début", "Fin"), ("desde", "hasta")]
)
def test_the_stay_of_a_contractor_is_known_by_short_words(start, end):
    match = recognise(["E-mail", "Company", start, end])
    assert match is not None and {"start_date", "end_date"} <= set(match.positions)


# --- lines below the rows --------------------------------------------------------------------------------------


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


# --- sheets of several months ----------------------------------------------------------------------------------


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


# --- letters that were encoded twice ---------------------------------------------------------------------------


def twice(text: str) -> bytes:
    """A text in UTF-8 that a program read as Windows-1252 and wrote as UTF-8."""
    raw = text.encode()
    undefined = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    return "".join(chr(b) if b in undefined else bytes([b]).decode("cp1252") for b in raw).encode()


NAMED = ["Müller", "Lefèvre", "Łukasz", "Ðurić", "Čapek", "Àngel", "İpek", "山田", "Ōta"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_letters_that_were_encoded_twice_are_read_as_they_were(landing, mark):
    rows = "".join(f"{n},active,p{n}@f.example,{name}\n" for n, name in enumerate(NAMED))
    landing.put("hr.csv", mark + b"employee_id,status,email,last_name\n" + twice(rows))
    landing.load()
    assert landing.con.execute("select last_name from raw.hr_workers order by _row_number").fetchall() == [
        (name,) for name in NAMED
    ]
    assert "made UTF-8 twice" in landing.register()["hr.csv"][7]


@pytest.mark.parametrize("names", [NAMED, ["Ã", "Müller"], ["São"], ["Â"], ["MÃ¼ller", "Meyerhöfer"]])
def test_letters_that_were_encoded_once_are_left_alone(landing, names):
    rows = "".join(f"{n},active,p{n}@f.example,{name}\n" for n, name in enumerate(names))
    landing.put("hr.csv", "employee_id,status,email,last_name\n" + rows)
    landing.load()
    assert landing.con.execute("select last_name from raw.hr_workers order by _row_number").fetchall() == [
        (name,) for name in names
    ]
