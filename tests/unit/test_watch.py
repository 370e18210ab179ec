"""The watch among other assets: its verdicts come with them, its alerts do not."""

from __future__ import annotations

from types import SimpleNamespace

import dagster as dg
import pytest

from pipelines.defs import watch
from pipelines.settings import Settings


@dg.asset(key=list(watch.DATABASE))
def database() -> None: ...


@dg.asset(key=list(watch.CALENDAR))
def calendar() -> None: ...


@pytest.mark.parametrize(("with_assets", "sent"), [(False, 1), (True, 0)], ids=["checks alone", "a click on assets"])
def test_alerts_are_sent_where_the_checks_run_alone_and_not_where_assets_are_made(
    tmp_path, monkeypatch, with_assets, sent
):
    nothing = SimpleNamespace(reviews=[], contracts=[], drops=[], states={})
    calls: list[object] = []
    monkeypatch.setattr(watch, "read_facts", lambda settings: nothing)
    monkeypatch.setattr(watch, "due_alerts", lambda *_: [])
    monkeypatch.setattr(watch, "deliver", lambda *given: calls.append(given) or SimpleNamespace(failures={}, sent={}))
    checks = watch.watch_checks(Settings(data=tmp_path))
    job = dg.Definitions([calendar, database], asset_checks=[checks]).resolve_implicit_global_asset_job_def()
    if not with_assets:
        job = dg.define_asset_job("alone", watch.watch_selection("")).resolve(
            asset_graph=dg.Definitions([calendar, database], asset_checks=[checks]).resolve_asset_graph()
        )
    asked = [dg.AssetKey(watch.DATABASE), dg.AssetKey(watch.CALENDAR)] if with_assets else None
    result = job.execute_in_process(instance=dg.DagsterInstance.ephemeral(), asset_selection=asked)
    found = {e.check_name for e in result.get_asset_check_evaluations()}
    assert result.success and watch.OVERDUE in found
    assert len(calls) == sent and (watch.ALERTS in found) == bool(sent)
