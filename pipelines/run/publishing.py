"""The third step of a run: partitions, record, evidence packs, DuckDB file, workbooks and pages of its months. Computes
no rows of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version

import duckdb

from pipelines.failures import omissions
from pipelines.failures.isolation import Spared
from pipelines.failures.omissions import with_previous
from pipelines.ingest.landing.fingerprints import forget_batches, forget_pending
from pipelines.partitions import VARIANT, month_of
from pipelines.publish import publications
from pipelines.publish.claim_pack import ANSWERS, EVIDENCE, write_claim_pack
from pipelines.publish.datasets import Written, existing_outputs, write_mart, write_partition
from pipelines.publish.packs import write_pack
from pipelines.publish.places import files_folder, migrate_layout, partition_folder
from pipelines.publish.rollback import restored_on_failure
from pipelines.publish.veil.veil import own_tables
from pipelines.publish.versions import Publication, Stage, forget_variants, publish_stages
from pipelines.publish.workbooks.parallel import SecondWriter, second_writer
from pipelines.resources.modes import GROUP, only_for
from pipelines.run import basis, dbt_call, parts, privacy
from pipelines.run.basis import Basis
from pipelines.run.bring_back import bring_back_months
from pipelines.run.carry_over import put_back_rows
from pipelines.run.dbt_graph import read_graph
from pipelines.run.for_people import publish_for_people, remember_shown, remembered_of
from pipelines.run.models import subjects
from pipelines.run.months import RESTATE_MONTHS, chain_of, months_done, restate_months
from pipelines.run.parts import Plan
from pipelines.run.progress import Progress, silent
from pipelines.run.published_file import write_file
from pipelines.run.statements import read_statements
from pipelines.settings import Settings
from pipelines.warehouse import connect, insert_rows

# The output that says whether a month is restated; a new version of any other output may change that.
OF_STATE = "licence_position"
# The outputs from which the archive of answers to claims is made.
CLAIMS = {ANSWERS, EVIDENCE}


def publish(
    settings: Settings,
    months: Sequence[str],
    progress: Progress = silent,
    plan: Plan | None = None,
    asked: Sequence[str] = (),
) -> list[Written]:
    """Publish the months; on failure the previous publication is restored, file by file.

    plan: what was made of them and why; by default all of it, as named by the user. asked: other months of the run,
    which are unchanged; their workbooks and pages are checked too.
    """
    plan = plan or Plan(tuple(months), known=read_statements())
    many, every = plan.models is None, sorted({*months, *asked})
    migrate_layout(settings.published)
    with restored_on_failure(settings.published, settings.state / "former", every), second_writer(many) as second:
        return _publish(settings, months, progress, second, plan, every)


def publish_nothing(settings: Settings, months: Sequence[str], plan: Plan) -> None:
    """If the change affects nothing that is published: update the file register in the published file, and mark the
    months as up to date. plan: what was made to find that out, possibly nothing.
    """
    known = plan.known
    assert known is not None
    migrate_layout(settings.published)
    with connect(settings) as connection:
        if plan.months:
            forget_variants(connection)
            parts.keep(connection, known, plan.months)
            lacking = {u.review_month for u in omissions.read(connection)}
            found = _basis_of(settings, connection, plan.months, plan)
            basis.store(connection, {m: b for m, b in found.items() if m not in lacking})
        differ = parts.refresh_registers(connection, known)
        names = privacy.cover(settings, connection, ())
        if differ:
            write_file(settings, connection, parts.REGISTERS, names)
        remembered = remembered_of(connection)
    if differ:  # a company table that was refused, or is valid again, is mentioned on every page
        with (
            restored_on_failure(settings.published, settings.state / "former", months),
            second_writer(False) as second,
        ):
            shown = publish_for_people(settings, months, silent, second, remembered)
        with connect(settings) as connection:
            remember_shown(connection, shown)
    settle(settings, months)


def settle(settings: Settings, months: Sequence[str]) -> None:
    """After the last publication of a run: mark its months as up to date, including those that it did not need to
    make.
    """
    made = months_done(settings)
    with connect(settings) as connection:
        _settle(connection, months, made)


def _settle(connection: duckdb.DuckDBPyConnection, months: Sequence[str], made: Sequence[str]) -> None:
    """Mark these months as up to date. An incomplete month waits for the next run, even if nothing in its drop
    changes.
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
    evidence packs, replace the DuckDB file, then make workbooks and pages from it. A file that fails is left out, with
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
        write_file(settings, connection, None if back else _tables_of(plan), names)
        remembered = remembered_of(connection)
    shown = publish_for_people(settings, every, progress, second, remembered)
    made = months_done(settings)
    with connect(settings) as connection:
        # Last: whatever is not fully published is made again.
        lacking = {u.review_month for u in omissions.read(connection)}
        basis.store(connection, {m: b for m, b in found.items() if m not in lacking})
        remember_shown(connection, shown)
        for month, asked in stages.items():
            connection.execute("delete from raw.published_month where review_month = ?", [month])
            connection.execute("insert into raw.published_month values (?, ?)", [month, asked[-1].horizon])
        _settle(connection, months, made)
        forget_batches(connection, months)
    return written


def _close_other_months(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Restore the published rows of other open months (`pipelines.run.selected`): otherwise the DuckDB file would have
    what was made of them, and the other files would not. They remain to be made.
    """
    opened = {m: one for m, one in basis.read_open(connection).items() if m not in months}
    if not any(one.made for one in opened.values()):
        return
    graph = read_graph(dbt_call.prepare_manifest(settings), subjects())
    for month, one in sorted(opened.items()):
        places = [(graph.schema[n], n) for n in one.made if graph.schema.get(n) in parts.PUBLISHED_SCHEMAS]
        put_back_rows(connection, settings.published_database, places, [month], graph.columns)
    basis.forget(connection, list(opened))


def _basis_of(
    settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str], plan: Plan
) -> dict[str, Basis]:
    """The inputs of the months, now that they may have been restated; empty if the statements of the models are
    unknown.
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
    """Write the partitions of the months and their entries of the chain. An output that fails is reset to the rows of
    its previous publication, and is added to `spared`.
    """
    outputs = [
        o
        for o in existing_outputs(connection)
        if o not in publications.NOT_VERSIONED and (plan.outputs is None or o in {*plan.outputs, OF_STATE})
    ]
    chain = chain_of(settings, connection)
    for month in months:
        made = [o for o in outputs if (o, month) not in spared.missing(omissions.OUTPUT)]
        publications.archive_previous(settings.published, chain, made, [month])
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
    """Write the marts of the months made by the plan as Parquet."""
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
    """The published tables written by the models of the plan and by publishing itself; None for all."""
    if plan.models is None:
        return None
    return {*plan.models, *parts.REGISTERS, *publications.NOT_VERSIONED, OF_STATE}


def show_again(settings: Settings, months: Sequence[str], progress: Progress = silent) -> None:
    """After rows of published months were changed in the warehouse: write the DuckDB file, and the workbooks and pages
    of these months whose content has changed.
    """
    with connect(settings) as connection:
        names = privacy.cover(settings, connection, ())
        write_file(settings, connection, names=names)
        remembered = remembered_of(connection)
    with second_writer() as second:
        shown = publish_for_people(settings, months, progress, second, remembered)
    with connect(settings) as connection:
        remember_shown(connection, shown)


def _stages(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Stage]]:
    """Per month of the run its versions in order, the current one last. Variants without a change are not versions, nor
    are those of other months.
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
    """Set the version of its output that each review of the calendar shows. missing: (output, month) that were not
    made: without an earlier version there is nothing to review.
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
