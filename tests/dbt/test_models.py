"""The dbt side: unit tests of the rules, rule list = folder = catalogue, compiled SQL parses, everything published is
documented.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from typing import Any

import duckdb
import pytest
import sqlglot

from pipelines.contracts import INPUTS, Kind
from pipelines.ingest.write.events import period
from pipelines.run.dbt_call import prepare_manifest
from pipelines.settings import Settings
from tests.conftest import ROOT, Reviewed
from tests.dbt import project
from tests.dbt.warehouse import as_tables

PROJECT = ROOT / "dbt_project"
RULES = sorted((PROJECT / "models" / "rules").rglob("*.sql"))


@pytest.fixture(scope="module")
def dbt(demo: Reviewed, tmp_path_factory):
    """Run dbt on a copy of the demo's warehouse, so that unit tests find the upstream tables."""
    folder = tmp_path_factory.mktemp("dbt")
    shutil.copy(demo.data / "warehouse" / "selfaudit.duckdb", folder / project.WAREHOUSE)

    def run(*arguments: str) -> str:
        code, said = project.dbt(folder, *arguments)
        assert code == 0, said[-4000:]
        return said

    run.folder = folder  # type: ignore[attr-defined]
    return run


def test_every_test_of_the_project_passes_on_the_reviewed_demo(dbt):
    said = dbt("test")
    passed = re.search(r"PASS=([0-9]+)", said)
    assert passed and int(passed[1]) > 400
    assert "unit tests" in said


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict[str, Any]:
    """The project as dbt parses it."""
    found = prepare_manifest(Settings(data=tmp_path_factory.mktemp("manifest")))
    parsed: dict[str, Any] = json.loads(found.read_text())
    return parsed


# Cells of use: several files may tell of one key, and what reads them adds their rows up. Charges in the FOCUS
# format: it has no key.
WITHOUT_A_KEY = {"int_use_cell", "focus"}


def test_every_model_says_what_a_row_is_and_its_key_is_tested(manifest):
    models = {i: n for i, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node["test_metadata"]["name"] in {"grain", "unique_key"}
    }
    assert {n["name"] for n in models.values() if not n["description"]} == set()
    assert {models[i]["name"] for i in models.keys() - tested} == WITHOUT_A_KEY


def test_the_description_of_a_rule_opens_with_its_id_and_title(manifest):
    with (PROJECT / "seeds" / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        opening = {r["rule_id"]: f"{r['rule_id']}, {r['title']}. {r['question']} " for r in csv.DictReader(handle)}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] == "rules":
            rule = node["name"][:6].upper().replace("_", "-")
            assert node["description"].startswith(opening[rule]), node["name"]


def test_a_full_refresh_empties_nothing_that_is_kept_over_runs(manifest):
    kept = [n for n in manifest["nodes"].values() if n.get("config", {}).get("materialized") == "incremental"]
    assert {n["schema"] for n in kept} == {"intermediate", "calendar", "marts"}
    assert [n["name"] for n in kept if n["config"]["full_refresh"] is not False] == []


