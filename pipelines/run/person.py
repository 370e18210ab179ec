"""Everything by which the data of a folder identifies one person: addresses, names, numbers, accounts and devices of
the delivered rows, names in the published ones, ids of findings and actions, pseudonyms; and the replacements.

Reads the warehouse; writes nothing. `pipelines/publish/veil/identifiers.csv` lists the identifying columns.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from pipelines.publish.veil.identifiers import roles
from pipelines.publish.veil.veil import own_tables
from pipelines.substitution.values import Values

NOWHERE = "forgotten.invalid"
# Limit on following one address to another (mail, account name, alias).
ROUNDS = 4
LONG, SHORTEST, LONGEST_NUMBER = 8, 3, 12
GIVEN, GIVEN_FAMILY = "Forgotten", "{0} {1}"
_MARKED = re.compile(r"[0-9._-]")
_HEX = re.compile(r"[0-9a-f]{16,}")


@dataclass
class Person:
    """What is known of a person, in lower case. addresses; ids: numbers, accounts and devices of this person only;
    names: full names that nobody else has, and texts built from them; given: first names; parts: other parts of names;
    shared: names and identifiers that others have too.
    """

    addresses: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    shared: dict[str, str] = field(default_factory=dict)


def columns_of_text(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Table of raw → its text columns."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'raw' and database_name = "
        "current_database() and data_type = 'VARCHAR' and table_name not like '%\\_cell' escape '\\' order by all"
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found


def find_person(connection: duckdb.DuckDBPyConnection, given: Iterable[str]) -> Person:
    """Everything known of the person with these addresses or identifiers. connection: the warehouse."""
    known = roles()
    tables = columns_of_text(connection)
    person = Person()
    for value in given:
        (person.addresses if "@" in value else person.ids).add(value.strip().lower())
    keys = {t: [c for c in known["key"] if c in names] for t, names in tables.items()}
    for _ in range(ROUNDS):
        before = len(person.addresses)
        for table, columns in keys.items():
            mine = [*columns, *(c for c in known["several"] if c in tables[table])]
            if table == "ref_person_aliases":
                mine = ["alias_email", "email"]
            if len(mine) > 1 and columns:
                where = " or ".join(f'list_contains(?, lower("{c}"))' for c in columns if c in mine)
                of = " || ';' || ".join(f"coalesce(\"{c}\", '')" for c in mine)
                held = [c for c in columns if c in mine]
                if table == "ref_person_aliases":
                    where, held = 'list_contains(?, lower("alias_email")) or list_contains(?, lower("email"))', mine
                rows = connection.execute(
                    f'select distinct {of} from raw."{table}" where {where}', [sorted(person.addresses)] * len(held)
                ).fetchall()
                person.addresses |= {a.lower() for (t,) in rows for a in re.findall(r"[^;, ]+@[^;, ]+", t)}
        if len(person.addresses) == before:
            break
    _identifiers(connection, tables, keys, person)
    return person


def _identifiers(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, list[str]],
    keys: Mapping[str, list[str]],
    person: Person,
) -> None:
    known = roles()
    addresses = sorted(person.addresses)
    ids: set[str] = set()
    for table, names in tables.items():
        # An account may be an address.
        naming = [*keys[table], *(c for c in known["of_person"] if c in names)]
        if not naming:
            continue
        who = " or ".join(f'list_contains($who, lower("{c}"))' for c in naming)
        for column in (c for c in known["of_person"] if c in names):
            rows = connection.execute(
                f'select distinct lower("{column}") from raw."{table}" where ({who}) and "{column}" <> \'\'',
                {"who": addresses},
            ).fetchall()
            ids |= {v for (v,) in rows if "@" not in v}
        first, last = ([c for c in known[r] if c in names] for r in ("first", "last"))
        for given, family in zip(first, last, strict=True):
            for a, b in connection.execute(
                f"select distinct coalesce(lower(\"{given}\"), ''), coalesce(lower(\"{family}\"), '') from "
                f'raw."{table}" where {who}',
                {"who": addresses},
            ).fetchall():
                person.given |= {a} - {""}
                person.parts |= {b} - {""}
                if a and b:
                    person.names |= {f"{a} {b}": GIVEN_FAMILY, f"{b}, {a}": "{1}, {0}", f"{b} {a}": "{1} {0}"}
    for name in _published_names(connection, addresses):
        if " " in name:
            person.names.setdefault(name, GIVEN_FAMILY)
        else:
            person.parts.add(name)
    person.ids |= ids
    shared = _of_others(connection, tables, keys, addresses, {*person.ids, *person.names})
    person.shared |= {name: person.names.pop(name, "{1}") for name in shared}
    person.ids -= shared


def _published_names(connection: duckdb.DuckDBPyConnection, addresses: list[str]) -> set[str]:
    """Names of the persons in published months: what was delivered for them may be deleted."""
    place = own_tables(connection).get("marts.dim_person", "marts.dim_person")
    try:
        rows = connection.execute(
            f"select distinct lower(display_name) from {place} where list_contains(?, lower(person_key)) and "
            "display_name <> ''",
            [addresses],
        ).fetchall()
    except duckdb.CatalogException:
        return set()
    return {name for (name,) in rows if "@" not in name}


def _of_others(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, list[str]],
    keys: Mapping[str, list[str]],
    addresses: list[str],
    values: Collection[str],
) -> set[str]:
    """Those of these values that occur in rows of another person."""
    known, found = roles(), set()
    for table, names in tables.items():
        naming = [f"nullif(\"{c}\", '')" for c in keys[table]]
        naming += [f'case when contains("{c}", \'@\') then "{c}" end' for c in known["of_person"] if c in names]
        if not naming:
            continue
        who = f"lower(coalesce({', '.join([*naming, 'null'])}))"
        own = [f'lower("{c}")' for c in known["of_person"] if c in names]
        first, last = ([c for c in known[r] if c in names] for r in ("first", "last"))
        for given, family in zip(first, last, strict=True):
            for text in (f'"{given}" || \' \' || "{family}"', f'"{family}" || \', \' || "{given}"'):
                own.append(f"lower({text})")
            own.append(f'lower("{family}" || \' \' || "{given}")')
        for column in own:
            rows = connection.execute(
                f'select distinct {column} from raw."{table}" where list_contains($values, {column}) and {who} is not '
                f"null and not list_contains($who, {who})",
                {"values": sorted(values), "who": addresses},
            ).fetchall()
            found |= {v for (v,) in rows}
    return found


def substitutes(
    connection: duckdb.DuckDBPyConnection, person: Person, token: str, known: Callable[[str], str | None]
) -> Values:
    """Replacements for everything known of the person. token: lower-case hexadecimal digits. known: earlier
    replacements.

    An address keeps its domain if others share it, so that statements about domains still hold.
    """
    anywhere: dict[str, str] = {}
    cells: dict[str, str] = {}
    accounts: dict[str, str] = {}
    beside: dict[str, str] = {}
    for number, address in enumerate(sorted(person.addresses), 1):
        domain = address.rpartition("@")[2]
        kept = domain if _is_shared(connection, domain, person.addresses) else NOWHERE
        local = f"forgotten-{token}" + (f"-{number}" if number > 1 else "")
        anywhere[address] = known(address) or f"{local}@{kept}"
        name = address.rpartition("@")[0]
        if len(name) > 2 and not _is_local_part_of_others(connection, name, person.addresses):
            target = anywhere if _MARKED.search(name) and len(name) >= LONG else beside
            if target is beside and _MARKED.search(name):
                target = cells
            target.setdefault(name, local)
    for number, value in enumerate(sorted(person.ids), 1):
        shown = known(value) or f"forgotten-{token}-id{number}"
        if _HEX.fullmatch(value) and not known(value):
            shown = hashlib.sha256(f"{token} {number}".encode()).hexdigest()[: len(value)].ljust(len(value), "0")
        # Elsewhere a number may be an amount, unless it is longer than amounts are.
        is_number = value.isdigit() and len(value) < LONGEST_NUMBER
        if len(value) < SHORTEST:
            beside[value] = shown
        elif is_number or not _MARKED.search(value):
            accounts[value] = shown
        elif len(value) >= LONG:
            anywhere[value] = shown
        else:
            cells[value] = shown
    # A full name is replaced by the replacements of its parts, so that texts built from the parts still match.
    given, family = GIVEN, f"forgotten-{token}"
    anywhere |= {name: form.format(given, family) for name, form in person.names.items()}
    known_ones = {*anywhere, *cells, *accounts}
    for name, form in person.shared.items():
        beside[name] = form.format(given, family)
    beside |= dict.fromkeys(person.parts - known_ones, family)
    beside |= dict.fromkeys(person.given - known_ones, given)
    return Values(anywhere, cells, accounts, beside)


def _is_shared(connection: duckdb.DuckDBPyConnection, domain: str, addresses: Collection[str]) -> bool:
    """Whether another person in the delivered rows has an address of the domain."""
    return _has_other(connection, f"%@{_literally(domain)}", addresses)


def _is_local_part_of_others(connection: duckdb.DuckDBPyConnection, name: str, addresses: Collection[str]) -> bool:
    return _has_other(connection, f"{_literally(name)}@%", addresses)


def _has_other(connection: duckdb.DuckDBPyConnection, pattern: str, addresses: Collection[str]) -> bool:
    """Whether a delivered row has an address that matches the LIKE pattern and is none of these."""
    for table, names in columns_of_text(connection).items():
        for column in (c for c in roles()["key"] if c in names):
            if connection.execute(
                f'select 1 from raw."{table}" where lower("{column}") like ? escape \'!\' and not list_contains(?, '
                f'lower("{column}")) limit 1',
                [pattern, sorted(addresses)],
            ).fetchall():
                return True
    return False


def _literally(text: str) -> str:
    """A text escaped for a LIKE pattern."""
    return re.sub("([!%_])", r"!\1", text)


def ids_of_findings(connection: duckdb.DuckDBPyConnection, values: Values, token: str) -> dict[str, str]:
    """Ids of the person's findings and actions → their replacements. They are hashes of rule, team, offering, person
    and scope, so the person could be identified from them by anyone who has the address.
    """
    own = own_tables(connection)
    found: dict[str, str] = {}
    of = {
        "findings": ("finding_id", ("rule_id", "team_alias", "offering_key", "person_key", "scope")),
        "actions": ("action_id", ("subject_type", "team_alias", "offering_key", "person_key", "scope")),
    }
    for table, (column, parts) in of.items():
        place = own.get(f"calendar.{table}", f"calendar.{table}")
        there = {n for (n,) in connection.execute("select name from pragma_table_info(?)", [place]).fetchall()}
        names = [f"coalesce({p}, '')" if p in there else "''" for p in parts]
        texts = " || chr(31) || ".join(names)
        for row in connection.execute(
            f"select distinct {column}, {', '.join(names)} from {place} where regexp_matches(lower({texts}), $pattern)",
            {"pattern": values.alternation},
        ).fetchall():
            old, before = row[0], [str(part) for part in row[1:]]
            made = [values.record(part) for part in before]
            if made != before:
                is_known = _id(before) == old
                found[old] = _id(made) if is_known else hashlib.sha256(f"{token} {old}".encode()).hexdigest()[:16]
    return found


def _id(parts: list[str]) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def pseudonyms(key: bytes, values: Values, ids: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """In privacy mode: pseudonyms of the person → pseudonyms of the replacements; the same for findings. Without the
    former the holder of the key could still identify the person.
    """

    def of(text: str, what: str) -> str:
        mac = hmac.new(key, f"{what}:{text}".encode(), hashlib.sha256).hexdigest()
        return f"person-{mac[:16]}" if what == "person" else f"p{mac[:15]}"

    every = {**values.anywhere, **values.cells, **values.accounts}
    persons = {of(old, "person"): of(new.lower(), "person") for old, new in every.items()}
    return persons, {of(old, "finding"): of(new, "finding") for old, new in ids.items()}
