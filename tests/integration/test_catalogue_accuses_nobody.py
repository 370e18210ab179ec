"""One estate made of the shipped catalogue: whoever holds a collection (or a product that brings others with it) and
uses something on its list, under any shipped spelling, is accused by no rule. Each pair of collection and member
occurs, and each spelling of a collection and of a member.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Reviewed, selfaudit
from tests.unit.test_shipped_catalogue import ALIASES, MEMBERS, OFFERINGS

DOMAIN = "nordbau.example"
ACCUSING = ("LRT-03", "LRT-07", "CON-03", "FLX-06", "USE-04", "ENT-12")
STRANGER = f"stranger@{DOMAIN}"


def cases() -> list[tuple[str, str, str, str]]:
    """(address, spelling of what is held, spelling of the member, key of the member)."""
    spelled: dict[str, list[str]] = {}
    for row in ALIASES:
        spelled.setdefault(row["offering_key"], []).append(row["alias"].replace("_", " "))
    holders: dict[str, list[str]] = {}
    for row in MEMBERS:
        holders.setdefault(row["member_key"], []).append(row["collection_key"])
    held = {key: itertools.cycle(names) for key, names in spelled.items()}
    found = []
    for member, collections in sorted(holders.items()):
        names = spelled[member]
        for place in range(max(len(names), len(collections))):
            collection = collections[place % len(collections)]
            address = f"p{len(found)}@{DOMAIN}"
            found.append((address, next(held[collection]), names[place % len(names)], member))
    return found


def text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write(data: Path, people: list[tuple[str, str, str, str]]) -> None:
    drop, reference = data / "landing" / "2026-10", data / "landing" / "reference"
    drop.mkdir(parents=True)
    reference.mkdir()
    report = (
        "hashed_autodesk_id,first_name,last_name,email,autodesk_id,team_alias,group,offering_name,version,"
        "seat_assignment,assigned_date,unassigned_date,user_activity,days_inactive,access_option,days_used,"
        "monthly_average,tokens_used,last_accessed"
    )
    seats = [
        [
            n,
            "",
            "",
            a,
            "",
            "T",
            "",
            held,
            "",
            "assigned",
            "2025-01-01",
            "",
            "",
            "",
            "Subscription",
            "",
            "",
            "",
            "2026-10-20",
        ]
        for n, (a, held, _, _) in enumerate(people)
    ]
    strange = (STRANGER, "", "Revit", "revit")
    files = {
        drop / "report.csv": text(report.split(","), seats),
        drop / "usage.csv": text(
            ["day_used", "offering_name", "product_name", "team_alias", "email"],
            [["2026-10-20", held, used, "T", a] for a, held, used, _ in people],
        ),
        drop / "lrt.csv": text(
            ["event_id", "event_at", "product", "user_email", "feature", "licence_claim", "team_alias"],
            [
                [n, "2026-10-20T09:00:00Z", used, a, f"needs {key}", "named_user", "T"]
                for n, (a, _, used, key) in enumerate([*people, strange])
            ],
        ),
        # Tokens of a feature: tokens of a product that is held are a question to the vendor (FLX-06) and right to be
        # asked.
        drop / "tokens.csv": text(
            ["Day used", "Product", "Email", "Team", "Feature", "Tokens used"],
            [
                [day, used, a, "T", "render", 900]
                for a, _, used, _ in [*people, strange]
                for day in ("2026-07-01", "2026-10-21")
            ],
        ),
        drop / "contractors.csv": text(
            ["email", "company", "end_date"], [[a, "Planwerk", "2027-12-31"] for a, *_ in [*people, strange]]
        ),
        reference / "settings.csv": "key,value\norganisation,Nordbau AG\ncurrency,EUR\n",
        reference / "sso_domains.csv": f"domain,kind\n{DOMAIN},corporate\n",
        reference / "token_prices.csv": "contract_number,amount,currency\n,3,EUR\n",
        reference / "prices.csv": text(
            ["offering_key", "basis", "contract_number", "amount", "currency"],
            [[k, "list", "", 100, "EUR"] for k in OFFERINGS],
        ),
        reference / "feature_requirements.csv": text(
            ["feature", "required_offering_key", "kind"], [[f"needs {k}", k, "add_on"] for k in OFFERINGS]
        ),
    }
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    data = tmp_path_factory.mktemp("catalogue") / "data"
    write(data, cases())
    return selfaudit(data, "run")


def test_a_holder_who_uses_what_is_on_the_list_is_accused_by_no_rule_and_somebody_without_a_seat_is(reviewed: Reviewed):
    assert reviewed.exit_code in {0, 3}, reviewed.output
    with duckdb.connect(str(reviewed.published), read_only=True) as published:
        runs = dict(published.execute("select rule_id, assessability from calendar.rule_runs").fetchall())
        assert {runs[rule] for rule in ACCUSING} <= {"assessed", "partly"}
        accused = published.execute(
            "select rule_id, offering_key, person_key from calendar.findings where list_contains(?, rule_id) order by "
            "all",
            [list(ACCUSING)],
        ).fetchall()
        assert accused == [(rule, "revit", STRANGER) for rule in ("CON-03", "LRT-03", "LRT-07", "USE-04")]
        held = {row["collection_key"] for row in MEMBERS}
        counted = published.execute(
            "select offering_key, auditor_count from calendar.auditor_count where auditor_count > 0 and not "
            "list_contains(?, offering_key)",
            [sorted(held)],
        ).fetchall()
        assert counted == []
        (outsiders,) = published.execute(
            "select sum(a.auditor_count - p.assigned) from calendar.auditor_count as a join calendar.licence_position "
            "as p using (review_month, team_alias, offering_key)"
        ).fetchone()
        assert outsiders == 1


def test_a_member_that_left_the_collection_is_asked_about(reviewed: Reviewed):
    with duckdb.connect(str(reviewed.published), read_only=True) as published:
        asked = set(
            published.execute("select offering_key, scope from calendar.findings where rule_id = 'ENT-14'").fetchall()
        )
    assert ("dynamo_studio", "aec_collection") in asked
    assert ("revit", "aec_collection") not in asked
