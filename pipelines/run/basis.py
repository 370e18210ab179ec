"""What a published month was made from, by source, and which of its sources have changed since (docs/decisions/0031).

A source is a reference table as resolved for the month, without what no model reads; the files of the drops that the
month sees; the run's own information; the months before it; the software. Holds fingerprints and no rule; `parts` maps
sources to models.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import duckdb

from pipelines.contracts import REFERENCE
from pipelines.partitions import as_of, month_of
from pipelines.run import dbt_call
from pipelines.run.statements import Statements
from pipelines.settings import DUCKDB, SEEDS
from pipelines.warehouse import insert_rows

FILES, RUN, SOFTWARE = "files of the drops", "raw.run_info", "software"
# Sources that affect every model.
EVERYTHING = {FILES, SOFTWARE}
# Prefix of the sources of earlier months, one each: `months before: reference.prices`.
BEFORE = "months before: "

# Keys of `settings` that models read; the effect of `use_defaults` is visible in the tables. A test compares them with
# the models.
SETTINGS = ("currency", "organisation", "billing_account", "invoice_issuer", "fiscal_year_start_month")
_IN_FORCE = "valid_from <= $as_of and $as_of <= valid_to"
# Tables of which models read only the rows in force at as_of, and no validity dates of those. Held by a test.
AT_AS_OF = (
    "approved_admins",
    "exchange_rates",
    "group_rules",
    "prices",
    "product_aliases",
    "rule_parameters",
    "token_prices",
)
# Tables whose file and row no finding names: a model reads `_src` only to distinguish two rows with the same key, which
# ingestion refuses.
NO_EVIDENCE = {"dispositions"}
# Filters of the rows that the models of a month see, where it is not the whole table.
SEEN = {
    **dict.fromkeys(AT_AS_OF, _IN_FORCE),
    "settings": f"key in ({', '.join(repr(k) for k in SETTINGS)})",
    "rule_parameters": f"{_IN_FORCE} and exists (select 1 from _known_parameter as k "
    "where k.rule_id = r.rule_id and k.parameter = split_part(r.parameter, ':', 1))",
    # The brief is made in two months; a sign-off in either of them signs the review.
    "sign_offs": "period = $month or (activity in ('entitlement_vs_billing', 'renewal_brief') "
    "and abs(date_diff('month', try_cast(period || '-01' as date), ($month || '-01')::date)) = 1)",
    "dispositions": "coalesce(judged_month, strftime(decided_at, '%Y-%m')) <= $month "
    "and (decision <> 'waived' or (\"until\" is not null and trim(coalesce(reason, '')) <> ''))",
}

Basis = dict[str, str]


def basis_of(
    connection: duckdb.DuckDBPyConnection,
    statements: Statements,
    months: Sequence[str],
    restated: Collection[str],
    engine: str = DUCKDB,
) -> dict[str, Basis]:
    """Month → source → SHA-256 of that input of the month. The reference tables must be resolved for the months, and
    the months must be in raw.run_month.

    restated: months that the record states as restated. engine: what runs the models. The files are those of every drop
    up to the month's horizon.
    """
    horizons = dict(connection.execute("select review_month, horizon from raw.run_month").fetchall())
    today = _today(connection)
    software = f"{version('selfaudit')} {dbt_call.project_fingerprint()}"
    if engine != DUCKDB:  # which keeps no rows that a part could be made from
        software += f" {engine}"
    found: dict[str, Basis] = {
        month: {
            FILES: _files(connection, horizons[month]),
            RUN: _sha256([today, month in restated]),
            SOFTWARE: _sha256([software]),
        }
        for month in sorted(months)
    }
    _create_known_parameters(connection)
    for source in sorted(s for s in statements.readers if s.startswith("reference.")):
        for month, text in _reference(connection, statements, source, found).items():
            found[month][source] = text
    connection.execute("drop table _known_parameter")
    every = {**stored(connection), **found}
    before = {
        month: {BEFORE + s: _sha256((m, every[m].get(s)) for m in sorted(every) if m < month) for s in own if s != RUN}
        for month, own in found.items()
    }
    return {month: own | before[month] for month, own in found.items()}


def with_restated(
    now: Mapping[str, Basis], connection: duckdb.DuckDBPyConnection, restated: Collection[str]
) -> dict[str, Basis]:
    """The basis after a publication, which may have restated months."""
    today = _today(connection)
    return {month: {**basis, RUN: _sha256([today, month in restated])} for month, basis in now.items()}


def _today(connection: duckdb.DuckDBPyConnection) -> str | None:
    found = connection.execute("select max(value) from raw.run_info where key = 'today'").fetchall()[0][0]
    return str(found) if found else None


def _sha256(values: Iterable[object]) -> str:
    return hashlib.sha256(repr(list(values)).encode()).hexdigest()


def _files(connection: duckdb.DuckDBPyConnection, horizon: str) -> str:
    """Hash of every file of the drops up to the horizon and how it was read; the standing reference folder is covered
    by its tables.
    """
    rows = connection.execute(
        "select f.drop, f.path, f.sha256, f.input, f.verdict, f.message, f.rows_loaded, d.fingerprint from "
        "raw.file_register as f "
        "left join raw.drop_fingerprint as d on d.drop = f.drop where f.drop <> 'reference' and f.drop <= ? order by "
        "all",
        [horizon],
    ).fetchall()
    return _sha256([horizon, *rows])


def _create_known_parameters(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table _known_parameter: every parameter that a rule reads has a shipped default; other names
    have no effect.
    """
    with (SEEDS / "defaults" / "rule_parameters.csv").open(encoding="utf-8", newline="") as handle:
        known = sorted({(row["rule_id"], row["parameter"]) for row in csv.DictReader(handle)})
    connection.execute("create or replace temp table _known_parameter (rule_id varchar, parameter varchar)")
    insert_rows(connection, "_known_parameter", ("rule_id", "parameter"), known)


