"""Files as people have them: title lines, totals, trailing separators, encodings, line ends, web pages, files of
programs. The rows come out the same.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.ingest.landing import Landing

# Input → a header and two rows, with a letter that every code page below has where a name may stand.
FILES = {
    "users": [
        "email,first_name,last_name,role,offering_name,team_alias",
        "ada@f.example,Zoë,A,User,Revit,T",
        "bo@f.example,Bo,B,User,Maya,T",
    ],
    "hr_workers": [
        "employee_id,email,first_name,last_name,status,leave_date",
        "1,ada@f.example,Zoë,A,active,",
        "2,bo@f.example,Bo,B,terminated,2026-09-15",
    ],
    "subscriptions": [
        "contract_number,offering_name,seat_quantity,start_date,end_date,team_alias",
        "C1,Revit,3,2026-01-01,2026-12-31,Zoë",
        "C2,Maya,4,2026-01-01,2026-12-31,T",
    ],
    "token_usage": [
        "Day used,Product,Email,Tokens used,Team",
        "2026-10-01,Revit,ada@f.example,2,Zoë",
        "2026-10-02,Maya,bo@f.example,1.5,T",
    ],
    "directory_users": [
        "id,userPrincipalName,mail,givenName,accountEnabled",
        "1,ada@f.example,ada@f.example,Zoë,True",
        "2,bo@f.example,,Bo,False",
    ],
    "product_access": ["team_alias,offering_name,seats_total,seats_assigned", "Zoë,Revit,3,2", "T,Maya,4,4"],
}
TOTALS = {name: rows[0].count(",") for name, rows in FILES.items()}
TITLES = [
    "Usage report",
    "Generated: 2026-11-03 08:30",
    '"Range","2025-11-01 to 2026-10-31"',
    '"A title, with a separator"',
    "Filter,All teams",
    "",
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Landing:
    """One warehouse for many small drops; each example replaces the drop."""
    return Landing(tmp_path_factory.mktemp("layout"))


@pytest.fixture(scope="module")
def typed(shared) -> dict[str, list[tuple]]:
    """Input → its typed rows from the file as it is."""
    found = {}
    for name, lines in FILES.items():
        assert replace_drop(shared, "plain.csv", "\n".join(lines).encode())[:5] == (name, "loaded", 2, 2, 0)
        found[name] = rows_of(shared, name)
    return found


def rows_of(landing: Landing, name: str) -> list[tuple]:
    lineage = "_drop, _file_no, _file_sha256, _src, _file_rank, _extra"
    return landing.con.execute(f"select * exclude ({lineage}) from raw.{name} order by _row_number").fetchall()


def replace_drop(landing: Landing, name: str, data: bytes) -> tuple:
    for path in (landing.folder / "landing" / "2026-10").rglob("*"):
        path.unlink()
    landing.put(name, data)
    landing.load()
    (row,) = landing.register().values()
    assert row[2] == row[3] + row[4] + row[5]
    return row


def encoded(text: str, encoding: str) -> bytes:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    return mark + text.encode(encoding)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.sampled_from(TITLES), max_size=4),
    st.sampled_from(["", "Total", "Totals:", "Summe", "合計", "Total (2)"]),
    st.sampled_from(["none", "rows", "header", "both"]),
    st.sampled_from(ENCODINGS),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_stands_around_the_rows_does_not_change_them(
    shared, typed, name, titles, total, trailing, encoding, separator, end, at_end
):
    header, *data = (line.replace(",", separator) for line in FILES[name])
    lines = [t.replace(",", separator) for t in titles]
    lines += [header + (separator if trailing in ("header", "both") else "")]
    lines += [line + (separator if trailing in ("rows", "both") else "") for line in data]
    if total and encoding != "cp1252":
        lines += [total + separator * TOTALS[name]]
    found = replace_drop(shared, "some report.csv", encoded(end.join(lines) + (end if at_end else ""), encoding))
    assert found[:5] == (name, "loaded", 2, 2, 0), found
    assert rows_of(shared, name) == typed[name]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FILES)), st.binary(max_size=30), st.integers(0, 250), st.integers(0, 20), st.booleans())
def test_a_page_or_a_file_that_was_tampered_with_is_always_accounted_for(shared, name, noise, place, cut, as_page):
    data = (page(FILES[name]) if as_page else "Title\n" + "\n".join(FILES[name]) + "\nTotal\n").encode()
    replace_drop(shared, "x.xls", data[:place] + noise + data[place + cut :])


def test_title_lines_and_totals_are_kept_with_the_record(landing):
    header, *data = FILES["token_usage"]
    landing.put("t.csv", "\n".join(["Token report", "Team,Office", "", header, *data, "Total,,,3.5,", ""]))
    landing.load()
    assert landing.register()["t.csv"][:5] == ("token_usage", "loaded", 2, 2, 0)
    assert "1 line of totals below the data: not data" in landing.register()["t.csv"][7]
    record = json.loads(landing.con.execute("select manifest from raw.file_register").fetchall()[0][0])
    assert record == {"lines_of_totals": 1, "title_lines": ["Token report", "Team; Office"]}


@pytest.mark.parametrize(
    "line", ["Total,,ada@f.example,1,T", "Total cost,Revit,ada@f.example,1,T", "Totalitarian,,,1,", ",,,1,"]
)
def test_a_row_that_is_no_line_of_totals_stays_a_row(landing, line):
    landing.put("t.csv", "\n".join([*FILES["token_usage"] * 1, *[FILES["token_usage"][1]] * 40, line]))
    landing.load()
    assert landing.register()["t.csv"][2:5] == (43, 42, 1)


def test_more_than_thirty_lines_above_a_header_are_too_many(landing):
    landing.put("near.csv", "title\n" * 30 + "\n".join(FILES["users"]))
    landing.put("far.csv", "title\n" * 31 + "\n".join(FILES["users"]))
    landing.load()
    assert [landing.register()[p][1] for p in ("near.csv", "far.csv")] == ["loaded", "unrecognised"]


def test_a_field_too_many_in_one_row_is_a_separator_in_a_text_and_no_end_of_line(landing):
    rows = [f"{i},p{i}@f.example,P,Q,active," for i in range(3, 60)]
    landing.put("hr.csv", "\n".join([*FILES["hr_workers"], *rows, "60,p60@f.example,Smith, Jr,S,active,"]))
    landing.load()
    assert landing.register()["hr.csv"][:5] == ("hr_workers", "loaded", 60, 59, 1)


def test_a_large_file_with_titles_and_totals_keeps_the_numbers_of_its_rows(landing):
    rows = [f"p{i}@f.example,P,{i},User,Revit,T" for i in range(1, 30_001)]
    landing.put("u.csv", "\n".join(["Title", '"two\nlines"', FILES["users"][0], *rows, "Total,,,,,", "Total,,,,,"]))
    landing.load()
    assert landing.register()["u.csv"][2:5] == (30_000, 30_000, 0)
    wrong = "select count(*) from raw.users where cast(last_name as bigint) <> _row_number"
    assert landing.con.execute(wrong).fetchall() == [(0,)]


CODE_PAGES = {
    "windows-1251": ("cp1251", ["Отдел мостов", "Иванов Пётр", "Бухгалтерия"]),
    "windows-1253": ("cp1253", ["Παπαδόπουλος", "Αθήνα", "Τμήμα Μελετών"]),
    "windows-1250": ("cp1250", ["Łukasz Żółć", "Gęśla", "Wójcik Święty"]),
    "windows-1252": ("cp1252", ["Müller", "Größe", "Prénom naïf"]),
    "shift-jis": ("cp932", ["設計部", "山田太郎", "エンジニアリング"]),
    "gb18030": ("gb18030", ["设计部", "张伟", "北京工程"]),
    "euc-kr": ("cp949", ["설계부", "김철수", "서울지점"]),
    "big5": ("big5", ["設計部", "王小明", "台北工程"]),
}


@pytest.mark.parametrize("name", CODE_PAGES)
def test_a_code_page_is_found_and_shown_by_three_examples(landing, name):
    codec, words = CODE_PAGES[name]
    lines = ["employee_id,email,status,department", *(f"{i},p{i}@f.example,active,{w}" for i, w in enumerate(words))]
    landing.put("hr.csv", "\n".join(lines).encode(codec))
    landing.load()
    *_, encoding, message = landing.register()["hr.csv"]
    assert encoding == name
    assert all(f"'{w}'" in message for w in words)
    assert [
        r[0] for r in landing.con.execute("select department from raw.hr_workers order by _row_number").fetchall()
    ] == words


def test_the_manifest_names_the_code_page(landing):
    landing.put("hr.csv", "employee_id,email,status,department\n1,a@f.example,active,Dvořák\n".encode("cp1250"))
    landing.put("_manifest.yml", "encoding: cp1250\n")
    landing.load()
    assert landing.con.execute("select department from raw.hr_workers").fetchall() == [("Dvořák",)]
    assert landing.register()["hr.csv"][6] == "cp1250"


def page(lines: list[str], cell: str = "td") -> str:
    rows = "".join("<tr>" + "".join(f"<{cell}>{c}</{cell}>" for c in line.split(",")) + "</tr>\n" for line in lines)
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td '
        f"{{}}</style></head><body><table>{rows}</table></body></html>"
    )


@pytest.mark.parametrize(
    "text",
    [
        page(FILES["hr_workers"]),
        page(FILES["hr_workers"], "TH"),
        "<!DOCTYPE html>\n" + page(["HR list,,,,,", *FILES["hr_workers"], "Total,,,,,"]),
        page(FILES["hr_workers"]).replace("</td>", "").replace("</tr>", ""),
        page(FILES["hr_workers"]).replace("<html", '<?xml version="1.0"?><!-- x --><html').replace("Zoë", "Zo&euml;"),
        "<table><tr><td colspan=6>HR</td></tr>" + page(FILES["hr_workers"]).split("<table>")[1],
    ],
)
def test_a_web_page_with_one_table_is_read(landing, text):
    landing.put("hr.csv", "\n".join(FILES["hr_workers"]), drop="2026-09")
    landing.put("workers.xls", text, drop="2026-10")
    landing.load()
    assert landing.register()["workers.xls"][:5] == ("hr_workers", "loaded", 2, 2, 0)
    same = (
        "select employee_id, email, first_name, last_name, leave_date from raw.hr_workers where _drop = '{}' order by 1"
    )
    assert (
        landing.con.execute(same.format("2026-10")).fetchall() == landing.con.execute(same.format("2026-09")).fetchall()
    )


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        (page(FILES["users"]) + page(FILES["users"]), "rejected", "2 tables"),
        ("<html><body><form>Sign in</form></body></html>", "rejected", "without a table"),
        ("<html><table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>", "unrecognised", "web page"),
        ("<html>" + "<table><tr><td>" * 60, "rejected", "deep"),
        (
            '<html><table><tr><td colspan="999999">x</td><td>y</td></tr><tr><td>z</td></tr></table>',
            "rejected",
            "columns",
        ),
        ('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "rejected", "Excel 2003"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related\n\n<table>", "rejected", "MHTML"),
    ],
)
def test_a_page_that_is_not_one_table_is_refused_with_what_it_is(landing, text, verdict, words):
    landing.put("x.xls", text)
    landing.load()
    (row,) = landing.register().values()
    assert row[1] == verdict and words in row[7]


def test_files_that_programs_leave_behind_are_ignored(landing):
    for name in ("~$users.xlsx", ".~lock.users.csv#", ".DS_Store", "a/Thumbs.db", "desktop.ini", "a/._users.csv"):
        landing.put(name, b"\x00\x01")
    landing.put("users.csv", "\n".join(FILES["users"]))
    landing.load()
    register = landing.register()
    assert {p: r[1] for p, r in register.items() if r[1] != "loaded"} == dict.fromkeys(
        register.keys() - {"users.csv"}, "ignored"
    )
    assert len(register) == 7


def test_a_real_core_export_ends_header_and_rows_with_a_separator(landing):
    header = "Day used,Product,Email,Tokens used,Team,"
    landing.put("t.csv", "\n".join([header, *(r + "," for r in FILES["token_usage"][1:])]))
    landing.load()
    assert landing.register()["t.csv"][:5] == ("token_usage", "loaded", 2, 2, 0)


@pytest.mark.parametrize(
    "below",
    ["---|---|---|---|---", "-----------------", "---+----+--+---", "=== | === | === | === | ==="],
)
def test_the_line_that_a_database_client_draws_below_the_header_is_no_row(landing, below):
    header, *data = FILES["token_usage"]
    landing.put("t.txt", "\n".join([header.replace(",", "|"), below, *(d.replace(",", "|") for d in data), ""]))
    landing.load()
    assert landing.register()["t.txt"][:5] == ("token_usage", "loaded", 2, 2, 0)


@pytest.mark.parametrize("said", ["(2 rows affected)", "(2 rows)", "2 row(s) selected.", "2 Zeilen", "1.234 rows"])
def test_the_number_of_rows_that_a_database_client_says_is_no_row(landing, said):
    landing.put("t.csv", "\n".join([*FILES["token_usage"], "", said, ""]))
    landing.load()
    assert landing.register()["t.csv"][:5] == ("token_usage", "loaded", 2, 2, 0)
