"""What the page of one month shows, read from the published tables `calendar.*`, `marts.*`, `meta.*` and from nothing
else.

Returns plain values and figures; no HTML. Sums are of one column of one table; a rule or a price is never worked out
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.partitions import as_of, months_between, shift
from pipelines.publish.notes import notes
from pipelines.publish.work_files import OPEN as OPEN_ACTIONS
from pipelines.publish.workbooks.book_context import OF_REFERENCE
from pipelines.publish.workbooks.hub_sheet import has_hubs
from pipelines.report.actions import first_screen
from pipelines.report.asked import asked
from pipelines.report.figures import Figure, figure
from pipelines.report.not_made import missing
from pipelines.report.questions import questions
from pipelines.report.waiting_checks import waiting_checks
from pipelines.report.words import ACTIVITIES, SEVERITIES, action

Connection = duckdb.DuckDBPyConnection
SEVERITY_PLACE = (
    "case severity when 'critical' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5 end"
)
OPEN = ["new", "open", "reopened"]
ANSWERS = ("accepted", "contested", "not_provable", "out_of_scope")
AGES = ("up to 30 days", "31 to 90 days", "91 to 180 days", "over 180 days", "age not known")


def query(connection: Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    cursor = connection.execute(sql, list(values))
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def published_months(connection: Connection) -> list[str]:
    """The months that have a result."""
    rows = connection.execute("select distinct review_month from calendar.rule_runs order by 1").fetchall()
    return [month for (month,) in rows]


def months_with_files(connection: Connection) -> set[str]:
    """The months that have a drop. Of a month without one nothing is known, whatever its empty partitions hold."""
    rows = connection.execute("select distinct drop from calendar.file_register where verdict <> 'ignored'").fetchall()
    return {drop for (drop,) in rows}


@dataclass(frozen=True)
class ToDo:
    """One of the things to do: what, how many findings of which rule, worst severity, money per currency."""

    rule_id: str
    title: str
    what: str
    severity: str
    findings: Figure
    detail: str
    output: str


def read_month(connection: Connection, review_month: str) -> dict[str, Any]:
    """Everything the template of a month needs. Pure reading."""
    # A month whose rules could not be judged has no row there; it has a page all the same.
    known = months_with_files(connection)
    earlier = [m for m in published_months(connection) if m < review_month and m in known]
    months = [*earlier, review_month]
    previous = months[-2] if len(months) > 1 else None
    return {
        "month": review_month,
        "as_of": as_of(review_month),
        "previous": previous,
        "months": months,
        "state": figure_state(connection, review_month),
        "actions": first_screen(connection, review_month, previous),
        "exposure": exposure(connection, review_month, previous),
        "seats": seats(connection, review_month, previous),
        "release": release(connection, review_month),
        "severities": severities(connection, review_month, previous),
        "notes": notes(connection, review_month),
        "questions": questions(connection, review_month),
        "todo": todo(connection, review_month),
        "assessed": assessed(connection, review_month),
        "calendar": year_strip(connection, review_month),
        "waiting": waiting(connection, review_month),
        "asked": asked(connection, review_month),
        "ahead": ahead(connection, review_month),
        "position": position(connection, review_month),
        "auditor": auditor(connection, review_month),
        "pools": pools(connection, review_month),
        "ghosts": ghosts(connection, review_month),
        "hubs": hubs(connection, review_month),
        "claims": claims(connection, review_month),
        "trend": trend(connection, months),
        "files": files(connection, review_month),
        "missing": missing(connection, review_month),
    }


def figure_state(connection: Connection, review_month: str) -> str:
    """provisional, settled or restated; empty where the month has no position."""
    rows = connection.execute(
        "select max(state) from calendar.licence_position where review_month = ?", [review_month]
    ).fetchall()
    return rows[0][0] or "" if rows else ""


def _currencies(connection: Connection, table: str, column: str, review_month: str) -> list[str]:
    rows = connection.execute(
        f"select distinct {column} from {table} where review_month = ? and {column} is not null order by 1",
        [review_month],
    ).fetchall()
    return [name for (name,) in rows]


def exposure(connection: Connection, review_month: str, previous: str | None) -> list[dict[str, Any]]:
    """Per currency: what the gaps of the auditor's count, of ours, and after the clean-up cost; at list price, else at
    contract price.
    """
    table = "calendar.auditor_count"
    basis = next(
        (b for b in ("list", "contract") if _currencies(connection, table, f"{b}_currency", review_month)), "list"
    )
    found = []
    for currency in _currencies(connection, table, f"{basis}_currency", review_month):
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
    # greatest() skips null: what is not known is not zero.
    return f"sum(case when {gap} is not null then greatest({gap}, 0) end)"


def seats(connection: Connection, review_month: str, previous: str | None) -> dict[str, Figure]:
    """The position in numbers of seats, all teams and offerings."""
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
    """Seats with a reason to take them away, the reasons met most, and what the actions on seats save, or cure of what
    is owed, a year, by currency.
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
    """Open findings by severity now and a month before, with how many are new."""
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
    """The rules with the worst findings: worst severity, then money, then number of findings. What is paid or saved for
    them, the actions say.
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


def year_strip(connection: Connection, review_month: str) -> dict[str, Any]:
    """The calendar of the twelve months up to this one: per activity and month the states of its reviews."""
    first = shift(review_month, -11)
    months = months_between(first, review_month)
    rows = query(
        connection,
        "select activity, review_month, contract_number, state, due_on, inputs_missing, signed_off_by "
        "from calendar.review_calendar where review_month >= ? and review_month <= ? and not is_ahead order by all",
        first,
        review_month,
    )
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["activity"], row["review_month"]), []).append(row)
    names = [*ACTIVITIES, *sorted({r["activity"] for r in rows} - set(ACTIVITIES))]
    return {"months": months, "rows": [(name, [cells.get((name, m), []) for m in months]) for name in names]}


def waiting(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """Reviews up to this month that wait for somebody, the longest first."""
    return query(
        connection,
        "select activity, output, review_month, contract_number, due_on, state from calendar.review_calendar "
        "where review_month <= ? and due and state in ('waiting', 'due', 'produced', 'overdue') order by due_on, "
        "activity, contract_number, review_month",
        review_month,
    )


def ahead(connection: Connection, review_month: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """What comes in the twelve months after this one, by its month and day: reviews, renewals and the days before them,
    packs that end, waivers that run out.
    """
    rows = query(
        connection,
        "select c.due_on, c.activity, c.period, c.contract_number, c.subject, "
        "coalesce(f.title || coalesce(': ' || coalesce(f.person_key, f.scope, f.team_alias), ''), '') as finding "
        "from calendar.review_calendar as c left join calendar.findings as f on f.review_month = c.review_month "
        "and f.finding_id = c.subject where c.review_month = ? and c.is_ahead order by c.due_on, c.activity, "
        "c.contract_number, c.subject",
        review_month,
    )
    months: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        months.setdefault(f"{row['due_on']:%Y-%m}", []).append(row)
    return sorted(months.items())


def position(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """Every (team, offering): entitled, assigned, active, gap, money."""
    return query(
        connection,
        "select p.team_alias, p.offering_key, coalesce(o.offering_name, p.offering_key) as offering_name, p.entitled, "
        "p.assigned, "
        "p.active_90d, p.gap_team, p.gap_org, p.never_used, p.inactive_90d, p.ghosts, p.cost_year, p.wasted_year, "
        "p.currency, p.state "
        "from calendar.licence_position as p left join marts.dim_offering as o "
        "on o.review_month = p.review_month and o.offering_key = p.offering_key "
        "where p.review_month = ? order by p.gap_team desc nulls last, p.team_alias, p.offering_key",
        review_month,
    )


def auditor(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """Every (team, offering): the auditor's count, each line that leaves it, ours, and the money."""
    return query(
        connection,
        "select a.team_alias, a.offering_key, coalesce(o.offering_name, a.offering_key) as offering_name, "
        "a.auditor_count, "
        "a.flex_covered, a.perpetual_covered, a.contractor_own_cover, a.defensible_count, a.ghost, a.duplicate, "
        "a.inactive, "
        "a.after_remediation_count, a.entitled, a.gap_auditor, a.gap_defensible, a.gap_after, "
        "a.money_auditor_list, a.money_defensible_list, a.money_after_list, a.list_currency, a.assessability "
        "from calendar.auditor_count as a left join marts.dim_offering as o "
        "on o.review_month = a.review_month and o.offering_key = a.offering_key "
        "where a.review_month = ? order by a.gap_auditor desc nulls last, a.team_alias, a.offering_key",
        review_month,
    )


