"""Which manifest is in force for a file: of the folders around it and its own, the nearest, key by key; and what one
may not do.
"""

from __future__ import annotations

import json
import zoneinfo

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.landing.manifests import KEYS, Manifest, manifest_for

FILE = "portal/emea/users.csv"
# From the drop down to the file.
PLACES = ("_manifest.yml", "portal/_manifest.yml", "portal/emea/_manifest.yml", f"{FILE}.manifest.yml")


@pytest.mark.parametrize("nearest", range(len(PLACES)))
def test_the_nearest_manifest_says_the_team_whatever_those_further_out_say(nearest: int):
    manifests = {PLACES[i]: f"team: T{i}\n".encode() for i in range(nearest + 1)}
    assert manifest_for(FILE, manifests).values == {"team": f"T{nearest}"}


def test_what_the_nearest_does_not_say_or_leaves_empty_comes_from_further_out():
    manifests = {
        PLACES[0]: b"team: Drop\ntimezone: Europe/Berlin\nrange_start: 2026-10-01\n",
        PLACES[1]: b"timezone: Asia/Tokyo\n",
        PLACES[3]: b"team:\nrange_start: 2026-10-05\n",
    }
    found = manifest_for(FILE, manifests)
    assert (found.values["team"], found.timezone, str(found.values["range_start"])) == (
        "Drop",
        "Asia/Tokyo",
        "2026-10-05",
    )


def test_a_manifest_of_another_folder_or_of_a_file_beside_it_says_nothing():
    others = ("flex/_manifest.yml", "portal/emea/north/_manifest.yml", "portal/emea/users2.csv.manifest.yml")
    assert manifest_for(FILE, dict.fromkeys(others, b"team: Other\n")).values == {}


# ---- hostile ones


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"team: &a [*a]", "references"),
        (b"a: &a [1]\nb: &b [*a, *a]\nteam: [*b, *b]", "references"),
        (b"filters: " + b"[" * 30_000, "nested more than 10 deep"),
        (b"team: x\n" * 10_000, "longer than the 64 KB"),
        (b'team: "\\ud800"', "half a character"),
        (b"complete: " + b"9" * 5_000, "more than 15 digits"),
        (b"complete: " + b"1:" * 10_000 + b"1", "more than 15 digits"),
        (b"team: caf\xe9", "not UTF-8"),
        (b"? [a]\n: 1", "line 1"),
    ],
)
def test_a_manifest_that_cannot_be_kept_is_named_and_says_nothing(data: bytes, why: str):
    found = manifest_for("users.csv", {"_manifest.yml": data})
    assert found.values == {} and why in found.problem and found.problem.startswith("the manifest _manifest.yml ")


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "yesterday"])
def test_an_export_at_no_time_that_can_be_kept_is_told(value: str):
    for text in (value, f"'{value}'"):
        found = manifest_for("users.csv", {"_manifest.yml": f"exported_at: {text}\n".encode()})
        assert found.exported_at is None and "exported_at" in found.problem


def test_every_zone_that_is_accepted_is_known_to_the_database_and_files_beside_them_are_not_accepted():
    known = {name for (name,) in duckdb.sql("select name from pg_timezone_names()").fetchall()}
    listed = zoneinfo.available_timezones()
    others = {f"{folder}/{name}" for folder in ("posix", "right") for name in listed}
    others |= {"localtime", "posixrules", "leapseconds", "Europe", "../etc/passwd", "Europe/Nowhere", ""}
    accepted = {n for n in listed | others if Manifest({"timezone": n}).timezone != "UTC"}
    assert accepted and accepted <= known
    assert not accepted & others


KEYS_AND_MORE = st.sampled_from([*KEYS, "other", "\ud800", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.dates(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS_AND_MORE, VALUES, max_size=6), st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_a_manifest_says_the_register_can_keep_it(values: dict, flow: bool):
    text = yaml.safe_dump(values, allow_unicode=True, default_flow_style=flow)
    found = manifest_for("users.csv", {"_manifest.yml": text.encode(errors="surrogatepass")})
    json.dumps(found.values, default=str, sort_keys=True, ensure_ascii=False).encode()
    assert found.problem.encode() is not None
    assert found.exported_at is None or found.exported_at.tzinfo is None
    assert (found.timezone, found.encoding, found.complete, found.named_input) is not None


@given(st.binary(max_size=60) | st.text("&*!?:-[]{}\n 'ab1\"|>%@", max_size=40).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_no_manifest_are_named_by_it(data: bytes):
    found = manifest_for("users.csv", {"_manifest.yml": data})
    json.dumps(found.values, default=str, sort_keys=True, ensure_ascii=False).encode()
    assert not found.problem or found.problem.startswith("the manifest ")
