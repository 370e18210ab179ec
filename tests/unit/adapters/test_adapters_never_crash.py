"""Damaged and hostile files of the tree-shaped forms: an adapter yields tables, says it is none, or names the
damage.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.forms.adapters import adapt, is_ldif

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
LDIF = (
    b"version: 1\n\ndn: CN=A,DC=x\nobjectClass: user\nobjectGUID:: AAAAAAAAAAAAAAAAAAAAAA==\nuserAccountControl: 512\n"
    * 3
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "value",
                    "Resources",
                    "members",
                    "schemas",
                    "userName",
                    "userPrincipalName",
                    "profile",
                    "status",
                    "columns",
                    "rows",
                    "result",
                    "emails",
                    "feature_id",
                    "def_prod_key",
                    "displayName",
                    "Operations",
                    "method",
                    "data",
                    "meta",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def attempt(path: Path, kind: str) -> None:
    try:
        tables = adapt(path, kind)
    except ValueError:
        assert kind == "ldif"
        return
    for table in tables or []:
        for row in table.rows:
            assert all(v is None or isinstance(v, str) for v in row)
            assert len(row) == len(table.header) or table.form == "tokenflex_api"


def mutated(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(out) or 1)
        choice = rng.randrange(4)
        if choice == 0:
            out[at : at + 1] = bytes([rng.randrange(256)])
        elif choice == 1:
            del out[at : at + rng.randrange(1, 30)]
        elif choice == 2:
            out[at:at] = rng.choice([b"null", b"[", b"}", b'"', b"\x00", b"\n\n", b"::", b" 9" * 9])
        else:
            out = out[: at + 1]
    return bytes(out) or b"x"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.stem)
def test_mutated_json_never_crashes(sample: Path, tmp_path: Path) -> None:
    rng = random.Random(sample.name)
    path = tmp_path / "x.json"
    for _ in range(60):
        path.write_bytes(mutated(sample.read_bytes(), rng))
        attempt(path, "json")


@pytest.mark.parametrize(
    "text",
    [
        '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": 3}',
        '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": 3}',
        '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "members": 3}',
        '{"value": [{"displayName": "a", "members": []}, {"members": 3}]}',
        '{"schemas": [1, null], "userName": {"members": []}}',
    ],
)
def test_a_familiar_key_over_something_strange_does_not_crash(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    attempt(path, "json")


def test_a_number_of_ten_thousand_digits_in_ldif_is_no_flag(tmp_path: Path) -> None:
    path = tmp_path / "x.ldif"
    path.write_bytes(LDIF.replace(b"512", b"9" * 10_000))
    attempt(path, "ldif")


def test_mutated_ldif_never_crashes(tmp_path: Path) -> None:
    rng = random.Random(1)
    path = tmp_path / "x.ldif"
    for _ in range(400):
        path.write_bytes(mutated(LDIF, rng))
        is_ldif(path.read_bytes()[:1000])
        attempt(path, "ldif")


@given(JSON)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tree_of_familiar_keys_is_taken_or_left(tmp_path: Path, tree: object) -> None:
    import json

    path = tmp_path / "x.json"
    path.write_text(json.dumps({"urn:ietf:params:scim": 0, **tree} if isinstance(tree, dict) else [tree, "profile"]))
    attempt(path, "json")
    path.write_text(json.dumps(tree) + " " * 3)
    attempt(path, "json")