def test_a_review_makes_no_test_of_what_is_not_published(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test":
            layer = manifest["nodes"][node["attached_node"]]["schema"]
            assert ("unpublished" in node["tags"]) == (layer not in {"calendar", "marts"}), node["name"]
    statements = json.loads((PROJECT / "target" / "prepared" / "statements.json").read_text())
    assert {s["tested"] for s in statements if s["kind"] == "test"} <= {
        n["name"] for n in manifest["nodes"].values() if n["schema"] in {"calendar", "marts"}
    }


@pytest.fixture(scope="module")
def compiled(dbt) -> dict[str, str]:
    """Every model as the SQL that DuckDB gets, by its name."""
    dbt("compile")
    found = (dbt.folder / "target" / "compiled").rglob("models/**/*.sql")
    return {p.stem: p.read_text() for p in sorted(found) if not any(part.endswith(".yml") for part in p.parts)}


def test_periods_of_models_are_those_of_ingestion(compiled):
    found = re.search(r"r\.\*, (case when extract.*? end) as period", compiled["int_contested_row"], re.S)
    assert found is not None
    days = "select cast(date '2026-01-01' + cast(n as integer) as date) as day from range(1500) as t (n)"
    with duckdb.connect() as con:
        differ = con.execute(f"select day from ({days}) as r where {found[1]} <> {period('r.day')}").fetchall()
    assert differ == []


def test_every_compiled_model_parses_in_a_second_parser(compiled):
    assert len(compiled) > 100
    for text in compiled.values():
        sqlglot.parse_one(text, read="duckdb")


STATE_INPUT_OF = {
    "A": ("usage_report", "users"),
    "use": ("usage_report",),
    "sign_in": ("directory_users",),
    "status": ("users",),
    "invited_at": ("hub_members",),
}
EVENTS = {n for n, c in INPUTS.items() if c.kind is Kind.EVENT}


def test_a_rejected_row_of_a_state_input_leaves_every_rule_that_needs_it_no_better_than_partly(dbt, compiled):
    with (PROJECT / "seeds" / "rule_needs.csv").open(encoding="utf-8", newline="") as handle:
        needs = list(csv.DictReader(handle))
    wanted: dict[tuple[str, int], set[str]] = {}
    for need in needs:
        if need["at"] in {"drop", "prev", "prev3", "A", "use", "sign_in", "status", "invited_at"}:
            for name in STATE_INPUT_OF.get(need["at"], (need["need"],)):
                if name not in EVENTS:
                    back = {"prev": 1, "prev3": 3}.get(need["at"], 0)
                    wanted.setdefault((name, back), set()).add(need["rule_id"])
    # Beside them those that conclude something from a row that is not there.
    concluding: dict[str, set[str]] = {}
    with (PROJECT / "seeds" / "rule_absences.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            concluding.setdefault(row["input"], set()).add(row["rule_id"])
    with duckdb.connect(os.fspath(dbt.folder / "selfaudit.duckdb")) as con:
        month = con.execute("select max(review_month) from intermediate.int_month").fetchall()[0][0]
        as_tables(con, "int_input_doubt")

        def assessed(name: str, back: int, column: str) -> set[str]:
            con.execute(
                "create or replace table intermediate.int_input_doubt as select * from intermediate.int_input_doubt "
                "where false"
            )
            con.execute("insert into intermediate.int_input_doubt values (?, ?, ?, 0, 0, 0)", [month, name, back])
            con.execute(f"update intermediate.int_input_doubt set {column} = 1")
            found = (
                f"select rule_id from ({compiled['int_assessability']}) where review_month = ? and assessability "
                "= 'assessed'"
            )
            return {rule for (rule,) in con.execute(found, [month]).fetchall()}

        untouched = assessed("tokenflex", 0, "rejected_rows")
        assert len(untouched) > 30
        for (name, back), rules in wanted.items():
            for column in ("rejected_rows", "unread_cells", "unknown_rows"):
                left = assessed(name, back, column)
                assert not left & rules, (name, back, column)
                assert left <= untouched - rules, (name, back, column)
                assert left >= untouched - rules - concluding.get(name, set()), (name, back, column)


def test_rule_list_folder_catalogue_and_needs_name_the_same_rules():
    listed = re.findall(r"'([a-z]{3}_[0-9]{2}_[a-z_]+)'", (PROJECT / "macros" / "rule_list.sql").read_text())
    assert sorted(listed) == [p.stem for p in sorted(RULES, key=lambda p: p.stem)]
    with (PROJECT / "seeds" / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        catalogue = {r["rule_id"] for r in csv.DictReader(handle)}
    assert catalogue == {p.stem[:6].upper().replace("_", "-") for p in RULES}
    with (PROJECT / "seeds" / "rule_needs.csv").open(encoding="utf-8", newline="") as handle:
        assert {r["rule_id"] for r in csv.DictReader(handle)} <= catalogue


def test_every_published_column_is_described(demo: Reviewed):
    manifest = json.loads((demo.data / "state" / "dbt" / "manifest.json").read_text())
    published = [
        n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["schema"] in {"calendar", "marts"}
    ]
    assert len(published) >= 28
    for node in published:
        assert node["description"] and node["config"]["contract"]["enforced"], node["name"]
        assert all(c["description"] for c in node["columns"].values()), node["name"]
