"""Files beyond a limit, and texts that no program can keep: refused or read by name and in words, and the other files
of the drop are loaded. Kinds found by feeding the readers mutated and hostile files.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
import xlsxwriter

from pipelines.contracts.limits import MAX_COLUMNS, MAX_MEMBERS, MAX_ROW_BYTES
from pipelines.ingest.landing import strays
from pipelines.ingest.landing.time_limit import TimeIsOverError, TimeLimit
from pipelines.ingest.read import read_rows
from pipelines.ingest.recognise import recognised
from tests.unit.ingest.landing import GOOD, USERS, Landing

NAMES = USERS.strip()
ROW = "cy@firm.example,Cy,C,User,Revit,T"
PERSON = {"email": "ada@firm.example", "offering_name": "Revit", "role": "User"}
SUBSCRIPTIONS = (
    "team_alias,contract_number,subscription_id,offering_name,seat_quantity,start_date,end_date,subscription_status\n"
    "T,C1,S1,Revit,3,2026-01-01,2027-01-01,Active\n"
)
WORDS_OF_LIBRARIES = ("Error", "Exception", "reading it failed", "bad_cast", "codec")


def loaded(landing: Landing) -> dict[str, tuple]:
    """The register of the drop beside a good file, which is loaded whatever lies beside it. No text of a library's
    stands in it, and the rows of every file add up.
    """
    landing.put("zz good.csv", SUBSCRIPTIONS)
    landing.load()
    register = landing.register()
    assert register.pop("zz good.csv")[:4] == ("subscriptions", "loaded", 1, 1)
    for path, (_, _, read, good, bad, duplicate, _, message) in register.items():
        assert read == good + bad + duplicate, path
        assert not any(word in (message or "") for word in WORDS_OF_LIBRARIES), (path, message)
    return register


def only(landing: Landing) -> tuple:
    (row,) = loaded(landing).values()
    return row


def workbook(*sheets: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


def edited(archive: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """The same archive with the bytes of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, edit(source.read(info)))
    return out.getvalue()


def zipped(*members: tuple[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


# ---- texts that cannot be encoded

SCIM = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    "totalResults": 1,
    "Resources": [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "1\ud800",
            "userName": "a@x.example\udfff",
            "active": True,
        }
    ],
}
ADMIN = {"request": "/teams/1/users", "body": '{"data":[{"id":"1","email":"ada\\ud800@firm.example"}]}'}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (json.dumps([PERSON | {"role": "half \ud83d"}]), "users"),
        (json.dumps([PERSON | {"key \udc00": "1"}]), "users"),
        ("\n".join(json.dumps(PERSON | {"role": r}) for r in ("\ud800", "whole \U0001f600", "x\u2028y")), "users"),
        (json.dumps(SCIM), "directory_users"),
        (json.dumps(ADMIN), "users"),
    ],
    ids=["value", "key", "lines", "scim", "answer in a text"],
)
def test_half_of_a_character_in_json_is_read_as_the_sign_for_an_unknown_one(landing, text, name):
    landing.put("list.json", text)
    row = only(landing)
    assert row[:2] == (name, "loaded") and row[5] == 0
    assert "�" in str(landing.con.execute(f"select * from raw.{name}").fetchall())


# ---- columns


@pytest.mark.parametrize(
    "data",
    [
        NAMES + "".join(f",c{i}" for i in range(9_000)) + "\n" + ROW + "," * 9_000,
        NAMES + "".join(f",{'c' * 600}{i}" for i in range(500)) + "\n" + ROW + "," * 500,
        NAMES + "," * 16_378 + "\n" + ROW + "," * 16_378,
        NAMES + "," + "x" * 10_000_000 + "\n" + ROW + ",",
    ],
    ids=["many", "long names", "without names", "one long name"],
)
def test_a_text_with_too_many_columns_or_too_long_names_is_refused_with_both_numbers(landing, data):
    landing.put("wide.csv", data)
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "at most" in message and "are accepted" in message


def test_as_many_columns_as_are_accepted_are_read(landing):
    more = MAX_COLUMNS - NAMES.count(",") - 1
    landing.put("wide.csv", NAMES + "".join(f",c{i}" for i in range(more)) + "\n" + (ROW + ",7" * more + "\n") * 3)
    assert only(landing)[:4] == ("users", "loaded", 3, 3)


@pytest.mark.parametrize(
    "data",
    [
        json.dumps([PERSON | {f"k{i}": 1 for i in range(20_000)}]),
        "\n".join(json.dumps(PERSON | {f"k{i}": 1}) for i in range(2_000)),
        json.dumps([PERSON | {"k" * 1_000_000: 1}]),
        json.dumps({"columns": ["email", *map(str, range(5_000))], "rows": []}),
    ],
    ids=["one object", "other keys in every line", "one long key", "a list of columns"],
)
def test_json_with_too_many_keys_is_refused_with_both_numbers(landing, data):
    landing.put("wide.json", data)
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "are accepted" in message


