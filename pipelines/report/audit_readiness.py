"""The audit readiness report of one contract: the four steps of an audit, carried out before the auditor does."""

from __future__ import annotations

from typing import Any

from pipelines.partitions import as_of
from pipelines.report.document import (
    Cell,
    Connection,
    ContractRows,
    Document,
    Step,
    Table,
    as_figure,
    limits_of,
    term_of,
)
from pipelines.report.evidence import file_names, rows_in_words
from pipelines.report.month import figure_state, files
from pipelines.report.words import month_name

_READINESS = {
    "exposed": "exposed",
    "at_risk": "at risk",
    "ready": "ready",
    "not_assessable": "not assessable",
}


def audit_readiness(connection: Connection, review_month: str, contract: str) -> Document:
    """The report as a document. contract: its number, '' for positions without one."""
    rows = ContractRows(connection, "audit_readiness", review_month, contract, ("team_alias", "offering_key"))
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
    tables = [
        *(_counts(rows), _money(rows, currency), _baseline(rows), _telemetry(rows)),
        *(_telemetry_findings(connection, rows), _reconcile(rows)),
    ]
    return Document(
        "audit-readiness",
        "Audit readiness report",
        contract,
        review_month,
        as_of(review_month),
        figure_state(connection, review_month),
        f"Contract {contract or 'without number'} · {month_name(review_month)}",
        f"{len(rows.rows)} positions: {counted}. {term_of(connection, review_month, contract)}",
        headline,
        _steps(rows, currency)[:3],
        [t for t in tables if t.rows],
        limits_of(connection, "audit_readiness", review_month) + _gaps(rows),
        files(connection, review_month),
    )


def _where(rows: ContractRows, row: dict[str, Any]) -> str:
    return f"{rows.offering(row)}, {row['team_alias']}"


def _position(rows: ContractRows, row: dict[str, Any]) -> list[Cell]:
    return [row["team_alias"], rows.offering(row)]


def _steps(rows: ContractRows, currency: str | None) -> list[Step]:
    """What to do: largest amounts first, then by findings of telemetry."""
    steps = [
        Step(
            f"{_where(rows, r)}: buy or take back {r['gap_after']} seats",
            as_figure(rows.cell(r, "money_after_list", currency)) if currency else None,
            f"{r['auditor_count']} would be counted against {r['entitled']} entitled; {r['after_remediation_count']} "
            "are left after the clean-up.",
        )
        for r in sorted(
            rows.rows,
            key=lambda r: (-(r["money_after_list"] or 0), -(r["gap_after"] or 0), r["team_alias"], r["offering_key"]),
        )
        if (r["gap_after"] or 0) > 0
    ]
    for column, words, why in (
        ("version_findings", "remove versions above the right", "of a version that the right does not cover"),
        ("feature_findings", "stop or buy features used without right", "of a feature without its right"),
        ("device_findings", "look into use on many devices", "of more devices than are allowed"),
    ):
        steps += [
            Step(
                f"{_where(rows, r)}: {words}", None, f"{r[column]} {'finding' if r[column] == 1 else 'findings'} {why}."
            )
            for r in sorted(rows.rows, key=lambda r: (-(r[column] or 0), r["team_alias"], r["offering_key"]))
            if (r[column] or 0) > 0
        ]
    return steps


def _gaps(rows: ContractRows) -> list[str]:
    """What the report does not know, and the delay of its telemetry."""
    limits = []
    unpriced = [
        _where(rows, r)
        for r in rows.rows
        if (r["gap_auditor"] or 0) > 0 and r["money_auditor_list"] is None and r["money_auditor_contract"] is None
    ]
    if unpriced:
        words = "gap has" if len(unpriced) == 1 else "gaps have"
        limits.append(f"{len(unpriced)} {words} no price and no amount above: {'; '.join(unpriced)}.")
    unknown = [_where(rows, r) for r in rows.rows if r["readiness"] == "not_assessable"]
    if unknown:
        limits.append(f"Assignments or telemetry are missing for: {'; '.join(unknown)}.")
    notes = sorted({r["latency_note"] for r in rows.rows if r["latency_note"]})
    return limits + [f"Latency: {note}." for note in notes]


def _counts(rows: ContractRows) -> Table:
    return rows.as_table(
        "Readiness",
        "Exposed: a gap is left after the clean-up, or a critical finding of telemetry. At risk: an auditor would "
        "count a gap.",
        ["Team", "Offering", "Readiness", "Entitled", "Auditor", "Defensible", "After", "Gap after"],
        [False, False, False, *[True] * 5],
        lambda r: [
            *_position(rows, r),
            _READINESS.get(r["readiness"], r["readiness"] or ""),
            *rows.cells(r, "entitled", "auditor_count", "defensible_count", "after_remediation_count", "gap_after"),
        ],
    )


