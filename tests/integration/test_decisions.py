"""The round trip of a decision: typed into a published workbook, handed back, shown by the next run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from pipelines.publish.workbooks.terms import column_of
from tests.conftest import Reviewed, selfaudit

MONTH = "2026-10"


@pytest.fixture
def data(demo: Reviewed, tmp_path: Path) -> Path:
    """A copy of the demo's data folder."""
    return Path(shutil.copytree(demo.data, tmp_path / "data"))


def type_into(
    published: Path, output: str, target: Path, decisions: dict[int, dict[str, str]]
) -> list[dict[str, object]]:
    """Save the published list again with decisions typed into rows (0 = first), as a spreadsheet would. Returns its
    rows.
    """
    source = published / "files" / MONTH / f"{output}.xlsx"
    head, *rows = CalamineWorkbook.from_path(str(source)).get_sheet_by_name("List").to_python(skip_empty_area=False)
    names = [column_of(str(h)) for h in head]
    with xlsxwriter.Workbook(str(target), {"default_date_format": "yyyy-mm-dd"}) as book:
        book.add_worksheet("About").write_string(0, 0, "kept")
        sheet = book.add_worksheet("List")
        for place, text in enumerate(head):
            sheet.write_string(0, place, text)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                typed = decisions.get(number, {}).get(names[place], value)
                if isinstance(typed, str):
                    sheet.write_string(number + 1, place, typed)
                else:
                    sheet.write(number + 1, place, typed)
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_decisions_come_back_and_the_next_run_shows_them(data: Path, tmp_path: Path):
    book = tmp_path / "decided.xlsx"
    rows = type_into(
        data / "published",
        "deprovisioning_list",
        book,
        {
            0: {"decision": "waived", "until": "2027-01-31", "reason_for_decision": "=Project, until January"},
            1: {"decision": "accepted", "decided_by": "Grace Example"},
            2: {"decision": "false_positive", "reason_for_decision": "a shared room"},
        },
    )
    said = selfaudit(data, "decide", str(book), "--by", "Ada Example", "--at", "2026-11-05", "--json")
    assert said.exit_code == 0, said.output
    told = json.loads(said.output)
    ids = [str(rows[i]["finding_ids"]).split(";") for i in range(3)]
    assert told["new"] == sum(map(len, ids)) and told["refused"] == []

    written = (data / "landing" / "reference" / "dispositions.csv").read_bytes()
    again = selfaudit(data, "decide", str(book), "--by", "Ada Example", "--at", "2026-11-05")
    assert again.exit_code == 0 and "0 new decisions" in again.output
    assert (data / "landing" / "reference" / "dispositions.csv").read_bytes() == written

    signed = selfaudit(data, "sign-off", "deprovisioning_list", MONTH, "--by", "Ada Example", "--at", "2026-11-02")
    assert signed.exit_code == 0, signed.output
    twice = selfaudit(data, "sign-off", "user_activity_audit", MONTH, "--by", "Grace Example")
    assert twice.exit_code == 1 and "was signed by Ada Example" in twice.output

    laid = lay_into_the_mailbox(data)
    assert selfaudit(data, "verify").exit_code == 0
    run = selfaudit(data, "run", MONTH)
    assert run.exit_code in (0, 3), run.output
    mailbox_was_answered(data, laid, run.output)
    connection = duckdb.connect(str(data / "published" / "selfaudit.duckdb"), read_only=True)
    status = dict(
        connection.execute(
            "select finding_id, status from calendar.findings where review_month = ?", [MONTH]
        ).fetchall()
    )
    reviews = connection.execute(
        "select output, signed_off_by from calendar.review_calendar where review_month = ? and state = 'signed_off' "
        "order by all",
        [MONTH],
    ).fetchall()
    reasons = connection.execute(
        "select distinct reason, state from calendar.publications where version > 1 and place > (select max(place) - "
        "5 from calendar.publications) and rows_changed > 0"
    ).fetchall()
    connection.close()
    assert reviews == [
        ("compliance_gap_register", "Ben Example"),
        ("deprovisioning_list", "Ada Example"),
        ("renewal_brief", "licence manager"),  # of the contract whose brief was signed as that of September
    ]
    assert reasons == [("decided", "provisional")]
    appointments = (data / "published" / "reviews.ics").read_text()
    assert "UID:user_activity_audit-2026-10-all" not in appointments and "BEGIN:VEVENT" in appointments
    assert {status[i] for i in ids[0]} == {"waived"}
    assert {status[i] for i in ids[1]} <= {"new", "open", "reopened"}
    assert {status[i] for i in ids[2]} == {"false_positive"}
    findings = data / "published" / "files" / MONTH / "findings.xlsx"
    changes = CalamineWorkbook.from_path(str(findings)).get_sheet_by_name("Since last month").to_python()
    waived = {c for row in changes if row[0] == "waived" for c in row}
    assert set(ids[0]) | set(ids[2]) <= waived

    # Packs of this month and of one before hold, though the company's table of decisions went on.
    for month in (MONTH, "2026-09"):
        pack = data / "published" / "packs" / f"{month}.zip"
        assert selfaudit(data, "verify", str(pack)).exit_code == 0
    assert selfaudit(data, "verify").exit_code == 0
    # The same file again, and the workbook as it is filled in now, decide nothing new.
    shutil.copy(data / "landing" / "decisions" / "taken" / "reviewer.xlsx", data / "landing" / "decisions")
    shutil.copy(laid["reviewer.xlsx"], data / "landing" / "decisions" / "filled in.xlsx")
    second = selfaudit(data, "run")
    assert "the publication is unchanged" in second.output
    assert "filled in.xlsx: 0 rows taken" in second.output and "reviewer.xlsx: 0 rows taken" in second.output
    assert (data / "landing" / "decisions" / "taken" / "reviewer-2.xlsx").is_file()