def test_a_sheet_with_too_many_columns_is_refused_and_the_other_sheet_is_read(landing):
    names = NAMES.split(",")
    wide = [[*names, *(f"c{i}" for i in range(MAX_COLUMNS))], ROW.split(",")]
    landing.put("two.xlsx", workbook(wide, [names, ROW.split(",")]))
    register = loaded(landing)
    assert register["two.xlsx#Sheet1"][1] == "rejected" and "columns" in register["two.xlsx#Sheet1"][7]
    assert register["two.xlsx#Sheet2"][:4] == ("users", "loaded", 1, 1)


# ---- rows and cells

MANY = "".join(f"u{i}@firm.example,U,U,User,Revit,T\n" for i in range(40))
LONG = "x" * (MAX_ROW_BYTES + 1)


@pytest.mark.parametrize(
    "row",
    [f"l@firm.example,{LONG},L,User,Revit,T", f'l@firm.example,"{LONG}",L,User,Revit,T'],
    ids=["plain", "quoted"],
)
def test_a_row_that_is_too_long_is_rejected_and_the_others_are_loaded(landing, row):
    landing.put("long.csv", f"{NAMES}\n{MANY}{row}\n{ROW}\n")
    assert only(landing)[:6] == ("users", "loaded", 42, 41, 1, 0)
    reason, text = landing.con.execute("select reason, length(row_text) from raw.rejected_rows").fetchall()[0]
    assert "at most 8 MB are accepted" in reason and text < 1_000


def test_an_object_that_is_too_long_is_rejected_and_the_others_are_loaded(landing):
    people = [PERSON | {"role": str(i)} for i in range(40)]
    landing.put("long.json", json.dumps([*people, PERSON | {"role": LONG}, PERSON | {"role": '"' * 7_000_000}]))
    assert only(landing)[:6] == ("users", "loaded", 42, 41, 1, 0)
    assert "at most 8 MB" in landing.con.execute("select reason from raw.rejected_rows").fetchall()[0][0]


def test_a_workbook_with_a_cell_that_no_spreadsheet_writes_is_refused_with_sheet_and_row(landing):
    book = workbook([NAMES.split(","), ROW.split(",")])
    landing.put("cell.xlsx", edited(book, lambda data: data.replace(b">Cy<", b">" + LONG.encode() + b"<")))
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "row 2 of the sheet Sheet1" in message


# ---- archives


def test_an_archive_with_too_many_members_is_refused_without_unpacking_it(landing):
    landing.put("many.zip", zipped(*((f"{i}.csv", "") for i in range(MAX_MEMBERS + 1))))
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "1,001 files; at most 1,000 are accepted" in message


def test_members_of_archives_in_an_archive_count_together(landing):
    inner = zipped(*((f"{i}.txt", "") for i in range(400)))
    landing.put("outer.zip", zipped(*((f"{i}.zip", inner + bytes(i)) for i in range(3))))
    register = loaded(landing)
    assert [p for p, row in register.items() if "at most 1,000" in (row[7] or "")] == ["outer.zip!2.zip"]


def test_members_that_overlap_are_refused(landing):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = b"a,b\n" * 100_000
    data = packer.compress(raw) + packer.flush()
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, zlib.crc32(raw), len(data), len(raw), 5, 0)
    entry = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, zlib.crc32(raw), len(data), len(raw), 5, 0, 0, 0, 0, 0, 0
    )
    body, contents = local + b"a.csv" + data, (entry + b"a.csv") * 90
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 90, 90, len(contents), len(body), 0)
    landing.put("bomb.zip", body + contents + end)
    _, verdict, *_, message = only(landing)
    assert verdict == "rejected" and "overlap" in message


def test_a_list_of_contents_that_is_too_long_is_not_read(landing):
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 9, 9, 100 << 20, 0, 0)
    landing.put("list.zip", b"PK\x03\x04" + end)
    assert "list of contents" in only(landing)[-1]


def test_packings_within_each_other_are_opened_three_deep_and_no_deeper(landing):
    data = GOOD.encode()
    for _ in range(3):
        data = gzip.compress(data, 1)
    landing.put("three.csv.gz", data)
    for _ in range(1_500):
        data = gzip.compress(data, 1)
    landing.put("deep.csv.gz", data)
    register = loaded(landing)
    assert register["three.csv.gz"][:4] == ("users", "loaded", 2, 2)
    assert register["deep.csv.gz"][1] == "unrecognised" and "more than 3 times" in register["deep.csv.gz"][7]


def test_everything_that_one_member_holds_is_read_and_a_copy_of_it_is_not(landing):
    groups = [["Email", "Group", "Group type", "Role"], ["ada@firm.example", "G", "x", "Member"]]
    book = workbook([NAMES.split(","), ROW.split(",")], groups)
    landing.put("all.zip", zipped(("book.xlsx", book), ("copy of book.xlsx", book)))
    register = loaded(landing)
    assert [row[:2] for path, row in register.items() if "copy" not in path] == [
        ("users", "loaded"),
        ("groups", "loaded"),
    ]
    assert {row[1] for path, row in register.items() if "copy" in path} == {"duplicate"}


