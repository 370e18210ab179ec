"""The renewal negotiation brief of one contract: seats by three sources, use, recommendation, money, the optimiser's
plan.
"""

from __future__ import annotations

from typing import Any

from pipelines.partitions import as_of
from pipelines.publish.datasets import existing_outputs
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
    tables = [_money(rows), *optimised, _use(rows), _three_sources(rows), _levers(rows)]
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
    """At most three: the largest savings, and where contract, portal and invoices differ."""
    best = sorted(rows.rows, key=lambda r: (-(r["saving"] or 0), r["offering_key"]))
    steps = [
        Step(
            f"{rows.offering(r)}: renew {r['recommended_seats_base']} instead of "
            f"{r['seats_portal'] if r['seats_portal'] is not None else r['seats_contract']} seats",
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


def _gaps(rows: ContractRows) -> list[str]:
    """What the brief does not know, offering by offering."""
    limits = []
    for column, words in (
        ("seats_portal", "the portal shows no subscription"),
        ("seats_invoiced", "no invoice is on file"),
        ("recommended_seats_high", "the count after the clean-up could not be assessed"),
        ("unit_price", "no price is on file"),
    ):
        missing = [rows.offering(r) for r in rows.rows if r[column] is None]
        if missing:
            limits.append(f"{', '.join(missing)}: {words}.")
    return limits


def _three_sources(rows: ContractRows) -> Table:
    return rows.as_table(
        "Contract, portal and invoices",
        "The same seats by three sources. Where they differ, the kind of difference is named.",
        ["Offering", "Contract", "Portal", "Invoiced", "Difference"],
        [False, True, True, True, False],
        lambda r: [
            rows.offering(r),
            *rows.cells(r, "seats_contract", "seats_portal", "seats_invoiced"),
            (r["mismatch_types"] or "none").replace("_", " ").replace(";", ", "),
        ],
    )


def _use(rows: ContractRows) -> Table:
    return rows.as_table(
        "Use and recommendation",
        "Low: active in the last 90 days. Base: the most people active in one month of the last twelve. High: the "
        "count after the clean-up.",
        ["Offering", "Assigned", "Active 90 days", "Peak month", "Low", "Base", "High"],
        [False, *[True] * 6],
        lambda r: [
            rows.offering(r),
            *rows.cells(
                r,
                "assigned",
                "active_90d",
                "peak_active_12m",
                "recommended_seats_low",
                "recommended_seats_base",
                "recommended_seats_high",
            ),
        ],
    )


def _money(rows: ContractRows) -> Table:
    return rows.as_table(
        "Money",
        "At the price of the contract where there is one, else at list price; a year, without what is not priced.",
        ["Offering", "Price of a seat", "Spend now", "Spend proposed", "Saving"],
        [False, *[True] * 4],
        lambda r: [
            rows.offering(r),
            *rows.cells(r, "unit_price", "spend_now", "spend_proposed", "saving", currency=r["currency"] or ""),
        ],
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
    """The optimiser's plan and what it changes; nothing where the optimiser did not run."""
    if not {"renewal_plan", "renewal_mix"} <= set(existing_outputs(connection)):
        return []
    plan = ContractRows(connection, "renewal_plan", review_month, contract, ("team_alias", "offering_key", "scenario"))
    by_position: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in plan.rows:
        by_position.setdefault((row["team_alias"], row["offering_key"]), {})[row["scenario"]] = row
    seats = Table(
        "The plan of the optimiser",
        "Seats to renew if every person has the cheapest lawful mix of seats and tokens, in three scenarios of growth "
        "and price.",
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
        "Persons for whom something changes, by what changes. Each is named, with one sentence of reason, in "
        "renewal_mix.xlsx.",
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
