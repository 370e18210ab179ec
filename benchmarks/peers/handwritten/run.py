"""Peer (a): one review month by hand: `python -m benchmarks.peers.handwritten.run LANDING MONTH OUT [workbooks]`.

Reads the canonical CSV of the bench estate with the column lists below (no sniffing, no recognition, no quarantine), runs the .sql files beside
it in order in one in-memory DuckDB, and writes the outputs as Parquet and CSV and one DuckDB file; with `workbooks` as plain sheets too. What it does not do, the product does:
several files of one input and their precedence, months before and after, inputs that are missing, rejected rows.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from calendar import monthrange
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
DEFAULTS = HERE.parents[2] / "dbt_project" / "seeds"
STEPS = ("1_read.sql", "2_use.sql", "3_people.sql", "4_position.sql", "5_flex.sql", "6_findings.sql", "7_outputs.sql")
# The rules it knows; the others of the product are not in it.
RULES = [
    "ENT-01",
    "ENT-02",
    "ENT-04",
    "ENT-05",
    "ENT-12",
    "USE-01",
    "USE-02",
    "USE-03",
    "USE-04",
    "USE-06",
    "USE-07",
    "USE-08",
    "IDN-01",
    "IDN-02",
    "IDN-04",
    "IDN-07",
    "IDN-09",
    "IDN-10",
    "IDN-11",
    "ADM-01",
    "ADM-03",
    "ADM-04",
    "ADM-05",
    "ADM-07",
    "CON-01",
    "CON-02",
    "CON-03",
    "CON-04",
    "FLX-01",
    "FLX-02",
    "FLX-03",
    "FLX-04",
    "FLX-05",
    "FLX-06",
    "FLX-09",
    "LRT-01",
    "LRT-02",
    "LRT-03",
    "LRT-04",
    "LRT-05",
    "LRT-07",
    "LRT-08",
    "LRT-09",
]
OUTPUTS = {
    "findings": "rule_id, team_alias, offering_key, person_key, scope",
    "licence_position": "team_alias, offering_key",
    "auditor_count": "team_alias, offering_key",
    "token_forecast": "team_alias",
    "deprovisioning_list": "team_alias, offering_key, person_key",
    "compliance_gap_register": "rule_id, team_alias, offering_key, person_key, scope",
    "reallocation_candidates": "rule_id, team_alias, offering_key, person_key, scope",
    "assignment_history": "team_alias, offering_key, person_key, spell",
}
# Input: its columns in the order of the file; text unless a type follows the colon. Files that are not there are empty.
DROP = {
    "balance": "team balance_date:date stated:decimal(18,4)",
    "contractors": "email company start_date:date end_date:date device_policy",
    "entra": "upn given_name surname mail user_id user_type account_enabled:boolean department company employee_id leave_at:date",
    "groups": "group_name email group_type role team",
    "hr": "employee_id email first_name last_name status worker_type hire_date:date leave_date:date department legal_entity cost_centre country upn",
    "packs": "pack_id team tokens:decimal(18,4) start_date:date end_date:date amount:decimal(18,4) currency contract_number",
    "perpetual": "serial_number offering_name version seats:bigint licence_kind",
    "sam": "email offering_name last_used:date days_used_12m:integer",
    "sso": "team domain domain_verified:boolean sso_enabled:boolean directory_sync_enabled:boolean default_offerings",
    "subscriptions": "contract_number subscription_id offering_name seat_quantity:bigint start_date:date end_date:date autorenew_date:date "
    "term subscription_status reseller_name reseller_email team",
    "telemetry": "event_id event_at:timestamp received_at:timestamp email device_id product version feature licence_claim "
    "duration_minutes:double country source team",
    "tokens": "day:date email first_name last_name offering_name team feature version tokens:decimal(18,4)",
    "usage": "hash autodesk_id email first_name last_name team offering_name product_name version access_option day:date",
    "usage_report": "hash first_name last_name email autodesk_id team group_name offering_name version seat_assignment assigned_date:timestamp "
    "unassigned_date:timestamp user_activity days_inactive access_option days_used monthly_average tokens_used last_accessed:date",
    "users": "email first_name last_name autodesk_id role account_status offering_name product_name team",
}
REFERENCE = {
    "approved_admins": "email role team valid_from:date approved_by",
    "collection_members": "collection_key member_key valid_from:date",
    "feature_requirements": "feature required_offering_key kind valid_from:date",
    "flex_rates": "offering_key tokens_per_day:decimal(18,4) valid_from:date",
    "group_rules": "team group_name offering_key intended valid_from:date",
    "person_aliases": "alias_email email",
    "prices": "offering_key basis amount:decimal(18,4) currency valid_from:date contract_number",
    "product_aliases": "alias offering_key valid_from:date",
    "sso_domains": "domain kind",
    "token_prices": "contract_number amount:decimal(18,4) currency valid_from:date",
    "version_support": "offering_key oldest_eligible:integer newest_covered:integer valid_from:date",
}
SHIPPED = {
    "defaults/collection_members": "collection_key member_key valid_from:date valid_to:date source read_on",
    "defaults/flex_rates": "offering_key tokens_per_day:decimal(18,4) valid_from:date valid_to:date source read_on",
    "defaults/product_aliases": "alias offering_key valid_from:date valid_to:date source read_on",
    "defaults/rule_parameters": "rule_id parameter value valid_from:date valid_to:date source read_on",
}


def column_types(text: str) -> dict[str, str]:
    """Column -> SQL type of one of the lists above."""
    pairs = (part.split(":", 1) for part in text.split())
    return {p[0]: p[1] if len(p) > 1 else "varchar" for p in pairs}


def source_view(con: duckdb.DuckDBPyConnection, name: str, path: Path, columns: dict[str, str]) -> None:
    """Create the view `in_<name>` on a CSV file. Columns that the file does not have are null; without the file it is empty."""
    header = path.open(encoding="utf-8").readline().count(",") + 1 if path.is_file() else 0
    there = dict(list(columns.items())[:header])
    absent = ", ".join(f"null::{t} as {c}" for c, t in columns.items() if c not in there)
    if not there:
        con.execute(f"create view in_{name} as select {absent} where false")
        return
    spec = ", ".join(f"'{c}': '{t}'" for c, t in there.items())
    con.execute(
        f"create view in_{name} as select *{', ' if absent else ''}{absent} from read_csv('{path}', auto_detect = false, "
        f"header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', columns = {{{spec}}})"
    )


def main(landing: Path, month: str, out: Path, workbooks: bool = False) -> None:
    """Make the outputs of one month. landing: the landing zone; month: YYYY-MM; out: folder for the files, made if missing; workbooks: also XLSX."""
    year, number = int(month[:4]), int(month[5:])
    con = duckdb.connect(config={"memory_limit": "1400MB", "threads": 2, "temp_directory": tempfile.mkdtemp()})
    con.execute(f"set TimeZone = 'UTC'; set variable as_of = date '{month}-{monthrange(year, number)[1]}'")
    drop = landing / month
    for folder, inputs in ((drop, DROP), (landing / "reference", REFERENCE), (DEFAULTS, SHIPPED)):
        for name, text in inputs.items():
            source_view(con, name.replace("defaults/", "default_"), folder / f"{name}.csv", column_types(text))
    # Files are numbered in byte order of their paths; a row of evidence is file number x 10^10 + row number.
    paths = sorted(drop.iterdir())
    con.execute("create table file (no bigint, name varchar, sha256 varchar)")
    for no, path in enumerate(paths, 1):
        with path.open("rb") as handle:
            con.execute(
                "insert into file values (?, ?, ?)", [no, path.stem, hashlib.file_digest(handle, "sha256").hexdigest()]
            )
    con.execute(
        f"create view in_rule as select * from read_csv('{DEFAULTS}/rule_catalogue.csv', header = true, all_varchar = true)"
    )
    for step in STEPS:
        con.execute((HERE / step).read_text())
        if step == "3_people.sql":
            # The predicates of the company's own group rules, as it wrote them.
            for (intended,) in con.execute(
                "select distinct intended from group_rule where intended is not null"
            ).fetchall():
                con.execute(f"insert into satisfied select ?, src from hr where {intended}", [intended])
    out.mkdir(parents=True, exist_ok=True)
    (out / "published.duckdb").unlink(missing_ok=True)
    con.execute(f"attach '{out}/published.duckdb' as published (storage_version 'v1.2.0')")
    for name, order in OUTPUTS.items():
        rows = f"select * from {name} order by {order}"
        con.execute(f"copy ({rows}) to '{out}/{name}.parquet' (format parquet, compression zstd)")
        con.execute(f"copy ({rows}) to '{out}/{name}.csv' (format csv, header true)")
        con.execute(f"create table published.{name} as {rows}")
    if workbooks:
        _write_workbooks(con, out)
    con.close()


def _write_workbooks(con: duckdb.DuckDBPyConnection, out: Path) -> None:
    """A sheet of cells per output, without formats, decisions or what changed; the history of seats is in no workbook of the product either."""
    import xlsxwriter

    for name, order in OUTPUTS.items():
        if name == "assignment_history":
            continue
        found = con.execute(f"select * from {name} order by {order}")
        book = xlsxwriter.Workbook(str(out / f"{name}.xlsx"), {"constant_memory": True, "strings_to_formulas": False})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column[0] for column in found.description])
        for number, row in enumerate(found.fetchall(), start=1):
            sheet.write_row(number, 0, [str(v) if isinstance(v, list | dict) else v for v in row])
        book.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), workbooks="workbooks" in sys.argv[4:])
