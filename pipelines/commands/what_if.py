"""`selfaudit what-if --parameters FILE MONTH`: what other parameters, prices or rates would make of a month. Prints; the record stays as it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from pipelines.cli import DONE, UserError
from pipelines.commands.run import console_progress, progress_log
from pipelines.ingest.reference import ReferenceTableError
from pipelines.partitions import parse_range
from pipelines.settings import Settings
from pipelines.transform import TransformError
from pipelines.warehouse import writer_lock
from pipelines.whatif import WhatIf, WhatIfError, ask

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
            f"{rule.rule_id:8} {rule.now:>7,} {rule.then:>7,} {rule.appear:>7,} {rule.vanish:>7,} {rule.change:>7,}   {money}   {rule.title}"
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
