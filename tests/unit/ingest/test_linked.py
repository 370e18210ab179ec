"""Files that explain each other: a hub's Data Connector as rows of hub_members, answers of the Team Admin API as rows
of users and product_access.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from pipelines.ingest.forms.adapters import team_admin
from tests.conftest import ROOT
from tests.unit.ingest.landing import Landing

ACCOUNT, ADA, BO, CY = "acc-1", "U-1", "U-2", "U-3"
USERS = (
    "id,autodesk_id,bim360_account_id,email,name,first_name,last_name,last_sign_in,access_level_account_admin,status,"
    "created_at\n"
    f"{ADA},X1,{ACCOUNT},Ada@Firm.example,Ada A,Ada,A,2026-10-30 07:15:00,TRUE,active,2026-01-02 09:00:00\n"
    f"{BO},X2,{ACCOUNT},bo@firm.example,Bo B,Bo,B,,FALSE,pending,2026-09-30 09:00:00\n"
    f"{CY},X3,{ACCOUNT},cy@firm.example,Cy C,Cy,C,,FALSE,inactive,2025-01-02 09:00:00\n"
)
PROJECTS = "id,bim360_account_id,name,status\n" + "".join(
    f"P-{n},{ACCOUNT},{name},active\n" for n, name in ((1, "Bridge"), (2, "Tower"), (3, "Tower"))
)
PROJECT_USERS = (
    "bim360_project_id,bim360_account_id,user_id,status,company_id,access_level,created_at\n"
    f"P-1,{ACCOUNT},u-1,active,,project_admin,2026-02-01\n"
    f"P-2,{ACCOUNT},{BO},activating,,project_user,2026-09-30\n"
    f"P-3,{ACCOUNT},{CY},active,,project_user,2026-02-01\n"
    f"P-9,{ACCOUNT},{ADA},deleted,,project_admin,2026-02-01\n"
)
PRODUCTS = (
    "bim360_project_id,bim360_account_id,user_id,product_key,access_level,created_at\n"
    f"P-1,{ACCOUNT},{ADA},docs,administrator,2026-02-01\n"
    f"P-1,{ACCOUNT},{ADA},projectAdministration,administrator,2026-02-01\n"
    f"P-1,{ACCOUNT},{BO},build,none,2026-02-01\n"
)
ROLES = f"id,bim360_account_id,name,status\nR-1,{ACCOUNT},Bridge,active\n"
USER_ROLES = f"project_id,bim360_account_id,user_id,role_id\nP-1,{ACCOUNT},{ADA},R-1\n"
ACCOUNTS = f"bim360_account_id,display_name,start_date,end_date\n{ACCOUNT},Firm,2020-01-01,\n"
FILES = {
    "admin_users.csv": USERS,
    "admin_projects.csv": PROJECTS,
    "admin_project_users.csv": PROJECT_USERS,
    "admin_project_user_products.csv": PRODUCTS,
    "admin_roles.csv": ROLES,
    "admin_project_user_roles.csv": USER_ROLES,
    "admin_accounts.csv": ACCOUNTS,
}


def rows(landing: Landing, query: str) -> list[tuple[Any, ...]]:
    return landing.con.execute(query).fetchall()


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, "\ufeff" + text)
    return buffer.getvalue()


MEMBERS = (
    "select hub, email, team_alias, project, product, administrator, status, cast(invited_at as date)::varchar "
    "from raw.hub_members order by all"
)
EXPECTED = [
    ("acc-1", "ada@firm.example", "T", "Bridge", "docs", None, None, "2026-02-01"),
    ("acc-1", "ada@firm.example", "T", "Bridge", "projectAdministration", True, None, "2026-02-01"),
    ("acc-1", "ada@firm.example", "T", "Bridge", None, True, "active", "2026-02-01"),
    ("acc-1", "ada@firm.example", "T", "P-9", None, True, "ended", "2026-02-01"),
    ("acc-1", "ada@firm.example", "T", None, None, True, "active", "2026-01-02"),
    ("acc-1", "bo@firm.example", "T", "Bridge", "build", None, "ended", "2026-02-01"),
    ("acc-1", "bo@firm.example", "T", "Tower (p-2)", None, False, "pending", "2026-09-30"),
    ("acc-1", "bo@firm.example", "T", None, None, False, "pending", "2026-09-30"),
    ("acc-1", "cy@firm.example", "T", "Tower (p-3)", None, False, "ended", "2026-02-01"),
    ("acc-1", "cy@firm.example", "T", None, None, False, "ended", "2025-01-02"),
]


def test_a_data_connector_as_it_comes_gives_members_of_hub_projects_and_products(landing: Landing) -> None:
    landing.put("hub/export.zip", zipped(FILES))
    landing.put("hub/_manifest.yml", "team: T\n")
    landing.load()
    assert rows(landing, MEMBERS) == EXPECTED
    register = landing.register()
    read = {path.partition("!")[2]: said[:5] for path, said in register.items()}
    assert read["admin_users.csv"] == ("hub_members", "loaded", 3, 3, 0)
    assert read["admin_project_users.csv"] == ("hub_members", "loaded", 4, 4, 0)
    assert {path: said[1] for path, said in read.items() if said[0] is None} == dict.fromkeys(
        ("admin_projects.csv", "admin_roles.csv", "admin_project_user_roles.csv", "admin_accounts.csv"), "ignored"
    )


def test_the_same_tables_beside_each_other_give_the_same_members_and_no_team_of_their_own(landing: Landing) -> None:
    for name, text in FILES.items():
        landing.put(f"hub/{name}", text)
    landing.load()
    assert rows(landing, MEMBERS) == [(*r[:2], None, *r[3:]) for r in EXPECTED]


def test_rows_keep_the_place_that_they_have_in_their_file(landing: Landing) -> None:
    landing.put("hub.zip", zipped(FILES))
    landing.load()
    assert rows(
        landing,
        "select r._row_number from raw.hub_members as r join raw.file_register as f using (_file_no) "
        "where f.path like '%project_users.csv' and r.project = 'Bridge'",
    ) == [(1,)]


def test_members_whose_users_are_missing_are_rejected_and_the_file_says_what_to_do(landing: Landing) -> None:
    landing.put("project_users.csv", PROJECT_USERS)
    landing.load()
    said = landing.register()["project_users.csv"]
    assert said[:2] == ("hub_members", "rejected")
    assert rows(landing, "select count(*) from raw.hub_members") == [(0,)]


def test_an_ended_membership_of_somebody_who_is_gone_from_the_users_is_no_row_and_no_error(landing: Landing) -> None:
    landing.put("users.csv", USERS)
    landing.put("project_users.csv", PROJECT_USERS + f"P-1,{ACCOUNT},U-77,deleted,,project_user,2020-01-01\n")
    landing.load()
    said = landing.register()["project_users.csv"]
    assert said[:5] == ("hub_members", "loaded", 4, 4, 0)
    assert said[7].startswith("1 memberships that have ended")


def test_another_table_of_a_data_connector_is_no_file_to_look_at(landing: Landing) -> None:
    landing.put("issues.csv", "issue_id,bim360_account_id,bim360_project_id,title,status\n1,a,p,Crack,open\n")
    landing.load()
    assert landing.register()["issues.csv"][1] == "ignored"


# ---- Team Admin API

TEAMS = {"data": [{"id": "100001", "name": "Harbour"}], "pagination": {"cursor": None, "hasMore": False}}
POOL = {
    "productId": "prod_1", "teamId": "100001", "totalQuantity": 25, "assignedQuantity": 18, "unlimited": False,
    "startDate": "2026-01-01T00:00:00.000Z", "endDate": "2027-01-01T00:00:00.000Z", "productName": "Revit",
}  # fmt: skip
UNLIMITED = POOL | {
    "productId": "prod_2", "productName": "Docs", "unlimited": True, "totalQuantity": None, "assignedQuantity": None,
}  # fmt: skip
POOLS = {"data": [POOL, UNLIMITED], "pagination": {"cursor": None, "hasMore": False}}
ASSIGNMENTS = {
    "data": [
        {"userId": "US1", "email": "Ada@firm.example", "teamId": "100001", "productId": "prod_1",
         "assignmentType": "DIRECT", "subscriptionId": "574-1"},
        {"userId": "US2", "teamId": "100001", "productId": "prod_1", "assignmentType": "GROUP"},
        {"userId": "US1", "email": "ada@firm.example", "teamId": "100001", "productId": "prod_9",
         "assignmentType": "TEAM"},
    ]
}  # fmt: skip


ONE_SEAT = {"data": ASSIGNMENTS["data"][:1]}


def user(number: int, role: str) -> dict[str, Any]:
    return {"id": f"US{number}", "firstName": "A", "lastName": "B", "email": f"u{number}@firm.example", "role": role}


def page(items: list[dict[str, Any]], more: bool) -> dict[str, Any]:
    return {"data": items, "pagination": {"cursor": "next" if more else None, "hasMore": more}}


def put(landing: Landing, name: str, data: Any) -> None:
    landing.put(name, json.dumps(data))


SEATS = (
    "select email, team_alias, offering_name, assignment_type, pinned_subscription_id from raw.users "
    "where offering_name is not null order by all"
)
EXPECTED_SEATS = [
    ("ada@firm.example", "Harbour", "Revit", "direct", "574-1"),
    ("ada@firm.example", "Harbour", "prod_9", "team", None),
    ("u2@firm.example", "Harbour", "Revit", "group", None),
]


def test_answers_of_the_team_admin_api_are_pools_seats_and_users_under_the_names_of_teams_and_products(
    landing: Landing,
) -> None:
    put(landing, "api/teams.json", TEAMS)
    put(landing, "api/pools.json", POOLS)
    put(landing, "api/assignments.json", ASSIGNMENTS)
    put(landing, "api/100001/users-1.json", page([user(1, "PRIMARY_ADMIN")], True))
    put(landing, "api/100001/users-2.json", page([user(2, "USER")], False))
    landing.load()
    assert rows(
        landing,
        "select team_alias, offering_name, seats_total, seats_assigned, start_date::varchar, end_date::varchar "
        "from raw.product_access",
    ) == [("Harbour", "Revit", 25, 18, "2026-01-01", "2027-01-01")]
    assert rows(landing, SEATS) == EXPECTED_SEATS
    assert rows(
        landing, "select email, team_alias, role, autodesk_id from raw.users where offering_name is null order by all"
    ) == [("u1@firm.example", "Harbour", "PRIMARY_ADMIN", "US1"), ("u2@firm.example", "Harbour", "USER", "US2")]
    register = landing.register()
    assert register["api/teams.json"][1] == "ignored"
    assert register["api/pools.json"][:5] == ("product_access", "loaded", 1, 1, 0)
    assert "unlimited" in register["api/pools.json"][7]
    assert rows(landing, "select distinct complete from raw.file_register where input is not null") == [("yes",)]


def test_a_page_that_has_more_after_it_leaves_the_users_of_its_team_a_part(landing: Landing) -> None:
    put(landing, "api/A/users.json", page([user(1, "USER")], True))
    put(landing, "api/B/users.json", page([user(2, "USER")], False))
    put(landing, "seats.json", ONE_SEAT)
    landing.load()
    assert rows(landing, "select path, complete from raw.file_register where path like 'api%' order by 1") == [
        ("api/A/users.json", "no"),
        ("api/B/users.json", "yes"),
    ]


BARE_USERS = page([user(1, "SECONDARY_ADMIN")], False)
REQUEST = "https://api.example/team-admin/v1/teams/100001/users?limit=50"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.json", {"url": REQUEST, **BARE_USERS}),
        ("x.json", {"request": {"method": "GET", "url": REQUEST}, "response": {"status": 200, "body": BARE_USERS}}),
        ("x.json", [{"request": {"url": REQUEST}, "body": json.dumps(BARE_USERS)}]),
        ("teams/100001/users/page-1.json", BARE_USERS),
        ("Harbour/users.json", BARE_USERS),
    ],
    ids=["beside the request", "a saved exchange", "a body as text", "a folder by number", "a folder by name"],
)
def test_the_team_is_that_of_the_request_or_of_the_folder(landing: Landing, name: str, data: Any) -> None:
    put(landing, "teams.json", TEAMS)
    put(landing, name, data)
    landing.load()
    assert rows(landing, "select team_alias, email, role from raw.users") == [
        ("Harbour", "u1@firm.example", "SECONDARY_ADMIN")
    ]


def test_pages_in_one_file_are_whole_where_the_last_one_is_there(landing: Landing) -> None:
    put(landing, "users.json", [page([user(1, "USER")], True), page([user(2, "USER")], False)])
    put(landing, "seats.json", ONE_SEAT)
    landing.load()
    assert rows(landing, "select rows_loaded, complete from raw.file_register where path = 'users.json'") == [
        (2, "yes")
    ]


LISTS = {
    "teams": TEAMS["data"],
    "users": [user(1, "PRIMARY_ADMIN") | {"status": "PENDING"}, user(2, "USER")],
    "product-pools": [POOL],
    "assignments": [
        ASSIGNMENTS["data"][0] | {"userId": "US1", "email": "u1@firm.example"},
        ASSIGNMENTS["data"][1],
    ],
}


def _exchange(what: str, items: list[dict[str, Any]], *way: str) -> dict[str, Any]:
    """An answer beside its request, under the keys of a client."""
    url = "https://api.example/team-admin/v1/teams" + ("" if what == "teams" else f"/100001/{what}")
    body: Any = page(items, False)
    for key in reversed(way):
        body = {key: json.dumps(body) if key == "text" else body}
    return {"request": {"method": "GET", "url": url}, **body}


def _each(form: Any) -> dict[str, Any]:
    return {f"{what}.json": form(items) for what, items in LISTS.items()}


@pytest.mark.parametrize(
    "files",
    [
        _each(lambda items: page(items, False)),
        _each(lambda items: items),
        _each(lambda items: {"data": items}),
        _each(lambda items: [page(items, False)]),
        {f"{what}.ndjson": "\n".join(map(json.dumps, items)) for what, items in LISTS.items()},
        {"all.json": LISTS},
        {"all.json": {what: page(items, False) for what, items in LISTS.items()}},
        {"all.json": {"teams": LISTS["teams"], "100001": {w: i for w, i in LISTS.items() if w != "teams"}}},
        {"all.json": [_exchange(what, items, "response", "body") for what, items in LISTS.items()]},
        {
            "all.har": {
                "log": {
                    "entries": [
                        {"request": {"url": "https://api.example/"}, "response": {"content": {"text": "<html>"}}},
                        *(_exchange(what, items, "response", "content", "text") for what, items in LISTS.items()),
                    ]
                }
            }
        },
    ],
    ids=[
        "as they are",
        "objects alone",
        "without pages",
        "lists of pages",
        "lines",
        "one object",
        "one object of answers",
        "one object by team",
        "exchanges",
        "recorded by a browser",
    ],
)
def test_answers_say_the_same_however_a_client_saves_them(landing: Landing, files: dict[str, Any]) -> None:
    for name, data in files.items():
        landing.put(f"vendor/{name}", data if isinstance(data, str) else json.dumps(data))
    landing.load()
    assert rows(
        landing,
        "select email, team_alias, offering_name, assignment_type, role, account_status from raw.users order by all",
    ) == [
        ("u1@firm.example", "Harbour", "Revit", "direct", None, "pending"),
        ("u1@firm.example", "Harbour", None, None, "PRIMARY_ADMIN", "pending"),
        ("u2@firm.example", "Harbour", "Revit", "group", None, None),
        ("u2@firm.example", "Harbour", None, None, "USER", None),
    ]
    assert rows(landing, "select team_alias, offering_name, seats_total from raw.product_access") == [
        ("Harbour", "Revit", 25)
    ]
    assert rows(landing, "select distinct complete from raw.file_register where input is not null") == [("yes",)]


@pytest.mark.parametrize(
    "items",
    [
        [user(1, "Administrator"), user(2, "Architect")],
        [user(1, "USER"), user(2, "USER") | {"department": "BIM"}],
        [{"id": "1", "name": "Harbour"}],
        user(1, "Architect"),
    ],
)
def test_objects_of_another_system_are_no_answers(items: Any) -> None:
    assert team_admin.tables(items, "2026-10/people.json") is None


def test_a_list_of_pages_that_ends_too_early_is_a_part(landing: Landing) -> None:
    put(landing, "users.json", [page([user(1, "USER")], True), page([user(2, "USER")], True)])
    put(landing, "seats.json", ONE_SEAT)
    landing.load()
    assert rows(landing, "select complete from raw.file_register where path = 'users.json'") == [("no",)]


def test_a_list_of_one_team_names_the_team_of_what_lies_beside_it_and_of_nothing_else(landing: Landing) -> None:
    put(landing, "vendor/teams.json", TEAMS)
    put(landing, "vendor/people/users.json", page([user(1, "USER")], False))
    put(landing, "another/users.json", page([user(2, "USER")], False))
    landing.load()
    assert rows(landing, "select email, team_alias from raw.users order by all") == [
        ("u1@firm.example", "Harbour"),
        ("u2@firm.example", "another"),
    ]


def test_half_of_what_a_list_of_users_has_is_a_part(landing: Landing) -> None:
    put(landing, "assignments.json", ONE_SEAT)
    landing.load()
    assert rows(landing, "select complete from raw.file_register") == [("no",)]
    put(landing, "users.json", page([user(1, "USER")], False))
    landing.load()
    assert rows(landing, "select distinct complete from raw.file_register") == [("yes",)]
    (landing.folder / "landing" / "2026-10" / "assignments.json").unlink()
    landing.load()
    assert rows(landing, "select complete from raw.file_register") == [("no",)]


def test_the_word_for_an_assignment_that_nobody_knows_is_told_and_no_route(landing: Landing) -> None:
    item = ASSIGNMENTS["data"][0] | {"assignmentType": "FLOATING"}
    put(landing, "a.json", {"data": [item]})
    landing.load()
    assert rows(landing, "select assignment_type from raw.users") == [("unknown",)]
    assert rows(landing, "select column_name, text from raw.unknown_value") == [("assignment_type", "FLOATING")]


# ---- the recipe of docs/exporting.md


class _Vendor(BaseHTTPRequestHandler):
    """Answers as the reference documents, two objects a page."""

    lists: ClassVar[dict[str, list[dict[str, Any]]]] = {
        "/v1/teams": TEAMS["data"],
        "/v1/teams/100001/users": [user(n, "USER") for n in range(1, 6)],
        "/v1/teams/100001/product-pools": [POOL],
        "/v1/teams/100001/assignments": ASSIGNMENTS["data"],
    }  # fmt: skip

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {k: v[0] for k, v in parse_qs(url.query).items()}
        items = self.lists.get(url.path)
        if items is None or self.headers["Authorization"] != "Bearer secret":
            self.send_error(404 if items is None else 401)
            return
        answer: dict[str, Any] = {"data": items}
        if not url.path.endswith("assignments"):
            start = int(asked.get("cursor", "at +0").removeprefix("at +"))
            more = start + 2 < len(items)
            answer = page(items[start : start + 2], more)
            answer["pagination"]["cursor"] = f"at +{start + 2}" if more else None
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.mark.skipif(shutil.which("curl") is None, reason="the recipe is for curl")
def test_the_recipe_saves_every_page_of_every_team(landing: Landing) -> None:
    text = (ROOT / "docs" / "exporting.md").read_text(encoding="utf-8")
    recipe = text.partition("<!-- recipe: team admin -->\n```sh\n")[2].partition("```")[0]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Vendor)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        drop = landing.folder / "landing" / "2026-10"
        given = {"API": f"http://127.0.0.1:{server.server_port}/v1", "TOKEN": "secret", "PAUSE": "0"}
        subprocess.run(
            ["sh", "-c", recipe], env=os.environ | given | {"OUT": str(drop / "team-admin")}, check=True, timeout=60
        )
    finally:
        server.shutdown()
    landing.load()
    assert rows(landing, SEATS) == EXPECTED_SEATS
    assert rows(landing, "select count(*), min(team_alias) from raw.users where offering_name is null") == [
        (5, "Harbour")
    ]
    assert rows(landing, "select team_alias, seats_total from raw.product_access") == [("Harbour", 25)]
    assert rows(landing, "select distinct complete from raw.file_register where input is not null") == [("yes",)]
