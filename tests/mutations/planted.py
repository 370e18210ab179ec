"""Reads the mistakes of `planted.yml`. Holds none, and runs nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from tests.conftest import ROOT
from tests.mutations.project import DBT, Mutation

PROJECT = ("pipelines", "dbt_project/models", "dbt_project/macros")


@cache
def path_of(name: str) -> str:
    """Path of the one file of that name, a test's in tests. Raises ValueError if there is none, or more."""
    folders = ("tests",) if name.startswith("test_") else PROJECT
    found = [p for folder in folders for p in (ROOT / folder).rglob(name)]
    if len(found) != 1:
        raise ValueError(f"{name}: {len(found)} files have that name, one is expected")
    return str(found[0].relative_to(ROOT))


def planted() -> list[Mutation]:
    """The mistakes of the list."""
    rows = yaml.safe_load((Path(__file__).parent / "planted.yml").read_text(encoding="utf-8"))
    return [
        Mutation(
            what=row["what"],
            file=path_of(row["file"]),
            before=row["from"],
            after=row["to"],
            tests=DBT if row["tests"] == "dbt" else (path_of(row["tests"]),),
            models=tuple(row.get("models", [Path(row["file"]).stem])) if row["tests"] == "dbt" else (),
        )
        for row in rows
    ]
