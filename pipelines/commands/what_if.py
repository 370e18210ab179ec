"""`selfaudit what-if MONTH`: the effect of other parameters, prices or rates on a month (`--parameters FILE`), or of
other seats and prices on the renewal of a contract (`--renewal CONTRACT`). Prints the result; the record is unchanged.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.commands.shared.logs import console_progress, progress_log
from pipelines.errors import DONE, UserError
from pipelines.partitions import parse_range
from pipelines.publish.names import file_name
from pipelines.publish.workbooks.renewal_what_if import Line, changed, read_renewal, sums_of, write_renewal
from pipelines.reference.resolve import ReferenceTableError
from pipelines.run.dbt_call import TransformError
from pipelines.run.discretion import said
from pipelines.run.privacy import mode_of
from pipelines.run.whatif import WhatIf, WhatIfError, ask
from pipelines.settings import Settings
from pipelines.warehouse import connect_file, writer_lock

SHOWN = 10


def what_if(settings: Settings, month: str, tables: Path, as_json: bool) -> int:
    """Compute and print. Raises UserError if the file or the month is unsuitable."""
    wanted = parse_range(month)[-1]
    if not tables.is_file():
        raise UserError(f"There is no file {tables}. Give a table of landing/reference/ with the rows you want to try.")
    if not settings.warehouse.is_file():
        raise UserError(f"No month has been made in {settings.data} yet. Start with `selfaudit run {wanted}`.")
    with console_progress(settings), writer_lock(settings, progress_log.info):
        progress_log.info(f"trying {wanted} with the rows of {tables.name} in place of those in force")
        try:
            asked = ask(settings, wanted, tables)
        except (WhatIfError, ReferenceTableError, TransformError) as error:
            raise UserError(str(error)) from error
        if mode_of(settings):
            asked = replace(asked, appear=_veiled(settings, asked.appear), vanish=_veiled(settings, asked.vanish))
    if as_json:
        print(json.dumps(asdict(asked), indent=2, default=str))
    else:
        _print(asked, tables)
    return DONE


def _veiled(settings: Settings, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings with pseudonyms in every text; without their ids, which are those of the real findings."""
    texts = sorted({v for row in rows for v in row.values() if isinstance(v, str)})
    shown = dict(zip(texts, said(settings, texts), strict=True))
    return [{n: shown[v] if isinstance(v, str) else v for n, v in row.items() if n != "finding_id"} for row in rows]


def _print(asked: WhatIf, tables: Path) -> None:
    print(
        f"\n{asked.month} with {asked.rows} rows of {tables.name} instead of those in force. Nothing was published.\n"
    )
    if not asked.rules:
        print("No finding would appear, disappear or change.")
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


