"""The summary at the top of a month's page: what an auditor would count, seats, what can be released, findings by
severity, the worst of them, and what could not be assessed.

Returns plain values and figures; no HTML. `actions` covers actions and their money.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.publish.work_files import OPEN as OPEN_ACTIONS
from pipelines.publish.workbooks.terms import SEVERITY_PLACE
from pipelines.report.figures import Figure, figure
from pipelines.report.rows import OPEN, Connection, currencies, query
from pipelines.report.waiting_checks import waiting_checks
from pipelines.report.words import SEVERITIES, action


@dataclass(frozen=True)
class ToDo:
    """One thing to do: what, number of findings and their rule, worst severity, money per currency."""

    rule_id: str
    title: str
    what: str
    severity: str
    findings: Figure
    detail: str
    output: str


def exposure(connection: Connection, review_month: str, previous: str | None) -> list[dict[str, Any]]:
    """Per currency: the cost of the gaps in the auditor's count, in ours, and after the clean-up; at list price, else
    at contract price.
    """
    table = "calendar.auditor_count"
    basis = next(
        (b for b in ("list", "contract") if currencies(connection, table, f"{b}_currency", review_month)), "list"
    )
    found = []
    for currency in currencies(connection, table, f"{basis}_currency", review_month):
        where = {"review_month": review_month, f"{basis}_currency": currency}
        before = {"review_month": previous, f"{basis}_currency": currency}
        entry: dict[str, Any] = {"currency": currency, "basis": basis}
        for name in ("auditor", "defensible", "after"):
            measure = f"sum(money_{name}_{basis})"
            entry[name] = figure(connection, table, measure, where, "money", currency)
            entry[f"{name}_before"] = (
                figure(connection, table, measure, before, "money", currency) if previous else None
            )
        found.append(entry)
    return found


def _above(gap: str) -> str:
    # greatest() skips null, but unknown is not zero.
    return f"sum(case when {gap} is not null then greatest({gap}, 0) end)"


def seats(connection: Connection, review_month: str, previous: str | None) -> dict[str, Figure]:
    """The position as numbers of seats, all teams and offerings."""
    where = {"review_month": review_month}
    count = "calendar.auditor_count"
    position_table = "calendar.licence_position"
    return {
        "entitled": figure(connection, position_table, "sum(entitled)", where),
        "assigned": figure(connection, position_table, "sum(assigned)", where),
        "active_90d": figure(connection, position_table, "sum(active_90d)", where),
        "auditor_over": figure(connection, count, _above("gap_auditor"), where),
        "defensible_over": figure(connection, count, _above("gap_defensible"), where),
        "after_over": figure(connection, count, _above("gap_after"), where),
        "unpriced": figure(
            connection,
            count,
            "count(*) filter (where gap_auditor > 0 and money_auditor_list is null and money_auditor_contract is null)",
            where,
        ),
        "positions": figure(connection, count, "count(*)", where),
    }


# The rules of the de-provisioning list: source, rules, "The de-provisioning list".
SEAT_RULES = ["CON-01", "CON-02", "CON-04", "IDN-01", "IDN-11", "USE-01", "USE-02", "USE-07", "USE-08"]


def release(connection: Connection, review_month: str) -> dict[str, Any]:
    """Seats that should be removed, the most frequent reasons, and what the actions on seats save, or reduce in
    payments due, per year and currency.
    """
    table = "calendar.deprovisioning_list"
    where = {"review_month": review_month, "status": OPEN}
    could_run = connection.execute(
        "select count(*) from calendar.rule_runs where review_month = ? and assessability <> 'not_assessable' and "
        "list_contains(?, rule_id)",
        [review_month, SEAT_RULES],
    ).fetchall()[0][0]
    reasons = connection.execute(
        f"select d.primary_reason, any_value(c.title) from {table} as d left join meta.rule_catalogue as c on "
        "c.rule_id = d.primary_reason "
        "where d.review_month = ? and list_contains(?, d.status) group by 1 order by count(*) desc, 1 limit 4",
        [review_month, OPEN],
    ).fetchall()
    return {
        "reasons": [
            (title or rule, figure(connection, table, "count(*)", {**where, "primary_reason": rule}))
            for rule, title in reasons
        ],
        "seats": figure(connection, table, "count(*)" if could_run else "nullif(count(*), 0)", where),
        "saved": _seat_money(connection, review_month, "save"),
        "cured": _seat_money(connection, review_month, "owe"),
    }


def _seat_money(connection: Connection, review_month: str, kind: str) -> list[Figure]:
    where = {"review_month": review_month, "subject_type": "seat", "kind": kind, "state": OPEN_ACTIONS}
    currencies = connection.execute(
        "select distinct currency from calendar.actions where review_month = ? and subject_type = 'seat' and kind = ? "
        "and list_contains(?, state) and amount is not null order by 1",
        [review_month, kind, OPEN_ACTIONS],
    ).fetchall()
    return [
        figure(connection, "calendar.actions", "sum(amount)", {**where, "currency": c}, "money", c)
        for (c,) in currencies
    ]


def severities(connection: Connection, review_month: str, previous: str | None) -> list[dict[str, Any]]:
    """Open findings by severity now and a month before, with the number of new ones."""
    table = "calendar.findings"
    return [
        {
            "severity": severity,
            "now": figure(
                connection, table, "count(*)", {"review_month": review_month, "severity": severity, "status": OPEN}
            ),
            "before": figure(
                connection, table, "count(*)", {"review_month": previous, "severity": severity, "status": OPEN}
            )
            if previous
            else None,
            "new": figure(
                connection, table, "count(*)", {"review_month": review_month, "severity": severity, "status": ["new"]}
            ),
        }
        for severity in SEVERITIES
    ]


def todo(connection: Connection, review_month: str, most: int = 3) -> list[ToDo]:
    """The rules with the worst findings: by worst severity, then money, then number of findings. `actions` has what is
    paid or saved for them.
    """
    table = "calendar.findings"
    rows = query(
        connection,
        f"select rule_id, any_value(title order by finding_id) as title, min({SEVERITY_PLACE}) as place, "
        "sum(exposure_amount) as amount, count(*) as findings, "
        f"arg_min(recommended_action, ({SEVERITY_PLACE}, -coalesce(exposure_amount, 0), finding_id)) as "
        "recommended_action, "
        f"arg_min(detail, ({SEVERITY_PLACE}, -coalesce(exposure_amount, 0), finding_id)) as detail, "
        "any_value(calendar_output order by finding_id) as output "
        f"from {table} where review_month = ? and list_contains(?, status) "
        "group by rule_id order by place, amount desc nulls last, findings desc, rule_id limit ?",
        review_month,
        OPEN,
        most,
    )
    found = []
    for row in rows:
        where = {"review_month": review_month, "rule_id": row["rule_id"], "status": OPEN}
        found.append(
            ToDo(
                row["rule_id"],
                row["title"],
                action(row["recommended_action"]),
                SEVERITIES[row["place"] - 1],
                figure(connection, table, "count(*)", where),
                row["detail"] or "",
                (row["output"] or "findings").split(";")[0],
            )
        )
    return found


def assessed(connection: Connection, review_month: str) -> dict[str, Any]:
    """How many rules could run, and those that could not, with the reason."""
    table = "calendar.rule_runs"
    limits = query(
        connection,
        "select r.rule_id, r.title, r.assessability, r.reason, c.question from calendar.rule_runs as r "
        "left join meta.rule_catalogue as c on c.rule_id = r.rule_id "
        "where r.review_month = ? and r.assessability <> 'assessed' "
        "order by case r.assessability when 'not_assessable' then 1 else 2 end, r.rule_id",
        review_month,
    )
    return {
        "all": figure(connection, table, "count(*)", {"review_month": review_month}),
        "full": figure(connection, table, "count(*)", {"review_month": review_month, "assessability": "assessed"}),
        "limits": limits,
        "waiting": waiting_checks(limits),
    }
