"""Schema `bi` of the published file: a view of each published table with one join column per dimension.

Many BI tools can join on one column only, and some lose rows without a matching dimension row. A surrogate key
(`offering_sk`, `person_sk`, `team_sk`, `contract_sk`) is the review month and the key as one text. If the row has no
key, or the dimension does not have it, it is the key of the month's unknown member, which the dimension views contain.
Views only: nothing is stored twice. Decides no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

SCHEMA = "bi"
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Dimension:
    """A dimension of a review month. name: of its surrogate key, without `_sk`; key: its column, also in facts; label:
    the column that names the unknown member.
    """

    name: str
    table: str
    key: str
    label: str


DIMENSIONS = (
    Dimension("offering", "dim_offering", "offering_key", "offering_name"),
    Dimension("person", "dim_person", "person_key", "display_name"),
    Dimension("team", "dim_team", "team_alias", "team_alias"),
    Dimension("contract", "dim_contract", "contract_number", "contract_number"),
)
ABOUT_KEY = "Key of bi.{table}: review month and {key}, or the unknown member of the month"
ABOUT = "{table} with surrogate keys: one column per dimension, of a review month and a key; see docs/bi.md"


def write_star(connection: duckdb.DuckDBPyConnection, database: str) -> int:
    """Recreate the views in an attached database that has schemas calendar and marts. Returns their number."""
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name = ? "
        "and schema_name in ('calendar', 'marts') order by schema_name, table_name, column_index",
        [database],
    ).fetchall():
        columns.setdefault((schema, table), []).append(column)
    there = [d for d in DIMENSIONS if ("marts", d.table) in columns]
    views = {
        table: _dimension(own) if own else _fact(schema, table, names, there)
        for (schema, table), names in columns.items()
        for own in [next((d for d in there if (schema, table) == ("marts", d.table)), None)]
    }
    said = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where database_name = ? "
        "and schema_name in ('calendar', 'marts') and comment is not null order by all",
        [database],
    ).fetchall()
    current = connection.execute("select current_database(), current_schema()").fetchall()[0]
    statements = [f'drop schema if exists "{database}".{SCHEMA} cascade', f'create schema "{database}".{SCHEMA}']
    # Unqualified, so that the file can be attached under any name.
    statements.append(f'use "{database}"')
    for table, query in views.items():
        statements.append(f'create view {SCHEMA}."{table}" as {query}')
        statements.append(f"comment on view {SCHEMA}.\"{table}\" is '{ABOUT.format(table=table)}'")
        statements += [
            f"comment on column {SCHEMA}.\"{table}\".{d.name}_sk is '{ABOUT_KEY.format(table=d.table, key=d.key)}'"
            for d in there
            if f" as {d.name}_sk" in query
        ]
    statements += [f'comment on column {SCHEMA}."{t}"."{c}" is {_literal(text)}' for t, c, text in said]
    try:
        connection.execute(";".join(statements))
    finally:
        connection.execute(f'use "{current[0]}"."{current[1]}"')
    return len(views)


def _dimension(own: Dimension) -> str:
    return (
        f"select review_month || '|' || {own.key} as {own.name}_sk, * from marts.{own.table} union all by name "
        f"select distinct review_month || '|{UNKNOWN}' as {own.name}_sk, review_month, month_start, "
        f"'{UNKNOWN}' as {own.label} from marts.{own.table}"
    )


def _fact(schema: str, table: str, names: Sequence[str], there: Sequence[Dimension]) -> str:
    met = [d for d in there if d.key in names and "review_month" in names]
    keys = "".join(f", t.review_month || '|' || coalesce(d_{d.name}.{d.key}, '{UNKNOWN}') as {d.name}_sk" for d in met)
    joins = "".join(
        f" left join marts.{d.table} as d_{d.name} on d_{d.name}.review_month = t.review_month "
        f"and d_{d.name}.{d.key} = t.{d.key}"
        for d in met
    )
    return f'select t.*{keys} from {schema}."{table}" as t{joins}'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
