"""The event layer beside `raw`: which event row is beaten by a later file, and the compact sets that are made of the
rows once in their life.

Holds `_until` of the rows of use and the sets `raw.use_cell`, `raw.device_cell` and `raw.lag_cell`; docs/decisions/0026
has the design. Knows neither months of review nor what persons and offerings the words mean: everything here is in the
words of the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.ingest.sqltext import literal
from pipelines.reference.resolve import fold_sql
from pipelines.warehouse import transaction

EVIDENCE_ROWS = 20
TABLES = (
    # Grain: (input, drop, until, file, is_by_id, words of a row, period). days: the days with rows, as bits; srcs: the
    # first rows; version: that of the last day.
    "raw.use_cell (input VARCHAR, _drop VARCHAR, _until VARCHAR, _file_rank BIGINT, is_by_id BOOLEAN, row_team "
    "VARCHAR, offering_name VARCHAR, "
    "product_name VARCHAR, said VARCHAR, words UBIGINT, period DATE, days BIGINT, use_rows BIGINT, srcs BIGINT[], "
    "version VARCHAR)",
    # Grain: (drop, until, words of a row, device, period), of telemetry.
    "raw.device_cell (input VARCHAR, _drop VARCHAR, _until VARCHAR, product VARCHAR, said VARCHAR, device VARCHAR, "
    "period DATE, days BIGINT)",
    # Grain: (drop, until, source, how late a row arrived in microseconds, period), of telemetry with an event_id.
    "raw.lag_cell (input VARCHAR, _drop VARCHAR, _until VARCHAR, source VARCHAR, late_by BIGINT, period DATE, "
    "lag_rows BIGINT, src BIGINT)",
    # Grain: pair of rows of telemetry of one person as said, on different devices, of which the second begins within
    # the first.
    "raw.session_pair (said VARCHAR, first_src BIGINT, second_src BIGINT, overlap BIGINT, least_minutes "
    "DECIMAL(19,4), _first_drop VARCHAR, "
    "_first_until VARCHAR, first_period DATE, _second_drop VARCHAR, _second_until VARCHAR, second_period DATE)",
    # What rows of telemetry say besides who, when and where on which device: few combinations, which rules look for
    # before they look at rows.
    "raw.lrt_trait (product VARCHAR, version VARCHAR, feature VARCHAR, licence_claim VARCHAR, country VARCHAR)",
    # Drops whose rows are in the sets above as they are loaded.
    "raw.event_state (drop VARCHAR)",
)


@dataclass(frozen=True)
class _Input:
    """An input of use: SQL of a row's day, of what it says of its person and product, and of its natural key beside day
    and person, in its own words.

    by_id: SQL of the key that counts alone where a row has it.
    """

    name: str
    day: str
    said: str
    offering: str
    product: str
    key: tuple[str, ...]
    by_id: str = "null"

    @property
    def table(self) -> str:
        return f"raw.{self.name}"


_TEAM = "coalesce(team_alias, '(single team)')"
INPUTS = (
    _Input(
        "usage", "day_used", "coalesce(email, 'hash:' || hashed_autodesk_id)", "offering_name", "product_name",
        (_TEAM, "offering_name", "product_name", "version", "access_option"),
    ),
    _Input("seat_usage", "day_used", "email", "offering_name", "null", (_TEAM, "offering_name", "version")),
    _Input(
        "token_usage", "day_used", "email", "offering_name", "null",
        (_TEAM, "offering_name", fold_sql("feature")),
    ),
    _Input(
        "lrt", "cast(event_at as date)", "coalesce(user_email, 'hash:' || user_hash)", "product", "null",
        ("event_at", "coalesce(device_id, host_name)", "product", fold_sql("feature")),
        "event_id",
    ),
)  # fmt: skip


def period(day: str) -> str:
    """SQL of the period of a day: the first day of its month, or the second where a window of 365 days begins between
    the two.

    Windows end with a month; only around a leap day does one begin on the second of a month. So a period is in a window
    as a whole or not at all.
    """
    first = f"cast(date_trunc('month', {day}) as date)"
    return f"case when day({day}) > 1 and day({first} + 366) = 1 then {first} + 1 else {first} end"


def extend_events(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Bring the event layer to what is loaded: of drops that were loaded since, and of the rows of others that theirs
    beat. Returns these drops.

    One transaction. A row is worked on when it is loaded and once more when a later file beats it.
    """
    changed = [
        drop
        for (drop,) in con.execute(
            "select distinct drop from raw.file_register where drop not in (select drop from raw.event_state) order "
            "by 1"
        ).fetchall()
    ]
    if changed:
        with transaction(con):
            for one in INPUTS:
                _extend(con, one, changed)
            con.executemany("insert into raw.event_state values (?)", [[drop] for drop in changed])
    return changed


