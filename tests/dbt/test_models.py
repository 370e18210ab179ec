"""The dbt side: unit tests of the rules, rule list = folder = catalogue, compiled SQL parses, everything published is documented."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot

from tests.conftest import ROOT, Reviewed

PROJECT = ROOT / "dbt_project"
RULES = sorted((PROJECT / "models" / "rules").rglob("*.sql"))


@pytest.fixture(scope="module")
def dbt(demo: Reviewed, tmp_path_factory):
    """Run dbt on a copy of the demo's warehouse, so that unit tests find the upstream tables."""
    folder = tmp_path_factory.mktemp("dbt")
    warehouse = folder / "selfaudit.duckdb"
    shutil.copy(demo.data / "warehouse" / "selfaudit.duckdb", warehouse)
    environment = os.environ | {
        "SELFAUDIT_WAREHOUSE": str(warehouse),
        "SELFAUDIT_MEMORY_LIMIT": "1GB",
        "SELFAUDIT_SCRATCH": str(folder / "scratch"),
        "DO_NOT_TRACK": "1",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
        ]
        command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=600)

    run.folder = folder  # type: ignore[attr-defined]
    return run


def test_the_unit_tests_of_the_rules_pass(dbt):
    done = dbt("test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"PASS=[1-9]", done.stdout)


def test_every_compiled_model_parses_in_a_second_parser(dbt):
    done = dbt("compile")
    assert done.returncode == 0, done.stdout[-4000:]
    found = (dbt.folder / "target" / "compiled").rglob("models/**/*.sql")
    compiled = [p for p in sorted(found) if not any(part.endswith(".yml") for part in p.parts)]
    assert len(compiled) > 100
    for path in compiled:
        sqlglot.parse_one(path.read_text(), read="duckdb")


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
