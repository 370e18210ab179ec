"""dbt's unit tests pass without dbt as they pass with it, and a mistake in a model is seen (`unit_tests.py`, on which
`make mutate` rests). What dbt says of them: `test_models.py`.
"""

from __future__ import annotations

import pytest

from tests.conftest import Reviewed
from tests.dbt.macros import PROJECT
from tests.dbt.unit_tests import NoStatementError, Runner, unit_tests

MODEL = "use_01_inactive_seat"
TEXTS = {p.stem: p for p in (PROJECT / "models").rglob("*.sql")}


@pytest.fixture(scope="module")
def runner(demo: Reviewed) -> Runner:
    return Runner(demo.data / "warehouse" / "selfaudit.duckdb")


@pytest.mark.thorough
def test_every_unit_test_passes(runner):
    assert sum(map(len, unit_tests().values())) > 240
    models = unit_tests().keys() & TEXTS.keys()
    assert {m: red for m in models if (red := runner.red(m, TEXTS[m].read_text(encoding="utf-8")))} == {}


def test_a_mistake_is_named_by_the_test_that_sees_it_and_no_statement_is_no_mistake(runner):
    text = TEXTS[MODEL].read_text(encoding="utf-8")
    assert runner.red(MODEL, text) == ""
    later = text.replace("a.days_inactive >=", "a.days_inactive >", 1)
    assert runner.red(MODEL, later).startswith("use_01_fires_at_90_days_and_60_days_assigned_and_not_a_day_before: ")
    with pytest.raises(NoStatementError):
        runner.red(MODEL, text.replace("a.days_inactive >=", "a.no_column >=", 1))


def test_rows_of_one_test_are_not_there_in_the_next(runner):
    test = dict(unit_tests()[MODEL][0])
    text = TEXTS[MODEL].read_text(encoding="utf-8")
    assert runner.fault(test, text) == ""
    assert runner.fault(test | {"given": []}, text) == f"0 rows not expected, {len(test['expect']['rows'])} missing"
