"""Peer (a): the months of a landing zone by hand, in one process: `python -m benchmarks.peers.handwritten.run LANDING
OUT [--workbooks]`.

What a DuckDB expert would write for these files: every file is read once, events are kept as numbers and sets of days,
and a loop over the months asks them. Each month is as a backfill leaves it: the state files of its own drop, event rows
of the drops up to two months later, a row told again by a later drop replaced. Written are the outputs of OUTPUTS as
Parquet and CSV per month and as one DuckDB file; with --workbooks as plain sheets too.

What it does not do, the product does: recognition, quarantine, missing or incomplete inputs, several files of one input
in a drop, equal keys of use twice in one file, decisions, company parameters, reference tables of a drop, earlier
versions of a month, pages, packs, chain.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

import duckdb

from benchmarks.peers.handwritten.inputs import DROP, REFERENCE, SHIPPED, column_types, source_view
from pipelines.partitions import as_of, shift

HERE = Path(__file__).resolve().parent
DEFAULTS = HERE.parents[2] / "dbt_project" / "seeds"
LATER_DROPS = 2
MONTHLY = (
    "4_month.sql",
    "5_people.sql",
    "6_position.sql",
    "7_flex.sql",
    "8_rows.sql",
    "9_findings.sql",
    "10_between.sql",
    "11_outputs.sql",
)
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
    "USE-05",
    "USE-06",
    "USE-07",
    "USE-08",
    "USE-10",
    "IDN-01",
    "IDN-02",
    "IDN-03",
    "IDN-04",
    "IDN-06",
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
    "FLX-08",
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
# Tables that are the same cell by cell, and the columns of them that it does not know.
EQUAL = {
    "licence_position": "state",
    "auditor_count": "",
    "deprovisioning_list": "",
    "assignment_history": "",
}
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


def _use_drop(con: duckdb.DuckDBPyConnection, landing: Path, drop: str, number: int) -> None:
    """Point the views of the inputs at a drop."""
    con.execute(f"set variable drop_no = {number}::utinyint")
    for name, text in DROP.items():
        source_view(con, name, landing / drop / f"{name}.csv", column_types(text))


def _once(con: duckdb.DuckDBPyConnection, landing: Path, drops: list[str]) -> None:
    """What no month changes: reference tables, and the events of all drops."""
    first, last = as_of(drops[0]), as_of(drops[-1])
    con.execute(
        f"set variable as_of = date '{last}'; set variable last_day = date '{last}'; set variable bits = "
        f"{(last - first).days + 365}"
    )
    con.execute(f"set variable several_drops = {len(drops) > 1}")
    for folder, inputs in ((landing / "reference", REFERENCE), (DEFAULTS, SHIPPED)):
        for name, text in inputs.items():
            table = name.replace("defaults/", "default_")
            source_view(con, f"{table}_file", folder / f"{name}.csv", column_types(text))
            con.execute(f"create table in_{table} as from in_{table}_file")
    con.execute(
        f"create table in_rule as from read_csv('{DEFAULTS}/rule_catalogue.csv', header = true, all_varchar = true)"
    )
    for rule, name, value in con.execute("select rule_id, parameter, value from in_default_rule_parameters").fetchall():
        con.execute(f"set variable \"{rule}.{name}\" = '{value}'")
    con.execute((HERE / "1_macros.sql").read_text())
    file_number = 0
    for number, drop in enumerate(drops, 1):
        for path in sorted((landing / drop).iterdir()):
            file_number += 1
            with path.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            con.execute("insert into file values (?, ?, ?, ?)", [file_number, number, path.stem, digest])
        _use_drop(con, landing, drop, number)
        con.execute((HERE / "2_load.sql").read_text())
    con.execute((HERE / "3_events.sql").read_text())


def _month(con: duckdb.DuckDBPyConnection, landing: Path, drops: list[str], number: int) -> None:
    """The outputs of the month of a drop, as tables."""
    month, horizon = drops[number - 1], min(number + LATER_DROPS, len(drops))
    _use_drop(con, landing, month, number)
    con.execute(f"set variable as_of = date '{as_of(month)}'; set variable horizon = {horizon}::utinyint")
    con.execute(f"set variable month_before = '{shift(month, -1)}'")
    con.execute(
        "set variable first_later_src = (select coalesce(min(no), 1000000) * 10000000000 from file where drop_no > "
        "getvariable('horizon'))"
    )
    for step in MONTHLY:
        con.execute((HERE / step).read_text())
        if step == "5_people.sql":
            # The predicates of the company's own group rules, as it wrote them.
            for (intended,) in con.execute(
                "select distinct intended from group_rule where intended is not null"
            ).fetchall():
                con.execute(f"insert into satisfied select ?, src from hr where {intended}", [intended])
        if step == "10_between.sql":
            _give_seats(con)


def _give_seats(con: duckdb.DuckDBPyConnection) -> None:
    """Findings of USE-10: receivers by what they pay, each takes a freed seat of the own team, else of any, the longest
    unused first.
    """
    seats: dict[str, list[tuple[str, str, int]]] = {}
    given: list[tuple[str, str, int, str, str]] = []
    for offering, *seat in con.execute(
        "select offering_key, team, person, src from freed order by offering_key, last_use nulls first, person, team"
    ).fetchall():
        seats.setdefault(offering, []).append((seat[0], seat[1], seat[2]))
    for offering, receiver, own in con.execute(
        "select offering_key, person, team from receiver order by offering_key, amount_now desc, person"
    ).fetchall():
        left = seats.get(offering, [])
        if not left:
            continue
        chosen = next((s for s in left if s[0] == own), left[0])
        left.remove(chosen)
        given.append((*chosen, offering, receiver))
    if given:
        con.execute(
            "insert into found by name select 'USE-10' as rule_id, unnest(?::varchar[]) as team, unnest(?::varchar[]) "
            "as person, [unnest(?::bigint[])] as evidence, "
            "unnest(?::varchar[]) as offering_key, unnest(?::varchar[]) as scope, 1 as observed, 0 as threshold, 1 as "
            "excess, 'info' as severity, "
            "'give_seat' as action, 1 as evidence_count",
            [list(column) for column in zip(*given, strict=True)],
        )


def main(landing: Path, out: Path, workbooks: bool = False) -> None:
    """Make the outputs of every month. landing: the landing zone; out: folder for the files, made if missing;
    workbooks: also XLSX.
    """
    with (
        tempfile.TemporaryDirectory() as scratch,
        duckdb.connect(config={"memory_limit": "1400MB", "threads": 2, "temp_directory": scratch}) as con,
    ):
        con.execute("set TimeZone = 'UTC'")
        drops = sorted(p.name for p in landing.iterdir() if p.name != "reference")
        _once(con, landing, drops)
        out.mkdir(parents=True, exist_ok=True)
        (out / "published.duckdb").unlink(missing_ok=True)
        con.execute(f"attach '{out}/published.duckdb' as published (storage_version 'v1.2.0')")
        for number, month in enumerate(drops, 1):
            _month(con, landing, drops, number)
            _write(con, out / month, workbooks, is_first=number == 1)


def _write(con: duckdb.DuckDBPyConnection, folder: Path, workbooks: bool, is_first: bool) -> None:
    """Write the outputs of a month, and append them to the DuckDB file."""
    folder.mkdir(exist_ok=True)
    for name, order in OUTPUTS.items():
        con.execute(f"create or replace temp table shown as select * from {name} order by {order}")
        con.execute(f"copy shown to '{folder}/{name}.parquet' (format parquet, compression zstd)")
        con.execute(f"copy shown to '{folder}/{name}.csv' (format csv, header true)")
        con.execute(
            f"create table published.{name} as from shown"
            if is_first
            else f"insert into published.{name} by name from shown"
        )
        # The history of seats is in no workbook of the product either.
        if workbooks and name != "assignment_history":
            _write_workbook(con, folder / f"{name}.xlsx")


def _write_workbook(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """A sheet of cells, without formats, decisions or what changed."""
    import xlsxwriter

    found = con.execute("from shown")
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [column[0] for column in found.description])
    for number, row in enumerate(found.fetchall(), start=1):
        sheet.write_row(number, 0, [str(v) if isinstance(v, list | dict) else v for v in row])
    book.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.handwritten.run")
    parser.add_argument("landing", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workbooks", action="store_true")
    arguments = parser.parse_args()
    main(arguments.landing, arguments.out, arguments.workbooks)
