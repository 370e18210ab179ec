"""Files that do the work: who is in which file, texts of hostile files as data, what is closed in none."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.publish import work_files
from pipelines.publish.work_files import write_work_files

MONTH = "2026-10"
EVIL = "=cmd|' /C calc'!A1"
DEFAULTS: dict[str, Any] = {
    "review_month": MONTH, "action_id": "0" * 16, "place": 1, "kind": "save", "what": "Take a seat away",
    "subject_type": "seat", "team_alias": "Team A", "offering_key": "maya", "person_key": "ann@corp.example",
    "amount": Decimal("100.00"), "currency": "EUR", "amount_is": "a year", "due_on": date(2026, 11, 10),
    "due_because": "with the review of the month", "responsible": "boss@corp.example", "severity": "high",
    "state": "proposed", "rule_ids": "USE-01", "finding_ids": "f" * 16,
}  # fmt: skip


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema calendar; create schema marts")
        con.execute(
            "create table calendar.actions (review_month text, action_id text, place bigint, kind text, what text, "
            "subject_type text, team_alias text, offering_key text, person_key text, amount decimal(38,2), currency "
            "text, amount_is text, due_on date, due_because text, responsible text, severity text, state text, "
            "rule_ids text, finding_ids text)"
        )
        con.execute(
            "create table marts.dim_offering as select '2026-10' as review_month, 'maya' as offering_key, "
            "'Maya' as offering_name"
        )
        con.execute("create table marts.dim_person (review_month text, person_key text, email text, display_name text)")
        con.execute(
            "create table calendar.deprovisioning_list (review_month text, team_alias text, offering_key text, "
            "person_key text, action text, route text)"
        )
        con.execute(
            "create table calendar.group_removals (review_month text, team_alias text, offering_key text, "
            "person_key text, group_name text, also_lost text, group_dn text, member_attribute text, "
            "member_value text)"
        )
        yield con


def put(con: duckdb.DuckDBPyConnection, seat_action: str = "", route: str = "direct", **given: Any) -> None:
    row = DEFAULTS | given
    con.execute(
        f"insert into calendar.actions ({', '.join(row)}) values ({', '.join('?' * len(row))})", [*row.values()]
    )
    person = row["person_key"]
    con.execute("insert into marts.dim_person values (?, ?, ?, ?)", [MONTH, person, person, "Ann Bee"])
    if seat_action:
        seat = [MONTH, row["team_alias"], row["offering_key"], person, seat_action, route]
        con.execute("insert into calendar.deprovisioning_list values (?, ?, ?, ?, ?, ?)", seat)


def leaves(con: duckdb.DuckDBPyConnection, group: str, **given: Any) -> None:
    """The person of DEFAULTS has to be taken out of a group; given: columns of the directory's entry."""
    row = {
        "review_month": MONTH, "team_alias": "Team A", "offering_key": "maya", "person_key": "ann@corp.example",
        "group_name": group, "also_lost": None, "group_dn": None, "member_attribute": None, "member_value": None,
    } | given  # fmt: skip
    con.execute("insert into calendar.group_removals values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*row.values()])


def files(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return work_files.work_files(con, MONTH)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_seat_to_take_away_is_on_the_list_for_the_portal_with_the_name_in_two_parts(con):
    put(con, "unassign")
    (row,) = rows(files(con)["portal/unassign.csv"])
    assert (row["Product"], row["First name"], row["Last name"]) == ("Maya", "Ann", "Bee")
    assert row["Email address"] == "ann@corp.example"


def test_a_seat_that_a_group_gives_is_taken_away_in_every_group_that_gives_it_and_nowhere_else(con):
    put(con, "edit_group", "default;group:CAD users;group:All of A")
    leaves(con, "CAD users")
    leaves(con, "All of A")
    made = files(con)
    assert [r["group"] for r in rows(made["groups/changes.csv"])] == ["All of A", "CAD users"]
    assert "portal/unassign.csv" not in made


def test_the_script_holds_no_name_and_changes_nothing_unless_it_is_told_to(con):
    put(con, "edit_group")
    leaves(con, "'); Remove-Item C:\\ -Recurse #")
    script = files(con)["groups/remove-members.ps1"]
    assert "Remove-Item" not in script
    before, _, after = script.partition("if ($Apply)")
    assert "Remove-MgGroupMemberByRef" not in before and "Remove-MgGroupMemberByRef" in after


def test_a_group_that_gives_other_products_too_is_told_with_them(con):
    put(con, "edit_group")
    leaves(con, "CAD users", also_lost="autocad;maya", group_dn="CN=CAD", member_value="CN=Ann")
    made = files(con)
    assert rows(made["groups/changes.csv"])[0]["also_lost"] == "autocad, Maya"
    assert "# The group also gives: autocad, Maya\ndn: CN=CAD\n" in made["groups/remove-members.ldif"]


def test_ldif_takes_each_membership_away_once_and_by_a_change_of_its_own(con):
    put(con, "edit_group")
    put(con, "edit_group", offering_key="autocad", action_id="1" * 16, place=2)
    for offering in ("maya", "autocad"):
        for group in ("CN=A,DC=corp", "CN=B,DC=corp"):
            entry = {"group_dn": group, "member_attribute": "uniqueMember", "member_value": "uid=ann,DC=corp"}
            leaves(con, "CAD", offering_key=offering, **entry)
    text = files(con)["groups/remove-members.ldif"]
    change = "changetype: modify\ndelete: uniqueMember\nuniqueMember: uid=ann,DC=corp\n-\n"
    assert text.startswith("version: 1\n")
    assert text.endswith(f"\n\ndn: CN=A,DC=corp\n{change}\ndn: CN=B,DC=corp\n{change}")
    assert text.count("changetype") == 2


@pytest.mark.parametrize(
    "value",
    ["CN=Jürgen,DC=corp", " CN=x", "CN=x ", ":CN=x", "<CN=x", "CN=x\n-\n\ndn: CN=evil", "CN=" + "x" * 300, "CN=\x00"],
)
def test_no_name_breaks_out_of_its_line_of_ldif(con, value):
    put(con, "edit_group")
    leaves(con, "CAD", group_dn=value, member_attribute="member", member_value=value)
    text = files(con)["groups/remove-members.ldif"]
    assert max(map(len, text.splitlines())) <= 120 and text.isascii()
    change = text.replace("\n ", "").splitlines()[-5:]
    assert [line.split(":")[0] for line in change] == ["dn", "changetype", "delete", "member", "-"]
    for line in (change[0], change[3]):
        _, _, rest = line.partition(":")
        assert (base64.b64decode(rest[1:]).decode() if rest.startswith(":") else rest[1:]) == value


def test_a_membership_that_the_directory_does_not_write_is_in_no_ldif(con):
    put(con, "edit_group")
    leaves(con, "CAD")
    leaves(con, "CAD 2", group_dn="CN=CAD", member_attribute="primaryGroup", member_value="x")
    assert "groups/changes.csv" in files(con) and "groups/remove-members.ldif" not in files(con)


def test_the_script_for_ldap_changes_nothing_unless_it_is_told_to(con):
    put(con, "edit_group")
    leaves(con, "CAD", group_dn="CN=CAD", member_value="CN=Ann")
    last = files(con)["groups/remove-members.sh"].splitlines()[-1]
    assert last == 'exec ldapmodify -n -v -c -f "$file" "$@"'


@pytest.mark.parametrize("state", ["done", "refused", "lapsed"])
def test_what_is_closed_is_in_no_file(con, state):
    put(con, "unassign", state=state)
    assert files(con) == {}


def test_cells_like_formulas_are_texts(con):
    put(con, "unassign", team_alias=EVIL, what="-1+1")
    made = files(con)
    assert rows(made["portal/unassign.csv"])[0]["Team"] == "'" + EVIL
    assert rows(made["tickets/jira.csv"])[0]["Summary"] == "'-1+1"


def test_no_text_begins_a_line_or_a_header_of_its_own_in_a_mail(con):
    put(con, what="Take away\nBcc: all@corp.example", responsible="boss@corp.example\r\nBcc: x@corp.example")
    (text,) = [t for n, t in files(con).items() if n.startswith("mail/")]
    assert not [line for line in text.splitlines() if line.startswith("Bcc:")]


def test_a_mail_adds_up_what_has_a_price_by_currency_and_counts_the_rest(con):
    for place, (amount, currency) in enumerate(((Decimal("0.10"), "EUR"), (Decimal("0.20"), "EUR"), (None, None))):
        put(con, place=place, amount=amount, currency=currency, person_key=f"p{place}@corp.example")
    put(con, place=9, amount=Decimal("9000000"), currency="JPY", person_key="p9@corp.example")
    (text,) = [t for n, t in files(con).items() if n.startswith("mail/")]
    assert "To save: 4 actions, together 0.30 EUR and 9,000,000.00 JPY (1 without a price)" in text


def test_an_import_of_more_than_the_portal_takes_is_in_several_files(con, monkeypatch):
    monkeypatch.setattr(work_files, "MOST_PER_IMPORT", 2)
    for n in range(5):
        put(con, subject_type="to_seat", person_key=f"p{n}@corp.example", place=n, team_alias=None)
    made = {n: len(rows(t)) for n, t in files(con).items() if n.startswith("portal/assign")}
    assert made == {"portal/assign-maya.csv": 2, "portal/assign-maya-2.csv": 2, "portal/assign-maya-3.csv": 1}


def test_a_folder_that_would_be_the_same_is_left_and_one_of_nothing_goes(con, tmp_path: Path):
    folder, scratch = tmp_path / "do" / MONTH, tmp_path / "scratch"
    put(con, "unassign")
    assert [p.name for p in write_work_files(con, MONTH, folder, scratch)][:1] == ["unassign.csv"]
    assert write_work_files(con, MONTH, folder, scratch) == []
    con.execute("delete from calendar.actions")
    write_work_files(con, MONTH, folder, scratch)
    assert not folder.exists()