def pools(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """Every pool of tokens: its forecast of this month, and its history of months for the burn-up."""
    found = query(
        connection,
        "select * from calendar.token_forecast where review_month = ? "
        "order by case adequacy when 'short' then 1 when 'tight' then 2 when 'adequate' then 3 else 4 end, team_alias",
        review_month,
    )
    for pool in found:
        pool["history"] = query(
            connection,
            "select review_month, purchased, consumed, balance, term_start, term_end from calendar.token_forecast "
            "where team_alias = ? and review_month <= ? order by review_month",
            pool["team_alias"],
            review_month,
        )
        for entry in pool["history"]:
            entry["as_of"] = as_of(entry["review_month"])
        pool["daily"] = query(
            connection,
            "select day, sum(tokens) as tokens from marts.fct_token_daily where team_alias = ? and review_month = ? "
            "group by 1 order by 1",
            pool["team_alias"],
            review_month,
        )
    return found


def ghosts(connection: Connection, review_month: str) -> dict[str, Any]:
    """The ghost ledger: seats that are there now by legal entity and age, what they cost so far, how fast the others
    ended.
    """
    table = "calendar.ghost_ledger"
    where = {"review_month": review_month, "ghost_to": None}
    rows = query(
        connection,
        "select coalesce(p.legal_entity, '(entity not known)') as entity, "
        "case when g.seat_days is null then ? when g.seat_days <= 30 then ? when g.seat_days <= 90 then ? when "
        "g.seat_days <= 180 then ? else ? end as age, "
        "count(*) as seats, sum(g.seat_days) as seat_days, sum(g.cost) as amount, min(g.currency) as currency, "
        "count(distinct g.currency) as currencies "
        f"from {table} as g left join marts.dim_person as p on p.review_month = g.review_month and p.person_key = "
        "g.person_key "
        "where g.review_month = ? and g.ghost_to is null group by 1, 2 order by 1, 2",
        AGES[4],
        *AGES[:4],
        review_month,
    )
    return {
        "rows": rows,
        "seats": figure(connection, table, "count(*)", where),
        "seat_days": figure(connection, table, "sum(seat_days)", where),
        "used": figure(connection, table, "count(last_use_after_leaving)", where),
        "ended": figure(connection, table, "count(ghost_to)", {"review_month": review_month}),
        "speed": figure(connection, table, "median(deprovisioning_days)", {"review_month": review_month}),
        "money": [
            figure(connection, table, "sum(cost)", {**where, "currency": c}, "money", c)
            for (c,) in connection.execute(
                f"select distinct currency from {table} where review_month = ? and ghost_to is null and cost is not "
                "null order by 1",
                [review_month],
            ).fetchall()
        ],
    }


def hubs(connection: Connection, review_month: str, most: int = 20) -> dict[str, Any] | None:
    """What is found in the cloud hubs, by rule and the worst first; None where the month has no members of hubs."""
    if not has_hubs(connection, review_month):
        return None
    table = "calendar.findings"
    rules = connection.execute(
        "select c.rule_id, c.title, r.assessability from meta.rule_catalogue as c left join calendar.rule_runs as r "
        "on r.rule_id = c.rule_id and r.review_month = ? where c.rule_id like 'HUB-%' order by 1",
        [review_month],
    ).fetchall()
    return {
        "rules": [
            (title, assessability, figure(connection, table, "count(*)", {**where, "rule_id": rule}))
            for rule, title, assessability in rules
            for where in [{"review_month": review_month, "status": OPEN}]
        ],
        "rows": query(
            connection,
            "select severity, title, person_key, scope, detail from calendar.findings where review_month = ? and "
            "rule_id like 'HUB-%' and list_contains(?, status) "
            f"order by {SEVERITY_PLACE}, rule_id, scope, person_key, finding_id limit ?",
            review_month,
            OPEN,
            most,
        ),
    }


def claims(connection: Connection, review_month: str, most: int = 50) -> dict[str, Any] | None:
    """How the lines of the vendor's claims are answered, by answer, and what they are worth; None where the month has
    none.
    """
    table = "calendar.claim_answers"
    where = {"review_month": review_month}
    rows = query(
        connection,
        "select claim_id, product, coalesce(claimed_person, device, serial, cast(quantity as varchar), '') as about, "
        f"answer, reason, marking from {table} where review_month = ? order by claim_id, place limit ?",
        review_month,
        most,
    )
    if not rows:
        return None
    return {
        "all": figure(connection, table, "count(*)", where),
        "answers": [(a, figure(connection, table, "count(*)", {**where, "answer": a})) for a in ANSWERS],
        "money": [
            {
                "basis": basis,
                "claimed": figure(connection, table, f"sum(claimed_{basis})", of, "money", currency),
                "accepted": figure(connection, table, f"sum(accepted_{basis})", of, "money", currency),
            }
            for basis in ("list", "contract")
            for currency in _currencies(connection, table, f"{basis}_currency", review_month)
            for of in [{**where, f"{basis}_currency": currency}]
        ],
        "rows": rows,
    }


def trend(connection: Connection, months: Sequence[str]) -> list[dict[str, Any]]:
    """Open findings by month and severity, the last two years."""
    return query(
        connection,
        "select review_month, severity, count(*) as findings from calendar.findings "
        f"where list_contains(?, review_month) and list_contains(?, status) group by 1, 2 order by 1, {SEVERITY_PLACE}",
        list(months[-24:]),
        OPEN,
    )


def offering_names(connection: Connection, review_month: str) -> dict[str, str]:
    """The name of each offering that has one."""
    rows = connection.execute(
        "select offering_key, offering_name from marts.dim_offering where review_month = ? and offering_name is not "
        "null order by 1",
        [review_month],
    ).fetchall()
    return dict(rows)


def files(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """The files of the month's drop, and those of the reference folder that need a look."""
    return query(
        connection,
        "select drop, path, sha256, input, verdict, message, rows_read, rows_loaded, rows_rejected, verdict not in "
        "('loaded', 'ignored') "
        "or coalesce(complete = 'no', false) or coalesce(drop <> 'reference' and (newest_day < try_cast(drop || '-01' "
        "as date) "
        "or newest_day > last_day(try_cast(drop || '-01' as date)) + 31), false) as is_told from "
        "calendar.file_register "
        f"where drop = ? or {OF_REFERENCE} order by drop, path, sha256",
        review_month,
    )
