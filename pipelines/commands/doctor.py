"""`selfaudit doctor`: what is missing (tools, folders, inputs of the latest drop, reference tables), each with what to do."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from dataclasses import asdict, dataclass
from datetime import date

from pipelines.contracts import INPUTS, REFERENCE
from pipelines.settings import Settings
from pipelines.warehouse import connect_file

TOOLS = (
    "duckdb",
    "dbt-core",
    "dbt-duckdb",
    "dagster",
    "dagster-dbt",
    "polars",
    "great-expectations",
    "python-calamine",
)


@dataclass(frozen=True)
class Remark:
    """One thing looked at: area, name, state (ok, missing, attention), what to do."""

    area: str
    name: str
    state: str
    advice: str


def _tools() -> list[Remark]:
    remarks = [
        Remark(
            "tool",
            "python",
            "ok" if sys.version_info >= (3, 11) else "missing",
            f"{sys.version.split()[0]}; 3.11 or later is needed",
        )
    ]
    for tool in TOOLS:
        try:
            remarks.append(Remark("tool", tool, "ok", importlib.metadata.version(tool)))
        except importlib.metadata.PackageNotFoundError:
            remarks.append(Remark("tool", tool, "missing", "run `make install`"))
    return remarks


def _landing(settings: Settings, today: date) -> list[Remark]:
    from pipelines.calendar.late import absent_months
    from pipelines.ingest.files import drops_with_files, list_drops

    if not settings.landing.is_dir():
        return [
            Remark(
                "folder", "landing", "missing", f"make {settings.landing} with one folder per review month (YYYY-MM)"
            )
        ]
    drops = list_drops(settings.landing)
    if not drops:
        return [
            Remark(
                "folder", "landing", "missing", f"{settings.landing} holds no drop; a drop is a folder named YYYY-MM"
            )
        ]
    remarks = [Remark("folder", "landing", "ok", f"{len(drops)} drops, {drops[0]} to {drops[-1]}")]
    remarks += [
        Remark("month", a.month, "attention", f"no drop: {a.why}; put its exports into {settings.landing / a.month}")
        for a in absent_months(drops_with_files(settings.landing), today)
    ]
    return remarks


def _inputs(settings: Settings) -> list[Remark]:
    if not settings.published_database.is_file():
        return [Remark("input", "all", "attention", "nothing is published yet: run `selfaudit run`, then ask again")]
    connection = connect_file(settings.published_database)
    try:
        last = connection.execute("select max(review_month) from calendar.rule_runs").fetchall()[0][0]
        loaded = {
            (drop == "reference", name)
            for drop, name in connection.execute(
                "select distinct drop, input from calendar.file_register where verdict = 'loaded' and drop in ('reference', ?)",
                [last],
            ).fetchall()
        }
        bad = connection.execute(
            "select path, verdict, message from calendar.file_register where verdict in ('rejected', 'unrecognised') and drop in ('reference', ?) order by 1",
            [last],
        ).fetchall()
        stopped = connection.execute(
            "select rule_id, reason from calendar.rule_runs where review_month = ? and assessability = 'not_assessable' order by 1",
            [last],
        ).fetchall()
    finally:
        connection.close()
    remarks = []
    for name, contract in INPUTS.items():
        if (False, name) in loaded:
            remarks.append(Remark("input", name, "ok", f"in drop {last}"))
        else:
            where = (
                f"portal section {contract.section}"
                if contract.section not in {"", "outside"}
                else "the company's own systems"
            )
            remarks.append(
                Remark("input", name, "missing", f"no file of it was loaded from drop {last}; get it from {where}")
            )
    for name, contract in REFERENCE.items():
        found = (True, name) in loaded or (False, name) in loaded
        advice = (
            "given"
            if found
            else f"{contract.title}: write {settings.landing / 'reference' / (name + '.csv')} with columns "
            + ", ".join(contract.column_names)
        )
        remarks.append(Remark("reference", name, "ok" if found else "attention", advice))
    remarks += [
        Remark("file", path, "attention", f"{verdict}: {message or 'see calendar.file_register'}")
        for path, verdict, message in bad
    ]
    remarks += [Remark("rule", rule, "attention", f"not assessable in {last}: {reason}") for rule, reason in stopped]
    return remarks


def doctor(settings: Settings, today: date, as_json: bool) -> int:
    """Print what is missing. Exit code 1 if a tool or the landing zone is."""
    remarks = [*_tools(), *_landing(settings, today), *_inputs(settings)]
    if as_json:
        print(json.dumps([asdict(r) for r in remarks], indent=2))
    else:
        for remark in remarks:
            print(f"{remark.state:<10} {remark.area:<10} {remark.name:<28} {remark.advice}")
    return 1 if any(r.state == "missing" and r.area in {"tool", "folder"} for r in remarks) else 0
