"""Anonymises published rows of expired months: pseudonyms by a random key that is not kept. Rows, counts and amounts
stay.

Columns and sentences are replaced as in privacy mode (`veil`); the pseudonyms of that mode are replaced too, since the
holder of its key could resolve them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

import duckdb

from pipelines.publish.veil import veil
from pipelines.publish.veil.identifiers import TABLE, collect, pseudonym
from pipelines.warehouse import insert_rows

_VEILED = re.compile(r"\bperson-[0-9a-f]{16}\b|\bp[0-9a-f]{15}\b")
_TOLD = (veil.PERSON, veil.TEXT, veil.QUOTED, veil.FINDING, veil.FINDINGS)


def anonymise_persons(
    connection: duckdb.DuckDBPyConnection, key: bytes, months: Sequence[str]
) -> dict[tuple[str, str, str], int]:
    """Replace persons in every published table of the warehouse for these months, within the caller's transaction.

    Returns (schema, table, month) → rows, for the tables with columns that may name persons.
    """
    collect(connection, key)
    columns = {t: c for t, c in veil.veiled_columns(connection).items() if not t.startswith("meta.")}
    jobs = [(t, {n: k for n, k in c.items() if k in _TOLD}, list(months)) for t, c in columns.items()]
    own = veil.own_tables(connection)
    if own:
        _replace_pseudonyms(connection, key, jobs)
        for place in own.values():
            connection.execute(f"delete from {place} where list_contains(?, review_month)", [list(months)])
    else:
        _add_published_names(connection, key, jobs)
        veil.replace_columns(connection, key, jobs)
    found = {}
    for table in columns:
        schema, _, name = table.partition(".")
        for month, rows in connection.execute(
            f"select review_month, count(*) from {table} where list_contains(?, review_month) group by 1",
            [list(months)],
        ).fetchall():
            found[schema, name, month] = int(rows)
    return found


def _add_published_names(
    connection: duckdb.DuckDBPyConnection, key: bytes, jobs: Sequence[tuple[str, dict[str, str], list[str]]]
) -> None:
    """Identifiers as the published rows have them: the delivered rows may be deleted already."""
    selects = [
        f'select "{name}" as value from {table} where list_contains($months, review_month) and "{name}" <> \'\''
        for table, columns, _ in jobs
        for name, kind in columns.items()
        if kind == veil.PERSON
    ]
    connection.execute(
        f"insert into {TABLE} select distinct value, lower(value), {pseudonym(key, 'lower(value)')} from "
        f"({' union '.join(selects)}) where value not in (select value from {TABLE}) and length(value) > 2",
        {"months": jobs[0][2]},
    )


def _replace_pseudonyms(
    connection: duckdb.DuckDBPyConnection, key: bytes, jobs: Sequence[tuple[str, dict[str, str], list[str]]]
) -> None:
    """Replace pseudonyms by new ones."""

    def other(match: re.Match[str]) -> str:
        found = hmac.new(key, match[0].encode(), hashlib.sha256).hexdigest()
        return f"person-{found[:16]}" if match[0].startswith("person-") else f"p{found[:15]}"

    for table, columns, months in jobs:
        for name in columns:
            texts = connection.execute(
                f'select distinct "{name}" from {table} where list_contains(?, review_month) and '
                f"regexp_matches(\"{name}\", 'person-[0-9a-f]{{16}}|p[0-9a-f]{{15}}')",
                [months],
            ).fetchall()
            if not texts:
                continue
            connection.execute("create or replace temp table _other (value varchar, shown varchar)")
            insert_rows(connection, "_other", ("value", "shown"), [(t, _VEILED.sub(other, t)) for (t,) in texts])
            connection.execute(
                f'update {table} set "{name}" = o.shown from _other as o where list_contains(?, review_month) and '
                f'o.value = "{name}"',
                [months],
            )
