"""Inputs from outside the portal in the forms they really come in: directories, HR, inventories, Token Flex; declared
corrections while loading.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pipelines.ingest.conform.corrections import CorrectionError
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.judgement import Judgement, known
from tests.unit.ingest.landing import Landing


def rows(landing: Landing, query: str) -> list[tuple]:
    return landing.con.execute(query).fetchall()


def test_an_okta_export_without_ids_is_known_by_its_logins(landing: Landing) -> None:
    landing.put(
        "okta.csv",
        "profile.login,profile.email,profile.firstName,profile.lastName,status,lastLogin\n"
        "Ada@Firm.example,ada@firm.example,Ada,A,ACTIVE,2026-10-02T08:00:00Z\nbo@firm.example,,Bo,B,SUSPENDED,\n",
    )
    landing.load()
    assert landing.register()["okta.csv"][:3] == ("directory_users", "loaded", 2)
    assert rows(
        landing,
        "select user_id, user_principal_name, mail, account_enabled from raw.directory_users order by _row_number",
    ) == [
        ("Ada@Firm.example", "ada@firm.example", "ada@firm.example", True),
        ("bo@firm.example", "bo@firm.example", None, False),
    ]


def test_a_directory_without_ids_that_is_not_oktas_is_not_guessed(landing: Landing) -> None:
    landing.put("x.csv", "userPrincipalName,accountEnabled,mail\na@x.example,True,a@x.example\n")
    landing.load()
    assert landing.register()["x.csv"][1] == "unrecognised"


SUCCESSFACTORS = (
    "STATUS,USERID,USERNAME,FIRSTNAME,LASTNAME,GENDER,EMAIL,MANAGER,HR,DEPARTMENT,HIREDATE\n"
    "Status,User ID,Username,First Name,Last Name,Gender,Email,Manager,HR Representative,Department,Hire Date\n"
    "active,0007,ada,Ada,A,F,ada@firm.example,NO_MGR,NO_HR,BIM,2020-01-02\n"
    "inactive,0008,bo,Bo,B,M,bo@firm.example,0007,NO_HR,BIM,2021-01-02\n"
)


@pytest.mark.parametrize("blank", ["", "\n\n"])
def test_the_second_header_row_of_successfactors_is_no_person(landing: Landing, blank: str) -> None:
    landing.put("sf.csv", blank + SUCCESSFACTORS)
    landing.load()
    assert landing.register()["sf.csv"][:6] == ("hr_workers", "loaded", 2, 2, 0, 0)
    assert rows(
        landing, "select employee_id, status, manager_id, _row_number from raw.hr_workers order by _row_number"
    ) == [("0007", "active", None, 1), ("0008", "terminated", "0007", 2)]


def test_the_first_worker_of_another_hr_file_stays_a_worker(landing: Landing) -> None:
    landing.put("hr.csv", "employee_id,status,first_name,last_name\n1,active,Status,Status\n2,active,A,B\n")
    landing.load()
    assert landing.register()["hr.csv"][:3] == ("hr_workers", "loaded", 2)


def test_an_answer_with_an_id_and_a_status_is_no_list_of_workers(landing: Landing) -> None:
    landing.put("export.json", json.dumps({"id": "1", "status": "SUBMITTED", "teamId": "2", "downloads": []}))
    landing.load()
    assert landing.register()["export.json"][1] == "unrecognised"


def test_blank_lines_before_the_header_are_no_rows(landing: Landing) -> None:
    landing.put("users.csv", "\n\nemail,role,offering_name,team_alias\na@x.example,User,Revit,T\n")
    landing.load()
    assert landing.register()["users.csv"][:6] == ("users", "loaded", 1, 1, 0, 0)


ENTRA_MEMBERS = (
    "id,userPrincipalName,displayName,objectType,userType,isUser,isGroup,isGuest\n"
    "0a,ada@firm.example,Ada A,User,Member,True,False,False\n"
)


def test_a_member_list_without_a_group_takes_the_name_of_its_file(landing: Landing) -> None:
    landing.put("groups/BIM Users.csv.gz", gzip.compress(ENTRA_MEMBERS.encode("utf-8-sig")))
    landing.load()
    register = landing.register()["groups/BIM Users.csv.gz"]
    assert register[:3] == ("directory_group_members", "loaded", 1)
    assert "BIM Users" in register[7]
    assert rows(
        landing, "select group_name, member_id, user_principal_name, member_type from raw.directory_group_members"
    ) == [("BIM Users", "0a", "ada@firm.example", "User")]


def test_members_that_active_directory_lists_take_the_name_of_their_file(landing: Landing) -> None:
    text = (
        "#TYPE Microsoft.ActiveDirectory.Management.ADPrincipal\n"
        '"distinguishedName","name","objectClass","objectGUID","SamAccountName","SID"\n'
        '"CN=Ada,DC=x","Ada","user","1-2","ada","S-1"\n'
    )
    landing.put("Büro.csv", text.encode("utf-16"))
    landing.load()
    assert rows(landing, "select group_name, member_id, member_type from raw.directory_group_members") == [
        ("Büro", "1-2", "user")
    ]


def test_a_list_of_users_is_no_group_because_it_has_a_name(landing: Landing) -> None:
    landing.put("All people.csv", "id,userPrincipalName,displayName\n0a,ada@firm.example,Ada A\n")
    landing.load()
    assert landing.register()["All people.csv"][1] == "unrecognised"


def test_groups_of_a_directory_are_read_from_scim_and_from_utf_16(landing: Landing) -> None:
    group = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "BIM",
        "members": [{"value": "0a", "type": "User"}, {"value": "0b"}],
    }
    landing.put("scim.json", json.dumps({"Resources": [group], "totalResults": 1}))
    landing.put(
        "ad.csv",
        'GroupName;objectGUID;UserPrincipalName;ObjectClass\n"Büro";1-2;ada@firm.example;user\n'.encode("utf-16"),
    )
    landing.load()
    assert rows(landing, "select group_name, member_id from raw.directory_group_members order by all") == [
        ("BIM", "0a"),
        ("BIM", "0b"),
        ("Büro", "1-2"),
    ]
    assert landing.register()["ad.csv"][6] == "utf-16-le"


def test_a_template_for_bulk_changes_is_named_as_what_it_is(landing: Landing) -> None:
    landing.put("t.csv", "version:v1.0,\nMember object ID or user principal name [memberObjectIdOrUpn] Required\n")
    landing.load()
    assert landing.register()["t.csv"][1] == "unrecognised"
    assert "template" in landing.register()["t.csv"][7]


def test_inventories_are_read_in_their_own_forms(landing: Landing) -> None:
    landing.put(
        "sccm.csv",
        '"ResourceID"|"TimeStamp"|"DisplayName0"|"Publisher0"|"Version0"\n"16777220"|"2026-10-01 08:00:00"|"AutoCAD '
        '2020"|"Autodesk"|"23.1"\n'.encode("utf-16"),
    )
    landing.put(
        "intune.csv",
        "ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationShortVersion,ApplicationVersion,DeviceId,"
        "DeviceName,OSVersion,Platform,UserId,EmailAddress,UserName\n"
        "k,Autodesk Revit 2024,Autodesk,24.0,24.0.4,d-1,PC1,10.0,Windows,u,Ada@firm.example,Ada\n",
    )
    product = {"feature_id": "MAYA", "def_prod_key": "657P1", "def_prod_ver": "2024.0.0.F", "sel_prod_ver": ""}
    landing.put("helper/PC-7.json", json.dumps([product]))
    landing.load()
    assert rows(
        landing, "select device_id, product_display_name, version, user_email from raw.device_inventory order by 1"
    ) == [
        ("16777220", "AutoCAD 2020", "23.1", None),
        ("PC-7", "MAYA", "2024", None),
        ("d-1", "Autodesk Revit 2024", "24.0.4", "ada@firm.example"),
    ]
    assert "PC-7" in landing.register()["helper/PC-7.json"][7]


def test_token_flex_is_read_as_table_and_as_columns_in_both_vocabularies(landing: Landing) -> None:
    landing.put(
        "core.csv",
        "usageDate,usageMonth,contractYear,productName,productLineCode,userName,machineName,usageCategory,"
        "tokensConsumed\n"
        "2026-10-01,2026-10-01,1,AutoCAD,ACD,ada,PC1,DESKTOP_PRODUCT,3\n2026-10-02,2026-10-01,1,Cloud,X,ada,,"
        "CLOUD_CONSUMPTION,2.5\n",
    )
    columns = ["usageCategory", "productName", "tokensConsumed"]
    answer = {"status": "DONE", "result": {"columns": columns, "rows": [["PRODUCT_CONSUMPTION", "ReMake", 46.0]]}}
    landing.put("api.json", json.dumps(answer))
    landing.load()
    assert {v[0] for v in landing.register().values()} == {"tokenflex"}
    assert rows(
        landing, "select product_name, usage_category, cast(tokens_consumed as double) from raw.tokenflex order by 1"
    ) == [
        ("AutoCAD", "DESKTOP_PRODUCT", 3.0),
        ("Cloud", "CLOUD_SERVICE", 2.5),
        ("ReMake", "DESKTOP_PRODUCT", 46.0),
    ]


CORRECTION = """
- id: SUB-1
  drop: 2026-10
  where: {subscription_id: "1"}
  expect: {seat_quantity: 1000}
  action: override
  set: {seat_quantity: 100}
  reason: a zero too many
  owner: licence management
  decided_on: 2026-11-02
