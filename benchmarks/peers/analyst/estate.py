"""A small random estate whose rows collide with the boundaries of the rules. Seeded; written from the input
specification alone.

`python -m benchmarks.peers.analyst.estate DATA_DIR SEED` writes `landing/`. Everything is invented; domains end in
`.example`.
"""

from __future__ import annotations

import csv
import random
import sys
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.peers.analyst import estate_network
from benchmarks.peers.analyst.estate_outside import (
    TEAMS,
    contractors,
    device_inventory,
    directory_users,
    flex_balance,
    hr_workers,
    invoices,
    perpetual_licences,
    sam_usage,
    sso_config,
)
from benchmarks.peers.analyst.estate_reference import reference_tables
from benchmarks.peers.analyst.text import Row

EDGES = (
    *(
        -366,
        -365,
        -364,
        -120,
        -92,
        -91,
        -90,
        -89,
        -61,
        -60,
        -59,
        -46,
        -45,
        -44,
        -33,
        -32,
        -31,
        -30,
        -29,
        -3,
        -2,
        -1,
        0,
        1,
        2,
    ),
    *(29, 30, 31, 59, 60, 61, 89, 90, 91, 179, 180, 181),
)
NAMES = {
    "alpha": ("Alpha", "ALPHA  2024", "alpha-lt"),
    "beta": ("Beta", "Beta (single user)"),
    "gamma": ("Gamma",),
    "delta": ("Delta Pro",),
    "suite": ("Suite Collection", "suite"),
    "bundle": ("Bundle",),
    "unknown": ("Mystery Tool", "Other//Tool"),
    "moved": ("Moved Name",),
}
FEATURES = ("Generative Fill", "cloud-render", "Plain Feature", "")


class Person:
    """An invented person: addresses, hash, numbers in the other systems."""

    def __init__(self, rng: random.Random, number: int) -> None:
        domain = rng.choice(("corp.example",) * 5 + ("acq.example", "partner.example", "stranger.example"))
        local = rng.choice((f"p{number}",) * 6 + (f"cad{number}", f"office.{number}", f"pc-{number}", f"mycad{number}"))
        self.email = f"{local}@{domain}"
        self.others = (
            [f"alt{number}@{rng.choice(('acq.example', 'corp.example', 'stranger.example'))}"]
            if rng.random() < 0.3
            else []
        )
        self.hash = f"h{number if rng.random() > 0.1 else number // 2}"
        self.employee = f"E{number:03d}"
        self.number = number


