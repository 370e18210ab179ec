"""Portal groups, what they grant, and the routes by which a seat was given."""

from __future__ import annotations

from collections import defaultdict

from tests.oracle.estate import Row, valid
from tests.oracle.foundations import World
from tests.oracle.terms import SINGLE_TEAM, Seat


def members(w: World, drop: str) -> dict[tuple[str, str], set[str]]:
    """Persons by (team, group) of a drop."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for r in w.estate.state("groups", drop):
        found[(r["team_alias"] or SINGLE_TEAM, r["group"])].add(w.person(r["email"]) or "")
    return found


def grants(w: World) -> list[Row]:
    """Rows of group_rules at as_of."""
    return [{**r, "team": r["team_alias"] or SINGLE_TEAM} for r in w.ref("group_rules") if valid(r, w.as_of)]


def routes(w: World, seat: Seat) -> list[str]:
    """Every group of the person that grants the offering in that team, and `default`; `direct` if nothing else
    explains it. Where the assignment says its type, that is the route; a group that nobody knows has no name.
    """
    if "_grants" not in w.__dict__:
        w.__dict__["_grants"] = (grants(w), members(w, w.month))
    rules, groups = w.__dict__["_grants"]
    found = {
        r["group"]
        for r in rules
        if r["team"] == seat.team
        and r["offering_key"] == seat.offering
        and seat.person in groups.get((seat.team, r["group"]), ())
    }
    said = {r["assignment_type"] for r in w.stated.get(seat.key, ())} & {"direct", "group", "team"}
    if said:
        named = sorted(found) if "group" in said else []
        named += ["(group)"] if "group" in said and not found else []
        return named + [way for kind, way in (("team", "default"), ("direct", "direct")) if kind in said]
    if seat.offering in defaults(w, seat.team):
        found.add("default")
    return sorted(found) or ["direct"]


def route_text(w: World, seat: Seat) -> str:
    """The routes as they are published."""
    texts = {"default": "default", "direct": "direct", "(group)": "group"}
    return ";".join(sorted(texts.get(way, f"group:{way}") for way in routes(w, seat)))


def defaults(w: World, team: str) -> set[str]:
    """Offerings that sso_config assigns by default in a team."""
    found = set()
    for r in sso(w):
        if r["team_alias"] == team:
            found |= {w.offering(text) for text in (r["default_assignment_offerings"] or "").split(";") if text.strip()}
    return found


def sso(w: World) -> list[Row]:
    """sso_config of drop(M) after precedence."""
    return w.estate.winning(w.estate.state("sso_config", w.month), lambda r: (r["team_alias"], r["domain"]))


def by_group(w: World, seat: Seat) -> bool:
    """Whether a route of the seat is a group."""
    return bool(set(routes(w, seat)) - {"default", "direct"})
