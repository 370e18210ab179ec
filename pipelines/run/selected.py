"""Makes selected models or outputs of selected months, as a click in Dagster does: what they may depend on, and how
they are made and published (docs/decisions/0040).

No model is made from outdated rows, and nothing is published together with outdated rows: SelectionError says what else
to select. `basis` finds what has changed and `parts` the models affected; dbt itself makes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import duckdb

from pipelines.errors import UserError
from pipelines.ingest.landing.files import drops_with_files
from pipelines.ingest.landing.fingerprints import forget_begun, months_begun
from pipelines.ingest.write.schema import ensure_schema
from pipelines.partitions import VARIANT, month_of
from pipelines.publish import publications
from pipelines.publish.datasets import OUTPUT_ORDER, Written
from pipelines.run import basis, dbt_call, history, models, parts, privacy, publishing
from pipelines.run.basis import Basis, Open
from pipelines.run.dbt_call import NodeResult, TransformError
from pipelines.run.dbt_graph import read_graph
from pipelines.run.months import chain_of, set_alone
from pipelines.run.parts import ASKED, Plan
from pipelines.run.progress import Progress, silent
from pipelines.run.standing_views import remember_views, standing_views
from pipelines.run.statements import INCREMENTAL, VIEW, Statements, read_statements
from pipelines.settings import SPARK, Settings
from pipelines.warehouse import connect

# Key of raw.run_info: what was made since ingestion set the months of its run; absent before.
MADE, ALL, SOME = "made", "all", "some"
# How many names a message lists.
NAMED = 5


class SelectionError(UserError):
    """The selection would depend on, or be published together with, outdated rows; the message says what else to
    select.

    also: what else to select, as (schema, name); empty if it is everything. upstream: the selection depends on it.
    """

    def __init__(self, message: str, also: Sequence[tuple[str, str]] = (), upstream: bool = False) -> None:
        super().__init__(message)
        self.also, self.upstream = list(also), upstream


def begin_whole(settings: Settings, months: Sequence[str]) -> None:
    """Before all models of these months are made: set the warehouse to them, unless ingestion has just done so. Raises
    SelectionError if a drop is not loaded.
    """
    with connect(settings) as connection:
        ensure_schema(connection)
        _set(settings, connection, months)


def end_whole(settings: Settings, months: Sequence[str], is_whole: bool) -> None:
    """After all models of these months were made: they may be published, in this run or another. is_whole: nothing is
    missing.
    """
    with connect(settings) as connection:
        _say_made(connection, ALL)
        known = read_statements()
        if not is_whole or known is None:
            return
        now = _basis(settings, connection, known, months)
        made = frozenset(n for n, s in known.models.items() if s.schema in parts.PUBLISHED_SCHEMAS)
        basis.store_open(connection, {m: Open(now[m], made, frozenset()) for m in months})


def make_models(
    settings: Settings,
    months: Sequence[str],
    chosen: Collection[str],
    tests: Sequence[str],
    progress: Progress = silent,
) -> list[NodeResult]:
    """Make only these models of these months, and run these tests; nothing is published.

    Raises SelectionError if a model would depend on outdated rows, and TransformError with the results so far if a
    model or test fails: the next run then makes its months as a whole.
    """
    _hold_to_record(settings, progress)
    known = _statements(settings)
    graph = read_graph(dbt_call.prepare_manifest(settings), models.subjects())
    with connect(settings) as connection:
        ensure_schema(connection)
        parts.put_away(connection, known)
        begun, before = months_begun(connection), basis.stored(connection)
        _set(settings, connection, months)
        standing = _standing(connection, known, _basis(settings, connection, known, months))
        _refuse_outdated_rows(settings, known, standing, chosen)
        _refuse_missing_months(settings, connection, known, standing, chosen)
        plan = Plan(tuple(months), frozenset(chosen), known=known)
        _drop_earlier_versions(connection)
        parts.narrow(connection, plan)
        basis.forget(connection, months)
        made = parts.prepare(connection, plan)
        views = {n for n, s in known.models.items() if s.kind == VIEW}
        if not standing_views(settings, connection, graph):
            made |= views
        _say_made(connection, SOME)
    nodes = graph.in_order(dbt_call.build(settings, progress, sorted(made), tests=tests))
    if failed := next((n for n in nodes if n.failed), None):
        raise TransformError(f"{failed.name}: {failed.message.strip()}", nodes)
    with connect(settings) as connection:
        parts.keep(connection, known, months)
        if views <= made:
            remember_views(settings, connection, graph)
        unchanged = _note_made(connection, standing, made, before)
        forget_begun(connection, sorted(unchanged - begun))
    return nodes


def run_tests(settings: Settings, tests: Sequence[str], progress: Progress = silent) -> list[NodeResult]:
    """Run these tests on the current rows of all months."""
    dbt_call.prepare_manifest(settings)
    return dbt_call.build(settings, progress, tests=tests)


def publish_outputs(
    settings: Settings, months: Sequence[str], outputs: Collection[str], progress: Progress = silent
) -> list[Written]:
    """Publish these outputs of these months, with every mart made since their last publication.

    Raises SelectionError if they would be newer than other published outputs.
    """
    _hold_to_record(settings, progress)
    every = set(outputs) >= set(OUTPUT_ORDER)
    with connect(settings) as connection:
        ensure_schema(connection)
        if every and _is_made_whole(connection, months):
            plan = None
        else:
            plan = _plan_of_outputs(settings, connection, months, outputs, every)
    return publishing.publish(settings, months, progress, plan)


def _hold_to_record(settings: Settings, progress: Progress) -> None:
    for sentence in history.hold_to_record(settings):
        progress(f"changed outside a run: {sentence}")


def _plan_of_outputs(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    outputs: Collection[str],
    every: bool,
) -> Plan:
    known = _statements(settings)
    parts.put_away(connection, known)
    _set(settings, connection, months)
    if parts.has_earlier_versions(connection):
        raise SelectionError(
            f"{_months(months)}: a version of an earlier drop was never published, which takes every model. Select "
            "everything for these months."
        )
    now = _basis(settings, connection, known, months)
    standing = _standing(connection, known, now)
    published = {e.review_month for e in chain_of(settings, connection)}
    for month, one in standing.items():
        if month not in published and not every:
            raise SelectionError(
                f"{_if_empty(settings, month)}{month} was never published, and its first publication is of all "
                "outputs. Select everything for it."
            )
        if one.out_of_date:
            raise SelectionError(
                f"{month} cannot be published: {_names(known, one.out_of_date)} are out of date: "
                "something they depend on has changed since. Select them too (or everything).",
                [
                    *_places(known, one.out_of_date),
                    *(("published", n) for n in sorted(one.out_of_date & OUTPUT_ORDER.keys())),
                ],
            )
        left = {n for n in one.made if n in OUTPUT_ORDER} - {*outputs, *publications.NOT_VERSIONED}
        if left:
            raise SelectionError(
                f"{month} cannot be published without {', '.join(f'published/{n}' for n in sorted(left)[:NAMED])}"
                f"{_more(left)}: made anew together with what was asked for, and not published yet. Select them too.",
                [("published", n) for n in sorted(left)],
            )
    chosen = set(outputs) if not every else {
        n for n, s in known.models.items() if s.schema in parts.PUBLISHED_SCHEMAS
    }  # fmt: skip
    chosen = chosen.union(*(one.made for one in standing.values()))
    plan = Plan(tuple(months), frozenset(chosen), dict.fromkeys(months, (ASKED,)), known, now)
    _drop_earlier_versions(connection)
    parts.narrow(connection, plan)
    _say_made(connection, SOME)
    return plan


def _statements(settings: Settings) -> Statements:
    if settings.engine == SPARK:
        raise SelectionError(
            "SELFAUDIT_ENGINE is spark, which makes all models of a month together. Select everything for these months."
        )
    if privacy.mode_of(settings):
        raise SelectionError(
            "privacy_mode is on, and pseudonyms are put into all tables of a month together. Select everything for "
            "these months."
        )
    known = read_statements()
    if known is None:
        raise SelectionError(
            "The models were edited since they were compiled, so it is not known what stands on what. Run "
            "`python -m pipelines.run.prepare`, or select everything."
        )
    if models.rules_changed(settings):
        raise SelectionError(
            "The rules are not those that made what stands here (an update, or an edited rule): all months are made "
            "again together. Select everything for all months, or run `selfaudit run`."
        )
    return known


def _set(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Set the warehouse to these months, unless ingestion did so and nothing was made since."""
    found = {month_of(k) for (k,) in connection.execute("select review_month from raw.run_month").fetchall()}
    if found == set(months) and _made(connection) is None:
        return
    loaded = {d for (d,) in connection.execute("select drop from raw.drop_fingerprint").fetchall()}
    left = sorted(set(months) & set(drops_with_files(settings.landing)) - loaded)
    if left:
        raise SelectionError(
            f"The drop {', '.join(left)} is not loaded. Select its inputs too (the assets of the group raw), or "
            "everything."
        )
    set_alone(settings, connection, months)
    _say_made(connection, SOME)


