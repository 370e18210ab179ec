"""A click on a few assets for a range of months, as the UI sends it: a mart, a table that it reads, and an output."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from pipelines.publish.places import partition_folder
from tests import preloaded
from tests.conftest import ROOT, Reviewed, own_environment

# A run is worked on by the process that asks for it: no daemon, no code server that outlives the question.
INSTANCE = """
telemetry: {enabled: false}
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
"""
LAUNCH = """
mutation($execution: ExecutionParams!, $backfill: LaunchBackfillParams!) {
  launchPipelineExecution(executionParams: $execution) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
  launchPartitionBackfill(backfillParams: $backfill) { __typename ... on PythonError { message } }
}
"""
STATES = """
query($run: ID!, $mart: AssetKeyInput!) {
  runOrError(runId: $run) {
    ... on Run { status stats { ... on RunStatsSnapshot { materializations stepsFailed } } }
  }
  assetNodeOrError(assetKey: $mart) {
    ... on AssetNode { assetPartitionStatuses { ... on TimePartitionStatuses { ranges { status startKey endKey } } } }
  }
}
"""
# None of the models between them is a view that stands anyway.
MART, ABOVE, OUTPUT = ["marts", "fct_usage_monthly"], ["intermediate", "int_use_period"], ["published", "rule_runs"]


def ask(data: Path, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    environment = {
        **own_environment(),
        "SELFAUDIT_DATA": str(data),
        "DAGSTER_HOME": str(data / "state" / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    arguments = ["-w", str(ROOT / "workspace.yaml"), "-t", query, "-v", json.dumps(variables)]
    code, said = preloaded.run(["-c", "from dagster_graphql.cli import main; main()", *arguments], environment)
    assert code == 0, said
    (line,) = [text for text in said.splitlines() if text.startswith('{"data"')]
    return json.loads(line)["data"]


def rows(data: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb"), read_only=True)) as connection:
        return connection.execute(f"select * from {table} order by all").fetchall()


def test_a_mart_and_an_output_are_made_for_a_range_of_months_and_nothing_else_is(small: Reviewed, tmp_path: Path):
    data = Path(shutil.copytree(small.data, tmp_path / "data", symlinks=True))
    home = data / "state" / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(INSTANCE)
    months = sorted(p.name.partition("=")[2] for p in (data / "published" / "rule_runs").iterdir())
    before = {t: rows(data, t) for t in ("marts.fct_usage_monthly", "calendar.findings", "calendar.publications")}
    # What was lost of either comes back, and only where it was asked for.
    lost = {m: partition_folder(data / "published", OUTPUT[1], m) / "rule_runs.parquet" for m in months}
    other = partition_folder(data / "published", "findings", months[0]) / "findings.parquet"
    whole = {m: path.read_bytes() for m, path in lost.items()}
    stamp = other.stat().st_mtime_ns
    for path in lost.values():
        path.unlink()
    with closing(duckdb.connect(str(data / "warehouse" / "selfaudit.duckdb"))) as connection:
        connection.execute("delete from marts.fct_usage_monthly")

    keys = [{"path": p} for p in (ABOVE, MART, OUTPUT)]
    execution = {
        "selector": {
            "repositoryName": "__repository__",
            "repositoryLocationName": "pipelines",
            "pipelineName": "__ASSET_JOB",
            "assetSelection": keys,
            "assetCheckSelection": [],
        },
        "executionMetadata": {
            "tags": [
                {"key": "dagster/asset_partition_range_start", "value": months[0]},
                {"key": "dagster/asset_partition_range_end", "value": months[-1]},
            ]
        },
        "mode": "default",
    }
    done = ask(
        data,
        LAUNCH,
        {"execution": execution, "backfill": {"partitionNames": months, "assetSelection": keys}},
    )
    assert done["launchPipelineExecution"]["__typename"] == "LaunchRunSuccess", done
    assert done["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", done
    states = ask(data, STATES, {"run": done["launchPipelineExecution"]["run"]["runId"], "mart": {"path": MART}})
    assert states["runOrError"] == {
        "status": "SUCCESS",
        "stats": {"materializations": len(keys) * len(months), "stepsFailed": 0},
    }
    (made,) = states["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]
    assert (made["status"], made["startKey"], made["endKey"]) == ("MATERIALIZED", months[0], months[-1])
    assert {t: rows(data, t) for t in before} == before
    assert {m: path.read_bytes() for m, path in lost.items()} == whole
    assert other.stat().st_mtime_ns == stamp
    assert rows(data, "raw.last_made") == [(m, "asked for by name", "rule_runs") for m in months]
    assert rows(data, "raw.open_month") == rows(data, "raw.pending_drop") == []
