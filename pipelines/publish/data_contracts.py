"""Open Data Contracts (ODCS 3.1), one per published table: `published/contracts/<schema>.<table>.odcs.yaml`.

Generated from the `_models.yml` files of the dbt project, which describe each table, column and key once and enforce
each type; adds no descriptions of its own. The contracts describe the published DuckDB file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = "contracts"
API = "v3.1.0"
# Database type → logical type of the standard.
LOGICAL = {
    "varchar": "string",
    "boolean": "boolean",
    "bigint": "integer",
    "integer": "integer",
    "double": "number",
    "decimal": "number",
    "date": "date",
    "timestamp": "timestamp",
}
KEY_TESTS = ("unique_key", "grain")


def contracts(models: Path, version: str) -> dict[str, str]:
    """File name → contract for every table of calendar and marts. models: the folder of the dbt models.

    Raises KeyError if the standard has no equivalent of a type.
    """
    found = {}
    for schema in ("calendar", "marts"):
        for model in _models(models / schema):
            found[f"{schema}.{model['name']}.odcs.yaml"] = yaml.safe_dump(
                _contract(schema, model, version), sort_keys=False, allow_unicode=True, width=120
            )
    return found


def write_contracts(models: Path, published: Path, version: str, software: str) -> bool:
    """Write the contracts if a different version of the software wrote the existing ones. Returns whether it did.

    version: of the contracts. software: fingerprint of the models.
    """
    folder = published / FOLDER
    stamp = folder / "made-by.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == f"{software}\n":
        return False
    folder.mkdir(parents=True, exist_ok=True)
    files = contracts(models, version)
    for stale in set(folder.glob("*.odcs.yaml")) - {folder / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        part = folder / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / name)
    stamp.write_text(f"{software}\n", encoding="utf-8")
    return True


def _models(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("_models.yml")):
        yield from yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["models"]


def _contract(schema: str, model: dict[str, Any], version: str) -> dict[str, Any]:
    name, key = model["name"], _key(model)
    return {
        "apiVersion": API,
        "kind": "DataContract",
        "id": f"selfaudit.{schema}.{name}",
        "name": name,
        "version": version,
        "status": "active",
        "domain": "software licences",
        "description": {"purpose": model["description"], "usage": "Read from the published file, at any moment."},
        "servers": [{"server": "published", "type": "duckdb", "database": "selfaudit.duckdb", "schema": schema}],
        "schema": [
            {
                "name": name,
                "physicalName": name,
                "logicalType": "object",
                "physicalType": "table",
                "description": model["description"],
                "properties": [_property(column, key) for column in model["columns"]],
            }
        ],
    }


def _property(column: dict[str, Any], key: list[str]) -> dict[str, Any]:
    data_type = str(column["data_type"])
    made: dict[str, Any] = {
        "name": column["name"],
        "logicalType": LOGICAL[data_type.partition("(")[0]],
        "physicalType": data_type.upper(),
        "description": column["description"],
    }
    if column["name"] in key:
        made |= {"primaryKey": True, "primaryKeyPosition": key.index(column["name"]) + 1}
    return made


def _key(model: dict[str, Any]) -> list[str]:
    """The unique key of a model, from its key test; empty if it has no such test."""
    for test in model.get("data_tests", []):
        for name in KEY_TESTS:
            if name in test:
                return list((test[name].get("arguments") or test[name])["key"])
    return []
