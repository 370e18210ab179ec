"""Dagster's records of events: what is in them is what Dagster's own storage has, in files that it can take over."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
import yaml
from dagster._core.execution.plan.outputs import StepOutputData, StepOutputHandle
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.defs.event_storage import FOLDER, OPEN_RUNS, OpenEventLogStorage

MONTHS = ["2026-01", "2026-02", "2026-03"]
KEYS = [dg.AssetKey(name) for name in ("a", "b", "c")]
OURS = {
    "module": "pipelines.defs.event_storage",
    "class": "OpenEventLogStorage",
    "config": {"home": {"env": "DAGSTER_HOME"}},
}


def review(fails: bool) -> dg.Definitions:
    """Three assets and a check, of which one asset may fail."""
    months = dg.MonthlyPartitionsDefinition("2026-01", fmt="%Y-%m")

    @dg.multi_asset(
        specs=[dg.AssetSpec(k, partitions_def=months) for k in KEYS],
        check_specs=[dg.AssetCheckSpec("whole", asset=KEYS[0])],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def step(context: dg.AssetExecutionContext) -> Any:
        yield dg.MaterializeResult(asset_key=KEYS[0], metadata={"rows": 1})
        yield dg.AssetCheckResult(asset_key=KEYS[0], check_name="whole", passed=True)
        yield dg.MaterializeResult(asset_key=KEYS[1])
        if fails:
            raise ValueError("no c")
        yield dg.MaterializeResult(asset_key=KEYS[2])

    return dg.Definitions(assets=[step], executor=dg.in_process_executor)


def recorded(home: Path, ours: bool, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What an instance says of two runs over three months, one of which failed, and of an event without a run."""
    home.mkdir()
    config: dict[str, Any] = {"telemetry": {"enabled": False}} | ({"event_log_storage": OURS} if ours else {})
    (home / "dagster.yaml").write_text(yaml.safe_dump(config))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE", raising=False)
    with dg.DagsterInstance.get() as instance:
        runs = []
        for fails in (True, False):
            job = review(fails).resolve_implicit_global_asset_job_def()
            tags = {"dagster/asset_partition_range_start": MONTHS[0], "dagster/asset_partition_range_end": MONTHS[-1]}
            quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            done = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False, run_config=quiet)
            runs.append(done.run_id)
        instance.report_runless_asset_event(dg.AssetMaterialization(KEYS[2], partition="2026-04"))
        counted = [
            sorted(
                (e.dagster_event.event_type_value, str(e.dagster_event.asset_key), str(e.dagster_event.partition))
                for e in instance.all_logs(run)
                if e.dagster_event
            )
            for run in runs
        ]
        latest = [instance.get_latest_materialization_event(k) for k in KEYS]
        found = {
            "events": counted,
            "months": [instance.get_materialized_partitions(k) for k in KEYS],
            "latest": [e.asset_materialization.partition for e in latest if e and e.asset_materialization],
            "of the run": [runs.index(e.run_id) if e.run_id in runs else None for e in latest if e],
        }
        assert isinstance(instance.event_log_storage, OpenEventLogStorage) is ours
    return found


def test_what_is_recorded_is_what_dagsters_own_storage_records(tmp_path, monkeypatch):
    ours, theirs = (recorded(tmp_path / name, name == "ours", monkeypatch) for name in ("ours", "theirs"))
    assert ours == theirs and ours["months"][2] == {*MONTHS, "2026-04"} and ours["events"][0] != ours["events"][1]
    # The same tables in the same files: Dagster's own storage reads on from them.
    sql = "select check_name, partition, execution_status from asset_check_executions order by 1, 2, 3"
    tables = []
    for name in ("ours", "theirs"):
        with closing(sqlite3.connect(tmp_path / name / FOLDER / "index.db")) as index:
            tables.append(index.execute(sql).fetchall())
    assert tables[0] == tables[1] and tables[0]
    storage = SqliteEventLogStorage(str(tmp_path / "ours" / FOLDER))
    assert storage.get_materialized_partitions(KEYS[0]) == set(MONTHS)


def test_events_that_are_handed_over_together_are_one_statement_a_file(tmp_path, monkeypatch):
    sizes: dict[str, list[int]] = {}
    create = sqlalchemy.create_engine

    def watched(address: str, **options: Any) -> Any:
        def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, is_many: bool) -> None:
            if statement.startswith("INSERT INTO event_logs"):
                file = "index" if Path(address).stem == "index" else "run"
                sizes.setdefault(file, []).append(len(values) if is_many else 1)

        engine = create(address, **options)
        sqlalchemy.event.listen(engine, "before_cursor_execute", note)
        return engine

    monkeypatch.setattr(sqlalchemy, "create_engine", watched)
    recorded(tmp_path / "ours", True, monkeypatch)
    # Of each of two runs what is planned for three assets in three months; then materialisations, five times three
    # months, with what the step says of its outputs, up to an event of another kind (the check, the end of the step).
    many = {file: sorted(n for n in found if n > 1) for file, found in sizes.items()}
    assert many["index"] == [3, 3, 3, 6, 9, 9], many
    assert sum(many["run"]) > sum(many["index"]) and len(many["run"]) == len(many["index"])


def test_what_waits_is_written_before_it_is_asked_for_and_before_the_storage_is_closed(tmp_path):
    entry = dg.EventLogEntry(
        error_info=None,
        level=10,
        user_message="",
        run_id="run",
        timestamp=1.0,
        dagster_event=dg.DagsterEvent(
            event_type_value=dg.DagsterEventType.STEP_OUTPUT.value,
            job_name="job",
            event_specific_data=StepOutputData(StepOutputHandle("step", "a")),
        ),
    )
    storage = OpenEventLogStorage(str(tmp_path))
    storage.store_event(entry)
    assert len(storage.get_logs_for_run("run")) == 1
    storage.store_event(entry)
    with storage.together():
        assert len(storage.get_logs_for_run("run")) == 2
    storage.store_event(entry)
    storage.dispose()
    assert len(OpenEventLogStorage(str(tmp_path)).get_logs_for_run("run")) == 3


def test_the_files_of_few_runs_are_open(tmp_path):
    storage = OpenEventLogStorage(str(tmp_path))
    for number in range(OPEN_RUNS + 3):
        with storage.run_connection(f"run{number}"):
            pass
    assert len(storage._engines) <= OPEN_RUNS + 1
    storage.dispose()
    assert not storage._engines
