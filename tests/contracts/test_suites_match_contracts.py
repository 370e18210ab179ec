"""One input, one contract: the suite of an input asks what conforming to its contract does not guarantee, and every
engine understands it.
"""

from __future__ import annotations

import json
from datetime import date

import pytest

from pipelines.contracts import INPUTS, Contract, Type
from pipelines.quality import sql
from pipelines.quality.suites import SUITES, DropFacts, Expectation, any_of_column, load_suite

FACTS = DropFacts(latest_day=date(2026, 11, 30), min_rows=1)


def suite(contract: Contract) -> list[Expectation]:
    return load_suite(contract.name, FACTS)


def is_guaranteed(contract: Contract, expectation: Expectation) -> bool:
    """Whether no row that was conformed can fail it: it would be rejected first."""
    kind, kwargs = expectation.type, expectation.kwargs
    column = {c.name: c for c in contract.columns}.get(kwargs.get("column", ""))
    if kind == "expect_column_values_to_not_be_null":
        # A boolean whose text no value table knows is neither yes nor no.
        never_null = {c.name for c in contract.columns if c.required and c.type is not Type.BOOLEAN}
        return kwargs["column"] in {*never_null, *(any_of_column(group) for group in contract.any_of)}
    if kind in ("expect_column_values_to_match_regex", "expect_column_values_to_be_in_set"):
        return column is not None and bool(column.values)
    if kind == "expect_column_values_to_be_between" and column is not None and column.minimum is not None:
        return kwargs.get("max_value") is None and kwargs["min_value"] <= column.minimum
    return kind == "expect_table_columns_to_match_set"


def test_there_is_one_suite_per_input_and_no_other() -> None:
    assert {p.stem for p in SUITES.glob("*.json")} == set(INPUTS)


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_no_expectation_asks_what_conforming_guarantees(contract: Contract) -> None:
    assert [e.description for e in suite(contract) if is_guaranteed(contract, e)] == []


@pytest.mark.parametrize("contract", INPUTS.values(), ids=lambda c: c.name)
def test_every_suite_notices_that_half_of_the_rows_are_gone(contract: Contract) -> None:
    (count,) = [e for e in suite(contract) if e.type == "expect_table_row_count_to_be_between"]
    assert count.kwargs == {"min_value": FACTS.min_rows} and count.severity == "warning"


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
