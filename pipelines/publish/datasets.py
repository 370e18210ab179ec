"""The outputs as files: one Parquet and one CSV file per output and month, each written under a temporary name and
renamed; marts as Parquet only.

Byte-stable: one COPY per file, with a total order. Does not write workbooks (workbooks/) or the DuckDB file
(snapshot.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.partitions import month_of

# The total order of each output, its grain first. A table that is not listed here is not an output.
OUTPUT_ORDER: dict[str, tuple[str, ...]] = {
    "actions": ("place",),
    "action_totals": ("kind", "currency", "price_basis"),
    "savings": ("kind", "state", "action_id"),
    "deprovisioning_list": ("team_alias", "offering_key", "person_key"),
    "compliance_gap_register": ("rule_id", "team_alias", "offering_key", "person_key", "scope"),
    "token_forecast": ("team_alias",),
    "token_backtest": ("team_alias", "cut", "method"),
    "token_burn": ("team_alias", "offering_key", "feature", "person_key", "day"),
    "reallocation_candidates": ("rule_id", "team_alias", "offering_key", "person_key", "scope"),
    "provisioning_rules_update": ("team_alias", "group_name", "offering_key", "rule_ids"),
    "group_removals": ("team_alias", "offering_key", "person_key", "group_name", "group_dn", "member_value"),
    "provisioning_excess": ("team_alias", "group_name", "offering_key", "person_key"),
    "admin_roster_reconciliation": ("team_alias", "person_key", "role"),
    "audit_readiness": ("contract_number", "team_alias", "offering_key"),
    "renewal_brief": ("contract_number", "offering_key"),
    "renewal_mix": ("contract_number", "team_alias", "person_key"),
    "renewal_plan": ("contract_number", "team_alias", "offering_key", "scenario"),
    "chargeback": ("document", "line_no", "cost_centre", "kind"),
    "focus": (
        "x_RowKind",
        "x_Document",
        "SubAccountId",
        "ResourceId",
        "ChargePeriodStart",
        "x_Feature",
        "x_CostCentre",
    ),
    "sam_export": ("person_key", "offering_key", "team_alias"),
    "licence_position": ("team_alias", "offering_key"),
    "auditor_count": ("team_alias", "offering_key"),
    "claim_answers": ("claim_id", "place"),
    "claim_evidence": ("claim_id", "place", "side", "kind", "drop", "path", "row_number"),
    "ghost_ledger": ("team_alias", "offering_key", "person_key"),
    "assignment_history": ("team_alias", "offering_key", "person_key", "spell"),
    "rule_runs": ("rule_id",),
    "findings": ("rule_id", "team_alias", "offering_key", "person_key", "scope"),
    "finding_causes": ("cause", "change", "finding_id"),
    "unverified_findings": ("rule_id", "finding_id"),
    "input_notes": ("place",),
    "defaults_used": ("table_name", "key"),
    "review_calendar": ("activity", "period", "contract_number", "subject"),
    "file_register": ("drop", "path"),
    "rejected_rows": ("drop", "path", "row_number"),
    "publications": ("place",),
}
# Without it a spreadsheet program decodes UTF-8 in the code page of the machine.
BOM = "\ufeff"
# Other software imports these CSV files and may read the byte order mark as a character.
FOR_PROGRAMS = {"focus", "sam_export"}
FORMULA = "^[=+\\-@\\t\\r]"


@dataclass(frozen=True)
class Written:
    """One published partition: output, month, rows, and its files."""

    output: str
    review_month: str
    rows: int
    parquet: Path
    csv: Path


def existing_outputs(connection: duckdb.DuckDBPyConnection, schema: str = "calendar") -> list[str]:
    """Outputs that exist in the warehouse, in the order of OUTPUT_ORDER."""
    tables = {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [schema]
        ).fetchall()
    }
    return [name for name in OUTPUT_ORDER if name in tables]


def columns_of(connection: duckdb.DuckDBPyConnection, output: str) -> list[tuple[str, str]]:
    """Name and type of every column of an output, in order. Queries a single table: listing the whole catalogue costs
    milliseconds per call.
    """
    return connection.execute(
        "select name, type from pragma_table_info(?) order by cid", [f"calendar.{output}"]
    ).fetchall()


def order_by(columns: Sequence[str], output: str) -> str:
    """ORDER BY text of an output: its grain first, then every other column, so that the order of ties is fixed."""
    grain = [c for c in OUTPUT_ORDER[output] if c in columns]
    rest = [c for c in columns if c not in grain]
    return ", ".join(f'"{c}" nulls first' for c in [*grain, *rest])


def csv_select(columns: Sequence[tuple[str, str]], mark: str = "") -> str:
    """Select list for CSV: cells that a spreadsheet would read as a formula are prefixed with an apostrophe.

    mark: prefix of the first column's name.
    """
    parts = []
    for place, (name, data_type) in enumerate(columns):
        shown = name if place else mark + name
        if data_type == "VARCHAR":
            parts.append(
                f"case when regexp_matches(\"{name}\", '{FORMULA}') then '''' || \"{name}\" else \"{name}\" end as "
                f'"{shown}"'
            )
        else:
            parts.append(f'"{name}" as "{shown}"')
    return ", ".join(parts)


def copy_csv(connection: duckdb.DuckDBPyConnection, output: str, rows: str, target: Path) -> None:
    """Write rows of an output, in the given order, as a CSV file that a spreadsheet reads correctly: formulas escaped,
    and a byte order mark unless the file is for programs. rows: SQL of a relation with the output's columns.
    """
    columns = csv_select(columns_of(connection, output), "" if output in FOR_PROGRAMS else BOM)
    connection.execute(f"copy (select {columns} from {rows}) to '{_quoted(target)}' (format csv, header true)")


def write_partition(
    connection: duckdb.DuckDBPyConnection,
    output: str,
    key: str,
    folder: Path,
    scratch: Path,
    opened: Path | None = None,
) -> Written:
    """Write one output of one month as Parquet (without the partition column) and CSV, then move the Parquet file into
    `folder` and the CSV file into `opened` (by default also `folder`).

    key: the month or a variant of it; its rows are written under the name of the month.
    """
    columns = columns_of(connection, output)
    names = [name for name, _ in columns]
    review_month = month_of(key)
    order = order_by(names, output)
    scratch.mkdir(parents=True, exist_ok=True)
    parquet_columns = ", ".join(f'"{n}"' for n in names if n != "review_month")
    parts = {"parquet": scratch / f"{output}.{review_month}.parquet", "csv": scratch / f"{output}.{review_month}.csv"}
    # A separate table: the physical layout of rows in a table shared with other months would affect the Parquet bytes.
    connection.execute(
        f"create or replace temp table _partition as select * replace ('{review_month}' as review_month) from "
        f"calendar.{output} "
        f"where review_month = '{key}' order by {order}"
    )
    rows = connection.execute("select count(*) from _partition").fetchall()[0][0]
    _write_parquet(connection, f"select {parquet_columns} from _partition", parts["parquet"])
    copy_csv(connection, output, "_partition", parts["csv"])
    connection.execute("drop table _partition")
    targets = {"parquet": folder / f"{output}.parquet", "csv": (opened or folder) / f"{output}.csv"}
    for kind, part in parts.items():
        targets[kind].parent.mkdir(parents=True, exist_ok=True)
        part.replace(targets[kind])
    return Written(output, review_month, int(rows), targets["parquet"], targets["csv"])


def write_mart(connection: duckdb.DuckDBPyConnection, mart: str, month: str, folder: Path, scratch: Path) -> Path:
    """Write the rows of a table of `marts` for a month as Parquet, without the partition column, and move the file into
    `folder`. Marts are not outputs: they are not versioned and not part of a pack.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    part, target = scratch / f"{mart}.{month}.parquet", folder / f"{mart}.parquet"
    connection.execute(
        f"create or replace temp table _mart as select * exclude (review_month) from marts.{mart} where review_month = "
        f"'{month}' order by all"
    )
    _write_parquet(connection, "select * from _mart", part)
    connection.execute("drop table _mart")
    folder.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    return target


def _write_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a Parquet file whose columns are all nullable. By default DuckDB marks a column as required if the rows at
    hand have no null in it, so that the months of a data set would differ in schema.
    """
    connection.execute("set disabled_optimizers = 'statistics_propagation'")
    try:
        connection.execute(f"copy ({query}) to '{_quoted(path)}' (format parquet, compression zstd)")
    finally:
        connection.execute("reset disabled_optimizers")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
