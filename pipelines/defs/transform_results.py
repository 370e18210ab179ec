"""What dbt did, as Dagster shows it: rows per model and month, column tables, tests with the rows they found. Reads the
warehouse, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
import duckdb

from pipelines.defs.months import checked_per_month, evaluation_of, has_months, per_month
from pipelines.defs.names import key_of
from pipelines.defs.tables import SHOWN_ROWS, as_markdown, rows_as_table, select_rows
from pipelines.failures.omissions import MART, OUTPUT, Unmade
from pipelines.guide.meanings import meanings
from pipelines.run import discretion, privacy
from pipelines.run.dbt_call import NodeResult
from pipelines.run.dbt_recovery import Built
from pipelines.settings import Settings

Results = Iterator[dg.MaterializeResult | dg.AssetCheckResult]
KEEPS_HISTORY = ("calendar", "marts")
KEYS = ("review_month", "team_alias", "offering_key", "person_key", "rule_id", "contract_number")


def transform_results(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    built: Built,
    months: list[str],
    goes_on: bool,
    settings: Settings,
) -> Results:
    """One result per model that dbt made, in the order in which it made them (upstream before downstream), with the
    checks that ran.

    A published table that could not be made has a result that says so, or publishing would be skipped with it, and its
    checks fail. goes_on: whether publishing follows. A failed check is then a warning, since Dagster ends the run at a
    blocking check that fails as an error.
    """
    sizes, columns = _sizes(connection), _columns(connection, manifest)
    missing: dict[str, list[Unmade]] = {}
    unmade = [u for u in built.unmade if u.kind in (OUTPUT, MART)]
    # What a database says of a failure may quote a cell, and is kept.
    for one, reason in zip(unmade, discretion.said(settings, [u.reason for u in unmade]), strict=True):
        missing.setdefault(one.name, []).append(replace(one, reason=reason))
    severity = dg.AssetCheckSeverity.WARN if goes_on else dg.AssetCheckSeverity.ERROR
    tests = {n.name: n for n in built.nodes if n.resource_type == "test"}
    checks = _checks_by_key(context, connection, tests, missing, severity, months)
    for node in built.nodes:
        model = manifest["nodes"].get(node.unique_id, {})
        lacking = missing.get(model.get("name", ""), [])
        if model.get("resource_type") != "model" or (node.status != "success" and not lacking):
            continue
        place = (model["schema"], model["name"])
        key = key_of(settings.tenant, *place)
        if key not in context.selected_asset_keys:
            continue
        metadata: dict[str, Any] = {"seconds": node.seconds}
        if lacking:
            metadata["not made"] = "; ".join(f"{u.review_month}: {u.why}; {u.stands}" for u in lacking)
        if place in sizes:
            metadata["dagster/row_count"] = sizes[place]
        if place[0] in KEEPS_HISTORY:
            made = [m for m in months if m not in {u.review_month for u in lacking}]
            rows = _by_month(connection, place, months)
            per_month(context, key, {m: rows[m] for m in made})
        if place in columns:
            # Once, at the latest month: repeated at every month it would be most of what is stored.
            context.add_asset_metadata(
                {"dagster/column_schema": columns[place]}, asset_key=key, partition_key=months[-1]
            )
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        yield from checks.pop(key, [])
    for late in (check for of_asset in checks.values() for check in of_asset):
        # A check of months in a run of none ("Execute" in the UI): Dagster would look for the month of what was judged.
        if has_months(context):
            yield late
        else:
            context.log_event(evaluation_of(late))


def _checks_by_key(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    tests: Mapping[str, NodeResult],
    missing: Mapping[str, Sequence[Unmade]],
    severity: dg.AssetCheckSeverity,
    months: Sequence[str],
) -> dict[dg.AssetKey, list[dg.AssetCheckResult]]:
    found: dict[dg.AssetKey, list[dg.AssetCheckResult]] = {}
    for check in sorted(context.selected_asset_check_keys, key=str):
        node = tests.get(check.name)
        lacking = missing.get(check.asset_key.path[-1])
        if lacking and (node is None or not node.failed):
            found.setdefault(check.asset_key, []).append(
                dg.AssetCheckResult(
                    asset_key=check.asset_key,
                    check_name=check.name,
                    passed=False,
                    severity=severity,
                    metadata={"message": f"not made: {lacking[0].why}"},
                )
            )
            continue
        # A test that dbt did not come to has no verdict; the step fails for the reason why.
        if node is None or node.status == "skipped":
            continue
        message = node.message or "every row meets it"
        metadata: dict[str, Any] = {"failing_rows": node.failures, "message": message}
        good = node.status in {"pass", "success"}
        if privacy.is_on(connection):
            metadata["message"] = discretion.withheld(message)
        elif node.sql:
            rows = select_rows(connection, f"select * from ({node.sql}) limit {SHOWN_ROWS}")
            if rows:
                metadata["failing rows"] = rows_as_table(rows)
        result = dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=good,
            severity=dg.AssetCheckSeverity.WARN if node.status == "warn" else severity,
            metadata=metadata,
        )
        found.setdefault(check.asset_key, []).append(result)
        bad = set() if good else _months_of_rows(connection, node.sql, months)
        checked_per_month(context, result, {m: m not in bad for m in months})
    return found


def _months_of_rows(connection: duckdb.DuckDBPyConnection, sql: str | None, months: Sequence[str]) -> set[str]:
    """The months of the rows that a test found; all of them where the rows do not say."""
    if not sql:
        return set(months)
    names = [row[0] for row in connection.execute(f"describe select * from ({sql})").fetchall()]
    if "review_month" not in names:
        return set(months)
    return {m for (m,) in connection.execute(f"select distinct review_month from ({sql})").fetchall()}


def _sizes(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Rows of every table that dbt makes; intermediate tables hold the months of the run only."""
    rows = connection.execute(
        "select schema_name, table_name, estimated_size from duckdb_tables() where schema_name in ('intermediate', "
        "'calendar', 'marts')"
    ).fetchall()
    return {(schema, table): int(size) for schema, table, size in rows}


