"""The files of one drop: what the portal, the directory, HR and the company would hand in for a month. Writes rows, decides nothing.

Header generations and kinds of file change from month to month, as they do in life.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.demo.world import MEMBERS, NAMES, OFFERINGS, TEAMS, TOKEN_PRICE, Person, World, previous_months, use_days
from pipelines.partitions import as_of, shift

Row = Sequence[Any]


def text_of(header: Sequence[str], rows: Sequence[Row], separator: str = ",") -> str:
    """A delimited text with CRLF line ends, as a portal writes it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([["" if v is None else v for v in row] for row in rows])
    return buffer.getvalue()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _workbook(path: Path, header: Sequence[str], rows: Sequence[Row], created: date) -> None:
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(created.year, created.month, created.day)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        filters = book.add_worksheet("Filter")
        filters.write_row(0, 0, ["Filters", "Value"])
        filters.write_row(1, 0, ["Range", "last 3 months"])
        sheet = book.add_worksheet("Nutzer")
        sheet.write_row(0, 0, header)
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(r, c, datetime(value.year, value.month, value.day), day)
                elif value is not None:
                    sheet.write(r, c, value)


def _members(world: World, month: str) -> list[Person]:
    return [p for p in world.people if p.in_portal and p.joined <= month]


def write_drop(world: World, month: str, folder: Path) -> None:
    """Every file of a month's drop."""
    place = world.months.index(month)
    _usage_report(world, month, folder, place)
    _users(world, month, folder, place)
    _subscriptions(world, month, folder, place)
    _usage(world, month, folder, place)
    _groups_and_sso(world, month, folder)
    _flex(world, month, folder)
    _telemetry(world, month, folder)
    _outside(world, month, folder, place)
    if place == len(world.months) - 1:
        _junk(world, month, folder)


def _usage_report(world: World, month: str, folder: Path, place: int) -> None:
    end = as_of(month)
    rows = []
    for p in _members(world, month):
        days = use_days(p, shift(month, -11), month)
        for s in p.seats:
            if s.assigned > end or p.status == "Invited":
                continue
            rows.append(
                [f"{p.number:040x}", p.first_name, p.last_name, p.email, f"u{p.number}", s.team, "", NAMES[s.offering], "2026", "assigned",
                 f"{s.assigned}T08:00:00Z", "", "active" if days else "inactive", "", "Subscription", len(days), round(len(days) / 12, 1), "", days[-1] if days else ""]
            )  # fmt: skip
    header = [
        "hashed_autodesk_id",
        "first_name",
        "last_name",
        "email",
        "autodesk_id",
        "team_alias",
        "group",
        "offering_name",
        "version",
        "seat_assignment",
        "assigned_date",
        "unassigned_date",
        "user_activity",
        "days_inactive",
        "access_option",
        "days_used",
        "monthly_average",
        "tokens_used",
        "last_accessed",
    ]
    if place % 3 == 1:
        header = [
            {"team_alias": "Team", "offering_name": "Product"}.get(h, h.replace("_", " ").capitalize()) for h in header
        ]
        _put(folder / "portal" / "Usage report (3).csv", text_of(header, rows, ";").encode("utf-8-sig"))
    elif place % 3 == 2:
        _workbook(folder / "portal" / "Nutzungsbericht.xlsx", header, rows, end)
    else:
        _put(folder / "portal" / "usage_report.csv", text_of(header, rows).encode())


def _users(world: World, month: str, folder: Path, place: int) -> None:
    rows: list[Row] = []
    for p in _members(world, month):
        team = p.seats[0].team if p.seats else TEAMS[0]
        offerings = [(s.team, NAMES[s.offering]) for s in p.seats if s.assigned <= as_of(month)] or [(team, "")]
        rows += [
            [p.email, p.first_name, p.last_name, f"u{p.number}", p.role, p.status, name, "", t] for t, name in offerings
        ]
    header = [
        "email",
        "first_name",
        "last_name",
        "autodesk_id",
        "role",
        "account_status",
        "offering_name",
        "product_name",
        "team_alias",
    ]
    if place % 2:
        header = [
            "Email",
            "First name",
            "Last name",
            "Autodesk ID",
            "Role",
            "Account status",
            "Product",
            "Feature",
            "Team",
        ]
        _put(folder / "portal" / "users.csv", text_of(header, rows, "\t").encode("utf-16"))
    else:
        _put(folder / "portal" / "users export.csv.gz", gzip.compress(text_of(header, rows).encode(), mtime=0))


