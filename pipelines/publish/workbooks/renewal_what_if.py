"""The renewal of one contract with seats and prices changed by hand, next to the current contract and the plan of the
brief: the rows, their sums, and a workbook with live formulas.

Reads the published brief and writes the workbook; publishes nothing. The optimiser makes the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import UserError
from pipelines.publish.workbooks.cells import OpenBook

CENT = Decimal("0.01")
HEADERS = (
    "Offering",
    "Seats now",
    "Price now",
    "Tokens now",
    "Spend now",
    "Seats, plan",
    "Tokens, plan",
    "Spend, plan",
    "People who need a seat",
    "Seats",
    "Price of a seat",
    "Tokens a year",
    "Spend",
    "Less than now",
    "Less than the plan",
    "Note",
)


@dataclass(frozen=True)
class Line:
    """An offering of the contract: now, planned, and as asked. Seats as counts, money per year; None: not known.
    people: number of persons for whom a seat is part of the plan. price: of a seat in the base case, unless asked
    otherwise.
    """

    offering_key: str
    offering: str
    currency: str
    seats_now: int | None
    price_now: Decimal | None
    tokens_now: Decimal
    spend_now: Decimal | None
    seats_planned: int | None
    tokens_planned: Decimal
    spend_planned: Decimal | None
    people: int | None
    seats: int | None
    price: Decimal | None
    tokens: Decimal

    @property
    def spend(self) -> Decimal | None:
        """Seats at their price plus tokens, per year."""
        if self.seats is None or self.price is None:
            return None
        return (self.seats * self.price + self.tokens).quantize(CENT, ROUND_HALF_UP)


def read_renewal(connection: duckdb.DuckDBPyConnection, month: str, contract: str) -> list[Line]:
    """The lines of a contract's brief, with the plan as what is asked. connection: the published file. Raises UserError
    if the month has no brief of the contract; the message lists the existing ones.
    """
    rows = connection.execute(
        "with people as (select contract_number, offering_key, sum(persons) as persons, max(price_percent) as percent "
        "from calendar.renewal_plan where review_month = $month and scenario = 'base' group by all), "
        "name as (select offering_key, max(offering_name) as name from marts.dim_offering where review_month = $month "
        "group by 1) "
        "select b.offering_key, coalesce(n.name, b.offering_key), coalesce(b.currency, ''), "
        "coalesce(b.seats_portal, b.seats_contract, case when b.seats_invoiced is null then 0 end), b.unit_price, "
        "coalesce(b.tokens_now, 0), b.spend_now, b.recommended_seats_base, coalesce(b.tokens_proposed, 0), "
        "b.spend_proposed, p.persons, cast(b.unit_price * (100 + coalesce(p.percent, 0)) / 100 as decimal(38, 2)) "
        "from calendar.renewal_brief as b left join people as p on p.offering_key = b.offering_key "
        "and coalesce(p.contract_number, '') = coalesce(b.contract_number, '') "
        "left join name as n on n.offering_key = b.offering_key "
        "where b.review_month = $month and coalesce(b.contract_number, '') = $contract order by b.offering_key",
        {"month": month, "contract": contract},
    ).fetchall()
    if not rows:
        known = connection.execute(
            "select contract_number, max(review_month) from calendar.renewal_brief group by 1 order by 1"
        ).fetchall()
        there = ", ".join(f"{number or 'without number'} in {latest}" for number, latest in known)
        raise UserError(
            f"{month} has no renewal brief of contract {contract}. "
            + (f"Existing briefs: {there}." if there else "There is no renewal brief yet: none was due.")
        )
    return [
        Line(key, name, currency, seats, price, tokens, spend, planned, then, cost, people, planned, risen, then)
        for key, name, currency, seats, price, tokens, spend, planned, then, cost, people, risen in rows
    ]


def changed(
    lines: Sequence[Line], seats: Mapping[str, int], prices: Mapping[str, Decimal], tokens: Mapping[str, Decimal]
) -> list[Line]:
    """The lines with seats, prices and tokens as asked, by key or name of the offering. Raises UserError if the brief
    does not have an offering.
    """
    known = {line.offering.casefold(): line.offering_key for line in lines}
    known |= {line.offering_key.casefold(): line.offering_key for line in lines}
    asked: dict[str, dict[str, Any]] = {}
    for column, values in (("seats", seats), ("price", prices), ("tokens", tokens)):
        for name, value in values.items():
            if name.casefold() not in known:
                offered = ", ".join(line.offering_key for line in lines)
                raise UserError(f"{name} is not an offering of this brief. It has {offered}.")
            asked.setdefault(known[name.casefold()], {})[column] = value
    return [replace(line, **asked.get(line.offering_key, {})) for line in lines]


@dataclass(frozen=True)
class Sums:
    """Sums over the lines of one currency whose spend is known in all three columns; left_out: the others."""

    now: Decimal
    planned: Decimal
    asked: Decimal
    left_out: tuple[str, ...]


def sums_of(lines: Sequence[Line]) -> dict[str, Sums]:
    """Currency → sums. A line whose spend is unknown now, in the plan or as asked is in none of them and is listed by
    name.
    """
    found = {}
    for currency in sorted({line.currency for line in lines}):
        own = [line for line in lines if line.currency == currency]
        whole = [line for line in own if None not in (line.spend_now, line.spend_planned, line.spend)]
        zero = Decimal(0)
        found[currency] = Sums(
            sum((line.spend_now or zero for line in whole), zero),
            sum((line.spend_planned or zero for line in whole), zero),
            sum((line.spend or zero for line in whole), zero),
            tuple(line.offering for line in own if line not in whole),
        )
    return found


def write_renewal(lines: Sequence[Line], month: str, contract: str, path: Path) -> None:
    """Write a workbook whose seats, prices and tokens can be edited; formulas update the rest of the sheet.
    Byte-stable.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    book = OpenBook(path, month, f"Renewal of contract {contract}, what if", len(lines))
    sheet = book.book.add_worksheet("What if")
    book.put(sheet, 0, 0, f"Renewal of contract {contract}: what if", book.title)
    book.put(
        sheet,
        1,
        0,
        f"By the files of {month}. Change the yellow cells: seats, price of a seat and tokens a year; what they cost "
        "follows. Nothing of this is published. Seats below the people who need one leave somebody without a right.",
    )
    first = 3
    for column, header in enumerate(HEADERS):
        book.put(sheet, first, column, header, book.decide_head if column in (9, 10, 11) else book.head)
    yellow = book.book.add_format(
        {"bg_color": "#FFF8DC", "border": 1, "border_color": "#E0D9B8", "num_format": "#,##0.00"}
    )
    yellow_whole = book.book.add_format(
        {"bg_color": "#FFF8DC", "border": 1, "border_color": "#E0D9B8", "num_format": "#,##0"}
    )
    row = first
    places: dict[str, list[int]] = {}
    for currency, own in _by_currency(lines).items():
        for line in own:
            row += 1
            places.setdefault(currency, []).append(row)
            _write_line(book, sheet, row, line, yellow, yellow_whole)
    for currency, sums in sums_of(lines).items():
        row += 1
        book.put(sheet, row, 0, f"Together, {currency}" if currency else "Together, without a currency", book.strong)
        top, bottom = places[currency][0] + 1, places[currency][-1] + 1
        whole = f"ISNUMBER($E${top}:$E${bottom})*ISNUMBER($H${top}:$H${bottom})*ISNUMBER($M${top}:$M${bottom})"
        # A line that is unknown in one of the three columns is in none of the sums.
        for column, letter, value in ((4, "E", sums.now), (7, "H", sums.planned), (12, "M", sums.asked)):
            sheet.write_formula(
                row,
                column,
                f"=SUMPRODUCT({whole},{letter}{top}:{letter}{bottom})",
                book.money,
                float(value),
            )
        sheet.write_formula(row, 13, f"=E{row + 1}-M{row + 1}", book.money, float(sums.now - sums.asked))
        sheet.write_formula(row, 14, f"=H{row + 1}-M{row + 1}", book.money, float(sums.planned - sums.asked))
        if sums.left_out:
            book.put(sheet, row, 15, f"Without {', '.join(sums.left_out)}: not known in every column.")
    book.width(sheet, 0, 0, 36)
    book.width(sheet, 1, 14, 13)
    book.width(sheet, 15, 15, 48)
    sheet.freeze_panes(first + 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    book.close()


def _by_currency(lines: Sequence[Line]) -> dict[str, list[Line]]:
    return {c: [line for line in lines if line.currency == c] for c in sorted({line.currency for line in lines})}


def _write_line(book: OpenBook, sheet: Any, row: int, line: Line, yellow: Any, yellow_whole: Any) -> None:
    before = (
        *(line.offering, line.seats_now, line.price_now, line.tokens_now, line.spend_now, line.seats_planned),
        *(line.tokens_planned, line.spend_planned, line.people),
    )
    for column, value in enumerate(before):
        book.put(sheet, row, column, value)
    book.put(sheet, row, 9, line.seats, yellow_whole)
    book.put(sheet, row, 10, line.price, yellow)
    book.put(sheet, row, 11, line.tokens, yellow)
    r = row + 1
    spend = "" if line.spend is None else float(line.spend)
    # An unknown value stays empty, not 0.
    sheet.write_formula(row, 12, f'=IF(OR(J{r}="",K{r}=""),"",ROUND(J{r}*K{r}+L{r},2))', book.money, spend)
    for column, letter, known in ((13, "E", line.spend_now), (14, "H", line.spend_planned)):
        less = "" if known is None or line.spend is None else float(known - line.spend)
        sheet.write_formula(row, column, f'=IF(OR({letter}{r}="",M{r}=""),"",{letter}{r}-M{r})', book.money, less)
    missing = (line.people or 0) - line.seats if line.seats is not None else 0
    sheet.write_formula(
        row,
        15,
        f'=IF(OR(J{r}="",I{r}=""),"",IF(J{r}<I{r},I{r}-J{r}&" people who need a seat would have none",""))',
        None,
        f"{missing} people who need a seat would have none" if line.people is not None and missing > 0 else "",
    )
