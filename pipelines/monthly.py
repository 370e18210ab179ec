"""A run over a set of months, step by step, without Dagster: ingest, transform, publish.

Each function is one step; `pipelines/defs` wires the same functions as assets, `pipelines/commands/run.py` calls them one after the other. Holds no SQL of rules and reads no clock.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import duckdb

from pipelines import machine, transform
from pipelines.batches import Batch, share_out
from pipelines.calendar.signoff import due_as_icalendar
from pipelines.contracts import INPUTS
from pipelines.failures import unmade
from pipelines.failures.former_rows import Place, drop_other_columns, put_back_rows
from pipelines.failures.graph import Graph, read_graph
from pipelines.failures.mend import PUBLISHED, Built, Mender
from pipelines.failures.spared import Spared
from pipelines.failures.stubs import remember_columns
from pipelines.failures.unmade import Unmade, with_former
from pipelines.ingest.changes import find_changes, take_back
from pipelines.ingest.files import REFERENCE_DROP, drops_with_files, list_drops
from pipelines.ingest.fingerprints import (
    forget_batches,
    forget_pending,
    remember_batches,
    remember_pending,
)
from pipelines.ingest.load import LandingReport, load_landing
from pipelines.ingest.predicate import ensure_predicate_schema, evaluate_predicates
from pipelines.ingest.reference import ensure_reference_schema, forget_other_months, resolve_reference
from pipelines.ingest.schema import RUN_MONTH, ensure_schema
from pipelines.ingest.strays import strays
from pipelines.partitions import VARIANT, as_of, horizons, month_of, shift, variant_key
from pipelines.publish import publications
from pipelines.publish.datasets import Written, existing_outputs, write_partition
from pipelines.publish.former import put_back_unless_whole
from pipelines.publish.packs import write_pack
from pipelines.publish.snapshot import write_snapshot
from pipelines.publish.versions import EVENT_INPUTS, Publication, Stage, forget_variants, publish_stages
from pipelines.publish.workbooks.processes import SecondWriter, second_writer, write_all
from pipelines.quality.judge import begin_judging
from pipelines.quality.verdict import Verdict, refuse_if_critical, store_verdicts
from pipelines.settings import SEEDS, Settings
from pipelines.warehouse import connect, connect_file, insert_rows, transaction

Progress = Callable[[str], None]
# The steps of a run, by the names that Dagster shows too.
INGEST, TRANSFORM, PUBLISH = "ingest_landing", "dbt_models", "publish_months"
ANOTHER_FILE = "Export the file again, or take it away, and run the same command."
# Inside the state folder: the fingerprint of the models that made what is in the warehouse.
RULES = "rules_fingerprint"
# Bytes of an exported event row, about, for files that were not read yet.
BYTES_OF_ROW = 120
# Later drops that may restate a month, where the company's rule_parameters say nothing. Source: shared specification, rules, "Parameters".
RESTATE_MONTHS = 2


def _judge(
    scratch: Path, con: duckdb.DuckDBPyConnection, drop: str, tables: Mapping[str, str]
) -> Callable[[], list[Verdict]]:
    pending = begin_judging(con, drop, tables, scratch=scratch)

    def verdicts() -> list[Verdict]:
        found = pending()
        refuse_if_critical(found)
        return found

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
    """Load every drop that the months use (unchanged ones are skipped), resolve the reference tables, set the months of the run and their variants.

    today: the clock of the review calendar; None = the end of the latest drop, so that the same files give the same bytes.
    """
    with connect(settings) as connection:
        with transaction(connection):  # one commit; each costs a flush to disk
            ensure_schema(connection)
            ensure_reference_schema(connection)
            ensure_predicate_schema(connection)
        if transform.has_results(connection):
            forget_variants(connection)  # of a run that was killed
        remember_pending(connection, sorted(months), touches_later=False)
        # A pack is written where the month has a new version, or where it failed: publishing knows that from the record.
        unmade.forget(connection, months, [k for k in unmade.KINDS if k != unmade.PACK])
        report = LandingReport()
        last = shift(max(months), RESTATE_MONTHS)
        while True:
            drops = [d for d in list_drops(settings.landing) if d <= last]
            report.add(
                load_landing(
                    connection,
                    settings.landing,
                    drops,
                    settings.scratch,
                    progress=progress,
                    judge=partial(_judge, settings.scratch),
                    store=store_verdicts,
                )
            )
            needed = max(shift(m, restate_months(connection, m)) for m in months)
            if needed <= last:
                break
            last = needed
        there = drops_with_files(settings.landing)
        clock = today or as_of(max([*there, *months]))
        connection.execute("insert into raw.run_info values ('today', ?)", [clock.isoformat()])
        chain = _chain(settings, connection)
        for month in {*publications.restated_months(chain), *settings.restated}:
            connection.execute("insert into raw.run_info values ('restated', ?)", [month])
        warnings = _set_months(settings, connection, months)
        failed = connection.execute(
            "select drop, path, input, reason from raw.failed_input where list_contains(?, drop) order by all",
            [list(months)],
        ).fetchall()
        unmade.remember(
            connection,
            [
                Unmade(
                    drop,
                    unmade.INPUT,
                    f"{drop}/{path}",
                    f"{drop}/{path}" + (f" ({name})" if name else ""),
                    reason,
                    None,
                    ANOTHER_FILE,
                )
                for drop, path, name, reason in failed
            ],
        )

    return IngestResult(report, warnings)


def _set_months(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[str]:
    """Set the warehouse to these months: the reference tables as each has them, its variants, raw.run_month. Returns the warnings of the tables."""
    there = drops_with_files(settings.landing)
    chain = _chain(settings, connection)
    keys = _keys(connection, months, there, chain)
    warnings = _resolve(connection, keys, there)
    warnings += evaluate_predicates(connection, [s.key for s in keys])
    rows = [[s.key, as_of(month_of(s.key)), month_of(s.key), s.horizon] for s in keys]
    connection.execute("delete from raw.run_month")
    insert_rows(connection, "raw.run_month", RUN_MONTH, rows)
    return warnings


def begin_batches(settings: Settings, months: Sequence[str], anew: bool, progress: Progress = silent) -> None:
    """Before the first of several batches: remember all their months, so that a run that is ended goes on after those that it published.

    months: those of all batches of the run; without any the run is not one of batches, and none is remembered. anew: nothing of them is published yet.
    Where the rules changed every result is dropped here, since a batch alone does not make all of them again. Raises RulesChangedError.
    """
    with connect(settings) as connection:
        if anew:
            remember_batches(connection, months)
        if months and rules_changed(settings):
            _forget_results(connection)
            progress("the rules changed since the last run; every month is made again")
            (settings.state / RULES).write_text(transform.project_fingerprint())


def begin_batch(settings: Settings, months: Sequence[str]) -> None:
    """Set the warehouse to some of the months that `ingest` was called with: those that are built and published next."""
    with connect(settings) as connection:
        if transform.has_results(connection):
            forget_variants(connection)
        remember_pending(connection, sorted(months), touches_later=False)
        _set_months(settings, connection, months)


def batches_of(settings: Settings) -> list[Batch]:
    """The months that the warehouse is set to, in batches that fit the memory limit and the disk. Raises TooLittleDiskError."""
    with connect(settings) as connection:
        asked = connection.execute("select review_month, drop_month, horizon from raw.run_month").fetchall()
        told = _event_rows(connection)
    # The variant of a month that is not in the run itself is asked for the month after it.
    finals = [key for key, _, _ in asked if key == month_of(key)]
    rows = dict.fromkeys(finals, 0)
    for _, month, horizon in asked:
        rows[month if month in rows else shift(month, 1)] += sum(n for drop, n in told.items() if drop <= horizon)
    return share_out(rows, settings.memory_bytes, machine.free_disk(settings.scratch))


def expected_batches(settings: Settings, months: Sequence[str]) -> list[Batch]:
    """As `batches_of`, before the drops are read: what is not loaded yet is estimated by the size of its files. Raises TooLittleDiskError."""
    there = drops_with_files(settings.landing)
    with connect(settings) as connection:
        ensure_schema(connection)
        told = _event_rows(connection)
        reach = {m: restate_months(connection, m) for m in months}
    told |= {d: _size(settings.landing / d) // BYTES_OF_ROW for d in there if d not in told}
    rows = {
        m: sum(n for h in horizons(m, there, reach[m]) for drop, n in told.items() if drop <= h) for m in sorted(months)
    }
    return share_out(rows, settings.memory_bytes, machine.free_disk(settings.scratch))


def _event_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Loaded event rows of each drop."""
    counts = " union all ".join(
        f"select _drop, count(*) as event_rows from {INPUTS[name].table} group by all" for name in EVENT_INPUTS
    )
    rows = connection.execute(f"select _drop, sum(event_rows) from ({counts}) group by all").fetchall()
    return {drop: int(n) for drop, n in rows}


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _resolve(connection: duckdb.DuckDBPyConnection, keys: list[Stage], drops: Sequence[str]) -> list[str]:
    """Resolve the reference tables of every key, and add a variant of each month for each kind of change since the month before, without it."""
    finals = {s.key: s.horizon for s in keys if s.key == month_of(s.key)}
    # What changed is asked where there is a month before to be held against.
    followed = [m for m in finals if any(d < m for d in drops)]
    warnings = resolve_reference(connection, [*(s.key for s in keys), *(shift(m, -1) for m in followed)])
    changes = find_changes(connection, followed)
    take_back(connection, changes)
    keys += [Stage(c.key, finals[c.month]) for c in changes]
    forget_other_months(connection, [s.key for s in keys])
    return warnings


