"""Judging a drop: two engines, one suite, one verdict; critical ones stop, warnings are kept, values are never
shown.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts import INPUTS, Column, raw_ddl
from pipelines.quality import gx, sql
from pipelines.quality import judge as judging
from pipelines.quality.judge import begin_judging
from pipelines.quality.verdict import Verdict, critical_failures, judgement_of

RESULT = (
    "drop VARCHAR, input VARCHAR, expectation VARCHAR, column_name VARCHAR, severity VARCHAR, passed BOOLEAN, "
    "observed VARCHAR, unexpected_rows BIGINT, engine VARCHAR, message VARCHAR"
)


def verdicts_of(
    con, drop: str, tables: dict[str, str], engine: str = "auto", added: Path | None = None
) -> list[Verdict]:
    """All verdicts over the rows of a drop."""
    return begin_judging(con, drop, tables, engine=engine, added=added)()


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """A folder with critical expectations of the company."""
    asked = [
        ("expect_column_values_to_be_between", {"column": "seat_quantity", "min_value": 0}, "seats are not negative"),
        ("expect_column_values_to_not_be_null", {"column": "seat_quantity"}, "seat_quantity is never empty"),
        (
            "expect_column_values_to_not_be_null",
            {"column": "any_of__contract_number__subscription_id"},
            "one of contract_number, subscription_id is filled",
        ),
    ]
    suite = [{"type": t, "kwargs": k, "severity": "critical", "description": d} for t, k, d in asked]
    (tmp_path / "subscriptions.json").write_text(json.dumps({"expectations": suite}))
    return tmp_path


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA raw")
        con.execute(f"CREATE TABLE raw.quality_result ({RESULT})")
        for contract in INPUTS.values():
            con.execute(raw_ddl(contract))
            con.execute(f"CREATE TABLE t_{contract.name} AS FROM {contract.table}")
        yield con


def put(
    con: duckdb.DuckDBPyConnection, name: str, *rows: dict[str, Any], table: str = "", drop: str = "2026-10"
) -> None:
    for number, row in enumerate(rows, start=1):
        values = {**row, "_drop": drop, "_src": 3 * 10**10 + number}
        names = ", ".join(f'"{n}"' for n in values)
        target = table or f"t_{name}"
        con.execute(f"INSERT INTO {target} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def subscription(**more: Any) -> dict[str, Any]:
    row = {"subscription_id": "1", "offering_name": "Revit", "seat_quantity": 3, "team_alias": "T"}
    return {**row, "start_date": date(2026, 1, 1), "end_date": date(2026, 12, 31), **more}


def failed(con: duckdb.DuckDBPyConnection, name: str, engine: str, added: Path | None = None) -> list[Verdict]:
    return [v for v in verdicts_of(con, "2026-10", {name: f"t_{name}"}, engine=engine, added=added) if not v.passed]


both = pytest.mark.parametrize("engine", ["sql", "gx"])


@both
def test_good_rows_pass_everything(con: duckdb.DuckDBPyConnection, engine: str) -> None:
    put(con, "subscriptions", subscription(), subscription(subscription_id="2"))
    assert failed(con, "subscriptions", engine) == []


@both
def test_what_is_critical_names_the_row_not_the_value(
    con: duckdb.DuckDBPyConnection, engine: str, strict: Path
) -> None:
    put(con, "subscriptions", subscription(), subscription(subscription_id=None, seat_quantity=-7))
    found = failed(con, "subscriptions", engine, strict)
    assert [(v.column, v.severity, v.unexpected_rows) for v in found] == [
        ("seat_quantity", "critical", 1),
        ("any_of__contract_number__subscription_id", "critical", 1),
    ]
    assert "row 2 of file 3" in found[0].message
    assert "-7" not in found[0].message


@both
def test_an_end_before_its_start_is_a_warning(con: duckdb.DuckDBPyConnection, engine: str) -> None:
    put(con, "subscriptions", subscription(end_date=date(2025, 12, 31)), subscription(subscription_id="2"))
    (verdict,) = failed(con, "subscriptions", engine)
    assert (verdict.severity, verdict.column, verdict.observed) == ("warning", "end_date, start_date", "1 of 2 rows")


@both
def test_the_same_key_twice_is_a_warning_on_both_rows(con: duckdb.DuckDBPyConnection, engine: str) -> None:
    put(con, "subscriptions", subscription(), subscription(seat_quantity=4), subscription(subscription_id="2"))
    (verdict,) = failed(con, "subscriptions", engine)
    assert (verdict.severity, verdict.unexpected_rows) == ("warning", 2)


@both
def test_fewer_than_half_the_rows_of_the_drop_before_is_a_warning(con: duckdb.DuckDBPyConnection, engine: str) -> None:
    before = [subscription(subscription_id=str(i)) for i in range(5)]
    put(con, "subscriptions", *before, table="raw.subscriptions", drop="2026-08")
    put(con, "subscriptions", *before[:1], table="raw.subscriptions", drop="2026-07")
    put(con, "subscriptions", *before[:2])
    (verdict,) = failed(con, "subscriptions", engine)
    assert (verdict.expectation, verdict.observed) == ("expect_table_row_count_to_be_between", "2 rows")
    put(con, "subscriptions", before[2])
    assert failed(con, "subscriptions", engine) == []


def test_an_input_without_rows_is_a_warning(con: duckdb.DuckDBPyConnection) -> None:
    (verdict,) = failed(con, "subscriptions", "auto")
    assert (verdict.severity, verdict.observed, verdict.engine) == ("warning", "0 rows", "sql")


@both
def test_days_in_the_future_are_a_warning_from_the_month_after_next(
    con: duckdb.DuckDBPyConnection, engine: str
) -> None:
    row = {"offering_name": "Revit", "email": "a@x.example"}
    put(con, "usage", {**row, "day_used": date(2026, 12, 1)}, {**row, "day_used": date(2026, 12, 2)})
    (verdict,) = failed(con, "usage", engine)
    assert (verdict.column, verdict.unexpected_rows) == ("day_used", 1)


def a_value(column: Column, rng: random.Random) -> Any:
    """A value that fits the type: often plausible, sometimes empty, sometimes odd."""
    if rng.random() < 0.2:
        return None
    kind = column.type.sql
    if kind in {"DATE", "TIMESTAMP"}:
        return date(2026, 1, 1) + timedelta(days=rng.randrange(500))
    if kind == "BOOLEAN":
        return rng.random() < 0.5
    if kind != "VARCHAR":
        return rng.randrange(-2, 5)
    return rng.choice([*column.values, "Own", "EMPLOYEE", "de", "a@x.example", "b c@x.example", "it's", "1"])


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_both_engines_give_the_same_verdicts(con: duckdb.DuckDBPyConnection, name: str) -> None:
    rng = random.Random(name)
    rows = [{c.name: a_value(c, rng) for c in INPUTS[name].columns} for _ in range(40)]
    put(con, name, *rows)
    judged = {
        engine: [
            (v.expectation, v.column, v.severity, v.passed, v.observed, v.unexpected_rows, v.message)
            for v in verdicts_of(con, "2026-10", {name: f"t_{name}"}, engine=engine)
        ]
        for engine in ("sql", "gx")
    }
    assert judged["sql"] == judged["gx"]
    assert any(not v[3] for v in judged["sql"])


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_many_rows_get_the_verdicts_that_few_get(
    con: duckdb.DuckDBPyConnection, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(name)
    rows = [{c.name: a_value(c, rng) for c in INPUTS[name].columns} for _ in range(40)]
    put(con, name, *rows)
    few = verdicts_of(con, "2026-10", {name: f"t_{name}"}, engine="sql")
    monkeypatch.setattr(sql, "MANY", 0)
    assert verdicts_of(con, "2026-10", {name: f"t_{name}"}, engine="sql") == few


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_rows_that_are_judged_in_another_process_get_the_same_verdicts(
    con: duckdb.DuckDBPyConnection, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the process beside the run does with the file that it is handed, in this process."""
    rng = random.Random(name)
    put(con, name, *({c.name: a_value(c, rng) for c in INPUTS[name].columns} for _ in range(20)))

    class Beside:
        def ask(self, *task: Any) -> Future[list[Verdict]]:
            answer: Future[list[Verdict]] = Future()
            answer.set_result(gx.judge_file(*task))
            return answer

    here = verdicts_of(con, "2026-10", {name: f"t_{name}"}, engine="gx")
    monkeypatch.setattr(judging.gx_worker, "running", Beside)
    assert begin_judging(con, "2026-10", {name: f"t_{name}"}, engine="gx", scratch=tmp_path)() == here
    assert list(tmp_path.iterdir()) == []


