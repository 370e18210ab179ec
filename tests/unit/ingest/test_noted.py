"""What is kept beside the rows of a file: unread cells, unknown values, whom rejected rows are about; and the company's
own words for values.
"""

from __future__ import annotations

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.landing.fingerprints import changed_drops
from tests.unit.ingest.landing import Landing

DIRECTORY = "user_id,user_principal_name,mail,account_enabled,last_sign_in_at,employee_id\n"
WORKERS = "employee_id,email,status,hire_date\n"


def rows(landing: Landing, query: str) -> list[tuple]:
    return landing.con.execute(query).fetchall()


def many(header: str, row: str, count: int = 40) -> str:
    return header + "".join(row.format(n=n) + "\n" for n in range(count))


GOOD_ACCOUNT = "u{n},p{n}@firm.example,p{n}@firm.example,true,2026-10-01,e{n}"


def test_a_cell_that_cannot_be_read_is_counted_with_its_file_and_first_example(landing):
    landing.put(
        "d.csv", many(DIRECTORY, GOOD_ACCOUNT, 3) + "u8,a@firm.example,,true,soon,\nu9,b@firm.example,,true,later,\n"
    )
    landing.load()
    assert landing.register()["d.csv"][:5] == ("directory_users", "loaded", 5, 5, 0)
    assert rows(landing, "select input, column_name, cells, first_row, first_text from raw.unread_cell") == [
        ("directory_users", "last_sign_in_at", 2, 4, "soon")
    ]
    assert rows(landing, "select cells_unread from raw.file_register where path = 'd.csv'") == [(2,)]
    who = "select user_id, column_name from raw.unread_row join raw.directory_users on _src = src order by 1"
    assert rows(landing, who) == [("u8", "last_sign_in_at"), ("u9", "last_sign_in_at")]
    # What is no longer there is no longer noted.
    landing.put("d.csv", many(DIRECTORY, GOOD_ACCOUNT, 3))
    landing.load()
    assert rows(landing, "select count(*) from raw.unread_cell") == [(0,)]
    assert rows(landing, "select count(*) from raw.unread_row") == [(0,)]


def test_cells_of_a_refused_file_are_not_counted_since_none_of_its_rows_is_used(landing):
    bad = ",c@firm.example,,true,2026-10-01,\n" * 2
    landing.put("d.csv", many(DIRECTORY, GOOD_ACCOUNT, 3) + "u8,a@firm.example,,true,soon,\n" + bad)
    landing.load()
    assert landing.register()["d.csv"][:5] == ("directory_users", "rejected", 6, 0, 6)
    assert rows(landing, "select count(*) from raw.unread_cell") == [(0,)]
    assert rows(landing, "select cells_unread from raw.file_register where path = 'd.csv'") == [(0,)]


def test_an_unknown_text_is_listed_once_per_file_with_the_number_of_its_rows(landing):
    landing.put("d.csv", DIRECTORY + "u1,a@f.example,,Maybe,,\nu2,b@f.example,,Maybe,,\nu3,c@f.example,,yes,,\n")
    landing.load()
    assert rows(landing, "select column_name, text, value_rows, first_row from raw.unknown_value") == [
        ("account_enabled", "Maybe", 2, 1)
    ]
    assert rows(landing, "select account_enabled from raw.directory_users order by user_id") == [
        (None,),
        (None,),
        (True,),
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.sampled_from(["mail", "upn", "extra"]),
    written=st.sampled_from(["{a}", "SMTP:{a}", "smtp:{a};X500:/o=x", " {a} ", "Jung, Jana <{a}>"]),
    local=st.from_regex(r"[a-zA-Z][a-zA-Z0-9.'-]{0,8}[a-z]", fullmatch=True),
)
def test_whom_a_rejected_row_is_about_is_known_by_every_address_in_it(tmp_path_factory, where, written, local):
    box = Landing(tmp_path_factory.mktemp("landing"))
    address = f"{local}@firm.example"
    cell = written.format(a=address)
    mail, upn, note = (
        cell if where == name else default for name, default in (("mail", ""), ("upn", "login"), ("extra", ""))
    )
    header = "user_id,user_principal_name,mail,account_enabled,note,employee_id\n"
    good = "u{n},p{n}@firm.example,,true,,"
    # The row lacks what is required.
    box.put("d.csv", many(header, good) + f'U99,"{upn}","{mail}",,"{note}",E99\n')
    box.load()
    assert box.register()["d.csv"][2:5] == (41, 40, 1)
    found = set(rows(box, "select kind, value from raw.rejected_subject where row_number = 41"))
    assert {("address", address.lower()), ("id", "u99"), ("id", "e99")} <= found
    assert {v for k, v in found if k == "address"} == {address.lower()}


