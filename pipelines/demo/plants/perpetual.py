"""Perpetual licences, what is installed on devices, trial and education claims (ENT-09 ENT-13, LRT-01 and LRT-07 with
claims).
"""

from __future__ import annotations

from typing import Any

from pipelines.demo.estate import HARBOUR, OUTSIDE
from pipelines.demo.plants.telemetry import monthly
from pipelines.demo.records import Installation
from pipelines.demo.world import World

INVENTOR, VAULT = "inventor_professional", "vault_professional"
# serial number, offering, release, seats, kind
LICENCES = (
    ("391-00000001", "Inventor Professional", "2018", 3, "standalone"),
    ("391-00000002", "Inventor Professional", "2017", 1, "network"),
    ("391-00000003", "Vault Professional", "2019", 2, "standalone"),
    ("391-00000004", "Revit", "2015", 1, "standalone"),
)


def plant(world: World) -> None:
    """Devices that outnumber the licences, and people whose telemetry claims one."""
    _installed(world)
    _claims(world)
    _trials(world)


def _installed(world: World) -> None:
    for number, version in enumerate(("2018", "2017", "2018", "2016", "", "2019")):
        world.installations.append(Installation(f"PC-INV-{number}", "Autodesk Inventor Professional", version))
    world.installations.append(Installation("PC-INV-0", "Autodesk Inventor Professional", "2017"))
    for number, version in enumerate(("2019", "2018", "2020")):
        world.installations.append(Installation(f"PC-VLT-{number}", "Autodesk Vault Professional", version))
    for number in range(3):
        world.installations.append(Installation(f"PC-RVT-{number}", "Autodesk Revit", "2015"))
    world.plant("ENT-09", "violation", "five devices, four seats", offering=INVENTOR)
    world.plant("ENT-09", "near_miss", "two devices of covered releases, two seats", offering=VAULT)
    world.plant("ENT-09", "near_miss", "three devices, one seat, but subscribed", offering="revit")


def _claims(world: World) -> None:
    """People with a seat on something else who say that a perpetual licence covers them."""
    for claim, version, covered in (
        ("perpetual", "2019", False),
        ("perpetual", "2018", True),
        ("network", "2018", False),
        ("network", "2017", True),
    ):
        person = world.add()
        monthly(world, person, INVENTOR, claim=claim, version=version)
        note = f"{claim} claim on release {version}"
        kind = "near_miss" if covered else "violation"
        world.plant("LRT-07", kind, note, offering=INVENTOR, person=person)
        above = version == "2019"
        world.plant(
            "LRT-01", "violation" if above else "near_miss", note, offering=INVENTOR, person=person, scope=version
        )


def _trials(world: World) -> None:
    employee = world.add()
    monthly(world, employee, claim="trial")
    world.plant("ENT-13", "violation", "an employee's trial", offering="autocad", person=employee, scope="trial")
    visitor = world.add(
        email=f"visitor{len(world.people)}@{OUTSIDE}", seats=(), in_hr=False, in_directory=False, in_portal=False
    )
    monthly(world, visitor, claim="trial", device="elsewhere-1")
    key: dict[str, Any] = {"offering": "autocad", "person": visitor}
    world.plant("ENT-13", "near_miss", "a stranger's trial on a strange device", scope="trial", **key)
    world.plant("LRT-07", "violation", "a stranger's use", **key)
    for device, days, kind in (("EDU-1", 364, "violation"), ("EDU-2", 365, "near_miss")):
        world.installations.append(
            Installation(device, "Autodesk Maya", "2026", licence_class="education", seen_days_ago=days)
        )
        note = f"an education licence last seen {days} days ago"
        world.plant("ENT-13", kind, note, offering="maya", person=f"device:{device}", scope="education")
    for person in world.people[:20]:
        world.installations.append(Installation(f"ws-{person.number}", "Autodesk AutoCAD", "2026", person.email))
    student = world.holders(HARBOUR, "maya", world.months[0])[0]
    world.installations.append(Installation("EDU-3", "Autodesk Maya", "2025", student.email, "education"))
    note = "an education licence on the device of a person"
    world.plant("ENT-13", "violation", note, offering="maya", person=student, scope="education")
