"""Texts to typed rows, set-based: the SQL that trims, maps, casts and judges every cell of a table of texts by its contract.

Builds SQL only; `load` runs it. Forms of dates and numbers: shared specification, inputs, "The drop".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.contracts import Column, Contract, Type
from pipelines.contracts.aliases import values
from pipelines.contracts.contract import LIMIT
from pipelines.ingest.recognise import Match

# Blanks that are trimmed: also the no-break space and a stray byte order mark.
BLANKS = " \t\r\n\u00a0\ufeff"
NULLS = "('', '-', 'N/A', '*****')"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAIVE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$"
ZONED = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)$"
PLAIN = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"  # the form of the exports; a cast reads it as it stands
)
SLASHED = (
    "^([0-9]{1,2})([/.])([0-9]{1,2})[/.]([0-9]{4})(?: +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: *([AaPp][Mm]))?)?$"
)
YEAR_FIRST = "^([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})$"
TRUE_WORDS = "('true', 'yes', 'y', '1', 'on', 'enabled', 't', 'active')"
FALSE_WORDS = "('false', 'no', 'n', '0', 'off', 'disabled', 'f', 'inactive')"
DATE_TYPES = (Type.DATE, Type.TIMESTAMP)
TOO_LARGE = f" is too large; a number below {LIMIT:,} is expected"
# What a date says that can be read in two ways, where nothing tells which one holds.
AMBIGUOUS = " can be day/month or month/day; give date_order in a manifest"
# Up to which planning is the larger part: 40 to 120 ms of it against 10 ms for ten thousand rows (measured; docs/decisions/0022).
SMALL_ROWS, SMALL_BYTES = 20_000, 4_000_000


@dataclass(frozen=True)
class DateReading:
    """How dates like 03/04/2026 are read in one column of one file: 'dmy', 'mdy', or '' if that cannot be known."""

    order: str


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def clean(position: int) -> str:
    """SQL of a cell, trimmed (also of no-break spaces), null where the text means nothing."""
    cell = f"c{position}"
    # Trimming costs ten times the look at both ends, and nearly every cell begins and ends with a printed ASCII character.
    trimmed = f"case when {cell} >= '!' and {cell} < '~' and {cell}[-1] between '!' and '~' then {cell} else trim({cell}, '{BLANKS}') end"
    return f"case when {trimmed} in {NULLS} then null else {trimmed} end"


def _is_hidden(position: int) -> str:
    """SQL: the portal hid the cell. Only texts below '+' can begin with blanks or an asterisk."""
    return f"case when c{position} < '+' then trim(c{position}) = '*****' else false end"


def mapped(contract: Contract, column: Column) -> str:
    """SQL of the cleaned cell `v_<column>` after the value table of the input, if it has one for the column; the folded cell is `f_<column>`."""
    table = values().get((contract.name, column.name))
    cell = f'"v_{column.name}"'
    if not table:
        return cell
    whens = " ".join(f"when {literal(k)} then {'null' if v is None else literal(v)}" for k, v in sorted(table.items()))
    return f'case "f_{column.name}" {whens} else {cell} end'


def folded(column: Column) -> str:
    """SQL of the cleaned cell as the value tables spell their keys."""
    cell = f'"v_{column.name}"'
    # To see that a text is spelt so already, as most are, costs a sixth of folding it.
    return f"case when regexp_full_match({cell}, '[a-z0-9]+(_[a-z0-9]+)*') then {cell} else trim(regexp_replace(lower({cell}), '[^a-z0-9]+', '_', 'g'), '_') end"


def date_reading(con: duckdb.DuckDBPyConnection, table: str, column: str, order: Any) -> DateReading:
    """Which of the two readings holds: the manifest's, else the one that the column's values leave over."""
    if order in ("dmy", "mdy"):
        return DateReading(str(order))
    first = f"cast(regexp_extract(\"v_{column}\", '{SLASHED}', 1) as integer)"
    second = f"cast(regexp_extract(\"v_{column}\", '{SLASHED}', 3) as integer)"
    found = con.execute(
        f"select bool_or({first} > 12), bool_or({second} > 12) from {table} "
        f"where regexp_matches(\"v_{column}\", '{SLASHED}')"
    ).fetchall()[0]
    if found[0] and not found[1]:
        return DateReading("dmy")
    if found[1] and not found[0]:
        return DateReading("mdy")
    return DateReading("")


def _slashed_timestamp(cell: str, order: str) -> str:
    day, month = (1, 3) if order == "dmy" else (3, 1)

    def part(group: int) -> str:
        return f"cast(nullif(regexp_extract({cell}, '{SLASHED}', {group}), '') as integer)"

    half = f"upper(regexp_extract({cell}, '{SLASHED}', 8))"
    hour = f"case when {half} = 'PM' then {part(5)} % 12 + 12 when {half} = 'AM' then {part(5)} % 12 else {part(5)} end"
    text = (
        f"format('{{:04d}}-{{:02d}}-{{:02d}} {{:02d}}:{{:02d}}:{{:02d}}', {part(4)}, {part(month)}, {part(day)}, "
        f"coalesce({hour}, 0), coalesce({part(6)}, 0), coalesce({part(7)}, 0))"
    )
    return f"try_cast({text} as timestamp)"


def _date_sql(cell: str, reading: DateReading) -> str:
    # A time without offset keeps its day as written.
    slashed = f"cast({_slashed_timestamp(cell, reading.order)} as date)" if reading.order else "null"
    return (
        f"case when regexp_matches({cell}, '{DAY}') then try_cast({cell} as date) "
        f"when regexp_matches({cell}, '{NAIVE}') then cast(try_cast({cell} as timestamp) as date) "
        f"when regexp_matches({cell}, '{ZONED}') then cast(timezone('UTC', {_zoned(cell)}) as date) "
        f"when regexp_matches({cell}, '{SLASHED}') then {slashed} "
        f"when regexp_matches({cell}, '{YEAR_FIRST}') then try_cast(replace(replace({cell}, '/', '-'), '.', '-') as date) end"
    )


def _zoned(cell: str) -> str:
    normal = f"regexp_replace(replace(upper({cell}), 'Z', '+00'), ' ?([+-][0-9]{{2}})([0-9]{{2}})$', '\\1:\\2')"
    return f"try_cast({normal} as timestamptz)"


def _timestamp_sql(cell: str, reading: DateReading, timezone: str) -> str:
    def local(value: str) -> str:
        return value if timezone == "UTC" else f"timezone('UTC', timezone({literal(timezone)}, {value}))"

    slashed = local(_slashed_timestamp(cell, reading.order)) if reading.order else "null"
    return (
        f"case when regexp_matches({cell}, '{PLAIN}') then try_cast({cell} as timestamp) "
        f"when regexp_matches({cell}, '{ZONED}') then timezone('UTC', {_zoned(cell)}) "
        f"when regexp_matches({cell}, '{DAY}') then cast(try_cast({cell} as date) as timestamp) "
        f"when regexp_matches({cell}, '{NAIVE}') then {local(f'try_cast({cell} as timestamp)')} "
        f"when regexp_matches({cell}, '{SLASHED}') then {slashed} "
        f"when regexp_matches({cell}, '{YEAR_FIRST}') then cast(try_cast(replace(replace({cell}, '/', '-'), '.', '-') as date) as timestamp) end"
    )


def number_text(cell: str) -> str:
    """SQL of a number's plain text (`1234.5`) in any accepted form, null if it is none."""
    return (
        f"case when regexp_matches({cell}, '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$') then {cell} "
        f"when regexp_matches({cell}, '^[+-]?[0-9]+,[0-9]{{3}}$') then replace({cell}, ',', '') "
        f"when regexp_matches({cell}, '^[+-]?[0-9]*,[0-9]+$') then replace({cell}, ',', '.') "
        f"when regexp_matches({cell}, '^[+-]?[0-9]{{1,3}}(,[0-9]{{3}})+([.][0-9]+)?$') then replace({cell}, ',', '') "
        f"when regexp_matches({cell}, '^[+-]?[0-9]{{1,3}}([.][0-9]{{3}})+(,[0-9]+)?$') then replace(replace({cell}, '.', ''), ',', '.') end"
    )


