"""The third step of a run: partitions, record, evidence packs, DuckDB file, workbooks and pages of its months. Makes no row of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from importlib.metadata import version

import duckdb

from pipelines import transform
from pipelines.calendar.signoff import due_as_icalendar
from pipelines.failures import unmade
from pipelines.failures.former_rows import put_back_rows
from pipelines.failures.graph import read_graph
from pipelines.failures.spared import Spared
from pipelines.failures.unmade import with_former
from pipelines.ingest.fingerprints import forget_batches, forget_pending
from pipelines.ingest.strays import strays
from pipelines.partitions import VARIANT, month_of
from pipelines.publish import publications
from pipelines.publish.datasets import Written, existing_outputs, write_partition
from pipelines.publish.former import put_back_unless_whole
from pipelines.publish.packs import write_pack
from pipelines.publish.snapshot import write_snapshot
from pipelines.publish.versions import Publication, Stage, forget_variants, publish_stages
from pipelines.publish.workbooks.processes import SecondWriter, second_writer, write_all
from pipelines.run.models import subjects
from pipelines.run.months import RESTATE_MONTHS, chain_of, months_done, restate_months
from pipelines.run.progress import Progress, silent
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file


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
    chain = chain_of(settings, connection)
    for month in months:
        made = [o for o in outputs if (o, month) not in spared.missing(unmade.OUTPUT)]
        publications.keep_former(settings.published, chain, made, [month])
    rules, code = transform.project_fingerprint(), version("selfaudit")
    done = publish_stages(connection, settings.published, settings.scratch, stages, outputs, chain, rules, code, spared)
    forget_variants(connection)
    graph = read_graph(transform.prepare_manifest(settings), subjects()) if spared.unmade else None
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
