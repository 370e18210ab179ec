"""`selfaudit demo`: writes the demo estate into the data folder's landing zone and reviews it."""

from __future__ import annotations

import argparse

from pipelines.commands.run import run
from pipelines.commands.shared.arguments import Commands, add_command
from pipelines.commands.shared.logs import console_progress, progress_log
from pipelines.demo import generate
from pipelines.demo.generate import FEWEST
from pipelines.errors import UserError
from pipelines.settings import Settings

MARKER = "demo_estate.txt"


def demo(settings: Settings, persons: int, months: int, seed: int, last_month: str, no_run: bool) -> int:
    """Write the estate and, unless no_run, review all its months. Refuses a landing zone that the demo did not
    write.
    """
    if persons < FEWEST:
        raise UserError(
            f"The demo needs at least {FEWEST} persons, or its planted groups would lack members. Try --persons "
            f"{FEWEST}."
        )
    marker = settings.data / "demo" / MARKER
    if settings.landing.exists() and any(settings.landing.iterdir()) and not marker.exists():
        raise UserError(
            f"{settings.landing} already holds files that do not belong to the demo. Choose another folder: selfaudit "
            "--data DIR demo"
        )
    with console_progress(settings):
        progress_log.info(f"writing the demo estate: {persons} persons, {months} months, seed {seed}")
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text("The landing zone beside this folder is made up; `selfaudit demo` may overwrite it.\n")
        report = generate(settings.landing, persons=persons, months=months, seed=seed, last_month=last_month)
        progress_log.info(f"landing zone: {report}")
    if no_run:
        return 0
    first, last = report.months[0], report.months[-1]
    run(settings, f"{first}..{last}", None, False, False)
    return 0


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return demo(settings, arguments.persons, arguments.months, arguments.seed, arguments.last_month, arguments.no_run)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "demo",
        "Write a made-up enterprise's landing zone and review it.",
        "selfaudit demo --persons 400 --months 6 --seed 7",
        _work,
    )
    parser.add_argument("--persons", type=int, default=400, help="people in the estate (default 400)")
    parser.add_argument("--months", type=int, default=6, help="number of monthly drops (default 6)")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same bytes (default 7)")
    parser.add_argument("--last-month", default="2026-10", metavar="YYYY-MM", help="last drop (default 2026-10)")
    parser.add_argument("--no-run", action="store_true", help="only write the landing zone")
