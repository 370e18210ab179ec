"""Suites: expectations/suites/<input>.json as data, and what the company adds (`company_suites`). Reads and fills in
the drop's facts; judges nothing.

A suite is {"input", "expectations": [{type, kwargs, severity, meta, description}]}. A text `{latest_day}` or
`{min_rows}` in kwargs stands for a fact of the drop. A column `any_of__a__b` stands for the first filled of a and b.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.contracts import INPUTS, Contract
from pipelines.quality import company_suites
from pipelines.settings import EXPECTATIONS

SUITES = EXPECTATIONS / "suites"
ANY_OF = "any_of__"


@dataclass(frozen=True)
class Expectation:
    """One expectation of a suite, kwargs filled in."""

    type: str
    kwargs: dict[str, Any]
    severity: str
    description: str
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells it apart from others of its column: the type; with file and number where the company added it."""
        return str(self.meta.get("name", self.type))

    @property
    def is_company(self) -> bool:
        """Whether the company added it."""
        return "name" in self.meta

    @property
    def column(self) -> str:
        """The column it speaks about, several joined with ', ', '' for the table."""
        kwargs = self.kwargs
        if "column" in kwargs:
            return str(kwargs["column"])
        if "column_A" in kwargs:
            return f"{kwargs['column_A']}, {kwargs['column_B']}"
        return ", ".join(kwargs.get("column_list", ()))


@dataclass(frozen=True)
class DropFacts:
    """What an expectation may compare with.

    latest_day: last day that a drop may plausibly speak of. min_rows: half of the rows of the drop before, at least 1.
    """

    latest_day: date
    min_rows: int


@cache
def _read(path: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(path.read_text(encoding="utf-8"))["expectations"])


def load_suite(name: str, facts: DropFacts, folder: Path = SUITES, added: Path | None = None) -> list[Expectation]:
    """The suite of an input for one drop, and what the company adds to it in the folder `added`.

    Raises FileNotFoundError if the input has no suite, CompanySuiteError if that of the company cannot be used.
    """
    values: dict[str, Any] = {"{latest_day}": facts.latest_day, "{min_rows}": facts.min_rows}
    found = []
    for item in [*_read(folder / f"{name}.json"), *(added_to(name, added) if added else ())]:
        kwargs = {k: values.get(v, v) if isinstance(v, str) else v for k, v in item["kwargs"].items()}
        found.append(Expectation(item["type"], kwargs, item["severity"], item["description"], item.get("meta", {})))
    return found


def added_to(name: str, folder: Path) -> list[dict[str, Any]]:
    """What the company adds to the suite of an input. Raises CompanySuiteError if that cannot be used."""
    contract = INPUTS[name]
    derived = {any_of_column(group): ", ".join(group) for group in contract.any_of}
    return company_suites.read(folder, contract, derived)


def any_of_column(group: tuple[str, ...]) -> str:
    """Name of the derived column for a group of which a row must fill one."""
    return ANY_OF + "__".join(group)


def judged_select(contract: Contract, table: str) -> str:
    """SELECT of what is judged: canonical columns, one derived column per any_of group, `_src`."""
    columns = [f'"{c.name}"' for c in contract.columns]
    for group in contract.any_of:
        filled = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in group)
        columns.append(f'coalesce({filled}) AS "{any_of_column(group)}"')
    return f"SELECT {', '.join(columns)}, _src FROM {table}"