def restate_months(connection: duckdb.DuckDBPyConnection, month: str) -> int:
    """How many later drops may restate the month: the company's parameter that holds at its end, the drop's own copy first."""
    found = connection.execute(
        "select try_cast(value as integer) from raw.ref_rule_parameters where rule_id = 'foundations' and parameter = 'restate_months' "
        "and _drop in (?, 'reference') and coalesce(valid_from, ?) <= ? and coalesce(valid_to, ?) >= ? "
        "order by _drop = 'reference', valid_from desc nulls last limit 1",
        [month, *[as_of(month)] * 4],
    ).fetchall()
    return max(0, int(found[0][0])) if found and found[0][0] is not None else RESTATE_MONTHS


def _keys(
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    drops: Sequence[str],
    chain: Sequence[publications.Entry],
) -> list[Stage]:
    """What a run asks: each month as it stands, and those of its earlier versions that were never published.

    The history of an earlier version is that of the month before as the same drop told it. Where that month is not in the run, its variant is asked too
    and published of nothing, so that the version comes out the same whichever months are made together.
    """
    known = dict(connection.execute("select review_month, horizon from raw.published_month").fetchall())
    keys = []
    for month in sorted(months):
        *earlier, final = horizons(month, drops, restate_months(connection, month))
        reached = max(filter(None, [known.get(month), publications.published_horizon(chain, month)]), default="")
        asked = [horizon for horizon in earlier if horizon > reached]
        before = shift(month, -1)
        if before in drops and before not in months:
            told = horizons(before, drops, restate_months(connection, before))[:-1]
            keys += [Stage(variant_key(before, horizon), horizon) for horizon in asked if horizon in told]
        keys += [Stage(variant_key(month, horizon), horizon) for horizon in asked]
        keys.append(Stage(month, final))
    return keys


