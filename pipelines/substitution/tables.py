"""Values in the tables of a DuckDB database, set-based: the distinct texts that hold something are replaced outside and
joined back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import duckdb

from pipelines.substitution.values import Values
from pipelines.warehouse import insert_rows

# Replacements in one expression.
AT_ONCE = 20

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
        if _find(connection, place, columns, values, {}):
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
) -> Changed:
    """Replace them in every table (only: in these). Within the caller's transaction.

    identifiers: columns whose whole value may be a plain word. Returns (schema, table, review month or '') → rows that
    were changed.
    """
    found: Changed = {}
    for (schema, table), columns in text_tables(connection).items():
        if only is not None and (schema, table) not in only:
            continue
        place = f'{schema}."{table}"'
        for month, rows in _exact(connection, place, columns, values.exact):
            found[schema, table, month] = found.get((schema, table, month), 0) + rows
        extra = {c: values.accounts for c in columns if c in identifiers}
        if not _find(connection, place, columns, values, extra):
            continue
        holds = " or ".join(f'"{c}" in (select value from _strong)' for c in columns)
        for month, rows in _by_month(connection, place, columns, holds):
            found[schema, table, month] = found.get((schema, table, month), 0) + rows
        # The rows are found by what is replaced last.
        for column in columns:
            texts = connection.execute(
                f'select distinct "{column}" from {place} where ({holds}) and "{column}" <> \'\' and "{column}" not in '
                "(select value from _strong)"
            ).fetchall()
            made = [(t, values.beside_only(t)) for (t,) in texts]
            _put(connection, place, column, [pair for pair in made if pair[0] != pair[1]], holds)
        for column in columns:
            _put(connection, place, column, None, "true")
    connection.execute("drop table if exists _strong")
    connection.execute("drop table if exists _weak")
    return found


def _find(
    connection: duckdb.DuckDBPyConnection,
    place: str,
    columns: Collection[str],
    values: Values,
    extra: Mapping[str, Mapping[str, str]],
) -> bool:
    """Temporary table _strong (value, shown): the texts of a table that hold the person, as they become."""
    own = Values(values.anywhere, values.cells, values.accounts)
    pattern = own.alternation
    if not pattern:
        return False
    texts = connection.execute(
        " union ".join(
            f'select "{c}" as value from {place} where regexp_matches(lower("{c}"), $pattern)' for c in columns
        ),
        {"pattern": pattern},
    ).fetchall()
    made = {t: shown for (t,) in texts if (shown := own.record(t)) != t}
    for column, plain in extra.items():
        for (text,) in connection.execute(
            f'select distinct "{column}" from {place} where list_contains(?, lower("{column}"))', [list(plain)]
        ).fetchall():
            made.setdefault(text, plain[text.lower()])
    connection.execute("create or replace temp table _strong (value varchar, shown varchar)")
    insert_rows(connection, "_strong", ("value", "shown"), sorted(made.items()))
    return bool(made)


def _by_month(
    connection: duckdb.DuckDBPyConnection, place: str, columns: Collection[str], where: str
) -> list[tuple[str, int]]:
    month = "coalesce(review_month, '')" if "review_month" in columns else "''"
    return connection.execute(f"select {month}, count(*) from {place} where {where} group by 1").fetchall()


def _put(
    connection: duckdb.DuckDBPyConnection,
    place: str,
    column: str,
    pairs: list[tuple[str, str]] | None,
    where: str,
) -> None:
    source = "_strong"
    if pairs is not None:
        if not pairs:
            return
        source = "_weak"
        connection.execute("create or replace temp table _weak (value varchar, shown varchar)")
        insert_rows(connection, "_weak", ("value", "shown"), pairs)
    connection.execute(
        f'update {place} set "{column}" = m.shown from {source} as m where ({where}) and m.value = "{column}"'
    )


def _exact(
    connection: duckdb.DuckDBPyConnection, place: str, columns: Collection[str], exact: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """Hashes and ids: they are no part of another text, so that the database replaces them."""
    pairs = sorted(exact.items())
    for part in (pairs[start : start + AT_ONCE] for start in range(0, len(pairs), AT_ONCE)):
        pattern = "|".join(old for old, _ in part)
        holds = " or ".join(f"regexp_matches(\"{c}\", '{pattern}')" for c in columns)
        rows = _by_month(connection, place, columns, holds)
        if not rows:
            continue
        yield from rows
        for column in columns:
            text = f'"{column}"'
            for old, new in part:
                text = f"replace({text}, '{old}', '{new}')"
            connection.execute(
                f'update {place} set "{column}" = {text} where regexp_matches("{column}", \'{pattern}\')'
            )
