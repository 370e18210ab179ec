"""IDN: identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.estate import USE_EVENTS
from tests.oracle.foundations import World
from tests.oracle.groups import grants, members, routes, sso
from tests.oracle.position import ent_01_positions
from tests.oracle.predicate import Predicate
from tests.oracle.terms import Finding, Outcome, Seat, domain_of, nearest_rank

# Team, offering, person.
SeatKey = tuple[str, str, str]


@dataclass(frozen=True)
class Ghost:
    """Why somebody is a ghost, since when as far as known, and how sure that is."""

    reason: str
    left_on: date | None
    confidence: str


def absent_can_be_said(w: World, person: str) -> bool:
    """What the directory has to be for `absent`: the domain ours, the directory whole and joinable, no rejected
    row of that person.
    """
    return (
        w.domain_kind(person) in ("corporate", "acquired")
        and w.estate.present("directory_users", w.month)
        and all(w.whole(name) for name in ("directory_users", "contractors", "hr_workers"))
        and w.joinable("directory_users", person)
        and not w.rejected(person, "directory_users", "hr_workers", "contractors")
    )


def hr_says_nothing_of(w: World, person: str) -> bool:
    """No record in an HR file that is whole, joinable and not of active workers only."""
    if not w.estate.present("hr_workers", w.month) or w.hr_record(person) is not None:
        return False
    return w.whole("hr_workers") and w.joinable("hr_workers", person) and not is_list_of_active(w)


def is_list_of_active(w: World) -> bool:
    """A list of active workers only: by the manifest, or by holding no ended worker among 100 or more."""
    scoped = any('"scope": "active"' in (f["manifest"] or "") for f in w.estate.files("hr_workers", w.month))
    return scoped or (len(w.hr) >= 100 and not any(w.ended(r) for r in w.hr))


def ghost(w: World, person: str) -> Ghost | None:
    """IDN-01: `left`, `disabled` or `absent`, the first that holds, of somebody with an address."""
    record, account = w.hr_record(person), w.account(person)
    left = record is not None and w.ended(record)
    off = account is not None and account["account_enabled"] is False
    can_be_absent = account is None and absent_can_be_said(w, person) and not w.valid_contractor(person)
    absent = can_be_absent and (record is None or left)
    if not (left or off or absent):
        return None
    reason = "left" if left else "disabled" if off else "absent"
    left_on = record["leave_date"] if record is not None else None
    if left_on is None and account is not None and account["leave_at"] is not None:
        left_on = account["leave_at"].date()
    confidence = "medium"
    if (left and (off or can_be_absent)) or (not left and hr_says_nothing_of(w, person)):
        confidence = "high"
    elif left and account is not None and account["account_enabled"] is True and left_on is not None:
        days = [u.day for u in w.uses_of.get(person, ())]
        # "A use day or access of the person": also by a row that is no assignment any more.
        days += [r["last_accessed"] for r in w.report if r["person"] == person and r["last_accessed"]]
        if any(day > left_on + timedelta(1) for day in days):
            confidence = "low"
    return Ghost(reason, left_on, confidence)


def ghost_days(w: World, seat: Seat, found: Ghost) -> int | None:
    """max(0, as_of - greatest(left_on, assigned_date)), null if left_on is unknown."""
    if found.left_on is None:
        return None
    start = max(found.left_on, seat.assigned_date or found.left_on)
    return max(0, (w.as_of - start).days)


def idn_01(w: World) -> Outcome:
    """IDN-01: ghost seats."""
    outcome = Outcome()
    over = ent_01_positions(w)
    for seat in w.seats.values():
        found = ghost(w, seat.person)
        if found is None:
            continue
        days = ghost_days(w, seat, found)
        worst = (days is not None and days > w.number("IDN-01", "critical_days")) or (seat.team, seat.offering) in over
        price = w.price(seat.team, seat.offering)
        amount = None
        if days is not None and price.amount is not None:
            amount = Fraction(price.amount) * days / 365
        outcome.findings.append(
            Finding(
                "IDN-01",
                "critical" if worst else "high",
                *seat.key,
                found.reason,
                days,
                0,
                days,
                amount,
                price,
                found.confidence,
            )
        )
    return outcome


def idn_02(w: World) -> Outcome:
    """IDN-02: use after leaving, by the matched HR record that is ended; offering as the row of use names it."""
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for person, uses in w.uses_of.items():
        record = w.hr_record(person)
        if record is None or not w.ended(record) or record["leave_date"] is None:
            continue
        for use in uses:
            if use.day > record["leave_date"] + timedelta(1) and use.day > w.as_of - timedelta(365):
                days[(use.offering, person)].add(use.day)
    found = [Finding("IDN-02", "critical", None, o, p, None, len(d), 0, len(d)) for (o, p), d in days.items()]
    return Outcome(found)


def _end_of_seat(
    key: SeatKey,
    left: date,
    shown: list[World],
    without: list[World],
    ends: list[tuple[World, date | None, date]],
    w: World,
) -> date | None:
    """When the seat that somebody held on the day of leaving ended; None where none was held, or nothing tells."""

    def held(assigned: date | None, by: World, until: date = date.max) -> bool:
        """Whether what a drop tells is of the day of leaving: by its date, else unless a drop between lacked it."""
        if assigned is not None:
            return assigned <= left
        return not any(left <= x.as_of < until and x.month < by.month for x in without)

    if said := [end for x, assigned, end in ends if end >= left and held(assigned, x, end)]:
        return min(said)
    spans = []
    for i, x in enumerate(shown):
        told = [d for y in shown[i:] if (d := y.seats[key].assigned_date) and (y is x or d <= x.as_of)]
        since = x.seats[key].assigned_date or max(told, default=None)
        if held(since, x):
            spans.append((x, since))
    for x, since in spans:
        gone = next((y.as_of for y in without if y.month > x.month), None)
        taken = any(y.month > x.month and (since or x.month_start) <= end < left for y, _, end in ends)
        if taken or (gone is not None and gone < left):
            continue
        if gone is not None:
            return gone
        # Not in the last drop, and no whole one says when it went.
        return w.as_of if spans[-1][0].month == w.month else None
    return None


def idn_03(w: World) -> Outcome:
    """IDN-03: days from leaving to the end of each assignment, per legal entity and quarter."""
    outcome = Outcome()
    if w.month[5:] not in ("03", "06", "09", "12"):
        return outcome
    first = date(w.as_of.year, w.as_of.month - 2, 1)
    earlier = [World(w.estate, drop) for drop in w.estate.drops if drop < w.month]
    worlds = [x for x in [*earlier, w] if x.has_a]
    whole = {x.month: x.whole("usage_report") and x.whole("users") for x in worlds}
    ends: dict[SeatKey, list[tuple[World, date | None, date]]] = defaultdict(list)
    for x in worlds:
        for r in x.report:
            key = (r["team"], r["offering"], r["person"])
            if r["seat_assignment"] == "unassigned" and r["unassigned_date"]:
                seat = x.seats.get(key)
                # Another row of the drop that has the seat all along says that it did not end.
                if seat is None or (seat.assigned_date is not None and seat.assigned_date >= r["unassigned_date"]):
                    ends[key].append((x, r["assigned_date"], r["unassigned_date"]))
    values: dict[str, list[int]] = defaultdict(list)
    for key in {k for x in worlds for k in x.seats} | ends.keys():
        record = w.hr_record(key[2])
        left = record["leave_date"] if record is not None else None
        if record is None or left is None or not first <= left <= w.as_of:
            continue
        # A drop that is not whole is no drop "without it".
        without = [x for x in worlds if key not in x.seats and whole[x.month]]
        end = _end_of_seat(key, left, [x for x in worlds if key in x.seats], without, ends[key], w)
        if end is not None:
            values[record["legal_entity"] or "(none)"].append((end - left).days)
    limit = int(w.number("IDN-03", "days"))
    for entity, lags in values.items():
        breaches = sum(v > limit for v in lags)
        if breaches:
            scope = f"{entity} {w.as_of.year}-Q{w.as_of.month // 3}"
            outcome.findings.append(
                Finding(
                    "IDN-03", "medium", scope=scope, observed=nearest_rank(lags, 0.95), threshold=limit, excess=breaches
                )
            )
    return outcome


def idn_04(w: World) -> Outcome:
    """IDN-04: members of a group who do not satisfy its predicate; those without an HR record are unknown, not
    outside.
    """
    outcome = Outcome()
    groups = members(w, w.month)
    for rule in grants(w):
        if not rule["intended"]:
            continue
        persons = groups.get((rule["team"], rule["group"]), set())
        predicate = Predicate(rule["intended"])
        records = [w.hr_record(p) for p in persons]
        outside = sum(r is not None and not predicate.holds(r) for r in records)
        least = w.number("IDN-04", "min", rule["offering_key"])
        if outside and (
            outside >= least or outside >= w.number("IDN-04", "share", rule["offering_key"]) * len(persons)
        ):
            outcome.findings.append(
                Finding(
                    "IDN-04",
                    "high",
                    rule["team"],
                    rule["offering_key"],
                    None,
                    rule["group"],
                    outside,
                    least,
                    outside,
                    action="narrow",
                )
            )
    return outcome


def idn_05(w: World) -> Outcome:
    """IDN-05: a group that grew by more than max(10, 20 %) in three months, or has a legal entity that it had not."""
    outcome = Outcome()
    before = w.months_before(3)
    if not w.whole("groups", before):
        return outcome
    now, then = members(w, w.month), members(w, before)
    both = all(w.estate.present("hr_workers", m) and w.whole("hr_workers", m) for m in (w.month, before))
    past = World(w.estate, before)
    past.__dict__["aliases"] = w.aliases
    for key in sorted(set(now) & set(then)):
        grown = len(now[key]) - len(then[key])
        limit = max(w.number("IDN-05", "min"), w.number("IDN-05", "share") * len(then[key]))
        entities_now = {r["legal_entity"] for p in now[key] if (r := w.hr_record(p)) and r["legal_entity"]}
        entities_then = {r["legal_entity"] for p in then[key] if (r := past.hr_record(p)) and r["legal_entity"]}
        if grown > limit or (both and entities_now - entities_then):
            outcome.findings.append(
                Finding(
                    "IDN-05", "high", key[0], None, None, key[1], len(now[key]), len(then[key]), grown, action="split"
                )
            )
    return outcome


def idn_06(w: World) -> Outcome:
    """IDN-06: a group of whose members fewer than half used what it grants in the 90 days before cutoff."""
    outcome = Outcome()
    if not use_is_whole(w):
        return outcome
    groups = members(w, w.month)
    left_out = set()
    for rule in grants(w):
        persons = groups.get((rule["team"], rule["group"]), set())
        if rule["team"] in w.hiding_teams and persons:
            left_out.add(rule["team"])
            continue
        offering = rule["offering_key"]
        since = w.cutoff - w.days_of("IDN-06", "days", offering)
        # "Of a granted collection only those who hold it have use", also where a row names the collection itself.
        users = {p for p in persons if not w.is_collection(offering) or offering in w.holds_directly(p)}
        used = {p for p in users if any(since < d <= w.cutoff for d in w.use_days(p, offering))}
        unclear = {p for p in persons - used if w.rejected(p, *USE_EVENTS)}
        persons, active = persons - unclear, len(used)
        if len(persons) < w.number("IDN-06", "min_members", offering) or not persons:
            continue
        share, limit = Decimal(active) / len(persons), w.number("IDN-06", "share", offering)
        if share < limit:
            outcome.findings.append(
                Finding(
                    "IDN-06",
                    "medium",
                    rule["team"],
                    offering,
                    None,
                    rule["group"],
                    share,
                    limit,
                    len(persons) - active,
                    action="narrow" if active or unclear else "remove",
                )
            )
    outcome.left_out = len(left_out)
    return outcome


def use_is_whole(w: World) -> bool:
    """Whether every event input of use in drop(M) is whole; if not, no absence of use is concluded."""
    return all(w.whole(name) for name in ("usage", "seat_usage", "token_usage", "lrt"))


def idn_07(w: World) -> Outcome:
    """IDN-07: an assignment with two or more routes other than direct."""
    found = []
    for seat in w.seats.values():
        n = len([r for r in routes(w, seat) if r != "direct"])
        if n >= 2:
            found.append(Finding("IDN-07", "low", *seat.key, None, n, 1, n - 1, action="edit_group"))
    return Outcome(found)


def idn_09(w: World) -> Outcome:
    """IDN-09: in A, e-mail domain not in sso_domains."""
    found = []
    for seat in w.seats.values():
        if domain_of(seat.person) and w.domain_kind(seat.person) is None:
            price = w.price(seat.team, seat.offering)
            amount = price.amount
            found.append(Finding("IDN-09", "high", *seat.key, None, 1, 0, 1, amount, price))
    return Outcome(found)


def idn_10(w: World) -> Outcome:
    """IDN-10: per team with assignments, SSO on and directory sync off."""
    teams = {s.team for s in w.seats.values()}
    bad = {r["team_alias"] for r in sso(w) if r["sso_enabled"] is True and r["directory_sync_enabled"] is False}
    return Outcome([Finding("IDN-10", "high", t, None, None, None, 1, 0, 1, action="fix_sync") for t in teams & bad])


def idn_11(w: World) -> Outcome:
    """IDN-11: account_status pending or invited, with an offering; confidence high if so in drop(M-1) too."""

    def invited(drop: str) -> set[tuple[str, str, str]]:
        rows = w.users_of(drop)
        return {
            (r["team"], r["offering"], r["person"]) for r in rows if r["account_status"] == "pending" and r["offering"]
        }

    found, before = [], invited(w.months_before(1))
    for team, offering, person in invited(w.month):
        price = w.price(team, offering)
        amount = price.amount
        sure = "high" if (team, offering, person) in before else "low"
        found.append(Finding("IDN-11", "low", team, offering, person, None, 1, 0, 1, amount, price, sure))
    return Outcome(found)


def idn_12(w: World) -> Outcome:
    """IDN-12: the synchronisation is late, has errors, or a group lost more than half and at least 10 of its
    persons.
    """
    outcome = Outcome()
    limit = w.number("IDN-12", "hours")
    exported = {f["_file_no"]: f["exported_at"] for f in w.estate.register}
    late: dict[str, Decimal] = {}
    errors: dict[str, int] = defaultdict(int)
    for r in sso(w):
        end = datetime.combine(w.as_of + timedelta(1), datetime.min.time())
        end = min(end, exported[r["_file_no"]] or end)
        if r["directory_sync_enabled"] is True and r["last_sync_at"] is not None:
            hours = Decimal((end - r["last_sync_at"]).total_seconds()) / 3600
            late[r["team_alias"]] = max(hours, late.get(r["team_alias"], hours))
        errors[r["team_alias"]] += r["sync_errors"] or 0
    for team, hours in late.items():
        if hours > limit:
            outcome.findings.append(
                Finding(
                    "IDN-12", "medium", team, None, None, "last_sync", hours, limit, hours - limit, action="fix_sync"
                )
            )
    for team, n in errors.items():
        if n > 0:
            outcome.findings.append(
                Finding("IDN-12", "medium", team, None, None, "sync_errors", n, 0, n, action="fix_sync")
            )
    before = w.months_before(1)
    if not (w.estate.present("groups", w.month) and w.estate.present("groups", before)):
        return outcome
    confidence = "high"
    if not w.whole("groups"):
        if any(f["complete"] == "no" for f in w.estate.files("groups", w.month)) or w.estate.files(
            "groups", w.month, "rejected"
        ):
            return outcome
        confidence = "low"
    now = members(w, w.month)
    for (team, group), persons in members(w, before).items():
        lost = len(persons - now.get((team, group), set()))
        least = w.number("IDN-12", "lost")
        if lost >= least and lost > w.number("IDN-12", "lost_share") * len(persons):
            outcome.findings.append(
                Finding(
                    "IDN-12",
                    "critical",
                    team,
                    None,
                    None,
                    group,
                    lost,
                    least,
                    lost - least,
                    confidence=confidence,
                    action="fix_sync",
                )
            )
    return outcome


RULES: dict[str, Callable[[World], Outcome]] = {
    "IDN-01": idn_01,
    "IDN-02": idn_02,
    "IDN-03": idn_03,
    "IDN-04": idn_04,
    "IDN-05": idn_05,
    "IDN-06": idn_06,
    "IDN-07": idn_07,
    "IDN-09": idn_09,
    "IDN-10": idn_10,
    "IDN-11": idn_11,
    "IDN-12": idn_12,
}
