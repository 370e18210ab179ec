"""What was published of a month stays as it was when later drops arrive that tell more of its seats, people and dates:
two runs, every output compared.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from tests.conftest import selfaudit

REPORT = (
    "email",
    "team_alias",
    "offering_name",
    "seat_assignment",
    "assigned_date",
    "unassigned_date",
    "access_option",
    "last_accessed",
)
# How a month stands to those after it, and the clock of the reviews: they are meant to change.
MEANT_TO_CHANGE = {"state", "publication_version"}
OF_NO_MONTH = {"publications", "review_calendar", "file_register", "rejected_rows"}


def table(folder: Path, name: str, header: str | tuple[str, ...], *rows: str) -> None:
    path = folder / "landing" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = header.split(",") if isinstance(header, str) else header
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([list(columns), *(r.split(",") for r in rows)])


def people(folder: Path, month: str, *rows: str) -> None:
    table(
        folder,
        f"{month}/hr.csv",
        "employee_id,email,first_name,last_name,status,hire_date,leave_date,department,legal_entity",
        *rows,
    )


def estate(folder: Path) -> None:
    table(folder, "reference/product_aliases.csv", "alias,offering_key", "AutoCAD,acad")
    table(folder, "reference/settings.csv", "key,value", "organisation,Case AG", "currency,EUR", "use_defaults,false")
    table(folder, "reference/sso_domains.csv", "domain,kind", "corp.example,corporate")
    table(folder, "reference/prices.csv", "offering_key,basis,amount,currency", "acad,list,365,EUR")
    table(
        folder, "reference/group_rules.csv", "team_alias,group,offering_key,intended", "T1,SG,acad,department = 'BIM'"
    )
    for month in ("2026-08", "2026-09"):
        table(
            folder,
            f"{month}/groups.csv",
            "Group,Email,Team",
            "SG,ann@corp.example,T1",
            "SG,bob@corp.example,T1",
            "SG,cy@corp.example,T1",
        )
        table(
            folder,
            f"{month}/subs.csv",
            "contract_number,offering_name,seat_quantity,start_date,end_date,team_alias",
            "C-1,AutoCAD,3,2026-01-01,2026-12-31,T1",
        )
    table(
        folder,
        "2026-08/users.csv",
        "email,first_name,last_name,role,account_status,offering_name,team_alias",
        "ann@corp.example,A,A,User,Active,AutoCAD,T1",
        "bob@corp.example,B,B,User,Active,AutoCAD,T1",
        "cy@corp.example,C,C,SSO admin,Active,AutoCAD,T1",
    )
    people(
        folder,
        "2026-08",
        "E1,ann@corp.example,A,A,terminated,2020-01-01,2026-08-10,BIM,X",
        "E2,bob@corp.example,B,B,active,2020-01-01,,BIM,X",
        "E3,cy@corp.example,C,C,active,2020-01-01,,HR,X",
    )


def september(folder: Path) -> None:
    # Tells of August: when bob's seat was assigned, that ann's was taken back in August already, that cy had left.
    table(
        folder,
        "2026-09/report.csv",
        REPORT,
        "ann@corp.example,T1,AutoCAD,unassigned,2026-02-01,2026-08-20,Subscription,",
        "bob@corp.example,T1,AutoCAD,assigned,2026-08-16,,Subscription,2026-08-30",
        "cy@corp.example,T1,AutoCAD,assigned,2026-09-02,,Subscription,2026-10-02",
    )
    people(
        folder,
        "2026-09",
        "E1,ann@corp.example,A,A,terminated,2020-01-01,2026-08-05,BIM,X",
        "E2,bob@corp.example,B,B,active,2020-01-01,,BIM,Y",
        "E3,cy@corp.example,C,C,terminated,2020-01-01,2026-08-30,HR,X",
    )


def august(folder: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(folder / "published" / "selfaudit.duckdb"), read_only=True) as con:
        tables = con.execute(
            "select table_schema, table_name, list(column_name order by column_name) from information_schema.columns "
            "where table_schema in ('calendar', 'marts') group by all order by all"
        ).fetchall()
        found = {}
        for schema, name, columns in tables:
            if name not in OF_NO_MONTH:
                kept = ", ".join(f'"{c}"' for c in columns if c not in MEANT_TO_CHANGE)
                rows = con.execute(f"select {kept} from {schema}.{name} where review_month = '2026-08'").fetchall()
                found[name] = sorted(map(repr, rows))
        return found


@pytest.mark.thorough
def test_a_later_drop_changes_no_row_of_an_earlier_month(tmp_path: Path):
    estate(tmp_path)
    (tmp_path / "landing" / "2026-09").rename(tmp_path / "september")
    first = selfaudit(tmp_path, "run")
    assert first.exit_code in (0, 3), first.output
    before = august(tmp_path)
    assert before["assignment_history"] and before["ghost_ledger"] and before["findings"]

    (tmp_path / "september").rename(tmp_path / "landing" / "2026-09")
    september(tmp_path)
    second = selfaudit(tmp_path, "run")
    assert second.exit_code in (0, 3), second.output
    after = august(tmp_path)
    assert {name for name in before if before[name] != after[name]} == set()

    with duckdb.connect(str(tmp_path / "published" / "selfaudit.duckdb"), read_only=True) as con:
        spells = con.execute(
            "select review_month, split_part(person_key, '@', 1), from_not_before::varchar, from_not_after::varchar, "
            "to_not_before::varchar, to_not_after::varchar "
            "from calendar.assignment_history order by all"
        ).fetchall()
    assert spells == [
        ("2026-08", "ann", None, "2026-08-31", None, None),
        ("2026-08", "bob", None, "2026-08-31", None, None),
        ("2026-08", "cy", None, "2026-08-31", None, None),
        ("2026-09", "ann", "2026-02-01", "2026-02-01", "2026-08-20", "2026-08-20"),
        ("2026-09", "bob", "2026-08-16", "2026-08-16", None, None),
        ("2026-09", "cy", "2026-09-02", "2026-09-02", None, None),
    ]
