"""The catalogue that ships with the project (`dbt_project/seeds/defaults`): what it must hold, and that nothing in it
contradicts itself.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from pipelines.guide.defaults import CERTAINTIES, TABLES, default_pages
from pipelines.settings import SEEDS


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / "defaults" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


OFFERINGS = {r["offering_key"]: r for r in rows("offerings")}
ALIASES = rows("product_aliases")
MEMBERS = rows("collection_members")
MEANS = {r["alias"]: r["offering_key"] for r in ALIASES}


def test_there_are_at_least_140_offerings_each_once_with_a_kind_and_a_metric():
    assert len(OFFERINGS) == len(rows("offerings")) >= 140
    assert {r["kind"] for r in OFFERINGS.values()} == {"product", "collection", "cloud"}
    assert {r["licence_metric"] for r in OFFERINGS.values()} <= {"named_user", "network", "perpetual", "flex_only"}


def test_an_alias_is_folded_means_one_thing_and_that_is_an_offering():
    assert len(MEANS) == len(ALIASES), "no alias stands twice"
    assert [a for a in MEANS if fold(a) != a] == []
    assert set(MEANS.values()) == set(OFFERINGS)
    for key, offering in OFFERINGS.items():
        assert MEANS[fold(offering["name"])] == MEANS[key] == key, key


def test_members_are_offerings_that_are_no_collection_and_no_row_contradicts_another():
    assert {r["collection_key"] for r in MEMBERS} | {r["member_key"] for r in MEMBERS} <= set(OFFERINGS)
    assert {r["member_key"] for r in MEMBERS} & {k for k, r in OFFERINGS.items() if r["kind"] == "collection"} == set()
    assert len({(r["collection_key"], r["member_key"]) for r in MEMBERS}) == len(MEMBERS)
    for r in MEMBERS:
        assert r["collection_key"] != r["member_key"]
        assert not (r["valid_from"] and r["valid_to"]) or date.fromisoformat(r["valid_from"]) <= date.fromisoformat(
            r["valid_to"]
        )


def test_every_member_says_how_sure_it_is_and_only_a_name_makes_it_certain():
    for r in MEMBERS:
        assert r["source"].startswith(("certain: the name", "secondary: ")), r
        assert r["read_on"]


def test_what_a_member_brings_with_it_is_a_member_too():
    held = {(r["collection_key"], r["member_key"]) for r in MEMBERS}
    missing = [(c, n) for c, m in held for p, n in held if p == m and n != c and (c, n) not in held]
    assert missing == []


def test_no_list_is_called_complete():
    assert not (SEEDS / "defaults" / "collection_coverage.csv").exists()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("AutoCAD - including specialized toolsets", "autocad"),
        ("AutoCAD - including specialized toolsets AD", "autocad"),
        ("Autodesk® AutoCAD®", "autocad"),
        ("AutoCAD (Legacy)", "autocad"),
        ("AutoCAD - Single User", "autocad"),
        ("AutoCAD LT for teams", "autocad_lt"),
        ("Product Design & Mfg Collection", "pdm_collection"),
        ("Product Design & Manufacturing Collection", "pdm_collection"),
        ("Architecture, Engineering and Construction Collection", "aec_collection"),
        ("Architecture Engineering & Construction Collection", "aec_collection"),
        ("AEC Collection", "aec_collection"),
        ("Colección AEC", "aec_collection"),
        ("Docs for AEC Collection", "forma_data_management"),
        ("Build - Unlimited", "forma_build"),
        ("BIM Collaborate Pro", "forma_design_collaboration"),
        ("ACDIST", "autocad"),
        ("RVT", "revit"),
        ("AECCOL", "aec_collection"),
        ("INVPROSA", "inventor_professional"),
        ("3DSMAX", "3ds_max"),
        ("64300ACD_F", "autocad"),
    ],
)
def test_a_name_under_which_it_is_sold_or_written_is_known(text: str, key: str):
    assert MEANS[fold(text)] == key


@pytest.mark.parametrize("collection", ["aec_collection", "pdm_collection", "me_collection"])
def test_members_of_the_great_collections_have_their_years(collection: str):
    mine = [r for r in MEMBERS if r["collection_key"] == collection]
    assert len(mine) >= 15
    assert all(r["valid_from"] for r in mine)


def test_the_table_is_in_order_so_that_changes_are_seen():
    for name, key in (
        ("offerings", ("offering_key",)),
        ("product_aliases", ("alias",)),
        ("collection_members", ("collection_key", "member_key")),
    ):
        listed = [tuple(r[k] for k in key) for r in rows(name)]
        assert listed == sorted(listed), name
    assert Path(SEEDS / "defaults" / "offerings.csv").read_bytes().count(b"\r") == 0


@pytest.mark.parametrize("name", TABLES)
def test_every_default_has_a_source_a_day_and_how_sure_it_is(name):
    for r in rows(name):
        assert r["source"] and date.fromisoformat(r["read_on"]) and r["certainty"] in CERTAINTIES, r
        if "estimate" in r["source"]:
            assert r["certainty"] == "estimate", r
        if "by some" in r["source"]:
            assert r["certainty"] == "contested", r


def test_the_pages_of_the_defaults_show_every_row():
    pages = default_pages()
    spellings, collections = pages["default-names-spellings"], pages["default-names-collections"]
    assert [r["alias"] for r in ALIASES if f"`{r['alias']}`" not in spellings] == []
    assert sum(line.startswith("| `") for line in collections.splitlines()) == len(MEMBERS)
