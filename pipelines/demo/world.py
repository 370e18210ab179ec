"""The people of the demo estate and what is planted on them. Plain records; files are `exports`, the truth table is `truth`.

The baseline is clean: everybody is in HR and directory, has one seat, and uses it on twelve days of every month.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pipelines.partitions import as_of, months_between, shift

FIRM, BOUGHT, PARTNER, OUTSIDE = "nordbau.example", "atelier-fels.example", "planwerk.example", "freelance.example"
TEAMS = ("Harbour Studio", "River Works", "Field Office", "Fels Atelier")
DAYS = (2, 4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27)
RARE_DAYS = (11, 25)
SYLLABLES = ("ba", "do", "fi", "ga", "hu", "jo", "ke", "li", "mo", "nu", "pa", "ra", "se", "ti", "vo", "wi")
DEPARTMENTS = ("BIM", "Structures", "Roads", "Design")
# name, key, price of a seat and year, tokens per day (None: a collection)
OFFERINGS = (
    ("AutoCAD", "autocad", 1800, 7),
    ("Revit", "revit", 2600, 10),
    ("Civil 3D", "civil_3d", 2500, 9),
    ("Maya", "maya", 1750, 6),
    ("3ds Max", "3ds_max", 1700, 6),
    ("Navisworks Manage", "navisworks_manage", 2200, 8),
    ("Architecture Engineering & Construction Collection", "aec_collection", 3400, None),
)
NAMES = {key: name for name, key, _, _ in OFFERINGS}
MEMBERS = (("aec_collection", "autocad"), ("aec_collection", "revit"), ("aec_collection", "civil_3d"))
TOKEN_PRICE = 3


@dataclass(frozen=True)
class Seat:
    """A seat: team, offering, the day it was assigned."""

    team: str
    offering: str
    assigned: date


@dataclass(frozen=True)
class Person:
    """Somebody of the estate. `uses`: product used on the days of `days` from `first_use` to `last_use`; empty = never."""

    number: int
    email: str
    first_name: str
    last_name: str
    seats: tuple[Seat, ...] = ()
    uses: str = ""
    days: tuple[int, ...] = DAYS
    first_use: date = date(2025, 11, 1)
    last_use: date = date(2099, 1, 1)
    in_hr: bool = True
    in_directory: bool = True
    enabled: bool = True
    leave_date: date | None = None
    on_leave: bool = False
    department: str = "BIM"
    entity: str = "Nordbau AG"
    role: str = "User"
    status: str = "Verified"
    contractor_end: date | None = None
    is_contractor: bool = False
    policy: str = "company"
    joined: str = "2000-01"
    in_portal: bool = True


@dataclass
class World:
    """Everything the exports are written from, for a list of review months."""

    months: list[str]
    seed: int
    people: list[Person] = field(default_factory=list)
    plants: list[tuple[str, str, str, str, str, str, str]] = field(default_factory=list)

    def plant(
        self, rule: str, kind: str, note: str, team: str = "", offering: str = "", person: str = "", scope: str = ""
    ) -> None:
        """Note that a rule must (violation) or must not (near_miss) speak in the last month on this key."""
        self.plants.append((rule, team, offering, person, scope, kind, note))


def cutoff(month: str) -> date:
    """Two days before the last day that any export of the month shows (the 27th)."""
    return as_of(month).replace(day=25)


def use_days(person: Person, first: str, last: str) -> list[date]:
    """Days on which a person uses the product, over whole months."""
    if not person.uses:
        return []
    days = [as_of(m).replace(day=d) for m in months_between(first, last) for d in person.days]
    return [d for d in days if person.first_use <= d <= person.last_use]


def _name(rng: random.Random, parts: int) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(parts)).capitalize()


def build_world(persons: int, months: list[str], seed: int) -> World:
    """The baseline of `persons` people, then the planted ones, each on persons of their own."""
    rng = random.Random(seed)
    world = World(months, seed)
    keys = ("autocad", "revit", "civil_3d", "maya", "aec_collection")
    for number in range(persons):
        first, last = _name(rng, 2), _name(rng, 3)
        team = (
            TEAMS[0] if number % 10 < 5 else TEAMS[1] if number % 10 < 8 else TEAMS[2] if number % 10 < 9 else TEAMS[3]
        )
        offering = keys[(number // 10 + number) % len(keys)]
        domain = BOUGHT if team == TEAMS[3] else FIRM
        world.people.append(
            Person(
                number=number,
                email=f"{first}.{last}{number}@{domain}".lower(),
                first_name=first,
                last_name=last,
                seats=(Seat(team, offering, date(2024, 1, 1) + timedelta(days=number % 500)),),
                uses="revit" if offering == "aec_collection" else offering,
                department=DEPARTMENTS[number % 4],
                entity="Atelier Fels GmbH" if domain == BOUGHT else "Nordbau AG",
            )
        )
    _plant_people(world, rng)
    return world


def _extra(world: World, rng: random.Random, **changes: object) -> Person:
    number = len(world.people)
    first, last = _name(rng, 2), _name(rng, 3)
    base = Person(
        number,
        f"{first}.{last}{number}@{FIRM}".lower(),
        first,
        last,
        (Seat(TEAMS[0], "autocad", date(2024, 6, 1)),),
        "autocad",
    )
    person = replace(base, **changes)  # type: ignore[arg-type]
    world.people.append(person)
    return person


def _plant_people(world: World, rng: random.Random) -> None:
    last = world.months[-1]
    end, cut = as_of(last), cutoff(last)
    t1, t2 = TEAMS[0], TEAMS[1]

    def plant(
        rule: str, kind: str, note: str, person: Person, scope: str = "", team: str = t1, offering: str = "autocad"
    ) -> None:
        world.plant(rule, kind, note, team, offering, person.email, scope)

    plant(
        "USE-01",
        "violation",
        "last use exactly 90 days before the cutoff",
        _extra(world, rng, last_use=cut - timedelta(days=90), days=((cut - timedelta(days=90)).day,)),
    )
    plant(
        "USE-01",
        "near_miss",
        "last use 89 days before the cutoff",
        _extra(world, rng, last_use=cut - timedelta(days=89), days=((cut - timedelta(days=89)).day,)),
    )
    plant(
        "USE-02",
        "violation",
        "assigned 45 days ago, never used",
        _extra(world, rng, uses="", seats=(Seat(t1, "autocad", end - timedelta(days=45)),)),
    )
    plant(
        "USE-02",
        "near_miss",
        "assigned 44 days ago, never used",
        _extra(world, rng, uses="", seats=(Seat(t1, "autocad", end - timedelta(days=44)),)),
    )
    plant("USE-03", "violation", "two days of use a month", _extra(world, rng, days=RARE_DAYS))
    plant("USE-03", "near_miss", "eight days of use a month", _extra(world, rng, days=DAYS[4:]))
    both = _extra(
        world,
        rng,
        seats=(Seat(t1, "aec_collection", date(2024, 6, 1)), Seat(t1, "autocad", date(2024, 6, 1))),
        uses="revit",
    )
    plant("USE-07", "violation", "a collection and its member in one team", both, "aec_collection")
    apart = _extra(
        world,
        rng,
        seats=(Seat(t1, "aec_collection", date(2024, 6, 1)), Seat(t1, "maya", date(2024, 6, 1))),
        uses="revit",
    )
    plant("USE-07", "near_miss", "a collection and a product outside it", apart, "aec_collection", offering="maya")
    twice = _extra(
        world, rng, seats=(Seat(t1, "revit", date(2024, 6, 1)), Seat(t2, "revit", date(2024, 6, 1))), uses="revit"
    )
    plant("USE-08", "violation", "one offering in two teams", twice, team="", offering="revit")
    left = _extra(world, rng, leave_date=end, last_use=end - timedelta(days=20))
    plant("IDN-01", "violation", "left on the as-of date", left, "left")
    stays = _extra(world, rng, leave_date=end + timedelta(days=1))
    plant("IDN-01", "near_miss", "leaves the day after the as-of date", stays, "left")
    plant("IDN-01", "violation", "directory account off", _extra(world, rng, enabled=False), "disabled")
    plant(
        "IDN-01",
        "violation",
        "in neither directory nor HR",
        _extra(world, rng, in_directory=False, in_hr=False),
        "absent",
    )
    plant("IDN-01", "near_miss", "not in the directory, but in HR", _extra(world, rng, in_directory=False), "absent")
    late = _extra(world, rng, leave_date=date(end.year, end.month, 5))
    plant("IDN-02", "violation", "used weeks after leaving", late, team="")
    soon = _extra(world, rng, leave_date=date(end.year, end.month, 26))
    plant("IDN-02", "near_miss", "used on the day after leaving only", soon, team="")
    guest = _extra(
        world, rng, email=f"helper{len(world.people)}@{OUTSIDE}", in_hr=False, in_directory=False, is_contractor=True
    )
    plant("IDN-09", "violation", "domain not registered", guest)
    plant("CON-02", "near_miss", "outsider, but registered as a contractor", guest)
    stranger = _extra(world, rng, email=f"unknown{len(world.people)}@{OUTSIDE}", in_hr=False, in_directory=False)
    plant("CON-02", "violation", "outsider in no register", stranger)
    past = _extra(
        world,
        rng,
        email=f"past{len(world.people)}@{PARTNER}",
        in_hr=False,
        in_directory=False,
        is_contractor=True,
        contractor_end=end - timedelta(days=1),
    )
    plant("CON-01", "violation", "engagement ended the day before", past)
    now = _extra(
        world,
        rng,
        email=f"last{len(world.people)}@{PARTNER}",
        in_hr=False,
        in_directory=False,
        is_contractor=True,
        contractor_end=end,
    )
    plant("CON-01", "near_miss", "engagement ends on the as-of date", now)
    plant("CON-04", "violation", "a shared account", _extra(world, rng, email=f"cad01@{FIRM}", in_hr=False))
    plant("CON-04", "near_miss", "a person whose name begins like one", _extra(world, rng, email=f"cadosi.wira@{FIRM}"))
    plant("IDN-11", "violation", "invited, never accepted", _extra(world, rng, uses="", status="Invited"))
    _plant_admins(world, rng)
    seen = _extra(
        world,
        rng,
        email=f"seen{len(world.people)}@{PARTNER}",
        seats=(),
        uses="",
        in_hr=False,
        in_directory=False,
        is_contractor=True,
        policy="own",
        in_portal=False,
    )
    world.plant("CON-03", "violation", "contractor in telemetry only", "", "revit", seen.email)
    world.plant("LRT-07", "violation", "use without seat, tokens or licence", "", "revit", seen.email)
    for rule, note in (
        ("LRT-01", "version above the newest covered"),
        ("LRT-02", "version below the oldest eligible"),
        ("LRT-03", "feature without its offering"),
        ("LRT-04", "four devices"),
    ):
        person = _extra(world, rng, department=f"{rule}")
        scope = {"LRT-01": "2028", "LRT-02": "2021", "LRT-03": "generative_design"}.get(rule, "")
        world.plant(
            rule, "violation", note, "", "navisworks_manage" if rule == "LRT-03" else "autocad", person.email, scope
        )
    for number in range(7):
        _extra(world, rng, seats=(), uses="", department=f"FLEX{number}", in_portal=True)


def _plant_admins(world: World, rng: random.Random) -> None:
    for team in TEAMS:
        count = {TEAMS[1]: 6, TEAMS[3]: 1}.get(team, 3)
        for number in range(count):
            _extra(
                world,
                rng,
                seats=(Seat(team, "autocad", date(2024, 6, 1)),),
                role="Primary admin" if number == 0 else "Secondary admin",
                department="ADMIN" if number < 5 else "NEWADMIN",
            )
    world.plant("ADM-01", "violation", "six administrators", TEAMS[1])
    world.plant("ADM-01", "near_miss", "three administrators", TEAMS[2])
    world.plant("ADM-07", "violation", "one administrator", TEAMS[3])
    unapproved = next(p for p in world.people if p.department == "NEWADMIN")
    world.plant("ADM-05", "violation", "not on the roster", TEAMS[1], "", unapproved.email, "unapproved")
    gone = _extra(
        world,
        rng,
        seats=(Seat(TEAMS[2], "autocad", date(2024, 6, 1)),),
        role="Secondary admin",
        enabled=False,
        department="ADMIN",
    )
    world.plant("ADM-03", "violation", "a disabled administrator", TEAMS[2], "", gone.email)
    alien = _extra(
        world,
        rng,
        email=f"boss{len(world.people)}@{OUTSIDE}",
        seats=(),
        uses="",
        role="Secondary admin",
        in_hr=False,
        in_directory=False,
        department="ADMIN",
    )
    world.plant("ADM-04", "violation", "an administrator from outside", TEAMS[0], "", alien.email)


def previous_months(month: str, count: int) -> tuple[str, str]:
    """First and last of the `count` months that end with `month`."""
    return shift(month, -(count - 1)), month
