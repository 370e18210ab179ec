"""The third step of a run: partitions, record, evidence packs, DuckDB file, workbooks and pages of its months. Makes no
row of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from importlib.metadata import version

import duckdb

from pipelines.failures import omissions
from pipelines.failures.isolation import Spared
from pipelines.failures.omissions import with_previous
from pipelines.ingest.landing.files import drops_with_files
from pipelines.ingest.landing.fingerprints import forget_batches, forget_pending
from pipelines.ingest.landing.strays import strays
from pipelines.partitions import VARIANT, month_of
from pipelines.publish import publications
from pipelines.publish.claim_pack import ANSWERS, EVIDENCE, write_claim_pack
from pipelines.publish.data_contracts import write_contracts
from pipelines.publish.datasets import Written, existing_outputs, write_mart, write_partition
from pipelines.publish.packs import keep_reference, write_pack
from pipelines.publish.places import files_folder, move_opened, partition_folder
from pipelines.publish.rollback import put_back_unless_whole
from pipelines.publish.shown import Shown
from pipelines.publish.snapshot import write_snapshot
from pipelines.publish.veil.veil import own_tables
from pipelines.publish.versions import Publication, Stage, forget_variants, publish_stages
from pipelines.publish.work_files import FOLDER as DO
from pipelines.publish.work_files import write_work_files
from pipelines.publish.workbooks import reviewers
from pipelines.publish.workbooks.parallel import SecondWriter, WorkbookError, second_writer, write_all
from pipelines.publish.workbooks.write import books_of, path_of
from pipelines.reference.retention import PERSONS, WORK
from pipelines.resources.modes import GROUP, only_for
from pipelines.reviews.sign_off import due_as_icalendar
from pipelines.run import basis, dbt_call, discretion, parts, privacy
from pipelines.run.basis import Basis
from pipelines.run.bring_back import bring_back_months
from pipelines.run.carry_over import put_back_rows
from pipelines.run.dbt_graph import read_graph
from pipelines.run.models import subjects
from pipelines.run.months import RESTATE_MONTHS, chain_of, months_done, restate_months
from pipelines.run.parts import Plan
from pipelines.run.progress import Progress, silent
from pipelines.run.statements import Statements, read_statements
from pipelines.settings import DBT_PROJECT, LATEST, Settings
from pipelines.warehouse import connect, connect_file, insert_rows

# The output that says whether a month is restated, which a new version of any other may change.
OF_STATE = "licence_position"
# The outputs that the archive of answers to claims is made of.
CLAIMS = {ANSWERS, EVIDENCE}
# The schemas of the tables that are published.
PUBLISHED_SCHEMAS = ("calendar", "marts")


def publish(
    settings: Settings,
    months: Sequence[str],
    progress: Progress = silent,
    plan: Plan | None = None,
    asked: Sequence[str] = (),
) -> list[Written]:
    """Publish the months; where that fails the previous publication is put back, file by file.

    plan: what was made of them and why; without one it is all of it, asked for by name. asked: other months of the run,
    which stand as they are; their workbooks and pages are looked at too.
    """
    plan = plan or Plan(tuple(months), known=read_statements())
    many, every = plan.models is None, sorted({*months, *asked})
    move_opened(settings.published)
    with put_back_unless_whole(settings.published, settings.state / "former", every), second_writer(many) as second:
        return _publish(settings, months, progress, second, plan, every)


def publish_nothing(settings: Settings, months: Sequence[str], known: Statements) -> None:
    """Where nothing that is published stands on what changed: the published file gets the register of the files that
    lie there now, and the months wait for nothing more.
    """
    move_opened(settings.published)
    with connect(settings) as connection:
        differ = parts.refresh_registers(connection, known)
        names = privacy.cover(settings, connection, ())
        if differ:
            _snapshot(settings, connection, parts.REGISTERS, names)
        remembered = dict(connection.execute("select path, sha256 from raw.shown").fetchall())
    if differ:  # a table of the company's that was refused, or is whole again, is told on every page
        with (
            put_back_unless_whole(settings.published, settings.state / "former", months),
            second_writer(False) as second,
        ):
            shown = _publish_for_people(settings, months, silent, second, remembered)
        with connect(settings) as connection:
            _remember_shown(connection, shown)
    settle(settings, months)


def settle(settings: Settings, months: Sequence[str]) -> None:
    """After the last publication of a run: its months wait for nothing more, those too that it did not need to make."""
    made = months_done(settings)
    with connect(settings) as connection:
        _settle(connection, months, made)


def _settle(connection: duckdb.DuckDBPyConnection, months: Sequence[str], made: Sequence[str]) -> None:
    """Forget what these months waited for. A month that lacks something waits for the next run, also if nothing in its
    drop changes.
    """
    reach = max((restate_months(connection, m) for m in made), default=RESTATE_MONTHS)
    whole = set(months) - {u.review_month for u in omissions.read(connection)}
    forget_pending(connection, sorted(whole), made, reach)


def _publish(
    settings: Settings,
    months: Sequence[str],
    progress: Progress,
    second: SecondWriter,
    plan: Plan,
    every: Sequence[str],
) -> list[Written]:
    """Write every output of every month of the run as Parquet and CSV, record it in the chain of publications, make the
    evidence packs, swap in the DuckDB file, then make workbooks and pages from it. A file that fails is left out, with
    what depends on it.
    """
    settings.published.mkdir(parents=True, exist_ok=True)
    only_for(settings.published, GROUP)
    with connect(settings) as connection:
        spared = Spared(omissions.read(connection))
        _close_other_months(settings, connection, months)
        stages = _stages(connection)
        known = plan.known
        if known is not None and plan.models is not None:
            parts.refresh_registers(connection, known)
        names = privacy.cover(settings, connection, plan.models)
        done, written = _write_outputs(settings, connection, months, stages, spared, plan)
        if known is not None:
            parts.keep(connection, known, months)
        restated = sum(e.version > 1 and e.rows_added + e.rows_removed + e.rows_changed > 0 for e in done.entries)
        progress(f"{len(written)} partitions written" + (f", {restated} new versions" if restated else ""))
        failed_before = {u.review_month for u in spared.known if u.kind == omissions.PACK} & set(months)
        omissions.forget(connection, months, [omissions.PACK])
        for month in sorted({e.review_month for e in done.entries} | failed_before):
            with spared.part(omissions.PACK, f"packs/{month}.zip", month, "the writer of evidence packs"):
                write_pack(connection, settings.published, settings.scratch, month, names or list)
        for month in sorted({e.review_month for e in done.entries if e.output in CLAIMS} | failed_before):
            with spared.part(omissions.PACK, f"claims/{month}.zip", month, "the writer of answers to claims"):
                write_claim_pack(
                    connection,
                    settings.named if names else settings.published,
                    settings.scratch,
                    month,
                    own_tables(connection) if names else {},
                )
        omissions.remember(connection, spared.unmade)
        whole = sorted(set(months) - {u.review_month for u in omissions.read(connection)})
        found = _basis_of(settings, connection, months, plan)
        parts.remember(connection, whole, plan)
        chain = publications.read_chain(connection)
        if back := bring_back_months(connection, settings.published_database, chain, months):
            progress(f"{', '.join(back)}: the warehouse did not hold them; they stand as they were published")
        _snapshot(settings, connection, None if back else _tables_of(plan), names)
        remembered = dict(connection.execute("select path, sha256 from raw.shown").fetchall())
    shown = _publish_for_people(settings, every, progress, second, remembered)
    made = months_done(settings)
    with connect(settings) as connection:
        # Last of all: what is not published to its end is made again.
        lacking = {u.review_month for u in omissions.read(connection)}
        basis.store(connection, {m: b for m, b in found.items() if m not in lacking})
        _remember_shown(connection, shown)
        for month, asked in stages.items():
            connection.execute("delete from raw.published_month where review_month = ?", [month])
            connection.execute("insert into raw.published_month values (?, ?)", [month, asked[-1].horizon])
        _settle(connection, months, made)
        forget_batches(connection, months)
    return written


def _close_other_months(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Put the published rows back of other months that are open (`pipelines.run.selected`): the DuckDB file would have
    what was made of them, the other files not. They wait to be made.
    """
    opened = {m: one for m, one in basis.read_open(connection).items() if m not in months}
    if not any(one.made for one in opened.values()):
        return
    graph = read_graph(dbt_call.prepare_manifest(settings), subjects())
    for month, one in sorted(opened.items()):
        places = [(graph.schema[n], n) for n in one.made if graph.schema.get(n) in PUBLISHED_SCHEMAS]
        put_back_rows(connection, settings.published_database, places, [month], graph.columns)
    basis.forget(connection, list(opened))


