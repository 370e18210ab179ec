"""Tree-shaped forms become tables: what each form yields, and that nothing private or unknown travels along."""

from __future__ import annotations

import base64
import csv
import json
import uuid
from pathlib import Path

import pytest

from pipelines.contracts import INPUTS
from pipelines.ingest.forms.adapters import adapt, google, graph, is_ldif, ldif, licensing, okta, scim
from pipelines.ingest.forms.text_table import TextTable

SAMPLES = Path(__file__).parent / "samples"
ALIASES = Path(__file__).resolve().parents[3] / "pipelines" / "contracts" / "aliases_outside.csv"


def fold(text: str) -> str:
    words = "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789" else " " for c in text.lower()).split()
    return "_".join(words)


def canonical(input_name: str, header: str) -> str | None:
    """What a header means by the alias table, as ingestion reads it."""
    folded = fold(header)
    if folded in INPUTS[input_name].column_names:
        return folded
    with ALIASES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["input"] == input_name and row["alias"] == folded:
                return row["column"]
    return None


def as_dicts(input_name: str, table: TextTable) -> list[dict[str | None, str | None]]:
    names = [canonical(input_name, h) for h in table.header]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def read(path: Path, kind: str = "json") -> list[TextTable]:
    found = adapt(path, kind)
    assert found is not None
    return found


def written(tmp_path: Path, content: object, name: str = "x.json") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def sample(name: str, input_name: str) -> list[dict[str | None, str | None]]:
    (table,) = read(SAMPLES / name)
    return as_dicts(input_name, table)


@pytest.mark.parametrize(
    ("input_name", "header"),
    [
        ("directory_users", [".".join(p) for p in graph.USER_PATHS]),
        ("directory_users", scim.USER_HEADER),
        ("directory_users", [".".join(p) for p in okta.PATHS]),
        ("directory_users", ldif.USER_HEADER),
        ("directory_users", google.HEADER),
        ("directory_group_members", scim.MEMBER_HEADER),
        ("directory_group_members", graph.MEMBER_HEADER),
        ("directory_group_members", ldif.MEMBER_HEADER),
        ("hr_workers", scim.HR_HEADER),
        ("device_inventory", licensing.HEADER),
    ],
)
def test_every_header_of_an_adapter_has_its_own_canonical_column(input_name: str, header: list[str]) -> None:
    columns = [canonical(input_name, h) for h in header]
    assert None not in columns
    assert len(set(columns)) == len(columns)
    assert set(INPUTS[input_name].required) <= set(columns)


def test_graph_default_properties_come_without_account_enabled_so_that_the_contract_can_name_it() -> None:
    rows = sample("graph_users_default_properties.json", "directory_users")
    assert [r["account_enabled"] for r in rows] == [None, None]
    assert rows[0]["user_principal_name"] == "Adams@contoso.com"


def test_graph_sign_in_activity_is_the_last_sign_in() -> None:
    rows = sample("graph_users_signinactivity.json", "directory_users")
    assert rows[0]["last_sign_in_at"] == "2021-06-17T16:41:33Z"


def test_a_graph_answer_without_principal_names_still_yields_its_rows() -> None:
    rows = sample("graph_users_guest_identities.json", "directory_users")
    assert len(rows) == 1
    assert rows[0]["user_principal_name"] is None


def test_an_empty_graph_answer_is_a_table_without_rows(tmp_path: Path) -> None:
    (table,) = read(written(tmp_path, {"@odata.context": "https://x.example/$metadata#users", "value": []}))
    assert list(table.rows) == []


def test_a_bare_list_of_graph_users_is_read(tmp_path: Path) -> None:
    (table,) = read(written(tmp_path, [{"id": "1", "userPrincipalName": "a@x.example", "accountEnabled": True}]))
    assert as_dicts("directory_users", table)[0]["account_enabled"] == "true"


def test_expanded_graph_groups_become_members(tmp_path: Path) -> None:
    member = {"@odata.type": "#microsoft.graph.user", "id": "7", "userPrincipalName": "a@x.example", "mail": None}
    (table,) = read(written(tmp_path, {"@odata.context": "c", "value": [{"displayName": "BIM", "members": [member]}]}))
    assert as_dicts("directory_group_members", table) == [
        {
            "group_name": "BIM",
            "member_id": "7",
            "user_principal_name": "a@x.example",
            "mail": None,
            "member_type": "user",
        }
    ]


