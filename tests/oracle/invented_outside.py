"""What the portal does not show of an invented estate: people, money, devices."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.oracle.invented_writer import END, NAMES, OFFERINGS, TEAMS, Writer


class OutsideFiles(Writer):
    """Directory, HR, contractors, subscriptions, invoices, packs, inventory of a month."""

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