def _basis_of(
    settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str], plan: Plan
) -> dict[str, Basis]:
    """What the months stand on, now that they may have become restated; nothing where the statements of the models are
    not known.
    """
    if plan.known is None:
        return {}
    called = publications.restated_months(chain_of(settings, connection))
    now = {m: b for m, b in plan.now.items() if m in months}
    now = now or basis.basis_of(connection, plan.known, sorted(months), called, settings.engine)
    return basis.with_restated(now, connection, called)


def _write_outputs(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    stages: Mapping[str, Sequence[Stage]],
    spared: Spared,
    plan: Plan,
) -> tuple[Publication, list[Written]]:
    """The partitions of the months and their entries of the chain. An output that fails has the rows of its former
    publication afterwards, and is in `spared`.
    """
    outputs = [
        o
        for o in existing_outputs(connection)
        if o not in publications.NOT_VERSIONED and (plan.outputs is None or o in {*plan.outputs, OF_STATE})
    ]
    chain = chain_of(settings, connection)
    for month in months:
        made = [o for o in outputs if (o, month) not in spared.missing(omissions.OUTPUT)]
        publications.keep_previous(settings.published, chain, made, [month])
    rules, code = dbt_call.project_fingerprint(), version("selfaudit")
    done = publish_stages(connection, settings.published, settings.scratch, stages, outputs, chain, rules, code, spared)
    forget_variants(connection)
    graph = read_graph(dbt_call.prepare_manifest(settings), subjects()) if spared.unmade else None
    for one in spared.unmade:
        assert graph is not None
        put_back_rows(
            connection, settings.published_database, [("calendar", one.name)], [one.review_month], graph.columns
        )
    spared.unmade = with_previous(spared.unmade, chain)
    entries = [e for e in [*chain, *done.entries] if e.review_month in stages]
    _number_reviews(connection, entries, spared.missing(omissions.OUTPUT))
    written = list(done.written)
    for output in sorted(publications.NOT_VERSIONED):
        for month in sorted(months):
            folder = partition_folder(settings.published, output, month)
            name = str(folder.relative_to(settings.published))
            with spared.part(omissions.FILE, name, month, "the writer of its files"):
                opened = files_folder(settings.published, month)
                written.append(write_partition(connection, output, month, folder, settings.scratch, opened))
    _write_marts(settings, connection, months, spared, plan)
    return done, written