def _extend(con: duckdb.DuckDBPyConnection, one: _Input, changed: Sequence[str]) -> None:
    drops = ", ".join(literal(d) for d in changed)
    con.execute(
        f"create or replace temp table _touched as select distinct _drop, {period(one.day)} as period from {one.table} "
        f"where _until in ({drops}) and _drop not in ({drops})"
    )
    con.execute(f"update {one.table} set _until = null where _until in ({drops})")
    (latest,) = con.execute(f"select max(_drop) from {one.table} where _drop not in ({drops})").fetchall()[0]
    # Where only later drops came, a row that is beaten already stays beaten by the same file, and only keys that these
    # drops tell can beat another.
    only_later = latest is None or latest < min(changed)
    open_rows = f"(_until is null or _drop in ({drops}))" if only_later else "true"
    if one.by_id != "null":
        told = (
            f" and {one.by_id} in (select {one.by_id} from {one.table} where _drop in ({drops}))" if only_later else ""
        )
        _beat(con, one, f"{one.by_id} is not null and {open_rows}{told}", (one.by_id,))
    told = f" and bool_or(_drop in ({drops}))" if only_later else ""
    several = (
        f"select {one.day} from {one.table} where {one.by_id} is null group by all having min(_file_rank) <> "
        f"max(_file_rank){told}"
    )
    _beat(con, one, f"{one.by_id} is null and {open_rows} and {one.day} in ({several})", (one.day, one.said, *one.key))
    con.execute(
        f"insert into _touched select distinct _drop, {period(one.day)} from {one.table} where _drop in ({drops})"
    )
    for table in ("use_cell", "device_cell", "lag_cell"):
        con.execute(
            f"delete from raw.{table} where input = {literal(one.name)} and (_drop in ({drops}) "
            "or (_drop, period) in (select (_drop, period) from _touched))"
        )
    _fill(con, one)
    if one.name == "lrt":
        _fill_pairs(con, drops)
        traits = "select distinct product, version, feature, licence_claim, country from raw.lrt"
        con.execute(f"insert into raw.lrt_trait {traits} where _drop in ({drops}) except select * from raw.lrt_trait")
    con.execute("drop table _touched")


def _beat(con: duckdb.DuckDBPyConnection, one: _Input, scope: str, key: Sequence[str]) -> None:
    """Set `_until` of the rows in the scope: the drop of the next file of higher rank that has a row of the same
    key.
    """
    if con.execute(
        f"select min(_file_rank) is distinct from max(_file_rank) from {one.table} where {scope}"
    ).fetchall() != [(True,)]:
        return
    columns = ", ".join(key)
    # 128 bits of hash, made of different bytes: no two keys of an estate meet by chance.
    con.execute(
        f"create or replace temp table _key as select rowid as row_id, _file_rank, hash({columns}) as low, hash('~', "
        f"{columns}) as high "
        f"from {one.table} where {scope}"
    )
    con.execute(
        "create or replace temp table _next as select low, high, _file_rank, "
        "lead(_file_rank) over (partition by low, high order by _file_rank) as next_rank from ("
        "select distinct low, high, _file_rank from _key semi join ("
        "select low, high from _key group by all having min(_file_rank) <> max(_file_rank)) as several using (low, "
        "high))"
    )
    con.execute(
        "create or replace temp table _beaten as select k.row_id, f.drop as until from _key as k "
        "inner join _next as n using (low, high, _file_rank) "
        "inner join (select distinct drop, file_rank from raw.file_register) as f on f.file_rank = n.next_rank"
    )
    con.execute(
        f"insert into _touched select distinct r._drop, {period('r.day_')} from "
        f"(select rowid as row_id, _drop, _until, {one.day} as day_ from {one.table}) as r "
        "inner join _beaten as b using (row_id) where r._until is distinct from b.until"
    )
    con.execute(
        f"update {one.table} set _until = b.until from _beaten as b where {one.table.removeprefix('raw.')}.rowid = "
        "b.row_id"
    )
    for table in ("_key", "_next", "_beaten"):
        con.execute(f"drop table {table}")


