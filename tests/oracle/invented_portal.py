"""The exports of the portal of an invented estate, state and events."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

from tests.oracle.invented_writer import NAMES, OFFERINGS, TEAMS, Writer


class PortalFiles(Writer):
    """Seats, users, groups and use of a month."""

    def shown(self, person: str) -> str:
        """An address as the portal shows it: sometimes the alias."""
        return f"old.{person}" if person in self.persons[::9] and self.chance(0.5) else person

    def portal(self, month: str, as_of: date) -> None:
        """usage_report, users, groups, sso_config, product names as they are spelt."""
        report: list[tuple[Any, ...]] = []
        users: list[tuple[Any, ...]] = []
        for (team, offering, person), s in self.spells.items():
            if s["start"] and s["start"] > as_of + timedelta(3):
                continue
            ended = s["end"] is not None and s["end"] <= as_of
            last = (
                None
                if self.chance(0.3)
                else as_of - timedelta(self.some(-4, 0, 3, 20, 60, 89, 90, 91, 92, 93, 150, 400))
            )
            email: str | None = self.shown(person)
            if team == self.hiding and self.chance(0.3):
                email = "*****"
            if not self.chance(0.06):
                state = "unassigned" if ended else "assigned"
                stop = s["end"] if ended and not self.chance(0.2) else None
                for version in self.r.sample(["2024", "2025", "2026"], self.some(1, 1, 2)):
                    report.append(
                        (
                            self.hash[person],
                            email,
                            team,
                            self.name(offering),
                            version,
                            state,
                            s["start"],
                            stop,
                            s["option"],
                            last,
                        )
                    )
            if s["users"] and not ended:
                status = self.some("Verified", "Verified", "Verified", "Pending")
                users.append(
                    (self.shown(person), f"u{self.hash[person]}", self.role(person), status, self.name(offering), team)
                )
        for person in self.r.sample(self.persons, 8):
            users.append(
                (person, f"u{self.hash[person]}", self.role(person), "Verified", None, self.r.choice(TEAMS[:3]))
            )
        self.put(
            f"{month}/report.csv",
            "hashed_autodesk_id email team_alias offering_name version "
            "seat_assignment assigned_date unassigned_date access_option last_accessed",
            report,
        )
        self.users(month, users)
        groups = []
        for team, group, n in (("North", "G1", 14), ("North", "G2", 9), ("South", "G1", 12), ("East", "Other", 24)):
            size = n if self.chance(0.6) else self.some(2, n // 3, n + 11)
            groups += [(group, self.shown(p), team) for p in self.r.sample(self.persons, min(size, len(self.persons)))]
        self.put(f"{month}/groups.csv", "group email team_alias", groups)
        sso = [
            (
                team,
                domain,
                "yes",
                self.some("yes", "yes", "no"),
                self.some("yes", "yes", "no"),
                self.some(None, "Docs; Maya"),
                f"{as_of - timedelta(self.some(0, 1, 2, 3))}T12:00:00Z",
                self.some(0, 0, 3),
            )
            for team in ("North", "South")
            for domain in ("corp.example", "bought.example")
        ]
        self.put(
            f"{month}/sso.csv",
            "team_alias domain domain_verified sso_enabled "
            "directory_sync_enabled default_assignment_offerings last_sync_at sync_errors",
            sso,
        )

    def users(self, month: str, rows: list[tuple[Any, ...]]) -> None:
        """users, of which some rows say how the seat was assigned, and from which subscription."""
        chance = random.Random(f"pins{month}{self.seed}")
        offering_of = {name: key for key, names in NAMES.items() for name in names}
        said = []
        for row in rows:
            way = pin = None
            if row[4]:
                way = chance.choice([None, None, None, "DIRECT", "GROUP", "TEAM"])
                pin = (
                    f"{row[5]}-{offering_of.get(row[4])}-{chance.choice([0, 0, 1])}" if chance.random() < 0.5 else None
                )
            said.append((*row, way, pin))
        header = "email autodesk_id role account_status offering_name team_alias assignment_type pinned_subscription_id"
        self.put(f"{month}/users.csv", header, said)

    def access(self, month: str) -> None:
        """product_access: about what is bought and held, a spelling of its own for some, one offering in two rows."""
        chance = random.Random(f"access{month}{self.seed}")
        rows: list[tuple[Any, ...]] = []
        for team in TEAMS[:3]:
            for offering in OFFERINGS:
                held = sum((t, o) == (team, offering) for t, o, _ in self.spells)
                for name in chance.choice([[], NAMES[offering][:1], NAMES[offering][-1:], NAMES[offering]]):
                    shown = max(0, held - chance.choice([0, 0, 1]))
                    rows.append((team, name, held + chance.choice([-1, 0, 1, 2]) if held else 0, shown))
        rows.append(("", "Unheard of", 1, 0))
        self.put(f"{month}/access.csv", "team_alias offering_name seats_total seats_assigned", rows)

    def hubs(self, month: str, as_of: date) -> None:
        """hub_members: two hubs of teams and one of none, projects, products, administrators, invitations."""
        chance = random.Random(f"hubs{month}{self.seed}")
        rows: list[tuple[Any, ...]] = []
        people = [*self.persons, *(f"guest{i}@free.example" for i in range(4)), "gone@corp.example"]
        for hub, team, share in (("Harbour", "North", 0.5), ("Quarry", "South", 0.2), ("Loose", None, 0.2)):
            for person in people:
                if chance.random() > share:
                    continue
                who = f"old.{person}" if person in self.persons[::9] and chance.random() < 0.5 else person
                status = chance.choice(["Active", "Active", "Active", "Pending", "deleted", None, None])
                invited = as_of - timedelta(chance.choice([0, 29, 30, 31, 32, 200]))
                invited_at = f"{invited}T23:30:00Z" if chance.random() < 0.8 else None
                rows.append((hub, who, team, None, None, chance.choice(["yes", "no", None]), status, invited_at))
                for project in chance.sample(["Bridge", "Tower", "Dock"], chance.choice([0, 1, 2])):
                    is_admin = chance.choice(["yes", "no", "no", None])
                    product = chance.choice([None, "Docs", "Docs", "Site Modeler", "Revit", "Unheard of"])
                    rows.append((hub, who, team, project, None, is_admin, "Active", None))
                    if product:
                        rows.append((hub, who, team, project, product, None, None, None))
        header = "hub email team_alias project product administrator status invited_at"
        self.put(f"{month}/hubs.csv", header, rows)

    def role(self, person: str) -> str:
        """What somebody may do, the same every month but for a few."""
        roles = {0: "Primary admin", 1: "Secondary admin", 2: "Contract manager", 3: "Non-administrator"}
        return roles.get(int(self.hash[person][1:]) % 11, "User") if not self.chance(0.04) else "SSO admin"

    def events(self, month: str, first: date, as_of: date) -> None:
        """usage, seat_usage, token_usage, lrt: with late rows, overlaps, products, features, hashes and use
        without a seat.
        """
        days = [first - timedelta(40) + timedelta(i) for i in range((as_of - first).days + 41)]
        usage, seat, tokens, lrt = [], [], [], []
        pairs = [(t, o, p) for (t, o, p) in self.spells]
        for team, offering, person in [
            *pairs,
            *[(self.some(*TEAMS), self.some(*OFFERINGS), self.some(*self.persons)) for _ in range(14)],
        ]:
            if person in self.idle:
                continue
            busy = self.r.choice([0, 0, 1, 4, 12])
            for day in self.r.sample(days, busy):
                chance = random.Random(f"{team}{offering}{person}{day}")
                product = chance.choice([None, None, "AutoCAD", "Revit", "Maya", "Site Modeler"])
                email = self.shown(person) if chance.random() < 0.9 else None
                usage.append((day, self.r.choice(NAMES[offering]), product, "2025", team, self.hash[person], email))
                if chance.random() < 0.1:
                    seat.append((day, self.r.choice(NAMES[offering]), email, team))
            for day in self.r.sample(days, self.r.choice([0, 0, 0, 1, 8])):
                chance = random.Random(f"tok{team}{offering}{person}{day}")
                amount = chance.choice([0, 5, 7, 10, 14, 20, 33.5])
                feature = chance.choice([None, None, None, "Cloud Render", "Dream"])
                tokens.append(
                    (
                        day,
                        self.r.choice(NAMES[offering]),
                        amount,
                        self.shown(person) if chance.random() < 0.95 else None,
                        team,
                        feature,
                    )
                )
            for day in self.r.sample(days, self.r.choice([0, 0, 2, 6])):
                chance = random.Random(f"lrt{team}{offering}{person}{day}")
                for n in range(chance.choice([1, 1, 2])):
                    who: dict[str, Any] = (
                        {"user_email": person} if chance.random() < 0.85 else {"user_hash": self.hash[person]}
                    )
                    begun = f"{day}T{chance.randint(6, 9):02d}:{chance.randint(0, 59):02d}:00Z"
                    received = day + timedelta(chance.choice([0, 1, 2, 3]))
                    lrt.append(
                        {
                            **who,
                            "event_id": f"{day}{person}{offering}{team}{n}",
                            "event_at": begun,
                            "received_at": f"{received}T{chance.randint(10, 23):02d}:00:00Z",
                            "product": chance.choice([*NAMES[offering], "Docs"]),
                            "device_id": chance.choice(["d1", "d2", "d3", f"d-{person}", None]),
                            "version": chance.choice(["2021.1", "2024", "2026", "2027", "R5", None]),
                            "feature": chance.choice([None, None, "Dream", "Cloud Render"]),
                            "licence_claim": chance.choice(
                                ["named_user"] * 6 + ["perpetual", "network", "trial", "education", "flex"]
                            ),
                            "duration_minutes": chance.choice([None, 5, 60, 240]),
                            "country": chance.choice(["DE", "DE", "FR", "US", None]),
                            "source": chance.choice(["cloud", "desktop", None]),
                            "team_alias": chance.choice([team or None, None, "North"]),
                        }
                    )
        self.put(
            f"{month}/usage.csv",
            "day_used offering_name product_name version team_alias hashed_autodesk_id email",
            usage,
        )
        self.put(
            f"{month}/seat.csv",
            "day_used product email team version feature",
            [(d, o, e, t, None, None) for d, o, e, t in seat],
        )
        self.put(f"{month}/tokens.csv", "day_used product tokens_used email team feature", tokens)
        (self.landing / month / "lrt.ndjson").write_text("".join(json.dumps(e) + "\n" for e in lrt))
        sam = [
            (p, self.name(o), as_of - timedelta(self.some(1, 30, 360, 370))) for (_, o, p) in self.r.sample(pairs, 25)
        ]
        self.put(f"{month}/sam.csv", "email offering_name last_used", sam)