def typed(column: Column, cell: str, reading: DateReading, timezone: str) -> str:
    """SQL of the typed value; null where the text does not fit the type."""
    if column.type is Type.DATE:
        return _date_sql(cell, reading)
    if column.type is Type.TIMESTAMP:
        return _timestamp_sql(cell, reading, timezone)
    if column.type is Type.INTEGER:
        value = f"try_cast({number_text(cell)} as decimal(21,6))"  # below LIMIT
        return f"case when {value} = floor({value}) then cast({value} as bigint) end"
    if column.type.is_number:
        return f"try_cast({number_text(cell)} as {column.type.sql})"
    if column.type is Type.BOOLEAN:
        return f"case when lower({cell}) in {TRUE_WORDS} then true when lower({cell}) in {FALSE_WORDS} then false end"
    return f"lower({cell})" if column.type is Type.EMAIL else cell


EXPECTED = {
    Type.DATE: "a date (YYYY-MM-DD)",
    Type.TIMESTAMP: "a time (YYYY-MM-DDTHH:MM:SSZ)",
    Type.NUMBER: "a number",
    Type.PRICE: "a number",
    Type.RATE: "a number",
    Type.INTEGER: "a whole number",
    Type.BOOLEAN: "true or false",
}


def _column_faults(contract: Contract, column: Column, reading: DateReading) -> list[tuple[str, str]]:
    """(condition, reason) pairs of a column, in the order in which they are looked at."""
    cell, value = f'"m_{column.name}"', f'"{column.name}"'
    faults: list[tuple[str, str]] = []
    shown = f"'''' || left({cell}, 80) || ''''"
    if column.type in EXPECTED:
        ambiguous = (
            f"case when regexp_matches({cell}, '{SLASHED}') then {literal(AMBIGUOUS)} "
            f"else ' is not {EXPECTED[column.type]}' end"
            if column.type in DATE_TYPES and not reading.order
            else f"' is not {EXPECTED[column.type]}'"
        )
        if column.type.is_number:
            large = f"abs(try_cast({number_text(cell)} as double)) >= {LIMIT}"
            ambiguous = f"case when {large} then {literal(TOO_LARGE)} else {ambiguous} end"
        faults.append((f"{cell} is not null and {value} is null", f"{shown} || {ambiguous}"))
    if column.required:
        faults.append((f"{value} is null", "'is empty; a value is required'"))
    if column.minimum is not None:
        sign, words = ("<=", "more than") if column.exclusive else ("<", "at least")
        faults.append(
            (f"{value} {sign} {column.minimum}", f"{shown} || ' is out of range; {words} {column.minimum} is expected'")
        )
    if column.values:
        allowed = ", ".join(literal(v) for v in column.values)
        faults.append((f"lower({value}) not in ({allowed})", f"{shown} || ' is none of: {', '.join(column.values)}'"))
    for group in contract.any_of:
        if group[0] == column.name:
            empty = " and ".join(f'"{c}" is null' for c in group)
            faults.append((empty, literal(f"is empty, and so is {', '.join(group[1:])}; one of them is required")))
    return faults


