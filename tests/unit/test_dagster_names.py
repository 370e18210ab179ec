"""What a click in Dagster asks for, and under which names a data folder stands there. Nothing is reviewed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import yaml

from pipelines.defs import transform_results
from pipelines.defs.build import build_definitions
from pipelines.defs.instance import INSTANCE, STORAGE, prepare_instance
from pipelines.defs.selection import refusal
from pipelines.defs.shown import show_published
from pipelines.ingest.write.schema import ensure_schema
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.places import file_of
from pipelines.run import selected
from pipelines.run.dbt_call import PREPARED, NodeResult
from pipelines.run.dbt_recovery import Built
from pipelines.run.selected import SelectionError
from pipelines.settings import ROOT, Settings, SettingsError, load_settings
from pipelines.warehouse import connect

START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
MART = "fct_usage_monthly"


def defined(settings: Settings) -> dg.Definitions:
    return build_definitions(settings, first="2026-08")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder whose warehouse has its tables and no row."""
    settings = load_settings(tmp_path_factory.mktemp("data"))
    with connect(settings) as connection:
        ensure_schema(connection)
    return settings


@pytest.fixture(scope="module")
def definitions(folder: Settings) -> dg.Definitions:
    return defined(folder)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What each step calls, in place of doing it."""
    found: list[tuple[Any, ...]] = []

    def note(name: str, answer: Any) -> Any:
        def call(settings: Settings, *arguments: Any) -> Any:
            found.append((name, *[a for a in arguments if not callable(a)]))
            return answer

        return call

    monkeypatch.setattr(selected, "make_models", note("models", []))
    monkeypatch.setattr(selected, "run_tests", note("tests", []))
    monkeypatch.setattr(selected, "begin_whole", note("whole", None))
    monkeypatch.setattr("pipelines.defs.transform.models.build", note("build", Built([])))
    monkeypatch.setattr(selected, "end_whole", lambda *a, **k: None)
    monkeypatch.setattr(selected, "publish_outputs", note("publish", []))
    return found


def click(definitions: dg.Definitions, selection: str, first: str, last: str) -> dg.ExecuteInProcessResult:
    """Materialise what a selection means, for a range of months in one run, as the UI does."""
    keys = dg.AssetSelection.from_string(selection).resolve(definitions.resolve_asset_graph())
    assert keys, selection
    return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        asset_selection=sorted(keys),
        tags={START: first, END: last},
        instance=dg.DagsterInstance.ephemeral(),
        raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )


def test_a_mart_that_is_selected_is_the_model_and_its_own_tests_for_the_months_of_the_range(definitions, calls):
    assert click(definitions, f'key:"marts/{MART}"', "2026-08", "2026-10").success
    ((name, months, models, tests),) = calls
    assert (name, months, models) == ("models", ["2026-08", "2026-09", "2026-10"], {MART})
    assert tests and all(MART in t for t in tests)


def test_a_mart_and_what_it_stands_on_within_dbt_is_one_call_with_all_of_it(definitions, calls):
    graph = definitions.resolve_asset_graph()
    wanted = dg.AssetSelection.from_string(f'+key:"marts/{MART}"').resolve(graph)
    layers = " or ".join(f'key:"{layer}/*"' for layer in ("staging", "intermediate", "marts"))
    click(definitions, f'+key:"marts/{MART}" and ({layers})', "2026-10", "2026-10")
    ((_, months, models, _),) = calls
    assert months == ["2026-10"] and {"int_month", MART} <= models
    assert models == {k.path[-1] for k in wanted if k.path[0] in ("staging", "intermediate", "marts")}


def test_checks_alone_judge_what_is_loaded_and_need_no_month(definitions, calls):
    graph = definitions.resolve_asset_graph()
    keys = [
        dg.AssetCheckKey(dg.AssetKey(["raw", "users"]), "expectations"),
        next(
            k for k in sorted(graph.asset_check_keys, key=str) if k.asset_key == dg.AssetKey(["calendar", "findings"])
        ),
    ]
    job = dg.define_asset_job("checks", dg.AssetSelection.checks(*keys))
    both = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    result = both.resolve_job_def("checks").execute_in_process(instance=dg.DagsterInstance.ephemeral())
    assert result.success
    assert [e.asset_check_key for e in result.get_asset_check_evaluations()] == [keys[0]]
    assert calls == [("tests", [keys[1].name])]


def test_an_output_that_is_selected_is_published_alone(definitions, calls):
    click(definitions, 'key:"published/findings"', "2026-10", "2026-10")
    assert calls == [("publish", ["2026-10"], {"findings"})]


def test_all_models_are_made_in_the_way_that_goes_on_without_what_fails(definitions, calls):
    layers = " or ".join(f'key:"{layer}/*"' for layer in ("staging", "intermediate", "rules", "calendar", "marts"))
    click(definitions, layers, "2026-09", "2026-10")
    assert [c[0] for c in calls] == ["whole", "build"]


def test_a_refusal_says_what_to_type_and_what_is_after_it_is_not_started(definitions, calls, monkeypatch):
    def refuse(*_: Any) -> None:
        raise SelectionError("rows are old.", [("calendar", "findings")], upstream=True)

    monkeypatch.setattr(selected, "make_models", refuse)
    result = click(definitions, 'key:"calendar/chargeback" or key:"published/chargeback"', "2026-10", "2026-10")
    (failure,) = [e for e in result.all_events if e.is_step_failure]
    said = failure.step_failure_data.user_failure_data.description
    assert said == 'rows are old. As a selection: key:"calendar/chargeback" or key:"calendar/findings"'
    assert not [c for c in calls if c[0] == "publish"]


@pytest.mark.parametrize(
    ("also", "upstream", "said"),
    [
        ([("marts", "a")], False, 'key:"acme/marts/b" or key:"acme/marts/a"'),
        ([("marts", f"a{n}") for n in range(20)], True, '+key:"acme/marts/b"'),
        ([("marts", f"a{n}") for n in range(20)], False, "*"),
        ([], False, "*"),
    ],
)
def test_a_refusal_names_few_assets_else_all_that_the_selection_stands_on_else_everything(also, upstream, said):
    failure = refusal(SelectionError("No.", also, upstream), [dg.AssetKey(["acme", "marts", "b"])])
    assert failure.description == f"No. As a selection: {said}" and failure.allow_retries is False


def names(definitions: dg.Definitions) -> set[str]:
    """Every name of a data folder that a Dagster of several shows or locks by."""
    repository = definitions.get_repository_def()
    steps = [a for a in definitions.assets or [] if isinstance(a, dg.AssetsDefinition)]
    found = {k.to_user_string() for k in definitions.resolve_asset_graph().get_all_asset_keys()}
    found |= {j.name for j in definitions.resolve_all_job_defs() if not j.name.startswith("__")}
    found |= {s.name for s in [*repository.sensor_defs, *repository.schedule_defs]}
    return found | {str(pool) for step in steps for pool in step.op.pools}


def test_two_tenants_share_no_name(definitions, folder, monkeypatch):
    acme, borealis = (names(defined(replace(folder, tenant=t))) for t in ("acme", "borealis"))
    assert not acme & borealis and not acme & names(definitions)
    assert all(n.startswith(("acme/", "acme_")) for n in acme) and "acme_warehouse" in acme


@pytest.mark.parametrize("text", ["a-b", "a/b", "1a", "a b", "ä", "a" * 51])
def test_a_tenant_is_letters_digits_and_underscores(text, monkeypatch):
    monkeypatch.setenv("SELFAUDIT_TENANT", text)
    with pytest.raises(SettingsError, match=f"SELFAUDIT_TENANT is '{text}'; expected letters, digits"):
        load_settings()


def test_a_tenant_leaves_the_folder_of_a_dagster_that_is_shared(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "/srv/dagster")
    for tenant, home in (("acme", "/srv/dagster"), ("", str(tmp_path / "state" / "dagster"))):
        replace(load_settings(tmp_path), tenant=tenant).apply_to_environment()
        import os

        assert os.environ["DAGSTER_HOME"] == home


def test_months_of_the_command_are_shown_once_without_outputs_that_were_not_made(tmp_path, definitions):
    settings = load_settings(tmp_path)
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    for month in ("2026-09", "2026-10"):
        for output in ("rule_runs", *(o for o in OUTPUT_ORDER if (o, month) != ("chargeback", "2026-10"))):
            path = file_of(settings.published, output, month, "parquet")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    instance = dg.DagsterInstance.ephemeral()
    assert show_published(settings, instance, keys) == ["2026-09", "2026-10"]
    there = instance.get_materialized_partitions
    for key in (["raw", "users"], ["staging", "stg_portal__users"], ["marts", MART], ["published", "findings"]):
        assert there(dg.AssetKey(key)) == {"2026-09", "2026-10"}, key
    assert there(dg.AssetKey(["published", "chargeback"])) == {"2026-09"}
    assert show_published(settings, instance, keys) == []


def test_the_instance_of_the_checkout_is_that_of_a_data_folder():
    ours = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    assert {k: v for k, v in ours.items() if k in yaml.safe_load(INSTANCE)} == yaml.safe_load(INSTANCE)
    assert ours["event_log_storage"]["class"] == yaml.safe_load(STORAGE)["event_log_storage"]["class"]


@pytest.mark.parametrize(("before", "changes"), [(None, True), (INSTANCE, True), (INSTANCE + "# mine\n", False)])
def test_an_instance_file_that_nobody_changed_gets_the_storage_of_events(tmp_path: Path, before, changes):
    settings = load_settings(tmp_path)
    settings.dagster_home.mkdir(parents=True)
    config = settings.dagster_home / "dagster.yaml"
    if before:
        config.write_text(before)
    prepare_instance(settings)
    assert config.read_text() == (INSTANCE + STORAGE if changes else before)


def test_every_check_is_by_months_and_says_what_it_holds(definitions):
    graph = definitions.resolve_asset_graph()
    specs = {k: graph.get_check_spec(k) for k in graph.asset_check_keys if "watch_of_the_day" not in k.name}
    of_the_day = {"no_review_is_overdue", "no_month_is_absent", "months_settle_in_time", "alerts_get_through"}
    for key, spec in specs.items():
        assert (spec.partitions_def is None) == (key.name in of_the_day), key
        assert spec.description and not spec.description.startswith("The test "), key
    words = specs[dg.AssetCheckKey(dg.AssetKey(["calendar", "findings"]), "findings_name_their_rows")].description
    assert words == "Every row names rows of files as its evidence."


def test_a_range_shows_each_months_own_verdict(definitions, calls):
    """Of checks alone over months that have no drop: nothing is loaded, and every month keeps what is expected."""
    key = dg.AssetCheckKey(dg.AssetKey(["raw", "users"]), "expectations")
    job = dg.define_asset_job("months_of_checks", dg.AssetSelection.checks(key))
    both = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    result = both.resolve_job_def("months_of_checks").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), tags={START: "2026-09", END: "2026-10"}
    )
    shown = {e.partition: e.passed for e in result.get_asset_check_evaluations()}
    assert shown == {"2026-09": True, "2026-10": True, None: True}


@pytest.mark.parametrize(
    ("sql", "months"),
    [
        ("select '2026-09' as review_month, 1 as n", {"2026-09"}),
        ("select 1 as n", {"2026-08", "2026-09"}),
        (None, {"2026-08", "2026-09"}),
    ],
)
def test_a_test_that_fails_does_so_for_the_months_of_its_rows(sql, months):
    with duckdb.connect() as connection:
        assert transform_results._months_of_rows(connection, sql, ["2026-08", "2026-09"]) == months


def test_kinds_are_what_makes_the_asset(definitions):
    graph = definitions.resolve_asset_graph()
    kinds = {k.to_user_string(): graph.get(k).kinds for k in graph.get_all_asset_keys()}
    assert kinds["raw/users"] == {"duckdb"} and kinds["raw/nlm_log"] == {"duckdb", "polars"}
    assert "python" in kinds["intermediate/int_renewal_choice"] and "python" not in kinds[f"marts/{MART}"]


def test_the_review_of_a_month_is_due_by_the_fifth(definitions):
    graph = definitions.resolve_asset_graph()
    due = {k.to_user_string(): graph.get(k).freshness_policy for k in graph.get_all_asset_keys()}
    assert {k for k, policy in due.items() if policy} == {"raw/file_register", "published/selfaudit"}
    assert due["raw/file_register"].deadline_cron == "0 6 5 * *"


def test_a_check_of_a_model_is_run_alone_without_a_month_as_the_ui_does(definitions, calls, monkeypatch):
    (key,) = [k for k in definitions.resolve_asset_graph().asset_check_keys if k.name == "findings_name_their_rows"]
    nodes = json.loads((PREPARED / "manifest.json").read_text())["nodes"]
    (test,) = [i for i, n in nodes.items() if n["name"] == key.name]
    monkeypatch.setattr(selected, "run_tests", lambda *_: [NodeResult(test, "test", "warn", 0.1, "2 rows", 2)])
    job = dg.define_asset_job("one_check", dg.AssetSelection.checks(key))
    both = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    instance = dg.DagsterInstance.ephemeral()
    instance.report_runless_asset_event(dg.AssetMaterialization(key.asset_key, partition="2026-10"))
    result = both.resolve_job_def("one_check").execute_in_process(instance=instance, raise_on_error=False)
    (shown,) = result.get_asset_check_evaluations()
    assert result.success and (shown.passed, shown.partition, shown.severity) == (
        False,
        None,
        dg.AssetCheckSeverity.WARN,
    )
    assert shown.metadata["failing_rows"].value == 2
