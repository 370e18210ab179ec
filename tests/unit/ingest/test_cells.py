"""What a cell means: dates, numbers, booleans and values in every accepted form, and what is made of a cell that says
none of them.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import INPUTS, Form, Kind, Type
from pipelines.contracts.values import UNKNOWN, date_words
from pipelines.ingest.conform.table import Forms
from tests.unit.ingest.judged import connection, judge
from tests.unit.ingest.landing import Landing

SAMPLES = Path(__file__).parent / "values.csv"
BLANKS = ["", " ", "\u00a0", "\u202f", "\u2009", " \u00a0 "]
MONTHS = {
    lang: dict(zip(date_words(lang)[0].values(), date_words(lang)[0], strict=True))
    for lang in ("en", "de", "fr", "es", "pl")
}
# ISO 4217.
CURRENCIES = re.findall(
    "...",
    "AEDARSAUDBGNBRLCADCHFCLPCNYCOPCZKDKKEGPEURGBPHKDHUFIDRILSINRISKJPYKRWKWDMADMXNMYRNOKNZDPENPHPPLNQARRONRUBSARSEKSGD"
    "THBTRYTWDUAHUSDVNDZAR",
)
# A cell that each column can hold, so that a row is good but for the one that is looked at.
GOOD = {
    Type.TEXT: "x1",
    Type.EMAIL: "ada@firm.example",
    Type.DATE: "2026-10-29",
    Type.TIMESTAMP: "2026-10-29T09:15:00Z",
    Type.INTEGER: "3",
    Type.NUMBER: "3.5",
    Type.PRICE: "3.5",
    Type.BOOLEAN: "true",
}
TABLES = [c for c in INPUTS.values() if c.form is Form.TABLE]
con = connection()


def good_cell(column):
    return column.values[0] if column.values else GOOD[column.type]


def hr_dates(*texts, forms=None, column="leave_date"):
    rows = [[str(n), "Active", text] for n, text in enumerate(texts)]
    return judge(con, "hr_workers", ["employee_id", "status", column], rows, forms)


def sign_ins(*texts, forms=None):
    rows = [[str(n), f"p{n}@firm.example", "true", text] for n, text in enumerate(texts)]
    names = ["user_id", "user_principal_name", "account_enabled", "last_sign_in_at"]
    return [r["last_sign_in_at"] for r in judge(con, "directory_users", names, rows, forms).rows]


# --- optional cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", TABLES, ids=lambda c: c.name)
def test_a_cell_that_cannot_be_read_costs_its_row_only_where_the_contract_says_so(contract):
    names = [c.name for c in contract.columns]
    typed = [c for c in contract.columns if c.type in (Type.DATE, Type.TIMESTAMP) or c.type.is_number]
    rows = [["?!" if c is broken else good_cell(c) for c in contract.columns] for broken in typed]
    rows += [[good_cell(c) for c in contract.columns]] * 3
    found = judge(con, contract.name, names, rows)
    for broken, row in zip(typed, found.rows, strict=False):
        if broken.name in contract.rejecting:
            assert row["_bad_column"] == broken.name and "'?!'" in row["_reason"]
        else:
            assert row["_reason"] is None, row["_reason"]
            assert row[broken.name] is None
            assert (found.unread[broken.name].cells, found.unread[broken.name].first_text) == (1, "?!")
    assert all(r["_reason"] is None for r in found.rows[len(typed) :])
    assert set(found.unread) == {c.name for c in typed if c.name not in contract.rejecting}


def test_the_name_of_a_type_is_no_value():
    names = ["user_id", "user_principal_name", "account_enabled", "department", "last_sign_in_at"]
    signs = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInActivity"
    found = judge(con, "directory_users", names, [["1", "a@firm.example", "true", "System.String[]", signs]])
    assert (found.rows[0]["_reason"], found.rows[0]["department"], found.rows[0]["last_sign_in_at"]) == (
        None,
        None,
        None,
    )
    assert set(found.unread) == {"department", "last_sign_in_at"}


@pytest.mark.parametrize("text", ["1.10E+11", "1,10E+11", "11e+10", "1.1000000000E+11"])
def test_an_identifier_in_scientific_notation_costs_its_row_wherever_it_stands(text):
    for contract in INPUTS.values():
        if contract.form is not Form.TABLE:
            continue
        names = [c.name for c in contract.columns]
        marked = [c for c in contract.columns if c.identifier]
        for column in marked:
            found = judge(
                con, contract.name, names, [[text if c is column else good_cell(c) for c in contract.columns]]
            )
            assert found.rows[0]["_bad_column"] == column.name
            assert "scientific notation" in found.rows[0]["_reason"]
    found = judge(
        con,
        "subscriptions",
        ["contract_number", "offering_name", "seat_quantity", "start_date", "end_date"],
        [
            ["110001110101", "Revit", "1", "2026-01-01", "2026-12-31"],
            ["12E5", "Revit", "1", "2026-01-01", "2026-12-31"],
        ],
    )
    assert [r["_reason"] for r in found.rows] == [None, None]


# --- dates -----------------------------------------------------------------------------------------------------


def renderings(day: date, blank: str) -> list[str]:
    """A day in every form that needs no order."""
    d, m, y = day.day, day.month, day.year
    en = MONTHS["en"]
    return [
        f"{y}-{m:02d}-{d:02d}",
        f"{y}-{m:02d}-{d:02d}T07:05:00",
        f"{y}-{m:02d}-{d:02d}{blank}7:05",
        f"{y}/{m}/{d}",
        f"{y}.{m:02d}.{d:02d}",
        f"{y}年{m}月{d}日",
        f"{d:02d}-{en[m][:3].title()}-{y % 100:02d}",
        f"{d}{blank}{en[m].title()}{blank}{y}",
        f"{en[m].title()}{blank}{d},{blank}{y}",
        f"{en[m][:3].upper()}{blank}{d},{blank}{y},{blank}7:05{blank}PM",
        f"{y}{m:02d}{d:02d}",
    ]


@settings(max_examples=12, deadline=None)
@given(day=st.dates(date(1970, 1, 1), date(2068, 12, 31)), blank=st.sampled_from([" ", "\u00a0", "\u202f", "  "]))
def test_a_day_comes_back_from_every_form_that_needs_no_order(day, blank):
    texts = [t for t in renderings(day, blank) if not (t[-3:-2] == "-" and day.year < 2000)]
    found = hr_dates(*texts)
    assert {t: r["leave_date"] for t, r in zip(texts, found.rows, strict=True)} == dict.fromkeys(texts, day)
    assert not found.unread


@settings(max_examples=12, deadline=None)
@given(
    days=st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1, max_size=4),
    order=st.sampled_from(["dmy", "mdy"]),
    separator=st.sampled_from(["/", ".", "-"]),
    stated=st.booleans(),
)
def test_days_in_an_order_that_is_known_come_back_whichever_column_tells_it(days, order, separator, stated):
    def written(d: date) -> str:
        a, b = (d.day, d.month) if order == "dmy" else (d.month, d.day)
        return f"{a}{separator}{b:02d}{separator}{d.year}"

    # Unless a manifest says it, one column has a day that settles the order; the other column does not.
    settling = date(2026, 3, 25)
    rows = [[str(n), "Active", written(d), written(settling)] for n, d in enumerate(days)]
    names = ["employee_id", "status", "leave_date", "hire_date"]
    if stated:
        rows = [r[:3] for r in rows]
        names = names[:3]
    found = judge(con, "hr_workers", names, rows, Forms(order=order if stated else None))
    assert [r["leave_date"] for r in found.rows] == days
    assert all(r["_reason"] is None for r in found.rows)


def test_two_columns_that_settle_the_order_differently_settle_nothing_for_a_third():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date", "autorenew_date"]
    row = ["Revit", "S1", "1", "25/03/2026", "03/25/2027", "03/04/2027"]
    found = judge(con, "subscriptions", names, [row])
    assert found.rows[0]["_reason"] is None
    assert (found.rows[0]["start_date"], found.rows[0]["end_date"]) == (date(2026, 3, 25), date(2027, 3, 25))
    assert found.rows[0]["autorenew_date"] is None
    assert found.unread["autorenew_date"].first_text == "03/04/2027"


def test_a_column_that_contradicts_itself_is_not_read_and_settles_nothing():
    found = judge(
        con,
        "hr_workers",
        ["employee_id", "status", "leave_date", "hire_date"],
        [["1", "Active", "25/03/2026", "01/02/2020"], ["2", "Active", "03/25/2026", "01/02/2020"]],
    )
    assert [(r["leave_date"], r["hire_date"]) for r in found.rows] == [(None, None)] * 2


def test_an_order_that_nothing_tells_refuses_a_required_date_and_says_what_to_do():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date"]
    found = judge(
        con,
        "subscriptions",
        names,
        [["Revit", "S1", "1", "03/04/2026", "2027-01-01"], ["Revit", "S2", "1", "8/7/26", "2027-01-01"]],
    )
    assert "set date_order in a manifest" in found.rows[0]["_reason"]
    assert "a two-digit year" in found.rows[1]["_reason"]


def test_a_year_of_two_digits_is_read_where_the_order_is_certain():
    assert [r["leave_date"] for r in hr_dates("8/29/26", "9/1/26").rows] == [date(2026, 8, 29), date(2026, 9, 1)]
    assert [r["leave_date"] for r in hr_dates("29.08.26", "1.9.26").rows] == [date(2026, 8, 29), date(2026, 9, 1)]
    # 29/08/26 may begin with the year.
    assert [r["leave_date"] for r in hr_dates("29/08/26").rows] == [None]
    assert [r["leave_date"] for r in hr_dates("29/08/26", forms=Forms(order="ymd")).rows] == [date(2029, 8, 26)]


def test_twelve_and_twenty_four_hours_stand_in_one_column():
    assert sign_ins("10/23/2026 13:22", "10/3/2026 10:09:05 AM", "10/3/2026, 1:09\u202fPM", "10/4/2026 12:00 a.m.") == [
        datetime(2026, 10, 23, 13, 22),
        datetime(2026, 10, 3, 10, 9, 5),
        datetime(2026, 10, 3, 13, 9),
        datetime(2026, 10, 4),
    ]


def test_names_of_months_are_read_in_english_and_in_the_language_of_the_manifest():
    for language, text in {
        "de": "29. Oktober 2026",
        "fr": "29 octobre 2026",
        "es": "29 de octubre de 2026",
        "it": "29 ottobre 2026",
        "pt-BR": "29 de out. de 2026",
        "nl": "29 okt 2026",
        "pl": "29 października 2026",
        "en": "Thu, 29 Oct 2026 09:15:00 GMT",
    }.items():
        assert [r["leave_date"] for r in hr_dates(text, forms=Forms(language=language)).rows] == [date(2026, 10, 29)], (
            text
        )
    assert hr_dates("29. Oktober 2026").unread["leave_date"].first_text == "29. Oktober 2026"


@settings(max_examples=12, deadline=None)
@given(moment=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0)))
def test_an_instant_comes_back_from_every_form_of_a_time(moment):
    ticks = (moment - datetime(1601, 1, 1)) // timedelta(microseconds=1) * 10
    east = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=5, minutes=30)))
    texts = [
        moment.isoformat() + "Z",
        east.isoformat(),
        east.isoformat(" "),
        str(ticks),
        f"{moment:%Y-%m-%d %H:%M:%S} UTC",
        f"{moment:%Y%m%d%H%M%S}.0Z",
    ]
    assert sign_ins(*texts) == [moment] * len(texts)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    wanted = [moment] if 20000 <= serial < 80001 else [None]
    assert sign_ins(repr(serial), forms=Forms(serials=True)) == wanted
    assert sign_ins(repr(serial)) == [None]


def test_never_is_no_date_and_no_fault():
    words = [
        "0",
        "never",
        "Never logged in",
        "9223372036854775807",
        "9223372032559808511",
        "NIE",
        "jamais",
        "なし",
        "0000-00-00",
        "9999-12-31",
        "31/12/9999 00:00:00",
        "1601-01-01T00:00:00Z",
    ]
    found = judge(
        con,
        "hr_workers",
        ["employee_id", "status", "leave_date"],
        [[str(i), "Active", w] for i, w in enumerate(words)],
        Forms(order="dmy"),
    )
    assert {r["leave_date"] for r in found.rows} == {None}
    assert not found.unread and {r["_reason"] for r in found.rows} == {None}


def test_a_far_date_stays_where_one_is_required_and_never_does_not():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date"]
    found = judge(
        con,
        "subscriptions",
        names,
        [["Revit", "S1", "1", "1969-01-01", "9999-12-31"], ["Revit", "S2", "1", "2026-01-01", "never"]],
    )
    assert (found.rows[0]["start_date"], found.rows[0]["end_date"]) == (date(1969, 1, 1), date(9999, 12, 31))
    assert found.rows[1]["_reason"] == "is empty; a value is required"


def test_a_day_that_does_not_exist_is_unread_and_a_time_without_offset_keeps_its_day():
    assert hr_dates("2026-02-30").unread["leave_date"].cells == 1
    found = hr_dates("2026-10-29 23:30", forms=Forms(timezone="America/New_York"))
    assert found.rows[0]["leave_date"] == date(2026, 10, 29)
    assert hr_dates("2026-10-29T23:30:00-05:00").rows[0]["leave_date"] == date(2026, 10, 30)


# --- numbers ---------------------------------------------------------------------------------------------------


def grouped(whole: int, separator: str) -> str:
    return f"{whole:,}".replace(",", separator)


@settings(max_examples=15, deadline=None)
@given(
    cents=st.integers(0, 10**12),
    blank=st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "'", "’"]),
    negative=st.booleans(),
)
def test_a_number_comes_back_from_every_form_that_can_mean_only_one(cents, blank, negative):
    whole, rest = divmod(cents, 100)
    point = f"{rest:02d}"
    plain = [
        f"{whole}.{point}",
        f"{grouped(whole, ',')}.{point}",
        f"{grouped(whole, '.')},{point}",
        f"{grouped(whole, blank)},{point}",
        f"{grouped(whole, blank)}.{point}",
    ]
    signed = (
        [f"-{t}" for t in plain] + [f"{t}-" for t in plain] + [f"({t})" for t in plain] + [f"\u2212{t}" for t in plain]
    )
    texts = signed if negative and cents else plain
    texts = (
        texts
        + [f"EUR {t}" for t in plain if not negative]
        + [f"{t}\u00a0€" for t in plain if not negative]
        + [f"${t}" for t in plain if not negative]
    )
    names = ["invoice_number", "invoice_date", "offering_name", "quantity", "unit_price", "currency"]
    found = judge(con, "invoices", names, [["R", "2026-01-01", "Revit", "1", t, "EUR"] for t in texts])
    wanted = Decimal(cents) / 100 * (-1 if negative and cents else 1)
    assert {t: r["unit_price"] for t, r in zip(texts, found.rows, strict=True)} == dict.fromkeys(texts, wanted)


def test_a_text_that_could_be_two_numbers_is_none():
    names = ["invoice_number", "invoice_date", "offering_name", "quantity", "unit_price", "currency"]
    texts = ["12 34", "1,23,4", "5 %", "1'80", "EUR", "--5", "1-2", "1.2.3", "1.10E+11"]
    found = judge(con, "invoices", names, [["R", "2026-01-01", "Revit", "1", t, "EUR"] for t in texts])
    assert all("is not a number" in (r["_reason"] or "") for r in found.rows), [
        (t, r["unit_price"]) for t, r in zip(texts, found.rows, strict=True)
    ]


def test_a_message_names_characters_that_cannot_be_seen():
    names = ["offering_name", "subscription_id", "seat_quantity", "start_date", "end_date"]
    found = judge(con, "subscriptions", names, [["Revit", "S1", "1\u00a02", "2026-01-01", "2026-12-31"]])
    assert found.rows[0]["_reason"] == "'1[NO-BREAK SPACE]2' is not a whole number"


# --- values ----------------------------------------------------------------------------------------------------


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