@pytest.mark.parametrize("outer", ["managedDevices", "detectedApps"])
def test_programs_that_intune_found_are_rows_of_a_device_and_a_program(tmp_path: Path, outer: str) -> None:
    app = {
        "id": "a",
        "displayName": "Autodesk Revit 2025",
        "version": "25.1",
        "publisher": "Autodesk",
        "deviceCount": 1,
    }
    device = {
        "id": "d",
        "deviceName": "PC-1",
        "emailAddress": "a@x.example",
        "lastSyncDateTime": "2026-10-20T08:00:00Z",
    }
    item = app | {outer: [device]} if outer == "managedDevices" else device | {outer: [app]}
    (table,) = read(written(tmp_path, {"@odata.context": "c", "value": [item]}))
    assert as_dicts("device_inventory", table) == [
        {
            "device_id": "d",
            "product_display_name": "Autodesk Revit 2025",
            "version": "25.1",
            "publisher": "Autodesk",
            "user_email": "a@x.example",
            "last_seen_at": "2026-10-20T08:00:00Z",
        }
    ]


def test_a_scim_enterprise_user_brings_its_extension_and_primary_address() -> None:
    (row,) = sample("rfc7643-8.3-enterprise_user.json", "directory_users")
    assert row["mail"] == "bjensen@example.com"
    assert (row["account_enabled"], row["employee_id"]) == ("true", "701984")
    assert (row["department"], row["company_name"]) == ("Tour Operations", "Universal Studios")
    assert row["created_at"] == "2010-01-23T04:56:22Z"


def test_a_scim_password_never_leaves_the_adapter() -> None:
    (table,) = read(SAMPLES / "rfc7643-8.3-enterprise_user.json")
    assert "t1meMa$heen" not in json.dumps([table.header, list(table.rows)])


def test_a_scim_list_keeps_resources_that_say_nothing_about_themselves() -> None:
    rows = sample("rfc7644-3.4.3-list_response-post_query.json", "directory_users")
    assert [r["user_principal_name"] for r in rows] == ["jsmith", None]


@pytest.mark.parametrize(
    "name", ["rfc7643-8.1-user-minimal.json", "rfc7644-3.4.2-list_response-partial_attributes.json"]
)
def test_a_scim_user_without_active_is_left_to_the_contract(name: str) -> None:
    assert all(r["account_enabled"] is None for r in sample(name, "directory_users"))


def test_a_scim_group_becomes_one_row_per_member() -> None:
    rows = sample("rfc7643-8.4-group.json", "directory_group_members")
    assert [r["group_name"] for r in rows] == ["Tour Guides", "Tour Guides"]
    assert rows[0]["member_id"] == "2819c223-7f76-453a-919d-413861904646"


@pytest.mark.parametrize("name", ["rfc7643-8.7.1-schema-user.json", "rfc7644-3.5.2.1-patch_op-add_members.json"])
def test_scim_documents_that_are_no_export_are_not_ours(name: str) -> None:
    assert adapt(SAMPLES / name, "json") is None


def test_a_bulk_request_yields_its_users_and_its_workers() -> None:
    users, workers = read(SAMPLES / "csv2scim_payload.json")
    assert users.form == "scim_users"
    row = as_dicts("hr_workers", workers)[0]
    assert (row["employee_id"], row["status"], row["hire_date"]) == ("123456", "Active", "2020-01-01")


def test_an_okta_answer_is_flattened(tmp_path: Path) -> None:
    user = {"id": "00u1", "status": "SUSPENDED", "created": "2020-01-02T03:04:05.000Z", "lastLogin": None}
    user["profile"] = {"login": "a@x.example", "email": "a.b@x.example", "firstName": "A", "mobilePhone": "555"}
    (table,) = read(written(tmp_path, [user]))
    row = as_dicts("directory_users", table)[0]
    assert (row["account_enabled"], row["mail"], row["last_sign_in_at"]) == ("SUSPENDED", "a.b@x.example", None)


def test_the_licensing_helper_names_no_device_unless_its_collector_did(tmp_path: Path) -> None:
    product = {"feature_id": "MAYA", "def_prod_key": "657P1", "sel_prod_ver": "2024.0.0.F"}
    (bare,) = read(written(tmp_path, [product]))
    assert list(bare.rows) == [[None, "MAYA", "2024", "Autodesk"]]
    (told,) = read(written(tmp_path, {"host_name": "WS-1", "products": [product]}))
    assert list(told.rows) == [["WS-1", "MAYA", "2024", "Autodesk"]]


def test_token_flex_columns_and_rows_become_a_table(tmp_path: Path) -> None:
    answer = {"status": "DONE", "result": {"columns": ["usageCategory", "tokensConsumed"], "rows": [["A", 60.0]]}}
    (table,) = read(written(tmp_path, answer))
    assert (table.header, list(table.rows)) == (["usageCategory", "tokensConsumed"], [["A", "60.0"]])


