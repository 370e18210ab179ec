"""Team Admin API: answers to List Teams, List Product Pools, List Assignments and List Team Users, one page or many, as
any client saves them: the answer alone or its objects alone, a list of pages, several lists under their names, or the
answer beside the request that it answers (also in a HAR file).

Only what a contract knows is carried over. What the numbers of teams, products and users mean is joined later
(`ingest.read.linked`). Source: the vendor's reference of the Team Admin API, read 2026-11-29.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pipelines.ingest.forms.adapters.tree import at, text_at
from pipelines.ingest.forms.objects import load_json
from pipelines.ingest.forms.text_table import TextTable
from pipelines.ingest.landing.paging import Page, page_of

# Where a client that saves more than the answer puts the answer.
BODIES = ("response", "body", "json", "content", "answer", "payload", "text")
_REQUEST = re.compile(r"/teams/(?P<team>[^/?#\s\"]+)/(?P<what>users|product-pools|assignments)\b")
# Keys, letters only, under which a client puts several lists into one object; and a name of a file with teams.
_ASKED = {"users": "team users", "product-pools": "product pools", "assignments": "assignments"}
_NAMED = {"teams": "teams", "users": "team users", "teamusers": "team users", "members": "team users",
    "productpools": "product pools", "pools": "product pools", "assignments": "assignments"}  # fmt: skip
_TEAMS = re.compile(r"(?:^|[^a-z])teams(?:[^a-z]|$)")
# How the interface writes roles; and keys of users of directories and HR systems, which it has not.
_ROLE = re.compile(r"(?:[A-Z]+_)*(?:ADMIN|USER|MANAGER|MEMBER)")
_OF_OTHERS = {
    "userPrincipalName",
    "primaryEmail",
    "login",
    "profile",
    "userName",
    "employeeId",
    "department",
    "hireDate",
}
_DEEPEST = 4
_PATHS: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "teams": {"id": (("id",), ("teamId",)), "name": (("name",), ("teamName",))},
    "product pools": {
        "team": (("teamId",),),
        "product": (("productId",),),
        "product_name": (("productName",),),
        "total": (("totalQuantity",),),
        "assigned": (("assignedQuantity",),),
        "start_date": (("startDate",),),
        "end_date": (("endDate",),),
    },
    "assignments": {
        "team": (("teamId",),),
        "product": (("productId",),),
        "product_name": (("productName",),),
        "user": (("userId",),),
        "email": (("email",),),
        "assignment_type": (("assignmentType",),),
        "subscription": (
            ("pinnedSubscriptionId",),
            ("subscriptionId",),
            ("pinnedSubscription", "id"),
            ("subscription", "id"),
        ),
    },
    "team users": {
        "team": (("teamId",),),
        "user": (("id",), ("userId",)),
        "email": (("email",),),
        "first_name": (("firstName",),),
        "last_name": (("lastName",),),
        "role": (("role",),),
        "status": (("status",), ("invitationStatus",), ("accountStatus",)),
    },
}


@dataclass(frozen=True)
class _Answer:
    """The objects of a page, what they are, the team that the request names, and the page."""

    what: str
    items: list[dict[str, Any]]
    team: str
    page: Page | None


class _Document(NamedTuple):
    """A part of a file that may be an answer, and what its place says of it: the list and the team that it is of."""

    data: Any
    what: str = ""
    team: str = ""


def tables(data: Any, path: str = "") -> list[TextTable] | None:
    """One table for each kind of answer and team in a document; None if it holds none. path: of the file; its name may
    say what a list without pages is of.
    """
    whole = isinstance(data, dict) and at(data, "log", "entries")
    if isinstance(whole, list):
        # What a browser recorded holds other requests too.
        answers = [a for entry in whole if (a := _answer(_Document(entry))) is not None]
    else:
        found_all = [_answer(document) for document in _documents(data, path)]
        if any(a is None for a in found_all):
            return None
        answers = [a for a in found_all if a is not None]
    if not answers:
        return None
    found: dict[tuple[str, str], list[_Answer]] = {}
    for answer in answers:
        found.setdefault((answer.what, answer.team), []).append(answer)
    return [_table(what, team, pages) for (what, team), pages in found.items()]


def _documents(data: Any, path: str) -> list[_Document]:
    """The answers in a document: those of a list of them, those that an object names, or itself."""
    if isinstance(data, list) and data and all(_items(d) is not None or _wrapped(d) is not None for d in data):
        return [_Document(d) for d in data]
    if isinstance(data, dict) and _items(data) is None and (named := _named(data)):
        return named
    if isinstance(data, dict) and _items(data) is None and _wrapped(data) is None:
        data = [data]  # The only line of a file of lines.
    return [_Document(data, "teams" if _TEAMS.search(path.rpartition("/")[2].lower()) else "")]


def _named(data: dict[str, Any], team: str = "", depth: int = 0) -> list[_Document]:
    """The lists of an object that names two of them or more, those of one team beside each other or within its key."""
    whats = {key: _NAMED.get(re.sub("[^a-z]", "", str(key).lower()), "") for key in data}
    own = [_Document(value, whats[key], team) for key, value in data.items() if whats[key]]
    within = [
        document
        for key, value in data.items()
        if not whats[key] and isinstance(value, dict) and depth < _DEEPEST
        for document in _named(value, str(key), depth + 1)
    ]
    return [*(own if len(own) > 1 or within else []), *within]


def _items(data: Any) -> list[dict[str, Any]] | None:
    found = at(data, "data") if isinstance(data, dict) else data
    return found if isinstance(found, list) and all(isinstance(i, dict) for i in found) else None


def _wrapped(data: Any) -> Any:
    """The answer that stands beside its request."""
    for name in BODIES:
        body = at(data, name)
        if isinstance(body, str) and body.lstrip().startswith("{"):
            try:
                body = load_json(body)
            except (ValueError, RecursionError):
                continue
        if isinstance(body, dict):
            return body if _items(body) is not None else _wrapped(body)
    return None


def _answer(document: _Document) -> _Answer | None:
    data = body = document.data
    if isinstance(data, dict) and _items(data) is None:
        body = _wrapped(data)
    items = _items(body)
    if items is None:
        return None
    request = _REQUEST.search(_beside(data)) if isinstance(data, dict) else None
    paged = isinstance(body, dict) and isinstance(at(body, "pagination", "hasMore"), bool)
    asked = _ASKED[request["what"]] if request else document.what
    what = _kind(items, asked, paged)
    return _Answer(what, items, request["team"] if request else document.team, page_of(body)) if what else None


def _beside(data: dict[str, Any], depth: int = 0) -> str:
    """The texts of a document that are not the objects of the answer, as one: the request may be among them."""
    said = []
    for key, value in data.items():
        if isinstance(value, str):
            said.append(value)
        elif isinstance(value, dict) and depth < 4:
            said.append(_beside(value, depth + 1))
        elif isinstance(value, list) and key != "data" and depth < 4:
            said += [v for v in value if isinstance(v, str)]
    return "\n".join(said)


def _kind(items: list[dict[str, Any]], asked: str, paged: bool) -> str:
    """What the objects are, by their fields; what has no field of its own by what was asked for, by the pages as this
    API counts them, or by its words for roles. An empty list is what was asked for.
    """
    first = items[0] if items else {}
    if "productId" in first and ("totalQuantity" in first or "assignedQuantity" in first or "unlimited" in first):
        return "product pools"
    if "productId" in first and "userId" in first:
        return "assignments"
    if "email" in first and ("id" in first or "userId" in first):
        return "team users" if paged or asked == "team users" or _has_roles(items) else ""
    if "name" in first and "id" in first and "email" not in first:
        return "teams" if paged or asked == "teams" else ""
    return "" if items else asked


def _has_roles(items: list[dict[str, Any]]) -> bool:
    return all(
        isinstance(role := item.get("role"), str) and _ROLE.fullmatch(role) and not _OF_OTHERS & item.keys()
        for item in items
    )


def _table(what: str, team: str, pages: list[_Answer]) -> TextTable:
    paths = _PATHS[what]
    items = [item for page in pages for item in page.items]
    rows = [
        [next((v for p in ways if (v := text_at(item, *p)) is not None), None) for ways in paths.values()]
        for item in items
    ]
    told = {text_at(item, "teamId") for item in items} - {None}
    team = team or (next(iter(told)) or "" if len(told) == 1 else "")
    page = pages[0].page
    if page is not None:
        # Of several pages in one file the last one says whether there are more. Pages of one team belong together.
        last = next((p.page for p in pages if p.page is not None and not p.page.next), None) or page
        page = replace(last, answer=f"team {team}", rows=len(items), ids=frozenset())
    table = TextTable(list(paths), rows, "team_admin_api", page)
    table.answers, table.team = what, team
    return table
