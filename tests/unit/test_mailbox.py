"""The mailbox: what is laid into landing/decisions/ is read, answered and kept, and nothing is lost."""

from __future__ import annotations

import csv
import fcntl
import os
import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from pipelines.ingest.landing.fingerprints import drop_fingerprints
from pipelines.ingest.landing.strays import strays
from pipelines.ingest.read import filled
from pipelines.publish.workbooks.terms import ACTIVITY, DECIDED_BY, SIGNED_BY, SIGNED_ON
from pipelines.run import mailbox
from pipelines.run.answers import read_on
from pipelines.run.mailbox import ANSWER, look, read_mailbox
from pipelines.settings import Settings

MOMENT = datetime(2026, 11, 5, 9, 30)
HEAD = [
    "Review month", "Team", "Offering", "Person", "Decision", "Until", "Decided by", "Reason for decision",
    "Finding id",
]  # fmt: skip
A, B = "a" * 16, "b" * 16
ANA = ["2026-10", "Harbour", "revit", "ana@a.example"]


@pytest.fixture
def box(tmp_path: Path) -> Settings:
    """A data folder in which October is published with two findings, and a mailbox."""
    settings = Settings(tmp_path)
    settings.published.mkdir()
    (settings.landing / "decisions").mkdir(parents=True)
    (settings.landing / "2026-10").mkdir()
    with duckdb.connect(str(settings.published_database)) as con:
        con.execute("create schema calendar")
        con.execute(
            "create table calendar.findings as select '2026-10' as review_month, * from (values "
            f"('{A}', 'Harbour', 'revit', 'ana@a.example', 'USE-01'), "
            f"('{B}', 'Harbour', 'revit', 'ben@a.example', 'USE-01')) "
            "as t(finding_id, team_alias, offering_key, person_key, rule_id)"
        )
        con.execute("create table calendar.rule_runs as select '2026-10' as review_month")
        con.execute(
            "create table calendar.review_calendar as select * from (values "
            "('user_activity_audit', 'deprovisioning_list', '2026-10', 'produced', false)) "
            "as t(activity, output, period, state, is_ahead)"
        )
        con.execute("create table calendar.publications (place bigint, review_month varchar, output varchar, "
            "version bigint, rows bigint, rows_added bigint, rows_removed bigint, rows_changed bigint, reason varchar, "
            "parquet_sha256 varchar, csv_sha256 varchar, content_sha256 varchar, raw_sha256 varchar, "
            "reference_sha256 varchar, rules_sha256 varchar, code_version varchar, previous_hash varchar, "
            "entry_hash varchar)")  # fmt: skip
        con.execute(
            "insert into calendar.publications values (1, '2026-10', 'deprovisioning_list', 1, 2, 0, 0, 0, '', '', "
            "'', '', '', '', '', '', '', 'abc')"
        )
    return settings


def lay(settings: Settings, name: str, *rows: list[str], facts: dict[str, str] | None = None) -> Path:
    """A workbook in the mailbox: its first sheet with facts, and a list."""
    path = settings.landing / "decisions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        first = book.add_worksheet("About")
        for number, (label, value) in enumerate((facts or {}).items(), start=3):
            first.write_row(number, 0, [label, value])
        sheet = book.add_worksheet("List")
        for number, cells in enumerate([HEAD, *rows]):
            sheet.write_row(number, 0, cells)
    return path


def decided(settings: Settings) -> list[dict[str, str]]:
    path = settings.landing / "reference" / "dispositions.csv"
    return list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []


def answer_to(path: Path) -> str:
    return path.with_name(path.name + ANSWER).read_text(encoding="utf-8")


def test_a_filled_workbook_is_taken_answered_row_by_row_and_kept(box: Settings):
    path = lay(
        box,
        "Ada.xlsx",
        [*ANA, "accepted", "", "Ada Example", "stays", A],
        ["2026-10", "Harbour", "revit", "ana@a.example", "accepted", "", "Ada Example", "", B],
        [*ANA, "perhaps", "", "Ada Example", "", A],
        [*ANA, "", "", "", "", A],
    )
    content = path.read_bytes()
    (answer,) = read_mailbox(box, MOMENT).answers
    assert [answer.number(v) for v in ("taken", "known", "refused", "undecided")] == [1, 0, 2, 1]
    assert [(d["finding_id"], d["decision"], d["by"], d["review_month"]) for d in decided(box)] == [
        (A, "accepted", "Ada Example", "2026-10")
    ]
    text = answer_to(path)
    assert (
        f"sheet List, row 3, column Person: finding {B} is about the person 'ben@a.example', and the row is about "
        "'ana@a.example'. Were the rows sorted"
    ) in text
    assert "sheet List, row 4, column Decision: 'perhaps' is not a decision; expected one of accepted" in text
    assert "sheet List, row 2: accepted by Ada Example, on 1 finding" in text
    kept = box.landing / "decisions" / "taken" / "Ada.xlsx"
    assert not path.exists() and kept.read_bytes() == content and answer_to(kept) == text