def _write_marts(
    settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str], spared: Spared, plan: Plan
) -> None:
    """The marts of the months as Parquet, those that the plan made."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' and database_name = current_database() "
        "order by 1"
    ).fetchall()
    for (mart,) in rows:
        for month in sorted(months):
            if plan.models is None or mart in plan.models:
                folder = partition_folder(settings.published, mart, month)
                name = str(folder.relative_to(settings.published))
                with spared.part(omissions.FILE, name, month, "the writer of its files"):
                    write_mart(connection, mart, month, folder, settings.scratch)


def _tables_of(plan: Plan) -> set[str] | None:
    """The published tables that the models of the plan write, and those that publishing itself does; None for all."""
    if plan.models is None:
        return None
    return {*plan.models, *parts.REGISTERS, *publications.NOT_VERSIONED, OF_STATE}


def write_published_file(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """The DuckDB file for readers anew, with everything that the warehouse holds."""
    _snapshot(settings, connection, names=privacy.cover(settings, connection, ()))


def show_again(settings: Settings, months: Sequence[str], progress: Progress = silent) -> None:
    """After rows of published months were changed in the warehouse: the DuckDB file, and the workbooks and pages of
    these months that show something else now.
    """
    with connect(settings) as connection:
        names = privacy.cover(settings, connection, ())
        _snapshot(settings, connection, names=names)
        remembered = dict(connection.execute("select path, sha256 from raw.shown").fetchall())
    with second_writer() as second:
        shown = _publish_for_people(settings, months, progress, second, remembered)
    with connect(settings) as connection:
        _remember_shown(connection, shown)


def _snapshot(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    only: Collection[str] | None = None,
    names: privacy.Cover | None = None,
) -> None:
    columns = dbt_call.model_columns(settings)
    columns += [("calendar", "publications", publications.ABOUT, c, d) for c, d in publications.DESCRIPTIONS.items()]
    columns += [("meta", "not_made", omissions.ABOUT, c, d) for c, d in omissions.DESCRIPTIONS.items()]
    columns += [("meta", "last_made", parts.ABOUT, c, d) for c, d in parts.DESCRIPTIONS.items()]
    keep_reference(connection, settings.named if names else settings.published, settings.landing)
    made_by = f"{version('selfaudit')} {dbt_call.project_fingerprint()}"
    write_contracts(DBT_PROJECT / "models", settings.published, version("selfaudit"), made_by)
    write_snapshot(
        connection, settings.published_database, settings.scratch, columns, only, names.meta if names else None
    )


def _stages(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Stage]]:
    """Per month of the run its versions in order, the month as it stands last. Variants without a change are no
    versions, nor are those of other months.
    """
    found: dict[str, list[Stage]] = {}
    rows = connection.execute(
        "select review_month, horizon from raw.run_month where review_month in (drop_month, drop_month || "
        f"'{VARIANT}' || horizon) "
        "and drop_month in (select review_month from raw.run_month) "
        "order by review_month = drop_month, horizon, review_month"
    ).fetchall()
    for key, horizon in rows:
        found.setdefault(month_of(key), []).append(Stage(key, horizon))
    return found


def _number_reviews(
    connection: duckdb.DuckDBPyConnection, chain: Sequence[publications.Entry], missing: Collection[tuple[str, str]]
) -> None:
    """Which version of its output each review of the calendar shows. missing: (output, month) that were not made:
    without an earlier version there is nothing to review.
    """
    numbers = {(e.output, e.review_month): e.version for e in chain}
    for output, month in sorted(set(missing) - numbers.keys()):
        connection.execute(
            "update calendar.review_calendar set publication_version = null, produced_at = null, "
            "state = case when state = 'produced' then 'due' else state end where output = ? and review_month = ?",
            [output, month],
        )
    rows = [(output, month, number) for (output, month), number in sorted(numbers.items())]
    connection.execute("create or replace temp table _version (output varchar, review_month varchar, version bigint)")
    insert_rows(connection, "_version", ("output", "review_month", "version"), rows)
    connection.execute(
        "update calendar.review_calendar as r set publication_version = v.version from _version as v "
        "where v.output = r.output and v.review_month = r.review_month and r.publication_version <> v.version"
    )
    connection.execute("drop table _version")


def _publish_for_people(
    settings: Settings,
    months: Sequence[str],
    progress: Progress,
    second: SecondWriter,
    remembered: Mapping[str, str],
) -> dict[str, str]:
    """Workbooks and pages of the months that show something else than when they were written, and the index; made from
    the published DuckDB file and nothing else. What fails is in the record of that file too.

    remembered: path → what it showed when it was written (`publish/shown.py`). Returns the same of those written now.
    """
    from pipelines.report.pages import pages_shown, write_pages

    database, folder = settings.published_database, settings.published
    private = privacy.mode_of(settings)
    with closing(connect_file(database)) as published:
        spared = Spared(omissions.read(published, "meta.not_made"))
        shown = Shown(published, f"{version('selfaudit')} {dbt_call.project_fingerprint()}")
        with_work = _months_with_work(published, months)
        said: dict[str, str] = {}
        books = []
        latest = max([*drops_with_files(settings.landing), *months])
        for book in books_of(published, months, spared.missing(omissions.OUTPUT)):
            path = path_of(folder, book)
            if settings.workbooks == LATEST and book[1] != latest and not path.is_file():
                continue
            name = str(path.relative_to(folder))
            said[name] = shown.book(*book)
            if remembered.get(name) != said[name] or not path.is_file():
                books.append(book)
        written = write_all(published, database, books, folder, settings.scratch, second, spared)
        found = {name: said[name] for name in (str(path.relative_to(folder)) for path in written)}
        progress(f"{len(written)} workbooks written" + _as_they_were(len(said) - len(books)))
        for month in () if private else with_work:
            found |= _write_for_reviewers(published, settings, month, month == latest, shown, remembered, spared)
        if private:
            with spared.part(omissions.FILE, "named", latest, "the writer of the outputs that name persons"):
                privacy.write_named(settings, with_work, latest, spared)
    _note(settings, spared)
    with closing(connect_file(database)) as published:
        spared = Spared(omissions.read(published, "meta.not_made"))
        shown = Shown(published, shown.software_given)
        not_read = discretion.said(settings, [stray.sentence() for stray in strays(settings.landing)])
        said = {name: text for month in months for name, text in pages_shown(published, shown, month).items()}
        as_they_were = {n for n, text in said.items() if remembered.get(n) == text and (folder / n).is_file()}
        made = write_pages(published, months, folder, settings.scratch, spared, not_read, as_they_were)
        progress(f"{len(made)} pages written" + _as_they_were(len(as_they_were)))
        names = {str(path.relative_to(folder)) for path in made}
        found |= {name: text for name, text in said.items() if name in names}
        for month in () if private else with_work:
            with spared.part(omissions.FILE, f"do/{month}", month, "the writer of the files that do the work"):
                write_work_files(published, month, folder / DO / month, settings.scratch)
        with spared.part(omissions.FILE, "reviews.ics", max(months), "the writer of the calendar file"):
            _write_icalendar(published, settings)
    _note(settings, spared)
    return found


def _months_with_work(published: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[str]:
    """The months that have files for those who act on persons: not those of which they, or the persons, were taken
    away because they are kept no longer.
    """
    chain = publications.read_chain(published)
    without = publications.taken_away(chain, WORK) | publications.taken_away(chain, PERSONS)
    return [m for m in months if m not in without]


def _write_for_reviewers(
    published: duckdb.DuckDBPyConnection,
    settings: Settings,
    month: str,
    is_latest: bool,
    shown: Shown,
    remembered: Mapping[str, str],
    spared: Spared,
) -> dict[str, str]:
    """The workbooks of responsible persons of a month: those that show something else than when they were written; of
    an earlier month only where the month has some. One of somebody who is asked about nothing any more goes. Returns
    what those written show.
    """
    folder = settings.published
    there = {p.relative_to(folder).as_posix(): p for p in (folder / reviewers.FOLDER).glob(f"*/{month}.xlsx")}
    if not there and not is_latest:
        return {}
    said: dict[str, str] = {}
    name = f"{reviewers.FOLDER}/*/{month}.xlsx"
    with spared.part(omissions.WORKBOOK, name, month, "the writer of workbooks"):
        books = reviewers.reviewer_books(published, month)
        for book in books:
            text = book.shows(shown.software)
            if remembered.get(book.path) != text or book.path not in there:
                reviewers.write_reviewer_book(book, folder, settings.scratch)
                said[book.path] = text
        for path in sorted(set(there) - {b.path for b in books}):
            there[path].unlink()
    return said


def write_workbooks(settings: Settings, months: Sequence[str]) -> list[str]:
    """Every workbook of these months, from the published file, whatever the setting says. Returns their paths below the
    published folder.

    Raises what the writer of workbooks raises: here nothing else is lost with it.
    """
    database, folder = settings.published_database, settings.published
    move_opened(folder)
    with closing(connect_file(database)) as published, second_writer() as second:
        spared = Spared(omissions.read(published, "meta.not_made"))
        books = books_of(published, months, spared.missing(omissions.OUTPUT))
        shown = Shown(published, f"{version('selfaudit')} {dbt_call.project_fingerprint()}")
        written = write_all(published, database, books, folder, settings.scratch, second, spared)
        said = {str(path_of(folder, book).relative_to(folder)): shown.book(*book) for book in books}
        mine: dict[str, str] = {}
        private = privacy.mode_of(settings)
        for month in () if private else months:
            mine |= _write_for_reviewers(published, settings, month, True, shown, {}, spared)
    said |= mine
    names = [*(str(path.relative_to(folder)) for path in written), *mine]
    with connect(settings) as connection:
        _remember_shown(connection, {name: said[name] for name in names})
    if spared.unmade:
        raise WorkbookError(f"{spared.unmade[0].name}: {spared.unmade[0].reason}")
    return names


def _remember_shown(connection: duckdb.DuckDBPyConnection, shown: Mapping[str, str]) -> None:
    connection.execute("delete from raw.shown where list_contains(?, path)", [list(shown)])
    insert_rows(connection, "raw.shown", ("path", "sha256"), sorted(shown.items()))


def _as_they_were(number: int) -> str:
    return f", {number} as they were" if number else ""


def _note(settings: Settings, spared: Spared) -> None:
    """Add to the record what failed since the DuckDB file was written, there too."""
    if spared.unmade:
        with connect(settings) as connection:
            omissions.remember(connection, spared.unmade)
            _snapshot(settings, connection, names=privacy.cover(settings, connection, ()))


def _write_icalendar(published: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What waits for somebody, for the calendar program of whoever reviews: published/reviews.ics."""
    names = ("activity", "output", "period", "contract_number", "subject", "is_ahead", "due_on", "state")
    # What comes is what the latest month knows of it.
    rows = published.execute(
        f"select {', '.join(names)} from calendar.review_calendar "
        "where not is_ahead or review_month = (select max(review_month) from calendar.review_calendar) order by all"
    ).fetchall()
    stamp = published.execute("select max(produced_at) from calendar.review_calendar").fetchall()[0][0]
    part, target = settings.scratch / "reviews.ics", settings.published / "reviews.ics"
    text = due_as_icalendar([dict(zip(names, row, strict=True)) for row in rows], stamp)
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(target)