def _reference(
    connection: duckdb.DuckDBPyConnection, statements: Statements, source: str, months: Collection[str]
) -> Mapping[str, str]:
    """Month → SHA-256 of the rows of a reference table that its models see, in the columns that they may read."""
    table = source.partition(".")[2]
    columns = [
        name
        for (name,) in connection.execute("select name from pragma_table_info(?) order by cid", [source]).fetchall()
        if name != "review_month"
    ]
    if table in REFERENCE or table in {"change", "predicate_result", "signed_review"}:
        read = statements.columns_read(source, columns)
    else:
        return {}  # of the rule catalogue: part of the software
    if table in AT_AS_OF:
        read = [n for n in read if n not in {"valid_from", "valid_to"}]
    texts = (
        ", ".join(_text(n) for n in read if n != "is_default" and not (n == "_src" and table in NO_EVIDENCE)) or "''"
    )
    seen = SEEN.get(table, "true").replace("$month", "m.month").replace("$as_of", "m.as_of")
    # A rule that needs the table checks whether it has any row, whatever its validity.
    counts = "true" if table in AT_AS_OF else seen
    found = dict.fromkeys(months, _sha256([]))
    asked = connection.execute(
        "select month, sha256(string_agg(said, chr(30) order by said) filter (where seen)) from (select m.month, "
        f"concat_ws(chr(31), {texts}) as said, {seen} as seen "
        f"from (select unnest($months) as month, unnest($days)::date as as_of) as m "
        f"inner join {source} as r on r.review_month = m.month where {counts}) group by month",
        {"months": list(months), "days": [as_of(m) for m in months]},
    ).fetchall()
    return {**found, **{month: _sha256([text]) for month, text in asked}}


def _text(column: str) -> str:
    """SQL of a value as unambiguous text. Evidence is represented by its file, by content hash, and its row number,
    which existing tables hold.
    """
    if column in {"_src", "hr_src"}:
        said = (
            f"(select max(f.sha256) from raw.file_register as f where f._file_no = r.{column} // 10000000000) || "
            f"':' || r.{column}"
        )
    else:
        said = f'length(cast(r."{column}" as varchar)) || \':\' || cast(r."{column}" as varchar)'
    return f"coalesce({said}, '~')"


def stored(connection: duckdb.DuckDBPyConnection) -> dict[str, Basis]:
    """Month → the basis of its current publication; months that a run is working on, or could not complete, are
    absent.
    """
    return _read(connection, "raw.made_from")


@dataclass(frozen=True)
class Open:
    """A month some of whose models were rebuilt without a publication since. basis: its inputs. made: models that
    differ from the published ones; out_of_date: those not yet rebuilt from the basis.
    """

    basis: Basis
    made: frozenset[str]
    out_of_date: frozenset[str]


def read_open(connection: duckdb.DuckDBPyConnection) -> dict[str, Open]:
    """The open months."""
    models: dict[tuple[str, bool], set[str]] = {}
    rows = connection.execute("select review_month, model, is_made from raw.open_model").fetchall()
    for month, model, is_made in rows:
        models.setdefault((month, is_made), set()).add(model)
    return {
        month: Open(found, frozenset(models.get((month, True), ())), frozenset(models.get((month, False), ())))
        for month, found in _read(connection, "raw.open_month").items()
    }


def store_open(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Open]) -> None:
    """Store the open months after some of their models were rebuilt."""
    forget(connection, list(found))
    sources = [[m, source, said] for m, one in sorted(found.items()) for source, said in sorted(one.basis.items())]
    insert_rows(connection, "raw.open_month", ("review_month", "source", "sha256"), sources)
    models = [
        [m, model, is_made]
        for m, one in sorted(found.items())
        for is_made, names in ((True, one.made), (False, one.out_of_date))
        for model in sorted(names)
    ]
    insert_rows(connection, "raw.open_model", ("review_month", "model", "is_made"), models)


def _read(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Basis]:
    found: dict[str, Basis] = {}
    for month, source, said in connection.execute(f"select review_month, source, sha256 from {table}").fetchall():
        found.setdefault(month, {})[source] = said
    return found


def forget(connection: duckdb.DuckDBPyConnection, months: Collection[str]) -> None:
    """Delete the basis of these months before their tables are written: until they are published their state is
    unknown.
    """
    for table in ("made_from", "open_month", "open_model"):
        connection.execute(
            f"delete from raw.{table} where list_contains(?, review_month)", [[month_of(m) for m in months]]
        )


def store(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Basis]) -> None:
    """Store the basis of these months after a publication."""
    forget(connection, list(found))
    rows = [[month, source, said] for month, basis in sorted(found.items()) for source, said in sorted(basis.items())]
    insert_rows(connection, "raw.made_from", ("review_month", "source", "sha256"), rows)


def changed_sources(known: Basis | None, now: Basis) -> set[str]:
    """The sources of a month that differ from its stored basis; all of them if there is none."""
    if known is None:
        return set(now)
    return {source for source in {*known, *now} if known.get(source) != now.get(source)}
