"""The renewal negotiation brief of one contract: one plan with its money and whose seats it changes, use, seats by
three sources, and what is to be settled with the vendor.
"""

from __future__ import annotations

from typing import Any

from pipelines.partitions import as_of
from pipelines.publish.datasets import existing_outputs
from pipelines.publish.work_files import KINDS, OPEN
from pipelines.report.document import (
    Connection,
    ContractRows,
    Document,
    Step,
    Table,
    as_figure,
    limits_of,
    term_of,
)
from pipelines.report.figures import figure
from pipelines.report.month import figure_state, files
from pipelines.report.words import month_name


def renewal_brief(connection: Connection, review_month: str, contract: str) -> Document:
    """The brief as a document. contract: its number, '' for subscriptions without one."""
    rows = ContractRows(connection, "renewal_brief", review_month, contract, ("offering_key",))
    currencies = sorted({r["currency"] for r in rows.rows if r["currency"]})
    decide = min((r["decide_by"] for r in rows.rows if r["decide_by"]), default=None)
    headline = [
        ("Spend now, a year", [rows.money("spend_now", c) for c in currencies]),
        ("Spend proposed", [rows.money("spend_proposed", c) for c in currencies]),
        ("Saving", [rows.money("saving", c) for c in currencies]),
    ]
    position = (
        f"{len(rows.rows)} offerings. "
        + (f"Decide by {decide}. " if decide else "")
        + term_of(connection, review_month, contract)
    )
    optimised = _optimised(connection, review_month, contract, rows.names)
    tables = [
        _plan(rows),
        _money(rows),
        *optimised,
        _use(rows),
        _three_sources(rows),
        _to_settle(connection, rows),
        _levers(rows),
    ]
    return Document(
        "renewal-brief",
        "Renewal negotiation brief",
        contract,
        review_month,
        as_of(review_month),
        figure_state(connection, review_month),
        f"Contract {contract or 'without number'} · {month_name(review_month)}",
        position,
        headline,
        _steps(rows),
        [t for t in tables if t.rows],
        limits_of(connection, "renewal_brief", review_month) + _gaps(rows),
        files(connection, review_month),
    )


def _steps(rows: ContractRows) -> list[Step]:
    """At most three: the largest savings, and differences between contract, portal and invoices."""
    best = sorted(rows.rows, key=lambda r: (-(r["saving"] or 0), r["offering_key"]))
    steps = [
        Step(
            f"{rows.offering(r)}: renew {r['recommended_seats_base']} instead of {_seats_now(r)} seats",
            as_figure(rows.cell(r, "saving", r["currency"])),
            r["levers"] or "",
        )
        for r in best
        if (r["saving"] or 0) > 0 and r["recommended_seats_base"] is not None
    ][:3]
    differing = [r for r in rows.rows if r["mismatch_types"]]
    if differing:
        names = ", ".join(rows.offering(r) for r in differing[:4]) + (" and others" if len(differing) > 4 else "")
        why = "A bill that differs from the contract is the first thing to talk about."
        steps = [*steps[:2], Step(f"Settle where contract, portal and invoices differ: {names}", None, why)]
    return steps


def _seats_now(row: dict[str, Any]) -> int:
    """Seats paid for: by the portal, else by the contract."""
    return int(row["seats_portal"] if row["seats_portal"] is not None else row["seats_contract"] or 0)


def _gaps(rows: ContractRows) -> list[str]:
    """What the brief does not know, by offering."""
    limits = []
    for column, words in (
        ("seats_portal", "the portal shows no subscription"),
        ("seats_invoiced", "no invoice is on file"),
        ("recommended_seats_base", "nothing is proposed, since use is not known or no subscription is in force"),
        ("unit_price", "no price is on file"),
    ):
        missing = [rows.offering(r) for r in rows.rows if r[column] is None]
        if missing:
            limits.append(f"{', '.join(missing)}: {words}.")
    return limits


def _three_sources(rows: ContractRows) -> Table:
    return rows.as_table(
        "Contract, portal and invoices",
        "The same seats and prices by three sources. Where they differ, the kind of difference is named, and what was "
        "invoiced above the agreed price (less than nothing: below it).",
        [
            "Offering",
            "Contract",
            "Portal",
            "Invoiced",
            "Agreed price",
            "Invoiced price",
            "Invoiced above",
            "Difference",
        ],
        [False, *[True] * 6, False],
        lambda r: [
            rows.offering(r),
            *rows.cells(r, "seats_contract", "seats_portal", "seats_invoiced"),
            *rows.cells(r, "contract_price", "invoice_price", "price_difference", currency=r["currency"] or ""),
            (r["mismatch_types"] or "none").replace("_", " ").replace(";", ", "),
        ],
        lambda r: any(r[c] is not None for c in ("seats_contract", "seats_portal", "seats_invoiced")),
    )


def _use(rows: ContractRows) -> Table:
    return rows.as_table(
        "Use",
        "What the plan is based on: who holds a seat, who was active in the last 90 days, and the most people active "
        "in one month of the last twelve.",
        ["Offering", "Seats now", "Assigned", "Active 90 days", "Peak month"],
        [False, *[True] * 4],
        lambda r: [
            rows.offering(r),
            rows.cell(r, "seats_portal" if r["seats_portal"] is not None else "seats_contract"),
            *rows.cells(r, "assigned", "active_90d", "peak_active_12m"),
        ],
        lambda r: _seats_now(r) > 0 or (r["assigned"] or 0) > 0,
    )


