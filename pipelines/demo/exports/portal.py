"""What an administrator downloads from the portal: usage report, users, subscriptions, use by day, groups, single
sign-on.
"""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.demo.days import month_days, product_on, use_days
from pipelines.demo.estate import FIRM, NAMES, RIVER, TEAMS
from pipelines.demo.exports.files import Row, put, put_workbook, put_zip, text_of
from pipelines.demo.plants.access import access_rows
from pipelines.demo.plants.entitlement import subscription_id
from pipelines.demo.plants.groups import DEFAULT_OFFERING, sync_of
from pipelines.demo.records import Person
from pipelines.demo.terms import seats_of
from pipelines.demo.world import HISTORY, World
from pipelines.partitions import as_of

REPORT_HEADER = [
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
ACCESS_HEADER = ["team_alias", "offering_name", "seats_total", "seats_assigned", "seats_available"]
USERS_HEADER = [
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
USERS_HEADER_2 = [
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
SUBSCRIPTION_HEADER = [
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
USAGE_HEADER = [
    "access_option",
    "day_used",
    "hashed_autodesk_id",
    "offering_name",
    "product_name",
    "team_alias",
    "version",
    "email",
]
SSO_HEADER = [
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


def write(world: World, month: str, folder: Path) -> None:
    """The portal's files of a month."""
    place = world.months.index(month)
    _usage_report(world, month, folder / "portal", place)
    _users(world, month, folder / "portal", place)
    _subscriptions(world, month, folder / "portal", place)
    _usage(world, month, folder / "portal", place)
    _groups(world, month, folder / "portal")
    _single_sign_on(world, month, folder / "portal")
    access = text_of(ACCESS_HEADER, access_rows(world, month))
    put(folder / "portal" / "product access.csv", access.encode())


def _shown(world: World) -> list[Person]:
    return [p for p in world.people if p.in_portal]


def _usage_report(world: World, month: str, folder: Path, place: int) -> None:
    """Seats of the month, also those taken back in it. In turn: a comma file, a semicolon file with other headers, a
    workbook.
    """
    first, end = month_days(month)
    rows: list[Row] = []
    for p in _shown(world):
        if p.status != "Verified":
            continue
        days = use_days(p, month_days(month, 11)[0], end)
        for s in p.seats:
            over = s.ended is not None and first <= s.ended <= end
            if s.assigned > end or not (over or s.held(end)):
                continue
            ended = f"{s.ended}T08:00:00Z" if over else ""
            rows.append(
                [
                    f"{p.number:040x}",
                    p.first_name,
                    p.last_name,
                    p.email,
                    f"u{p.number}",
                    s.team,
                    "",
                    NAMES[s.offering],
                    "2026",
                    "unassigned" if over else "assigned",
                    f"{s.assigned}T08:00:00Z",
                    ended,
                    "active" if days else "inactive",
                    "",
                    "Subscription",
                    len(days),
                    round(len(days) / 12, 1),
                    "",
                    days[-1] if days else "",
                ]
            )
        if p.on_flex:
            rows.append(
                [
                    f"{p.number:040x}",
                    p.first_name,
                    p.last_name,
                    p.email,
                    f"u{p.number}",
                    p.home,
                    "",
                    NAMES[p.on_flex],
                    "2026",
                    "assigned",
                    "",
                    "",
                    "active",
                    "",
                    "Flex tokens",
                    "",
                    "",
                    "",
                    "",
                ]
            )
    if place % 3 == 1:
        other = {"team_alias": "Team", "offering_name": "Product"}
        header = [other.get(h, h.replace("_", " ").capitalize()) for h in REPORT_HEADER]
        put(folder / "Usage report (3).csv", text_of(header, rows, ";").encode("utf-8-sig"))
    elif place % 3 == 2:
        put_workbook(folder / "Nutzungsbericht.xlsx", REPORT_HEADER, rows, end)
    else:
        put(folder / "usage_report.csv", text_of(REPORT_HEADER, rows).encode())


def _users(world: World, month: str, folder: Path, place: int) -> None:
    """People and the offerings they hold; in turn UTF-16 with tabs and a gzipped comma file."""
    rows: list[Row] = []
    for p in _shown(world):
        held = [(s.team, NAMES[s.offering]) for s in p.seats if s.held(as_of(month))] or [(p.home, "")]
        who = [p.email, p.first_name, p.last_name, f"u{p.number}", p.role_in(month), p.status]
        rows += [[*who, name, "", team] for team, name in held]
    if place % 2:
        put(folder / "users.csv", text_of(USERS_HEADER_2, rows, "\t").encode("utf-16"))
    else:
        put(folder / "users export.csv.gz", gzip.compress(text_of(USERS_HEADER, rows).encode(), mtime=0))


def _subscriptions(world: World, month: str, folder: Path, place: int) -> None:
    rows: list[Row] = []
    for line in sorted(world.lines, key=lambda x: (x.team, x.offering, x.end)):
        number = line.subscription or subscription_id(line.contract, line.offering)
        years = max(1, round((line.end - line.start) / timedelta(days=365)))
        term = "Annual" if years == 1 else f"{years}-Year"
        seats = seats_of(world, line, month)
        rows.append(
            [
                line.contract,
                number,
                NAMES[line.offering],
                seats,
                line.start,
                line.end,
                line.autorenew or "",
                term,
                line.status,
                "Baltic Reseller",
                "",
                line.team,
            ]
        )
    if place % 2:
        put_workbook(folder / "subscriptions.xlsx", SUBSCRIPTION_HEADER, rows, as_of(month))
    else:
        put(folder / "subscriptions.csv", text_of(SUBSCRIPTION_HEADER, rows).encode())


def _usage(world: World, month: str, folder: Path, place: int) -> None:
    """Use by day of the last two months (the first drop looks back further); in turn plain and in an archive."""
    first, last = month_days(month, HISTORY if place == 0 else 1)
    rows: list[Row] = []
    for p in _shown(world):
        if not p.seats:
            continue
        seat = p.seats[0]
        for day in use_days(p, first, last):
            used = product_on(p, day)
            product = NAMES[used] if used != seat.offering else ""
            rows.append(
                ["Subscription", day, f"{p.number:040x}", NAMES[seat.offering], product, seat.team, "2026", p.email]
            )
    if place % 2:
        put_zip(folder / "usage.zip", "export/usage.csv", text_of(USAGE_HEADER, rows))
    else:
        put(folder / "usage.csv", text_of(USAGE_HEADER, rows).encode())


def _groups(world: World, month: str, folder: Path) -> None:
    rows = [[g.name, p.email, g.kind, "", g.team] for g in world.groups for p in g.people(month)]
    put(folder / "groups.csv", text_of(["Group", "Email", "Group type", "Role", "Team"], rows).encode("cp1252"))


def _single_sign_on(world: World, month: str, folder: Path) -> None:
    rows: list[list[Any]] = []
    for team in TEAMS:
        on, hours, errors = sync_of(world, team, month)
        midnight = datetime.combine(as_of(month) + timedelta(days=1), datetime.min.time())
        synced = f"{midnight - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
        default = NAMES[DEFAULT_OFFERING] if team == RIVER else ""
        rows.append([team, FIRM, "yes", "yes", "yes" if on else "no", "no", default, synced, errors])
    put(folder / "sso.csv", text_of(SSO_HEADER, rows).encode())
