"""`selfaudit doctor`: what is missing (tools, folders, inputs of the latest drop, reference tables), each with what to
do.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import itertools
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import date

import duckdb

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.file_messages import files_to_look_at
from pipelines.contracts import INPUTS, REFERENCE, Contract
from pipelines.failures.omissions import read
from pipelines.guide.defaults import CERTAINTIES
from pipelines.guide.rules import needed_by
from pipelines.publish.notes import notes
from pipelines.quality import company_suites
from pipelines.quality.company_suites import CompanySuiteError
from pipelines.quality.suites import added_to
from pipelines.resources import machine
from pipelines.run.discretion import said
from pipelines.settings import SEEDS, Settings
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


# Defaults that should be confirmed before an audit.
UNSURE = ("estimate", "contested")
# Tables that people fill by means of a command.
KEPT_BY = {"dispositions": "`selfaudit decide` writes them", "sign_offs": "`selfaudit sign-off` writes them"}


@dataclass(frozen=True)
class Remark:
    """One checked item: area, name, state (ok, missing, attention), what to do."""

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


def _limits(settings: Settings) -> list[Remark]:
    """Memory and disk that a run may use, and the source of the memory limit."""
    free = machine.free_disk(settings.data) / 10**9
    return [
        Remark(
            "limit",
            "memory",
            "ok",
            f"DuckDB takes up to {settings.memory_limit}, by {settings.memory_source}; SELFAUDIT_MEMORY_LIMIT sets "
            "another limit",
        ),
        Remark("limit", "disk", "ok", f"{free:.1f} GB free for {settings.data}"),
    ]


def _landing(settings: Settings, today: date) -> list[Remark]:
    from pipelines.ingest.landing.files import drops_with_files, list_drops
    from pipelines.ingest.landing.strays import strays
    from pipelines.reviews.overdue import absent_months

    make = "`selfaudit init` makes an empty one, with pages that say what to put there"
    if not settings.landing.is_dir():
        return [Remark("folder", "landing", "missing", f"there is no {settings.landing}; {make}")]
    listed = list_drops(settings.landing)
    drops = drops_with_files(settings.landing)
    misplaced = [Remark("folder", s.name, "attention", f"{s.why}; {s.advice}") for s in strays(settings.landing)]
    shown = said(settings, [r.name for r in misplaced])
    misplaced = [replace(r, name=name) for r, name in zip(misplaced, shown, strict=True)]
    if not listed:
        no_drop = f"{settings.landing} holds no drop; a drop is a folder named YYYY-MM with files in it. {make}"
        return [Remark("folder", "landing", "missing", no_drop), *misplaced]
    remarks = [
        Remark(
            "folder", d, "attention", f"{settings.landing / d} holds no file yet; put the exports of that month into it"
        )
        for d in listed
        if d not in drops
    ]
    if drops:
        remarks.insert(0, Remark("folder", "landing", "ok", f"{len(drops)} drops, {drops[0]} to {drops[-1]}"))
    remarks += misplaced
    remarks += [
        Remark("month", a.month, "attention", f"no drop: {a.why}; put its exports into {settings.landing / a.month}")
        for a in absent_months(drops, today)
        if a.month not in listed
    ]
    return remarks


def _inputs(settings: Settings) -> list[Remark]:
    if not settings.published_database.is_file():
        return [Remark("input", "all", "attention", "nothing is published yet: run `selfaudit run`, then ask again")]
    connection = connect_file(settings.published_database)
    try:
        last = connection.execute("select max(review_month) from calendar.rule_runs").fetchall()[0][0]
        found = connection.execute(
            "select drop, input, sum(rows_loaded) from calendar.file_register where verdict = 'loaded' and drop in "
            "('reference', ?) group by all",
            [last],
        ).fetchall()
        loaded = {(drop == "reference", name) for drop, name, _ in found}
        filled = {(drop == "reference", name) for drop, name, rows in found if rows}
        told = files_to_look_at(connection, last, last)
        noted = notes(connection, last)
        stands_on = _defaults(connection, last)
        stopped = connection.execute(
            "select rule_id, reason from calendar.rule_runs where review_month = ? and assessability = "
            "'not_assessable' order by 1",
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
                Remark(
                    "input",
                    name,
                    "missing",
                    f"no file of it was loaded from drop {last}; get it from {where}, docs/exporting.md says how",
                )
            )
    for name, contract in REFERENCE.items():
        remarks.append(_reference(settings, contract, {(True, name), (False, name)}, loaded, filled))
    remarks += [
        Remark(
            "file", f["path"], "attention", f"{f['verdict']}: {'; '.join(f['says']) or 'see calendar.file_register'}"
        )
        for f in told
    ]
    remarks += stands_on
    remarks += [Remark("input", n.path or n.input or "", "attention", n.sentence) for n in noted]
    remarks += [Remark("rule", rule, "attention", f"not assessable in {last}: {reason}") for rule, reason in stopped]
    return remarks


def _defaults(connection: duckdb.DuckDBPyConnection, month: str) -> list[Remark]:
    """The shipped defaults that the month's figures use: one remark per table, and one per uncertain default."""
    # A file published by an earlier version does not have this table.
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'defaults_used'").fetchall():
        return []
    rows = connection.execute(
        "select table_name, says, certainty, key, uses, uses_are from calendar.defaults_used where review_month = ? "
        "order by table_name, uses desc, key",
        [month],
    ).fetchall()
    remarks = []
    for name, of_table in itertools.groupby(rows, key=lambda row: row[0]):
        used = list(of_table)
        sure = Counter(row[2] for row in used)
        by_certainty = ", ".join(f"{sure[c]} {c}" for c in CERTAINTIES if sure[c])
        advice = f"{month} uses {len(used)} shipped rows ({by_certainty}); a row of your own replaces one"
        remarks.append(Remark("default", str(name), "ok", advice))
        remarks += [
            Remark(
                "default",
                str(key),
                "attention",
                f"{says}: {certainty}; {uses} {unit} depend on it. Confirm or "
                f"correct it in landing/reference/{name}.csv",
            )
            for _, says, certainty, key, uses, unit in used
            if certainty in UNSURE
        ]
    return remarks