@pytest.mark.parametrize("content", ["{", "[1, 2]", '{"value": 3}', "null", '[{"email": "a@x.example"}]', "[" * 5000])
def test_other_json_is_left_to_the_general_reader(tmp_path: Path, content: str) -> None:
    assert adapt(written(tmp_path, content), "json") is None


def test_deep_json_with_a_familiar_key_does_not_crash(tmp_path: Path) -> None:
    assert adapt(written(tmp_path, '{"userPrincipalName":' + "[" * 200_000), "json") is None


GUID = uuid.UUID("6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0")


def ldif_text() -> str:
    guid = base64.b64encode(GUID.bytes_le).decode()
    name = base64.b64encode("Zoë".encode()).decode()
    return "\n".join(
        [
            "version: 1",
            "# a comment that is",
            "  folded",
            "",
            "dn: OU=People,DC=x,DC=example",
            "objectClass: organizationalUnit",
            "",
            "dn: CN=Zoe,OU=People,",
            " DC=x,DC=example",
            "objectClass: user",
            f"objectGUID:: {guid}",
            f"givenName:: {name}",
            "userPrincipalName: zoe@x.example",
            "mail: Zoe.A@x.example",
            "userAccountControl: 514",
            "whenCreated: 20240102030405.0Z",
            "lastLogonTimestamp: 133485408000000000",
            "accountExpires: 9223372036854775807",
            "unicodePwd: secret",
            "",
            "dn: CN=PC1,DC=x,DC=example",
            "objectClass: user",
            "objectClass: computer",
            "",
            "dn: CN=BIM,DC=x,DC=example",
            "objectClass: group",
            "cn: BIM",
            "member: cn=zoe,OU=People,DC=x,DC=example",
            "member: CN=Gone,DC=x,DC=example",
            "",
        ]
    )


def test_ldif_users_are_decoded_unfolded_and_dated(tmp_path: Path) -> None:
    users, _ = read(written(tmp_path, ldif_text(), "x.ldif"), "ldif")
    (row,) = as_dicts("directory_users", users)
    assert row["user_id"] == str(GUID)
    assert (row["given_name"], row["account_enabled"]) == ("Zoë", "false")
    assert row["created_at"] == "2024-01-02T03:04:05Z"
    assert row["last_sign_in_at"] == "2024-01-01T00:00:00Z"
    assert row["leave_at"] is None


def test_ldif_group_members_are_looked_up_in_the_same_file(tmp_path: Path) -> None:
    _, members = read(written(tmp_path, ldif_text(), "x.ldif"), "ldif")
    rows = as_dicts("directory_group_members", members)
    assert [r["member_id"] for r in rows] == [str(GUID), "CN=Gone,DC=x,DC=example"]
    assert [r["mail"] for r in rows] == ["Zoe.A@x.example", None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_ldif_is_recognised_and_read_in_its_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.ldif"
    path.write_bytes(ldif_text().replace("\n", "\r\n").encode(encoding))
    assert is_ldif(path.read_bytes()[:200])
    assert len(read(path, "ldif")) == 2


@pytest.mark.parametrize("head", [b"", b"a,b\n1,2\n", b"dn,mail\n", b"{}", b"version,x\n"])
def test_other_text_is_not_ldif(head: bytes) -> None:
    assert not is_ldif(head)


def test_an_enabled_account_has_bit_two_clear(tmp_path: Path) -> None:
    text = ldif_text().replace("userAccountControl: 514", "userAccountControl: 66048")
    users, _ = read(written(tmp_path, text, "x.ldif"), "ldif")
    assert as_dicts("directory_users", users)[0]["account_enabled"] == "true"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dn: cn=a\nno colon here\n", "no attribute name"),
        ("dn: cn=a\nuid:: %%%\n", "damaged base64"),
        ("dn: cn=a\nchangetype: delete\n", "change record"),
    ],
)
def test_a_broken_ldif_says_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        adapt(written(tmp_path, text, "x.ldif"), "ldif")


def test_users_and_groups_of_one_list_are_read_and_descriptions_of_schemas_among_them_are_none():
    core = "urn:ietf:params:scim:schemas:core:2.0:"
    user = {"schemas": [f"{core}User"], "id": "1", "userName": "ada@firm.example", "active": True}
    group = {"schemas": [f"{core}Group"], "id": "g", "displayName": "CAD", "members": [{"value": "1"}]}
    schema = {"schemas": [f"{core}Schema"], "id": f"{core}User", "name": "User"}
    answer = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": [user, schema, group]}
    for data in ([user, group], answer):
        found = scim.tables(data)
        assert found is not None
        assert [(t.header, len(list(t.rows))) for t in found] == [(scim.USER_HEADER, 1), (scim.MEMBER_HEADER, 1)]
    assert scim.tables([user, {"id": "2"}]) is None
