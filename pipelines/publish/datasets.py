"""The outputs as files: a Parquet and a CSV file per output and month, each written under a temporary name and renamed;
marts as Parquet.

Byte-stable: one COPY per file, ordered by every column that the key needs. Does not make workbooks (report/) or the
DuckDB file (snapshot).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.partitions import month_of

# The total order of each output: its grain. A table that is missing here is not an output.
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
# Without it a spreadsheet takes UTF-8 for the code page of the machine.
BOM = "\ufeff"
# Their CSV files are imported by other software, whose readers may take the mark for a letter.
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
    """Outputs that the warehouse holds, in the order of OUTPUT_ORDER."""
    tables = {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [schema]
        ).fetchall()
    }
    return [name for name in OUTPUT_ORDER if name in tables]


def columns_of(connection: duckdb.DuckDBPyConnection, output: str) -> list[tuple[str, str]]:
    """Name and type of every column of an output, in order. Asks for one table: the catalogue of all of them costs
    milliseconds each time.
    """
    return connection.execute(
        "select name, type from pragma_table_info(?) order by cid", [f"calendar.{output}"]
    ).fetchall()


def order_by(columns: Sequence[str], output: str) -> str:
    """ORDER BY text of an output: its grain first, then every other column, so that ties cannot move."""
    grain = [c for c in OUTPUT_ORDER[output] if c in columns]
    rest = [c for c in columns if c not in grain]
    return ", ".join(f'"{c}" nulls first' for c in [*grain, *rest])


def csv_select(columns: Sequence[tuple[str, str]], mark: str = "") -> str:
    """Select list for CSV: cells that a spreadsheet would read as a formula are led by an apostrophe.

    mark: what stands before the name of the first column.
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
    """Write rows of an output, in the order in which they come, as a CSV file that a spreadsheet reads as it is meant:
    guarded cells, and the mark of UTF-8 where people open the file. rows: SQL of a relation with the output's columns.
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
    """Write one output of one month as Parquet (without the partition column) and CSV, then move them into `folder`
    and `opened` (without: into `folder` too).

    key: the month, or a variant of it, whose rows are written under the name of the month.
    """
    columns = columns_of(connection, output)
    names = [name for name, _ in columns]
    review_month = month_of(key)
    order = order_by(names, output)
    scratch.mkdir(parents=True, exist_ok=True)
    parquet_columns = ", ".join(f'"{n}"' for n in names if n != "review_month")
    parts = {"parquet": scratch / f"{output}.{review_month}.parquet", "csv": scratch / f"{output}.{review_month}.csv"}
    # A table of its own: how rows lie in a table that other months share shows in the bytes of a Parquet file.
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
    """Write the rows that a table of `marts` has of a month as Parquet, without the partition column, and move the file
    into `folder`. Marts are no outputs: they are in no version and no pack.
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
    """Every column may be null, in every month: DuckDB makes a column required where it sees no null among the rows at
    hand, and readers of the folder would meet two schemas.
    """
    connection.execute("set disabled_optimizers = 'statistics_propagation'")
    try:
        connection.execute(f"copy ({query}) to '{_quoted(path)}' (format parquet, compression zstd)")
    finally:
        connection.execute("reset disabled_optimizers")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
