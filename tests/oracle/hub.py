"""HUB: members of cloud hubs and their projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from tests.oracle.estate import Row
from tests.oracle.foundations import World
from tests.oracle.idn import ghost
from tests.oracle.outputs import deprovisioning_list
from tests.oracle.terms import Finding, Outcome

Place = tuple[str | None, str]


def members(w: World) -> list[Row]:
    """hub_members of drop(M) after precedence; what has ended is no membership. Without team a hub belongs to none."""
    rows = w.estate.winning(
        w.estate.state("hub_members", w.month), lambda r: (r["hub"], r["project"], r["product"], r["email"])
    )
    return [{**r, "person": w.person(r["email"])} for r in rows if r["status"] != "ended"]


def people(w: World) -> dict[tuple[str | None, str, str], list[Row]]:
    """The rows of each person in each hub."""
    found: dict[tuple[str | None, str, str], list[Row]] = defaultdict(list)
    for r in members(w):
        found[(r["team_alias"], r["hub"], r["person"])].append(r)
    return found


def hub_01(w: World) -> Outcome:
    """HUB-01: a ghost, or somebody whose contract ended; critical for administrators."""
    outcome = Outcome()
    for (team, hub, person), rows in people(w).items():
        end = w.contractor_end(person)
        if ghost(w, person) is not None or (end is not None and end < w.as_of):
            severity = "critical" if any(r["administrator"] for r in rows) else "high"
            outcome.findings.append(Finding("HUB-01", severity, team, None, person, hub, 1, 0, 1))
    return outcome


def hub_02(w: World) -> Outcome:
    """HUB-02: administrators of a hub > 5 or > 2 % of its members (where >= 100); of a project > 5."""
    outcome = Outcome()
    persons: dict[Place, set[str]] = defaultdict(set)
    admins: dict[tuple[str | None, str, str | None], set[str]] = defaultdict(set)
    for r in members(w):
        persons[(r["team_alias"], r["hub"])].add(r["person"])
        if r["administrator"]:
            admins[(r["team_alias"], r["hub"], r["project"])].add(r["person"])
    most, share = w.number("HUB-02", "max_admins"), w.number("HUB-02", "max_share")
    for (team, hub, project), found in admins.items():
        size, many = len(persons[(team, hub)]), Decimal(len(found))
        by_share = (
            project is None
            and w.whole("hub_members")
            and size >= w.number("HUB-02", "min_members")
            and many > share * size
        )
        if many > most or by_share:
            limit = most if many > most else share * size
            scope = hub if project is None else f"{hub}:{project}"
            outcome.findings.append(Finding("HUB-02", "medium", team, None, None, scope, many, limit, many - limit))
    return outcome


def hub_03(w: World) -> Outcome:
    """HUB-03: access to a product that is an offering of kind cloud by somebody who holds none in any team."""
    outcome = Outcome()
    if not (w.whole("usage_report") and w.whole("users")):
        return outcome
    cloud = {r["offering_key"] for r in w.ref("offerings") if (r["kind"] or "").lower() == "cloud"}
    left_out = set()
    asked = {(r["team_alias"], w.offering(r["product"]), r["person"], r["hub"]) for r in members(w) if r["product"]}
    for team, offering, person, hub in sorted(asked, key=str):
        if offering not in cloud or w.holds(person, offering):
            continue
        if w.not_known(person, offering):
            left_out.add((person, offering))
            continue
        if w.rejected(person, "usage_report", "users"):
            continue
        price = w.price(team, offering)
        outcome.findings.append(Finding("HUB-03", "high", team, offering, person, hub, 1, 0, 1, price.amount, price))
    outcome.left_out = len(left_out)
    return outcome


def hub_04(w: World) -> Outcome:
    """HUB-04: invitation pending for more than 30 days; of several the oldest."""
    outcome = Outcome()
    for (team, hub, person), rows in people(w).items():
        days = [(w.as_of - r["invited_at"].date()).days for r in rows if r["status"] == "pending" and r["invited_at"]]
        limit = int(w.number("HUB-04", "days"))
        if days and max(days) > limit:
            outcome.findings.append(
                Finding("HUB-04", "low", team, None, person, hub, max(days), limit, max(days) - limit)
            )
    return outcome


def hub_05(w: World) -> Outcome:
    """HUB-05: on the de-provisioning list with `unassign`, and still a member of a hub of that team."""
    leaving = {(k[0], k[2]) for k, row in deprovisioning_list(w).items() if row["action"] == "unassign"}
    return Outcome(
        [
            Finding("HUB-05", "info", team, None, person, hub, 1, 0, 1)
            for team, hub, person in people(w)
            if team is not None and (team, person) in leaving
        ]
    )


RULES: dict[str, Callable[[World], Outcome]] = {
    "HUB-01": hub_01,
    "HUB-02": hub_02,
    "HUB-03": hub_03,
    "HUB-04": hub_04,
    "HUB-05": hub_05,
}
