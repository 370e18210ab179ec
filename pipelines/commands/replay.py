"""`selfaudit replay MONTH`: rebuilds a month from its raw files in an empty warehouse and compares all its published
files byte by byte.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.differences import published_file, report_differences
from pipelines.errors import DONE, DONE_IN_PART, NOT_ALL_ASSESSED, UserError
from pipelines.ingest.landing.files import REFERENCE_DROP, list_drops
from pipelines.partitions import parse_range
from pipelines.publish.packs import first_difference
from pipelines.publish.places import RECORDED, file_of
from pipelines.publish.publications import Entry, published_horizon, read_chain, restated_months
from pipelines.run.months import refuse_frozen
from pipelines.settings import Settings
from pipelines.warehouse import connect_file

REPLAY = "replay"


def replay(settings: Settings, month: str, as_json: bool) -> int:
    """Rebuild a month (and the earlier months that its history depends on) in an empty warehouse and compare every file
    byte by byte.

    Uses the drops known to the published version, not later ones; the record says which months are restated.
    """
    wanted = parse_range(month)[-1]
    with closing(connect_file(published_file(settings))) as connection:
        chain = read_chain(connection)
    latest = {e.output: e for e in chain if e.review_month == wanted}
    if not latest:
        raise UserError(
            f"{wanted} was never published in {settings.published}. `selfaudit status` names the months that were."
        )
    refuse_frozen(settings, [wanted])
    folder = settings.beside(REPLAY)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        (folder / "landing").mkdir()
        horizon = published_horizon(chain, wanted) or wanted
        drops = [d for d in list_drops(settings.landing) if d <= horizon]
        for name in [*drops, REFERENCE_DROP]:
            if (settings.landing / name).is_dir():
                (folder / "landing" / name).symlink_to(settings.landing / name, target_is_directory=True)
        if settings.expectations.is_dir():
            (folder / settings.expectations.name).symlink_to(settings.expectations, target_is_directory=True)
        first = min([d for d in drops if d <= wanted], default=wanted)
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "--data", str(folder), "run", f"{first}..{wanted}"],
            capture_output=True,
            text=True,
            check=False,
            env=settings.environment_of_a_replay(restated_months(chain)),
        )
        if done.returncode not in (DONE, NOT_ALL_ASSESSED, DONE_IN_PART):
            raise UserError(f"The replay of {wanted} did not finish:\n{done.stderr.strip()[-2000:]}")
        wrong = _differences(latest.values(), settings.published, folder / "published")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report_differences(settings, f"{wanted} of {settings.published}", wrong, as_json)


def _differences(entries: Iterable[Entry], published: Path, again: Path) -> list[str]:
    wrong = []
    for entry in sorted(entries, key=lambda e: e.output):
        for kind in RECORDED:
            name = file_of(Path(), entry.output, entry.review_month, kind)
            if not (published / name).is_file() or not (again / name).is_file():
                wrong.append(f"{name} is missing on one side")
                continue
            left, right = (published / name).read_bytes(), (again / name).read_bytes()
            if left != right:
                wrong.append(f"{name} differs from byte {first_difference(left, right):,} onwards")
    return wrong


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return replay(settings, arguments.month, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "replay",
        "Rebuild a month from its raw files in an empty warehouse and compare it, byte by byte.",
        "selfaudit replay 2026-03",
        _work,
    )
    parser.add_argument("month", metavar="YYYY-MM")
    add_json(parser)