def _made(connection: duckdb.DuckDBPyConnection) -> str | None:
    rows = connection.execute("select value from raw.run_info where key = ?", [MADE]).fetchall()
    return str(rows[0][0]) if rows else None


def _say_made(connection: duckdb.DuckDBPyConnection, what: str) -> None:
    connection.execute("delete from raw.run_info where key = ?", [MADE])
    connection.execute("insert into raw.run_info values (?, ?)", [MADE, what])


def _is_made_whole(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> bool:
    """Whether the last operation on the warehouse made all models of these months."""
    found = {month_of(k) for (k,) in connection.execute("select review_month from raw.run_month").fetchall()}
    return found >= set(months) and _made(connection) == ALL


def _basis(
    settings: Settings, connection: duckdb.DuckDBPyConnection, known: Statements, months: Sequence[str]
) -> dict[str, Basis]:
    called = publications.restated_months(chain_of(settings, connection))
    return basis.basis_of(connection, known, sorted(months), called, settings.engine)


def _standing(connection: duckdb.DuckDBPyConnection, known: Statements, now: Mapping[str, Basis]) -> dict[str, Open]:
    """Current state of each month: what was made since its publication, and which tables are outdated."""
    stored, opened = basis.stored(connection), basis.read_open(connection)
    found = {}
    for month, own in sorted(now.items()):
        before = opened.get(month) or (Open(stored[month], frozenset(), frozenset()) if month in stored else None)
        changed = basis.changed_sources(before.basis if before else None, own)
        late: Collection[str] = known.models
        if before and not parts.concerns_everything(changed):
            late = before.out_of_date | known.descendants(parts.readers(known, changed))
        # A view holds no rows that could be outdated.
        tables = frozenset(n for n in late if known.models[n].kind != VIEW)
        found[month] = Open(own, before.made if before else frozenset(), tables)
    return found


def _refuse_outdated_rows(
    settings: Settings, known: Statements, standing: Mapping[str, Open], chosen: Collection[str]
) -> None:
    needed = {n for n in known.ancestors(chosen) - set(chosen) if not parts.is_made_again(known, n)}
    for month, one in standing.items():
        old = needed & one.out_of_date
        if old:
            asked = sorted(f"{known.models[n].schema}/{n}" for n in chosen)
            raise SelectionError(
                f"{_if_empty(settings, month)}{', '.join(asked[:NAMED])}{_more(asked)} of {month} cannot be made "
                f"without {_names(known, old)}: not made yet, or made before something they depend on changed. "
                "Select everything it depends on too.",
                _places(known, old),
                upstream=True,
            )


def _refuse_missing_months(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    known: Statements,
    standing: Mapping[str, Open],
    chosen: Collection[str],
) -> None:
    """Raise if earlier months are missing: a table kept across months depends on its rows of the months before."""
    kept = {n for n in known.ancestors(chosen) if known.models[n].kind == INCREMENTAL}
    there = {*basis.stored(connection), *standing}
    there |= {m for m, one in basis.read_open(connection).items() if not kept & one.out_of_date}
    left = [d for d in drops_with_files(settings.landing) if d < min(standing) and d not in there]
    if kept and left:
        raise SelectionError(
            f"{', '.join(left)} come before {min(standing)} and are not made as their files are now, and "
            f"{_names(known, kept)} depend on the months before. Select the range {left[0]}..{max(standing)}."
        )


def _drop_earlier_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop versions of a month as of earlier drops: they are made only together with everything else, as publishing
    them needs all outputs.
    """
    connection.execute(
        f"delete from raw.run_month where contains(review_month, '{VARIANT}') and "
        f"not contains(review_month, '{VARIANT}{parts.TAKEN_BACK}')"
    )


def _note_made(
    connection: duckdb.DuckDBPyConnection,
    standing: Mapping[str, Open],
    made: Collection[str],
    before: Mapping[str, Basis],
) -> set[str]:
    """Store which months are open. Those without outdated tables are as published, and are returned."""
    unchanged = set()
    for month, one in standing.items():
        anew = frozenset(one.out_of_date & set(made))
        if month in before and not one.out_of_date and not one.made:
            basis.store(connection, {month: before[month]})
            unchanged.add(month)
        else:
            basis.store_open(connection, {month: Open(one.basis, one.made | anew, one.out_of_date - anew)})
    return unchanged


def _if_empty(settings: Settings, month: str) -> str:
    """That nothing was delivered for a month yet, where it comes after all that was."""
    last = max(drops_with_files(settings.landing), default="")
    return "" if month <= last else f"{settings.landing / month} holds no file yet. "


def _places(known: Statements, names: Iterable[str]) -> list[tuple[str, str]]:
    return sorted((known.models[n].schema, n) for n in names)


def _names(known: Statements, names: Collection[str]) -> str:
    """The first of them, published tables first, with the total number."""
    listed = [f"{schema}/{name}" for schema, name in _places(known, names)]
    return ", ".join(listed[:NAMED]) + _more(listed)


def _more(names: Collection[str]) -> str:
    return f" and {len(names) - NAMED} more" if len(names) > NAMED else ""


def _months(months: Sequence[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