def test_a_guest_of_a_rejected_row_is_known_by_the_address_at_home_too(landing):
    landing.put("d.csv", many(DIRECTORY, GOOD_ACCOUNT) + "u99,jana_partner.example#EXT#@firm.example,,,,\n")
    landing.load()
    values = {v for (v,) in rows(landing, "select value from raw.rejected_subject where kind = 'address'")}
    assert values == {"jana_partner.example#ext#@firm.example", "jana@partner.example"}


def test_everybody_in_a_refused_file_is_known_and_a_row_that_is_no_row_too(landing):
    landing.put("hr.csv", WORKERS + "1,a@firm.example,Active,\n2,b@firm.example,,\n3,c@firm.example,Active,,,\n")
    landing.load()
    assert landing.register()["hr.csv"][:5] == ("hr_workers", "rejected", 3, 0, 3)
    found = rows(landing, "select kind, value from raw.rejected_subject order by all")
    assert [v for k, v in found if k == "address"] == ["a@firm.example", "b@firm.example", "c@firm.example"]
    assert {v for k, v in found if k == "id"} >= {"1", "2"}


def test_accounts_that_do_not_say_whether_they_are_enabled_are_refused_with_what_to_ask_for(landing):
    landing.put(
        "d.csv", DIRECTORY + "u1,a@f.example,,,Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInActivity,\n"
    )
    landing.load()
    message = landing.register()["d.csv"][7]
    assert "account_enabled is empty in every row" in message
    assert "Get-MgUser -All -Property AccountEnabled" in message
    assert rows(landing, "select count(*) from raw.directory_users") == [(0,)]


def test_a_header_that_says_the_opposite_is_read_the_other_way_round(landing):
    header = "Object Id,User principal name,Block credential,Display name,First name,Last name\n"
    landing.put("m365.csv", header + "1,a@f.example,True,A,,\n2,b@f.example,Falsch,B,,\n3,c@f.example,perhaps,C,,\n")
    landing.load()
    assert rows(landing, "select user_id, account_enabled from raw.directory_users order by 1") == [
        ("1", False), ("2", True), ("3", None),
    ]  # fmt: skip


ALIASES = "input,column,text,value\n"


def test_a_change_of_the_companys_words_reads_the_drops_again_that_it_concerns(landing):
    landing.put("hr.csv", WORKERS + "1,a@f.example,Gegangen,\n", drop="2026-09")
    landing.put("hr.csv", WORKERS + "1,a@f.example,Gegangen,\n")
    landing.put("portal.csv", "email,offering_name,role\na@f.example,Revit,User\n", drop="2026-08")
    status = "select _drop, status from raw.hr_workers order by 1"
    assert landing.load().loaded == ["reference", "2026-08", "2026-09", "2026-10"]
    assert rows(landing, status) == [("2026-09", "unknown"), ("2026-10", "unknown")]
    landing.put("words.csv", ALIASES + "hr_workers,status,GEGANGEN,terminated\n", drop="reference")
    landing.con.execute("delete from raw.pending_drop")  # as after a publication
    assert changed_drops(landing.con, landing.folder / "landing") == ["reference"]
    assert landing.load().loaded == ["reference", "2026-09", "2026-10"]
    assert rows(landing, status) == [("2026-09", "terminated"), ("2026-10", "terminated")]
    assert rows(landing, "select count(*) from raw.unknown_value") == [(0,)]
    assert landing.load().loaded == []
    landing.con.execute("delete from raw.pending_drop")
    assert changed_drops(landing.con, landing.folder / "landing") == []


