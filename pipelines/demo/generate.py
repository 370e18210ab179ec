"""`generate`: the landing zone and the truth table, in one call. Deterministic: the seed and the months are passed in."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.demo.exports import write_drop, write_reference
from pipelines.demo.world import TEAMS, World, build_world
from pipelines.partitions import as_of, months_between, shift

TRUTH_COLUMNS = ("review_month", "rule_id", "team_alias", "offering_key", "person_key", "scope", "planted", "note")


@dataclass(frozen=True)
class DemoReport:
    """What was written: months, files, people, planted cases."""

    months: list[str]
    files: int
    people: int
    planted: int

    def __str__(self) -> str:
        return f"{self.people} people, {len(self.months)} drops, {self.files} files, {self.planted} planted cases"


def generate(
    landing: Path, persons: int = 400, months: int = 6, seed: int = 7, last_month: str = "2026-10"
) -> DemoReport:
    """Write `landing/` anew and `demo/truth.csv` beside it. persons: people of the baseline; the planted ones come on top.

    The same arguments give the same bytes. The truth names planted violations and near-misses of the last month.
    """
    names = months_between(shift(last_month, -(months - 1)), last_month)
    world = build_world(persons, names, seed)
    shutil.rmtree(landing, ignore_errors=True)
    write_reference(world, landing / "reference")
    for month in names:
        write_drop(world, month, landing / month)
    _plant_pairs(world)
    truth = landing.parent / "demo" / "truth.csv"
    truth.parent.mkdir(parents=True, exist_ok=True)
    with truth.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        writer.writerows(sorted([names[-1], *plant] for plant in world.plants))
    files = sum(1 for p in landing.rglob("*") if p.is_file())
    return DemoReport(names, files, len(world.people), len(world.plants))


def _plant_pairs(world: World) -> None:
    """Planted cases of teams, packs and groups: what `exports` writes for them is named there."""
    t1, t2, t4 = TEAMS[0], TEAMS[1], TEAMS[3]
    world.plant("ENT-01", "violation", "two seats more than entitled", t1, "maya")
    world.plant("ENT-01", "near_miss", "one seat fewer than entitled", t2, "maya")
    world.plant("ENT-02", "violation", "twelve seats unused", t2, "civil_3d")
    world.plant("ENT-02", "near_miss", "one seat unused", t1, "civil_3d")
    world.plant("ENT-04", "violation", "assigned after the end of the subscription", t4, "maya")
    world.plant("ENT-05", "violation", "five seats end with the year", t2, "revit", scope="2027-01-01")
    world.plant("ENT-05", "near_miss", "five seats renew with the year", t1, "revit", scope="2027-01-01")
    world.plant("IDN-04", "violation", "members of other departments", t1, "autocad", scope="BIM Harbour")
    world.plant("IDN-10", "violation", "single sign-on without sync", t4)
    world.plant("FLX-02", "violation", "a pack that will not be used up", t2, scope="FP-3")
    world.plant("FLX-04", "violation", "a stated balance of one token", t1, scope="2026-10-31")
    world.plant("FLX-04", "near_miss", "the balance agrees", t2, scope="2026-10-31")
    users = [p for p in world.people if p.department.startswith("FLEX")]
    world.plant("FLX-05", "violation", "nine tokens at a rate of seven", t1, "autocad", users[1].email)
    world.plant("FLX-09", "violation", "most tokens by one person", t1, person=users[0].email)
    world.plant("USE-04", "violation", "tokens dearer than a seat", "", "navisworks_manage", users[0].email)
    world.plant("USE-04", "near_miss", "few tokens", "", "navisworks_manage", users[2].email)
    holder = next(p for p in world.people if p.seats and p.seats[0].team == t1 and p.seats[0].offering == "revit")
    world.plant("FLX-06", "violation", "tokens despite a seat", t1, "revit", holder.email)
    world.plant("FLX-01", "violation", "366 tokens at seven a day", t1)
    world.plant("FLX-03", "violation", "366 of 2400 tokens", t1)
    world.plant("LRT-08", "violation", "three planted persons whom the SAM tool does not know", "", "autocad")
    _name_consequences(world)


def _name_consequences(world: World) -> None:
    """What planted cases bring with them under other rules: the truth of the last month is complete."""
    t1, t2, last = TEAMS[0], TEAMS[1], world.months[-1]
    for p in world.people:
        if p.leave_date is not None and p.leave_date < as_of(last):
            world.plant("IDN-01", "violation", "left during the month", t1, "autocad", p.email, "left")
        if not p.enabled and p.role != "User":
            world.plant(
                "IDN-01", "violation", "a disabled administrator's seat", TEAMS[2], "autocad", p.email, "disabled"
            )
        if p.email.startswith("unknown"):
            world.plant("IDN-09", "violation", "domain not registered", t1, "autocad", p.email)
        if len(p.days) == 1 and p.uses:
            world.plant("USE-03", "violation", "one day of use a month", t1, "autocad", p.email)
        if p.seats and p.seats[0].team == t2 and p.seats[0].offering == "maya" and p.department == "Roads":
            world.plant("IDN-07", "violation", "by default and by group", t2, "maya", p.email)
        elif p.seats and p.seats[0].team == t2 and p.seats[0].offering == "maya":
            world.plant("IDN-07", "near_miss", "by default alone", t2, "maya", p.email)