class Estate:
    """Writes one estate."""

    def __init__(self, data: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.landing = data / "landing"
        self.seed = seed
        first = self.rng.choice((1, 2, 3, 7, 10))
        self.months = [self._month(2026, first + i) for i in range(self.rng.randint(3, 5))]
        self.persons = [Person(self.rng, i) for i in range(self.rng.randint(16, 34))]
        self.offerings = list(NAMES)
        self.seats = [self._seat() for _ in range(self.rng.randint(30, 90))]
        scale = self.rng.choice((0.08, 0.3, 1.0, 1.0))
        counts = {"usage": 150, "seat_usage": 60, "token_usage": 200, "lrt": 220}
        self.events = {name: [self._event(name) for _ in range(int(n * scale) + 2)] for name, n in counts.items()}
        self.subscriptions = [self._subscription(i) for i in range(self.rng.choice((8, 20, 60)))]
        self.packs = [self._pack(i) for i in range(self.rng.randint(2, 9))]
        self.network = estate_network.events(self.rng, self.months)
        self.present = {name: self.rng.choice((1.0, 1.0, 0.9, 0.7)) for name in WRITERS}

    @staticmethod
    def _month(year: int, month: int) -> date:
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        return date(year, month, monthrange(year, month)[1])

    # ---- random pieces --------------------------------------------------------------------------------------------

    def day(self, low: int = -366, high: int = 181) -> date:
        """A day beside a boundary of some month of the estate."""
        offset = self.rng.choice([e for e in EDGES if low <= e <= high])
        return self.rng.choice(self.months) + timedelta(days=offset)

    def maybe(self, share: float) -> bool:
        """True with a probability."""
        return self.rng.random() < share

    def who(self, person: Person) -> str:
        """One of the spellings of a person's address."""
        text = self.rng.choice([person.email] * 3 + person.others)
        return text.upper() if self.maybe(0.1) else text

    def ident(self, person: Person, team: str) -> tuple[str, str]:
        """(e-mail, hash) of a row, at least one of them."""
        hidden = {"Hidden": 0.5, "Edge": 0.06}.get(team, 0.02)
        if self.maybe(hidden):
            return self.rng.choice(("", "*****", "N/A")), person.hash
        return self.who(person), person.hash if self.maybe(0.4) else ""

    def name(self, key: str | None = None) -> str:
        """A spelling of an offering."""
        return self.rng.choice(NAMES[key or self.rng.choice(self.offerings)])

    def settled(self) -> str:
        """A spelling whose meaning does not change."""
        return self.name(self.rng.choice(("alpha", "beta", "gamma", "delta", "suite", "bundle")))

    def _seat(self) -> Row:
        person, team = self.rng.choice(self.persons), self.rng.choice(TEAMS)
        email, hashed = self.ident(person, team)
        return {
            "hashed_autodesk_id": hashed,
            "email": email,
            "team_alias": team,
            "offering_name": self.name(),
            "version": self.rng.choice(("2024", "2025.1", "2026", "")),
            "seat_assignment": self.rng.choice(("assigned",) * 5 + ("unassigned",)),
            "assigned_date": self.day(-366, 1) if self.maybe(0.8) else "",
            "unassigned_date": self.day(-60, 1) if self.maybe(0.3) else "",
            "access_option": self.rng.choice(("Named user", "", "Flex", "Autodesk FLEX tokens")),
            "last_accessed": self.day(-366, 2) if self.maybe(0.5) else "",
        }

    def _event(self, name: str) -> Row:
        seat = self.rng.choice(self.seats)
        person = self.rng.choice(self.persons)
        team = self.rng.choice(TEAMS)
        email, hashed = (seat["email"], seat["hashed_autodesk_id"]) if self.maybe(0.4) else self.ident(person, team)
        offering = seat["offering_name"] if self.maybe(0.4) else self.name()
        day, feature = self.day(-366, 2), self.rng.choice(FEATURES)
        if name == "lrt":
            moment = datetime.combine(day, datetime.min.time()) + timedelta(
                minutes=self.rng.choice((0, 1, 600, 605, 606, 1439))
            )
            return {
                "event_at": moment.isoformat() + "Z",
                "product": offering,
                "user_email": email,
                "user_hash": hashed,
                "event_id": f"ev{self.rng.randint(1, 400)}" if self.maybe(0.5) else "",
                "received_at": (moment + timedelta(hours=self.rng.choice((0, 1, 48, 49, 90)))).isoformat() + "Z"
                if self.maybe(0.7)
                else "",
                "device_id": f"d{self.rng.randint(1, 9)}" if self.maybe(0.6) else "",
                "host_name": f"host{self.rng.randint(1, 5)}" if self.maybe(0.6) else "",
                "version": self.rng.choice(("2023", "2024.2", "2025", "2026", "R14", "", "2027.0.1")),
                "feature": feature,
                "licence_claim": self.rng.choice(
                    ("named_user", "flex", "network", "perpetual", "trial", "education", "unknown", "")
                ),
                "duration_minutes": self.rng.choice(("", "5", "6", "30", "600")),
                "country": self.rng.choice(("DE", "DE", "FR", "US", "")),
                "source": self.rng.choice(("cloud", "desktop", "field", "")),
                "team_alias": team if self.maybe(0.6) else "",
            }
        row: Row = {
            "day_used": day,
            "offering_name": offering,
            "team_alias": team,
            "version": self.rng.choice(("2024", "2025", "")),
            "email": email,
        }
        if name == "usage":
            row |= {
                "product_name": self.name() if self.maybe(0.5) else "",
                "hashed_autodesk_id": hashed,
                "access_option": self.rng.choice(("", "Flex")),
            }
        else:
            row |= {"feature": feature if self.maybe(0.4) else ""}
        if name == "token_usage":
            row |= {"tokens_used": self.rng.choice(("0", "5", "10", "7", "7.5", "2.5", "3.3333", "15", "100", "0.005"))}
        return row

    def _subscription(self, number: int) -> Row:
        end = self.day(-60, 181)
        return {
            "contract_number": self.rng.choice(("C1", "C2", "C3", "")),
            "subscription_id": f"S{number}",
            "offering_name": self.settled(),
            "seat_quantity": self.rng.choice((0, 1, 2, 3, 5, 12, 40)),
            "start_date": self.rng.choice((end - timedelta(days=365), self.day(-90, 31))),
            "end_date": end,
            "autorenew_date": end if self.maybe(0.3) else "",
            "subscription_status": self.rng.choice(
                ("Active",) * 6 + ("", "Expired", "Suspended", "CANCELED", "Renewed")
            ),
            "team_alias": self.rng.choice(TEAMS),
        }

    def _pack(self, number: int) -> Row:
        start = self.day(-180, 61)
        return {
            "pack_id": f"pk{number}",
            "team_alias": self.rng.choice(TEAMS),
            "contract_number": self.rng.choice(("C1", "C2", "")),
            "tokens": self.rng.choice((20, 50, 100, 100, 333.33, 1000)),
            "start_date": start,
            "end_date": start + timedelta(days=self.rng.choice((0, 30, 90, 120, 200, 364))),
            "amount": 300,
            "currency": "EUR",
        }

    # ---- one drop -------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """The reference folder and every drop."""
        for name, rows in reference_tables(self.rng, self.months, self.persons).items():
            self.save(self.landing / "reference" / f"{name}.csv", rows)
        for place, as_of in enumerate(self.months):
            if 0 < place < len(self.months) - 1 and self.maybe(0.12):
                continue  # a month without a drop
            folder = self.landing / as_of.strftime("%Y-%m")
            silent = set(
                self.rng.choice(
                    (
                        [],
                        [],
                        [],
                        [],
                        [],
                        [],
                        ["usage_report", "users"],
                        ["usage_report", *self.events],
                        ["subscriptions"],
                    )
                )
            )
            for name, writer in WRITERS.items():
                if name not in silent and self.maybe(self.present[name]):
                    self.save_input(folder, name, writer(self, as_of))
            if self.maybe(0.85):
                estate_network.write(self.rng, folder / "nlm", self.network, as_of)
            if self.maybe(0.3):
                own = reference_tables(self.rng, self.months, self.persons)
                for name in self.rng.sample(sorted(own), 2):
                    self.save(folder / "ref" / f"{name}.csv", own[name])

    def save_input(self, folder: Path, name: str, rows: list[Row]) -> None:
        """One or two files, sometimes overlapping with restated values, sometimes with a bad row."""
        rows = [dict(r) for r in rows]
        if len(rows) > 30 and self.maybe(0.15):
            bad = self.rng.choice(rows)
            for column in ("start_date", "assigned_date", "day_used", "event_at", "leave_date", "balance_date"):
                if column in bad:
                    bad[column] = "2026-02-31"
        if len(rows) > 2 and self.maybe(0.5):
            cut, again = self.rng.randint(1, len(rows) - 1), self.rng.randint(0, len(rows) - 1)
            parts = [rows[:cut], rows[min(cut, again) :]]
            for row in parts[1]:
                for column, values in RESTATED.items():
                    if column in row and self.maybe(0.15):
                        row[column] = self.rng.choice(values)
        else:
            parts = [rows]
        for place, part in enumerate(parts):
            path = folder / f"{name}{place}" / f"{name} export.csv"
            self.save(path, self.respelled(name, part))
            if part and self.maybe(0.5):
                stamp = f"2026-01-{self.rng.randint(1, 3):02d}T10:00:00Z"
                (path.parent / "_manifest.yml").write_text(f"exported_at: {stamp}\n")

    def respelled(self, name: str, rows: list[Row]) -> list[Row]:
        """The header generation with `Product` and `Team`, now and then."""
        if name not in {"usage_report", "subscriptions", "seat_usage", "token_usage"} or self.maybe(0.6):
            return rows
        new = {"team_alias": "Team"} if name == "subscriptions" else {"team_alias": "Team", "offering_name": "Product"}
        return [{new.get(k, k): v for k, v in r.items()} for r in rows]

    @staticmethod
    def save(path: Path, rows: list[Row]) -> None:
        """A CSV file; nothing without rows."""
        if not rows:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def some(self, rows: list[Any], share: float) -> list[Any]:
        """A random part of some rows, at least one."""
        return [r for r in rows if self.maybe(share)] or rows[:1]


RESTATED: dict[str, tuple[Any, ...]] = {
    "tokens_used": ("20", "0"),
    "seat_quantity": (7, 0),
    "seat_assignment": ("assigned", "unassigned"),
    "account_enabled": ("true", "false"),
    "leave_date": ("", "2026-03-31", "2026-10-31"),
    "status": ("Active", "terminated"),
    "tokens": (60, 1),
    "sso_enabled": ("true", "false"),
    "tokens_available": (50,),
    "mail": ("", "p1@corp.example"),
    "subscription_status": ("Active", "expired"),
    "last_accessed": ("", "2026-03-30"),
    "licence_claim": ("trial", "perpetual"),
    "duration_minutes": ("", "61"),
}

REPORT_COLUMNS = (
    *(
        "hashed_autodesk_id",
        "first_name",
        "last_name",
        "email",
        "autodesk_id",
        "team_alias",
        "group",
        "offering_name",
        "version",
    ),
    *(
        "seat_assignment",
        "assigned_date",
        "unassigned_date",
        "user_activity",
        "days_inactive",
        "access_option",
        "days_used",
    ),
    *("monthly_average", "tokens_used", "last_accessed"),
)


def usage_report(estate: Estate, as_of: date) -> list[Row]:
    """Seats that are still there; dates after the export are left empty."""
    rows = []
    for seat in estate.some(estate.seats, 0.85):
        row = {c: seat.get(c, "") for c in REPORT_COLUMNS}
        if row["seat_assignment"] == "unassigned" and row["unassigned_date"] == "" and estate.maybe(0.5):
            row["unassigned_date"] = as_of - timedelta(days=estate.rng.randint(0, 5))
        rows.append(row)
    return rows


def users(estate: Estate, as_of: date) -> list[Row]:
    """Members with roles and offerings."""
    rows = []
    roles = (
        "",
        "",
        "Member",
        "Primary admin",
        "Secondary Admin",
        "SSO administrator",
        "Contract Manager",
        "Non-admin",
        "not an administrator",
        "Badminton",
    )
    for person in estate.persons:
        for _ in range(estate.rng.randint(0, 3)):
            rows.append(
                {
                    "email": estate.who(person),
                    "first_name": "",
                    "last_name": "",
                    "role": roles[(person.number * 7 + estate.rng.randint(0, 1)) % len(roles)],
                    "account_status": estate.rng.choice(("active", "active", "Pending", "invited", "")),
                    "offering_name": estate.name() if estate.maybe(0.7) else "",
                    "product_name": estate.name() if estate.maybe(0.2) else "",
                    "team_alias": estate.rng.choice(TEAMS),
                }
            )
    return rows + estate.some(rows, 0.1)


def events(name: str) -> Any:
    """Writer of an event input: an export of about four months up to the as-of date, overlapping with the one
    before.
    """

    def write(estate: Estate, as_of: date) -> list[Row]:
        first = as_of - timedelta(days=400 if as_of == estate.months[0] else 70)
        rows = []
        for row in estate.events[name]:
            day = row["day_used"] if "day_used" in row else date.fromisoformat(row["event_at"][:10])
            if first <= day <= as_of + timedelta(days=estate.rng.choice((0, 1, 2))) and estate.maybe(0.85):
                rows.append(row)
        return rows + estate.some(rows, 0.05)

    return write


def groups(estate: Estate, as_of: date) -> list[Row]:
    """Portal groups, the same persons every month, more or less."""
    return [
        {
            "group": f"G{(p.number + i) % 5}",
            "email": estate.who(p),
            "group_type": "",
            "role": "",
            "team_alias": TEAMS[(p.number + i) % 3],
        }
        for p in estate.persons
        for i in range(3)
        if estate.maybe(0.8)
    ]


WRITERS: dict[str, Any] = {
    "usage_report": usage_report,
    "users": users,
    "subscriptions": lambda e, d: e.some(e.subscriptions, 0.9),
    "usage": events("usage"),
    "seat_usage": events("seat_usage"),
    "token_usage": events("token_usage"),
    "lrt": events("lrt"),
    "groups": groups,
    "hr_workers": hr_workers,
    "directory_users": directory_users,
    "contractors": contractors,
    "sso_config": sso_config,
    "flex_packs": lambda e, d: e.some(e.packs, 0.95),
    "flex_balance": flex_balance,
    "sam_usage": sam_usage,
    "perpetual_licences": perpetual_licences,
    "device_inventory": device_inventory,
    "invoices": invoices,
}


def main() -> None:
    """Write an estate."""
    Estate(Path(sys.argv[1]), int(sys.argv[2])).write()


if __name__ == "__main__":
    main()
