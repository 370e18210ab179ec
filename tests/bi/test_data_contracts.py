"""Open Data Contracts of the published tables: they say what the published file has, and datacontract-cli reads them,
in an environment of its own (`make contracts-install`); where that is not there its tests skip and say so.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.publish.data_contracts import FOLDER, LOGICAL, contracts, write_contracts
from pipelines.settings import DBT_PROJECT
from tests.conftest import ROOT, Reviewed

BIN = ROOT / ".venv-contracts" / "bin"
LINT = """
import sys
from datacontract.data_contract import DataContract
for path in sys.argv[2:]:
    run = DataContract(data_contract_file=path, schema_location=sys.argv[1]).lint()
    if run.result != "passed":
        print(path, [c.reason for c in run.checks if c.result != "passed"])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts")
    assert write_contracts(DBT_PROJECT / "models", folder, "1.0.0", "one")
    return folder / FOLDER


def test_contracts_are_written_again_only_by_another_software(made: Path):
    stands = {p.name: p.stat().st_mtime_ns for p in made.iterdir()}
    assert not write_contracts(DBT_PROJECT / "models", made.parent, "1.0.0", "one")
    assert {p.name: p.stat().st_mtime_ns for p in made.iterdir()} == stands
    (made / "calendar.gone.odcs.yaml").write_text("")
    assert write_contracts(DBT_PROJECT / "models", made.parent, "1.0.0", "two")
    assert not (made / "calendar.gone.odcs.yaml").exists()


def test_a_contract_says_the_columns_types_and_keys_of_the_published_table(demo: Reviewed):
    with duckdb.connect(str(demo.published), read_only=True) as con:
        rows = con.execute(
            "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
            "where schema_name in ('calendar', 'marts') order by 1, column_index"
        ).fetchall()
    published: dict[str, list[tuple[str, str]]] = {}
    for table, column, data_type in rows:
        published.setdefault(table, []).append((column, data_type))
    # Made by publishing itself, and described there.
    del published["calendar.publications"]
    told = {}
    for path in (demo.data / "published" / FOLDER).glob("*.odcs.yaml"):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        (schema,) = contract["schema"]
        properties = schema["properties"]
        told[path.name.removesuffix(".odcs.yaml")] = [
            (p["name"], p["physicalType"].replace(" ", "")) for p in properties
        ]
        assert all(p["description"] and p["logicalType"] in LOGICAL.values() for p in properties)
        places = sorted(p["primaryKeyPosition"] for p in properties if p.get("primaryKey"))
        assert places == list(range(1, len(places) + 1)) and (places or schema["name"] == "focus"), schema["name"]
    assert told == published


@pytest.mark.skipif(not (BIN / "datacontract").exists(), reason="without .venv-contracts (make contracts-install)")
def test_datacontract_cli_finds_every_contract_valid_by_odcs_3_1(made: Path):
    (packages,) = (BIN.parent / "lib").glob("python3.*/site-packages")
    schema = packages / "datacontract" / "schemas" / "odcs-3.1.0.schema.json"
    files = sorted(str(p) for p in made.glob("*.odcs.yaml"))
    assert len(files) == len(contracts(DBT_PROJECT / "models", "1.0.0")) > 40
    command = [str(BIN / "python"), "-c", LINT, str(schema), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.skipif(not (BIN / "datacontract").exists(), reason="without .venv-contracts (make contracts-install)")
@pytest.mark.parametrize("table", ["calendar.findings", "marts.dim_person"])
def test_datacontract_cli_finds_the_published_file_as_the_contract_says(demo: Reviewed, table: str):
    command = [str(BIN / "datacontract"), "test", f"{FOLDER}/{table}.odcs.yaml"]
    done = subprocess.run(command, cwd=demo.data / "published", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
