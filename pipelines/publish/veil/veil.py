"""Writes pseudonyms into the published tables of the warehouse, set-based, after the models have run and before
anything is published. No other module changes values for privacy mode.

Real values are kept in the schema `own`: they are put back into the tables while models that read history run (`lift`),
and the outputs that name persons are made from them. Everything that publishing does (partitions, record, hashes, the
published file, restored rows) sees only pseudonyms. columns.csv classifies the columns.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipelines.partitions import VARIANT
from pipelines.publish.veil.identifiers import TABLE, collect, pseudonym
from pipelines.warehouse import insert_rows, transaction

OF_COLUMNS = Path(__file__).with_name("columns.csv")
EVERY = "*"
PERSON, TEXT, QUOTED, FINDING, FINDINGS, WITHHELD, NONE = (
    "person", "text", "quoted", "finding", "findings", "withheld", "none",
)  # fmt: skip
CLASSES = {PERSON, TEXT, QUOTED, FINDING, FINDINGS, WITHHELD, NONE}
# Tables that models read for earlier months, or for months of the run if they are not rebuilt.
HISTORY = ("findings", "assignment_history", "deprovisioning_list", "actions", "claim_answers")
# Tables that publishing itself updates, for every month.
REFRESHED = ("file_register", "rejected_rows")
OWN, SHOWN = "own", "shown"
VEILED = {PERSON: "^person-[0-9a-f]{16}$", FINDING: "^p[0-9a-f]{15}$"}
CUT = "(withheld)"
# A quoted cell in a message, with the character before it: from a quotation mark that does not follow a letter or digit
# to one that no letter or digit follows (O'Neill is one cell). In the syntax that RE2, Rust and Python share.
QUOTED_CELL = r"(^|[\x00-/:-@\[-^`{-~])'[^']*(?:'[^\x00-/:-@\[-^`{-~][^']*)*'"
PAIR = {"value": pl.String, "shown": pl.String}
# An e-mail address: a letter before the sign and a dot after it (27000@server is a licence server).
ADDRESS = (
    r"""[^\s'"<>(),;:=/|@]*[^\s'"<>(),;:=/|@0-9._+-][^\s'"<>(),;:=/|@]*@[^\s'"<>(),;:=/|@.]+"""
    r"""(?:\.[^\s'"<>(),;:=/|@.]+)+"""
)
# An identifier of at least this length, or with one of these characters, is searched for anywhere in a text; a shorter
# one only as a whole word.
LONG, PHRASES = 8, "[@ ]"


@cache
def _classes() -> dict[tuple[str, str], str]:
    with OF_COLUMNS.open(encoding="utf-8", newline="") as handle:
        return {(row["table"], row["column"]): row["class"] for row in csv.DictReader(handle)}


def class_of(table: str, column: str) -> str | None:
    """The class of a text column of a published table; None if columns.csv does not classify it. table: schema.name."""
    return _classes().get((table, column)) or _classes().get((EVERY, column))


def veiled_columns(connection: duckdb.DuckDBPyConnection, database: str | None = None) -> dict[str, dict[str, str]]:
    """schema.table → column → class, for every published table with a column that may name persons."""
    every = _text_columns(connection, database).items()
    found = {table: {n: kind for n, kind in columns.items() if kind != NONE} for table, columns in every}
    return {table: columns for table, columns in found.items() if columns}


def _text_columns(connection: duckdb.DuckDBPyConnection, database: str | None) -> dict[str, dict[str, str]]:
    where = "current_database()" if database is None else f"'{database}'"
    found: dict[str, dict[str, str]] = {}
    for schema, table, column in connection.execute(
        f"select c.schema_name, c.table_name, c.column_name from duckdb_columns() as c where database_name = {where} "
        "and schema_name in ('calendar', 'marts', 'meta') and data_type = 'VARCHAR' order by all"
    ).fetchall():
        found.setdefault(f"{schema}.{table}", {})[column] = class_of(f"{schema}.{table}", column) or TEXT
    return found


