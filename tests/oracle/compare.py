"""Every difference between the oracle and a published month: `python -m tests.oracle.compare DATA [MONTH ...]`."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from tests.oracle.assessability import assess
from tests.oracle.estate import Estate
from tests.oracle.foundations import World
from tests.oracle.groups import route_text
from tests.oracle.history import finding_id, statuses
from tests.oracle.outputs import TABLES
from tests.oracle.readiness import READINESS
from tests.oracle.rulebook import rules
from tests.oracle.terms import Finding, cents

COLUMNS = (
    "rule_id, team_alias, offering_key, person_key, scope, "
    "observed, threshold, excess, severity, confidence, assessability, "
    "recommended_action, exposure_amount, currency, price_basis, exposure_amount_org, route"
)
# Rules about a seat that say by which routes it was given.
WITH_ROUTE = {
    "CON-01", "CON-02", "CON-04", "IDN-01", "IDN-07", "IDN-09", "USE-01", "USE-02", "USE-03", "USE-06",
    "USE-07", "USE-10",
}  # fmt: skip


def review(w: World) -> tuple[dict[str, str], list[Finding]]:
    """Assessability by rule, and all findings of a month."""
    runs, findings = {}, []
    for rule, function in rules().items():
        outcome = function(w)
        runs[rule] = assess(w, rule, outcome)
        if runs[rule] != "not_assessable":
            findings += outcome.findings
    return runs, findings


def _same(mine: Any, theirs: Any) -> bool:
    if mine is None or theirs is None:
        return mine is None and theirs is None
    if isinstance(theirs, float):
        return abs(float(mine) - theirs) <= 1e-9 * max(1.0, abs(theirs))
    return bool(mine == theirs)


def _route(w: World, finding: Finding) -> str | None:
    """The routes of the seat that a finding is about, None where its rule says none."""
    seat = w.seats.get((finding.team or "", finding.offering or "", finding.person or ""))
    return route_text(w, seat) if seat is not None and finding.rule in WITH_ROUTE else None


def differences(w: World, published: Path) -> list[str]:
    """Keys, severities, confidence, assessability, numbers, routes and, where the oracle says one, the action."""
    with duckdb.connect(str(published), read_only=True) as con:
        rows = con.execute(f"select {COLUMNS} from calendar.findings where review_month = ?", [w.month]).fetchall()
        ran = con.execute("select rule_id, assessability from calendar.rule_runs where review_month = ?", [w.month])
        their_runs = dict(ran.fetchall())
    runs, findings = review(w)
    theirs = {tuple(v or "" for v in r[:5]): r[5:] for r in rows if r[0] in runs}
    said = [
        f"{w.month} {rule}: {mine}, published {their_runs.get(rule)}"
        for rule, mine in runs.items()
        if their_runs.get(rule) != mine
    ]
    seen = set()
    for f in findings:
        if f.key in seen:
            said.append(f"{w.month} {f.key}: twice in the oracle")
        seen.add(f.key)
        if f.key not in theirs:
            said.append(f"{w.month} {f.key}: not published {f.severity} {f.observed} {f.threshold} {f.excess}")
            continue
        t = theirs[f.key]
        exposed = f.amount is not None or f.price.basis != "none"
        own = None
        if f.amount is not None and f.price.currency is not None and (rate := w.rate(f.price.currency)) is not None:
            own = f.shown if f.price.currency == w.own_currency else cents(Fraction(f.amount) * Fraction(rate))
        pairs = [
            ("observed", f.observed, t[0]),
            ("threshold", f.threshold, t[1]),
            ("excess", f.excess, t[2]),
            ("severity", f.severity, t[3]),
            ("confidence", f.confidence, t[4]),
            ("assessability", runs[f.rule], t[5]),
            ("amount", f.shown, t[7]),
            ("currency", f.price.currency if f.amount is not None else None, t[8]),
            ("basis", f.price.basis if exposed else "none", t[9]),
            ("own amount", own, t[10]),
            ("route", _route(w, f), t[11]),
        ]
        if f.action is not None:
            pairs.append(("action", f.action, t[6]))
        said += [
            f"{w.month} {f.key} {name}: {mine}, published {their}"
            for name, mine, their in pairs
            if not _same(mine, their)
        ]
    said += [f"{w.month} {key}: only published {values[:5]}" for key, values in theirs.items() if key not in seen]
    return sorted(said)


def table_differences(w: World, published: Path) -> list[str]:
    """The tables that 3-rules.md defines beside the findings, row by row and column by column."""
    said = []
    for name, (function, keys) in (TABLES | READINESS).items():
        with duckdb.connect(str(published), read_only=True) as con:
            cursor = con.execute(f"select * from calendar.{name} where review_month = ?", [w.month])
            columns = [d[0] for d in cursor.description]
            rows = [dict(zip(columns, r, strict=True)) for r in cursor.fetchall()]
        theirs = {tuple(r[k] for k in keys): r for r in rows}
        mine: dict[tuple[str, ...], dict[str, Any]] = function(w) if w.has_drop else {}  # type: ignore[assignment]
        for key in sorted({*mine, *theirs}):
            if key not in mine or key not in theirs:
                said.append(f"{w.month} {name} {key}: only {'published' if key in theirs else 'in the oracle'}")
                continue
            for column, value in mine[key].items():
                if not _same(value, theirs[key][column]):
                    said.append(f"{w.month} {name} {key} {column}: {value}, published {theirs[key][column]}")
    return said


def history_differences(estate: Estate, published: Path) -> list[str]:
    """finding_id, status, first month and months open of every finding of every month."""
    said = []
    mine = statuses(estate, estate.drops[-1])
    with duckdb.connect(str(published), read_only=True) as con:
        rows = con.execute(
            "select review_month, rule_id, team_alias, offering_key, person_key, scope, finding_id, status, "
            "first_seen_month, months_open from calendar.findings"
        ).fetchall()
    for month, *rest in rows:
        key = (rest[0] or "", rest[1] or "", rest[2] or "", rest[3] or "", rest[4] or "")
        told = mine[month].get(key)
        if told is None:
            continue
        if finding_id(key) != rest[5]:
            said.append(f"{month} {key} finding_id: {finding_id(key)}, published {rest[5]}")
        for name, their in zip(("status", "first_seen_month", "months_open"), rest[6:], strict=True):
            if told[name] != their:
                said.append(f"{month} {key} {name}: {told[name]}, published {their}")
    return sorted(said)


def list_differences(published: Path) -> list[str]:
    """The de-provisioning list against the findings that its rows name: "first_seen_month and months_open of the oldest
    of its findings; status that of the primary_reason"; and the numbers of findings of `rule_runs`.
    """
    with duckdb.connect(str(published), read_only=True) as con:
        rows = con.execute(
            "select l.review_month, l.team_alias, l.offering_key, l.person_key, l.status, l.first_seen_month, "
            "l.months_open, list(f.status) filter (where f.rule_id = l.primary_reason), "
            "min((f.first_seen_month, -f.months_open)), count(distinct f.finding_id), "
            "len(string_split(any_value(l.finding_ids), ';')) "
            "from calendar.deprovisioning_list as l join calendar.findings as f on f.review_month = l.review_month "
            "and contains(';' || l.finding_ids || ';', ';' || f.finding_id || ';') group by all order by all"
        ).fetchall()
        runs = con.execute(
            "select r.review_month, r.rule_id, r.findings, count(f.finding_id) from calendar.rule_runs as r left join "
            "calendar.findings as f using (review_month, rule_id) group by all having coalesce(r.findings, 0) <> "
            "count(f.finding_id) order by all"
        ).fetchall()
    said = [f"{r[0]} {r[1]}: {r[3]} findings, rule_runs {r[2]}" for r in runs]
    for month, team, offering, person, status, first, months, statuses_, oldest, named, told in rows:
        since, longest = oldest.values() if isinstance(oldest, dict) else oldest
        if status not in statuses_ or (first, months) != (since, -longest) or named != told:
            said.append(f"{month} deprovisioning_list {(team, offering, person)}: {(status, first, months)}, findings "
                        f"{(statuses_, since, -longest)}, {named} of {told}")  # fmt: skip
    return said


def all_differences(data: Path, published: Path) -> list[str]:
    """Everything that is compared, of every month of a data folder."""
    estate = Estate(data)
    said = []
    for month in estate.drops:
        w = World(estate, month)
        said += differences(w, published) + table_differences(w, published)
    return said + history_differences(estate, published) + list_differences(published)


def main(data: Path, months: list[str]) -> int:
    """Print every difference; the number of them."""
    estate = Estate(data)
    n = 0
    for month in months or estate.drops:
        w, published = World(estate, month), data / "published" / "selfaudit.duckdb"
        for line in [*differences(w, published), *table_differences(w, published)]:
            print(line)
            n += 1
    if not months:
        published = data / "published" / "selfaudit.duckdb"
        for line in [*history_differences(estate, published), *list_differences(published)]:
            print(line)
            n += 1
    print(f"{n} differences, {len(rules())} rules, {len(months or estate.drops)} months")
    return n


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1]), sys.argv[2:]) else 0)
