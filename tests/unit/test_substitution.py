"""Values of a person in texts, tables and files of any form: replaced where they are the person's, and nowhere else."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from pipelines.ingest.forms.workbook import read_workbook
from pipelines.substitution.files import UnreadableError, rewrite
from pipelines.substitution.tables import count_rows, replace_values
from pipelines.substitution.values import Values

ADA = Values(
    anywhere={
        "ada@corp.example": "forgotten-1@corp.example",
        "ada byron": "Forgotten 1",
        "f81d4fae-7dec": "forgotten-1-id",
    },
    cells={"e0815": "forgotten-1-no", "48151": "forgotten-1-nr"},
    accounts={"countess": "forgotten-1-account"},
    beside={"ada": "forgotten", "byron": "one"},
    exact={"ab" * 32: "cd" * 32},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ADA@Corp.example uses it.", "forgotten-1@corp.example uses it."),
        ("to ada@corp.example.", "to forgotten-1@corp.example."),
        ("joada@corp.example", "joada@corp.example"),
        ("x.ada@corp.example", "x.ada@corp.example"),
        ("ada@corp.example.org", "ada@corp.example.org"),
        ("ada-ada@corp.example", "ada-ada@corp.example"),
        ("by Ada  Byron", "by Forgotten 1"),
        ("Ada Byronson", "Ada Byronson"),
        ("Ada\tByron", "Ada\tByron"),
        ("7,E0815,x", "7,forgotten-1-no,x"),
        ("E0815-B", "E0815-B"),
        ("48151 rows", "48151 rows"),
        ("a;48151;b", "a;forgotten-1-nr;b"),
        ("countess@ws-7 out", "forgotten-1-account@ws-7 out"),
        ("countess@other.example", "countess@other.example"),
        ("the countess left", "the countess left"),
        ("Byron is a town", "Byron is a town"),
        (f"{'ab' * 32}:7", f"{'cd' * 32}:7"),
        (f"{'ab' * 33}:7", f"{'ab' * 33}:7"),
    ],
)
def test_a_value_is_replaced_where_it_stands_alone(text: str, expected: str):
    assert ADA.text(text) == expected


def test_parts_of_a_name_are_replaced_in_a_record_of_the_person_only():
    assert ADA.record("Ada;Byron;ada@corp.example") == "forgotten;one;forgotten-1@corp.example"
    assert ADA.record("Ada;Lovelace;other@corp.example") == "Ada;Lovelace;other@corp.example"
    assert ADA.record("ada@corp.example;ada.king@corp.example") == "forgotten-1@corp.example;ada.king@corp.example"


def test_a_table_changes_in_the_rows_of_the_person_and_says_how_many():
    with duckdb.connect() as con:
        con.execute("create schema calendar; create schema raw")
        con.execute(
            "create table calendar.findings as select * from (values ('2026-09', 'ada@corp.example', 'Ada: 1'), "
            "('2026-10', 'joada@corp.example', 'Ada: 2'), ('2026-10', null, 'E0815')) as t (review_month, person_key, "
            "detail)"
        )
        con.execute(
            "create table raw.nlm as from (values ('countess', 'x'), ('jo', 'countess')) as t (user_name, role)"
        )
        assert count_rows(con, ADA) == {("calendar", "findings"): 2}
        named, changed = replace_values(con, ADA, {"user_name"})
        assert (
            named
            == changed
            == {
                ("calendar", "findings", "2026-09"): 1,
                ("calendar", "findings", "2026-10"): 1,
                ("raw", "nlm", ""): 1,
            }
        )
        assert con.execute("select * from calendar.findings order by all").fetchall() == [
            ("2026-09", "forgotten-1@corp.example", "forgotten: 1"),
            ("2026-10", "joada@corp.example", "Ada: 2"),
            ("2026-10", None, "forgotten-1-no"),
        ]
        assert con.execute("from raw.nlm").fetchall() == [("forgotten-1-account", "x"), ("jo", "countess")]
        assert replace_values(con, ADA, {"user_name"}) == ({}, {})


TABLE = "Mail,First,No\nada@corp.example,Ada,E0815\njo@corp.example,Ada,E0816\n"
ERASED = "Mail,First,No\nforgotten-1@corp.example,forgotten,forgotten-1-no\njo@corp.example,Ada,E0816\n"


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
def test_a_text_changes_in_its_encoding(tmp_path: Path, encoding: str):
    path = tmp_path / "users.csv"
    path.write_bytes((TABLE + "ü\n").encode(encoding))
    assert rewrite(path, ADA, tmp_path / "scratch")
    assert path.read_bytes() == (ERASED + "ü\n").encode(encoding)
    assert not rewrite(path, ADA, tmp_path / "scratch")


def test_archives_within_archives_change_and_others_are_left_alone(tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(**{"in.zip": zipped(**{"ada@corp.example.csv.gz": gzip.compress(TABLE.encode())})}))
    assert rewrite(path, ADA, tmp_path / "scratch", write=False)
    assert rewrite(path, ADA, tmp_path / "scratch")
    with zipfile.ZipFile(path) as outer, zipfile.ZipFile(io.BytesIO(outer.read("in.zip"))) as inner:
        assert gzip.decompress(inner.read("forgotten-1@corp.example.csv.gz")).decode() == ERASED
    other = tmp_path / "b.zip"
    other.write_bytes(zipped(x=b"nobody"))
    before = other.read_bytes()
    assert not rewrite(other, ADA, tmp_path / "scratch")
    assert other.read_bytes() == before


def test_a_row_of_a_workbook_changes_and_a_shared_text_stays_in_the_rows_of_others(tmp_path: Path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Users")
        for number, row in enumerate(line.split(",") for line in TABLE.split()):
            sheet.write_row(number, 0, row)
        sheet.write_row(3, 0, ["ada@corp.example", "Byron", 48151])
    assert rewrite(path, ADA, tmp_path / "scratch")
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist()).lower()
    assert b"byron" not in everything and b"ada@corp" not in everything and b"e0815" not in everything
    (tmp_path / "out").mkdir()
    read_workbook(path, tmp_path / "out")
    texts = " ".join(p.read_text() for p in (tmp_path / "out").rglob("*") if p.suffix not in (".xlsx", ".json"))
    assert "forgotten-1@corp.example" in texts and "jo@corp.example" in texts and "Ada" in texts


def test_json_changes_object_by_object(tmp_path: Path):
    path = tmp_path / "a.json"
    rows = [
        {"mail": "ada@corp.example", "name": {"given": "Ada"}},
        {"mail": "jo@corp.example", "name": {"given": "Ada"}},
    ]
    path.write_text(json.dumps({"value": rows}))
    assert rewrite(path, ADA, tmp_path / "scratch")
    made = json.loads(path.read_text())["value"]
    assert [r["name"]["given"] for r in made] == ["forgotten", "Ada"]
    assert [r["mail"] for r in made] == ["forgotten-1@corp.example", "jo@corp.example"]


def test_an_entry_of_ldif_changes_also_where_it_is_encoded(tmp_path: Path):
    path = tmp_path / "a.ldif"
    name = base64.b64encode(b"Ada Byron").decode()
    path.write_text(f"dn: CN=x\ncn:: {name}\nmail: ada@corp.example\ngivenName: Ada\n\ndn: CN=y\ngivenName: Ada\n")
    assert rewrite(path, ADA, tmp_path / "scratch")
    first, second = path.read_text().split("\n\n")
    assert base64.b64decode(first.split("cn:: ")[1].split()[0]) == b"Forgotten 1"
    assert "givenName: forgotten" in first and "givenName: Ada" in second


def test_parquet_and_sqlite_change_and_keep_their_types(tmp_path: Path):
    path = tmp_path / "a.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy (select 'ada@corp.example' as mail, 7::decimal(9,2) as n) to '{path}' (format parquet)")
        assert rewrite(path, ADA, tmp_path / "scratch")
        assert con.execute(f"select mail, n, typeof(n) from '{path}'").fetchall() == [
            ("forgotten-1@corp.example", 7, "DECIMAL(9,2)")
        ]
    store = tmp_path / "runs.db"
    with closing(sqlite3.connect(store)) as con:
        con.execute("pragma journal_mode = wal")
        con.execute("create table logs (body text, at int)")
        con.execute("insert into logs values ('failed for ada@corp.example', 7)")
        con.commit()
        # It waits beside the database, which is open.
        assert b"ada@corp" in store.with_name("runs.db-wal").read_bytes()
        assert rewrite(store, ADA, tmp_path / "scratch", write=False)
        assert rewrite(store, ADA, tmp_path / "scratch")
        assert con.execute("select body from logs").fetchall() == [("failed for forgotten-1@corp.example",)]
    assert not any(b"ada@corp" in p.read_bytes() for p in tmp_path.glob("runs.db*"))


def test_what_cannot_be_looked_through_is_said(tmp_path: Path):
    path = tmp_path / "locked.zip"
    content = bytearray(zipped(x=b"secret"))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[at] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableError, match="password"):
        rewrite(path, ADA, tmp_path / "scratch")
