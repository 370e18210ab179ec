"""Files that name people, products, projects and teams by numbers that other files of the drop explain: the tables of a
hub's Data Connector, and answers of the Team Admin API. Which of them a header is; what they say together is
`ingest.read.linked`.

Sources: the schema of the Data Connector (service group admin) and the reference of the Team Admin API, both of the
vendor, read 2026-11-29; docs/exporting.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.contracts.aliases import fold


@dataclass(frozen=True)
class LinkedForm:
    """One table of such an export. input: the input that its rows are of, '' where it only explains others. columns:
    what is read of it → the headers that say it, folded. needs: of these, what must be there; lacks: what must not.
    """

    name: str
    input: str
    columns: dict[str, tuple[str, ...]]
    needs: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    # What the register says of a file that only explains others.
    explains: str = ""

    def positions(self, header: Sequence[str]) -> dict[str, int] | None:
        """Column → place in the header; None if this is another table."""
        folded = [fold(h) for h in header]
        found = {
            name: next(folded.index(s) for s in spellings if s in folded)
            for name, spellings in self.columns.items()
            if any(s in folded for s in spellings)
        }
        fits = all(n in found for n in self.needs) and not any(n in found for n in self.lacks)
        return found if fits else None


_PROJECT, _USER = ("bim360_project_id", "project_id"), ("user_id",)
_ACCOUNT, _DELETED = ("bim360_account_id",), ("deleted_at",)
_MEMBER = {
    "account": _ACCOUNT,
    "project": _PROJECT,
    "user": _USER,
    "deleted_at": _DELETED,
    "created_at": ("created_at",),
}
_NO_MEMBERS = "a table of the Data Connector that names no members"
DATA_CONNECTOR = (
    LinkedForm(
        "project user products",
        "hub_members",
        {**_MEMBER, "product": ("product_key", "service"), "access": ("access_level", "role")},
        ("project", "user", "product"),
    ),
    LinkedForm(
        "project user roles", "", {**_MEMBER, "role": ("role_id",)}, ("project", "user", "role"), (), _NO_MEMBERS
    ),
    LinkedForm(
        "project user companies",
        "",
        {**_MEMBER, "company": ("company_oxygen_id",)},
        ("project", "user", "company"),
        (),
        _NO_MEMBERS,
    ),
    LinkedForm(
        "project users",
        "hub_members",
        {**_MEMBER, "access": ("access_level",), "status": ("status",)},
        ("project", "user"),
    ),
    LinkedForm(
        "users",
        "hub_members",
        {
            "id": ("id",),
            "account": _ACCOUNT,
            "email": ("email",),
            "administrator": ("access_level_account_admin",),
            "status": ("status",),
            "created_at": ("created_at",),
            "deleted_at": _DELETED,
            "last_sign_in": ("last_sign_in",),
        },
        ("id", "account", "email"),
    ),
    LinkedForm(
        "names",
        "",
        {"id": ("id",), "account": _ACCOUNT, "name": ("name",)},
        ("id", "account", "name"),
        (),
        "names of the Data Connector, read for its other tables",
    ),
    LinkedForm("other", "", {"account": (*_ACCOUNT, "bim360_project_id")}, ("account",), (), _NO_MEMBERS),
)
# Headers as `ingest.forms.adapters.team_admin` writes them.
TEAM_ADMIN_API = (
    LinkedForm(
        "teams", "", {"id": ("id",), "name": ("name",)}, ("id",), (), "names of teams, read for the other answers"
    ),
    LinkedForm(
        "product pools",
        "product_access",
        {n: (n,) for n in ("team", "product", "product_name", "total", "assigned", "start_date", "end_date")},
        ("product", "total"),
    ),
    LinkedForm(
        "assignments",
        "users",
        {n: (n,) for n in ("team", "product", "product_name", "user", "email", "assignment_type", "subscription")},
        ("product", "user", "email"),
    ),
    LinkedForm(
        "team users",
        "users",
        {n: (n,) for n in ("team", "user", "email", "first_name", "last_name", "role", "status")},
        ("user", "email", "role"),
    ),
)
FORMS = {f"{group}: {form.name}": form for group, forms in (
    ("Data Connector", DATA_CONNECTOR), ("Team Admin API", TEAM_ADMIN_API)) for form in forms}  # fmt: skip


@dataclass(frozen=True)
class Linked:
    """A header read as one of these tables: the key of FORMS, and where its columns stand."""

    form: str
    positions: dict[str, int] = field(default_factory=dict)

    @property
    def input(self) -> str:
        """The input that its rows are of, '' where it only explains others."""
        return FORMS[self.form].input


def linked_header(header: Sequence[str]) -> Linked | None:
    """The table of a Data Connector that a header is; None if none of its columns is named as there."""
    if not {fold(h) for h in header} & {*_ACCOUNT, "bim360_project_id"}:
        return None
    for form in DATA_CONNECTOR:
        positions = form.positions(header)
        if positions is not None:
            return Linked(f"Data Connector: {form.name}", positions)
    return None


def linked_answer(name: str, header: Sequence[str]) -> Linked:
    """The table of an answer of the Team Admin API with this name."""
    key = f"Team Admin API: {name}"
    return Linked(key, FORMS[key].positions(header) or {})
