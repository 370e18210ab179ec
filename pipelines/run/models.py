"""The second step of a run: the dbt call for the months that the warehouse is set to. What cannot be made keeps the
rows of its previous publication; on Spark the step fails if a model does.

Holds no SQL of rules. `dbt_graph` and `dbt_recovery` determine what depends on a failure and how the rest is made.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence

import duckdb

from pipelines.errors import is_of_surroundings
from pipelines.failures import omissions
from pipelines.failures.omissions import Unmade, in_words, with_previous
from pipelines.ingest.landing.files import REFERENCE_DROP
from pipelines.ingest.landing.fingerprints import remember_batches, remember_pending
from pipelines.run import basis, dbt_call, on_spark, parts, privacy
from pipelines.run.carry_over import Place, drop_other_columns, put_back_rows
from pipelines.run.dbt_graph import Graph, read_graph
from pipelines.run.dbt_recovery import PUBLISHED, Built, Mender
from pipelines.run.months import chain_of, set_months
from pipelines.run.parts import Plan
from pipelines.run.progress import Progress, silent
from pipelines.run.standing_views import remember_views, standing_views
from pipelines.run.statements import CheckFailedError, read_statements
from pipelines.run.stubs import remember_columns
from pipelines.settings import SEEDS, SPARK, Settings
from pipelines.warehouse import connect

# In the state folder: the fingerprint of the models that made the content of the warehouse.
RULES = "rules_fingerprint"


class RulesChangedError(RuntimeError):
    """The models are not those that made the earlier months; the message says what to run."""


def rules_changed(settings: Settings) -> bool:
    """Whether the warehouse has results of other models: after an update of the software, or an edited rule."""
    known = settings.state / RULES
    return settings.warehouse.is_file() and known.is_file() and known.read_text() != dbt_call.project_fingerprint()


def begin_batches(settings: Settings, months: Sequence[str], anew: bool, progress: Progress = silent) -> None:
    """Before the first of several batches: record all their months, so that an interrupted run resumes after those that
    it published.

    months: those of all batches of the run; if empty, the run is not in batches and nothing is recorded. anew: none of
    them is published yet. If the rules changed, every result is dropped here, since a single batch does not make all of
    them again. Raises RulesChangedError.
    """
    with connect(settings) as connection:
        if anew:
            remember_batches(connection, months)
        if months and rules_changed(settings):
            _drop_results(connection)
            progress("the rules changed since the last run; every month is made again")
            (settings.state / RULES).write_text(dbt_call.project_fingerprint())


def build(settings: Settings, progress: Progress = silent) -> Built:
    """The dbt call for the months of the run. What cannot be made is in the result and in the record; its rows in the
    warehouse are those of the previous publication.

    If the models changed since the last run, everything derived is rebuilt, which requires all months: otherwise raises
    RulesChangedError. The chain of publications stays; differences become the next version of their month. Raises
    TransformError if nothing can be made.
    """
    privacy.lift(settings)
    graph = read_graph(dbt_call.prepare_manifest(settings), subjects())
    published = [(s, m) for m, s in graph.schema.items() if s in PUBLISHED]
    with connect(settings) as connection:
        drop_other_columns(connection, graph.columns, published)
    if rules_changed(settings):
        with connect(settings) as connection:
            _drop_results(connection)
        progress("the rules changed since the last run; every month is made again")

    with connect(settings) as connection:
        standing = standing_views(settings, connection, graph)
        if basis.read_open(connection) and (known := read_statements()):
            parts.put_away(connection, known)
        parts.make_room(connection)
        rows = connection.execute("select review_month from raw.run_month").fetchall()
        basis.forget(connection, [key for (key,) in rows])

    def ask_for(months: Sequence[str]) -> None:
        with connect(settings) as connection:
            set_months(settings, connection, months)

    if settings.engine == SPARK:
        built = Built(on_spark.build(settings, graph, progress))
    else:
        built = Mender(settings, graph, ask_for, progress).build(standing)
    settings.state.mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection:
        if built.unmade:
            _restore_previous(settings, connection, graph, built.unmade)
        elif settings.engine != SPARK:
            remember_views(settings, connection, graph)
    (settings.state / RULES).write_text(dbt_call.project_fingerprint())
    return built


def build_part(settings: Settings, plan: Plan, progress: Progress = silent) -> Plan | None:
    """Make the models of the plan that depend on the change, for the months that the warehouse is set to. Returns the
    plan of those that got different rows; None if one fails: then all of them must be made, and the record says what
    cannot be.
    """
    privacy.lift(settings)
    try:
        return parts.make(settings, plan, progress)
    except (duckdb.Error, CheckFailedError) as error:
        if is_of_surroundings(error):
            raise
        progress(f"{in_words(str(error))}; making everything")
        return None


def subjects() -> dict[str, str]:
    """Rule → what it counts, from the rule catalogue."""
    with (SEEDS / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        return {row["rule_id"]: row["subject"] for row in csv.DictReader(handle)}


def _restore_previous(
    settings: Settings, connection: duckdb.DuckDBPyConnection, graph: Graph, found: Sequence[Unmade]
) -> None:
    """Restore the rows of the previous publication for what was not made, and record it."""
    places: dict[str, list[Place]] = {}
    for one in found:
        if one.kind in PUBLISHED.values():
            places.setdefault(one.review_month, []).append((graph.schema[one.name], one.name))
    for month, unmade_places in sorted(places.items()):
        put_back_rows(connection, settings.published_database, unmade_places, [month], graph.columns)
    omissions.remember(connection, with_previous(found, chain_of(settings, connection)))


def _drop_results(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every table and view created by dbt, whatever its columns. Raises RulesChangedError if the run does not make
    all of them again.
    """
    kept = (
        dbt_call.has_results(connection)
        and connection.execute(
            "select review_month from calendar.rule_runs where review_month not in (select review_month from "
            "raw.run_month) group by 1 order by 1"
        ).fetchall()
    )
    if kept:
        made = [m for (m,) in kept]
        raise RulesChangedError(
            f"The rules are not those that made {', '.join(made)} (an update, or an edited rule). Months of different "
            "rules cannot stand in one "
            f"history: make them again together, with `selfaudit run` or `selfaudit run FROM..TO` over all months."
        )
    remember_pending(connection, [REFERENCE_DROP], touches_later=True)
    remember_columns(connection)
    for table in ("made_from", "open_month", "open_model"):
        connection.execute(f"delete from raw.{table}")
    for schema in ("staging", "intermediate", "kept", "rules", "marts"):
        connection.execute(f"drop schema if exists {schema} cascade")
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'calendar' and table_name <> 'publications'"
    ).fetchall():
        connection.execute(f'drop table calendar."{table}"')