def _subscriptions(world: World, month: str, folder: Path, place: int) -> None:
    end = as_of(month)
    count: dict[tuple[str, str], int] = {}
    for p in _members(world, month):
        for s in p.seats:
            if s.assigned <= end:
                count[s.team, s.offering] = count.get((s.team, s.offering), 0) + 1
    rows: list[Row] = []
    for (team, offering), seats in sorted(count.items()):
        contract = f"1100000000{TEAMS.index(team) + 1}"
        # The planted pairs: over-assigned maya, overstocked civil_3d, a part of revit that ends.
        quantity = (
            seats - 2
            if (team, offering) == (TEAMS[0], "maya")
            else seats + 12
            if (team, offering) == (TEAMS[1], "civil_3d")
            else seats + 1
        )
        if (team, offering) in {(TEAMS[1], "revit"), (TEAMS[0], "revit")}:
            quantity -= 5
            renews = "2026-12-31" if team == TEAMS[0] else ""
            rows.append(
                [
                    contract,
                    "",
                    NAMES[offering],
                    5,
                    "2026-01-01",
                    "2026-12-31",
                    renews,
                    "Annual",
                    "Active",
                    "Baltic Reseller",
                    "",
                    team,
                ]
            )
        ends = "2026-03-31" if (team, offering) == (TEAMS[3], "maya") else "2027-12-31"
        rows.append(
            [
                contract,
                "",
                NAMES[offering],
                quantity,
                "2025-01-01",
                ends,
                "",
                "3-Year",
                "Active",
                "Baltic Reseller",
                "",
                team,
            ]
        )
    header = [
        "contract_number",
        "subscription_id",
        "offering_name",
        "seat_quantity",
        "start_date",
        "end_date",
        "autorenew_date",
        "term",
        "subscription_status",
        "reseller_name",
        "reseller_email",
        "team_alias",
    ]
    if place % 2:
        _workbook(folder / "portal" / "subscriptions.xlsx", header, rows, end)
    else:
        _put(folder / "portal" / "subscriptions.csv", text_of(header, rows).encode())


def _usage(world: World, month: str, folder: Path, place: int) -> None:
    first, last = previous_months(month, 6 if place == 0 else 3)
    rows = []
    for p in _members(world, month):
        seat = p.seats[0] if p.seats else None
        if seat is None or not p.uses:
            continue
        product = NAMES[p.uses] if p.uses != seat.offering else ""
        rows += [
            ["Subscription", d, f"{p.number:040x}", NAMES[seat.offering], product, seat.team, "2026", p.email]
            for d in use_days(p, first, last)
        ]
    text = text_of(
        [
            "access_option",
            "day_used",
            "hashed_autodesk_id",
            "offering_name",
            "product_name",
            "team_alias",
            "version",
            "email",
        ],
        rows,
    )
    if place % 2:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("export/usage.csv"), text)
        _put(folder / "portal" / "usage.zip", buffer.getvalue())
    else:
        _put(folder / "portal" / "usage.csv", text.encode())


