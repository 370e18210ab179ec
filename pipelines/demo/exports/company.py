"""What IT and HR hand in: directory accounts and groups, workers, contractors, perpetual licences, the device
inventory.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from pipelines.demo.exports.files import put, text_of
from pipelines.demo.plants.perpetual import LICENCES
from pipelines.demo.records import Person
from pipelines.demo.world import World
from pipelines.partitions import as_of

DIRECTORY_HEADER = [
    "userPrincipalName",
    "givenName",
    "surname",
    "mail",
    "id",
    "userType",
    "accountEnabled",
    "department",
    "companyName",
    "lastSignInDateTime",
]
WORKER_HEADER = [
    "employee_id",
    "first_name",
    "last_name",
    "email",
    "status",
    "worker_type",
    "hire_date",
    "leave_date",
    "department",
    "legal_entity",
    "cost_centre",
    "country",
]
CONTRACTOR_HEADER = ["email", "company", "sponsor_email", "start_date", "end_date", "offerings", "device_policy"]
INVENTORY_HEADER = [
    "device_id",
    "product_display_name",
    "version",
    "publisher",
    "user_email",
    "last_seen_at",
    "licence_class",
]


def write(world: World, month: str, folder: Path) -> None:
    """The company's own files of a month."""
    _directory(world, month, folder / "it")
    _workers(world, month, folder / "hr")
    _contractors(world, folder / "hr")
    _licences(folder / "it")
    _inventory(world, month, folder / "it")


def _signed_in(person: Person, month: str) -> str:
    day = as_of(month).replace(day=20) if person.last_sign_in is None else person.last_sign_in
    return "" if day == date.min else f"{min(day, as_of(month))}T00:00:00Z"


def _directory(world: World, month: str, folder: Path) -> None:
    people = [p for p in world.people if p.in_directory]
    rows = [
        [
            p.former_email or p.email,
            p.first_name,
            p.last_name,
            p.former_email or p.email,
            f"id-{p.number}",
            "Member",
            str(p.enabled),
            p.department,
            p.entity,
            _signed_in(p, month),
        ]
        for p in people
    ]
    header = list(DIRECTORY_HEADER)
    if world.months.index(month) % 2:
        header[4] = "objectId"
    put(folder / "exportUsers.csv", text_of(header, rows).encode("utf-8-sig"))
    members = [["GG-CAD", f"id-{p.number}", p.email, p.email, "user"] for p in people[:15]]
    names = ["group_name", "member_id", "user_principal_name", "mail", "member_type"]
    put(folder / "group members.csv", text_of(names, members).encode("utf-16"))


def _workers(world: World, month: str, folder: Path) -> None:
    """HR writes days first; the manifest beside it says so."""
    rows = []
    for p in world.people:
        if not p.in_hr:
            continue
        left = p.leave_date is not None and p.leave_date <= as_of(month)
        status = "Terminated" if left else "On Leave" if p.on_leave else "Active"
        leave = f"{p.leave_date:%d.%m.%Y}" if p.leave_date else ""
        rows.append(
            [
                f"E{p.number:05d}",
                p.first_name,
                p.last_name,
                p.former_email or p.email,
                status,
                "Employee",
                "13.01.2020",
                leave,
                p.department,
                p.entity,
                f"CC{p.number % 9}",
                "DE",
            ]
        )
        if p.rehired:
            rows.append(
                [
                    f"E9{p.number:04d}",
                    p.first_name,
                    p.last_name,
                    p.email,
                    "Terminated",
                    "Employee",
                    "01.02.2012",
                    "30.06.2018",
                    p.department,
                    p.entity,
                    "CC1",
                    "DE",
                ]
            )
    put(folder / "workers.csv", text_of(WORKER_HEADER, rows, ";").encode("cp1252"))
    put(folder / "_manifest.yml", b"date_order: dmy\n")


def _contractors(world: World, folder: Path) -> None:
    rows = [
        [p.email, "Planwerk GbR", "", "2020-01-01", p.contractor_end, "", p.policy]
        for p in world.people
        if p.is_contractor
    ]
    put(folder / "contractors.csv", text_of(CONTRACTOR_HEADER, rows).encode())


def _licences(folder: Path) -> None:
    rows = [[serial, name, version, seats, kind, "", "Harbour"] for serial, name, version, seats, kind in LICENCES]
    header = ["serial_number", "offering_name", "version", "seats", "licence_kind", "maintenance_end", "site"]
    put(folder / "perpetual licences.csv", text_of(header, rows).encode())


def _inventory(world: World, month: str, folder: Path) -> None:
    """As the device management tool writes it: pipes and UTF-16."""
    rows = [
        [
            i.device,
            i.name,
            i.version,
            "Autodesk",
            i.email,
            f"{as_of(month) - timedelta(days=i.seen_days_ago)}T10:00:00Z",
            i.licence_class,
        ]
        for i in world.installations
    ]
    put(folder / "installed software.csv", text_of(INVENTORY_HEADER, rows, "|").encode("utf-16"))
