"""Microsoft Graph: `/users` answers, groups with expanded members, and Intune's detected apps with their devices (or
devices with their apps). No paging: a saved page or a joined list is read.

Documented at learn.microsoft.com/graph/api/user-list (fields, sign-in activity, leave date) and
/graph/api/resources/intune-devices-detectedapp. A property that was not
selected is absent: its column is empty here, and the contract rejects the row with that column's name.
"""

from __future__ import annotations

from typing import Any

from pipelines.ingest.forms.adapters.tree import at, joined_texts, listed, objects, text_at
from pipelines.ingest.forms.text_table import TextTable

USER_PATHS: tuple[tuple[str, ...], ...] = (
    ("id",),
    ("userPrincipalName",),
    ("mail",),
    ("givenName",),
    ("surname",),
    ("accountEnabled",),
    ("userType",),
    ("department",),
    ("companyName",),
    ("employeeId",),
    ("createdDateTime",),
    ("signInActivity", "lastSignInDateTime"),
    ("employeeLeaveDateTime",),
)
MEMBER_HEADER = ["groupDisplayName", "memberId", "userPrincipalName", "mail", "memberType"]
# As Intune's own report of the same calls them.
APP_HEADER = ["DeviceId", "ApplicationName", "ApplicationVersion", "ApplicationPublisher", "EmailAddress", "LastSeen"]


def tables(data: Any) -> list[TextTable] | None:
    """Users, groups or programs of a Graph answer (`value` list or bare list), else None."""
    context = text_at(data, "@odata.context") or ""
    items = objects(at(data, "value") if isinstance(data, dict) else data)
    if items is None:
        return [TextTable(_user_header(), [], "graph_users")] if "#users" in context else None
    if any(isinstance(at(item, "members"), list) and at(item, "displayName") for item in items):
        return [TextTable(MEMBER_HEADER, _members(items), "graph_groups")]
    programs = [
        *((app, device) for app in items for device in listed(app, "managedDevices")),
        *((app, device) for device in items for app in listed(device, "detectedApps")),
    ]
    if programs:
        return [TextTable(APP_HEADER, [_program(app, device) for app, device in programs], "graph_detected_apps")]
    if "#users" in context or any("userPrincipalName" in item for item in items):
        rows = [[*(text_at(item, *path) for path in USER_PATHS), _addresses(item)] for item in items]
        return [TextTable(_user_header(), rows, "graph_users")]
    return None


def _user_header() -> list[str]:
    return [*(".".join(path) for path in USER_PATHS), "proxyAddresses"]


def _addresses(user: dict[str, Any]) -> str | None:
    return joined_texts([*listed(user, "proxyAddresses"), *listed(user, "otherMails")])


def _program(app: dict[str, Any], device: dict[str, Any]) -> list[str | None]:
    return [
        text_at(device, "id") or text_at(device, "deviceName"),
        text_at(app, "displayName"),
        text_at(app, "version"),
        text_at(app, "publisher"),
        text_at(device, "emailAddress") or text_at(device, "userPrincipalName"),
        text_at(device, "lastSyncDateTime"),
    ]


def _members(groups: list[dict[str, Any]]) -> list[list[str | None]]:
    return [
        [
            text_at(group, "displayName"),
            text_at(member, "id"),
            text_at(member, "userPrincipalName"),
            text_at(member, "mail"),
            (text_at(member, "@odata.type") or "").rpartition(".")[2] or None,
        ]
        for group in groups
        for member in listed(group, "members")
    ]