def _fill(con: duckdb.DuckDBPyConnection, one: _Input) -> None:
    """The sets of the periods that are touched, from their rows."""
    # A list of drops lets DuckDB skip the groups of rows of all others.
    drops = [drop for (drop,) in con.execute("select distinct _drop from _touched order by 1").fetchall()]
    if not drops:
        return
    touched = (
        f"(select * from (select *, {one.day} as day_, {period(one.day)} as period from {one.table} "
        f"where _drop in ({', '.join(literal(d) for d in drops)})) semi join _touched using (_drop, period))"
    )
    con.execute(
        f"insert into raw.use_cell by name select {literal(one.name)} as input, _drop, _until, _file_rank, "
        f"{one.by_id} is not null as is_by_id, "
        f"team_alias as row_team, {one.offering} as offering_name, cast({one.product} as varchar) as product_name, "
        f"{one.said} as said, "
        f"hash({one.offering}, {one.product}, {one.said}) as words, period, bit_or(cast(1 as bigint) << "
        "cast(day(day_) - 1 as integer)) as days, count(*) as use_rows, "
        f"min(_src, {EVIDENCE_ROWS}) as srcs, max_by(version, concat(cast(day_ as varchar), coalesce(version, ''))) "
        "as version "
        f"from {touched} group by all"
    )
    if one.name == "lrt":
        con.execute(
            f"insert into raw.device_cell by name select {literal(one.name)} as input, _drop, _until, product, "
            f"{one.said} as said, "
            "coalesce(device_id, host_name) as device, period, bit_or(cast(1 as bigint) << cast(day(day_) - 1 as "
            f"integer)) as days from {touched} "
            "where coalesce(device_id, host_name) is not null group by all"
        )
        con.execute(
            f"insert into raw.lag_cell by name select {literal(one.name)} as input, _drop, _until, coalesce(source, "
            "'') as source, "
            "date_diff('microsecond', event_at, received_at) as late_by, period, count(*) as lag_rows, min(_src) as "
            "src "
            f"from {touched} where event_id is not null group by all"
        )


def _fill_pairs(con: duckdb.DuckDBPyConnection, drops: str) -> None:
    """Sessions at the same time of which one lies in a period that is touched. A session that lasts longer than a leap
    year counts as one (rule LRT-05).
    """
    con.execute(
        f"delete from raw.session_pair where _first_drop in ({drops}) or _second_drop in ({drops}) "
        "or (_first_drop, first_period) in (select (_drop, period) from _touched) "
        "or (_second_drop, second_period) in (select (_drop, period) from _touched)"
    )
    con.execute(
        "create or replace temp view _session as select _src, _drop, _until, coalesce(user_email, 'hash:' || "
        "user_hash) as said, "
        "coalesce(device_id, host_name) as device, event_at, cast(event_at as date) as day, "
        f"{period('cast(event_at as date)')} as period, duration_minutes, "
        "event_at + to_microseconds(cast(least(cast(duration_minutes as double), 527040) * 60000000 as bigint)) as "
        "ends_at "
        "from raw.lrt where coalesce(device_id, host_name) is not null and duration_minutes > 0"
    )
    con.execute("create or replace temp table _new as select * from _session semi join _touched using (_drop, period)")
    first, last = con.execute("select min(day), max(cast(ends_at as date)) from _new").fetchall()[0]
    if first is not None:
        reach = f"cast(ends_at as date) >= date '{first}' and day <= date '{last}'"
        old = f"select * from _session anti join _touched using (_drop, period) where {reach}"
        con.execute(f"create or replace temp table _old as {old}")
        for a, b in (("_new", "_new"), ("_new", "_old"), ("_old", "_new")):
            con.execute(_pairs(a, b))
        con.execute("drop table _old")
    con.execute("drop table _new; drop view _session")


def _pairs(first: str, second: str) -> str:
    """SQL that adds the pairs of which one session is of `first` and a later one of `second`; only those that are ever
    seen together.
    """
    days = "unnest(generate_series(cast(day as timestamp), cast(cast(ends_at as date) as timestamp), interval 1 day))"
    return f"""
        insert into raw.session_pair by name
        select a.said, a._src as first_src, b._src as second_src,
            date_diff('microsecond', b.event_at, least(a.ends_at, b.ends_at)) as overlap,
            least(a.duration_minutes, b.duration_minutes) as least_minutes,
            a._drop as _first_drop, a._until as _first_until, a.period as first_period,
            b._drop as _second_drop, b._until as _second_until, b.period as second_period
        from (select *, cast({days} as date) as touched_day from {first}) as a
        inner join {second} as b on b.said = a.said and b.day = a.touched_day
            and (b.event_at > a.event_at or (b.event_at = a.event_at and b._src > a._src))
        where b.device <> a.device and least(a.ends_at, b.ends_at) > b.event_at
            and a._drop < coalesce(b._until, '9999-12') and b._drop < coalesce(a._until, '9999-12')
    """