def _baseline(rows: ContractRows) -> Table:
    return rows.as_table(
        "Steps 1 and 2: entitlement and assignments",
        "The rights bought, frozen at the as-of date, against the active assignments.",
        ["Team", "Offering", "Entitled", "Assigned", "Over-deployed"],
        [False, False, *[True] * 3],
        lambda r: [*_position(rows, r), *rows.cells(r, "entitled", "assigned", "over_deployment")],
    )


def _telemetry(rows: ContractRows) -> Table:
    return rows.as_table(
        "Step 3: telemetry of twelve months",
        "Persons seen, and findings about versions, features and devices.",
        ["Team", "Offering", "Persons", "Versions", "Features", "Devices", "Against SAM", "AI features"],
        [False, False, *[True] * 5, False],
        lambda r: [
            *_position(rows, r),
            *rows.cells(
                r, "lrt_users_12m", "version_findings", "feature_findings", "device_findings", "lrt_vs_sam_difference"
            ),
            (r["ai_features_used"] or "").replace(";", ", "),
        ],
    )


def _telemetry_findings(connection: Connection, rows: ContractRows) -> Table:
    """Every finding behind the numbers of step 3: who, what, when, and the file rows that show it."""
    ids = sorted({key for r in rows.rows for key in (r["telemetry_finding_ids"] or "").split(";") if key})
    found = connection.execute(
        "select f.title, f.offering_key, coalesce(p.display_name || ' (' || f.person_key || ')', f.person_key), "
        "f.detail, f.evidence, f.evidence_count from calendar.findings as f left join marts.dim_person as p "
        "on p.review_month = f.review_month and p.person_key = f.person_key "
        "where f.review_month = ? and list_contains(?, f.finding_id) "
        "order by f.rule_id, f.offering_key, f.person_key, f.scope",
        [rows.where["review_month"], ids],
    ).fetchall()
    names = file_names(connection)
    return Table(
        "Step 3, finding by finding",
        "Who, what and when, and which rows of which files show it: what an auditor would be shown.",
        ["Finding", "Person", "Offering", "What was seen", "Rows"],
        [False] * 5,
        [
            [
                title,
                person or "",
                rows.names.get(offering) or offering or "",
                detail or "",
                rows_in_words(evidence, count, names),
            ]
            for title, offering, person, detail, evidence, count in found
        ],
        f"calendar.findings, review month {rows.where['review_month']}",
    )


def _reconcile(rows: ContractRows) -> Table:
    return rows.as_table(
        "Step 4: from the auditor’s count to ours",
        "Every deduction from the count.",
        [
            "Team",
            "Offering",
            "Auditor",
            "Flex",
            "Perpetual",
            "Contractors’",
            "Defensible",
            "Ghosts",
            "Duplicates",
            "Inactive",
            "After",
        ],
        [False, False, *[True] * 9],
        lambda r: [
            *_position(rows, r),
            *rows.cells(
                r,
                "auditor_count",
                "flex_covered",
                "perpetual_covered",
                "contractor_own_cover",
                "defensible_count",
                "ghost",
                "duplicate",
                "inactive",
                "after_remediation_count",
            ),
        ],
    )


def _money(rows: ContractRows, currency: str | None) -> Table:
    return rows.as_table(
        "Money of each gap",
        "At list price, and at the price of the contract where there is one.",
        [
            "Team",
            "Offering",
            "Auditor, list",
            "Defensible, list",
            "After, list",
            "Auditor, contract",
            "After, contract",
        ],
        [False, False, *[True] * 5],
        lambda r: [
            *_position(rows, r),
            *rows.cells(
                r,
                "money_auditor_list",
                "money_defensible_list",
                "money_after_list",
                "money_auditor_contract",
                "money_after_contract",
                currency=currency or " ",
            ),
        ],
        lambda r: (r["gap_auditor"] or 0) > 0,
    )


def _currency(connection: Connection, review_month: str, contract: str) -> str | None:
    """The currency of the contract's list prices; None if there is none or more than one."""
    rows = connection.execute(
        "select distinct c.list_currency from calendar.audit_readiness as a inner join calendar.auditor_count as c "
        "on c.review_month = a.review_month and c.team_alias = a.team_alias and c.offering_key = a.offering_key "
        "where a.review_month = ? and coalesce(a.contract_number, '') = ? and c.list_currency is not null",
        [review_month, contract],
    ).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None