def test_the_same_file_twice_decides_nothing_new_and_overwrites_none(box: Settings):
    row = [*ANA, "accepted", "", "Ada", "", A]
    lay(box, "Ada.xlsx", row)
    read_mailbox(box, MOMENT)
    before = decided(box)
    path = lay(box, "Ada.xlsx", row)
    mail = read_mailbox(box, MOMENT)
    assert decided(box) == before and not mail.has_news and mail.answers[0].number("known") == 1
    assert sorted(p.name for p in (box.landing / "decisions" / "taken").glob("*.xlsx")) == ["Ada-2.xlsx", "Ada.xlsx"]
    assert "decided before, on 2026-11-05" in answer_to(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_as_spreadsheets_save_it(box: Settings, encoding: str, separator: str):
    path = box.landing / "decisions" / "answers.csv"
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, delimiter=separator)
        writer.writerows([HEAD, [*ANA, "accepted", "", "Zoë Example", "'=Project, until June\nor later", A]])
    read_mailbox(box, MOMENT)
    (one,) = decided(box)
    assert (one["by"], one["reason"]) == ("Zoë Example", "=Project, until June\nor later")


def test_who_decides_may_stand_once_on_the_first_sheet(box: Settings):
    lay(box, "a.xlsx", [*ANA, "accepted", "", "", "", A], facts={DECIDED_BY: "ada@a.example"})
    read_mailbox(box, MOMENT)
    assert decided(box)[0]["by"] == "ada@a.example"


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("~$Ada.xlsx", b"\x05Ada", "keeps this file while a workbook is open"),
        ("Ada.xlsx.part", b"PK", "still being copied"),
        ("empty.xlsx", b"", "the file is empty"),
        ("text.xlsx", b"not a workbook", "named like a workbook, but it is a text file"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00", "neither a workbook nor a text file"),
        ("notes.txt", b"Please call me.\n", "no sheet with the columns"),
        ("cut.csv", b"Decision,Finding id,Person\naccepted,abc,x\nacc", "ends in the middle of its last row"),
        ("nul.csv", b"Decision,Finding id\n" + b"accepted,a\n" * 9000 + b"\x00\n", "not a text file"),
        ("quote.csv", b'Decision,Finding id\n"accepted,abc\n', "a quote is opened and never closed"),
        ("half.xlsx", None, "damaged"),
    ],
)
def test_what_is_no_workbook_of_ours_is_answered_and_left_and_the_others_are_read(
    box: Settings, name: str, content: bytes | None, says: str
):
    path = box.landing / "decisions" / name
    if content is None:
        damaged(lay(box, name))
        content = path.read_bytes()
    path.write_bytes(content)
    lay(box, "good.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    mail = read_mailbox(box, MOMENT)
    assert says in answer_to(path) and path.read_bytes() == content
    assert len(decided(box)) == 1 and len(mail.answers) == 2
    # Another look says it again and writes nothing.
    written = path.with_name(path.name + ANSWER).stat().st_mtime_ns
    assert [a.name for a in read_mailbox(box, MOMENT).answers] == [name]
    assert path.with_name(path.name + ANSWER).stat().st_mtime_ns == written or name.startswith("~$")


def test_a_workbook_at_which_the_reader_dies_is_answered_and_those_behind_it_are_read(
    box: Settings, monkeypatch: pytest.MonkeyPatch
):
    ask = filled._ask_child

    def dying(paths: list[Path]):
        place = next((n for n, p in enumerate(paths) if p.name == "2.xlsx"), len(paths))
        said, _ = ask(paths[:place]) if place else ([], "")
        return said, "killed"

    monkeypatch.setattr(filled, "_ask_child", dying)
    for name, finding, person in (("1", A, "ana"), ("2", A, "ana"), ("3", B, "ben")):
        lay(box, f"{name}.xlsx", [*ANA[:3], f"{person}@a.example", "accepted", "", "Ada", "", finding])
    answers = {a.name: a for a in read_mailbox(box, MOMENT).answers}
    assert "needs too much memory: killed" in answers["2.xlsx"].problem
    assert {n: a.number("taken") for n, a in answers.items()} == {"1.xlsx": 1, "2.xlsx": 0, "3.xlsx": 1}


def test_a_link_and_a_name_as_long_as_can_be_harm_nothing(box: Settings):
    folder = box.landing / "decisions"
    (folder / "link.xlsx").symlink_to("/etc/hostname")
    lay(box, "ä" * 120 + ".xlsx", [*ANA, "accepted", "", "Ada", "", A])
    mail = read_mailbox(box, MOMENT)
    assert "is a link" in answer_to(folder / "link.xlsx") and len(mail.answers) == 2
    assert len(decided(box)) == 1 and (folder / "taken" / ("ä" * 120 + ".xlsx")).exists()


def test_a_name_that_is_no_text_and_folders_of_persons_are_read_too(box: Settings, capsysbinary):
    path = lay(box, "Ada/a.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    path.rename(path.with_name(os.fsdecode(b"\xff\nb.xlsx")))
    (answer,) = read_mailbox(box, MOMENT).answers
    print(answer.sentence)
    assert answer.moved_to == "taken/Ada/??b.xlsx" and len(decided(box)) == 1
    assert [os.fsencode(p.name) for p in (box.landing / "decisions" / "taken" / "Ada").glob("*.xlsx")] == [
        b"\xff\nb.xlsx"
    ]


def test_a_file_that_changes_while_it_is_read_stays_and_is_read_again(box: Settings, monkeypatch: pytest.MonkeyPatch):
    path = lay(box, "a.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    read = mailbox.read_filled

    def slow(paths: list[Path]):
        found = read(paths)
        lay(
            box, "a.xlsx", [*ANA, "accepted", "", "Ada", "", A], [*ANA[:3], "ben@a.example", "waived", "", "Ada", "", B]
        )
        return found

    monkeypatch.setattr(mailbox, "read_filled", slow)
    read_mailbox(box, MOMENT)
    assert path.exists() and "was left where it is" in answer_to(path)
    monkeypatch.setattr(mailbox, "read_filled", read)
    (answer,) = read_mailbox(box, MOMENT).answers
    assert (answer.number("known"), answer.number("refused")) == (1, 1) and not path.exists()


def test_a_text_waits_until_two_looks_find_the_same_and_a_workbook_does_not(box: Settings):
    lay(box, "a.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    path = box.landing / "decisions" / "b.csv"
    path.write_text("Decision,Decided by,Finding id\n")
    first = read_mailbox(box, MOMENT, {})
    assert [a.name for a in first.answers] == ["a.xlsx"] and path.exists()
    path.write_text(f"Decision,Decided by,Finding id\naccepted,Ben,{B}\n")
    second = read_mailbox(box, MOMENT, first.seen)
    assert second.answers == []
    third = read_mailbox(box, MOMENT, second.seen)
    assert third.answers[0].number("taken") == 1 and [d["finding_id"] for d in decided(box)] == [A, B]


def test_a_look_of_the_sensor_knows_the_table_that_it_wrote_and_waits_for_another_writer(box: Settings):
    (box.landing / "reference").mkdir()
    before = drop_fingerprints(box.landing)
    path = lay(box, "a.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    box.state.mkdir()
    with (box.state / "writer.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        mail, seen = look(box, before, MOMENT)
        assert mail.answers == [] and path.exists() and seen == before
    mail, seen = look(box, before, MOMENT)
    assert mail.has_news and seen == drop_fingerprints(box.landing) and seen != before
    # A table that somebody is changing meanwhile stays unknown, so that it is waited for.
    lay(box, "b.xlsx", [*ANA, "remediated", "", "Ada", "", A])
    assert look(box, before, MOMENT)[1] == before


def test_a_signature_on_the_first_sheet_signs_and_the_first_name_stands(box: Settings):
    facts = {"Review month": "2026-10", ACTIVITY: "user_activity_audit", SIGNED_ON: ""}
    lay(box, "1.xlsx", facts={**facts, SIGNED_BY: "Ada Example", SIGNED_ON: "2026-11-02"})
    second = lay(box, "2.xlsx", facts={**facts, SIGNED_BY: "Ben Example"})
    lay(box, "3.xlsx", facts={**facts, SIGNED_BY: "ada example"})
    mail = read_mailbox(box, MOMENT)
    text = (box.landing / "reference" / "sign_offs.csv").read_text()
    assert text.splitlines()[1:] == [
        "user_activity_audit,2026-10,Ada Example,2026-11-02T00:00:00Z,abc,handed in on 2026-11-05"
    ]
    assert "was signed by Ada Example" in answer_to(second) and "Ben Example was not added" in answer_to(second)
    assert mail.answers[2].not_signed == "" and "before" in mail.answers[2].signed


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({SIGNED_BY: "Ada"}, "names no review"),
        ({SIGNED_BY: "Ada", ACTIVITY: "admin_privilege", "Review month": "2026-10"}, "There is no review"),
        ({SIGNED_BY: "Ada", ACTIVITY: "user_activity_audit", "Review month": "2026-09"}, "never made"),
        (
            {SIGNED_BY: "Ada", ACTIVITY: "user_activity_audit", "Review month": "2026-10", SIGNED_ON: "soon"},
            "is not a date",
        ),
        (
            {SIGNED_BY: "Ada", ACTIVITY: "user_activity_audit", "Review month": "2026-10", SIGNED_ON: "2026-11-06"},
            "is in the future",
        ),
        (
            {SIGNED_BY: "Ada", ACTIVITY: "user_activity_audit", "Review month": "2026-10", SIGNED_ON: "2026-09-30"},
            "before 2026-10, the month that is reviewed",
        ),
    ],
)
def test_what_cannot_be_signed_is_answered(box: Settings, facts: dict[str, str], says: str):
    path = lay(box, "a.xlsx", facts=facts)
    read_mailbox(box, MOMENT)
    assert says in answer_to(path) and not (box.landing / "reference" / "sign_offs.csv").exists()


def test_before_anything_is_published_the_mailbox_waits(tmp_path: Path):
    settings = Settings(tmp_path)
    path = lay(settings, "a.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    read_mailbox(settings, MOMENT)
    assert "Nothing is published" in answer_to(path) and path.exists()


def test_a_table_of_decisions_of_somebody_else_is_not_written_over(box: Settings):
    (box.landing / "reference").mkdir()
    table = box.landing / "reference" / "dispositions.csv"
    table.write_text("finding;decision\n1;accepted\n")
    path = lay(box, "a.xlsx", [*ANA, "accepted", "", "Ada", "", A])
    read_mailbox(box, MOMENT)
    assert "Give it another name" in answer_to(path) and path.exists()
    assert table.read_text() == "finding;decision\n1;accepted\n"


def test_in_privacy_mode_the_answer_and_what_a_look_remembers_name_nobody(box: Settings):
    (box.landing / "reference").mkdir()
    (box.landing / "reference" / "settings.csv").write_text("key,value\nprivacy_mode,on\n")
    facts = {ACTIVITY: "user_activity_audit", "Review month": "2026-10", SIGNED_BY: "Ana Real"}
    other = ["2026-10", "Harbour", "revit", "zed@a.example"]
    rows = [[*ANA, "accepted", "", "Ana Real", "left", A], [*other, "accepted", "", "Ana Real", "", B]]
    lay(box, "of ana@a.example.xlsx", *rows, facts=facts)
    mail = read_mailbox(box, MOMENT, {})
    assert [(a.number("taken"), a.number("refused")) for a in mail.answers] == [(1, 1)] and mail.answers[0].signed
    texts = [p.read_text() for p in sorted((box.landing / "decisions").rglob(f"*{ANSWER}"))]
    assert len(texts) == 2 and "Signature: taken." in texts[0] and "accepted, on 1 finding" in texts[0]
    for text in [*texts, str(mail.seen)]:
        assert not re.search("ana|zed|real", text.lower()), text
    assert read_on(texts[0]) == MOMENT.date()
    # The tables of the company say who decided and who signed.
    for name in ("dispositions.csv", "sign_offs.csv"):
        assert "Ana Real" in (box.landing / "reference" / name).read_text()


def test_the_mailbox_is_no_drop_and_no_stray(box: Settings):
    lay(box, "a.xlsx", [*ANA, "", "", "", "", A])
    assert set(drop_fingerprints(box.landing)) == {"reference", "2026-10"}
    assert strays(box.landing) == []
