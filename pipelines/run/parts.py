"""Which months and models a run makes, from what changed since they were last made; and how some of the models are made
(docs/decisions/0031).

The rows of the intermediate tables are kept for every published month in the schema `kept`; if a run makes only some of
the models, the others are views on these rows. `basis` finds what changed; `statements` runs a single statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from pipelines.partitions import VARIANT, month_of
from pipelines.publish import publications
from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.places import RECORDED, file_of
from pipelines.reference.changes import KINDS, TAKEN_BACK
from pipelines.reference.resolve import forget_other_months
from pipelines.run import basis, dbt_call, statements
from pipelines.run.basis import BEFORE, EVERYTHING, Basis
from pipelines.run.months import chain_of
from pipelines.run.progress import Progress, silent
from pipelines.run.statements import BY_PARTS, INCREMENTAL, VIEW, Statements, read_statements
from pipelines.settings import SPARK, Settings
from pipelines.warehouse import connect, insert_rows, transaction

CAUSES = "finding_causes"
# The schemas of the published tables.
PUBLISHED_SCHEMAS = ("calendar", "marts")
# Tables that describe deliveries: they include the reference folder, whatever else is made.
REGISTERS = ("file_register", "rejected_rows")
NEVER_MADE, ASKED = "never made, or not made whole", "asked for by name"
ABOUT = "Grain: review month: what the latest run of the month made, and what it made it for."
DESCRIPTIONS = {
    "review_month": "Review month, YYYY-MM",
    "because": "What had changed since the month was last made: reference tables, files of the drops, software, "
    "earlier months; or why all of it was made",
    "outputs": "The outputs that were made; all, or their names",
}


@dataclass(frozen=True)
class Plan:
    """What a run makes. months: those that are made, in order; models: those that are made for them, None for all.

    because: month → the sources that changed, or the one reason why all of it is made. known: the statements of the
    models, if they are compiled. now: the inputs of each month. readers: those of `models` that read what changed.
    """

    months: tuple[str, ...]
    models: frozenset[str] | None = None
    because: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: Statements | None = field(default=None, repr=False, compare=False)
    now: Mapping[str, Basis] = field(default_factory=dict, repr=False, compare=False)
    readers: frozenset[str] = frozenset()

    @property
    def is_of_published(self) -> bool:
        """Whether a published table is among the models, or all are."""
        if self.models is None or self.known is None:
            return True
        return any(self.known.models[m].schema in PUBLISHED_SCHEMAS for m in self.models)

    @property
    def outputs(self) -> list[str] | None:
        """The outputs among the models, in their order; None for all."""
        return None if self.models is None else [o for o in OUTPUT_ORDER if o in self.models]


def whole(months: Sequence[str], reason: str = NEVER_MADE) -> Plan:
    """A plan of all models for these months."""
    return Plan(tuple(months), because=dict.fromkeys(months, (reason,)), known=read_statements())


def plan(settings: Settings, months: Sequence[str], asked: bool = False) -> Plan:
    """What is to be made of the months that the warehouse is set to. asked: the user named the months, so they are made
    even if nothing changed.

    Everything of every month if the current state cannot be known (nothing published yet, a file missing, the models
    edited), and on Spark, which keeps nothing to make a part from.
    """
    every = whole(months)
    known_statements = every.known
    if known_statements is None or not settings.published_database.is_file():
        return every
    with connect(settings) as connection:
        chain = chain_of(settings, connection)
        if not dbt_call.has_results(connection) or has_earlier_versions(connection):
            return every
        called = publications.restated_months(chain)
        now = basis.basis_of(connection, known_statements, months, called, settings.engine)
        known = basis.stored(connection)
        kept = _tables(connection, "kept")
    changed = {m: basis.changed_sources(known.get(m), now[m]) for m in months}
    because = {m: _in_words(found) if m in known else (NEVER_MADE,) for m, found in changed.items()}
    touched = [m for m in months if changed[m]]
    if not touched:
        return whole(months, ASKED) if asked else Plan((), frozenset(), known=known_statements)
    made = [m for m in months if m >= touched[0]]
    because = {m: because[m] for m in made}
    sources = set().union(*changed.values())
    unknown = settings.engine == SPARK or any(m not in known for m in made)
    if unknown or concerns_everything(sources) or _missing_files(settings, chain, made):
        return Plan(tuple(made), None, because, known_statements)
    chosen = readers(known_statements, sources)
    if any(is_kept(known_statements, name) and name not in kept for name in known_statements.models):
        return Plan(tuple(made), None, because, known_statements)
    models = frozenset(known_statements.descendants(chosen))
    return Plan(tuple(made), models, because, known_statements, now, frozenset(chosen))


def _in_words(sources: Collection[str]) -> tuple[str, ...]:
    """The month's own sources that changed; those of earlier months only if nothing else did."""
    own = {s for s in sources if not s.startswith(BEFORE)}
    return tuple(sorted(own or set(sources)))


