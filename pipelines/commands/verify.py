"""`selfaudit verify [PACK]` and `selfaudit replay MONTH`: whether what was published still is what it was, and can be
made again.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.differences import PUT_BACK, published_file, report_differences
from pipelines.errors import UserError
from pipelines.publish.held import other_marts, rows_against_record, rows_held, standing
from pipelines.publish.packs import verify_pack, verify_publication
from pipelines.publish.publications import Entry, read_chain
from pipelines.run.dbt_call import has_results
from pipelines.run.months import months_at_rest
from pipelines.settings import Settings
from pipelines.warehouse import BusyError, connect, connect_file, writer_lock


def verify(settings: Settings, pack: Path | None, as_json: bool) -> int:
    """Check one pack, or without one the whole publication. Exit code 1 if anything differs."""
    if pack is not None:
        if not pack.is_file():
            raise UserError(f"There is no file {pack}. Packs lie in {settings.published / 'packs'}.")
        try:
            wrong = verify_pack(pack, settings.published, settings.landing)
        except ValueError as error:
            raise UserError(str(error)) from error
        what, advice = str(pack), ""
    else:
        with closing(connect_file(published_file(settings))) as connection:
            wrong = verify_publication(connection, settings.published, settings.landing)
            chain, marts = read_chain(connection), rows_held(connection, "marts")
        wrong += _warehouse(settings, chain, marts)
        what, advice = str(settings.published), PUT_BACK
    return report_differences(what, wrong, as_json, advice)


def _warehouse(settings: Settings, chain: Sequence[Entry], marts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What differs in the warehouse, which the next publication is written from. Nothing where there is none, or where
    a run is writing it. marts: table → month → rows of the published file.
    """
    if not settings.warehouse.is_file():
        return []
    try:
        with writer_lock(settings, wait=False), connect(settings, read_only=True) as connection:
            if not has_results(connection):
                return []
            known = months_at_rest(connection)
            entries = {place: e for place, e in standing(chain).items() if place[1] in known}
            wrong = rows_against_record(connection, settings.published, entries, "warehouse")
            mine = {
                name: {m: n for m, n in held.items() if m in known}
                for name, held in rows_held(connection, "marts").items()
            }
            theirs = {name: {m: n for m, n in held.items() if m in known} for name, held in marts.items()}
            wrong += other_marts(mine, theirs)
            if read_chain(connection) != list(chain):
                wrong.append("warehouse: its record of publications is not the published one")
            return wrong
    except (BusyError, duckdb.IOException):
        return []


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return verify(settings, arguments.pack, arguments.json)


def declare(commands: Commands) -> None:
    """Its arguments."""
    parser = add_command(
        commands,
        "verify",
        "Whether an evidence pack, or the whole publication, and the raw files are what they were.",
        "selfaudit verify data/published/packs/2026-10.zip",
        _work,
    )
    parser.add_argument(
        "pack", type=Path, nargs="?", default=None, metavar="PACK", help="default: everything published"
    )
    add_json(parser)