def _by_month(connection: duckdb.DuckDBPyConnection, place: tuple[str, str], months: list[str]) -> dict[str, int]:
    rows = dict(
        connection.execute(
            f'select review_month, count(*) from {place[0]}."{place[1]}" where review_month >= ? and review_month <= '
            "? group by 1",
            [months[0], months[-1]],
        ).fetchall()
    )
    return {m: int(rows.get(m, 0)) for m in months}


def _columns(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]
) -> dict[tuple[str, str], dg.TableSchema]:
    """Column tables of models without a documented one, from the database.

    A name says what it says wherever it is documented in one way; keys, and the columns of a rule, say what they say in
    `findings`.
    """
    documented = {
        (n["schema"], n["name"]) for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["columns"]
    }
    known = _meanings(manifest)
    of_findings = {
        c["name"]: c["description"]
        for c in manifest["nodes"].get("model.selfaudit.findings", {"columns": {}})["columns"].values()
    }
    known = {**{k: of_findings[k] for k in KEYS if k in of_findings}, **known}
    found: dict[tuple[str, str], list[dg.TableColumn]] = {}
    for schema, table, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('staging', 'intermediate', 'rules') order by schema_name, table_name, column_index"
    ).fetchall():
        if (schema, table) not in documented:
            text = (of_findings.get(column) if schema == "rules" else None) or known.get(column, "")
            found.setdefault((schema, table), []).append(
                dg.TableColumn(column, data_type.lower(), description=as_markdown(text) or None)
            )
    return {place: dg.TableSchema(columns) for place, columns in found.items()}


def _meanings(manifest: Mapping[str, Any]) -> dict[str, str]:
    texts: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        for column in node["columns"].values():
            texts.setdefault(column["name"], set()).add(column["description"])
    for (_, column_name), meaning in meanings().items():
        texts.setdefault(column_name, set()).add(meaning.meaning)
    return {name: next(iter(found)) for name, found in texts.items() if len(found) == 1}
