"""Tables in JSON, by rows, by columns and as lists."""

from __future__ import annotations

import json

import pytest

from tests.unit.ingest.judged import connection

con = connection()


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
