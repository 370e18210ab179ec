"""What a cell says by the value tables: any spelling of a value that is known, and what becomes of one that is not."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import INPUTS, Kind, Type
from pipelines.contracts.values import UNKNOWN
from tests.unit.ingest.judged import TABLES, connection, good_cell, judge
from tests.unit.ingest.landing import Landing

SAMPLES = Path(__file__).parent / "values.csv"
# ISO 4217.
CURRENCIES = re.findall(
    "...",
    "AEDARSAUDBGNBRLCADCHFCLPCNYCOPCZKDKKEGPEURGBPHKDHUFIDRILSINRISKJPYKRWKWDMADMXNMYRNOKNZDPENPHPPLNQARRONRUBSARSEKSGD"
    "THBTRYTWDUAHUSDVNDZAR",
)
BLANKS = ["", " ", "\u00a0", "\u202f", "\u2009", " \u00a0 "]
con = connection()


def sample_rows() -> list[dict[str, str]]:
    with SAMPLES.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def of_value(input_name: str, column: str, texts: list[str], company=None):
    contract = INPUTS[input_name]
    names = [c.name for c in contract.columns]
    rows = [[t if c.name == column else good_cell(c) for c in contract.columns] for t in texts]
    return judge(con, input_name, names, rows, company=company)


@settings(max_examples=15, deadline=None)
@given(case=st.sampled_from([str, str.upper, str.title]), before=st.sampled_from(BLANKS), after=st.sampled_from(BLANKS))
def test_every_text_of_the_published_value_tables_has_its_value_in_any_case_and_with_blanks_around(case, before, after):
    by_column: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in sample_rows():
        by_column.setdefault((row["input"], row["column"]), []).append(row)
    for (input_name, column), rows in by_column.items():
        texts = [before + case(r["text"]) + after for r in rows]
        found = of_value(input_name, column, texts)
        said = [str(r[column]).lower() if isinstance(r[column], bool) else r[column] for r in found.rows]
        assert dict(zip(texts, said, strict=True)) == {t: r["value"] for t, r in zip(texts, rows, strict=True)}
        assert not found.unknown


CLOSED = [(c, k) for c in TABLES for k in c.columns if k.values or k.type is Type.BOOLEAN]


@settings(max_examples=5, deadline=None)
@given(text=st.text("qwxzjkQWXZ é?πж名", min_size=5, max_size=20).map(str.strip).filter(lambda t: len(t) > 4))
def test_a_text_that_no_table_knows_is_unknown_and_listed(text):
    for contract, column in CLOSED:
        found = of_value(contract.name, column.name, [text, text, good_cell(column)])
        note = found.unknown[column.name, text]
        assert (note.rows, note.first_row) == (2, 1)
        assert len(found.unknown) == 1
        if UNKNOWN in column.values:
            assert [r[column.name] for r in found.rows[:2]] == [UNKNOWN] * 2
        elif column.type is Type.BOOLEAN:
            assert [r[column.name] for r in found.rows] == [None, None, True]
        else:
            assert (contract.name, column.name) == ("usage_report", "seat_assignment")
            assert [r["_bad_column"] for r in found.rows] == [column.name, column.name, None]
            continue
        assert {r["_reason"] for r in found.rows} == {None}


def test_an_empty_cell_is_no_text_and_no_unknown_value():
    for contract, column in CLOSED:
        found = of_value(contract.name, column.name, ["", " \u00a0", "N/A", "-"])
        assert not found.unknown
        assert {r["_bad_column"] for r in found.rows} == {column.name if column.required else None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Resigned", "terminated"),
        ("Former employee", "terminated"),
        ("Left company", "terminated"),
        ("Terminated - involuntary", "terminated"),
        ("Inactive (since 2024)", "terminated"),
        ("T", "terminated"),
        ("Deceased", "terminated"),
        ("On leave of absence", "on_leave"),
        ("Leave - parental", "on_leave"),
        ("on-leave", "on_leave"),
        ("Active - part time", "active"),
        ("Currently employed", "active"),
        ("not active", "terminated"),
        ("Non-Active", "terminated"),
        ("Not employed here", UNKNOWN),
        ("unemployed", UNKNOWN),
        ("Leavening", UNKNOWN),
        ("Demissionne", "terminated"),
        ("DÉMISSIONNÉ", "terminated"),
        ("De\u0301missionne\u0301", "terminated"),
        ("退職", "terminated"),
        ("unknown", UNKNOWN),
    ],
)
def test_the_status_of_a_worker_is_read_as_people_write_it(text, value):
    assert of_value("hr_workers", "status", [text]).rows[0]["status"] == value


def test_a_listed_value_of_user_account_control_is_not_needed_since_its_bit_is_looked_at():
    enabled = ["512", "544", "66048", "1049088", "1114624", "262656", "16777728"]
    texts = enabled + [str(int(t) | 2) for t in enabled] + ["7"]
    found = of_value("directory_users", "account_enabled", texts)
    assert [r["account_enabled"] for r in found.rows] == [True] * len(enabled) + [False] * len(enabled) + [None]
    assert set(found.unknown) == {("account_enabled", "7")}


def test_only_suspended_and_deprovisioned_okta_accounts_are_off():
    states = [
        "STAGED",
        "PROVISIONED",
        "ACTIVE",
        "RECOVERY",
        "LOCKED_OUT",
        "PASSWORD_EXPIRED",
        "SUSPENDED",
        "DEPROVISIONED",
    ]
    found = of_value("directory_users", "account_enabled", states)
    assert [r["account_enabled"] for r in found.rows] == [True] * 6 + [False] * 2


def test_a_word_of_the_company_wins_over_a_shipped_one_and_over_none():
    company = {("hr_workers", "status"): {"Aktiv-Extern": "on_leave", "active": "terminated"}}
    found = of_value("hr_workers", "status", ["aktiv extern", "Active", "Employed"], company)
    assert [r["status"] for r in found.rows] == ["on_leave", "terminated", "active"]
    assert not found.unknown


def test_every_row_of_the_value_tables_names_a_column_and_one_of_its_values():
    with (Path("pipelines") / "contracts" / "values.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for row in rows:
        assert row["source"], row
        if row["input"] == "*":
            values = {"boolean": ("true", "false"), "currency": CURRENCIES}
            assert row["value"] in values[row["column"]]
            continue
        column = next(c for c in INPUTS[row["input"]].columns if c.name == row["column"])
        values = ("true", "false") if column.type is Type.BOOLEAN else column.values
        assert not values or row["value"] in values, row


def test_no_input_has_a_reference_tables_name():
    assert all(c.kind is not Kind.REFERENCE for c in TABLES)


@pytest.mark.parametrize(
    ("cell", "read"),
    [('"=""0815"""', "0815"), ("'0815", "0815"), ('="0815"', "0815"), ("'t Hof", "'t Hof"), ("=0815", "=0815")],
)
def test_what_keeps_a_spreadsheet_from_reading_a_number_is_no_part_of_the_text(tmp_path, cell, read):
    landing = Landing(tmp_path)
    landing.put("hr.csv", f"employee_id,first_name,last_name,status,email\n{cell},A,B,active,a@f.example\n")
    landing.load()
    assert landing.con.execute("select employee_id from raw.hr_workers").fetchall() == [(read,)]