def _groups_and_sso(world: World, month: str, folder: Path) -> None:
    rows = [
        ["BIM Harbour", p.email, "Synced", "", TEAMS[0]]
        for p in _members(world, month)
        if p.seats and p.seats[0].team == TEAMS[0] and p.number % 7 == 0
    ]
    rows += [
        ["Roads", p.email, "Local", "", TEAMS[1]]
        for p in _members(world, month)
        if p.seats and p.seats[0].team == TEAMS[1] and p.department == "Roads"
    ]
    _put(
        folder / "portal" / "groups.csv",
        text_of(["Group", "Email", "Group type", "Role", "Team"], rows).encode("cp1252"),
    )
    sso = [
        [
            t,
            "nordbau.example",
            "yes",
            "yes",
            "no" if t == TEAMS[3] else "yes",
            "no",
            "Maya" if t == TEAMS[1] else "",
            f"{as_of(month)}T20:00:00Z",
            0,
        ]
        for t in TEAMS
    ]
    header = [
        "team_alias",
        "domain",
        "domain_verified",
        "sso_enabled",
        "directory_sync_enabled",
        "jit_enabled",
        "default_assignment_offerings",
        "last_sync_at",
        "sync_errors",
    ]
    _put(folder / "portal" / "sso.csv", text_of(header, sso).encode())


def _flex(world: World, month: str, folder: Path) -> None:
    first, last = ("2026-01", month) if month == world.months[0] else previous_months(month, 3)
    users = [p for p in world.people if p.department.startswith("FLEX")]
    rows: list[Row] = []
    used: dict[date, int] = {}
    for place, p in enumerate(users):
        shadow = Person(
            p.number,
            p.email,
            "",
            "",
            uses="navisworks_manage",
            days=(2, 4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27) if place == 0 else (6, 20),
        )
        for d in use_days(shadow, first, last):
            rows.append([d, p.email, p.first_name, p.last_name, "Navisworks Manage", TEAMS[0], "", "2026", 8])
            used[d] = used.get(d, 0) + 8
    odd = as_of(month).replace(day=16)
    rows.append([odd, users[1].email, "", "", "AutoCAD", TEAMS[0], "", "2026", 9])
    holder = next(p for p in world.people if p.seats and p.seats[0].team == TEAMS[0] and p.seats[0].offering == "revit")
    rows.append([odd, holder.email, "", "", "Revit", TEAMS[0], "", "2026", 10])
    header = ["Day used", "Email", "First name", "Last name", "Product", "Team", "Feature", "Version", "Tokens used"]
    _put(folder / "portal" / "Token usage.csv", text_of(header, rows).encode())
    packs = [
        ["FP-1", TEAMS[0], 1900, "2026-01-01", "2026-12-15", 5700, "EUR"],
        ["FP-2", TEAMS[0], 500, "2026-07-01", "2027-06-30", 1500, "EUR"],
        ["FP-3", TEAMS[1], 900, "2026-05-01", "2026-12-31", 2700, "EUR"],
    ]
    _put(
        folder / "portal" / "flex packs.csv",
        text_of(["pack_id", "team_alias", "tokens", "start_date", "end_date", "amount", "currency"], packs).encode(),
    )
    _put(
        folder / "portal" / "balance.csv",
        text_of(
            ["team_alias", "balance_date", "tokens_available"],
            [[TEAMS[1], as_of(month), 900], [TEAMS[0], as_of(month), 1]],
        ).encode(),
    )


