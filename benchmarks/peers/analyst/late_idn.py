"""Identity and administration, second part: IDN-05 IDN-06 IDN-12 ADM-02 ADM-06."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from benchmarks.peers.analyst.finding import Finding, Result
from benchmarks.peers.analyst.inputs import Inputs
from benchmarks.peers.analyst.month import Month
from benchmarks.peers.analyst.people import People
from benchmarks.peers.analyst.rules_idn import admins
from benchmarks.peers.analyst.text import fold, month_before, team_of

Groups = dict[tuple[str, str], set[str]]


def groups_of(month: Month, back: int = 0) -> Groups:
    """(team, group) → persons, in the drop of M or an earlier one, with the aliases of M."""
    found: Groups = {}
    for row in month.inputs.drop_rows("groups", back):
        found.setdefault((team_of(row["team_alias"]), row["group"]), set()).add(month.inputs.person(row["email"]) or "")
    return found


class _Earlier(Inputs):
    """The state inputs of an earlier drop, seen with the reference tables of M."""

    def __init__(self, inputs: Inputs, back: int) -> None:
        super().__init__(inputs.warehouse, inputs.ref, inputs.last_drop)
        self.month = month_before(inputs.month, back)
        year, month = int(self.month[:4]), int(self.month[5:])
        self.as_of = date(year, month, monthrange(year, month)[1])


def idn_05(month: Month) -> Result:
    """Groups that grew, or took in a new legal entity."""
    result = Result()
    then, now = groups_of(month, 3), groups_of(month)
    with_hr = month.inputs.present("hr_workers") and month.inputs.present("hr_workers", 3)
    before = People(_Earlier(month.inputs, 3))
    for key in sorted(set(then) & set(now)):
        grown = len(now[key]) - len(then[key])
        least, share = month.ref.number("IDN-05", "min"), month.ref.number("IDN-05", "share")
        entities = {(month.people.record(p) or {}).get("legal_entity") for p in now[key]} - {None}
        entities_then = {(before.record(p) or {}).get("legal_entity") for p in then[key]} - {None}
        if grown > max(least, share * len(then[key])) or (with_hr and entities - entities_then):
            result.findings.append(
                Finding(
                    "IDN-05",
                    key[0],
                    scope=key[1],
                    observed=len(now[key]),
                    threshold=len(then[key]),
                    excess=grown,
                    severity="high",
                )
            )
    return result


def idn_06(month: Month) -> Result:
    """Groups that hardly use what they grant."""
    result = Result()
    cutoff, left_out = month.seats.cutoff, set()
    for (team, group), persons in sorted(groups_of(month).items()):
        for rule in month.seats.granting.get((team, group), []):
            offering = rule["offering_key"]
            least, share, days = (month.ref.number("IDN-06", n, offering) for n in ("min_members", "share", "days"))
            if team in month.seats.hidden_teams:
                left_out.add(team)
                continue
            if len(persons) < least or cutoff is None:
                continue
            first = cutoff - timedelta(days=int(days))
            collection = any(r["collection_key"] == offering for r in month.ref.rows("collection_members"))
            users = {p for p in persons if any(first < d <= cutoff for d in month.seats.use_days(p, offering))}
            active = sum(1 for p in users if not collection or offering in month.seats.held.get(p, set()))
            if active < share * len(persons):
                result.findings.append(
                    Finding(
                        "IDN-06",
                        team,
                        offering,
                        scope=group,
                        observed=active / len(persons),
                        threshold=share,
                        excess=len(persons) - active,
                    )
                )
    result.left_out = len(left_out)
    return result


def idn_12(month: Month) -> Result:
    """Directory sync that stands still, reports errors or lost a group."""
    result = Result()
    exported = {
        r["_file_no"]: r["exported_at"]
        for r in month.inputs.warehouse.query(
            "select _file_no, exported_at from raw.file_register where exported_at is not null"
        )
    }
    end = datetime.combine(month.as_of + timedelta(days=1), time())
    hours: dict[str, float] = {}
    errors: dict[str, int] = {}
    for row in month.inputs.sso:
        now = min(end, exported.get(row["_file_no"], end))
        if row["directory_sync_enabled"] and row["last_sync_at"] is not None:
            late = (now - row["last_sync_at"]).total_seconds() / 3600
            hours[row["team"]] = max(hours.get(row["team"], late), late)
        errors[row["team"]] = errors.get(row["team"], 0) + (row["sync_errors"] or 0)
    limit = month.ref.number("IDN-12", "hours")
    for team, late in sorted(hours.items()):
        if late > limit:
            result.findings.append(
                Finding("IDN-12", team, scope="last_sync", observed=late, threshold=limit, excess=late - float(limit))
            )
    for team, count in sorted(errors.items()):
        if count > 0:
            result.findings.append(
                Finding("IDN-12", team, scope="sync_errors", observed=count, threshold=0, excess=count)
            )
    if month.inputs.present("groups") and month.inputs.present("groups", 1):
        now_groups = groups_of(month)
        least, share = month.ref.number("IDN-12", "lost"), month.ref.number("IDN-12", "lost_share")
        for key, persons in sorted(groups_of(month, 1).items()):
            lost = len(persons - now_groups.get(key, set()))
            if lost >= least and lost > share * len(persons):
                result.findings.append(
                    Finding(
                        "IDN-12",
                        key[0],
                        scope=key[1],
                        observed=lost,
                        threshold=least,
                        excess=lost - least,
                        severity="critical",
                    )
                )
    return result


def adm_02(month: Month) -> Result:
    """Administrators who are never seen."""
    result = Result()
    cutoff = month.seats.cutoff
    seen: dict[str, date] = {}
    for row in month.inputs.events:
        if row["person"] and row["day"] <= month.as_of:
            seen[row["person"]] = max(seen.get(row["person"], row["day"]), row["day"])
    for team, who in sorted(admins(month).items()):
        for person in sorted(who):
            account, _ = month.people.account(person)
            if account is None or cutoff is None:
                continue
            days = [seen[person]] if person in seen else []
            if account["last_sign_in_at"] is not None and account["last_sign_in_at"].year >= 1970:
                days.append(account["last_sign_in_at"].date())
            limit = month.ref.number("ADM-02", "days")
            last = max(days, default=None)
            if last is None or (cutoff - last).days >= limit:
                result.findings.append(
                    Finding(
                        "ADM-02",
                        team,
                        person=person,
                        observed=None if last is None else (cutoff - last).days,
                        threshold=limit,
                    )
                )
    return result


def adm_06(month: Month) -> Result:
    """New administrators without approval."""
    roles = {(r["team"], r["person"], r["folded_role"]) for r in month.inputs.users if r["admin"]}
    before = {(r["team"], r["person"], r["folded_role"]) for r in month.inputs.users_before() if r["admin"]}
    approved = {
        (r["team_alias"] or "", month.inputs.alias(r["email"]), fold(r["role"]))
        for r in month.ref.valid("approved_admins")
    }
    fresh = {(t, p) for t, p, r in roles - before if (t, p, r) not in approved and ("", p, r) not in approved}
    return Result(
        [Finding("ADM-06", t, person=p, observed=1, threshold=0, excess=1, severity="high") for t, p in sorted(fresh)]
    )


RULES = {"IDN-05": idn_05, "IDN-06": idn_06, "IDN-12": idn_12, "ADM-02": adm_02, "ADM-06": adm_06}
