"""The two documents that are sent: the renewal brief and the audit readiness report, one per contract that is due in the month.

Each is read here once, as headline, things to do, tables, limits and files; `pages.py` makes HTML of it and `pdf.py` a PDF, so both say
the same. Every number is a figure of a published table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from pipelines.partitions import as_of
from pipelines.report.figures import Figure, figure
from pipelines.report.month import figure_state, files, offering_names, query
from pipelines.report.words import month_name

Connection = duckdb.DuckDBPyConnection
Cell = str | Figure


@dataclass(frozen=True)
class Table:
    """A table of the document: headers, which of them are numbers, rows of texts and figures, the sentence before it."""

    title: str
    intro: str
    headers: list[str]
    numbers: list[bool]
    rows: list[list[Cell]]
    source: str


@dataclass(frozen=True)
class Step:
    """One thing to do: what, its money, why."""

    what: str
    money: Figure | None
    why: str


@dataclass(frozen=True)
class Document:
    """One document, ready to be laid out."""

    kind: str
    title: str
    contract: str
    review_month: str
    as_of: date
    state: str
    subtitle: str
    position: str
    headline: list[tuple[str, list[Figure]]]
    steps: list[Step]
    tables: list[Table]
    limits: list[str]
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its files, without the ending."""
        return file_name(self.review_month, self.kind, self.contract)


KINDS = (
    ("renewal_brief", "renewal-brief", "Renewal negotiation brief"),
    ("audit_readiness", "audit-readiness", "Audit readiness report"),
)


def file_name(review_month: str, kind: str, contract: str) -> str:
    """The name of a document's files: letters, digits and hyphens whatever the contract is called."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", contract).strip("-")
    unlike = "" if plain == contract else f"-{hashlib.sha256(contract.encode()).hexdigest()[:6]}"
    return f"{review_month}-{kind}-{plain or 'contract'}{unlike}"


def due_documents(connection: Connection, review_month: str) -> list[tuple[str, str, str]]:
    """(table, contract, title) of the documents of the month: contracts with rows in its renewal brief or audit readiness report."""
    found = []
    for table, _, title in KINDS:
        contracts = connection.execute(
            f"select distinct coalesce(contract_number, '') from calendar.{table} where review_month = ? order by 1",
            [review_month],
        ).fetchall()
        found += [(table, contract, title) for (contract,) in contracts]
    return found


def document_links(connection: Connection, review_month: str) -> list[tuple[str, str]]:
    """(address, words) of the documents of the month."""
    kinds = {table: kind for table, kind, _ in KINDS}
    return [
        (f"{file_name(review_month, kinds[table], contract)}.html", f"{title}, contract {contract or 'without number'}")
        for table, contract, title in due_documents(connection, review_month)
    ]


def read_documents(connection: Connection, review_month: str) -> list[Document]:
    """The documents of the month, in full."""
    read = {"renewal_brief": renewal_brief, "audit_readiness": audit_readiness}
    return [
        read[table](connection, review_month, contract)
        for table, contract, _ in due_documents(connection, review_month)
    ]


class _Rows:
    """The rows of one contract in one output, as figures."""

    def __init__(
        self, connection: Connection, table: str, review_month: str, contract: str, key: Sequence[str]
    ) -> None:
        self.connection = connection
        self.table = f"calendar.{table}"
        self.where = {"review_month": review_month, "contract_number": contract or None}
        self.key = key
        self.names = offering_names(connection, review_month)
        self.rows = query(
            connection,
            f"select * from {self.table} where review_month = ? and coalesce(contract_number, '') = ? order by {', '.join(key)}",
            review_month,
            contract,
        )

    def cell(self, row: dict[str, Any], column: str, currency: str | None = None) -> Cell:
        """One value of a row: a number as a figure, a text as itself."""
        value = row.get(column)
        if isinstance(value, str) or (value is None and column in {"mismatch_types", "ai_features_used", "levers"}):
            return value or ""
        where = {**self.where, **{k: row[k] for k in self.key}}
        return Figure(value, self.table, f"max({column})", where, "money" if currency else "count", currency)

    def money(self, column: str, currency: str, one_of_many: bool = True) -> Figure:
        """A sum of money over the contract; one_of_many: only the rows of that currency."""
        where = {**self.where, "currency": currency} if one_of_many else self.where
        return figure(self.connection, self.table, f"sum({column})", where, "money", currency)

    def offering(self, row: dict[str, Any]) -> str:
        """The name of the row's offering."""
        return self.names.get(row["offering_key"]) or row["offering_key"]

    def source(self) -> str:
        """Where the numbers of a table come from, in words."""
        return f"{self.table}, review month {self.where['review_month']}, contract {self.where['contract_number']}"