class RulesChangedError(RuntimeError):
    """The models are not those that made the earlier months; the message says what to run."""


def rules_changed(settings: Settings) -> bool:
    """Whether results of other models lie in the warehouse: an update of the software, or an edited rule."""
    known = settings.state / RULES
    return settings.warehouse.is_file() and known.is_file() and known.read_text() != transform.project_fingerprint()


def build(settings: Settings, progress: Progress = silent) -> Built:
    """The dbt call for the months of the run. What cannot be made is in the result and in the record; its rows in the warehouse are those of the former publication.

    Where the models changed since the last run, everything derived is made anew, which takes all months: raises RulesChangedError otherwise. The chain of
    publications stays; what differs becomes the next version of its month. Raises TransformError if nothing can be made.
    """
    graph = read_graph(transform.prepare_manifest(settings), _subjects())
    published = [(s, m) for m, s in graph.schema.items() if s in PUBLISHED]
    with connect(settings) as connection:
        drop_other_columns(connection, graph.columns, published)
    if rules_changed(settings):
        with connect(settings) as connection:
            _forget_results(connection)
        progress("the rules changed since the last run; every month is made again")

    def set_months(months: Sequence[str]) -> None:
        with connect(settings) as connection:
            _set_months(settings, connection, months)

    built = Mender(settings, graph, set_months, progress).build()
    if built.unmade:
        with connect(settings) as connection:
            _keep_former(settings, connection, graph, built.unmade)
    settings.state.mkdir(parents=True, exist_ok=True)
    (settings.state / RULES).write_text(transform.project_fingerprint())
    return built