def fill_in(source: Path, target: Path, cells: dict[tuple[str, int, str], str]) -> None:
    """Save a published workbook again, all sheets of it. cells: (sheet, row from 1, header or label) → what is typed
    there.
    """
    book = CalamineWorkbook.from_path(str(source))
    with xlsxwriter.Workbook(str(target), {"default_date_format": "yyyy-mm-dd"}) as saved:
        for name in book.sheet_names:
            sheet = saved.add_worksheet(name)
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    column = rows[0][place] if name != "About" else row[0] if place == 1 else ""
                    typed = cells.get((name, number + 1 if name != "About" else 0, str(column)), value)
                    (sheet.write_string if isinstance(typed, str) else sheet.write)(number, place, typed)


def lay_into_the_mailbox(data: Path) -> dict[str, Path]:
    """Two workbooks, one of them with a row about another person, and half a file. Returns the published ones."""
    mailbox, published = data / "landing" / "decisions", data / "published"
    mailbox.mkdir()
    asked = max((published / "reviewers").glob(f"*/{MONTH}.xlsx"), key=lambda p: p.stat().st_size)
    review = published / "files" / MONTH / "compliance_gap_register.xlsx"
    fill_in(
        asked,
        mailbox / "reviewer.xlsx",
        {
            ("List", 2, "Decision"): "accepted",
            ("List", 3, "Decision"): "remediated",
            ("List", 3, "Team"): "Another Team",
        },
    )
    fill_in(
        review,
        mailbox / "review.xlsx",
        {
            ("About", 0, "Signed off by"): "Ben Example",
            ("List", 2, "Decision"): "accepted",
            ("List", 2, "Decided by"): "Ben Example",
        },
    )
    (mailbox / "half.xlsx").write_bytes(review.read_bytes()[:3000])
    return {"reviewer.xlsx": asked, "review.xlsx": review}


def mailbox_was_answered(data: Path, laid: dict[str, Path], said: str) -> None:
    """What the run said of the workbooks, what lies beside them, and what the published ones are filled in with now."""
    mailbox = data / "landing" / "decisions"
    assert "reviewer.xlsx: 1 rows taken" in said and "half.xlsx: not read" in said
    answer = (mailbox / "reviewer.xlsx.answer.txt").read_text()
    assert "sheet List, row 3, column Team: action" in answer and "the row is about 'Another Team'" in answer
    assert "compliance_gap_register" not in answer and (mailbox / "half.xlsx").is_file()
    assert sorted(p.name for p in (mailbox / "taken").glob("*.xlsx")) == ["review.xlsx", "reviewer.xlsx"]
    who = CalamineWorkbook.from_path(str(laid["reviewer.xlsx"]))
    rows = who.get_sheet_by_name("List").to_python()
    assert "accepted" in {r[rows[0].index("Decision")] for r in rows}
    review = CalamineWorkbook.from_path(str(laid["review.xlsx"]))
    assert ["Signed off by", "Ben Example"] in [r[:2] for r in review.get_sheet_by_name("About").to_python()]
    assert review.sheet_names[:3] == ["About", "List", "Actions"]


def test_a_workbook_with_one_wrong_row_writes_nothing_and_names_the_row(data: Path, tmp_path: Path):
    book = tmp_path / "decided.xlsx"
    reference = data / "landing" / "reference" / "dispositions.csv"
    before = reference.read_bytes() if reference.exists() else None
    type_into(data / "published", "findings", book, {0: {"decision": "accepted"}, 4: {"decision": "perhaps"}})
    said = selfaudit(data, "decide", str(book), "--by", "Ada")
    assert said.exit_code == 1
    assert "Nothing was written" in said.output and "row 6: 'perhaps' is not a decision" in said.output
    assert (reference.read_bytes() if reference.exists() else None) == before


def test_what_is_no_workbook_of_decisions_is_refused_in_words(data: Path, tmp_path: Path):
    other = tmp_path / "other.xlsx"
    with xlsxwriter.Workbook(str(other)) as book:
        book.add_worksheet().write_string(0, 0, "Decision")
    (tmp_path / "text.xlsx").write_text("not a workbook")
    assert "yellow columns" in selfaudit(data, "decide", str(other)).output
    assert "cannot be read as a workbook" in selfaudit(data, "decide", str(tmp_path / "text.xlsx")).output
    assert "There is no file" in selfaudit(data, "decide", str(tmp_path / "none.xlsx")).output
    reference = data / "landing" / "reference" / "dispositions.csv"
    reference.write_text("finding;decision\n1;accepted\n")
    good = tmp_path / "good.xlsx"
    type_into(data / "published", "findings", good, {0: {"decision": "accepted"}})
    refused = selfaudit(data, "decide", str(good), "--by", "Ada")
    assert refused.exit_code == 1 and "Give it another name" in refused.output
    assert reference.read_text() == "finding;decision\n1;accepted\n"