def concerns_everything(sources: Collection[str]) -> bool:
    """Whether a change of these sources affects every model."""
    return bool({source.removeprefix(BEFORE) for source in sources} & EVERYTHING)


def has_earlier_versions(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the run computes versions of months as of earlier drops: they need all models."""
    keys = connection.execute(
        f"select review_month from raw.run_month where contains(review_month, '{VARIANT}') and not "
        f"contains(review_month, '{VARIANT}{TAKEN_BACK}')"
    ).fetchall()
    return bool(keys)


def _missing_files(settings: Settings, chain: Sequence[publications.Entry], months: Collection[str]) -> bool:
    latest = {(e.output, e.review_month) for e in chain if e.review_month in months}
    return not all(
        file_of(settings.published, output, month, form).is_file() for output, month in latest for form in RECORDED
    )


def readers(known: Statements, sources: Collection[str]) -> set[str]:
    """The models that read the sources; for sources of earlier months, those that read tables with rows of earlier
    months that depend on them.
    """
    found: set[str] = set()
    for source in sources:
        if source.startswith(BEFORE):
            found |= known.readers_of_history(known.readers.get(source.removeprefix(BEFORE), set()))
        else:
            found |= known.readers.get(source, set())
    return found


def is_kept(known: Statements, name: str) -> bool:
    """Whether the rows of a model are kept for every month: tables of the intermediate layer that have a month."""
    model = known.models[name]
    return model.schema == "intermediate" and model.kind in {"table", BY_PARTS} and name not in WITHOUT_MONTH | NUMBERED


def is_made_again(known: Statements, name: str) -> bool:
    """Whether a model is a table that is not kept: it is made whenever a model needs it."""
    model = known.models[name]
    return model.schema == "intermediate" and model.kind not in {VIEW, INCREMENTAL} and not is_kept(known, name)


# Tables made for all months of a run together, without a month column or with numbers assigned across the months: they
# are made again whenever a model needs them.
WITHOUT_MONTH = {"int_drop_input", "int_rule_input", "int_token_interval"}
NUMBERED = {"int_token_origin"}


def narrow(connection: duckdb.DuckDBPyConnection, chosen: Plan) -> None:
    """Restrict the warehouse to the months of a plan for some models, out of those it is set to. Variants stay if
    causes of findings are needed.
    """
    keys = _keys(connection)
    with_variants = CAUSES in (chosen.models or ())
    kept = [k for k in keys if month_of(k) in chosen.months and (with_variants or k == month_of(k))]
    if kept == keys:
        return
    connection.execute("delete from raw.run_month where not list_contains(?, review_month)", [kept])
    forget_other_months(connection, kept)
    for table in ("reference.predicate_result", "reference.change", "reference.signed_review"):
        connection.execute(f"delete from {table} where not list_contains(?, review_month)", [kept])


def make(settings: Settings, chosen: Plan, progress: Progress = silent) -> Plan:
    """Make and test the models of the plan that depend on a change, for the months that the warehouse is set to: a
    changed source, or a model that got different rows for these months. The others keep their rows. Returns the plan of
    those that got different rows. Raises DuckDB errors, or CheckFailedError.
    """
    known = chosen.known
    assert known is not None and chosen.models is not None
    with connect(settings) as connection:
        basis.forget(connection, chosen.months)
        made = prepare(connection, chosen)
        keys = _keys(connection)
        progress(f"{len(chosen.models)} of {len(known.models)} models may depend on what changed")
        # A variant of a month has rows of its own wherever it is computed, whether or not the month's rows have
        # changed.
        always = _for_variants(known, keys) | {name for name in made if is_made_again(known, name)}
        ran: set[str] = set()
        other: set[str] = set()
        for statement in known.in_order(made):
            name = statement.name
            stands_on_it = name in chosen.readers or not other.isdisjoint(statement.parents)
            if statement.kind == VIEW:
                other |= {name} if stands_on_it else set()
            elif stands_on_it or name in always:
                former = _rows_before(connection, known, name, chosen.months)
                statements.run(connection, statement)
                ran.add(name)
                if stands_on_it and (former is None or former != _rows(connection, statement.place, chosen.months)):
                    other.add(name)
            elif is_kept(known, name):
                connection.execute(_view_on_kept(name, keys))
            else:
                _copy_for_variants(connection, statement.place, keys)
        progress(f"{len(ran & chosen.models)} of them were made; {_number(len(other & ran))} different rows")
        for test in known.tests:
            if test.tested in ran & chosen.models:
                statements.check(connection, test)
    return replace(chosen, models=chosen.models & other)


def _number(models: int) -> str:
    return "1 has" if models == 1 else f"{models or 'none'} {'have' if models else 'has'}"


def _rows_before(
    connection: duckdb.DuckDBPyConnection, known: Statements, name: str, months: Collection[str]
) -> tuple[int, ...] | None:
    """Result of `_rows` for a model before it is made; None if its rows are not kept."""
    if is_made_again(known, name):
        return None
    kept = is_kept(known, name)
    return _rows(connection, f'kept."{name}"' if kept else known.models[name].place, months)


def _rows(connection: duckdb.DuckDBPyConnection, place: str, months: Collection[str]) -> tuple[int, ...]:
    """Row count of a table for the months, and two order-independent sums over the row hashes."""
    count, total, mixed = connection.execute(
        f"select count(*), coalesce(sum(hash(t)), 0), coalesce(bit_xor(hash(t, 1)), 0) from {place} as t where "
        "list_contains(?, t.review_month)",
        [list(months)],
    ).fetchall()[0]
    return int(count), int(total), int(mixed)


def _keys(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [k for (k,) in connection.execute("select review_month from raw.run_month order by 1").fetchall()]


def prepare(connection: duckdb.DuckDBPyConnection, chosen: Plan) -> set[str]:
    """Prepare the schemas for the models of the plan, with views on the kept rows of whatever they read and is not
    made. Returns all models that are to be made: those of the plan, and the tables they need that are not kept.
    """
    known = chosen.known
    assert known is not None and chosen.models is not None
    put_away(connection, known)
    keys = _keys(connection)
    made, read = _with_needed(known, set(chosen.models) | _for_variants(known, keys))
    _show_kept(connection, known, made, read, keys)
    return made


def _for_variants(known: Statements, keys: Sequence[str]) -> set[str]:
    """The models that a variant changes in a month that itself has no change: those that depend on the tables of its
    kind and are needed for the causes of findings.
    """
    kinds = {k.partition(VARIANT + TAKEN_BACK)[2] for k in keys if VARIANT in k}
    readers = {m for kind in kinds for t in KINDS[kind] for m in known.readers.get(f"reference.{t}", set())}
    return known.descendants(readers) & known.ancestors([CAUSES]) if readers else set()


def _with_needed(known: Statements, made: set[str]) -> tuple[set[str], set[str]]:
    """These models, the tables they read that are not kept, and in turn the tables those need; and everything these
    read, also through views.
    """
    found, waiting, seen = set(made), list(made), set(made)
    while waiting:
        for parent in known.models[waiting.pop()].parents:
            if parent in seen:
                continue
            seen.add(parent)
            kind = known.models[parent].kind
            if kind == VIEW:
                waiting.append(parent)
            elif is_made_again(known, parent):
                found.add(parent)
                waiting.append(parent)
    return found, seen


def _show_kept(
    connection: duckdb.DuckDBPyConnection,
    known: Statements,
    made: Collection[str],
    read: Collection[str],
    keys: Sequence[str],
) -> None:
    """Replace tables that are read and not made with views on the kept rows of the keys; a variant shows the rows of
    its month.
    """
    stand = _tables(connection, "intermediate")
    for name in sorted(read):
        model = known.models[name]
        if model.schema != "intermediate" or model.kind == VIEW:
            continue
        if model.kind == INCREMENTAL:
            if name not in made:
                _copy_for_variants(connection, model.place, keys)
            continue
        if not is_kept(known, name):
            continue
        if name in stand:
            connection.execute(f'drop table intermediate."{name}"')
        elif name in made:
            connection.execute(f'drop view if exists intermediate."{name}"')
        else:
            connection.execute(_view_on_kept(name, keys))


def _view_on_kept(name: str, keys: Sequence[str]) -> str:
    months = ", ".join(f"'{k}'" for k in keys if VARIANT not in k)
    parts = [f'select * from kept."{name}" where review_month in ({months})']
    parts += [
        f"select * replace ('{k}' as review_month) from kept.\"{name}\" where review_month = '{month_of(k)}'"
        for k in keys
        if VARIANT in k
    ]
    return f'create or replace view intermediate."{name}" as {" union all ".join(parts)}'


def _copy_for_variants(connection: duckdb.DuckDBPyConnection, place: str, keys: Sequence[str]) -> None:
    for key in (k for k in keys if VARIANT in k):
        connection.execute(f"delete from {place} where review_month = ?", [key])
        connection.execute(
            f"insert into {place} select * replace (? as review_month) from {place} where review_month = ?",
            [key, month_of(key)],
        )


def keep(connection: duckdb.DuckDBPyConnection, known: Statements, months: Sequence[str]) -> None:
    """After a publication: move the rows of the months from the intermediate tables to the kept ones, and replace them
    with views.
    """
    connection.execute("create schema if not exists kept")
    stand, kept = _tables(connection, "intermediate"), _tables(connection, "kept")
    for name in sorted(n for n in known.models if is_kept(known, n) and n in stand):
        rows = f"select * from intermediate.\"{name}\" where not contains(review_month, '{VARIANT}')"
        with transaction(connection):
            if kept.get(name) == stand[name]:
                connection.execute(f'delete from kept."{name}" where list_contains(?, review_month)', [list(months)])
                connection.execute(f'insert into kept."{name}" by name {rows}')
            else:
                connection.execute(f'create or replace table kept."{name}" as {rows}')
            connection.execute(f'drop table intermediate."{name}"')
            connection.execute(_view_on_kept(name, months))


def put_away(connection: duckdb.DuckDBPyConnection, known: Statements) -> None:
    """Keep rows of open months that a build left in the intermediate tables and that are not published yet: the next
    build would overwrite them. Rows of an interrupted build are dropped.
    """
    opened, stand = set(basis.read_open(connection)), _tables(connection, "intermediate")
    there = sorted(name for name in known.models if is_kept(known, name) and name in stand)
    if not there:
        return
    rows = " union ".join(f'select distinct review_month from intermediate."{name}"' for name in there)
    months = {month_of(key) for (key,) in connection.execute(rows).fetchall()}
    if months <= opened:
        keep(connection, known, sorted(months))
    else:
        for name in there:
            connection.execute(f'drop table intermediate."{name}"')


def make_room(connection: duckdb.DuckDBPyConnection) -> None:
    """Before dbt makes every model: drop the views on kept rows, so that each table can be created in their place."""
    kept = _tables(connection, "kept")
    for (name,) in connection.execute(
        "select view_name from duckdb_views() where schema_name = 'intermediate' and database_name = current_database()"
    ).fetchall():
        if name in kept:
            connection.execute(f'drop view intermediate."{name}"')


def refresh_registers(connection: duckdb.DuckDBPyConnection, known: Statements) -> bool:
    """Update the tables of files and rejected rows to what is loaded now. Returns whether they differed."""
    differs = False
    for name in REGISTERS:
        model = known.models[name]
        rows = connection.execute(
            f"select count(*) from ((select * from {model.place} except all ({model.sql})) union all ((select * from "
            f"({model.sql})) except all select * from {model.place}))"
        ).fetchall()
        if rows[0][0]:
            differs = True
            statements.run(connection, model)
    return differs


def remember(connection: duckdb.DuckDBPyConnection, months: Sequence[str], chosen: Plan) -> None:
    """Store what is made of these months, and why."""
    outputs = "all" if chosen.outputs is None else ", ".join(chosen.outputs)
    connection.execute("delete from raw.last_made where list_contains(?, review_month)", [list(months)])
    rows = [[month, ", ".join(chosen.because.get(month, (ASKED,))), outputs] for month in sorted(months)]
    insert_rows(connection, "raw.last_made", ("review_month", "because", "outputs"), rows)


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, list[tuple[str, str]]]:
    """Table → its columns with their types, for a schema of the warehouse."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(
        "select c.table_name, c.column_name, c.data_type from duckdb_columns() as c inner join duckdb_tables() as t "
        "on t.schema_name = c.schema_name and t.table_name = c.table_name and t.database_name = c.database_name "
        "where c.schema_name = ? and c.database_name = current_database() order by c.table_name, c.column_index",
        [schema],
    ).fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def read_last_made(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """(month, what changed, outputs) of each month from the published file; empty if an earlier version wrote the
    file.
    """
    if "last_made" not in _tables(connection, "meta"):
        return []
    return connection.execute("select review_month, because, outputs from meta.last_made order by 1").fetchall()