def _not_made(settings: Settings) -> list[Remark]:
    """What the latest run of a month could not make, with reason and advice."""
    if not settings.published_database.is_file():
        return []
    connection = connect_file(settings.published_database)
    try:
        found = read(connection, "meta.not_made")
    finally:
        connection.close()
    return [
        Remark("not made", f"{u.review_month} {u.name}", "attention", f"{u.kind}: {u.why}; {u.stands}. {u.advice}")
        for u in found
    ]


def _reference(
    settings: Settings,
    contract: Contract,
    places: set[tuple[bool, str]],
    loaded: set[tuple[bool, str]],
    filled: set[tuple[bool, str]],
) -> Remark:
    """A table of the company: given, kept by a command, covered by shipped defaults, or missing."""
    path = settings.landing / "reference" / f"{contract.name}.csv"
    if places & filled:
        return Remark("reference", contract.name, "ok", "given")
    if contract.name in KEPT_BY:
        return Remark("reference", contract.name, "ok", f"{contract.title}: none yet; {KEPT_BY[contract.name]}")
    if (SEEDS / "defaults" / f"{contract.name}.csv").is_file():
        advice = (
            f"{contract.title}: the shipped defaults apply, unless the setting use_defaults is false; a row of "
            f"your own in {path} replaces one"
        )
        return Remark("reference", contract.name, "ok", advice)
    waiting = needed_by(contract.name, "ref")
    needs = f"; needed by {', '.join(waiting)}" if waiting else ""
    if places & loaded:
        return Remark(
            "reference", contract.name, "attention", f"{contract.title}: {path} has a header and no row{needs}"
        )
    columns = ", ".join(contract.column_names)
    return Remark(
        "reference", contract.name, "attention", f"{contract.title}: write {path} with columns {columns}{needs}"
    )


def _expectations(settings: Settings) -> list[Remark]:
    """The company's own suites: which are valid, and why the others are not."""
    remarks = []
    for name in sorted(n for n in INPUTS if company_suites.files_of(settings.expectations, n)):
        try:
            number = len(added_to(name, settings.expectations))
            remarks.append(Remark("suite", name, "ok", f"{number} expectations besides the shipped ones"))
        except CompanySuiteError as error:
            remarks.append(Remark("suite", name, "attention", str(error)))
    strange = company_suites.strange_files(settings.expectations)
    return remarks + [Remark("suite", "none", "attention", sentence) for sentence in strange]


def doctor(settings: Settings, today: date, as_json: bool) -> int:
    """Print what is missing. Exit code 1 if a tool or the landing zone is missing."""
    remarks = [
        *_tools(),
        *_limits(settings),
        *_landing(settings, today),
        *_expectations(settings),
        *_not_made(settings),
        *_inputs(settings),
    ]
    if as_json:
        print(json.dumps([asdict(r) for r in remarks], indent=2))
    else:
        for remark in remarks:
            print(f"{remark.state:<10} {remark.area:<10} {remark.name:<28} {remark.advice}")
    return 1 if any(r.state == "missing" and r.area in {"tool", "folder"} for r in remarks) else 0


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return doctor(settings, arguments.clock().date(), arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(commands, "doctor", "What is missing, and what to do about it.", "selfaudit doctor", _work)
    add_json(parser)