def conform_table(
    con: duckdb.DuckDBPyConnection, match: Match, source: str, target: str, timezone: str, order: Any
) -> None:
    """Create the table `target` from the text table `source` (_row_number, c0..cn): typed columns, `_hidden`, `_extra`, `_bad_column`, `_reason`, `_text`.

    A good row has a null `_reason`; `_text` is the whole text of a bad one, for the quarantine. Two steps, since the reading of ambiguous dates is
    decided from the column's own values.
    """
    rows = int(con.execute(f"select count(*) from {source}").fetchall()[0][0])
    with _planning(con, rows <= SMALL_ROWS):
        _cells(con, match, source, "_row_number, ")
        readings = _readings(con, match, source, order)
        con.execute(
            f"create or replace temp table {target} as {_typed_rows(match, readings, timezone, '_row_number, ')}"
        )


def conform_file(
    con: duckdb.DuckDBPyConnection, match: Match, records: str, size: int, target: str, timezone: str, order: Any
) -> int | None:
    """The same in one pass over a file that nobody has read yet: a view `target` over the table `<target>_rows`.

    records: SQL of a relation with the cells c0..cn of all data rows in the file's order; size: bytes of the file. Raises duckdb.Error where a record does not have
    these cells. Returns the number of rows; None, and nothing is left, where it depends on other values of a column how its dates are read.
    """
    stated = DateReading(str(order) if order in ("dmy", "mdy") else "")
    readings = {c.name: stated for c in _given(match) if c.type in DATE_TYPES}
    with _planning(con, size <= SMALL_BYTES):
        _cells(con, match, records, "")
        con.execute(f"create or replace temp table {target}_rows as {_typed_rows(match, readings, timezone, '')}")
    # DuckDB numbers the rows of a new table in the order in which they came; numbering them while they are read would take one core.
    rows, last, unclear = con.execute(
        f"select count(*), coalesce(max(rowid) + 1, 0), count(*) filter (where contains(_reason, {literal(AMBIGUOUS)})) from {target}_rows"
    ).fetchall()[0]
    if unclear or rows != last:
        con.execute(f"drop table {target}_rows")
        return None
    con.execute(f"create or replace temp view {target} as select rowid + 1 as _row_number, * from {target}_rows")
    return int(rows)


@contextmanager
def _planning(con: duckdb.DuckDBPyConnection, small: bool) -> Iterator[None]:
    """Without DuckDB's optimizers where there is little to read: for these long lists of expressions they take longer than the work does."""
    if small:
        names = con.execute("select string_agg(name, ',') from duckdb_optimizers()").fetchall()[0][0]
        con.execute(f"set disabled_optimizers = '{names}'")
    try:
        yield
    finally:
        if small:
            con.execute("reset disabled_optimizers")


