"""What a run makes: the months that the warehouse is set to, with their earlier versions, in batches that fit; and
which months are already made.

Reads and writes the bookkeeping tables in `raw` and the reference tables of each month. Knows no model and publishes
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from pipelines.contracts import INPUTS
from pipelines.errors import UserError
from pipelines.ingest.landing.files import drops_with_files
from pipelines.ingest.landing.fingerprints import remember_pending
from pipelines.ingest.write.schema import RUN_MONTH, to_look
from pipelines.partitions import VARIANT, as_of, horizons, month_of, shift, variant_key
from pipelines.publish import publications
from pipelines.publish.versions import EVENT_INPUTS, Stage, forget_variants
from pipelines.reference.changes import find_changes, take_back
from pipelines.reference.predicate import evaluate_predicates
from pipelines.reference.resolve import forget_other_months, resolve_reference, write_signed_reviews
from pipelines.reference.retention import DELIVERIES, LOOK_BACK, PREFIX
from pipelines.resources import machine
from pipelines.run import dbt_call
from pipelines.run.batches import Batch, share_out
from pipelines.settings import SPARK, Settings
from pipelines.warehouse import connect, connect_file, connect_to_look, insert_rows

# Approximate bytes per exported event row, for files not read yet.
BYTES_OF_ROW = 120
# Number of later drops that may restate a month, if the company's rule_parameters do not say. Source: definition of
# this project, docs/foundations.md.
RESTATE_MONTHS = 2
DELIVERIES_KEY = PREFIX + DELIVERIES


def restate_months(connection: duckdb.DuckDBPyConnection, month: str) -> int:
    """How many later drops may restate the month: the company's parameter in force at its end, the drop's own copy
    first.
    """
    found = connection.execute(
        "select try_cast(value as integer) from raw.ref_rule_parameters where rule_id = 'foundations' and parameter = "
        "'restate_months' "
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
    """What a run computes: the current version of each month, and its earlier versions that were never published.

    The history of an earlier version is the month before as of the same drop. If that month is not in the run, its
    variant is computed too but not published, so that the version does not depend on which months are made together.
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


def _resolve(connection: duckdb.DuckDBPyConnection, keys: list[Stage], drops: Sequence[str]) -> list[str]:
    """Resolve the reference tables of every key, and add a variant of each month for each kind of change since the
    month before, without that change.
    """
    finals = {s.key: s.horizon for s in keys if s.key == month_of(s.key)}
    # Changes are analysed only if there is a month before to compare with.
    followed = [m for m in finals if any(d < m for d in drops)]
    warnings = resolve_reference(connection, [*(s.key for s in keys), *(shift(m, -1) for m in followed)])
    changes = find_changes(connection, followed)
    take_back(connection, changes)
    write_signed_reviews(connection)
    keys += [Stage(c.key, finals[c.month]) for c in changes]
    forget_other_months(connection, [s.key for s in keys])
    return warnings


