"""A table of texts to a table of typed and judged rows, by the contract of its input. Runs the SQL that the other files
of this room build.

Large files are typed in one pass; small ones without DuckDB's optimizers, whose planning would take longer than the
work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from pipelines.contracts import Column, Contract, Type
from pipelines.contracts.values import UNKNOWN, Company, ValueTable, empty_words, value_table
from pipelines.ingest.conform import dates, numbers, values
from pipelines.ingest.conform.addresses import bare_address
from pipelines.ingest.conform.dates import DATE_TYPES, Forms
from pipelines.ingest.conform.judging import (
    SIGN_IN_NAME,
    Noted,
    can_be_no_text,
    faults_of,
    is_no_address,
    is_no_text,
    names_person,
    noted_columns,
)
from pipelines.ingest.recognise.inputs import Match
from pipelines.ingest.sqltext import case_of, clean, is_hidden, is_one_of, literal

# Up to which planning is the larger part: 40 to 120 ms of it against 10 ms for ten thousand rows (measured;
# docs/decisions/0022).
SMALL_ROWS, SMALL_BYTES = 20_000, 4_000_000
# The optimizer of DuckDB that turns `list_contains([...], x)` into a join.
IN_LIST_JOIN = "in_clause"
# In `_noted` of rows that are written where they stay: how a date of the row is read depends on the rest of its file.
# Columns are far fewer than bits.
UNCLEAR = 1 << 60
# Longest text that is kept of a cell that is noted.
NOTED_LENGTH = 200


def conform_table(
    con: duckdb.DuckDBPyConnection,
    match: Match,
    source: str,
    target: str,
    forms: Forms,
    company: Company | None = None,
) -> None:
    """Create the table `target` from the text table `source` (_row_number, c0..cn): typed columns, `_hidden`, `_extra`,
    `_bad_column`, `_reason`, `_text`, `_noted`, `_noted_cells`.

    A good row has a null `_reason`; `_text` is the whole text of a bad one, for the quarantine. Bit i of `_noted` says
    that the cell of `noted_of()[i]` was not read or is no known value; `_noted_cells` are then the texts of all those
    columns. company: the company's own value table. Two steps, since the order of day and month is decided from the
    columns' own values.
    """
    rows = int(con.execute(f"select count(*) from {source}").fetchall()[0][0])
    is_small = rows <= SMALL_ROWS
    with planning(con, is_small):
        _cells(con, match, source, "_row_number, ")
        columns = [c.name for c in _given(match) if c.type in DATE_TYPES]
        wide = _columns_in_other_forms(con, columns) if is_small else columns
        orders = dates.settled_orders(con, "_cells", wide, forms.order)
        query = _typed_rows(match, orders, forms, company, "_row_number, ")
        con.execute(f"create or replace temp table {target} as {query}")


def conform_file(
    con: duckdb.DuckDBPyConnection,
    match: Match,
    records: str,
    size: int,
    target: str,
    forms: Forms,
    company: Company | None = None,
) -> int | None:
    """The same in one pass over a file that nobody has read yet: a view `target` over the table `<target>_rows`.

    records: SQL of a relation with the cells c0..cn of all data rows in the file's order; size: bytes of the file.
    Raises duckdb.Error where a record does not have these cells. Returns the number of rows; None, and nothing is left,
    where it depends on other values of the file how its dates are read.
    """
    is_small = size <= SMALL_BYTES
    columns = [c for c in _given(match) if c.type in DATE_TYPES]
    # A small file with dates in other forms is read again, which costs less than planning for them in every small file.
    orders = {} if is_small else {c.name: forms.order or "" for c in columns}
    with planning(con, is_small):
        _cells(con, match, records, "")
        con.execute(f"create or replace temp table {target}_rows as {_typed_rows(match, orders, forms, company, '')}")
    # DuckDB numbers the rows of a new table in the order in which they came; numbering them while they are read would
    # take one core.
    unclear = _unclear(match, columns, company, everything=is_small or forms.order is None, any_form=is_small)
    rows, last, again = con.execute(
        f"select count(*), coalesce(max(rowid) + 1, 0), count(*) filter ({unclear}) from {target}_rows"
    ).fetchall()[0]
    if again or rows != last:
        con.execute(f"drop table {target}_rows")
        return None
    con.execute(f"create or replace temp view {target} as select rowid + 1 as _row_number, * from {target}_rows")
    return int(rows)


def straight_rows(
    con: duckdb.DuckDBPyConnection, match: Match, records: str, forms: Forms, company: Company | None = None
) -> str:
    """SQL of the rows of a file that nobody has read yet, in the file's order, to be written where they stay: the
    columns of the contract, `_hidden`, `_extra`, `_fault` (0 for a good row) and `_noted`, with the bit UNCLEAR where
    it depends on other values of the file how its dates are read.

    records: as for `conform_file`. Makes the view _cells. The words for what is wrong with a row are those of
    `aside_rows`.
    """
    dated = [c for c in _given(match) if c.type in DATE_TYPES]
    _cells(con, match, records, "")
    judged = _judged(match, {c.name: forms.order or "" for c in dated}, forms, company)
    steps = []
    if forms.order is None:
        costly = {c.name for c in dated} & match.contract.rejecting
        for i, (name, _, why) in enumerate(judged.faults):
            if name in costly and literal(dates.AMBIGUOUS) in why:
                steps.append((f"_fault = {i}", dates.is_slashed(f'"n_{name}"')))
        for i, note in enumerate(judged.notes):
            if not note.is_value and note.column.type in DATE_TYPES:
                steps.append((f"_noted & {1 << i} <> 0", dates.is_slashed(f'"n_{note.column.name}"')))
    unclear = " or ".join(f"(case when {when} then {then} else false end)" for when, then in steps)
    noted = f"_noted + case when {unclear} then {UNCLEAR} else 0 end" if steps else "_noted"
    return (
        f"select {_names(match.contract)}, _hidden, _extra, coalesce(_fault + 1, 0) as _fault, {noted} as _noted "
        f"from {judged.rows}"
    )


def aside_rows(
    con: duckdb.DuckDBPyConnection,
    match: Match,
    records: str,
    numbers: str,
    target: str,
    forms: Forms,
    company: Company | None = None,
) -> None:
    """Create the table `target`, as that of `conform_table`, of some rows of a file. numbers: table with their places
    in the file (`_row_number`).
    """
    dated = [c for c in _given(match) if c.type in DATE_TYPES]
    numbered = f"(select row_number() over () as _row_number, * from {records})"
    _cells(con, match, f"{numbered} where _row_number in (select _row_number from {numbers})", "_row_number, ")
    query = _typed_rows(match, {c.name: forms.order or "" for c in dated}, forms, company, "_row_number, ")
    with planning(con, small=False):
        con.execute(f"create or replace temp table {target} as {query}")


def noted_of(match: Match, company: Company | None = None) -> list[Noted]:
    """The columns whose cells are noted, in the order of the bits of `_noted`."""
    return noted_columns(match.contract, _given(match), _value_tables(match, company))


def _unclear(match: Match, columns: list[Column], company: Company | None, everything: bool, any_form: bool) -> str:
    """SQL: a row has a date that could be read if the whole file were looked at. any_form: whichever the form, else
    only that of 03/04/2026.
    """
    if not everything or not columns:
        return "where false"
    noted = noted_of(match, company)
    steps = []
    for i, note in enumerate(noted):
        if not note.is_value and note.column.type in DATE_TYPES:
            seen = "true" if any_form else dates.is_ambiguous(f"_noted_cells[{i + 1}]")
            steps.append(f"(case when _noted & {1 << i} <> 0 then {seen} else false end)")
    costly = [c.name for c in columns if c.name in match.contract.rejecting]
    if costly:
        names = ", ".join(literal(n) for n in costly)
        kinds = [dates.AMBIGUOUS, dates.TWO_DIGITS] + ([" is not a "] if any_form else [])
        words = " or ".join(f"contains(_reason, {literal(k)})" for k in kinds)
        steps.append(f"(_reason is not null and _bad_column in ({names}) and ({words}))")
    return f"where {' or '.join(steps)}" if steps else "where false"


@contextmanager
def planning(con: duckdb.DuckDBPyConnection, small: bool) -> Iterator[None]:
    """Without DuckDB's optimizers where there is little to read: for these long lists of expressions they take longer
    than the work does.

    small: whether there is. Never with the one that looks a long list of constants up by a join: rows leave a join in
    any order, and the number of a row is its place.
    """
    names = IN_LIST_JOIN
    if small:
        names = con.execute("select string_agg(name, ',') from duckdb_optimizers()").fetchall()[0][0]
    con.execute(f"set disabled_optimizers = '{names}'")
    try:
        yield
    finally:
        con.execute("reset disabled_optimizers")


def _given(match: Match) -> list[Column]:
    """Columns of the contract that the file has."""
    return [c for c in match.contract.columns if c.name in match.positions]


def _value_tables(match: Match, company: Company | None) -> dict[str, ValueTable]:
    """Column of the file → its value table, for those that have one."""
    found = {}
    for column in _given(match):
        table = value_table(match.contract, column, company, column.name in match.inverse)
        if table is not None:
            found[column.name] = table
    return found


def _columns_in_other_forms(con: duckdb.DuckDBPyConnection, columns: list[str]) -> list[str]:
    """The columns of dates of the view _cells that have a cell in none of the ISO forms."""
    if not columns:
        return []
    forms = "|".join((dates.DAY, dates.NAIVE, dates.ZONED))
    asked = ", ".join(f"""bool_or(not regexp_matches("v_{c}", '{forms}'))""" for c in columns)
    seen = con.execute(f"select {asked} from _cells").fetchall()[0]
    return [c for c, found in zip(columns, seen, strict=True) if found]


def _cells(con: duckdb.DuckDBPyConnection, match: Match, source: str, number: str) -> None:
    """Temporary view _cells: `v_<column>`, the cleaned cell of every column that is there, beside the cells as they
    are.
    """
    given = _given(match)
    cells = ", ".join(f'{clean(match.positions[c.name])} as "v_{c.name}"' for c in given)
    hidden = " or ".join(is_hidden(match.positions[c.name]) for c in given if c.type in (Type.TEXT, Type.EMAIL))
    extra = ", ".join(f"{literal(h)}, {clean(i)}" for h, i in sorted(match.extra.items()))
    extra_sql = f"cast(json_object({extra}) as varchar)" if extra else "cast(null as varchar)"
    as_they_are = ", ".join(f"c{i}" for i in range(_width(match)))
    con.execute(
        f"create or replace temp view _cells as select {number}{as_they_are}, {cells}, coalesce({hidden or 'false'}, "
        "false) as _hidden, "
        f"{extra_sql} as _extra from {source}"
    )


def _width(match: Match) -> int:
    return max([*match.positions.values(), *match.extra.values()]) + 1


@dataclass(frozen=True)
class _Judged:
    """SQL of the rows of the view _cells with their typed columns, `_fault` (the place of the first fault in `faults`,
    null for a good row) and `_noted`.

    faults: (column, condition, reason). notes: what the bits of `_noted` are about.
    """

    rows: str
    faults: list[tuple[str, str, str]]
    notes: list[Noted]


def _judged(match: Match, orders: Mapping[str, str], forms: Forms, company: Company | None) -> _Judged:
    """orders: the columns of dates that are read in every form, and the order in each; the others are read in the ISO
    forms alone.
    """
    contract, given = match.contract, _given(match)
    tables = _value_tables(match, company)
    names = {c.name for c in given}
    first: list[str] = []  # plain values, dates in ISO forms, plain numbers
    second: list[str] = []  # keys and normal texts of what is left over
    third: list[str] = []  # values, parts of dates, numbers without separators
    fourth: list[str] = []  # dates in all forms
    for c in given:
        cell = f'"v_{c.name}"'
        if c.name in tables:
            first.append(f'{values.plain_sql(c, tables[c.name])} as "y_{c.name}"')
            second.append(f'{values.key_sql(c)} as "k_{c.name}"')
            third.append(f'{values.value_sql(c, tables[c.name])} as "m_{c.name}"')
        if c.type in DATE_TYPES:
            first.append(f'{dates.iso(c, cell, forms.timezone)} as "d_{c.name}"')
            read = f'"d_{c.name}"'
            if c.name in orders:
                second.append(
                    f'case when "d_{c.name}" is null and {cell} is not null then {dates.normal_text(cell)} end as '
                    f'"n_{c.name}"'
                )
                text = f'"n_{c.name}"'
                split = f'"s_{c.name}"'
                third.append(f"case when {text} is not null then {dates.parts(text, orders[c.name])} end as {split}")
                read = f'case when {text} is null then "d_{c.name}" else {dates.other(c, text, split, forms)} end'
            fourth.append(f'{read} as "t_{c.name}"')
        if c.type.is_number:
            first.append(f'case when {numbers.is_plain(cell)} then {cell} end as "p_{c.name}"')
            normal = numbers.normal_number(cell, c.type is not Type.INTEGER)
            second.append(f'case when "p_{c.name}" is null and {cell} is not null then {normal} end as "q_{c.name}"')
            text = f'"q_{c.name}"'
            third.append(
                f'case when {text} is null then "p_{c.name}" else {numbers.separated_number(text)} end as "z_{c.name}"'
            )
    typed = ", ".join(
        f'{_typed(contract, c, tables.get(c.name))} as "{c.name}"'
        if c.name in names
        else f'cast(null as {c.type.sql}) as "{c.name}"'
        for c in contract.columns
    )
    faults = [
        (c.name, condition, reason)
        for c in contract.columns
        for condition, reason in faults_of(contract, c, tables.get(c.name), orders.get(c.name))
        if c.name in names or not _reads_cells(condition + reason)
    ]
    # The number of the first fault is found once for every row, its words only where there is one.
    fault = case_of([(condition, str(i)) for i, (_, condition, _) in enumerate(faults)], "integer")
    notes = noted_columns(contract, given, tables)
    noted = " + ".join(f"(case when {n.condition} then {1 << i} else 0 end)" for i, n in enumerate(notes)) or "0"

    def layer(more: list[str], of: str) -> str:
        return f"(select *, {', '.join(more)} from {of})" if more else of

    rows = layer([typed], layer(fourth, layer(third, layer(second, layer(first, "_cells")))))
    return _Judged(f"(select *, {fault} as _fault, cast({noted} as bigint) as _noted from {rows})", faults, notes)


def _typed_rows(match: Match, orders: Mapping[str, str], forms: Forms, company: Company | None, number: str) -> str:
    """SQL of the typed and judged rows of the view _cells, with words for what is wrong with them."""
    judged = _judged(match, orders, forms, company)
    bad_column = case_of([(f"_fault = {i}", literal(name)) for i, (name, _, _) in enumerate(judged.faults)])
    reason = case_of([(f"_fault = {i}", why) for i, (_, _, why) in enumerate(judged.faults)])
    text = "concat_ws(',', " + ", ".join(f"coalesce(c{i}, '')" for i in range(_width(match))) + ")"
    noted_cells = ", ".join(f'left("v_{n.column.name}", {NOTED_LENGTH})' for n in judged.notes)
    cells = f"case when _noted <> 0 then [{noted_cells}] end" if judged.notes else "cast(null as varchar[])"
    return (
        f"select {number}{_names(match.contract)}, _hidden, _extra, case when _fault is not null then {bad_column} "
        "end as _bad_column, "
        f"case when _fault is not null then {reason} end as _reason, case when _fault is not null then {text} end as "
        "_text, "
        f"_noted, {cells} as _noted_cells from {judged.rows}"
    )


def _names(contract: Contract) -> str:
    return ", ".join(f'"{c.name}"' for c in contract.columns)


def _reads_cells(sql: str) -> bool:
    """Whether a condition or reason looks at a cell; where the file lacks the column there is none."""
    return any(f'"{prefix}_' in sql for prefix in "vmtnz")


def _typed(contract: Contract, column: Column, table: ValueTable | None) -> str:
    """SQL of the typed value; null where the text does not fit the type."""
    cell = f'"v_{column.name}"'
    if column.type in DATE_TYPES:
        value = f'"t_{column.name}"'
        # A required date of year 9999 stays; one that means never is none.
        none = dates.off_calendar(value) if column.required else dates.no_date(value)
        return f"case when {none} then null else {value} end"
    if column.type.is_number:
        return _number(contract, column)
    if column.type is Type.BOOLEAN:
        return f"case \"m_{column.name}\" when 'true' then true when 'false' then false end"
    if table is not None:
        said = f'"m_{column.name}"'
        unknown = f"case when {cell} is not null then '{UNKNOWN}' end" if UNKNOWN in column.values else cell
        value = f"nullif(coalesce({said}, {unknown}), '')"
        if table.is_closed:
            return value
    else:
        value = bare_address(cell, column.name == SIGN_IN_NAME) if column.type is Type.EMAIL else cell
    if not can_be_no_text(column):
        return value
    empty = [is_no_text(contract, cell), *([is_no_address(cell)] if names_person(column) else [])]
    if column.type is Type.EMAIL or column.identifier:
        words = empty_words("named")
        # In bytes, of which a character has up to four.
        short = max(len(w.encode()) for w in words)
        empty.append(f"case when strlen({cell}) <= {short} then {is_one_of(f'lower({cell})', words)} else false end")
    return f"case when {' or '.join(empty)} then null else {value} end"


def _number(contract: Contract, column: Column) -> str:
    text = f'"z_{column.name}"'
    if column.type is Type.INTEGER:
        whole = f"try_cast({text} as decimal(21,6))"  # below LIMIT
        value = f"case when {whole} = floor({whole}) then cast({whole} as bigint) end"
    else:
        value = f"try_cast({text} as {column.type.sql})"
    if column.minimum is None or column.name in contract.rejecting:
        return value
    too_small = "<=" if column.exclusive else "<"
    return f"case when not ({value} {too_small} {column.minimum}) then {value} end"
