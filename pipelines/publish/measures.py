"""The measures: one expression per number, read from measures.yml, published as meta.measures.

BI definitions and documents take their expressions from here and nowhere else. Holds no number and no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.warehouse import insert_rows

SOURCE = Path(__file__).with_name("measures.yml")
UNITS = ("seats", "persons", "findings", "actions", "positions", "reviews", "rules", "tokens", "days", "share", "money")


@dataclass(frozen=True)
class Measure:
    """One measure of one published table; measures.yml documents the fields."""

    name: str
    label: str
    relation: str
    aggregate: str
    only: str
    unit: str
    within_one: tuple[str, ...]
    additive_over: tuple[str, ...]
    description: str

    @property
    def expression(self) -> str:
        """The measure as SQL over rows of its relation: null if the rows span values that cannot be added up (months,
        currencies).
        """
        counted = f"{self.aggregate} filter (where {self.only})" if self.only else self.aggregate
        if not self.within_one:
            return counted
        single = " and ".join(f"count(distinct {column}) <= 1" for column in self.within_one)
        return f"case when {single} then {counted} end"


@cache
def measures() -> tuple[Measure, ...]:
    """All measures in file order. Raises ValueError if one is incomplete, has an unknown unit, or is defined twice."""
    found: dict[str, Measure] = {}
    for relation, group in yaml.safe_load(SOURCE.read_text(encoding="utf-8")).items():
        for name, given in group["measures"].items():
            if name in found:
                raise ValueError(f"{SOURCE.name}: {name} is defined twice, for {found[name].relation} and {relation}")
            found[name] = _measure(relation, group, name, given)
    return tuple(found.values())


def _measure(relation: str, group: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> Measure:
    missing = {"label", "aggregate", "unit", "description"} - set(given)
    unknown = set(given) - {"label", "aggregate", "only", "unit", "within_one", "additive_over", "description"}
    if missing or unknown or given["unit"] not in UNITS:
        raise ValueError(
            f"{SOURCE.name}: {name} of {relation} needs label, aggregate, description and a unit of "
            f"{', '.join(UNITS)}; "
            f"missing {sorted(missing)}, not known {sorted(unknown)}"
        )
    return Measure(
        name=name,
        label=given["label"],
        relation=relation,
        aggregate=given["aggregate"],
        only=given.get("only", ""),
        unit=given["unit"],
        within_one=(*group["within_one"], *given.get("within_one", ())),
        additive_over=tuple(given.get("additive_over", group["additive_over"])),
        description=given["description"],
    )


def write_measures(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Create `table` with one row per measure; lists are joined with `;`."""
    columns = [
        "measure",
        "relation",
        "label",
        "expression",
        "aggregate",
        "only_rows",
        "unit",
        "within_one",
        "additive_over",
        "description",
    ]
    connection.execute(f"create table {table} ({', '.join(f'{c} varchar' for c in columns)})")
    rows = [
        [
            m.name,
            m.relation,
            m.label,
            m.expression,
            m.aggregate,
            m.only or None,
            m.unit,
            ";".join(m.within_one),
            ";".join(m.additive_over),
            m.description,
        ]
        for m in measures()
    ]
    insert_rows(connection, table, columns, rows)