def renewal_what_if(settings: Settings, month: str, contract: str, arguments: argparse.Namespace) -> int:
    """Cost a contract's renewal with the given seats, prices and tokens; print it and write the workbook. Raises
    UserError if the contract has no brief, or the file cannot be written.
    """
    wanted = parse_range(month)[-1]
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run`.")
    seats = {name: _whole(name, text) for name, text in _pairs("--seats", arguments.seats)}
    prices = {name: _amount("--price", name, text) for name, text in _pairs("--price", arguments.price)}
    tokens = {name: _amount("--tokens", name, text) for name, text in _pairs("--tokens", arguments.tokens)}
    with closing(connect_file(settings.published_database)) as published:
        lines = changed(read_renewal(published, wanted, contract), seats, prices, tokens)
    path = arguments.to or Path(f"{wanted}-what-if-{file_name(contract)}.xlsx")
    try:
        write_renewal(lines, wanted, contract, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}). Name another file with --to.") from error
    if arguments.json:
        found = [{**asdict(line), "spend": line.spend} for line in lines]
        together = {c: asdict(sums) for c, sums in sums_of(lines).items()}
        print(json.dumps({"month": wanted, "lines": found, "sums": together, "workbook": path}, indent=2, default=str))
    else:
        _print_renewal(lines, wanted, contract, path)
    return DONE


def _print_renewal(lines: Sequence[Line], month: str, contract: str, path: Path) -> None:
    print(f"\nRenewal of contract {contract} by the files of {month}. Nothing was published.\n")
    wide = max(len("offering"), *(len(line.offering) for line in lines))
    heads = ("seats now", "plan", "asked", "spend now", "plan", "asked")
    print(f"{'offering':{wide}} " + " ".join(f"{h:>{9 if i < 3 else 16}}" for i, h in enumerate(heads)))
    for line in lines:
        numbers = (line.seats_now, line.seats_planned, line.seats)
        money = (line.spend_now, line.spend_planned, line.spend)
        print(
            f"{line.offering:{wide}} "
            + " ".join(f"{'–' if n is None else f'{n:,}':>9}" for n in numbers)
            + " "
            + " ".join(f"{'–' if m is None else f'{m:,.2f}':>16}" for m in money)
            + f" {line.currency}"
        )
        if line.people is not None and line.seats is not None and line.seats < line.people:
            print(f"{'':{wide}} {line.people - line.seats:,} people who need a seat would have none")
    for currency, sums in sums_of(lines).items():
        print(
            f"\nTogether{f' in {currency}' if currency else ''}: now {sums.now:,.2f}, by the plan {sums.planned:,.2f}, "
            f"as asked {sums.asked:,.2f}: {sums.now - sums.asked:,.2f} less than now."
            + (f" Without {', '.join(sums.left_out)}: not known in every column." if sums.left_out else "")
        )
    print(f"\nWorkbook to continue with: {path}")


def _pairs(option: str, given: Sequence[str] | None) -> list[tuple[str, str]]:
    """OFFERING=VALUE as pairs. Raises UserError if the equals sign is missing or an offering is repeated."""
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.rpartition("=")
        if not equals or not name.strip():
            raise UserError(f"{option} {text}: expected OFFERING=VALUE, for example {option} revit=40.")
        if name.strip() in found:
            raise UserError(f"{option} {name.strip()} is given twice. Give each offering once.")
        found[name.strip()] = value.strip()
    return list(found.items())


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise UserError(f"--seats {name}={text}: expected a whole number of seats, 0 or more.")
    return int(text)


def _amount(option: str, name: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < 10**18:
        raise UserError(f"{option} {name}={text}: expected an amount, 0 or more, with a point: 1234.50.")
    return amount


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    asked_of_renewal = [o for o in ("seats", "price", "tokens", "to") if getattr(arguments, o)]
    if arguments.renewal is not None:
        return renewal_what_if(settings, arguments.month, arguments.renewal, arguments)
    if asked_of_renewal:
        raise UserError(f"--{asked_of_renewal[0]} goes with --renewal CONTRACT.")
    return what_if(settings, arguments.month, arguments.parameters, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "what-if",
        "Recalculate a month with other rule parameters, prices or rates, or a renewal with other seats and prices, "
        "and compare; nothing is published.",
        "selfaudit what-if --parameters stricter.csv 2026-10\n"
        "  selfaudit what-if --renewal 110 --seats revit=40 --price revit=2450.00 2026-10",
        _work,
    )
    parser.add_argument("month", metavar="YYYY-MM")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument(
        "--parameters",
        type=Path,
        metavar="FILE",
        help="rows to try, as a table of landing/reference/ (rule_parameters, prices, flex_rates ...)",
    )
    asked.add_argument(
        "--renewal",
        metavar="CONTRACT",
        help="the contract whose renewal is recalculated; writes a workbook to continue with",
    )
    for option, what in (
        ("--seats", "seats to renew"),
        ("--price", "price of a seat and year"),
        ("--tokens", "tokens a year"),
    ):
        parser.add_argument(
            option,
            action="append",
            metavar="OFFERING=VALUE",
            help=f"with --renewal: {what} of an offering, by key or name; the plan's without it",
        )
    parser.add_argument("--to", type=Path, metavar="FILE", help="with --renewal: the workbook, default in this folder")
    add_json(parser, "everything, as JSON")
