"""`selfaudit verify [PACK]`: whether what was published is unchanged, and its signatures are valid. `replay` rebuilds
months.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.differences import PUT_BACK, published_file, report_differences
from pipelines.errors import UserError
from pipelines.publish.packs import verify_pack, verify_publication
from pipelines.publish.publications import Entry, read_chain
from pipelines.publish.record_check import compare_with_record, count_rows, differing_marts, latest_entries
from pipelines.publish.seals.check import Outcome, Statements, check_chain, signature_fault
from pipelines.publish.seals.statements import SIGNATURE, companion, numbers
from pipelines.run.dbt_call import has_results
from pipelines.run.months import months_at_rest
from pipelines.run.signing import check, key_to_check_with
from pipelines.settings import Settings
from pipelines.warehouse import BusyError, connect_file, connect_to_look, while_nobody_writes

NOT_COVERED = (
    "workbooks, pages, packs and archives of claims are held against signatures alone, and none were checked "
    "(docs/evidence.md); one pack is checked by `selfaudit verify PACK`"
)
NOT_CHECKED = "it is signed; the signatures were not checked: name the public key with --key PUBLIC.pem"


@dataclass(frozen=True)
class Against:
    """What signatures are checked against. key: file of the public key, None for the configured one. roots: file of the
    root certificates of time stamps. since: a head of the chain, or the SHA-256 of a statement, that was kept
    elsewhere.
    """

    key: Path | None = None
    roots: Path | None = None
    since: str = ""


def verify(settings: Settings, pack: Path | None, as_json: bool, against: Against = Against()) -> int:
    """Check one pack, or the whole publication by default, including the signatures if there is a key. Exit code 1 if
    anything differs.
    """
    try:
        if pack is not None:
            what, outcome, advice = str(pack), _pack(settings, pack, against.key), ""
        else:
            published_file(settings)
            what, outcome, advice = str(settings.published), verified(settings, against), PUT_BACK
    except (ValueError, BusyError) as error:
        raise UserError(str(error)) from error
    return report_differences(settings, what, outcome.wrong, as_json, advice, outcome.notes)


def _pack(settings: Settings, pack: Path, key: Path | None) -> Outcome:
    if not pack.is_file():
        raise UserError(f"There is no file {pack}. Packs are in {settings.published / 'packs'}.")
    public = key_to_check_with(settings, key)
    fault = signature_fault(pack, public) if public else ""
    return Outcome(
        ([f"{pack} {fault}"] if fault else []) + verify_pack(pack, settings.published, settings.landing),
        [] if public else [NOT_CHECKED] if companion(pack, SIGNATURE).is_file() else [],
    )


def verified(settings: Settings, against: Against) -> Outcome:
    """Check the whole publication: signatures, chain, partitions, rows, raw files. Raises SigningKeyError; BusyError if
    a run is writing and signatures are to be checked.
    """
    public = key_to_check_with(settings, against.key)
    statements: Statements = []
    if public is None:
        outcome = Outcome([], [NOT_COVERED])
        if numbers(settings.published):
            outcome.notes.append(NOT_CHECKED)
    else:
        with while_nobody_writes(settings):
            outcome, statements = check(settings, public, against.roots)
    try:
        with closing(connect_file(settings.published_database)) as connection:
            outcome.wrong += verify_publication(connection, settings.published, settings.landing)
            chain, marts = read_chain(connection), count_rows(connection, "marts")
    except (duckdb.Error, OSError, UnicodeError) as error:
        outcome.wrong.append(f"{settings.published_database} cannot be read: {error}")
        return outcome
    check_chain(chain, statements, against.since, outcome)
    outcome.wrong += _warehouse(settings, chain, marts)
    return outcome


def _warehouse(settings: Settings, chain: Sequence[Entry], marts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Differences in the warehouse, from which the next publication is written. Empty if there is none, or if a run is
    writing it. marts: table → month → rows of the published file.
    """
    if not settings.warehouse.is_file():
        return []
    try:
        with while_nobody_writes(settings), connect_to_look(settings) as connection:
            if not has_results(connection):
                return []
            known = months_at_rest(connection)
            entries = {place: e for place, e in latest_entries(chain).items() if place[1] in known}
            wrong = compare_with_record(connection, settings.published, entries, "warehouse")
            mine = {
                name: {m: n for m, n in held.items() if m in known}
                for name, held in count_rows(connection, "marts").items()
            }
            theirs = {name: {m: n for m, n in held.items() if m in known} for name, held in marts.items()}
            wrong += differing_marts(mine, theirs)
            if read_chain(connection) != list(chain):
                wrong.append("warehouse: its record of publications differs from the published one")
            return wrong
    except (BusyError, duckdb.IOException):
        return []
    except duckdb.Error as error:
        return [f"warehouse: {settings.warehouse} cannot be read: {error}"]


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    against = Against(arguments.key, arguments.tsa_roots, arguments.since_head.strip())
    return verify(settings, arguments.pack, arguments.json, against)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "verify",
        "Check that an evidence pack, or the whole publication, and the raw files are unchanged.",
        "selfaudit verify --key selfaudit.public.pem",
        _work,
    )
    parser.add_argument(
        "pack", type=Path, nargs="?", default=None, metavar="PACK", help="default: everything published"
    )
    parser.add_argument(
        "--key", type=Path, default=None, metavar="PUBLIC.pem", help="check the signatures with this public key"
    )
    parser.add_argument(
        "--since-head",
        default="",
        metavar="HASH",
        help="a chain head that you kept (entry_hash, or SHA-256 of a statement): it must be part of the history",
    )
    parser.add_argument(
        "--tsa-roots",
        type=Path,
        default=None,
        metavar="ROOTS.pem",
        help="root certificates that time stamps must chain to",
    )
    add_json(parser)
