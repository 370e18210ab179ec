"""Google Workspace: answers of the Directory API (`users` with `primaryEmail`), one page or several joined.

Documented at developers.google.com/workspace/admin/directory/reference/rest/v1/users. An account that never signed in
has the sign-in of 1970-01-01.
"""

from __future__ import annotations

from typing import Any

from pipelines.ingest.forms.adapters.tree import at, joined_texts, listed, objects, text_at
from pipelines.ingest.forms.text_table import TextTable

HEADER = [
    "id",
    "primaryEmail",
    "mail",
    "name.givenName",
    "name.familyName",
    "accountEnabled",
    "organizations.department",
    "externalIds.organization",
    "creationTime",
    "lastLoginTime",
    "aliases",
]


def tables(data: Any) -> list[TextTable] | None:
    """Users of a Directory API answer, else None."""
    items = objects(at(data, "users") if isinstance(data, dict) else data)
    if items is None or not all("primaryEmail" in item for item in items):
        kind = text_at(data, "kind") if isinstance(data, dict) else None
        return [TextTable(HEADER, [], "google_users")] if kind == "admin#directory#users" else None
    return [TextTable(HEADER, [_user(item) for item in items], "google_users")]


def _user(item: dict[str, Any]) -> list[str | None]:
    organisations = [o for o in listed(item, "organizations") if isinstance(o, dict)]
    numbers = [e for e in listed(item, "externalIds") if text_at(e, "type") == "organization"]
    signed_in = text_at(item, "lastLoginTime")
    address = text_at(item, "primaryEmail")
    return [
        text_at(item, "id"),
        address,
        address,
        text_at(item, "name", "givenName"),
        text_at(item, "name", "familyName"),
        _enabled(item),
        next((text_at(o, "department") for o in organisations if text_at(o, "department")), None),
        next((text_at(e, "value") for e in numbers if text_at(e, "value")), None),
        text_at(item, "creationTime"),
        None if signed_in is not None and signed_in.startswith("1970-01-01") else signed_in,
        joined_texts([*listed(item, "aliases"), *listed(item, "nonEditableAliases"), *listed(item, "emails")]),
    ]


def _enabled(item: dict[str, Any]) -> str | None:
    """An account is off where it is suspended or archived."""
    states = [text_at(item, "suspended"), text_at(item, "archived")]
    if "true" in states:
        return "false"
    return "true" if "false" in states else next((s for s in states if s), None)
