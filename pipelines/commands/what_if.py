"""`selfaudit what-if --parameters FILE MONTH`: what other parameters, prices or rates would make of a month. Prints;
the record stays as it is.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from pipelines.commands.run import console_progress, progress_log
from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, UserError
from pipelines.partitions import parse_range
from pipelines.reference.resolve import ReferenceTableError
from pipelines.run.dbt_call import TransformError
from pipelines.run.whatif import WhatIf, WhatIfError, ask
from pipelines.settings import Settings
from pipelines.warehouse import writer_lock

SHOWN = 10


def what_if(settings: Settings, month: str, tables: Path, as_json: bool) -> int:
    """Ask and print. Raises UserError where the file or the month cannot be asked."""
    wanted = parse_range(month)[-1]
    if not tables.is_file():
        raise UserError(f"There is no file {tables}. Give a table of landing/reference/ with the rows you want to try.")
    with console_progress(), writer_lock(settings, progress_log.info):
        progress_log.info(f"asking {wanted} with the rows of {tables.name} beside those in force")
        try:
            asked = ask(settings, wanted, tables)
        except (WhatIfError, ReferenceTableError, TransformError) as error:
            raise UserError(str(error)) from error
    if as_json:
        print(json.dumps(asdict(asked), indent=2, default=str))
    else:
        _print(asked, tables)
    return DONE


def _print(asked: WhatIf, tables: Path) -> None:
    print(
        f"\n{asked.month} with {asked.rows} rows of {tables.name} instead of those in force. Nothing was published.\n"
    )
    if not asked.rules:
        print("No finding would come, go or change.")
        return
    print(f"{'rule':8} {'now':>7} {'then':>7} {'come':>7} {'go':>7} {'change':>7}   exposure now → then")
    for rule in asked.rules:
        money = f"{_money(rule.exposure_now)} → {_money(rule.exposure_then)}"
        print(
            f"{rule.rule_id:8} {rule.now:>7,} {rule.then:>7,} {rule.appear:>7,} {rule.vanish:>7,} {rule.change:>7,}   "
            f"{money}   {rule.title}"
        )
    for title, rows in (("Would come", asked.appear), ("Would go", asked.vanish)):
        if rows:
            print(f"\n{title}:")
        for row in rows[:SHOWN]:
            subject = ", ".join(str(row[n]) for n in ("team_alias", "offering_key", "person_key", "scope") if row[n])
            print(f"  {row['rule_id']} {row['severity']}: {subject}. {row['detail'] or ''}")
        if len(rows) > SHOWN:
            print(f"  … and {len(rows) - SHOWN:,} more (--json has all of them)")


def _money(amounts: dict[str, Decimal]) -> str:
    return " + ".join(f"{amount:,.2f} {currency}" for currency, amount in amounts.items()) or "–"


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return what_if(settings, arguments.month, arguments.parameters, arguments.json)


def declare(commands: Commands) -> None:
    """Its arguments."""
    parser = add_command(
        commands,
        "what-if",
        "A month with other rule parameters, prices or rates, beside the month as it stands; nothing is published.",
        "selfaudit what-if --parameters stricter.csv 2026-10",
        _work,
    )
    parser.add_argument("month", metavar="YYYY-MM")
    parser.add_argument(
        "--parameters",
        type=Path,
        required=True,
        metavar="FILE",
        help="rows to try, as a table of landing/reference/ (rule_parameters, prices, flex_rates ...)",
    )
    add_json(parser, "everything, as JSON")
