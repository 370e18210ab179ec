"""Further addresses of a directory account: from every column, list and sign-in name that tells one, in every product's
form.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ingest.landing import Landing

HEAD = "id,userPrincipalName,accountEnabled"


def accounts(landing: Landing) -> list[tuple[str | None, str | None]]:
    landing.load()
    return landing.con.execute("select mail, other_addresses from raw.directory_users order by _row_number").fetchall()


@pytest.mark.parametrize(
    ("header", "cell", "mail", "others"),
    [
        ("proxyAddresses", "SMTP:A@F.example+smtp:b@f.example", "a@f.example", "a@f.example;b@f.example"),
        ("Proxy addresses", "smtp:b@f.example;SMTP:a@f.example", "a@f.example", "a@f.example;b@f.example"),
        ("proxyAddresses", "{SMTP:a@f.example; smtp:b@f.example}", "a@f.example", "a@f.example;b@f.example"),
        (
            "proxyAddresses",
            "x500:/o=Firm/ou=Group (FYD)/cn=a@f.example;sip:s@f.example;smtp:b@f.example",
            None,
            "b@f.example",
        ),
        ("otherMails", '["b@f.example","a+tag@f.example"]', None, "a+tag@f.example;b@f.example"),
        ("alternateEmailAddress", "b@f.example", None, "b@f.example"),
        ("Aliases", "b@f.example, b@f.example c@f.example", None, "b@f.example;c@f.example"),
        ("proxyAddresses", "System.String[]", None, None),
        ("proxyAddresses", "", None, None),
    ],
)
def test_addresses_are_read_from_a_column_of_any_product(landing, header, cell, mail, others):
    quoted = cell.replace('"', '""')
    landing.put("users.csv", f'{HEAD},{header}\n1,x@f.example,true,"{quoted}"\n')
    assert accounts(landing) == [(mail, others)]


def test_several_columns_of_addresses_count_together_and_a_mail_stays(landing):
    landing.put(
        "users.csv",
        f"{HEAD},mail,otherMails,proxyAddresses\n1,x@f.example,true,x@f.example,o@f.example,SMTP:p@f.example\n",
    )
    assert accounts(landing) == [("x@f.example", "o@f.example;p@f.example")]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("anna.adler_partner.example#EXT#@tenant.onmicrosoft.example", "anna.adler@partner.example"),
        ("anna_adler_partner.example#EXT#@tenant.onmicrosoft.example", "anna_adler@partner.example"),
        ("anna.adler@firm.example", None),
        ("anna#EXT#@tenant.onmicrosoft.example", None),
    ],
)
def test_the_sign_in_name_of_a_guest_gives_the_address_it_was_made_from(landing, name, address):
    landing.put("users.csv", f"{HEAD}\n1,{name},true\n")
    assert accounts(landing) == [(None, address)]


EMAILS = ["b@f.example", "a@f.example"]


@pytest.mark.parametrize(
    ("answer", "mail"),
    [
        (
            {
                "value": [
                    {
                        "id": "1",
                        "userPrincipalName": "x@f.example",
                        "accountEnabled": True,
                        "proxyAddresses": ["smtp:b@f.example"],
                        "otherMails": ["A@f.example"],
                    }
                ]
            },
            None,
        ),
        ({"Resources": [{"id": "1", "userName": "x", "active": True, "emails": EMAILS}]}, "b@f.example"),
        (
            {
                "Resources": [
                    {
                        "id": "1",
                        "userName": "x",
                        "active": True,
                        "emails": [{"value": e, "primary": e[0] == "a"} for e in EMAILS],
                    }
                ]
            },
            "a@f.example",
        ),
        (
            [
                {
                    "id": "1",
                    "status": "ACTIVE",
                    "profile": {"login": "x", "email": "b@f.example", "secondEmail": "a@f.example"},
                }
            ],
            "b@f.example",
        ),
        (
            {
                "users": [
                    {
                        "id": "1",
                        "primaryEmail": "b@f.example",
                        "suspended": False,
                        "aliases": ["a@f.example"],
                        "emails": [{"address": "b@f.example", "primary": True}],
                    }
                ]
            },
            "b@f.example",
        ),
    ],
)
def test_answers_of_directories_give_every_address(landing, answer, mail):
    landing.put("users.json", json.dumps(answer))
    ((found, others),) = accounts(landing)
    assert found == mail
    assert {"a@f.example"} <= set(others.split(";")) <= {"a@f.example", "b@f.example"}


NAMES = st.lists(st.sampled_from(["a", "b.c", "d_e", "f+g"]).map(lambda n: f"{n}@firm.example"), max_size=4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.sampled_from(["+", ";", ", ", "|", "\n"]), st.sampled_from(["smtp:", "SMTP:"]))
def test_addresses_come_out_sorted_once_and_in_lower_case(tmp_path_factory, names, between, kind):
    landing = Landing(tmp_path_factory.mktemp("addresses"))
    cell = between.join(kind + n.upper() for n in names)
    landing.put("users.csv", f'{HEAD},proxyAddresses\n1,x@f.example,true,"{cell}"\n')
    assert accounts(landing)[0][1] == (";".join(sorted(set(names))) or None)


GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path "
    "[Required],Status [READ ONLY],"
    "Last Sign In [READ ONLY],Recovery Email,Home Secondary Email,Work Secondary Email,Employee ID,Department,2sv "
    "Enrolled [READ ONLY]"
)


def test_a_download_of_google_workspace_is_known_by_its_addresses(landing):
    landing.put(
        "users.csv",
        f"{GOOGLE}\nAda,A,ada@f.example,****,/,Active,2026-10-30 08:00:00,r@mail.example,,w@f.example,E1,BIM,True\n"
        "Bo,B,bo@f.example,****,/,Suspended,2026-10-01 08:00:00,,,,E2,BIM,False\n",
    )
    landing.load()
    rows = (
        "select user_id, user_principal_name, mail, other_addresses, account_enabled, employee_id from "
        "raw.directory_users order by 1"
    )
    assert landing.con.execute(rows).fetchall() == [
        ("ada@f.example", "ada@f.example", "ada@f.example", "r@mail.example;w@f.example", True, "E1"),
        ("bo@f.example", "bo@f.example", "bo@f.example", None, False, "E2"),
    ]


AROUND_AN_ADDRESS = (
    "{}",
    " {} ",
    "mailto:{}",
    "MAILTO: {}",
    "SMTP:{}",
    "Ada Example <{}>",
    '"Example, Ada" <{}>',
    "<{}>",
    "{};",
    "{}; b@f.example",
    "{}\u00a0;",
    "\u200b{}",
)


@pytest.mark.parametrize(
    ("header", "rest", "read"),
    [
        ("id,userPrincipalName,accountEnabled,mail", "1,x@f.example,true,", "select mail from raw.directory_users"),
        ("employee_id,first_name,last_name,status,email", "1,A,B,active,", "select email from raw.hr_workers"),
        ("company,end_date,email", "Firm,2027-01-01,", "select email from raw.contractors"),
    ],
)
@pytest.mark.parametrize("form", AROUND_AN_ADDRESS)
def test_what_a_mail_program_puts_around_an_address_is_not_the_address(landing, header, rest, read, form):
    cell = form.format("Ada.E-x+1@F.example").replace('"', '""')
    landing.put("list.csv", f'{header}\n{rest}"{cell}"\n')
    landing.load()
    assert landing.con.execute(read).fetchall() == [("ada.e-x+1@f.example",)]


@pytest.mark.parametrize("cell", ["n: a", "see <list>", "a;b", "firm\\ada"])
def test_a_cell_without_an_address_is_kept_as_it_is(landing, cell):
    landing.put("list.csv", f'id,userPrincipalName,accountEnabled,mail\n1,x@f.example,true,"{cell}"\n')
    assert accounts(landing)[0][0] == cell
