"""Okta users API: a list of user objects with `status` and `profile`. Flattened to the header of an Okta CSV."""

from __future__ import annotations

from typing import Any

from pipelines.ingest.forms.adapters.tree import at, objects, text_at
from pipelines.ingest.forms.text_table import TextTable

PATHS: tuple[tuple[str, ...], ...] = (
    ("id",),
    ("profile", "login"),
    ("profile", "email"),
    ("profile", "firstName"),
    ("profile", "lastName"),
    ("status",),
    ("profile", "userType"),
    ("profile", "department"),
    ("profile", "organization"),
    ("profile", "employeeNumber"),
    ("created",),
    ("lastLogin",),
    ("profile", "secondEmail"),
)


def tables(data: Any) -> list[TextTable] | None:
    """Users of an Okta answer, else None."""
    items = objects(data)
    if items is None or not all(isinstance(at(item, "profile"), dict) and "status" in item for item in items):
        return None
    return [TextTable([".".join(p) for p in PATHS], [[text_at(i, *p) for p in PATHS] for i in items], "okta_users")]