def _columns_with_addresses(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], months: Sequence[str] | None
) -> dict[str, str]:
    """Columns classified as naming nobody that do: a company may write an address into a number or a code."""
    names = [n for n, kind in columns.items() if kind == NONE]
    if not names:
        return {}
    asked = ", ".join(f"bool_or(contains(\"{n}\", '@'))" for n in names)
    found = connection.execute(f"select {asked} from {table} where {_month_filter(months)}").fetchall()[0]
    return {n: TEXT for n, is_there in zip(names, found, strict=True) if is_there}


def _copy(schema: str, table: str) -> str:
    return f'{schema}."{table}"'


def _there(connection: duckdb.DuckDBPyConnection, schema: str) -> set[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where schema_name = ? and database_name = current_database()", [schema]
    ).fetchall()
    return {name for (name,) in rows}


def is_veiled(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the tables of the warehouse carry pseudonyms."""
    return bool(_there(connection, OWN))


def lift(connection: duckdb.DuckDBPyConnection) -> None:
    """Put real values into the tables that models read and keep the pseudonymous rows aside. No effect if there are
    none.
    """
    own, shown = _there(connection, OWN), _there(connection, SHOWN)
    connection.execute(f"create schema if not exists {SHOWN}")
    for name in HISTORY:
        table = f"calendar.{name}"
        if table in own and table not in shown and name in _there(connection, "calendar"):
            with transaction(connection):
                connection.execute(f"create table {_copy(SHOWN, table)} as select * from {table}")
                connection.execute(f"delete from {table}")
                connection.execute(f"insert into {table} by name select * from {_copy(OWN, table)}")


def veil(connection: duckdb.DuckDBPyConnection, key: bytes, made: Collection[str] | None) -> None:
    """Write pseudonyms into every rebuilt table for the months of the run, and into the registers. made: names of the
    tables; None for all.
    """
    connection.execute(f"create schema if not exists {OWN}")
    months = [m for (m,) in connection.execute("select review_month from raw.run_month order by 1").fetchall()]
    collect(connection, key)
    jobs: list[tuple[str, dict[str, str], list[str] | None]] = []
    lifted = _there(connection, SHOWN)
    plain: list[tuple[str, dict[str, str], list[str] | None]] = []
    veiled = veiled_columns(connection)
    for table, columns in _text_columns(connection, None).items():
        name = table.partition(".")[2]
        if name in HISTORY and table in _there(connection, OWN):
            is_real = table in lifted
        else:
            is_real = made is None or name in made or name in REFRESHED
        if is_real:
            of = None if name in REFRESHED or "review_month" not in columns else months
            plain.append((table, _columns_with_addresses(connection, table, columns, of), of))
            if table in veiled:
                jobs.append((table, veiled[table], of))
    with transaction(connection):
        for table, _, of in jobs:
            _keep_own(connection, table, of)
        replace_columns(connection, key, [*jobs, *plain])
        for name in HISTORY:
            table = f"calendar.{name}"
            if table in lifted:
                connection.execute(f"delete from {table} where not list_contains(?, review_month)", [months])
                connection.execute(
                    f"insert into {table} by name select * from {_copy(SHOWN, table)} where not list_contains(?, "
                    "review_month)",
                    [months],
                )
                connection.execute(f"drop table {_copy(SHOWN, table)}")


def _keep_own(connection: duckdb.DuckDBPyConnection, table: str, months: Sequence[str] | None) -> None:
    """Store the real rows of the months in `own`. If the rows of a table carry pseudonyms, they are stored there
    already.
    """
    if table.partition(".")[2] in REFRESHED:
        return
    own = _copy(OWN, table)
    connection.execute(f"create table if not exists {own} as select * from {table} limit 0")
    connection.execute(f"delete from {own} where list_contains(?, review_month)", [list(months or ())])
    connection.execute(
        f"insert into {own} by name select * from {table} where list_contains(?, review_month) and not "
        f"contains(review_month, '{VARIANT}')",
        [list(months or ())],
    )


def replace_columns(
    connection: duckdb.DuckDBPyConnection, key: bytes, jobs: Sequence[tuple[str, dict[str, str], list[str] | None]]
) -> None:
    """Replace every classified column of these tables for these months (None: all)."""
    by_class: dict[str, list[str]] = {kind: [] for kind in CLASSES}
    for table, columns, months in jobs:
        for column, kind in columns.items():
            by_class[kind].append(
                f'select "{column}" as value from {table} where {_month_filter(months)} and "{column}" <> \'\''
            )
    _add_addresses(connection, key, [*by_class[TEXT], *by_class[QUOTED]])
    _map_persons(connection, key, by_class[PERSON])
    _map_texts(connection, "_text", by_class[TEXT])
    _map_texts(connection, "_quoted", by_class[QUOTED], cut=True)
    for table, columns, months in jobs:
        for column, kind in columns.items():
            place, where = f'"{column}"', _month_filter(months)
            if kind == WITHHELD:
                connection.execute(f"update {table} set {place} = '{CUT}' where {where} and {place} <> ''")
            elif kind == FINDING:
                shown = pseudonym(key, place, "finding")
                connection.execute(
                    f"update {table} set {place} = {shown} where {where} and {place} <> '' and not "
                    f"regexp_matches({place}, '{VEILED[FINDING]}')"
                )
            elif kind == FINDINGS:
                shown = pseudonym(key, "one", "finding")
                each = f"case when regexp_matches(one, '{VEILED[FINDING]}') then one else {shown} end"
                connection.execute(
                    f"update {table} set {place} = array_to_string(list_transform(string_split({place}, ';'), "
                    f"lambda one: {each}), ';') where {where} and {place} <> ''"
                )
            else:
                source = {PERSON: "_person", TEXT: "_text", QUOTED: "_quoted"}[kind]
                connection.execute(
                    f"update {table} set {place} = m.shown from {source} as m where {where} and m.value = {place}"
                )
    for name in ("_person", "_text", "_quoted"):
        connection.execute(f"drop table {name}")


def _add_addresses(connection: duckdb.DuckDBPyConnection, key: bytes, selects: Sequence[str]) -> None:
    """Add addresses to the identifiers that were not delivered in a column of their own: in a note, a number, a file
    name.
    """
    pattern = ADDRESS.replace("'", "''")
    values = " union ".join(selects) or "select null::varchar as value limit 0"
    connection.execute(
        f"insert into {TABLE} select distinct one, lower(one), {pseudonym(key, 'lower(one)')} from (select "
        f"unnest(regexp_extract_all(value, '{pattern}')) as one from ({values}) where contains(value, '@')) where one "
        f"not in (select value from {TABLE})"
    )


def _month_filter(months: Sequence[str] | None) -> str:
    """SQL condition for these months, or all. Month keys are generated, so they need no quoting."""
    if months is None:
        return "true"
    return f"review_month in ({', '.join(repr(m) for m in months)})" if months else "false"


def _map_persons(connection: duckdb.DuckDBPyConnection, key: bytes, selects: Sequence[str]) -> None:
    values = " union ".join(selects) or "select null::varchar as value limit 0"
    connection.execute(
        f"create or replace temp table _person as select v.value, coalesce(i.shown, "
        f"{pseudonym(key, 'lower(v.value)')}) "
        f"as shown from ({values}) as v left join {TABLE} as i on i.value = v.value where not regexp_matches(v.value, "
        f"'{VEILED[PERSON]}')"
    )


def _map_texts(connection: duckdb.DuckDBPyConnection, name: str, selects: Sequence[str], cut: bool = False) -> None:
    """Create the temporary table `name`: value → shown, for the texts that change. cut: text in quotation marks is a
    cell of a file and is removed.
    """
    values = " union ".join(selects) or "select null::varchar as value limit 0"
    rows = connection.execute(f"select value, value as shown from ({values}) order by 1").fetchall()
    made = replaced(connection, pl.DataFrame(rows, PAIR, orient="row"))
    made = _cut(made) if cut else made
    connection.execute(f"create or replace temp table {name} (value varchar, shown varchar)")
    insert_rows(connection, name, ("value", "shown"), made.filter(pl.col("value") != pl.col("shown")).rows())


def replaced(connection: duckdb.DuckDBPyConnection, texts: pl.DataFrame) -> pl.DataFrame:
    """The frame (value, shown) with every known identifier in `shown` replaced by its pseudonym, in one pass of an
    automaton over all identifiers; of two that begin at the same position the longer one is used.
    """
    rows = connection.execute(
        f"select distinct v as value, shown from (select unnest([value, lower(value)]) as v, shown from {TABLE}) "
        "order by length(v) desc, v, shown"
    ).fetchall()
    known = pl.DataFrame(rows, PAIR, orient="row").unique("value", keep="first", maintain_order=True)
    is_phrase = (pl.col("value").str.len_chars() >= LONG) | pl.col("value").str.contains(PHRASES)
    phrases, words = known.filter(is_phrase), known.filter(~is_phrase)
    if len(phrases):
        texts = texts.with_columns(
            pl.col("shown").str.replace_many(phrases["value"].to_list(), phrases["shown"].to_list(), leftmost=True)
        )
    if len(words):
        # Words and the separators between them, in order.
        numbered = texts.with_row_index("text")
        parts = (
            numbered.lazy()
            .with_columns(pl.col("shown").str.extract_all(r"[\p{L}\p{N}._\-]+|[^\p{L}\p{N}._\-]+").alias("part"))
            .select("text", "part")
            .explode("part")
            .join(words.lazy().rename({"value": "part", "shown": "name"}), on="part", how="left", maintain_order="left")
            .group_by("text", maintain_order=True)
            .agg(pl.coalesce("name", "part").fill_null("").str.join("").alias("made"))
            .collect()
        )
        # An empty text has no parts.
        texts = numbered.join(parts, on="text", how="left", maintain_order="left").select(
            "value", pl.coalesce("made", "shown").alias("shown")
        )
    return texts


def veil_meta(connection: duckdb.DuckDBPyConnection, key: bytes, database: str) -> None:
    """Replace values in the tables of `meta` of an attached file that is being written."""
    collect(connection, key)
    jobs: list[tuple[str, dict[str, str], list[str] | None]] = []
    for name, columns in _text_columns(connection, database).items():
        if name.startswith("meta."):
            table = f"{database}.{name}"
            named = {n: kind for n, kind in columns.items() if kind != NONE}
            jobs.append((table, named | _columns_with_addresses(connection, table, columns, None), None))
    replace_columns(connection, key, jobs)


def cut_sql(column: str, instead: str) -> str:
    """SQL of a text column without quoted cells. instead: the replacement, a constant of this code."""
    pattern = QUOTED_CELL.replace("'", "''")
    return f"regexp_replace({column}, '{pattern}', '\\1''{instead}''', 'g')"


def own_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """schema.table → the table with its real values, for every table that has them."""
    return {table: _copy(OWN, table) for table in sorted(_there(connection, OWN))}


def sentences(connection: duckdb.DuckDBPyConnection, key: bytes, given: Sequence[str]) -> list[str]:
    """Sentences for the terminal, a page or a manifest, with pseudonyms and without quoted cells."""
    if not given:
        return []
    collect(connection, key)
    connection.execute("create or replace temp table _given (value varchar)")
    insert_rows(connection, "_given", ("value",), [(text,) for text in given])
    _add_addresses(connection, key, ["select value from _given"])
    connection.execute("drop table _given")
    frame = pl.DataFrame({"value": list(given), "shown": list(given)})
    return _cut(replaced(connection, frame))["shown"].to_list()


def _cut(texts: pl.DataFrame) -> pl.DataFrame:
    """The frame (value, shown) without quoted cells. Runs after known names are replaced, as a truncated name would not
    be recognised.
    """
    return texts.with_columns(pl.col("shown").str.replace_all(QUOTED_CELL, f"${{1}}'{CUT}'"))
