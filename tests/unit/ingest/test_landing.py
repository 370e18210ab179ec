"""Files to raw rows: recognition, encodings, dates, numbers, quarantine, precedence. One small landing zone per
test.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import INPUTS, REFERENCE, Form
from pipelines.ingest.recognise.inputs import recognise
from tests.unit.ingest.landing import GOOD, USERS, Landing

TABLES = [n for n, c in INPUTS.items() if c.form is Form.TABLE]


@pytest.mark.parametrize("name", [*TABLES, *REFERENCE])
def test_a_contracts_own_header_is_recognised_as_itself(name):
    contract = INPUTS.get(name) or REFERENCE[name]
    match = recognise(list(contract.column_names), prefer_reference=name in REFERENCE)
    assert match is not None and match.contract.name == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Day used,Email,First name,Last name,Product", "seat_usage"),
        ("Day used,Email,First name,Last name,Product,Tokens used", "token_usage"),
        ("access_option,day_used,hashed_autodesk_id,offering_name,product_name,team_alias,version", "usage"),
        ("Access option,Day used,Team,Email,hashed_autodesk_id,offering_name,product_name", "usage"),
        ("Email,Group,Group type,Role", "groups"),
        ("Email,First name,Last name,Role,Product,Team,Autodesk ID", "users"),
    ],
)
def test_headers_of_every_generation_are_recognised(header, name):
    match = recognise(header.split(","))
    assert match is not None and match.contract.name == name


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (GOOD.encode(), "utf-8"),
        (GOOD.encode("utf-8-sig"), "utf-8-bom"),
        (GOOD.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + GOOD.encode("utf-16-be"), "utf-16-be"),
        (GOOD.replace("Ada", "Zoë").encode("cp1252"), "windows-1252"),
        (GOOD.replace(",", ";").encode(), "utf-8"),
        (GOOD.replace(",", "\t").replace("\n", "\r\n").encode(), "utf-8"),
        (GOOD.replace(",", "|").encode(), "utf-8"),
        (("sep=,\n" + GOOD).encode(), "utf-8"),
        (gzip.compress(GOOD.encode(), mtime=0), "utf-8"),
    ],
)
def test_a_file_is_read_in_any_encoding_and_with_any_separator(landing, data, encoding):
    landing.put("portal/some file [1].csv", data)
    landing.load()
    (row,) = landing.register().values()
    assert row[:7] == ("users", "loaded", 2, 2, 0, 0, encoding)
    assert landing.con.execute(
        "select email, team_alias, _row_number from raw.users order by _row_number"
    ).fetchall() == [
        ("ada@firm.example", "T", 1),
        ("bo@firm.example", "T", 2),
    ]


def test_members_of_an_archive_are_named_and_their_paths_are_only_names(landing):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.csv", GOOD)
        archive.writestr("notes.txt", "hello")
    landing.put("all.zip", buffer.getvalue())
    landing.load()
    register = landing.register()
    assert register["all.zip!../../evil.csv"][1] == "loaded"
    assert register["all.zip!notes.txt"][1] == "unrecognised"
    assert not list(landing.folder.parent.glob("**/evil.csv"))


def test_a_row_with_too_many_or_too_few_fields_is_rejected_with_its_number(landing):
    rows = "".join(f"p{i}@firm.example,A,B,User,Revit,T\n" for i in range(50))
    landing.put("users.csv", USERS + rows + "short@firm.example,A\n" + "long@firm.example,A,B,User,Revit,T,x,y\n")
    landing.load()
    assert landing.register()["users.csv"][:6] == ("users", "loaded", 52, 50, 2, 0)
    found = landing.con.execute(
        "select row_number, row_text, column_name, reason from raw.rejected_rows order by 1"
    ).fetchall()
    assert [(f[0], f[2]) for f in found] == [(51, None), (52, None)]
    assert "2 fields found where the header has 6" in found[0][3]


def test_more_bad_rows_than_allowed_refuse_the_file_but_keep_the_bad_ones(landing):
    landing.put(
        "subscriptions.csv",
        "contract_number,offering_name,seat_quantity,start_date,end_date\n1,Revit,many,2026-01-01,2026-12-31\n1,Maya,"
        "3,2026-01-01,2026-12-31\n",
    )
    landing.load()
    assert landing.register()["subscriptions.csv"][:6] == ("subscriptions", "rejected", 2, 0, 2, 0)
    assert landing.con.execute("select count(*) from raw.subscriptions").fetchall() == [(0,)]
    assert landing.con.execute("select row_number, column_name, reason from raw.rejected_rows").fetchall() == [
        (1, "seat_quantity", "seat_quantity: 'many' is not a whole number")
    ]


@pytest.mark.parametrize(("rows", "bad", "verdict"), [(20, 1, "loaded"), (40, 2, "loaded"), (19, 1, "rejected")])
def test_a_share_of_bad_rows_up_to_the_limit_itself_is_taken(landing, rows, bad, verdict):
    """The parameter max_rejected_share is 0.05."""
    head = "contract_number,offering_name,seat_quantity,start_date,end_date\n"
    seats = ["many"] * bad + [str(n) for n in range(rows - bad)]
    landing.put("subscriptions.csv", head + "".join(f"1,Revit,{n},2026-01-01,2026-12-31\n" for n in seats))
    landing.load()
    assert landing.register()["subscriptions.csv"][1:5] == (
        verdict,
        rows,
        *((rows - bad, bad) if verdict == "loaded" else (0, rows)),
    )


def test_the_same_bytes_twice_in_a_drop_add_nothing(landing):
    landing.put("b.csv", GOOD)
    landing.put("a.csv", GOOD)
    landing.load()
    register = landing.register()
    assert register["a.csv"][:6] == ("users", "loaded", 2, 2, 0, 0)
    assert register["b.csv"][:6] == ("users", "duplicate", 2, 0, 0, 2)


@pytest.mark.parametrize(
    ("values", "manifest", "expected"),
    [
        (["13.02.2026", "03.04.2026"], "", [date(2026, 2, 13), date(2026, 4, 3)]),
        (["02/13/2026 8:00 PM", "03/04/2026"], "", [date(2026, 2, 13), date(2026, 3, 4)]),
        (["03/04/2026"], "date_order: mdy\n", [date(2026, 3, 4)]),
        (["03/04/2026"], "date_order: dmy\n", [date(2026, 4, 3)]),
        (["2026-03-04T23:30:00-05:00"], "", [date(2026, 3, 5)]),
        (["/Date(1772667000000)/", "/Date(1772667000000+0200)/"], "", [date(2026, 3, 4), date(2026, 3, 4)]),
        (["2026-03-04 23:30"], "timezone: America/New_York\n", [date(2026, 3, 4)]),
    ],
)
def test_dates_are_read_in_every_form_the_specification_names(landing, values, manifest, expected):
    landing.put(
        "s.csv",
        "contract_number,offering_name,seat_quantity,start_date,end_date\n"
        + "".join(f"1,Revit,1,{v},2026-12-31\n" for v in values),
    )
    if manifest:
        landing.put("_manifest.yml", manifest)
    landing.load()
    assert [
        r[0] for r in landing.con.execute("select start_date from raw.subscriptions order by _row_number").fetchall()
    ] == expected


def test_rows_of_a_large_file_keep_their_numbers_and_bad_ones_their_text_though_two_cores_read_it(landing):
    landing.con.execute("set threads = 2")
    rows = 400_000
    bad = {7, 122_881, 399_999}  # the numbers of rows
    lines = (f"{'' if i in bad else f'p{i}@firm.example'},P,{i},User,Revit,T" for i in range(1, rows + 1))
    landing.put("u.csv", USERS + "\n".join(lines) + "\n")
    landing.load()
    assert landing.register()["u.csv"][2:5] == (rows, rows - len(bad), len(bad))
    wrong = (
        "select count(*) from raw.users where cast(last_name as bigint) <> _row_number or email <> 'p' || "
        "_row_number || '@firm.example'"
    )
    assert landing.con.execute(wrong).fetchall() == [(0,)]
    assert landing.con.execute("select row_number, row_text from raw.rejected_rows order by 1").fetchall() == [
        (i, f",P,{i},User,Revit,T") for i in sorted(bad)
    ]


def test_rows_of_a_large_file_with_dates_and_value_tables_keep_their_numbers(landing):
    # The words of dates and of value tables are looked up in lists that DuckDB may turn into joins, and rows leave a
    # join in any order.
    landing.con.execute("set threads = 2")
    rows = 500_000
    landing.put("t.csv", "")
    landing.con.execute(
        "copy (select strftime(timestamp '2026-10-01 00:00:00' + to_seconds(i), '%Y-%m-%dT%H:%M:%SZ') as event_at, i "
        "as event_id, 'Revit' as product, "
        "'p@firm.example' as user_email, 'named_user' as licence_claim, repeat('x', 150) as feature from range(1, "
        f"{rows} + 1) as t(i)) to '{landing.folder}/landing/2026-10/t.csv'"
    )
    landing.load()
    wrong = "select count(*), count(*) filter (cast(event_id as bigint) <> _row_number) from raw.lrt"
    assert landing.con.execute(wrong).fetchall() == [(rows, 0)]


def test_a_date_behind_another_fault_of_its_row_does_not_decide_how_the_others_are_read(landing):
    # A row that is bad by its seats has the only day that tells the order, in one file, and one that nothing is held
    # against in the other.
    header = "contract_number,offering_name,seat_quantity,start_date,end_date\n"
    for name, day in (("s", "2026-01-01"), ("t", "03/04/2026")):
        good = f"{name},Revit,1,{day},2026-12-31\n" * 30
        landing.put(f"{name}.csv", f"{header}{name},Revit,none,31/12/2026,2026-12-31\n{good}")
    landing.load()
    found = landing.con.execute(
        "select distinct contract_number, start_date from raw.subscriptions order by 1"
    ).fetchall()
    assert found == [("s", date(2026, 1, 1)), ("t", date(2026, 4, 3))]


@pytest.mark.parametrize("value", ["03/04/2026", "2026-02-30", "31.02.2026", "soon"])
def test_a_date_that_is_ambiguous_or_does_not_exist_is_rejected(landing, value):
    landing.put(
        "s.csv", f"contract_number,offering_name,seat_quantity,start_date,end_date\n1,Revit,1,{value},2026-12-31\n"
    )
    landing.load()
    assert landing.con.execute("select column_name from raw.rejected_rows").fetchall() == [("start_date",)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.5", "1234.5"),
        ('"1,234.5"', "1234.5"),
        ('"1.234,5"', "1234.5"),
        ('"1,234"', "1234"),
        ("1.234", "1.234"),
        ('"12,5"', "12.5"),
        ("7", "7"),
        ("2.5E-02", "0.025"),
        ('"1,25e-1"', "0.125"),
    ],
)
def test_numbers_are_read_in_both_ways_of_writing(landing, text, number):
    landing.put("t.csv", f"Day used,Email,Product,Tokens used\n2026-10-01,a@firm.example,Revit,{text}\n")
    landing.load()
    assert float(landing.con.execute("select tokens_used from raw.token_usage").fetchall()[0][0]) == float(number)


def test_a_large_number_in_scientific_notation_has_lost_digits_and_is_none(landing):
    landing.put("t.csv", "Day used,Email,Product,Tokens used\n2026-10-01,a@firm.example,Revit,1.23457E+05\n")
    landing.load()
    assert landing.con.execute("select column_name from raw.rejected_rows").fetchall() == [("tokens_used",)]


def test_hidden_personal_data_is_null_and_marks_the_row(landing):
    landing.put(
        "u.csv", "day_used,offering_name,hashed_autodesk_id,email,first_name\n2026-10-01,Revit,abc,*****,*****\n"
    )
    landing.load()
    assert landing.con.execute("select email, hashed_autodesk_id, _hidden from raw.usage").fetchall() == [
        (None, "abc", True)
    ]


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"", "unrecognised"),
        (b"\x00\x01\x02", "unrecognised"),
        (b"PK\x03\x04 broken", "rejected"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-9], "rejected"),
        (b'[{"email": "a@b.example", ', "rejected"),
        (b"\xd0\xcf\x11\xe0 old workbook", "rejected"),
        (b"\x81\x8d\x8f;\x90", "rejected"),
        (b"just words", "unrecognised"),
    ],
)
def test_damage_is_named_and_never_a_stack_trace(landing, data, verdict):
    landing.put("x.bin", data)
    landing.load()
    (row,) = landing.register().values()
    assert row[1] == verdict and row[7]


def test_a_drop_is_replaced_as_a_whole_and_an_unchanged_one_left_alone(landing):
    landing.put("users.csv", GOOD)
    assert "2026-10" in landing.load().loaded
    assert "2026-10" in landing.load().unchanged
    landing.put("users.csv", USERS)
    landing.load()
    assert landing.con.execute("select count(*) from raw.users").fetchall() == [(0,)]


def test_precedence_follows_exported_at_then_the_path(landing):
    landing.put("a.csv", GOOD)
    landing.put("b.csv", GOOD + "cy@firm.example,Cy,C,User,Maya,T\n")
    landing.put("a.csv.manifest.yml", "exported_at: 2026-10-31T10:00:00Z\n")
    landing.load()
    ranks = dict(
        landing.con.execute("select path, file_rank from raw.file_register where drop <> 'reference'").fetchall()
    )
    assert ranks["a.csv"] > ranks["b.csv"]


def test_the_later_export_ranks_higher_then_the_greater_path_and_one_without_a_time_is_below_all(landing):
    told = {"a": "2026-10-31T10:00:00Z", "b": "2026-10-30T10:00:00Z", "c": "2026-10-30T10:00:00Z", "d": "", "e": ""}
    for place, (name, moment) in enumerate(told.items()):
        landing.put(f"{name}.csv", GOOD + f"{name}@firm.example,X,{place},User,Maya,T\n")
        if moment:
            landing.put(f"{name}.csv.manifest.yml", f"exported_at: {moment}\n")
    landing.load()
    found = landing.con.execute("select path from raw.file_register where drop <> 'reference' order by file_rank desc")
    assert [path.removesuffix(".csv") for (path,) in found.fetchall()] == ["a", "c", "b", "e", "d"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, len(GOOD)), st.integers(0, 30))
def test_a_mutated_file_is_always_accounted_for(tmp_path_factory, noise, place, cut):
    landing = Landing(tmp_path_factory.mktemp("mutated"))
    data = GOOD.encode()
    landing.put("users.csv", data[:place] + noise + data[place + cut :])
    landing.load()
    (row,) = landing.register().values()
    assert row[2] == row[3] + row[4] + row[5]
