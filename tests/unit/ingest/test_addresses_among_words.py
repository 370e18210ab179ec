"""Addresses among words, links and characters that nobody sees; the spellings of addresses, and of yes and no, in
lists of persons.
"""

from __future__ import annotations

import pytest

from pipelines.ingest.recognise.inputs import recognise
from tests.unit.ingest.judged import connection, judge
from tests.unit.ingest.made import worker

con = connection()


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
