"""What may be made or published alone: what dbt is asked for, for which months, and what a refusal names. dbt itself is
not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.write.schema import begin_run, ensure_schema
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.reference.predicate import ensure_predicate_schema
from pipelines.reference.resolve import ensure_reference_schema
from pipelines.run import basis, dbt_call, parts, publishing, selected
from pipelines.run.dbt_call import NodeResult, TransformError
from pipelines.run.months import set_alone
from pipelines.run.selected import SelectionError
from pipelines.run.statements import VIEW, Statements, read_statements
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import connect

MONTHS = ["2026-09", "2026-10"]
# One that no price concerns, and one that stands on them.
MART, PRICED = "fct_usage_monthly", "licence_position"


@pytest.fixture(scope="module")
def known() -> Statements:
    found = read_statements()
    assert found is not None, "the statements are not those of the project: run `python -m pipelines.run.prepare`"
    return found


@pytest.fixture
def settings(tmp_path: Path, known: Statements) -> Settings:
    """A warehouse of two months at rest: nothing is in it, and all of it is known to be as published."""
    found = load_settings(tmp_path)
    for month in MONTHS:
        (found.landing / month).mkdir(parents=True)
        (found.landing / month / "users.csv").write_text("a\n1\n")
    with connect(found) as connection:
        ensure_schema(connection)
        begin_run(connection)
        ensure_reference_schema(connection)
        ensure_predicate_schema(connection)
        connection.execute("insert into raw.run_info values ('today', '2026-10-31')")
        for month in MONTHS:
            connection.execute("insert into raw.drop_fingerprint values (?, 'x')", [month])
            connection.execute("insert into raw.published_month values (?, ?)", [month, MONTHS[-1]])
        connection.execute("create schema kept; create schema intermediate")
        for name in known.models:
            if parts.is_kept(known, name):
                connection.execute(f'create table kept."{name}" (review_month varchar)')
        set_alone(found, connection, MONTHS)
        connection.execute("delete from raw.pending_drop")
        basis.store(connection, basis.basis_of(connection, known, MONTHS, []))
        connection.execute("delete from raw.run_month")
        connection.execute("insert into raw.run_info values ('made', 'some')")
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[str], list[str] | None]]:
    """The models and tests of each call of dbt, all of which succeed."""
    calls: list[tuple[set[str], list[str] | None]] = []

    def build(settings, progress=None, models=(), views_stand=False, tests=None):
        calls.append((set(models), tests))
        return [NodeResult(f"model.selfaudit.{m}", "model", "success", 0.1, "OK", 0) for m in models]

    monkeypatch.setattr(dbt_call, "build", build)
    monkeypatch.setattr(selected, "standing_views", lambda *_: {"all of them"})
    return calls


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], parts.Plan | None]]:
    calls: list[tuple[list[str], parts.Plan | None]] = []
    monkeypatch.setattr(
        publishing, "publish", lambda settings, months, progress, plan: calls.append((list(months), plan)) or []
    )
    monkeypatch.setattr(selected, "chain_of", lambda *_: [_Entry(m) for m in MONTHS])
    return calls


class _Entry:
    """An entry of the record of publications, as far as it is asked."""

    state, horizon, output, version = "settled", None, "findings", 1

    def __init__(self, month: str) -> None:
        self.review_month = month


@pytest.fixture
def read(settings: Settings) -> Iterator:
    def rows(sql: str) -> list[tuple]:
        with connect(settings) as connection:
            return connection.execute(sql).fetchall()

    return rows


def change_prices(settings: Settings) -> None:
    """The months were made from other prices than those that are loaded."""
    with connect(settings) as connection:
        connection.execute("update raw.made_from set sha256 = 'other' where source = 'reference.prices'")


def tables_on_prices(known: Statements) -> set[str]:
    found = known.descendants(known.readers["reference.prices"])
    return {n for n in found if known.models[n].kind != VIEW}


@pytest.mark.parametrize("months", [["2026-10"], MONTHS], ids=["a month", "a range"])
def test_a_mart_alone_is_made_for_its_months_and_leaves_what_is_published_as_it_is(settings, asked, read, months):
    selected.make_models(settings, months, {MART}, ["a_test"])
    assert asked == [({MART}, ["a_test"])]
    assert [m for (m,) in read("select review_month from raw.run_month order by 1")] == months
    assert read("select count(distinct review_month) from raw.made_from") == [(2,)]
    assert read("select count(*) from raw.open_month") == read("select count(*) from raw.pending_drop") == [(0,)]


def test_a_model_is_not_made_on_rows_that_are_out_of_date_and_the_refusal_names_them(settings, asked, read, known):
    change_prices(settings)
    with pytest.raises(SelectionError, match=f"calendar/{PRICED} of 2026-10 cannot be made without") as refused:
        selected.make_models(settings, ["2026-10"], {PRICED}, [])
    needed = {name for _, name in refused.value.also}
    assert needed == (known.ancestors([PRICED]) & tables_on_prices(known)) - {PRICED}
    assert refused.value.upstream and not asked
    # What no price concerns is made all the same.
    selected.make_models(settings, ["2026-10"], {MART}, [])
    assert asked


def test_what_is_made_anew_is_not_published_without_the_rest_that_changed(settings, asked, published, read, known):
    change_prices(settings)
    chosen = known.ancestors([PRICED])
    selected.make_models(settings, ["2026-10"], chosen, [])
    assert read("select distinct review_month from raw.open_month") == [("2026-10",)]
    assert read("select drop from raw.pending_drop") == [("2026-10",)], "the next run makes the rest"
    with pytest.raises(SelectionError, match=r"2026-10 cannot be published: .* are out of date") as refused:
        selected.publish_outputs(settings, ["2026-10"], {PRICED})
    left = tables_on_prices(known) - chosen
    assert left and {n for s, n in refused.value.also if s != "published"} == left
    selected.make_models(settings, ["2026-10"], left, [])
    with pytest.raises(SelectionError, match="made anew together with what was asked for") as refused:
        selected.publish_outputs(settings, ["2026-10"], {PRICED})
    assert not published
    waiting = {n for _, n in refused.value.also} | {PRICED}
    assert waiting == tables_on_prices(known) & OUTPUT_ORDER.keys() - {"review_calendar", "publications"}
    selected.publish_outputs(settings, ["2026-10"], waiting)
    ((months, plan),) = published
    assert months == ["2026-10"] and plan is not None and plan.models is not None
    assert plan.models >= waiting | {n for n in tables_on_prices(known) if known.models[n].schema == "marts"}


def test_an_output_of_a_month_at_rest_is_published_alone(settings, published):
    selected.publish_outputs(settings, MONTHS, {"findings"})
    ((months, plan),) = published
    assert months == MONTHS and plan is not None and plan.models == {"findings"}


def test_the_first_publication_of_a_month_is_of_all_outputs(settings, published, monkeypatch):
    monkeypatch.setattr(selected, "chain_of", lambda *_: [])
    with pytest.raises(SelectionError, match="2026-09 was never published"):
        selected.publish_outputs(settings, MONTHS, {"findings"})
    assert not published


def test_a_month_after_the_last_drop_is_refused_with_where_its_files_go(settings, asked, published):
    empty = r"landing/2026-11 holds no file yet\. "
    with pytest.raises(SelectionError, match=empty + "2026-11 was never published"):
        selected.publish_outputs(settings, ["2026-11"], {"findings"})
    with pytest.raises(SelectionError, match=empty + f"marts/{MART} of 2026-11 cannot be made"):
        selected.make_models(settings, ["2026-11"], {MART}, [])
    change_prices(settings)
    with pytest.raises(SelectionError, match=f"^calendar/{PRICED} of 2026-10"):
        selected.make_models(settings, ["2026-10"], {PRICED}, [])
    assert not asked and not published


def test_a_drop_that_is_not_loaded_is_asked_for(settings, asked):
    with connect(settings) as connection:
        connection.execute("delete from raw.drop_fingerprint where drop = '2026-10'")
    with pytest.raises(SelectionError, match=r"The drop 2026-10 is not loaded\. Select its inputs too"):
        selected.make_models(settings, ["2026-10"], {MART}, [])
    assert not asked


def test_a_month_after_one_that_was_never_made_asks_for_the_range(settings, asked, known):
    with connect(settings) as connection:
        basis.forget(connection, MONTHS)
    chosen = known.ancestors(["assignment_history"])
    with pytest.raises(SelectionError, match=r"Select the range 2026-09\.\.2026-10"):
        selected.make_models(settings, ["2026-10"], chosen, [])
    selected.make_models(settings, MONTHS, chosen, [])
    assert len(asked) == 1


def test_a_model_that_fails_leaves_its_months_to_be_made_whole(settings, read, monkeypatch):
    failed = NodeResult(f"model.selfaudit.{MART}", "model", "error", 0.1, "Binder Error: no such column", 0)
    monkeypatch.setattr(dbt_call, "build", lambda *a, **k: [failed])
    with pytest.raises(TransformError, match=f"{MART}: Binder Error"):
        selected.make_models(settings, ["2026-10"], {MART}, [])
    assert read("select distinct review_month from raw.made_from") == [("2026-09",)]
    assert read("select drop from raw.pending_drop") == [("2026-10",)]


def test_checks_alone_make_no_model(settings, asked, read):
    selected.run_tests(settings, ["a_test", "another"])
    assert asked == [(set(), ["a_test", "another"])]
    assert read("select count(*) from raw.run_month") == [(0,)]


def test_the_tests_of_a_selection_are_those_chosen_and_no_others(settings, monkeypatch):
    said: list[list[str]] = []
    monkeypatch.setattr(dbt_call, "_invoke", lambda arguments, *_: said.append(arguments) or _Nothing())
    monkeypatch.setattr(dbt_call, "_parsed", lambda settings: None)
    dbt_call.build(settings, models=["a"], tests=["t"])
    (arguments,) = said
    assert arguments[arguments.index("--select") :][:5] == ["--select", "a", "t", "--indirect-selection", "empty"]


class _Nothing:
    results: tuple = ()


def test_rows_that_a_build_left_are_kept_where_it_came_to_its_end_and_dropped_where_it_did_not(settings, known):
    name = next(n for n in sorted(known.models) if parts.is_kept(known, n))
    for is_open, rows in ((True, [("2026-10",)]), (False, [])):
        with connect(settings) as connection:
            connection.execute(f'delete from kept."{name}"; drop view if exists intermediate."{name}"')
            connection.execute(f"create table intermediate.\"{name}\" as select '2026-10' as review_month")
            basis.forget(connection, ["2026-10"])
            if is_open:
                one = basis.Open({"files": "x"}, frozenset(), frozenset())
                basis.store_open(connection, {"2026-10": one})
            parts.put_away(connection, known)
            assert connection.execute(f'select * from kept."{name}"').fetchall() == rows
            with pytest.raises(duckdb.CatalogException):
                connection.execute(f'drop table intermediate."{name}"')


def test_no_table_is_kept_that_numbers_its_rows_over_all_months_of_a_run(known):
    numbered = {n for n, s in known.models.items() if "over (order by review_month" in " ".join(s.sql.split())}
    assert "int_token_origin" in numbered
    assert not {n for n in numbered if parts.is_kept(known, n)}
