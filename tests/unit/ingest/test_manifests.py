"""Which manifest is in force for a file: of the folders around it and its own, the nearest, key by key."""

from __future__ import annotations

import pytest

from pipelines.ingest.landing.manifests import manifest_for

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