def _plan(rows: ContractRows) -> Table:
    return rows.as_table(
        "The plan",
        "Seats to renew, if every person has the cheapest lawful mix of seats and tokens. Base is what is proposed; "
        "low and high are the same mixes with less and with more growth and spare seats.",
        ["Offering", "Seats now", "Low", "Base", "High", "Price of a seat"],
        [False, *[True] * 5],
        lambda r: [
            rows.offering(r),
            rows.cell(r, "seats_portal" if r["seats_portal"] is not None else "seats_contract"),
            *rows.cells(r, "recommended_seats_low", "recommended_seats_base", "recommended_seats_high"),
            rows.cell(r, "unit_price", r["currency"] or ""),
        ],
    )


def _money(rows: ContractRows) -> Table:
    return rows.as_table(
        "What it costs",
        "A year, with the tokens that take the place of a seat on both sides. At the price of the contract where there "
        "is one, else at list price; without what is not priced.",
        ["Offering", "Tokens now", "Tokens proposed", "Spend now", "Spend proposed", "Saving"],
        [False, *[True] * 5],
        lambda r: [
            rows.offering(r),
            *rows.cells(
                r,
                "tokens_now",
                "tokens_proposed",
                "spend_now",
                "spend_proposed",
                "saving",
                currency=r["currency"] or "",
            ),
        ],
    )


def _to_settle(connection: Connection, rows: ContractRows) -> Table:
    """Over-assignments, price differences and other mismatches of the contract, from `actions`."""
    table = "calendar.actions"
    found = connection.execute(
        f"select action_id, what, kind, currency, price_basis from {table} where review_month = ? "
        "and coalesce(contract_number, '') = ? and subject_type in ('position', 'contract', 'true_up') "
        "and list_contains(?, state) order by place",
        [rows.where["review_month"], rows.where["contract_number"] or "", OPEN],
    ).fetchall()
    where = {"review_month": rows.where["review_month"]}
    return Table(
        "To settle with the vendor",
        "Every over-assignment, difference in price and mismatch of the contract, with its amount where it has one: "
        "rows of the actions of the month.",
        ["What", "Kind", "Amount", "Price"],
        [False, False, True, False],
        [
            [
                what,
                KINDS[kind],
                figure(connection, table, "max(amount)", {**where, "action_id": key}, "money", currency or " "),
                basis,
            ]
            for key, what, kind, currency, basis in found
        ],
        f"{table}, review month {rows.where['review_month']}, contract {rows.where['contract_number']}",
    )


def _levers(rows: ContractRows) -> Table:
    return rows.as_table(
        "Levers",
        "What to bring to the table, offering by offering.",
        ["Offering", "Lever"],
        [False, False],
        lambda r: [rows.offering(r), r["levers"]],
        lambda r: bool(r["levers"]),
    )


MOVES = {
    "none": "nothing is renewed for them",
    "fewer_seats": "fewer seats",
    "to_single": "a single product instead of a collection",
    "to_collection": "a collection instead of single products",
    "to_seat": "a seat instead of tokens",
    "to_flex": "tokens instead of a seat",
    "mixed": "seats and tokens",
    "price_missing": "not decided: a price is missing",
}


def _optimised(connection: Connection, review_month: str, contract: str, names: dict[str, str]) -> list[Table]:
    """The plan by team and its changes; empty if it was not made."""
    if not {"renewal_plan", "renewal_mix"} <= set(existing_outputs(connection)):
        return []
    plan = ContractRows(connection, "renewal_plan", review_month, contract, ("team_alias", "offering_key", "scenario"))
    by_position: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in plan.rows:
        by_position.setdefault((row["team_alias"], row["offering_key"]), {})[row["scenario"]] = row
    seats = Table(
        "The plan, team by team",
        "The seats of the plan by team, next to those assigned.",
        ["Team", "Offering", "Assigned", "Low", "Base", "High", "Cost, base"],
        [False, False, *[True] * 5],
        [
            [
                team,
                names.get(offering) or offering,
                plan.cell(next(iter(cases.values())), "assigned"),
                *(plan.cell(cases[c], "seats") if c in cases else "" for c in ("low", "base", "high")),
                plan.cell(cases["base"], "cost", cases["base"]["currency"] or " ") if "base" in cases else "",
            ]
            for (team, offering), cases in by_position.items()
        ],
        plan.source(),
    )
    # Persons are counted here and named only in the workbook: this document is meant to be sent.
    mix = "calendar.renewal_mix"
    actions = connection.execute(
        f"select action, currency from {mix} where review_month = ? and coalesce(contract_number, '') = ? and action "
        "<> 'keep' "
        "group by 1, 2 order by sum(saving) desc nulls last, 1, 2",
        [review_month, contract],
    ).fetchall()
    where = {"review_month": review_month, "contract_number": contract or None}
    moves = Table(
        "What the plan changes",
        "Persons for whom something changes, by what changes, tokens included; seats that nobody holds and spare seats "
        "are in the plan only. Each person is named, with one sentence of reason, in renewal_mix.xlsx.",
        ["Change", "Persons", "Saving a year"],
        [False, True, True],
        [
            [
                MOVES.get(name, (name or "").replace("_", " ")),
                figure(connection, mix, "count(*)", {**where, "action": name, "currency": currency}),
                figure(
                    connection,
                    mix,
                    "sum(saving)",
                    {**where, "action": name, "currency": currency},
                    "money",
                    currency or " ",
                ),
            ]
            for name, currency in actions
        ],
        f"{mix}, review month {review_month}, contract {contract}",
    )
    return [seats, moves]
