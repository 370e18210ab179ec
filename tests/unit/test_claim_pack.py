"""The archive of answers to claims: what stands in which folder, whole rows of files, the same bytes twice."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.claim_pack import MARKS, claim_files, write_claim_pack

MONTH = "2026-10"
ANSWERS = [
    # claim_id, answer, marking, accepted_list, internal_note
    ("A", "contested", "share", 0, "over elsewhere"),
    ("B", "accepted", "limit", 2600, "an admission"),
    ("C", "not_provable", "withhold", None, None),
    ("=D", "out_of_scope", "share", 0, None),
]
EVIDENCE = [
    # claim_id, side, input, row_number, marking
    ("A", "against", "users", 1, "share"),
    ("A", "for", "lrt", 2, "withhold"),
    ("B", "for", "lrt", 1, "limit"),
    ("C", "for", "lrt", 3, "withhold"),
]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema calendar; create schema raw;
            create table raw.file_register (_file_no int, drop text, path text);
            insert into raw.file_register values (1, '2026-10', 'users.csv'), (2, '2026-10', 'lrt.csv');
            create table raw.users (_file_no int, _row_number bigint, email text, role text, _extra text);
            insert into raw.users values (1, 1, 'ada@firm.example', null, 'x'), (1, 2, 'other@firm.example', null, 'x');
            create table raw.lrt (_file_no int, _row_number bigint, event_at timestamp, user_email text, minutes decimal(19,4));
            insert into raw.lrt select 2, n, '2026-10-05 10:00:00', 'person' || n || '@firm.example', 30 from range(1, 5) as t (n);
            create table calendar.claim_answers (review_month text, claim_id text, place bigint, product text, version text,
                claimed_person text, device text, serial text, period text, quantity bigint, answer text, reason text, marking text,
                accepted_list decimal(38,2), internal_note text);
            create table calendar.claim_evidence (review_month text, claim_id text, place bigint, side text, kind text,
                day date, input text, drop text, path text, row_number bigint, sha256 text, marking text);
            """  # noqa: E501
        )
        for claim, answer, marking, amount, note in ANSWERS:
            connection.execute(
                "insert into calendar.claim_answers values (?, ?, 1, 'Revit', null, 'p', null, null, null, 1, ?, "
                "'why', ?, ?, ?)",
                [MONTH, claim, answer, marking, amount, note],
            )
        for claim, side, name, number, marking in EVIDENCE:
            connection.execute(
                "insert into calendar.claim_evidence values (?, ?, 1, ?, 'use', null, ?, '2026-10', ?, ?, 'sha', ?)",
                [MONTH, claim, side, name, f"{name}.csv", number, marking],
            )
        yield connection


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_folder_holds_what_its_mark_says_and_only_withhold_has_amounts_and_notes(con):
    files = claim_files(con, MONTH)
    assert set(files) == {"README.txt", *(f"{m}/{n}.csv" for m in MARKS for n in ("answers", "evidence"))}
    lines = {m: [r["claim_id"] for r in table(files[f"{m}/answers.csv"])] for m in MARKS}
    assert lines == {"share": ["'=D", "A"], "limit": ["B"], "withhold": ["'=D", "A", "B", "C"]}
    rows = {m: [(r["claim_id"], r["row"]) for r in table(files[f"{m}/evidence.csv"])] for m in MARKS}
    assert rows["share"] == [("A", "email: ada@firm.example")]
    assert rows["limit"] == [("B", "event_at: 2026-10-05 10:00:00; user_email: person1@firm.example; minutes: 30")]
    assert [c for c, _ in rows["withhold"]] == ["A", "C"]
    for text in (files["share/answers.csv"], files["limit/answers.csv"]):
        assert "2600" not in text and "admission" not in text and "over elsewhere" not in text
    assert "2600" in files["withhold/answers.csv"] and "an admission" in files["withhold/answers.csv"]
    # A row of somebody else's, and what a contract's columns do not hold, are nowhere.
    assert "other@firm.example" not in "".join(files.values()) and "_extra" not in "".join(files.values())


def test_the_archive_is_the_same_twice_names_its_members_and_goes_with_the_claims(con, tmp_path: Path):
    path = write_claim_pack(con, tmp_path, tmp_path / "scratch", MONTH)
    assert path == tmp_path / "claims" / f"{MONTH}.zip"
    first = path.read_bytes()
    assert write_claim_pack(con, tmp_path, tmp_path / "scratch", MONTH).read_bytes() == first
    with zipfile.ZipFile(path) as archive:
        members = json.loads(archive.read("manifest.json"))["members"]
        assert set(members) == set(archive.namelist()) - {"manifest.json"}
        assert all(hashlib.sha256(archive.read(n)).hexdigest() == sha for n, sha in members.items())
    con.execute("delete from calendar.claim_answers")
    assert write_claim_pack(con, tmp_path, tmp_path / "scratch", MONTH) is None
    assert not path.exists()