def set_months(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[str]:
    """Set the warehouse to these months: the reference tables as each has them, its variants, raw.run_month. Returns
    the warnings of the tables.
    """
    there = drops_with_files(settings.landing)
    chain = chain_of(settings, connection)
    keys = _keys(connection, months, there, chain)
    warnings = _resolve(connection, keys, there)
    warnings += evaluate_predicates(connection, [s.key for s in keys])
    rows = [[s.key, as_of(month_of(s.key)), month_of(s.key), s.horizon] for s in keys]
    connection.execute("delete from raw.run_month")
    insert_rows(connection, "raw.run_month", RUN_MONTH, rows)
    return warnings


def begin_batch(settings: Settings, months: Sequence[str]) -> None:
    """Set the warehouse to some of the months that `ingest` was called with: those that are built and published
    next.
    """
    with connect(settings) as connection:
        if dbt_call.has_results(connection):
            forget_variants(connection)
        remember_pending(connection, sorted(months), touches_later=False)
        set_months(settings, connection, months)


def set_alone(settings: Settings, connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> None:
    """Set the warehouse to these months without a preceding ingestion: they use what is loaded."""
    refuse_frozen(settings, months)
    if dbt_call.has_results(connection):
        forget_variants(connection)
    remember_pending(connection, sorted(months), touches_later=False)
    note_restated(settings, connection)
    set_months(settings, connection, months)


def note_restated(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Write the months that the record states as restated to where the models read them."""
    connection.execute("delete from raw.run_info where key = 'restated'")
    months = sorted({*publications.restated_months(chain_of(settings, connection)), *settings.restated})
    insert_rows(connection, "raw.run_info", ("key", "value"), [["restated", month] for month in months])


def batches_of(settings: Settings) -> list[Batch]:
    """The months that the warehouse is set to, in batches that fit the memory limit and the disk. Raises
    TooLittleDiskError.
    """
    with connect(settings) as connection:
        asked = connection.execute("select review_month, drop_month, horizon from raw.run_month").fetchall()
        told = _event_rows(connection)
    # The variant of a month outside the run is computed for the month after it.
    finals = [key for key, _, _ in asked if key == month_of(key)]
    rows = dict.fromkeys(finals, 0)
    for _, month, horizon in asked:
        rows[month if month in rows else shift(month, 1)] += sum(n for drop, n in told.items() if drop <= horizon)
    return _in_batches(settings, rows)


def _in_batches(settings: Settings, rows: dict[str, int]) -> list[Batch]:
    """In batches for this machine; on Spark, whose memory is elsewhere, in one batch."""
    if settings.engine == SPARK and rows:
        return [Batch(tuple(sorted(rows)), sum(rows.values()))]
    return share_out(rows, settings.memory_bytes, machine.free_disk(settings.scratch))


def expected_batches(settings: Settings, months: Sequence[str]) -> list[Batch]:
    """Like `batches_of`, before the drops are read: data not loaded yet is estimated from file sizes. Raises
    TooLittleDiskError.
    """
    there = drops_with_files(settings.landing)
    with connect_to_look(settings) as warehouse, to_look(warehouse) as connection:
        told = _event_rows(connection)
        reach = {m: restate_months(connection, m) for m in months}
    told |= {d: _size(settings.landing / d) // BYTES_OF_ROW for d in there if d not in told}
    rows = {
        m: sum(n for h in horizons(m, there, reach[m]) for drop, n in told.items() if drop <= h) for m in sorted(months)
    }
    return _in_batches(settings, rows)


def _event_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Loaded event rows of each drop."""
    counts = " union all ".join(
        f"select _drop, count(*) as event_rows from {INPUTS[name].table} group by all" for name in EVENT_INPUTS
    )
    rows = connection.execute(f"select _drop, sum(event_rows) from ({counts}) group by all").fetchall()
    return {drop: int(n) for drop, n in rows}


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def chain_of(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[publications.Entry]:
    """The record of publications; connection: the warehouse."""
    return publications.read_chain(connection) or _published_chain(settings)


def _published_chain(settings: Settings) -> list[publications.Entry]:
    """The chain known to readers: if the warehouse was deleted, the record continues and does not start again."""
    if not settings.published_database.is_file():
        return []
    with closing(connect_file(settings.published_database)) as published:
        return publications.read_chain(published)


def frozen_months(settings: Settings) -> set[str]:
    """Published months that cannot be made again: what was delivered for them, or for a month that they look back to,
    was deleted at the end of its retention period. They remain as published.
    """
    chain = _published_chain(settings)
    if not (removed := publications.months_removed(chain, DELIVERIES)):
        return set()
    last = shift(max(removed), LOOK_BACK)
    return {e.review_month for e in chain if e.review_month <= last}


def refuse_frozen(settings: Settings, months: Sequence[str]) -> None:
    """Raise UserError if one of the months cannot be made again."""
    if frozen := sorted(frozen_months(settings) & set(months)):
        raise UserError(
            f"{', '.join(frozen)}: cannot be made again. What was delivered for "
            f"{'it' if len(frozen) == 1 else 'them'}, or for a month that a review looks back to, was taken away "
            f"(setting {DELIVERIES_KEY}); what is published of {'it' if len(frozen) == 1 else 'them'} stands."
        )


def months_restated_by(settings: Settings, drops: Sequence[str]) -> list[str]:
    """Months whose published version does not yet use the event rows of these drops, although it may."""
    with connect_to_look(settings) as warehouse, to_look(warehouse) as connection:
        known = connection.execute("select review_month, horizon from raw.published_month").fetchall()
        return sorted(
            m for m, reached in known if any(reached < d <= shift(m, restate_months(connection, m)) for d in drops)
        )


def months_at_rest(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Published months that no run has begun to make again: their rows in the warehouse are the published ones.

    A warehouse of an earlier version that no run has upgraded yet has no table of batches.
    """
    begun = "select drop from raw.pending_drop"
    table = "table_schema = 'raw' and table_name = 'batched_run' and table_catalog = current_database()"
    if connection.execute(f"select 1 from information_schema.tables where {table}").fetchall():
        begun += " union all select review_month from raw.batched_run where not is_published"
    rows = connection.execute(
        f"select review_month from raw.published_month where review_month not in ({begun})"
    ).fetchall()
    return {month for (month,) in rows}


def months_done(settings: Settings) -> list[str]:
    """Months with results in the warehouse."""
    with connect_to_look(settings) as connection:
        if not dbt_call.has_results(connection):
            return []
        rows = connection.execute(
            f"select distinct review_month from calendar.rule_runs where not contains(review_month, '{VARIANT}') "
            "order by 1"
        ).fetchall()
    return [month for (month,) in rows]
