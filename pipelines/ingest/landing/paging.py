"""Signs that an answer of an API is one page of several: next links, totals, page numbers. Pure functions over parsed
JSON; opens no file.

What the signs mean for the files of a drop together is `completeness`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.contracts.limits import MAX_DIGITS

# Keys under which an answer holds its list.
LISTS = ("value", "Resources", "data", "items", "records", "rows", "results", "users", "members", "content", "values")
# Objects beside the list in which an answer speaks of its pages.
BESIDE = {"meta", "_meta", "metadata", "pagination", "paging", "page", "pageinfo", "links", "_links", "result"}
# A key (letters only, lower case) whose value, if there is one, leads to the rest.
NEXT = {
    "odatanextlink",
    "nextlink",
    "nextpagetoken",
    "nextpage",
    "nexturl",
    "nexturi",
    "nextcursor",
    "nexttoken",
    "nextmarker",
    "next",
    "hasmore",
    "hasnext",
    "hasnextpage",
    "continuationtoken",
    "skiptoken",
}
TOTALS = {"totalresults", "odatacount", "totalcount", "totalitems", "totalelements", "totalrecords", "totalrows"}
# Beside these a plain `total` is one of objects.
PAGED = {
    "limit",
    "offset",
    "skip",
    "page",
    "pagesize",
    "perpage",
    "itemsperpage",
    "startindex",
    "startat",
    "maxresults",
}
NUMBERS = {"page", "pagenumber", "number", "currentpage"}
COUNTS = {"pages", "pagecount", "totalpages", "lastpage", "numpages", "totalpagecount"}
# Page sizes that Microsoft Graph and SCIM servers cut at by default or at most. Source: definition of this project,
# docs/exporting.md.
CUT_AT = (100, 999)


@dataclass(frozen=True)
class Page:
    """What an answer says about its place among the pages it belongs to.

    answer: the same for the pages of one answer. rows: objects in it. ids: what tells them apart, where all have one.
    next: the key that leads to the rest, '' if there is none. total: objects of all pages. number, pages: place and
    number of pages. cut: the form is one whose servers cut at a number of rows. parts: reasons why something in it is
    not whole, whatever other pages hold.
    """

    answer: str
    rows: int
    ids: frozenset[str] = frozenset()
    next: str = ""
    total: int | None = None
    number: int | None = None
    pages: int | None = None
    cut: bool = False
    parts: tuple[str, ...] = field(default=())


def page_of(data: Any) -> Page | None:
    """The page that a JSON document is; None if it has no list of objects."""
    if isinstance(data, list):
        return Page("", len(data), cut=_is_directory(data)) if data else None
    if not isinstance(data, dict):
        return None
    items = answer_list(data)
    if items is None:
        return None
    said = list(_said(data))
    next_key = next((key for name, key, value in said if name in NEXT and _leads_on(value)), "")
    total = _first(said, TOTALS | ({"total"} if any(name in PAGED for name, _, _ in said) else set()))
    pages = _first(said, COUNTS)
    number = _first(said, NUMBERS) if pages is not None else None
    context = _text(data, "@odata.context")
    cut = bool(context) or "totalResults" in data or _is_scim(data) or _is_directory(items)
    ids = frozenset(str(i["id"]) for i in items if isinstance(i, dict) and isinstance(i.get("id"), str | int))
    return Page(
        # Microsoft Graph says the total on the first page only.
        answer=context or (f"total {total}" if total is not None else f"pages {pages}" if pages is not None else ""),
        rows=len(items),
        ids=ids if len(ids) == len(items) else frozenset(),
        next=next_key,
        total=total,
        number=number,
        pages=pages,
        cut=cut,
        parts=tuple(_cut_inside(items)),
    )


def answer_list(data: dict[str, Any]) -> list[Any] | None:
    """The list of objects that an answer was asked for."""
    for name in LISTS:
        if isinstance(data.get(name), list):
            return list(data[name])
    lists = [value for value in data.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return list(lists[0]) if len(lists) == 1 else None


def joined(data: Any) -> Any:
    """One answer of a list of answers (`[{"value": […]}, {"value": […]}]`), as programs write that save page after
    page; anything else as it is.

    It leads on only where each of them does.
    """
    if not isinstance(data, list) or len(data) < 2 or not all(isinstance(d, dict) for d in data):
        return data
    name = next((n for n in ("value", "Resources", "users") if all(isinstance(d.get(n), list) for d in data)), None)
    if name is None:
        return data
    last = next((d for d in data if not any(k in NEXT and _leads_on(v) for k, _, v in _said(d))), data[-1])
    return {**last, name: [item for d in data for item in d[name]]}


def _said(data: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, str, Any]]:
    """(letters of the key, key, value) of what an answer says beside its list."""
    for key, value in data.items():
        letters = re.sub("[^a-z]", "", str(key).lower())
        if isinstance(value, dict) and (letters in BESIDE or str(key).lower() in BESIDE) and depth < 3:
            if letters == "next":
                yield letters, key, value
            yield from _said(value, depth + 1)
        else:
            yield letters, str(key), value


def _leads_on(value: Any) -> bool:
    if isinstance(value, dict):  # {"next": {"href": "…"}}
        return any(_leads_on(v) for k, v in value.items() if str(k).lower() in {"href", "url", "offset", "token"})
    if isinstance(value, str):
        return value.strip().lower() not in {"", "0", "null", "none", "false"}
    return value is True or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _first(said: list[tuple[str, str, Any]], names: set[str]) -> int | None:
    for name, _, value in said:
        # What has more digits counts nothing that a file holds.
        if name in names and re.fullmatch(rf"\s*[+-]?[0-9]{{1,{MAX_DIGITS}}}\s*", str(value)):
            return int(str(value))
    return None


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _is_scim(data: dict[str, Any]) -> bool:
    schemas = data.get("schemas")
    return isinstance(schemas, list) and any("scim" in str(s).lower() for s in schemas)


def _is_directory(items: list[Any]) -> bool:
    first = items[0] if items else None
    return isinstance(first, dict) and ("userPrincipalName" in first or "accountEnabled" in first or _is_scim(first))


def _cut_inside(items: list[Any]) -> Iterator[str]:
    """Members of a group of which the answer holds the first ones only."""
    for item in items:
        if isinstance(item, dict) and _leads_on(item.get("members@odata.nextLink")):
            name = str(item.get("displayName") or item.get("id"))
            yield f"the members of {name!r} continue at members@odata.nextLink"
            return
