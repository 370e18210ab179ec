"""Runs that nobody starts: what the sensor and the schedules ask for, and why not; what the watch finds. Over copies of
the reviewed demo.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import xlsxwriter

from pipelines.defs.build import build_definitions
from pipelines.defs.jobs import JOB, WATCH
from pipelines.defs.triggers import bury_dead_runs
from pipelines.run import landing_check
from pipelines.settings import Settings
from tests.conftest import Reviewed, selfaudit

LAST = "2026-10"
MONTHS = [f"2026-{m:02d}" for m in range(5, 11)]


@pytest.fixture
def settings(demo: Reviewed, tmp_path: Path) -> Settings:
    """A copy of the reviewed demo."""
    return Settings(Path(shutil.copytree(demo.data, tmp_path / "data")))


def settled(settings: Settings, last: str = LAST) -> landing_check.Look:
    """What the second of two looks says, with nothing done between them."""
    return landing_check.look(settings, landing_check.look(settings, {}, last).seen, last)


def test_two_looks_at_an_unchanged_landing_zone_ask_for_nothing(settings: Settings):
    first = landing_check.look(settings, {}, LAST)
    assert first.months == [] and "still changing" in first.reason
    second = landing_check.look(settings, first.seen, LAST)
    assert second.months == [] and second.reason.startswith("nothing is new or changed")


def test_a_file_that_grows_is_waited_for_and_then_asked_for_with_exactly_the_months_concerned(settings: Settings):
    seen = settled(settings).seen
    target = settings.landing / LAST / "portal" / "more.csv"
    for part in ("Team name,", "Email\n", "T,ada@corp.example\n"):
        with target.open("a") as handle:
            handle.write(part)
        found = landing_check.look(settings, seen, LAST)
        assert found.months == [] and f"{LAST}: new or still changing" in found.reason
        seen = found.seen
    found = landing_check.look(settings, seen, LAST)
    # A new file of October can still change the figures of the two months before it, and of none before those.
    assert found.months == ["2026-08", "2026-09", "2026-10"] and found.key
    assert landing_check.look(settings, seen, LAST).key == found.key


def test_a_time_of_modification_is_not_looked_at_and_the_same_size_is_not_the_same_content(settings: Settings):
    seen = settled(settings).seen
    file = next(p for p in sorted((settings.landing / LAST).rglob("*.csv")) if p.stat().st_size > 1000)
    before = file.stat()
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 10**12))
    assert landing_check.look(settings, seen, LAST).reason.startswith("nothing")
    content = bytearray(file.read_bytes())
    content[500] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert LAST in landing_check.look(settings, seen, LAST).reason


@pytest.mark.parametrize("name", ["usage.csv.part", "Unconfirmed 1.crdownload", "~$users.xlsx", ".usage.csv.Xy12ab"])
def test_a_file_whose_name_says_that_it_is_unfinished_is_waited_for(settings: Settings, name: str):
    (settings.landing / LAST / name).write_text("a,b\n")
    assert f"{LAST}/{name} looks unfinished" in settled(settings).reason


def test_a_month_that_is_not_over_waits(settings: Settings):
    later = settings.landing / "2026-11" / "portal"
    shutil.copytree(settings.landing / LAST / "portal", later)
    found = settled(settings)
    assert found.months == [] and "2026-11 waits for the end of its month" in found.reason
    assert settled(settings, "2026-11").months[-1] == "2026-11"


def test_nothing_is_asked_for_while_another_process_writes(settings: Settings):
    seen = settled(settings).seen
    code = (
        "import sys, pathlib; from pipelines.settings import Settings; from pipelines.warehouse import writer_lock\n"
        f"with writer_lock(Settings(pathlib.Path({str(settings.data)!r}))):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdin and other.stdout.readline() == "held\n"
        found = landing_check.look(settings, seen, LAST)
        other.stdin.close()
        other.wait(20)
    assert found.months == [] and "another run is writing" in found.reason and found.seen == seen
    assert landing_check.look(settings, seen, LAST).reason.startswith("nothing")


def test_other_rules_ask_for_every_month(settings: Settings):
    (settings.state / "rules_fingerprint").write_text("another one")
    assert settled(settings).months == MONTHS


@pytest.mark.parametrize("cadence", ["monthly", "quarterly", "pre_renewal"])
def test_a_schedule_makes_no_month_again_that_is_unchanged_and_says_so(settings: Settings, cadence: str):
    before = sorted((p, p.stat().st_mtime_ns) for p in settings.published.rglob("*"))
    found = landing_check.scheduled(settings, cadence, LAST, date(2026, 11, 3), lambda: None)
    assert found.months == []
    assert "made" in found.reason
    assert sorted((p, p.stat().st_mtime_ns) for p in settings.published.rglob("*")) == before


def test_a_schedule_asks_when_a_month_that_it_cares_for_is_due(settings: Settings):
    shutil.copytree(settings.landing / LAST, settings.landing / "2026-11")
    # The drop of November is November's, and it can still change the figures of September, the end of the quarter.
    for cadence in ("monthly", "quarterly"):
        found = landing_check.scheduled(settings, cadence, "2026-11", date(2026, 12, 3), lambda: None)
        assert found.months == ["2026-09", "2026-10", "2026-11"], found


def test_a_schedule_says_that_a_drop_is_not_there(settings: Settings):
    found = landing_check.scheduled(settings, "monthly", "2026-11", date(2026, 12, 3), lambda: None)
    assert found.months == [] and found.reason == "no drop of 2026-11 is there"


def test_a_schedule_looks_twice_before_it_asks(settings: Settings):
    shutil.copytree(settings.landing / LAST, settings.landing / "2026-11")

    def still_copied() -> None:
        (settings.landing / "2026-11" / "late.csv").write_text("a,b\n")

    found = landing_check.scheduled(settings, "monthly", "2026-11", date(2026, 12, 3), still_copied)
    assert found.months == [] and "2026-11: new or still changing" in found.reason


def test_the_pre_renewal_schedule_names_the_next_review_by_the_contracts_dates(settings: Settings):
    assert date(2027, 2, 14) in {c.renewal_date for c in landing_check.contracts(settings)}
    found = landing_check.scheduled(settings, "pre_renewal", "2026-09", date(2026, 10, 3), lambda: None)
    # 90 days before 14 February 2027 is 16 November; October is the last month that is over by then.
    assert "next renewal_brief of contract 11000000002: month 2026-10, due 2026-11-16" in found.reason
    assert "makes it early" not in found.reason


def build(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


def test_the_sensor_asks_for_one_run_over_the_range_and_keeps_hashes_in_its_cursor(settings: Settings, monkeypatch):
    monkeypatch.setattr("pipelines.defs.triggers._now", lambda: datetime(2026, 11, 25, tzinfo=UTC))
    definitions = build(settings)
    sensor = definitions.resolve_sensor_def("landing_zone")
    instance = dg.DagsterInstance.ephemeral()
    repository = definitions.get_repository_def()

    def tick(cursor: str | None) -> dg.SensorResult:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=repository)
        found = sensor(context)
        assert isinstance(found, dg.SensorResult)
        return found

    (settings.landing / LAST / "note.txt").write_text("nothing to see")
    first = tick(None)
    assert not first.run_requests and first.skip_reason
    second = tick(first.cursor)
    (request,) = second.run_requests or []
    assert request.tags == {
        "dagster/asset_partition_range_start": "2026-08",
        "dagster/asset_partition_range_end": "2026-10",
        "dagster/retry_strategy": "ALL_STEPS",
    }
    assert request.run_key and request.run_key.endswith(":2026-08..2026-10:2026-11-25")
    assert all(len(v) == 64 for v in json.loads(second.cursor or "{}").values())
    # The same content is the same request until the next day: it is not run twice.
    (again,) = tick(second.cursor).run_requests or []
    assert again.run_key == request.run_key
    # A filled workbook is read by the next look, which asks at once for the months that a decision touches.
    (settings.landing / "decisions").mkdir()
    with duckdb.connect(str(settings.published_database), read_only=True) as published:
        ((finding,),) = published.execute("select min(finding_id) from calendar.findings").fetchall()
    with xlsxwriter.Workbook(str(settings.landing / "decisions" / "a.xlsx")) as book:
        sheet = book.add_worksheet("List")
        sheet.write_row(0, 0, ["Review month", "Decision", "Decided by", "Finding id"])
        sheet.write_row(1, 0, [LAST, "accepted", "Ada Example", finding])
    (decided,) = tick(second.cursor).run_requests or []
    assert decided.tags["dagster/asset_partition_range_start"] == MONTHS[0]
    assert (settings.landing / "decisions" / "taken" / "a.xlsx").is_file()
    assert finding in (settings.landing / "reference" / "dispositions.csv").read_text()
    for name in ("monthly_review_on_the_3rd", "quarterly_review_on_the_5th", "pre_renewal_review_daily", "watch_daily"):
        assert definitions.resolve_schedule_def(name)


def test_runs_whose_process_is_gone_are_marked_as_failed_and_living_ones_are_not(settings: Settings):
    instance = dg.DagsterInstance.ephemeral()
    job = build(settings).resolve_job_def(JOB)
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    instance.report_engine_event("started", run)
    instance.handle_new_event(_start_event(run))
    now = datetime.now(UTC)
    assert bury_dead_runs(settings, instance, now, lambda seconds: None) == []
    assert bury_dead_runs(settings, instance, now + timedelta(hours=1), lambda seconds: None) == [run.run_id]
    assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]


def _start_event(run: dg.DagsterRun) -> dg.EventLogEntry:
    event = dg.DagsterEvent(event_type_value=dg.DagsterEventType.PIPELINE_START.value, job_name=run.job_name)
    return dg.EventLogEntry(
        error_info=None,
        level=20,
        user_message="",
        run_id=run.run_id,
        timestamp=datetime.now(UTC).timestamp(),
        dagster_event=event,
    )


def test_partitions_begin_with_the_first_drop_and_the_watch_is_a_job_of_its_own(settings: Settings):
    definitions = build(settings)
    graph = definitions.resolve_asset_graph()
    partitions = graph.get(dg.AssetKey(["published", "findings"])).partitions_def
    assert partitions and partitions.get_first_partition_key() == "2026-05"
    job, daily = definitions.resolve_job_def(JOB), definitions.resolve_job_def(WATCH)
    names = {k.name for k in job.asset_layer.asset_graph.asset_check_keys}
    mine = {k.name for k in daily.asset_layer.asset_graph.asset_check_keys}
    assert mine == {"no_review_is_overdue", "no_month_is_absent", "months_settle_in_time", "alerts_get_through"}
    assert names and not names & mine


def test_every_asset_says_what_it_is_and_what_is_published_has_a_column_table(settings: Settings):
    graph = build(settings).resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert (node.description or "").strip(), f"{key} has no description"
        if key.path[0] in {"published", "calendar", "marts"} and key.path[1] != "selfaudit":
            schema = node.metadata["dagster/column_schema"]
            assert schema.columns and all(c.description and c.type != "?" for c in schema.columns), key


def test_the_watch_finds_an_absent_month_and_an_overdue_review_and_shows_the_rows(settings: Settings):
    shutil.rmtree(settings.landing / "2026-07")
    result = build(settings).resolve_job_def(WATCH).execute_in_process(instance=dg.DagsterInstance.ephemeral())
    found = {e.check_name: e for e in result.get_asset_check_evaluations()}
    absent = found["no_month_is_absent"]
    assert not absent.passed and absent.severity is dg.AssetCheckSeverity.WARN
    rows = absent.metadata["failing rows"].value.records  # type: ignore[union-attr]
    assert rows[0].data == {"month": "2026-07", "why": "months before and after it have a drop"}
    assert not found["no_review_is_overdue"].passed and found["alerts_get_through"].passed
    assert found["alerts_get_through"].metadata["channels"].value == "none is set"


def test_status_and_doctor_name_what_is_late(settings: Settings):
    shutil.rmtree(settings.landing / "2026-07")
    told = selfaudit(settings.data, "status", "--today", "2026-11-11", "--json")
    assert told.exit_code == 0, told.output
    data = json.loads(told.output)
    assert [m["month"] for m in data["absent_months"]] == ["2026-07"]
    late = {(r["activity"], r["period"], r["why"]) for r in data["overdue_reviews"]}
    assert ("user_activity_audit", "2026-10", "not signed") in late
    before = json.loads(selfaudit(settings.data, "status", "--today", "2026-11-10", "--json").output)
    assert not [r for r in before["overdue_reviews"] if r["period"] == "2026-10" and not r["contract_number"]]
    assert "no drop: months before and after it have a drop" in selfaudit(settings.data, "doctor").output
