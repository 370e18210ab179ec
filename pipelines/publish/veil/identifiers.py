"""Known identifiers of persons: every address, name, number, account and device of the delivered rows with its person,
as a table of the warehouse; and pseudonyms in SQL.

Reads `raw` and `reference`. Finds columns by their names in the contracts (identifiers.csv), not by meaning.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import duckdb

OF_INPUTS = Path(__file__).with_name("identifiers.csv")
TABLE = "_identifier"
# Shorter texts are not treated as names: replacing them everywhere would make sentences unreadable.
LEAST = 3
BLOCK = 64


@cache
def roles() -> dict[str, tuple[str, ...]]:
    """Role → columns. key: identifies the person of a row. of_person: other identifiers of that person. first, last:
    parts of a name. other: identifiers of a person other than that of the row. several: lists of addresses.
    """
    found: dict[str, tuple[str, ...]] = {}
    with OF_INPUTS.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found[row["role"]] = (*found.get(row["role"], ()), row["column"])
    return found


def pseudonym(key: bytes, expression: str, what: str = "person") -> str:
    """SQL of the pseudonym of a text: HMAC-SHA-256 with the key, truncated to 64 bits. what: person or finding."""
    mac = hmac_sql(key, f"'{what}:' || {expression}")
    return f"'person-' || substr({mac}, 1, 16)" if what == "person" else f"'p' || substr({mac}, 1, 15)"


def hmac_sql(key: bytes, expression: str) -> str:
    """SQL of the HMAC-SHA-256 of a text with the key, in hexadecimal."""
    padded = key.ljust(BLOCK, b"\0")
    inner, outer = (bytes(b ^ pad for b in padded).hex() for pad in (0x36, 0x5C))
    return f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode({expression}))))"


def collect(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Create the temporary table of identifiers: value, person, shown (the pseudonym). The pseudonym of an address
    depends on the address only, so later deliveries do not change it; other identifiers of a person get the pseudonym
    of the person's address.
    """
    connection.execute("create or replace temp table _seen (value varchar, person varchar)")
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'raw' and database_name = "
        "current_database() and data_type = 'VARCHAR' and table_name not like '%\\_cell' escape '\\' order by all"
    ).fetchall():
        columns.setdefault(table, []).append(column)
    for table, names in columns.items():
        for statement in _of_table(table, names):
            connection.execute(f"insert into _seen {statement}")
    connection.execute(
        f"create or replace temp table {TABLE} as with alias as (select lower(alias_email) as alias, "
        "min(lower(email)) as email from reference.person_aliases group by 1), "
        "known as (select s.value, coalesce(a.email, s.person) as person from _seen as s left join alias as a on "
        f"a.alias = s.person where length(s.value) >= {LEAST}), "
        "one as (select value, case when contains(value, '@') or count(distinct person) > 1 then lower(value) else "
        f"min(person) end as person from known group by 1) select value, person, {pseudonym(key, 'person')} as shown "
        "from one where value not like 'person-%'"
    )
    connection.execute("drop table _seen")


def _of_table(table: str, names: list[str]) -> list[str]:
    known = roles()
    keys = [f"nullif(\"{c}\", '')" for c in known["key"] if c in names]
    statements = []
    own = [c for c in (*known["key"], *known["of_person"]) if c in names]
    first, last = ([c for c in known[r] if c in names] for r in ("first", "last"))
    for column in own:
        who = f"coalesce({', '.join([*keys, chr(34) + column + chr(34)])})"
        statements.append(f'select distinct "{column}", lower({who}) from raw."{table}" where "{column}" <> \'\'')
        if column in known["hash"]:
            statements.append(
                f'select distinct \'hash:\' || "{column}", lower({who}) from raw."{table}" where "{column}" <> \'\''
            )
    for given, family in zip(first, last, strict=True):
        for name in (f'"{given}" || \' \' || "{family}"', f'"{family}" || \', \' || "{given}"'):
            who = f"coalesce({', '.join([*keys, name])})"
            both = f"\"{given}\" <> '' and \"{family}\" <> ''"
            statements.append(f'select distinct {name}, lower({who}) from raw."{table}" where {both}')
    for column in (c for c in known["other"] if c in names):
        statements.append(f'select distinct "{column}", lower("{column}") from raw."{table}" where "{column}" <> \'\'')
    for column in (c for c in known["several"] if c in names):
        who = f"coalesce({', '.join([*keys, chr(34) + column + chr(34)])})"
        statements.append(
            f"select distinct unnest(regexp_extract_all(\"{column}\", '[^;, ]+@[^;, ]+')), lower({who}) from "
            f'raw."{table}" where "{column}" <> \'\''
        )
    return statements