def _telemetry(world: World, month: str, folder: Path) -> None:
    """Desktop and cloud events of the month; the field office's of the month before."""
    rows: list[Row] = []

    def event(p: Person, d: date, team: str, product: str, **more: str) -> None:
        rows.append(
            [
                f"e-{p.number}-{d}-{len(rows)}-{month}",
                f"{d}T09:00:00Z",
                f"{d + timedelta(days=1)}T09:00:00Z",
                p.email,
                more.get("device", f"ws-{p.number}"),
                product,
                more.get("version", "2026"),
                more.get("feature", "open"),
                "named_user",
                60,
                "DE",
                "desktop",
                team,
            ]
        )

    for p in _members(world, month):
        if p.number % 4 or not p.seats or not p.uses:
            continue
        seen = shift(month, -1) if p.seats[0].team == TEAMS[2] else month
        for d in use_days(p, seen, seen)[::4]:
            event(p, d, p.seats[0].team, NAMES[p.uses])
    day = as_of(month).replace(day=18)
    for p in world.people:
        if p.email.startswith("seen"):
            event(p, day, TEAMS[0], "Revit")
        elif p.department == "LRT-01":
            event(p, day, TEAMS[0], "AutoCAD", version="2028")
        elif p.department == "LRT-02":
            event(p, day, TEAMS[0], "AutoCAD", version="2021")
        elif p.department == "LRT-03":
            event(p, day, TEAMS[0], "AutoCAD", feature="Generative Design")
        elif p.department == "LRT-04":
            for number in range(4):
                event(p, day, TEAMS[0], "AutoCAD", device=f"box-{number}")
    header = [
        "event_id",
        "event_at",
        "received_at",
        "user_email",
        "device_id",
        "product",
        "version",
        "feature",
        "licence_claim",
        "duration_minutes",
        "country",
        "source",
        "team_alias",
    ]
    _put(
        folder / "telemetry" / "lrt.ndjson",
        "".join(json.dumps(dict(zip(header, map(str, r), strict=True))) + "\n" for r in rows).encode(),
    )