def test_a_drops_own_copy_of_the_words_wins_as_a_whole(landing):
    landing.put(
        "words.csv", ALIASES + "hr_workers,status,gegangen,terminated\nhr_workers,status,da,active\n", drop="reference"
    )
    landing.put("zz_words.csv", ALIASES + "hr_workers,status,gegangen,on_leave\n")
    landing.put("hr.csv", WORKERS + "1,a@f.example,Gegangen,\n2,b@f.example,da,\n")
    landing.load()
    assert rows(landing, "select employee_id, status from raw.hr_workers order by 1") == [
        ("1", "on_leave"),
        ("2", "unknown"),
    ]
    assert landing.load().loaded == []
    landing.put("words.csv", ALIASES + "hr_workers,status,da,active\n", drop="reference")
    assert landing.load().loaded == ["reference"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "hr_workers,status,gone,finished",
            "'finished' is not a value of hr_workers.status; one of active, on_leave, terminated",
        ),
        ("hr_workers,department,BIM,x", "hr_workers.department has no list of values"),
        ("workers,status,gone,active", "there is no column status of an input workers"),
    ],
)
def test_a_word_that_means_nothing_is_said(landing, row, words):
    landing.put("words.csv", ALIASES + row + "\n", drop="reference")
    landing.put("hr.csv", WORKERS + "1,a@f.example,gone,\n")
    (warning,) = landing.load().warnings
    assert words in warning
    assert rows(landing, "select status from raw.hr_workers") == [("unknown",)]


def test_a_company_that_states_its_own_validity_or_money_in_words_keeps_no_such_row(landing):
    header = "offering_key,basis,amount,currency,valid_from,valid_to,read_on\n"
    landing.put("prices.csv", header + "revit,list,100,EUR,2026-01-01,someday,\n", drop="reference")
    landing.put("prices2.csv", header + "maya,list,100,EUR,2026-01-01,,someday\n", drop="reference")
    landing.put("x.csv", WORKERS + "1,a@f.example,active,\n")
    landing.load()
    assert rows(landing, "select offering_key, read_on from raw.ref_prices") == [("maya", None)]


def test_the_number_of_a_day_is_a_date_in_a_workbook_and_not_in_a_text(landing):
    folder = landing.folder / "landing" / "2026-09"
    folder.mkdir(parents=True)
    with xlsxwriter.Workbook(str(folder / "hr.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(
            (["employee_id", "email", "status", "hire_date"], ["1", "a@f.example", "active", "46324"])
        ):
            sheet.write_row(number, 0, line)
    landing.put("hr.csv", WORKERS + "1,a@f.example,active,46324\n")
    landing.load()
    assert [str(d) for (d,) in rows(landing, "select hire_date from raw.hr_workers order by _drop")] == [
        "2026-10-29",
        "None",
    ]


def test_an_empty_field_too_many_shifts_no_row(landing):
    landing.put("hr.csv", many(WORKERS, "{n},p{n}@f.example,active,") + "99,p99@f.example,Smith, Jr,\n")
    landing.load()
    assert landing.register()["hr.csv"][2:5] == (41, 40, 1)
    landing.put("hr.csv", many(WORKERS, '{n},"p{n}@f.example",active,') + "99,p99@f.example,Smith, Jr,\n")
    landing.load()
    assert landing.register()["hr.csv"][2:5] == (41, 40, 1)
