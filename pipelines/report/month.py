"""The content of a month's page, read only from the published tables `calendar.*`, `marts.*` and `meta.*`.

Returns plain values and figures; no HTML. A sum is over one column of one table; no rule or price is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.partitions import as_of
from pipelines.publish.notes import notes
from pipelines.publish.workbooks.book_context import OF_REFERENCE
from pipelines.publish.workbooks.hub_sheet import has_hubs
from pipelines.publish.workbooks.terms import SEVERITY_PLACE
from pipelines.report.actions import first_screen
from pipelines.report.figures import figure
from pipelines.report.glance import assessed, exposure, release, seats, severities, todo
from pipelines.report.not_made import missing
from pipelines.report.questions import questions
from pipelines.report.responsible import responsible_persons
from pipelines.report.review_months import ahead, waiting, year_strip
from pipelines.report.rows import OPEN, Connection, currencies, months_with_files, published_months, query

ANSWERS = ("accepted", "contested", "not_provable", "out_of_scope")
AGES = ("up to 30 days", "31 to 90 days", "91 to 180 days", "over 180 days", "age not known")


def read_month(connection: Connection, review_month: str) -> dict[str, Any]:
    """Everything the template of a month needs. Read-only."""
    # A month whose rules could not be judged has no row there, but still has a page.
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
        "asked": responsible_persons(connection, review_month),
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
    """provisional, settled or restated; empty if the month has no position."""
    rows = connection.execute(
        "select max(state) from calendar.licence_position where review_month = ?", [review_month]
    ).fetchall()
    return rows[0][0] or "" if rows else ""


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
    """Every (team, offering): the auditor's count, each deduction, our count, and the money."""
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
    """Every pool of tokens: its forecast as of this month, and its monthly history for the burn-up."""
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
    """The ghost ledger: present ghost seats by legal entity and age, their cost so far, how quickly past ones ended."""
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
    """Findings in the cloud hubs, by rule and worst first; None if the month has no members of hubs."""
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
    """The answers to the lines of the vendor's claims, by answer, and their value; None if the month has none."""
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
            for currency in currencies(connection, table, f"{basis}_currency", review_month)
            for of in [{**where, f"{basis}_currency": currency}]
        ],
        "rows": rows,
    }


def trend(connection: Connection, months: Sequence[str]) -> list[dict[str, Any]]:
    """Open findings by month and severity over the last two years."""
    return query(
        connection,
        "select review_month, severity, count(*) as findings from calendar.findings "
        f"where list_contains(?, review_month) and list_contains(?, status) group by 1, 2 order by 1, {SEVERITY_PLACE}",
        list(months[-24:]),
        OPEN,
    )


def offering_names(connection: Connection, review_month: str) -> dict[str, str]:
    """Offering → name, if it has one."""
    rows = connection.execute(
        "select offering_key, offering_name from marts.dim_offering where review_month = ? and offering_name is not "
        "null order by 1",
        [review_month],
    ).fetchall()
    return dict(rows)


def files(connection: Connection, review_month: str) -> list[dict[str, Any]]:
    """The files of the month's drop, and the files of the reference folder that need attention."""
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
