"""A run over a set of months, step by step, without Dagster: ingest, transform, publish.

Each function is one step; `pipelines/defs` wires the same functions as assets. Holds no SQL of rules and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb

from pipelines import transform
from pipelines.calendar.signoff import due_as_icalendar
from pipelines.ingest.load import (
    REFERENCE_DROP,
    LandingReport,
    forget_pending,
    list_drops,
    load_landing,
    remember_pending,
)
from pipelines.ingest.predicate import ensure_predicate_schema, evaluate_predicates
from pipelines.ingest.reference import ensure_reference_schema, resolve_reference
from pipelines.ingest.schema import ensure_schema
from pipelines.partitions import as_of
from pipelines.publish import publications
from pipelines.publish.datasets import Written, existing_outputs, write_partition
from pipelines.publish.packs import write_pack
from pipelines.publish.snapshot import write_snapshot
from pipelines.quality.judge import judge_drop
from pipelines.quality.verdict import Verdict, stop_if_critical, store_verdicts
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file

Progress = Callable[[str], None]
# Inside the state folder: the fingerprint of the models that made what is in the warehouse.
RULES = "rules_fingerprint"


def _judge(con: duckdb.DuckDBPyConnection, drop: str, tables: Mapping[str, str]) -> list[Verdict]:
    verdicts = judge_drop(con, drop, tables)
    stop_if_critical(verdicts)
    return verdicts


def silent(message: str) -> None:
    """A progress that says nothing."""


@dataclass(frozen=True)
class IngestResult:
    """What ingestion did: the report of the landing zone and warnings of the reference tables."""

    landing: LandingReport
    warnings: list[str] = field(default_factory=list)


def ingest(
    settings: Settings, months: Sequence[str], today: date | None = None, progress: Progress = silent
) -> IngestResult:
    """Load every drop up to the last month (unchanged ones are skipped), resolve the reference tables, set the months of the run.

    today: the clock of the review calendar; None = the end of the latest drop, so that the same files give the same bytes.
    """
    drops = [d for d in list_drops(settings.landing) if d <= max(months)]
    with connect(settings) as connection:
        ensure_schema(connection)
        ensure_reference_schema(connection)
        ensure_predicate_schema(connection)
        remember_pending(connection, sorted(months), touches_later=False)
        report = load_landing(
            connection, settings.landing, drops, settings.scratch, progress=progress, judge=_judge, store=store_verdicts
        )
        connection.execute("delete from raw.run_month")
        connection.executemany("insert into raw.run_month values (?, ?)", [[m, as_of(m)] for m in sorted(months)])
        clock = today or as_of(max([*list_drops(settings.landing), *months]))
        connection.execute("delete from raw.run_info")
        connection.execute("insert into raw.run_info values ('today', ?)", [clock.isoformat()])
        # All drops that there are, loaded or not: whether a month is settled does not depend on which months a run makes.
        for drop in list_drops(settings.landing):
            connection.execute("insert into raw.run_info values ('drop', ?)", [drop])
        warnings = resolve_reference(connection, sorted(months))
        warnings += evaluate_predicates(connection, sorted(months))

    return IngestResult(report, warnings)


class RulesChangedError(RuntimeError):
    """The models are not those that made the earlier months; the message says what to run."""


def rules_changed(settings: Settings) -> bool:
    """Whether results of other models lie in the warehouse: an update of the software, or an edited rule."""
    known = settings.state / RULES
    return settings.warehouse.is_file() and known.is_file() and known.read_text() != transform.project_fingerprint()


def build(settings: Settings, progress: Progress = silent) -> list[transform.NodeResult]:
    """The one dbt call for the months of the run.

    Where the models changed since the last run, everything derived is made anew, which takes all months: raises RulesChangedError otherwise. The chain of
    publications stays; what differs becomes the next version of its month.
    """
    if rules_changed(settings):
        with connect(settings) as connection:
            _forget_results(connection)
        progress("the rules changed since the last run; every month is made again")
    nodes = transform.build(settings, progress)
    settings.state.mkdir(parents=True, exist_ok=True)
    (settings.state / RULES).write_text(transform.project_fingerprint())
    return nodes


def _forget_results(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every table and view that dbt made, whatever its columns were. Raises RulesChangedError if the run does not make all of them again."""
    made_before = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'calendar' and table_name = 'rule_runs'"
    ).fetchall()[0][0]
    kept = (
        made_before
        and connection.execute(
            "select review_month from calendar.rule_runs where review_month not in (select review_month from raw.run_month) group by 1 order by 1"
        ).fetchall()
    )
    if kept:
        made = [m for (m,) in kept]
        raise RulesChangedError(
            f"The rules are not those that made {', '.join(made)} (an update, or an edited rule). Months of different rules cannot stand in one "
            f"history: make them again together, with `selfaudit run` or `selfaudit run FROM..TO` over all months."
        )
    remember_pending(connection, [REFERENCE_DROP], touches_later=True)
    for schema in ("staging", "intermediate", "rules", "marts"):
        connection.execute(f"drop schema if exists {schema} cascade")
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'calendar' and table_name <> 'publications'"
    ).fetchall():
        connection.execute(f'drop table calendar."{table}"')


