"""An invented estate in which everything that the rules tell apart occurs at once: small, drawn by chance, with
nothing planted.

`python -m tests.oracle.invented FOLDER SEED` writes its landing zone. All names are made up.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MONTHS = ("2026-06", "2026-07", "2026-08", "2026-09")
END = date(2026, 9, 30)
OFFERINGS = ("autocad", "revit", "civil_3d", "maya", "aec", "me", "docs", "vault", "site")
NAMES = {
    "autocad": ["AutoCAD", "AutoCAD - Commercial"],
    "revit": ["Revit"],
    "civil_3d": ["Civil 3D"],
    "maya": ["Maya"],
    "aec": ["AEC Collection"],
    "me": ["ME Collection"],
    "docs": ["Docs"],
    "vault": ["Vault"],
    "site": ["Site Modeler"],
}
TEAMS = ("North", "South", "East", "")
DOMAINS = ("corp.example", "corp.example", "corp.example", "bought.example", "partner.example", "free.example")


def last_day(month: str) -> date:
    """The last day of a month."""
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(1)


class Writer:
    """Writes the landing zone of one seed."""

    def __init__(self, landing: Path, seed: int) -> None:
        self.landing, self.seed, self.r = landing, seed, random.Random(seed)
        self.persons = [self._address(i) for i in range(46)]
        self.hash = {p: f"h{i:03d}" for i, p in enumerate(self.persons)}
        self.hiding = self.r.choice([None, "South"])
        self.idle = {p for p in self.persons if self.chance(0.35)}
        self.spells: dict[tuple[str, str, str], dict[str, Any]] = {}
        for person in self.persons:
            for _ in range(self.r.choice([0, 1, 1, 2, 2, 3])):
                self._spell(person)

    def _address(self, i: int) -> str:
        local = self.r.choice(["p", "p", "p", "p", "p", "p", "cad", "pc-"])
        return f"{local}{i:02d}@{self.r.choice(DOMAINS)}"

    def _spell(self, person: str) -> None:
        key = (self.r.choice(TEAMS[:3]), self.r.choice(OFFERINGS), person)
        start = None if self.chance(0.15) else self.day(700, 5)
        end = self.day(120, -20) if self.chance(0.2) else None
        option = "Flex" if self.chance(0.08) else "Subscription"
        self.spells[key] = {"start": start, "end": end, "option": option, "users": self.chance(0.7)}

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.r.random() < share

    def day(self, back: int, last: int = 0) -> date:
        """A day between `back` and `last` days before the end."""
        return END - timedelta(self.r.randint(min(last, back), max(last, back)))

    def some(self, *values: Any) -> Any:
        """One of these."""
        return self.r.choice(values)

    def name(self, offering: str) -> str:
        """One of the spellings of an offering, rarely one that nobody knows."""
        return "Mystery Tool" if self.chance(0.006) else self.r.choice(NAMES[offering])

    def put(self, path: str, header: str, rows: Iterable[Iterable[Any]]) -> None:
        """Write a CSV file below the landing zone."""
        target = self.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(header.split())
            out.writerows([["" if cell is None else cell for cell in row] for row in rows])

    # ---- reference

    def reference(self) -> None:
        """The company's own tables."""
        put, r = self.put, self.r
        put(
            "reference/settings.csv",
            "key value",
            [("use_defaults", "false"), ("currency", "EUR"), ("organisation", "Invented")],
        )
        aliases = [
            (name.lower().replace(" - ", "_").replace(" ", "_"), key) for key, names in NAMES.items() for name in names
        ]
        put("reference/product_aliases.csv", "alias offering_key valid_from", [(*a, "2020-01-01") for a in aliases])
        kinds = {"aec": "collection", "me": "collection", "docs": "cloud"}
        metric = {"vault": "perpetual"}
        known = [o for o in OFFERINGS if o != "site"]
        rows = [(o, NAMES[o][0], kinds.get(o, "product"), metric.get(o, "named_user")) for o in known]
        put("reference/offerings.csv", "offering_key name kind licence_metric", rows)
        members = [("aec", m, "2020-01-01", None) for m in ("autocad", "revit", "civil_3d")]
        members += [("me", "maya", "2020-01-01", None), ("me", "autocad", "2020-01-01", self.some(None, "2026-08-15"))]
        put("reference/collection_members.csv", "collection_key member_key valid_from valid_to", members)
        if self.chance(0.7):
            put(
                "reference/collection_coverage.csv",
                "collection_key complete valid_from",
                [("aec", "yes", self.some("2020-01-01", "2026-07-10"))],
            )
        if self.chance(0.7):
            put(
                "reference/collection_exclusions.csv",
                "collection_key offering_key valid_from",
                [("me", self.some("revit", "site"), "2020-01-01")],
            )
        prices = []
        for o in OFFERINGS:
            base = r.randint(300, 3400)
            currency = self.some("EUR", "EUR", "EUR", "JPY", "USD")
            base *= 163 if currency == "JPY" else 1
            if self.chance(0.9):
                prices.append((o, "list", None, base * 1.1 // 1, currency, "2020-01-01"))
            if self.chance(0.6):
                prices.append((o, "contract", None, base + 0.005, currency, "2020-01-01"))
            if self.chance(0.4):
                currency = self.some("EUR", currency)
                prices.append(
                    (
                        o,
                        "contract",
                        self.some("C1", "C2"),
                        base - 10.3333,
                        currency,
                        self.some("2020-01-01", "2026-09-01"),
                    )
                )
        put("reference/prices.csv", "offering_key basis contract_number amount currency valid_from", prices)
        parameters = [
            ("LRT-10", "days", 3),
            ("LRT-04", "devices:autocad", 2),
            ("USE-01", "days:revit", 60),
            ("USE-02", "days", self.some(30, 45)),
            ("IDN-06", "min_members", 3),
            ("FLX-09", "min_persons", 3),
            ("ENT-02", "min_stock:maya", 2),
        ]
        put("reference/rule_parameters.csv", "rule_id parameter value", parameters)
        tokens: list[tuple[Any, ...]] = [(None, self.some(3, 2.75), "EUR", "2020-01-01")]
        tokens += [("C1", self.some(2.5, 4), self.some("EUR", "USD"), "2020-01-01")] if self.chance(0.5) else []
        put("reference/token_prices.csv", "contract_number amount currency valid_from", tokens)
        rates = [("USD", "0.9137", "2026-01-01")] + ([("JPY", "0.0061", "2026-01-01")] if self.chance(0.7) else [])
        put("reference/exchange_rates.csv", "currency per_unit valid_from", rates)
        flex = [(o, r.randint(2, 12), "2020-01-01") for o in OFFERINGS if self.chance(0.85)]
        flex += [(flex[0][0], flex[0][1] + 1, "2026-08-10")]
        put("reference/flex_rates.csv", "offering_key tokens_per_day valid_from", flex)
        put(
            "reference/version_support.csv",
            "offering_key oldest_eligible newest_covered valid_from",
            [
                ("autocad", 2023, 2026, "2020-01-01"),
                ("autocad", 2024, 2026, "2026-08-01"),
                ("revit", 2022, None, "2020-01-01"),
            ],
        )
        put(
            "reference/feature_requirements.csv",
            "feature required_offering_key kind valid_from",
            [
                ("cloud_render", "maya", "cloud", "2020-01-01"),
                ("dream", self.some("revit", "docs"), "ai", "2020-01-01"),
            ],
        )
        contracts = [
            (c, "subscription", f"2024-{m:02d}-11", e, e, measure, territory)
            for (c, m, e, measure, territory) in (
                ("C1", 7, "2027-01-15", "high_water", "DE;AT"),
                ("C2", 2, "2026-12-20", self.some("snapshot", "rolling_mean"), None),
                ("C3", 9, "2027-06-30", "unknown", "FR"),
            )
        ]
        put(
            "reference/contracts.csv",
            "contract_number kind start_date end_date renewal_date true_up_measure territory",
            contracts,
        )
        put("reference/person_aliases.csv", "alias_email email", [(f"old.{p}", p) for p in self.persons[::9]])
        put(
            "reference/sso_domains.csv",
            "domain kind",
            [
                ("corp.example", "corporate"),
                ("bought.example", "acquired"),
                ("partner.example", "partner"),
            ],
        )
        put(
            "reference/group_rules.csv",
            "team_alias group offering_key intended valid_from",
            [
                ("North", "G1", "autocad", "department in ('BIM', 'Roads') and not legal_entity = 'Two'", "2020-01-01"),
                ("North", "G2", "autocad", None, "2020-01-01"),
                ("North", "G2", "aec", "department <> 'Roads' or country like 'D%'", "2020-01-01"),
                ("South", "G1", "maya", "department = 'BIM'", self.some("2020-01-01", "2026-09-05")),
            ],
        )
        approved: list[tuple[Any, ...]] = [
            (p, self.some("Primary admin", "Secondary admin"), self.some("North", "South", None), "2020-01-01")
            for p in r.sample(self.persons, 6)
        ]
        put("reference/approved_admins.csv", "email role team_alias valid_from", approved)

    # ---- one drop

    def drop(self, month: str) -> None:
        """The files of a month."""
        as_of, first = last_day(month), date.fromisoformat(f"{month}-01")
        self.portal(month, as_of)
        self.events(month, first, as_of)
        self.people(month, as_of)
        self.money(month, as_of)
        self.things(month, first, as_of)

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
        self.put(f"{month}/users.csv", "email autodesk_id role account_status offering_name team_alias", users)
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

    def people(self, month: str, as_of: date) -> None:
        """directory_users, hr_workers, contractors: matched by every grade, re-hired, left, on leave, off."""
        directory: list[tuple[Any, ...]] = []
        workers: list[tuple[Any, ...]] = []
        contractors: list[tuple[Any, ...]] = []
        for i, person in enumerate(self.persons):
            fixed = random.Random(f"{person}{self.seed}")
            local = person.split("@", maxsplit=1)[0]
            grade = fixed.choice(["mail", "mail", "mail", "upn", "other", "id", "none"])
            leave = END - timedelta(fixed.randint(-30, 130)) if fixed.random() < 0.25 else None
            state = fixed.choice(["Active", "Active", "Active", "Active", "On leave", "Terminated"])
            seen = leave if leave and leave <= as_of + timedelta(20) else None
            if grade != "none":
                directory.append(
                    (
                        f"id-{i}",
                        person if grade == "upn" else f"{local}@tenant.example",
                        person if grade == "mail" else None,
                        f"smtp:{person}" if grade == "other" else None,
                        f"E{i}" if fixed.random() < 0.7 or grade == "id" else None,
                        "false" if (fixed.random() < 0.1 or (seen and fixed.random() < 0.5)) else "true",
                        f"{as_of - timedelta(fixed.choice([1, 100, 178, 182, 400]))}T00:00:00Z"
                        if fixed.random() < 0.6
                        else None,
                        f"{seen}T08:00:00Z" if seen and fixed.random() < 0.3 else None,
                    )
                )
                if fixed.random() < 0.1:
                    directory.append((f"id-{i}b", person, person, None, None, "false", None, None))
            how = fixed.choice(["mail", "mail", "mail", "upn", "id", "none"])
            if how != "none":
                entity, department = fixed.choice(["One", "Two", None]), fixed.choice(["BIM", "Roads", "Design", None])
                hired = date(2021, 1, 4)
                worker = (f"E{i}", person if how == "mail" else None, person if how == "upn" else None)
                rest = (department, entity, fixed.choice(["DE", "FR"]))
                workers.append(
                    (*worker, state, hired, seen if state != "Terminated" or fixed.random() < 0.7 else None, *rest)
                )
                if fixed.random() < 0.12:
                    workers.append((f"E{i}-old", person, None, "Terminated", "2018-01-01", "2020-06-30", *rest))
            if person.endswith(("partner.example", "free.example")) and fixed.random() < 0.7:
                stop = END - timedelta(fixed.randint(-60, 100)) if fixed.random() < 0.6 else None
                contractors.append((person, "Firm", "2020-01-01", stop, fixed.choice(["own", "company", None])))
                if fixed.random() < 0.2:
                    contractors.append((person, "Firm", "2020-01-01", "2026-12-31", "company"))
        self.put(
            f"{month}/directory.csv",
            "user_id user_principal_name mail other_addresses employee_id account_enabled last_sign_in_at leave_at",
            directory,
        )
        self.put(
            f"{month}/workers.csv",
            "employee_id email user_principal_name status hire_date leave_date department legal_entity country",
            workers,
        )
        self.put(f"{month}/contractors.csv", "email company start_date end_date device_policy", contractors)

    def money(self, month: str, as_of: date) -> None:
        """subscriptions, invoices, contract_lines, flex_packs, flex_balance."""
        fixed = random.Random(f"money{self.seed}")
        subscriptions, contract_lines, invoices = [], [], []
        for team in TEAMS[:3]:
            for offering in OFFERINGS:
                held = sum(t == team and o == offering for t, o, _ in self.spells)
                for n in range(0 if offering == "vault" and self.seed % 2 else fixed.choice([0, 1, 1, 2])):
                    contract = fixed.choice(["C1", "C2", "C3", None])
                    ends = as_of + timedelta(fixed.choice([-200, -40, -10, -1, 0, 1, 30, 59, 60, 75, 150, 400, 800]))
                    seats = max(0, held // 2 + fixed.choice([-1, 0, 0, 1, 2, 6]))
                    status = fixed.choice(["Active", "Active", "Active", "Active", "Expired", "Suspended", "Future"])
                    renew = ends - timedelta(5) if fixed.random() < 0.2 else None
                    number = f"{team}-{offering}-{n}"
                    subscriptions.append(
                        (contract, number, NAMES[offering][0], seats, "2025-01-01", ends, renew, status, team)
                    )
                    if fixed.random() < 0.5:
                        with_contract = contract if fixed.random() < 0.7 else None
                        start = fixed.choice([None, "2025-01-01", as_of + timedelta(3)])
                        invoices.append(
                            (
                                f"I-{number}",
                                fixed.choice(["2025-01-10", "2026-03-01"]),
                                with_contract,
                                number,
                                NAMES[offering][0],
                                seats + fixed.choice([0, 0, 1]),
                                100 + fixed.choice([0, 0, 0.3, 1]),
                                "EUR",
                                start,
                                None,
                            )
                        )
        for contract in ("C1", "C2", "C3"):
            for offering in OFFERINGS:
                if fixed.random() < 0.4:
                    contract_lines.append((contract, offering, fixed.randint(1, 9), fixed.choice([100, None]), "EUR"))
        self.put(
            f"{month}/subscriptions.csv",
            "contract_number subscription_id offering_name seat_quantity "
            "start_date end_date autorenew_date subscription_status team_alias",
            subscriptions,
        )
        self.put(
            f"{month}/invoices.csv",
            "invoice_number invoice_date contract_number subscription_id "
            "offering_name quantity unit_price currency period_start period_end",
            invoices,
        )
        self.put(
            f"{month}/contract_lines.csv", "contract_number offering_key quantity unit_price currency", contract_lines
        )
        packs = [
            ("P1", "North", "C1", 900, "2026-02-01", "2026-10-20"),
            ("P2", "North", "C2", 500, "2026-08-01", "2027-06-30"),
            ("P3", "South", None, 300, as_of - timedelta(self.some(10, 60, 95)), "2026-12-20"),
            ("P4", "East", None, self.some(40, 2000), "2026-05-01", self.some(as_of, as_of + timedelta(70))),
            ("P5", "East", None, 4000, as_of + timedelta(5), "2027-12-20"),
        ]
        self.put(f"{month}/packs.csv", "pack_id team_alias contract_number tokens start_date end_date", packs)
        balance = [
            (t, as_of - timedelta(self.some(0, 7, -3)), self.some(0, 40, 300, 700)) for t in ("North", "South", "East")
        ]
        self.put(f"{month}/balance.csv", "team_alias balance_date tokens_available", balance)

    def things(self, month: str, first: date, as_of: date) -> None:
        """device_inventory and perpetual_licences."""
        devices = []
        for i in range(16):
            devices.append(
                (
                    f"d{i}",
                    self.some("Vault", "Vault", "Vault", "AutoCAD", "Site Modeler", "Nobody Knows"),
                    self.some("2018", "2020", None, "R7"),
                    self.some(None, *self.persons[:3]),
                    self.some(None, f"{first}T00:00:00Z", f"{as_of - timedelta(400)}T00:00:00Z"),
                    self.some("commercial", "commercial", "commercial", "trial", "education"),
                )
            )
        self.put(
            f"{month}/devices.csv",
            "device_id product_display_name version user_email last_seen_at licence_class",
            devices,
        )
        perpetual = [
            ("S1", "Vault", "2019", self.some(1, 3), "standalone"),
            ("S2", "Vault", "2021", 1, "network"),
            ("S3", "AutoCAD", "2025", 2, self.some("standalone", "network")),
        ]
        self.put(f"{month}/perpetual.csv", "serial_number offering_name version seats licence_kind", perpetual)


def write(landing: Path, seed: int) -> None:
    """Write the landing zone of one seed."""
    writer = Writer(landing, seed)
    writer.reference()
    for month in MONTHS:
        writer.drop(month)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