def _subjects() -> dict[str, str]:
    """Rule → what it counts, of the rule catalogue."""
    with (SEEDS / "rule_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        return {row["rule_id"]: row["subject"] for row in csv.DictReader(handle)}


def _keep_former(
    settings: Settings, connection: duckdb.DuckDBPyConnection, graph: Graph, found: Sequence[Unmade]
) -> None:
    """The rows of the former publication in the place of what was not made, and the record of it."""
    places: dict[str, list[Place]] = {}
    for one in found:
        if one.kind in PUBLISHED.values():
            places.setdefault(one.review_month, []).append((graph.schema[one.name], one.name))
    for month, unmade_places in sorted(places.items()):
        put_back_rows(connection, settings.published_database, unmade_places, [month], graph.columns)
    unmade.remember(connection, with_former(found, _chain(settings, connection)))


def _forget_results(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every table and view that dbt made, whatever its columns were. Raises RulesChangedError if the run does not make all of them again."""
    kept = (
        transform.has_results(connection)
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
    remember_columns(connection)
    for schema in ("staging", "intermediate", "rules", "marts"):
        connection.execute(f"drop schema if exists {schema} cascade")
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'calendar' and table_name <> 'publications'"
    ).fetchall():
        connection.execute(f'drop table calendar."{table}"')


def publish(settings: Settings, months: Sequence[str], progress: Progress = silent) -> list[Written]:
    """Publish the months; where that fails the former publication is put back, file by file."""
    with put_back_unless_whole(settings.published, settings.state / "former", months), second_writer() as second:
        return _publish(settings, months, progress, second)


def _publish(settings: Settings, months: Sequence[str], progress: Progress, second: SecondWriter) -> list[Written]:
    """Write every output of every month of the run as Parquet and CSV, record it in the chain of publications, make the evidence packs, swap in the DuckDB
    file, then make workbooks and pages from it. A file that fails is left out, with what depends on it."""
    with connect(settings) as connection:
        spared = Spared(unmade.read(connection))
        stages = _stages(connection)
        done, written = _write_outputs(settings, connection, months, stages, spared)
        restated = sum(e.version > 1 and e.rows_added + e.rows_removed + e.rows_changed > 0 for e in done.entries)
        progress(f"{len(written)} partitions written" + (f", {restated} new versions" if restated else ""))
        failed_before = {u.review_month for u in spared.known if u.kind == unmade.PACK} & set(months)
        unmade.forget(connection, months, [unmade.PACK])
        for month in sorted({e.review_month for e in done.entries} | failed_before):
            with spared.part(unmade.PACK, f"packs/{month}.zip", month, "the writer of evidence packs"):
                write_pack(connection, settings.published, settings.scratch, month)
        unmade.remember(connection, spared.unmade)
        _snapshot(settings, connection)
    _publish_for_people(settings, months, progress, second)
    made = months_done(settings)
    with connect(settings) as connection:
        for month, asked in stages.items():
            connection.execute("delete from raw.published_month where review_month = ?", [month])
            connection.execute("insert into raw.published_month values (?, ?)", [month, asked[-1].horizon])
        reach = max((restate_months(connection, m) for m in made), default=RESTATE_MONTHS)
        # A month that lacks something waits for the next run, also if nothing in its drop changes.
        whole = set(months) - {u.review_month for u in unmade.read(connection)}
        forget_pending(connection, sorted(whole), made, reach)
        forget_batches(connection, months)
    return written


def _write_outputs(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    stages: Mapping[str, Sequence[Stage]],
    spared: Spared,
) -> tuple[Publication, list[Written]]:
    """The partitions of the months and their entries of the chain. An output that fails has the rows of its former publication afterwards, and is in `spared`."""
    outputs = [o for o in existing_outputs(connection) if o not in publications.NOT_VERSIONED]
    chain = _chain(settings, connection)
    for month in months:
        made = [o for o in outputs if (o, month) not in spared.missing(unmade.OUTPUT)]
        publications.keep_former(settings.published, chain, made, [month])
    rules, code = transform.project_fingerprint(), version("selfaudit")
    done = publish_stages(connection, settings.published, settings.scratch, stages, outputs, chain, rules, code, spared)
    forget_variants(connection)
    graph = read_graph(transform.prepare_manifest(settings), _subjects()) if spared.unmade else None
    for one in spared.unmade:
        assert graph is not None
        put_back_rows(
            connection, settings.published_database, [("calendar", one.name)], [one.review_month], graph.columns
        )
    spared.unmade = with_former(spared.unmade, chain)
    entries = [e for e in [*chain, *done.entries] if e.review_month in stages]
    _number_reviews(connection, entries, spared.missing(unmade.OUTPUT))
    written = list(done.written)
    for output in sorted(publications.NOT_VERSIONED):
        for month in sorted(months):
            name = f"{output}/review_month={month}"
            with spared.part(unmade.FILE, name, month, "the writer of its files"):
                written.append(write_partition(connection, output, month, settings.published / name, settings.scratch))
    return done, written


def _snapshot(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    columns = transform.model_columns(settings)
    columns += [("calendar", "publications", publications.ABOUT, c, d) for c, d in publications.DESCRIPTIONS.items()]
    columns += [("meta", "not_made", unmade.ABOUT, c, d) for c, d in unmade.DESCRIPTIONS.items()]
    write_snapshot(connection, settings.published_database, settings.scratch, columns)


def _stages(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Stage]]:
    """Per month of the run its versions in order, the month as it stands last. Variants without a change are no versions, nor are those of other months."""
    found: dict[str, list[Stage]] = {}
    rows = connection.execute(
        f"select review_month, horizon from raw.run_month where review_month in (drop_month, drop_month || '{VARIANT}' || horizon) "
        "and drop_month in (select review_month from raw.run_month) "
        "order by review_month = drop_month, horizon, review_month"
    ).fetchall()
    for key, horizon in rows:
        found.setdefault(month_of(key), []).append(Stage(key, horizon))
    return found


def _number_reviews(
    connection: duckdb.DuckDBPyConnection, chain: Sequence[publications.Entry], missing: Collection[tuple[str, str]]
) -> None:
    """Which version of its output each review of the calendar shows. missing: (output, month) that were not made: without an earlier version there is nothing to review."""
    numbers = {(e.output, e.review_month): e.version for e in chain}
    for output, month in sorted(set(missing) - numbers.keys()):
        connection.execute(
            "update calendar.review_calendar set publication_version = null, produced_at = null, "
            "state = case when state = 'produced' then 'due' else state end where output = ? and review_month = ?",
            [output, month],
        )
    for (output, month), number in numbers.items():
        connection.execute(
            "update calendar.review_calendar set publication_version = ? where output = ? and review_month = ? and publication_version <> ?",
            [number, output, month, number],
        )


def _chain(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[publications.Entry]:
    """The record of publications; connection: the warehouse."""
    return publications.read_chain(connection) or _published_chain(settings)


def _published_chain(settings: Settings) -> list[publications.Entry]:
    """The chain as readers know it: where the warehouse was deleted, the record goes on and does not begin anew."""
    if not settings.published_database.is_file():
        return []
    with closing(connect_file(settings.published_database)) as published:
        return publications.read_chain(published)


def _publish_for_people(settings: Settings, months: Sequence[str], progress: Progress, second: SecondWriter) -> None:
    """Workbooks and pages of the months and the index, made from the published DuckDB file and nothing else. What fails is in the record of that file too."""
    from pipelines.report.pages import write_pages

    database = settings.published_database
    with closing(connect_file(database)) as published:
        spared = Spared(unmade.read(published, "meta.not_made"))
        books = write_all(published, database, months, settings.published, settings.scratch, second, spared)
        progress(f"{len(books)} workbooks written")
    _note(settings, spared)
    with closing(connect_file(database)) as published:
        spared = Spared(unmade.read(published, "meta.not_made"))
        not_read = [stray.sentence() for stray in strays(settings.landing)]
        pages = write_pages(published, months, settings.published, settings.scratch, spared, not_read)
        progress(f"{len(pages)} pages written")
        with spared.part(unmade.FILE, "reviews.ics", max(months), "the writer of the calendar file"):
            _write_icalendar(published, settings)
    _note(settings, spared)


def _note(settings: Settings, spared: Spared) -> None:
    """Add to the record what failed since the DuckDB file was written, there too."""
    if spared.unmade:
        with connect(settings) as connection:
            unmade.remember(connection, spared.unmade)
            _snapshot(settings, connection)


def _write_icalendar(published: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What waits for somebody, for the calendar program of whoever reviews: published/reviews.ics."""
    names = ("activity", "output", "period", "contract_number", "due_on", "state")
    rows = published.execute(f"select {', '.join(names)} from calendar.review_calendar order by all").fetchall()
    stamp = published.execute("select max(produced_at) from calendar.review_calendar").fetchall()[0][0]
    part, target = settings.scratch / "reviews.ics", settings.published / "reviews.ics"
    text = due_as_icalendar([dict(zip(names, row, strict=True)) for row in rows], stamp)
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(target)


def months_restated_by(settings: Settings, drops: Sequence[str]) -> list[str]:
    """Months whose published version does not use the event rows of these drops yet, though it may."""
    if not settings.warehouse.is_file():
        return []
    with connect(settings) as connection:
        ensure_schema(connection)
        known = connection.execute("select review_month, horizon from raw.published_month").fetchall()
        return sorted(
            m for m, reached in known if any(reached < d <= shift(m, restate_months(connection, m)) for d in drops)
        )


def months_done(settings: Settings) -> list[str]:
    """Months that the warehouse already holds results of."""
    if not settings.warehouse.is_file():
        return []
    with connect(settings) as connection:
        if not transform.has_results(connection):
            return []
        rows = connection.execute(
            f"select distinct review_month from calendar.rule_runs where not contains(review_month, '{VARIANT}') order by 1"
        ).fetchall()
    return [month for (month,) in rows]