def publish(settings: Settings, months: Sequence[str], progress: Progress = silent) -> list[Written]:
    """Write every output of every month of the run as Parquet and CSV, record it in the chain of publications, swap in the DuckDB file,
    then make workbooks and pages from it, and the evidence packs."""
    written: list[Written] = []
    columns = transform.model_columns(settings)
    columns += [("calendar", "publications", publications.ABOUT, c, d) for c, d in publications.DESCRIPTIONS.items()]
    with connect(settings) as connection:
        outputs = [o for o in existing_outputs(connection) if o != "publications"]
        chain = publications.read_chain(connection) or _published_chain(settings)
        publications.keep_former(settings.published, chain, outputs, months)
        for output in outputs:
            for month in sorted(months):
                written.append(write_partition(connection, output, month, settings.published, settings.scratch))
        rules, code = transform.project_fingerprint(), version("selfaudit")
        new = publications.record(connection, settings.published, written, chain, rules, code)
        for month in sorted(months):
            written.append(write_partition(connection, "publications", month, settings.published, settings.scratch))
        restated = sum(e.version > 1 for e in new)
        progress(f"{len(written)} partitions written" + (f", {restated} of them in a new version" if restated else ""))
        write_snapshot(connection, settings.published_database, settings.scratch, columns)
        for month in sorted({e.review_month for e in new}):
            write_pack(connection, settings.published, settings.scratch, month)
    publish_for_people(settings, months, progress)
    made = months_done(settings)
    with connect(settings) as connection:
        forget_pending(connection, months, made)
    return written


def _published_chain(settings: Settings) -> list[publications.Entry]:
    """The chain as readers know it: where the warehouse was deleted, the record goes on and does not begin anew."""
    if not settings.published_database.is_file():
        return []
    with closing(connect_file(settings.published_database)) as published:
        return publications.read_chain(published)


def publish_for_people(settings: Settings, months: Sequence[str], progress: Progress = silent) -> list[Path]:
    """Workbooks and pages of the months and the index, made from the published DuckDB file and nothing else."""
    from pipelines.publish.workbooks import write_workbooks
    from pipelines.report.pages import write_pages

    with closing(connect_file(settings.published_database)) as published:
        books = write_workbooks(published, months, settings.published, settings.scratch)
        progress(f"{len(books)} workbooks written")
        pages = write_pages(published, months, settings.published, settings.scratch)
        progress(f"{len(pages)} pages written")
        calendar = _write_icalendar(published, settings)
    return [*books, *pages, calendar]


def _write_icalendar(published: duckdb.DuckDBPyConnection, settings: Settings) -> Path:
    """What waits for somebody, for the calendar program of whoever reviews: published/reviews.ics."""
    names = ("activity", "output", "period", "contract_number", "due_on", "state")
    rows = published.execute(f"select {', '.join(names)} from calendar.review_calendar order by all").fetchall()
    stamp = published.execute("select max(produced_at) from calendar.review_calendar").fetchall()[0][0]
    part, target = settings.scratch / "reviews.ics", settings.published / "reviews.ics"
    text = due_as_icalendar([dict(zip(names, row, strict=True)) for row in rows], stamp)
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(target)
    return target


def months_done(settings: Settings) -> list[str]:
    """Months that the warehouse already holds results of."""
    if not settings.warehouse.is_file():
        return []
    with connect(settings) as connection:
        known = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'calendar' and table_name = 'rule_runs'"
        ).fetchall()[0][0]
        if not known:
            return []
        rows = connection.execute("select distinct review_month from calendar.rule_runs order by 1").fetchall()
    return [month for (month,) in rows]