- id: SUB-2
  drop: 2026-10
  where: {subscription_id: "2"}
  expect: {seat_quantity: 5}
  action: drop
  reason: of another company
  owner: licence management
  decided_on: 2026-11-02
"""
SUBSCRIPTIONS = (
    "subscription_id,offering_name,seat_quantity,start_date,end_date\n1,Revit,{},2026-01-01,2026-12-31\n2,"
    "Maya,5,2026-01-01,2026-12-31\n3,Maya,6,2026-01-01,2026-12-31\n"
)


def test_declared_corrections_are_applied_while_loading_and_a_dropped_row_counts_as_rejected(
    landing: Landing, tmp_path: Path
) -> None:
    corrections = tmp_path / "corrections"
    corrections.mkdir()
    (corrections / "subscriptions.yml").write_text(CORRECTION)
    landing.put("s.csv", SUBSCRIPTIONS.format(1000))
    seen = {}

    def judge(con, drop, tables):
        seen.update(
            {name: con.execute(f"select count(*) from {table}").fetchone()[0] for name, table in tables.items()}
        )
        return known(Judgement())

    folder = tmp_path / "landing"
    load_landing(landing.con, folder, ["2026-10"], tmp_path / "scratch", judge=judge, corrections=corrections)
    assert landing.register()["s.csv"][1:6] == ("loaded", 3, 2, 1, 0)
    assert seen == {"subscriptions": 2}
    assert rows(
        landing, "select subscription_id, seat_quantity, _row_number from raw.subscriptions order by _row_number"
    ) == [("1", 100, 1), ("3", 6, 3)]
    ((number, text, reason),) = rows(landing, "select row_number, row_text, reason from raw.rejected_rows")
    assert (number, reason) == (2, "correction SUB-2: of another company")
    assert "Maya" in text


def test_a_correction_that_outlives_its_fault_stops_the_drop(landing: Landing, tmp_path: Path) -> None:
    corrections = tmp_path / "corrections"
    corrections.mkdir()
    (corrections / "subscriptions.yml").write_text(CORRECTION)
    landing.put("s.csv", SUBSCRIPTIONS.format(100))
    with pytest.raises(CorrectionError, match="SUB-1"):
        load_landing(landing.con, tmp_path / "landing", ["2026-10"], tmp_path / "scratch", corrections=corrections)
    assert rows(landing, "select count(*) from raw.subscriptions") == [(0,)]


def test_a_correction_of_a_file_that_did_not_come_stops_the_drop(landing: Landing, tmp_path: Path) -> None:
    corrections = tmp_path / "corrections"
    corrections.mkdir()
    (corrections / "subscriptions.yml").write_text(CORRECTION)
    landing.put("u.csv", "email,role,offering_name,team_alias\na@x.example,User,Revit,T\n")
    with pytest.raises(CorrectionError, match="matches no row"):
        load_landing(landing.con, tmp_path / "landing", ["2026-10"], tmp_path / "scratch", corrections=corrections)
