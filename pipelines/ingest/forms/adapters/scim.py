"""SCIM 2.0 (RFC 7643, RFC 7644): users, groups, lists of them, and bulk requests that carry users.

Attribute names are compared without regard to case, as the RFC asks. A resource of a list that says neither by schema
nor by attribute what it is counts as a user: it is rejected by the contract instead of vanishing. A bulk request with
the `csv` extension of Microsoft's inbound provisioning sample is an HR feed.
"""

from __future__ import annotations

from typing import Any

from pipelines.ingest.forms.adapters.tree import at, joined_texts, listed, objects, text, text_at
from pipelines.ingest.forms.text_table import TextTable

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CSV_EXTENSION = "urn:ietf:params:scim:schemas:extension:csv:1.0:User"
USER_HEADER = [
    "id",
    "userName",
    "emails.value",
    "name.givenName",
    "name.familyName",
    "active",
    "userType",
    "department",
    "organization",
    "employeeNumber",
    "meta.created",
    "emails",
]
MEMBER_HEADER = ["group.displayName", "members.value", "members.type"]
HR_HEADER = [
    "WorkerID",
    "WorkerStatus",
    "WorkerType",
    "Email",
    "FirstName",
    "LastName",
    "HireDate",
    "TerminationDate",
    "Department",
    "Company",
    "CostCenter",
    "TwoLetterCountryCode",
    "ManagerID",
]


def tables(data: Any) -> list[TextTable] | None:
    """Tables of a SCIM document, else None. Schemas, patches and other documents are None."""
    resources = _resources(data)
    if resources is None:
        return None
    users = [r for r in resources if not _is_group(r) and not isinstance(at(r, CSV_EXTENSION), dict)]
    groups = [r for r in resources if _is_group(r)]
    workers = [at(r, CSV_EXTENSION) for r in resources if isinstance(at(r, CSV_EXTENSION), dict)]
    found: list[TextTable] = []
    if users or not resources:
        found.append(TextTable(USER_HEADER, [_user(r) for r in users], "scim_users"))
    if groups:
        found.append(TextTable(MEMBER_HEADER, [m for g in groups for m in _members(g)], "scim_groups"))
    if workers:
        found.append(TextTable(HR_HEADER, [[text_at(w, key) for key in HR_HEADER] for w in workers], "scim_csv"))
    return found


def _resources(data: Any) -> list[dict[str, Any]] | None:
    """The users and groups of a document; None if it is no such document."""
    if isinstance(data, list):
        items = objects(data)
        return items if items is not None and all(_is_user(i) or _is_group(i) for i in items) else None
    if _says(data, ":ListResponse") or (isinstance(at(data, "Resources"), list) and not at(data, "value")):
        items = [r for r in listed(data, "Resources") if isinstance(r, dict)]
        return (
            [r for r in items if not _is_description(r)] if not items or not all(map(_is_description, items)) else None
        )
    if _says(data, ":BulkRequest"):
        posts = [o for o in listed(data, "Operations") if (text_at(o, "method") or "").upper() == "POST"]
        bodies = [at(o, "data") for o in posts if isinstance(at(o, "data"), dict)]
        return bodies or None
    return [data] if _is_user(data) or _is_group(data) else None


def _schemas(node: Any) -> list[str]:
    found = at(node, "schemas")
    return [s for s in found if isinstance(s, str)] if isinstance(found, list) else []


def _says(node: Any, ending: str) -> bool:
    return any(schema.startswith("urn:ietf:params:scim:") and schema.endswith(ending) for schema in _schemas(node))


def _is_user(node: Any) -> bool:
    return _says(node, ":core:2.0:User")


def _is_group(node: Any) -> bool:
    return _says(node, ":core:2.0:Group") or (isinstance(at(node, "members"), list) and not _is_user(node))


def _is_description(node: Any) -> bool:
    return any(_says(node, e) for e in (":core:2.0:Schema", ":core:2.0:ResourceType", ":ServiceProviderConfig"))


def _user(node: Any) -> list[str | None]:
    extension = at(node, ENTERPRISE)
    return [
        text_at(node, "id"),
        text_at(node, "userName"),
        _mail(node),
        text_at(node, "name", "givenName"),
        text_at(node, "name", "familyName"),
        text_at(node, "active"),
        text_at(node, "userType"),
        text_at(extension, "department"),
        text_at(extension, "organization"),
        text_at(extension, "employeeNumber"),
        text_at(node, "meta", "created"),
        joined_texts(at(node, "emails") if isinstance(at(node, "emails"), list) else [at(node, "emails")]),
    ]


def _mail(node: Any) -> str | None:
    """The primary address, else the one for work, else the first. Some servers write plain texts instead of objects."""
    emails = at(node, "emails")
    if isinstance(emails, str):
        return emails
    listed_emails = emails if isinstance(emails, list) else []
    items = [e if isinstance(e, dict) else {"value": e} for e in listed_emails if isinstance(e, str | dict)]
    for wanted in (
        lambda e: str(at(e, "primary")).lower() == "true",
        lambda e: text_at(e, "type") == "work",
        lambda e: True,
    ):
        for email in items:
            if wanted(email) and text_at(email, "value"):
                return text_at(email, "value")
    return None


def _members(group: Any) -> list[list[str | None]]:
    name = text_at(group, "displayName")
    members = listed(group, "members")
    return [[name, text_at(m, "value") if isinstance(m, dict) else text(m), text_at(m, "type")] for m in members]
