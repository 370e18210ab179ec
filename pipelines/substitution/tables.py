"""Values in the tables of a DuckDB database, set-based: the distinct texts that hold something are replaced outside and
joined back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import duckdb

from pipelines.substitution.values import Values
from pipelines.warehouse import insert_rows

# Replacements in one expression.
AT_ONCE = 20
# A column of files, by their hashes and in their order.
EVIDENCE = "evidence"

Changed = dict[tuple[str, str, str], int]


def text_tables(
    connection: duckdb.DuckDBPyConnection, schemas: Collection[str] | None = None
) -> dict[tuple[str, str], list[str]]:
    """(schema, table) → its columns of text, of every table of the current database."""
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in connection.execute(
        "select c.schema_name, c.table_name, c.column_name from duckdb_columns() as c inner join duckdb_tables() as t "
        "using (database_name, schema_name, table_name) where c.database_name = current_database() and c.data_type = "
        "'VARCHAR' order by c.schema_name, c.table_name, c.column_index"
    ).fetchall():
        if schemas is None or schema in schemas:
            found.setdefault((schema, table), []).append(column)
    return found


def count_rows(connection: duckdb.DuckDBPyConnection, values: Values) -> dict[tuple[str, str], int]:
    """(schema, table) → rows that hold a value that names the person. Nothing is changed."""
    found = {}
    for (schema, table), columns in text_tables(connection).items():
        place = f'{schema}."{table}"'
        if _find(connection, place, columns, values):
            holds = " or ".join(f'"{c}" in (select value from _strong)' for c in columns)
            found[schema, table] = int(
                connection.execute(f"select count(*) from {place} where {holds}").fetchall()[0][0]
            )
    return found


def replace_values(
    connection: duckdb.DuckDBPyConnection,
    values: Values,
    identifiers: Collection[str] = (),
    only: Collection[tuple[str, str]] | None = None,
) -> tuple[Changed, Changed]:
    """Replace them in every table (only: in these). Within the caller's transaction.

    identifiers: columns whose whole value may be a plain word. Returns (schema, table, review month or '') → rows that
    held the person, and the same of all rows that were changed, those with ids and hashes too.
    """
    named: Changed = {}
    changed: Changed = {}
    for (schema, table), columns in text_tables(connection).items():
        if only is not None and (schema, table) not in only:
            continue
        place = f'{schema}."{table}"'
        for month, rows in _exact(connection, place, columns, values.exact):
            changed[schema, table, month] = rows
        accounts = ", ".join(f"'{v.replace(chr(39), chr(39) * 2)}'" for v in sorted(values.accounts))
        plain = [f"lower({_quoted(c)}) in ({accounts})" for c in columns if c in identifiers and accounts]
        if not _find(connection, place, columns, values) and not plain:
            continue
        holds = [f"{_quoted(c)} in (select value from _strong)" for c in columns]
        for month, rows in _in_own_rows(connection, place, columns, values, " or ".join([*holds, *plain])):
            named[schema, table, month] = rows
            changed[schema, table, month] = changed.get((schema, table, month), 0) + rows
    for name in ("_strong", "_own", "_shown"):
        connection.execute(f"drop table if exists {name}")
    return named, changed


def _in_own_rows(
    connection: duckdb.DuckDBPyConnection, place: str, columns: Collection[str], values: Values, holds: str
) -> list[tuple[str, int]]:
    """Everything of the rows that hold the person; how many, by month. holds: SQL of these rows."""
    month = "coalesce(review_month, '')" if "review_month" in columns else "''"
    rows = f"select rowid as place, {month} as review_month from {place} where {holds}"
    connection.execute(f"create or replace temp table _own as {rows}")
    of_rows = "t.rowid in (select place from _own)"
    texts = connection.execute(
        f"select distinct unnest([{', '.join(_quoted(c) for c in columns)}]) from {place} as t where {of_rows}"
    ).fetchall()
    made = [(t, values.own(t)) for (t,) in texts if t]
    connection.execute("create or replace temp table _shown (value varchar, shown varchar)")
    insert_rows(connection, "_shown", ("value", "shown"), sorted(pair for pair in made if pair[0] != pair[1]))
    counts = ", ".join(f"count(*) filter (where {_quoted(c)} in (select value from _shown))" for c in columns)
    (row,) = connection.execute(f"select {counts} from {place} as t where {of_rows}").fetchall()
    for column in (c for c, count in zip(columns, row, strict=True) if count):
        connection.execute(
            f"update {place} as t set {_quoted(column)} = m.shown from _shown as m where {of_rows} and m.value = "
            f"t.{_quoted(column)}"
        )
    return connection.execute("select review_month, count(*) from _own group by 1").fetchall()


def _find(connection: duckdb.DuckDBPyConnection, place: str, columns: Collection[str], values: Values) -> bool:
    """Temporary table _strong (value): the texts of a table that hold the person."""
    own = Values(values.anywhere, values.cells, values.accounts)
    texts = []
    if pattern := own.alternation:
        texts = connection.execute(
            " union ".join(
                f"select {_quoted(c)} as value from {place} where regexp_matches(lower({_quoted(c)}), $pattern)"
                for c in columns
            ),
            {"pattern": pattern},
        ).fetchall()
    made = sorted(t for (t,) in texts if own.names(t))
    connection.execute("create or replace temp table _strong (value varchar)")
    insert_rows(connection, "_strong", ("value",), [(t,) for t in made])
    return bool(made)


def _exact(
    connection: duckdb.DuckDBPyConnection, place: str, columns: Collection[str], exact: Mapping[str, str]
) -> list[tuple[str, int]]:
    """Hashes and ids: they are no part of another text, so that the database replaces them. How many rows, by month."""
    pairs = sorted(exact.items())
    if not pairs:
        return []
    pattern = "|".join(old for old, _ in pairs)
    counts = ", ".join(f"count(*) filter (where regexp_matches({_quoted(c)}, '{pattern}'))" for c in columns)
    (row,) = connection.execute(f"select {counts} from {place}").fetchall()
    holding = [c for c, count in zip(columns, row, strict=True) if count]
    if not holding:
        return []
    holds = " or ".join(f"regexp_matches({_quoted(c)}, '{pattern}')" for c in holding)
    month = "coalesce(review_month, '')" if "review_month" in columns else "''"
    rows = connection.execute(f"select {month}, count(*) from {place} where {holds} group by 1").fetchall()
    for column in holding:
        for part in (pairs[start : start + AT_ONCE] for start in range(0, len(pairs), AT_ONCE)):
            text = _quoted(column)
            for old, new in part:
                text = f"replace({text}, '{old}', '{new}')"
            if column == EVIDENCE:
                text = f"array_to_string(list_sort(string_split({text}, ';')), ';')"
            connection.execute(
                f"update {place} set {_quoted(column)} = {text} where regexp_matches({_quoted(column)}, "
                f"'{'|'.join(old for old, _ in part)}')"
            )
    return rows


def _quoted(column: str) -> str:
    return f'"{column}"'
