"""Subscriptions against seats, contract lines and invoices (ENT-01 02 03 04 05 07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.demo.estate import CONTRACTS, FELS, FIELD, HARBOUR, NAMES, PRICES, RIVER
from pipelines.demo.plants.activity import plant_rare
from pipelines.demo.records import Seat
from pipelines.demo.terms import complete_lines, contract_end, contract_start, contract_year, seats_of, standard_line
from pipelines.demo.world import World
from pipelines.partitions import as_of, shift

LOOSE = "574-00000001"
PLANT = "autocad_plant_3d"


def plant(world: World) -> None:
    """Planted subscriptions, the usual ones for the rest, then contract lines and invoices that agree with them but for
    planted cases.
    """
    _over_and_under(world)
    _ended(world)
    _cliff(world)
    _over_for_a_month(world)
    _without_contract(world)
    complete_lines(world)
    _plant_lines(world)


def _over_and_under(world: World) -> None:
    world.lines.append(standard_line(world, HARBOUR, "maya", spare=-2))
    key = {"team": HARBOUR, "offering": "maya"}
    world.plant("ENT-01", "violation", "two seats more than entitled", **key)
    over = "two seats over all year"
    world.plant("ENT-07", "violation", over, offering="maya", scope=CONTRACTS[HARBOUR])
    spare = 12 + world.employees // 20
    world.lines.append(standard_line(world, RIVER, "civil_3d", spare=spare))
    world.plant("ENT-02", "violation", f"{spare} seats unused", team=RIVER, offering="civil_3d")
    world.plant("ENT-07", "near_miss", "never over", offering="civil_3d", scope=CONTRACTS[RIVER])
    world.plant("ENT-01", "near_miss", "one seat fewer than entitled", team=RIVER, offering="maya")
    world.plant("ENT-02", "near_miss", "one seat unused", team=HARBOUR, offering="civil_3d")
    world.lines.append(standard_line(world, RIVER, "autocad"))
    world.lines.append(
        standard_line(world, RIVER, "autocad", seats=50, status="Cancelled", subscription="574-00000002")
    )
    world.plant("ENT-02", "near_miss", "fifty seats of a cancelled subscription", team=RIVER, offering="autocad")


def _ended(world: World) -> None:
    """The acquired firm's Maya ended before the first month; the field office's was followed by another."""
    end = as_of(shift(world.months[0], -2))
    world.lines.append(standard_line(world, FELS, "maya", end=end, autorenew=None, seats=4))
    world.plant("ENT-04", "violation", "assigned after the end of the subscription", team=FELS, offering="maya")
    world.plant("ENT-01", "near_miss", "the expired subscription says it all", team=FELS, offering="maya")
    world.plant("ENT-07", "violation", "used after the end", offering="maya", scope=CONTRACTS[FELS])
    world.lines.append(standard_line(world, FIELD, "maya", end=end, seats=2))
    earlier = contract_end(world, FIELD) - timedelta(days=30)
    world.lines.append(standard_line(world, FIELD, "maya", start=end + timedelta(days=1), end=earlier))
    world.plant("ENT-04", "near_miss", "a subscription ended, another followed", team=FIELD, offering="maya")


def _cliff(world: World) -> None:
    """Five Revit seats end two months after the last review month; those of the first team renew."""
    end = as_of(world.last) + timedelta(days=61)
    gone = end + timedelta(days=1)
    for team, renews in ((RIVER, None), (HARBOUR, end)):
        world.lines.append(standard_line(world, team, "revit", end=end, seats=5, autorenew=renews))
        world.lines.append(standard_line(world, team, "revit"))

    def within(month: str) -> bool:
        return as_of(month) < gone <= as_of(month) + timedelta(days=180)

    key = {"offering": "revit", "scope": str(gone)}
    world.plant_if("ENT-05", "five seats end", within, team=RIVER, **key)
    world.plant("ENT-05", "near_miss", "five seats renew", team=HARBOUR, **key)


def _over_for_a_month(world: World) -> None:
    """Somebody has a seat too many in the middle month only: over for that month, and in the contract's year from then
    on.
    """
    first, last = as_of(world.middle).replace(day=1), as_of(world.middle)
    held = Seat(RIVER, "3ds_max", world.long_ago)
    for _ in range(2):
        world.add(seats=(held,), products=("3ds_max",))
    seat = Seat(RIVER, "3ds_max", first, last + timedelta(days=1))
    guest = world.add(seats=(seat,), products=("3ds_max",), first_use=first, last_use=last)
    plant_rare(world, guest, "a month of use only", RIVER, "3ds_max")
    world.lines.append(standard_line(world, RIVER, "3ds_max", seats=2))
    note = "one seat over in one month"
    world.plant("ENT-01", "violation", note, team=RIVER, offering="3ds_max", months=[world.middle])

    def same_year(month: str) -> bool:
        return month >= world.middle and contract_year(world, month) <= last

    world.plant_if("ENT-07", note, same_year, offering="3ds_max", scope=CONTRACTS[RIVER])


def _without_contract(world: World) -> None:
    seat = Seat(FIELD, "navisworks_manage", world.long_ago)
    world.add(seats=(seat,), products=("navisworks_manage",))
    line = standard_line(world, FIELD, "navisworks_manage", contract="", subscription=LOOSE)
    world.lines.append(line)
    key = {"offering": "navisworks_manage"}
    world.plant("ENT-03", "violation", "bought without a contract", scope=f"{LOOSE}:missing_in_contract", **key)
    world.plant("ENT-03", "near_miss", "its invoice names the subscription", scope=f"{LOOSE}:missing_invoice", **key)


@dataclass(frozen=True)
class Bill:
    """What contract and invoice say of a line (None: the side has no such line)."""

    contract: str
    offering: str
    contracted: int | None
    invoiced: int | None
    unit_price: int
    invoice_price: int
    subscription: str = ""


def bills(world: World, month: str) -> list[Bill]:
    """Contract and invoice of every line of a month, planted differences included."""
    end = as_of(month)
    seats: dict[tuple[str, str, str], int] = {}
    for line in world.lines:
        if line.start <= end <= line.end and line.status == "Active":
            key = (line.contract, line.offering, "" if line.contract else line.subscription)
            seats[key] = seats.get(key, 0) + seats_of(world, line, month)
    c1, c2, c3, c4 = CONTRACTS.values()
    found = []
    for (contract, offering, subscription), number in sorted(seats.items()):
        price = PRICES[offering]
        billed = {(c1, "civil_3d"): 2513, (c1, "revit"): 2613}.get((contract, offering), price)
        contracted: int | None = number + 3 if (contract, offering) == (c2, "maya") else number
        if not contract or (contract, offering) == (c4, "civil_3d"):
            contracted = None
        invoiced = None if (contract, offering) == (c4, "revit") else number
        found.append(Bill(contract, offering, contracted, invoiced, price, billed, subscription))
    return [*found, Bill(c3, PLANT, 4, 4, PRICES[PLANT], PRICES[PLANT])]


def _plant_lines(world: World) -> None:
    c1, c2, c3, c4 = CONTRACTS.values()
    for contract, offering, kind, type_, note in (
        (c2, "maya", "violation", "quantity", "three seats more in the contract"),
        (c1, "autocad", "near_miss", "quantity", "an older invoice says otherwise"),
        (c1, "civil_3d", "violation", "unit_price", "invoiced 0.52 % dearer"),
        (c1, "revit", "near_miss", "unit_price", "invoiced exactly 0.5 % dearer"),
        (c3, "maya", "violation", "end_date", "ends 30 days before the contract"),
        (c2, "revit", "near_miss", "end_date", "a part of it ends earlier"),
        (c3, PLANT, "violation", "missing_in_portal", "contracted and invoiced, not in the portal"),
        (c4, "civil_3d", "violation", "missing_in_contract", "in the portal, not in the contract"),
        (c4, "revit", "violation", "missing_invoice", "never invoiced"),
        (c4, "autocad", "near_miss", "missing_invoice", "its invoice line names the subscription only"),
    ):
        world.plant("ENT-03", kind, note, offering=offering, scope=f"{contract}:{type_}")


def invoice_rows(world: World, month: str) -> list[tuple[object, ...]]:
    """Invoice lines as finance keeps them: one a line and year, an older one superseded, one that names a subscription
    only.
    """
    year: date = contract_start(world)
    rows: list[tuple[object, ...]] = []
    for number, bill in enumerate(b for b in bills(world, month) if b.invoiced is not None):
        by_subscription = (bill.contract, bill.offering) == (CONTRACTS[FELS], "autocad")
        rows.append(
            (
                f"R-{number:03d}",
                year + timedelta(days=9),
                "" if by_subscription else bill.contract,
                subscription_id(bill.contract, bill.offering) if by_subscription else bill.subscription,
                NAMES[bill.offering],
                bill.invoiced,
                bill.invoice_price,
                "EUR",
                year,
                "",
            )
        )
    older = (f"R-{len(rows):03d}", year, CONTRACTS[HARBOUR], "", NAMES["autocad"], 1, 1800, "EUR", year, "")
    return [*rows, older]


def subscription_id(contract: str, offering: str) -> str:
    """The subscription number of a line."""
    return f"{contract[-3:]}-{offering}"
