"""One input, one contract: the suite of an input promises what its contract promises, and every engine understands
it.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from pipelines.contracts import INPUTS, Contract, Type
from pipelines.quality import sql
from pipelines.quality.suites import SUITES, DropFacts, Expectation, any_of_column, load_suite

FACTS = DropFacts(latest_day=date(2026, 11, 30), min_rows=1)


def suite(contract: Contract) -> list[Expectation]:
    return load_suite(contract.name, FACTS)


def kwargs_of(contract: Contract, kind: str, severity: str = "critical") -> list[dict[str, Any]]:
    return [e.kwargs for e in suite(contract) if e.type == kind and e.severity == severity]


def test_there_is_one_suite_per_input_and_no_other() -> None:
    assert {p.stem for p in SUITES.glob("*.json")} == set(INPUTS)


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_the_suite_names_the_columns_of_the_contract(contract: Contract) -> None:
    (columns,) = kwargs_of(contract, "expect_table_columns_to_match_set")
    assert tuple(columns["column_set"]) == contract.column_names


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_what_is_required_is_critical_and_nothing_else_must_be_filled(contract: Contract) -> None:
    required = {k["column"] for k in kwargs_of(contract, "expect_column_values_to_not_be_null")}
    # A boolean whose text no value table knows is neither yes nor no.
    never_null = {c.name for c in contract.columns if c.required and c.type is not Type.BOOLEAN}
    assert required == {*never_null, *(any_of_column(group) for group in contract.any_of)}


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_allowed_values_and_smallest_values_are_those_of_the_contract(contract: Contract) -> None:
    values = {k["column"]: k["regex"] for k in kwargs_of(contract, "expect_column_values_to_match_regex")}
    assert values == {c.name: f"(?i)^(?:{'|'.join(c.values)})$" for c in contract.columns if c.values}
    smallest = {
        k["column"]: (k["min_value"], bool(k.get("strict_min")))
        for k in kwargs_of(contract, "expect_column_values_to_be_between")
    }
    assert smallest == {c.name: (c.minimum, c.exclusive) for c in contract.columns if c.minimum is not None}


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_every_expectation_is_understood_and_says_who_repairs_it(contract: Contract) -> None:
    known = {*sql.BROKEN, *sql.UNIQUE, *sql.TABLE}
    derived = {any_of_column(group) for group in contract.any_of}
    for expectation in suite(contract):
        assert expectation.type in known
        assert expectation.severity in {"critical", "warning"}
        assert expectation.meta["fixed_by"]
        assert expectation.description
        assert not expectation.description.endswith(".")
        columns = set(expectation.column.split(", ")) - {""}
        assert columns <= {*contract.column_names, *derived}


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_no_fact_of_the_drop_is_left_open(contract: Contract) -> None:
    assert "{latest_day}" not in json.dumps([e.kwargs for e in suite(contract)], default=str)
    assert "{min_rows}" not in json.dumps([e.kwargs for e in suite(contract)], default=str)