def _given(match: Match) -> list[Column]:
    """Columns of the contract that the file has."""
    return [c for c in match.contract.columns if c.name in match.positions]


def _cells(con: duckdb.DuckDBPyConnection, match: Match, source: str, number: str) -> None:
    """Temporary view _cells: `v_<column>`, the cleaned cell of every column that is there, beside the cells as they are."""
    given = _given(match)
    cells = ", ".join(f'{clean(match.positions[c.name])} as "v_{c.name}"' for c in given)
    hidden = " or ".join(_is_hidden(match.positions[c.name]) for c in given if c.type in (Type.TEXT, Type.EMAIL))
    extra = ", ".join(f"{literal(h)}, {clean(i)}" for h, i in sorted(match.extra.items()))
    extra_sql = f"cast(json_object({extra}) as varchar)" if extra else "cast(null as varchar)"
    as_they_are = ", ".join(f"c{i}" for i in range(_width(match)))
    con.execute(
        f"create or replace temp view _cells as select {number}{as_they_are}, {cells}, coalesce({hidden or 'false'}, false) as _hidden, "
        f"{extra_sql} as _extra from {source}"
    )


def _width(match: Match) -> int:
    return max([*match.positions.values(), *match.extra.values()]) + 1


def _typed_rows(match: Match, readings: Mapping[str, DateReading], timezone: str, number: str) -> str:
    """SQL of the typed and judged rows of the view _cells."""
    contract, given = match.contract, _given(match)
    unread = DateReading("")
    typed_columns = ", ".join(
        f'{typed(c, _mapped_cell(c), readings.get(c.name, unread), timezone)} as "{c.name}"'
        if c in given
        else f'cast(null as {c.type.sql}) as "{c.name}"'
        for c in contract.columns
    )
    faults = [
        (c.name, condition, reason)
        for c in contract.columns
        for condition, reason in _column_faults(contract, c, readings.get(c.name, unread))
        if c in given or '"m_' not in condition + reason
    ]
    # The number of the first fault is found once for every row, its words only where there is one.
    fault = _case([(condition, str(i)) for i, (_, condition, _) in enumerate(faults)], "integer")
    bad_column = _case([(f"_fault = {i}", literal(name)) for i, (name, _, _) in enumerate(faults)])
    reason = _case([(f"_fault = {i}", why) for i, (_, _, why) in enumerate(faults)])
    text = "concat_ws(',', " + ", ".join(f"coalesce(c{i}, '')" for i in range(_width(match))) + ")"
    names = ", ".join(f'"{c.name}"' for c in contract.columns)
    return (
        f"select {number}{names}, _hidden, _extra, case when _fault is not null then {bad_column} end as _bad_column, "
        f"case when _fault is not null then {reason} end as _reason, case when _fault is not null then {text} end as _text "
        f"from (select *, {fault} as _fault from (select *, {typed_columns} from ({_mapped_rows(contract, given)})))"
    )


def _mapped_rows(contract: Contract, given: list[Column]) -> str:
    """SQL of the cleaned cells with `m_<column>`: what each says after the value tables."""
    mapped_columns = ", ".join(f'{mapped(contract, c)} as "m_{c.name}"' for c in given)
    keys = "".join(f', {folded(c)} as "f_{c.name}"' for c in given if values().get((contract.name, c.name)))
    return f"select *, {mapped_columns} from (select *{keys} from _cells)"


def _mapped_cell(column: Column) -> str:
    return f'"m_{column.name}"'


def _readings(con: duckdb.DuckDBPyConnection, match: Match, source: str, order: Any) -> dict[str, DateReading]:
    """How the dates of each column of dates are read. Only a column with a slash or a dot somewhere is looked at closely, and all are looked at in one scan."""
    dates = [c for c in _given(match) if c.type in DATE_TYPES]
    if not dates:
        return {}
    separated = [f"bool_or(contains(c{(p := match.positions[c.name])}, '/') or contains(c{p}, '.'))" for c in dates]
    seen = con.execute(f"select {', '.join(separated)} from {source}").fetchall()[0]
    close = {c.name for c, there in zip(dates, seen, strict=True) if there}
    return {
        c.name: date_reading(con, "_cells", c.name, order)
        if c.name in close or order in ("dmy", "mdy")
        else DateReading("")
        for c in dates
    }


def _case(pairs: list[tuple[str, str]], sql_type: str = "varchar") -> str:
    if not pairs:
        return f"cast(null as {sql_type})"
    return "case " + " ".join(f"when {condition} then {value}" for condition, value in pairs) + " end"