# ---- names


@pytest.mark.parametrize("second", [GOOD, GOOD.replace("ada", "eve")], ids=["the same", "another one"])
def test_two_members_of_one_name_have_a_row_of_the_register_each(landing, second):
    with pytest.warns(UserWarning, match="Duplicate name"):
        landing.put("twice.zip", zipped(("list.csv", GOOD), ("list.csv", second)))
    register = loaded(landing)
    assert set(register) == {"twice.zip!list.csv", "twice.zip!list.csv (2)"}
    assert register["twice.zip!list.csv (2)"][1] == ("duplicate" if second == GOOD else "loaded")


def test_the_second_of_two_sheets_of_one_name_is_told_and_the_first_is_not_read_twice(landing):
    names = NAMES.split(",")
    book = workbook([names, ROW.split(",")], [names, ROW.replace("cy@", "dan@").split(",")])
    landing.put("twins.xlsx", edited(book, lambda data: data.replace(b'name="Sheet2"', b'name="Sheet1"')))
    register = loaded(landing)
    assert {p: row[1] for p, row in register.items()} == {
        "twins.xlsx#Sheet1": "loaded",
        "twins.xlsx#Sheet1 (2)": "rejected",
    }
    assert "rename one of them" in register["twins.xlsx#Sheet1 (2)"][7]
    assert landing.con.execute("select email from raw.users").fetchall() == [("cy@firm.example",)]


def test_names_that_are_no_text_are_shown_by_their_bytes_and_their_files_are_read(landing):
    landing.put(os.fsdecode(b"caf\xe9.csv"), GOOD)
    landing.put(os.fsdecode(b"caf\xe9.csv.manifest.yml"), "complete: yes\n")
    landing.put("two\nlines \x1b[31m.csv", GOOD.replace("ada", "eve"))
    register = loaded(landing)
    assert {p: row[1] for p, row in register.items()} == {
        "caf\\xe9.csv": "loaded",
        "two\\nlines \\x1b[31m.csv": "loaded",
    }
    complete = landing.con.execute("select complete from raw.file_register where path like 'caf%'").fetchall()
    assert complete == [("yes",)]
    (landing.folder / "landing" / os.fsdecode(b"Oktober \xfc")).mkdir()
    (found,) = strays.strays(landing.folder / "landing")
    assert found.sentence().encode() and "\\xfc" in found.name


# ---- nesting


@pytest.mark.parametrize("data", ["[" * 100_000, json.dumps([PERSON])[:-2] + ', "role": ' + "[" * 5_000])
def test_json_that_is_nested_too_deeply_is_refused(landing, data):
    landing.put("deep.json", data)
    assert only(landing)[1:] == ("rejected", 0, 0, 0, 0, None, "the JSON is nested too deeply")


# ---- web pages

PAGE = "<html><table>" + "".join(
    f"<tr>{''.join(f'<td>{c}</td>' for c in line.split(','))}</tr>" for line in (NAMES, ROW)
)


@pytest.mark.parametrize(
    "rest",
    [
        "<!-- " * 200_000,
        "<a " * 200_000,
        "<![CDATA[" * 100_000,
        "</" * 200_000,
        "<? " * 200_000,
        "<" * 300_000,
        "&#" * 300_000,
    ],
)
def test_a_page_whose_rest_has_no_end_is_read_in_one_pass(landing, rest):
    landing.put("page.xls", PAGE + "<![if !x]><!-- <td> -->" + "</table>" + rest)
    assert only(landing)[:4] == ("users", "loaded", 1, 1)


def test_a_cell_that_reaches_over_a_million_rows_and_columns_is_refused(landing):
    cell = "<td rowspan=999999 colspan=999>" + "x" * 10_000
    landing.put("page.xls", f"<html><table><tr>{cell}" + "<tr><td>" * 10_000 + "</table>")
    assert only(landing)[1] == "rejected"


# ---- time


def test_a_file_that_takes_too_long_is_refused_by_name_and_read_again_by_the_next_run(landing, monkeypatch):
    landing.put("slow.csv", GOOD)

    def forever(self, path, *rest):
        while path == "slow.csv":
            pass
        return iter(())

    with monkeypatch.context() as patch:
        patch.setattr(recognised._Recogniser, "_text", forever)
        patch.setattr(read_rows, "seconds_for", lambda size: 0.2)
        landing.load()
    _, verdict, *_, message = landing.register()["slow.csv"]
    assert verdict == "rejected" and "seconds of processor time" in message
    landing.load()
    assert landing.register()["slow.csv"][1] == "loaded"


def test_a_statement_that_takes_too_long_is_interrupted_and_the_connection_goes_on(landing):
    limit = TimeLimit(0.2, landing.con)
    with pytest.raises(TimeIsOverError), limit:
        landing.con.execute(
            "select count(*) from range(10000000) as a, range(10000000) as b where a.range + b.range > 7"
        )
    assert limit.is_over
    assert landing.con.execute("select 1").fetchall() == [(1,)]