def _limits(connection: Connection, output: str, review_month: str) -> list[str]:
    rows = query(
        connection,
        "select r.rule_id, r.title, r.assessability, r.reason from calendar.rule_runs as r "
        "inner join meta.rule_catalogue as c on c.rule_id = r.rule_id "
        "where r.review_month = ? and r.assessability <> 'assessed' and (strpos(c.calendar_output, ?) > 0 or ? = 'audit_readiness') order by r.rule_id",
        review_month,
        output,
        output,
    )
    return [
        f"{r['rule_id']} {r['title']}: {r['assessability'].replace('_', ' ')}. {r['reason'] or ''}".strip()
        for r in rows
    ]


def _term(connection: Connection, review_month: str, contract: str) -> str:
    rows = query(
        connection,
        "select kind, start_date, end_date, renewal_date from marts.dim_contract where review_month = ? and contract_number = ?",
        review_month,
        contract,
    )
    if not rows:
        return "The terms of this contract are not on file."
    term = rows[0]
    parts = [f"{term['kind'] or 'contract'} from {term['start_date'] or '?'} to {term['end_date'] or '?'}"]
    if term["renewal_date"]:
        parts.append(f"renewal on {term['renewal_date']}")
    return ", ".join(parts).capitalize() + "."


def renewal_brief(connection: Connection, review_month: str, contract: str) -> Document:
    """What to renew: seats by three sources, use, recommendation, money."""
    rows = _Rows(connection, "renewal_brief", review_month, contract, ("offering_key",))
    currencies = sorted({r["currency"] for r in rows.rows if r["currency"]})
    decide = min((r["decide_by"] for r in rows.rows if r["decide_by"]), default=None)
    headline = [
        ("Spend now, a year", [rows.money("spend_now", c) for c in currencies]),
        ("Spend proposed", [rows.money("spend_proposed", c) for c in currencies]),
        ("Saving", [rows.money("saving", c) for c in currencies]),
    ]
    best = sorted(rows.rows, key=lambda r: (-(r["saving"] or 0), r["offering_key"]))
    steps = [
        Step(
            f"{rows.offering(r)}: renew {r['recommended_seats_base']} instead of {r['seats_portal'] if r['seats_portal'] is not None else r['seats_contract']} seats",
            _figure(rows.cell(r, "saving", r["currency"])),
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
    limits = _limits(connection, "renewal_brief", review_month)
    for column, words in (
        ("seats_portal", "the portal shows no subscription"),
        ("seats_invoiced", "no invoice is on file"),
        ("recommended_seats_high", "the count after the clean-up could not be assessed"),
        ("unit_price", "no price is on file"),
    ):
        missing = [rows.offering(r) for r in rows.rows if r[column] is None]
        if missing:
            limits.append(f"{', '.join(missing)}: {words}.")
    position = (
        f"{len(rows.rows)} offerings. "
        + (f"Decide by {decide}. " if decide else "")
        + _term(connection, review_month, contract)
    )
    three = Table(
        "Contract, portal and invoices",
        "The same seats by three sources. Where they differ, the kind of difference is named.",
        ["Offering", "Contract", "Portal", "Invoiced", "Difference"],
        [False, True, True, True, False],
        [
            [rows.offering(r), *(rows.cell(r, c) for c in ("seats_contract", "seats_portal", "seats_invoiced")), (r["mismatch_types"] or "none").replace("_", " ").replace(";", ", ")]
            for r in rows.rows
        ],
        rows.source(),
    )  # fmt: skip
    use = Table(
        "Use and recommendation",
        "Low: active in the last 90 days. Base: the most people active in one month of the last twelve. High: the count after the clean-up.",
        ["Offering", "Assigned", "Active 90 days", "Peak month", "Low", "Base", "High"],
        [False, *[True] * 6],
        [
            [rows.offering(r), *(rows.cell(r, c) for c in ("assigned", "active_90d", "peak_active_12m", "recommended_seats_low", "recommended_seats_base", "recommended_seats_high"))]
            for r in rows.rows
        ],
        rows.source(),
    )  # fmt: skip
    money = Table(
        "Money",
        "At the price of the contract where there is one, else at list price; a year, without what is not priced.",
        ["Offering", "Price of a seat", "Spend now", "Spend proposed", "Saving"],
        [False, *[True] * 4],
        [
            [rows.offering(r), *(rows.cell(r, c, r["currency"] or "") for c in ("unit_price", "spend_now", "spend_proposed", "saving"))]
            for r in rows.rows
        ],
        rows.source(),
    )  # fmt: skip
    levers = Table(
        "Levers",
        "What to bring to the table, offering by offering.",
        ["Offering", "Lever"],
        [False, False],
        [[rows.offering(r), r["levers"]] for r in rows.rows if r["levers"]],
        rows.source(),
    )
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
        steps,
        [t for t in (money, *_optimised(connection, review_month, contract, rows.names), use, three, levers) if t.rows],
        limits,
        files(connection, review_month),
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
    here = {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'calendar'"
        ).fetchall()
    }
    if not {"renewal_plan", "renewal_mix"} <= here:
        return []
    plan = _Rows(connection, "renewal_plan", review_month, contract, ("team_alias", "offering_key", "scenario"))
    by_position: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in plan.rows:
        by_position.setdefault((row["team_alias"], row["offering_key"]), {})[row["scenario"]] = row
    seats = Table(
        "The plan of the optimiser",
        "Seats to renew if every person has the cheapest lawful mix of seats and tokens, in three scenarios of growth and price.",
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
        f"select action, currency from {mix} where review_month = ? and coalesce(contract_number, '') = ? and action <> 'keep' "
        "group by 1, 2 order by sum(saving) desc nulls last, 1, 2",
        [review_month, contract],
    ).fetchall()
    where = {"review_month": review_month, "contract_number": contract or None}
    moves = Table(
        "What the plan changes",
        "Persons for whom something changes, by what changes. Each is named, with one sentence of reason, in renewal_mix.xlsx.",
        ["Change", "Persons", "Saving a year"],
        [False, True, True],
        [
            [
                MOVES.get(name, (name or "").replace("_", " ")),
                figure(connection, mix, "count(*)", {**where, "action": name, "currency": currency}),
                figure(connection, mix, "sum(saving)", {**where, "action": name, "currency": currency}, "money", currency or " "),
            ]
            for name, currency in actions
        ],
        f"{mix}, review month {review_month}, contract {contract}",
    )  # fmt: skip
    return [seats, moves]


def _figure(cell: Cell) -> Figure | None:
    return cell if isinstance(cell, Figure) else None


_READINESS = {
    "exposed": "exposed",
    "at_risk": "at risk",
    "ready": "ready",
    "not_assessable": "not assessable",
}


def audit_readiness(connection: Connection, review_month: str, contract: str) -> Document:
    """The four steps of an audit, made before the auditor makes them."""
    rows = _Rows(connection, "audit_readiness", review_month, contract, ("team_alias", "offering_key"))
    currency = _currency(connection, review_month, contract)
    headline = []
    for column, words in (
        ("money_auditor_list", "What an auditor would bill, at list price"),
        ("money_defensible_list", "What we cannot defend"),
        ("money_after_list", "Left after the clean-up"),
    ):
        headline.append((words, [rows.money(column, currency, one_of_many=False)] if currency else []))
    kinds = {k: sum(1 for r in rows.rows if r["readiness"] == k) for k in _READINESS}
    counted = ", ".join(f"{n} {_READINESS[k]}" for k, n in kinds.items() if n)
    where = lambda r: f"{rows.offering(r)}, {r['team_alias']}"  # noqa: E731
    steps = [
        Step(
            f"{where(r)}: buy or take back {r['gap_after']} seats",
            _figure(rows.cell(r, "money_after_list", currency)) if currency else None,
            f"{r['auditor_count']} would be counted against {r['entitled']} entitled; {r['after_remediation_count']} are left after the clean-up.",
        )
        for r in sorted(rows.rows, key=lambda r: (-(r["money_after_list"] or 0), -(r["gap_after"] or 0), r["team_alias"], r["offering_key"]))
        if (r["gap_after"] or 0) > 0
    ]  # fmt: skip
    for column, words, why in (
        ("version_findings", "remove versions above the right", "of a version that the right does not cover"),
        ("feature_findings", "stop or buy features used without right", "of a feature without its right"),
        ("device_findings", "look into use on many devices", "of more devices than are allowed"),
    ):
        steps += [
            Step(f"{where(r)}: {words}", None, f"{r[column]} {'finding' if r[column] == 1 else 'findings'} {why}.")
            for r in sorted(rows.rows, key=lambda r: (-(r[column] or 0), r["team_alias"], r["offering_key"]))
            if (r[column] or 0) > 0
        ]
    limits = _limits(connection, "audit_readiness", review_month)
    unknown = [where(r) for r in rows.rows if r["readiness"] == "not_assessable"]
    if unknown:
        limits.append(f"Assignments or telemetry are missing for: {'; '.join(unknown)}.")
    notes = sorted({r["latency_note"] for r in rows.rows if r["latency_note"]})
    limits += [f"Latency: {note}." for note in notes]
    names = lambda r: [r["team_alias"], rows.offering(r)]  # noqa: E731
    cells = lambda r, *columns: [rows.cell(r, c) for c in columns]  # noqa: E731
    counts = Table(
        "Readiness",
        "Exposed: a gap is left after the clean-up, or a critical finding of telemetry. At risk: an auditor would count a gap.",
        ["Team", "Offering", "Readiness", "Entitled", "Auditor", "Defensible", "After", "Gap after"],
        [False, False, False, *[True] * 5],
        [
            [*names(r), _READINESS.get(r["readiness"], r["readiness"] or ""), *cells(r, "entitled", "auditor_count", "defensible_count", "after_remediation_count", "gap_after")]
            for r in rows.rows
        ],
        rows.source(),
    )  # fmt: skip
    baseline = Table(
        "Steps 1 and 2: entitlement and assignments",
        "The rights bought, frozen at the as-of date, against the active assignments.",
        ["Team", "Offering", "Entitled", "Assigned", "Over-deployed"],
        [False, False, *[True] * 3],
        [[*names(r), *cells(r, "entitled", "assigned", "over_deployment")] for r in rows.rows],
        rows.source(),
    )
    telemetry = Table(
        "Step 3: telemetry of twelve months",
        "Persons seen, and findings about versions, features and devices.",
        ["Team", "Offering", "Persons", "Versions", "Features", "Devices", "Against SAM", "AI features"],
        [False, False, *[True] * 5, False],
        [
            [*names(r), *cells(r, "lrt_users_12m", "version_findings", "feature_findings", "device_findings", "lrt_vs_sam_difference"), (r["ai_features_used"] or "").replace(";", ", ")]
            for r in rows.rows
        ],
        rows.source(),
    )  # fmt: skip
    reconcile = Table(
        "Step 4: from the auditor’s count to ours",
        "Every line that leaves the count.",
        ["Team", "Offering", "Auditor", "Flex", "Perpetual", "Contractors’", "Defensible", "Ghosts", "Duplicates", "Inactive", "After"],
        [False, False, *[True] * 9],
        [
            [*names(r), *cells(r, "auditor_count", "flex_covered", "perpetual_covered", "contractor_own_cover", "defensible_count", "ghost", "duplicate", "inactive", "after_remediation_count")]
            for r in rows.rows
        ],
        rows.source(),
    )  # fmt: skip
    money = Table(
        "Money of each gap",
        "At list price, and at the price of the contract where there is one.",
        ["Team", "Offering", "Auditor, list", "Defensible, list", "After, list", "Auditor, contract", "After, contract"],
        [False, False, *[True] * 5],
        [
            [*names(r), *(rows.cell(r, c, currency or " ") for c in ("money_auditor_list", "money_defensible_list", "money_after_list", "money_auditor_contract", "money_after_contract"))]
            for r in rows.rows
            if (r["gap_auditor"] or 0) > 0
        ],
        rows.source(),
    )  # fmt: skip
    return Document(
        "audit-readiness",
        "Audit readiness report",
        contract,
        review_month,
        as_of(review_month),
        figure_state(connection, review_month),
        f"Contract {contract or 'without number'} · {month_name(review_month)}",
        f"{len(rows.rows)} positions: {counted}. {_term(connection, review_month, contract)}",
        headline,
        steps[:3],
        [t for t in (counts, money, baseline, telemetry, reconcile) if t.rows],
        limits,
        files(connection, review_month),
    )


def _currency(connection: Connection, review_month: str, contract: str) -> str | None:
    """The one currency of the contract's list prices; None where there is none or more than one."""
    rows = connection.execute(
        "select distinct c.list_currency from calendar.audit_readiness as a inner join calendar.auditor_count as c "
        "on c.review_month = a.review_month and c.team_alias = a.team_alias and c.offering_key = a.offering_key "
        "where a.review_month = ? and coalesce(a.contract_number, '') = ? and c.list_currency is not null",
        [review_month, contract],
    ).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None