def test_state_inputs_go_to_great_expectations_and_events_and_large_ones_to_sql(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(con, "subscriptions", subscription(), subscription(subscription_id="2"))
    put(con, "usage", {"offering_name": "Revit", "email": "a@x.example", "day_used": date(2026, 10, 1)})
    tables = {"subscriptions": "t_subscriptions", "usage": "t_usage", "prices": "ignored"}
    engines = {v.input: v.engine for v in verdicts_of(con, "2026-10", tables)}
    assert engines == {"subscriptions": "gx", "usage": "sql"}
    monkeypatch.setattr(judging, "GX_ROWS", 1)
    assert {v.engine for v in verdicts_of(con, "2026-10", tables)} == {"sql"}


def test_only_critical_failures_refuse_their_input(con: duckdb.DuckDBPyConnection, strict: Path) -> None:
    put(con, "subscriptions", subscription(end_date=date(2025, 1, 1)))
    verdicts = verdicts_of(con, "2026-10", {"subscriptions": "t_subscriptions"}, "sql", strict)
    assert judgement_of(verdicts).refused == {}
    put(con, "subscriptions", subscription(seat_quantity=None))
    verdicts = verdicts_of(con, "2026-10", {"subscriptions": "t_subscriptions"}, "sql", strict)
    assert [v.column for v in critical_failures(verdicts)] == ["seat_quantity"]
    judgement = judgement_of(verdicts)
    assert list(judgement.refused) == ["subscriptions"]
    assert "seat_quantity is never empty" in judgement.refused["subscriptions"]
    assert len(judgement.rows) == len(verdicts)
    assert {row["column_name"] for row in judgement.rows if not row["passed"]} == {
        verdict.column for verdict in verdicts if not verdict.passed
    }