def _outside(world: World, month: str, folder: Path, place: int) -> None:
    end = as_of(month)
    entra = [
        [
            p.email,
            p.first_name,
            p.last_name,
            p.email,
            f"id-{p.number}",
            "Member",
            str(p.enabled),
            p.department,
            p.entity,
        ]
        for p in world.people
        if p.in_directory and p.joined <= month
    ]
    header = [
        "userPrincipalName",
        "givenName",
        "surname",
        "mail",
        "objectId" if place % 2 else "id",
        "userType",
        "accountEnabled",
        "department",
        "companyName",
    ]
    _put(folder / "it" / "exportUsers.csv", text_of(header, entra).encode("utf-8-sig"))
    hr = []
    for p in world.people:
        if p.in_hr and p.joined <= month:
            left = p.leave_date is not None and p.leave_date <= end
            status = "Terminated" if left else "On Leave" if p.on_leave else "Active"
            leave = f"{p.leave_date:%d.%m.%Y}" if p.leave_date else ""
            hr.append(
                [
                    f"E{p.number:05d}",
                    p.first_name,
                    p.last_name,
                    p.email,
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
    header = [
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
    _put(folder / "hr" / "workers.csv", text_of(header, hr, ";").encode("cp1252"))
    _put(folder / "hr" / "_manifest.yml", b"date_order: dmy\n")
    contractors = [
        [p.email, "Planwerk GbR", "", "2025-01-01", p.contractor_end, "", p.policy]
        for p in world.people
        if p.is_contractor
    ]
    _put(
        folder / "hr" / "contractors.csv",
        text_of(
            ["email", "company", "sponsor_email", "start_date", "end_date", "offerings", "device_policy"], contractors
        ).encode(),
    )
    sam = [
        [p.email, NAMES[p.uses], use_days(p, month, month)[-1], 40]
        for p in world.people
        if p.uses and not p.number % 4 and p.seats and use_days(p, month, month)
    ]
    _put(
        folder / "it" / "sam tool.csv", text_of(["email", "offering_name", "last_used", "days_used_12m"], sam).encode()
    )
    invoices = [
        [f"R-{i}", "2026-01-10", "11000000001", "", name, 40, price, "EUR", "2026-01-01", "2026-12-31"]
        for i, (name, _, price, _) in enumerate(OFFERINGS)
    ]
    _put(
        folder / "finance" / "invoices.csv",
        text_of(
            [
                "invoice_number",
                "invoice_date",
                "contract_number",
                "subscription_id",
                "offering_name",
                "quantity",
                "unit_price",
                "currency",
                "period_start",
                "period_end",
            ],
            invoices,
        ).encode(),
    )


def _junk(world: World, month: str, folder: Path) -> None:
    """What lies about in every shared folder, a few bad rows, and a product nobody knows."""
    _put(folder / "portal" / "notes.txt", b"call the reseller about the renewal\n")
    _put(folder / "portal" / ".DS_Store", b"\x00\x00\x00\x01Bud1")
    _put(folder / "portal" / "empty.csv", b"")
    _put(folder / "portal" / "broken.xlsx", b"PK\x03\x04 this is no workbook")
    _put(folder / "copy of groups.csv", (folder / "portal" / "groups.csv").read_bytes())
    access = [[TEAMS[0], "Mystery Tool Pro", 5, 3, 2], [TEAMS[0], "AutoCAD", 80, 79, 1]]
    access += [[t, name, 10, 9, 1] for t in TEAMS for name, *_ in OFFERINGS]
    access += [[TEAMS[0], "Maya", "many", 3, 2]]
    _put(
        folder / "portal" / "product access.csv",
        text_of(["team_alias", "offering_name", "seats_total", "seats_assigned", "seats_available"], access).encode(),
    )
    world.plant("ENT-12", "violation", "a name without an alias", "", "unmapped:mystery_tool_pro")


def write_reference(world: World, folder: Path) -> None:
    """The tables the company owns."""
    since = "2020-01-01"
    tables: dict[str, tuple[Sequence[str], Sequence[Row]]] = {
        "settings": (["key", "value"], [["organisation", "Nordbau AG"], ["currency", "EUR"], ["use_defaults", "false"]]),
        "product_aliases": (["alias", "offering_key", "valid_from"], [[n, k, since] for n, k, _, _ in OFFERINGS]),
        "offerings": (["offering_key", "name", "kind", "licence_metric"], [[k, n, "product" if r else "collection", "named_user"] for n, k, _, r in OFFERINGS]),
        "collection_members": (["collection_key", "member_key", "valid_from"], [[c, m, since] for c, m in MEMBERS]),
        "prices": (["offering_key", "basis", "contract_number", "valid_from", "amount", "currency"], [[k, "contract", "", since, p, "EUR"] for _, k, p, _ in OFFERINGS] + [[k, "list", "", since, p + 200, "EUR"] for _, k, p, _ in OFFERINGS]),
        "token_prices": (["contract_number", "valid_from", "amount", "currency"], [["", since, TOKEN_PRICE, "EUR"]]),
        "flex_rates": (["offering_key", "valid_from", "tokens_per_day"], [[k, since, r] for _, k, _, r in OFFERINGS if r]),
        "version_support": (["offering_key", "valid_from", "oldest_eligible", "newest_covered", "end_of_support"], [["autocad", since, 2023, 2027, 2020]]),
        "feature_requirements": (["feature", "valid_from", "required_offering_key", "kind"], [["Generative Design", since, "navisworks_manage", "ai"]]),
        "contracts": (["contract_number", "kind", "start_date", "end_date", "renewal_date", "true_up_measure"], [["11000000001", "subscription", "2025-01-01", "2027-01-15", "2027-01-15", "high_water"], ["11000000002", "subscription", "2025-01-01", "2027-02-14", "2027-02-14", "snapshot"]]),
        "contract_lines": (["contract_number", "offering_key", "quantity", "unit_price", "currency"], [["11000000001", k, 40, p, "EUR"] for _, k, p, _ in OFFERINGS]),
        "group_rules": (["team_alias", "group", "offering_key", "valid_from", "intended"], [[TEAMS[0], "BIM Harbour", "autocad", since, "department in ('BIM', 'Design')"], [TEAMS[1], "Roads", "maya", since, "department = 'Roads'"]]),
        "approved_admins": (["email", "role", "team_alias", "valid_from", "approved_by"], [[p.email, p.role, p.seats[0].team if p.seats else "", since, "head of IT"] for p in world.people if p.role != "User" and p.department == "ADMIN"]),
        "sso_domains": (["domain", "kind"], [["nordbau.example", "corporate"], ["atelier-fels.example", "acquired"], ["planwerk.example", "partner"]]),
    }  # fmt: skip
    for name, (header, rows) in tables.items():
        _put(folder / f"{name}.csv", text_of(header, rows).encode())
