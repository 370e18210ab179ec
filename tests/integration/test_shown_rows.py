"""What the UI shows of a run: tests that found rows carry them, also where dbt stopped; warnings of the suites show the
rows they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from pipelines.defs import transform_results as results
from pipelines.defs.tables import SHOWN_ROWS, as_markdown, rows_as_table
from pipelines.defs.transform import opening
from pipelines.defs.transform_results import transform_results
from pipelines.quality.failing import failing_rows
from pipelines.run.dbt_call import NodeResult
from pipelines.run.dbt_recovery import Built
from pipelines.settings import Settings
from pipelines.warehouse import connect_to_look
from tests.conftest import Reviewed

MONTHS = ["2026-09", "2026-10"]
MODEL, TEST, LATER = "model.selfaudit.thing", "test.selfaudit.thing_has_each_key_once", "test.selfaudit.never_reached"


class Context:
    """What the results ask of Dagster's context."""

    def __init__(self) -> None:
        key = dg.AssetKey(["calendar", "thing"])
        self.selected_asset_keys = {key}
        names = ("thing_has_each_key_once", "never_reached")
        self.selected_asset_check_keys = {dg.AssetCheckKey(key, n) for n in names}
        self.added: list[tuple[str, dict[str, Any]]] = []

    def add_asset_metadata(self, metadata: dict[str, Any], asset_key: dg.AssetKey, partition_key: str) -> None:
        self.added.append((partition_key, metadata))


def manifest() -> dict[str, Any]:
    model = {"resource_type": "model", "schema": "calendar", "name": "thing", "columns": {}}
    tests = {u: {"resource_type": "test", "name": u.rsplit(".", 1)[1], "columns": {}} for u in (TEST, LATER)}
    return {"nodes": {MODEL: model, **tests}}


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_dbt_test_that_fails_shows_at_most_twenty_of_the_rows_it_found_and_stops_no_run_that_goes_on(
    goes_on: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    context = Context()
    months: list[Mapping[str, bool]] = []
    monkeypatch.setattr(results, "checked_per_month", lambda context, result, passed: months.append(passed))
    failing = (
        "select review_month, n, count(*) as times from calendar.thing group by all having count(*) > 1 order by n"
    )
    nodes = [
        NodeResult(MODEL, "model", "success", 0.1, "OK", 0),
        NodeResult(TEST, "test", "fail", 0.1, "Got 25 results, configured to fail if != 0", 25, failing),
        NodeResult(LATER, "test", "skipped", 0.0, "", 0),
    ]
    with closing(duckdb.connect()) as connection:
        connection.execute("create schema calendar")
        connection.execute(
            "create table calendar.thing as select '2026-10' as review_month, i // 2 as n from range(50) as t(i) "
            "union all select '2026-08', 1000"
        )
        model, check = transform_results(  # type: ignore[arg-type]
            context, connection, manifest(), Built(nodes), MONTHS, goes_on, Settings(data=tmp_path)
        )
    assert isinstance(model, dg.MaterializeResult) and model.metadata and model.metadata["dagster/row_count"] == 51
    assert context.added == [(m, {"dagster/partition_row_count": n}) for m, n in (("2026-09", 0), ("2026-10", 50))]
    # The rows that it found are of one month; the other is not to blame.
    assert months == [{"2026-09": True, "2026-10": False}]
    # The test that dbt did not come to has no verdict.
    assert isinstance(check, dg.AssetCheckResult) and check.check_name == "thing_has_each_key_once" and not check.passed
    assert (check.severity is dg.AssetCheckSeverity.ERROR) is not goes_on
    records = check.metadata["failing rows"].value.records  # type: ignore[union-attr]
    assert len(records) == SHOWN_ROWS and records[0].data == {"review_month": "2026-10", "n": "0", "times": "2"}


def test_a_verdict_of_a_suite_shows_the_rows_it_counted(demo: Reviewed):
    with connect_to_look(Settings(demo.data)) as connection:
        failed = connection.execute(
            "select distinct input, drop from raw.quality_result where not passed and unexpected_rows > 0 and "
            "column_name <> '' order by all"
        ).fetchall()
        assert failed, "the demo holds warnings on purpose"
        for name, drop in failed:
            rows = failing_rows(connection, name, drop, SHOWN_ROWS)
            assert rows and all(r["drop"] == drop and r["file"] and int(str(r["row"])) > 0 for r in rows), (name, drop)
            counted = connection.execute(
                "select sum(unexpected_rows) from raw.quality_result where not passed and input = ? and drop = ? and "
                "column_name <> ''",
                [name, drop],
            ).fetchall()[0][0]
            assert len(rows) == min(SHOWN_ROWS, counted), (name, drop)


def test_rows_become_a_table_of_texts_and_no_rows_none():
    table = rows_as_table([{"a": 1, "b": None}] * 30)
    assert len(table.records) == SHOWN_ROWS and table.records[0].data == {"a": "1", "b": ""}
    with pytest.raises(ValueError, match="no rows"):
        rows_as_table([])


def test_a_model_is_described_by_what_it_opens_with():
    assert opening("-- Grain: month.\n-- Two lines.\nselect 1 -- not this") == "Grain: month. Two lines."
    assert opening("{{ config(x=1) }}\n-- Grain: month.\nselect 1") == "Grain: month."
    assert opening('"""Grain: pool."""\n\ndef model(dbt, session):') == "Grain: pool."
    assert opening("select 1") == ""
    assert as_markdown("unmapped:<text>") == "unmapped:&lt;text>"
