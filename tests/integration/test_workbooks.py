"""The workbooks of the demo estate: what they hold is what the database holds, texts stay texts, and they open
elsewhere.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.names import file_name
from pipelines.publish.workbooks.hub_sheet import RULES as HUB_RULES
from pipelines.publish.workbooks.hub_sheet import hub_rows
from pipelines.publish.workbooks.reviewers import reviewer_books, write_reviewer_book
from pipelines.publish.workbooks.sheets import SHEETS, sheet_of
from pipelines.publish.workbooks.terms import DECISION_COLUMNS, column_of, label
from pipelines.publish.workbooks.write import (
    ONLY_WITH_ROWS,
    WITHOUT_WORKBOOK,
    books_of,
    path_of,
    remove_former_books,
    write_books,
)
from pipelines.reviews.activities import BRIEF, MONTHLY, QUARTERLY, READINESS
from tests.conftest import Reviewed

MONTH = "2026-10"
REVIEWS = {output for _, output in (*MONTHLY, *QUARTERLY, READINESS, BRIEF)}
OUTPUTS = [o for o in OUTPUT_ORDER if o not in WITHOUT_WORKBOOK]
DANGEROUS = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.fixture(scope="module")
def published(demo: Reviewed):
    connection = duckdb.connect(str(demo.published), read_only=True)
    yield connection
    connection.close()


def workbook(folder: Path, output: str, month: str = MONTH) -> CalamineWorkbook:
    return CalamineWorkbook.from_path(str(folder / "files" / month / f"{output}.xlsx"))


def rows_of(book: CalamineWorkbook, sheet: str) -> list[dict[str, object]]:
    head, *rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    known = {str(row[0]): str(row[1]) for row in book.get_sheet_by_name("Columns").to_python()[1:]}
    names = [known.get(str(h)) or column_of(str(h)) for h in head]
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def renamed(demo: Reviewed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication in which every text that comes from outside begins like a formula, and its workbooks."""
    folder = tmp_path_factory.mktemp("renamed")
    database = folder / "selfaudit.duckdb"
    shutil.copy(demo.published, database)
    connection = duckdb.connect(str(database))
    for number, text in enumerate(DANGEROUS):
        connection.execute(
            "update calendar.deprovisioning_list set display_name = ?, email = ? where review_month = ? and "
            "hash(person_key) % ? = ?",
            [text, text, MONTH, len(DANGEROUS), number],
        )
    connection.execute("update calendar.file_register set path = '=cmd|calc' where path like '%notes.txt'")
    write_books(connection, books_of(connection, [MONTH]), folder, folder / "scratch")
    connection.close()
    return folder


@pytest.mark.parametrize("output", OUTPUTS)
def test_every_output_of_every_month_has_a_workbook_whose_first_sheet_says_what_it_is(demo: Reviewed, output):
    for month in (MONTH,) if output in ONLY_WITH_ROWS else ("2026-05", MONTH):
        book = workbook(demo.data / "published", output, month)
        of_tokens = ["Use by month", "By product", "By feature", "By person"]
        assert [n for n in book.sheet_names if n in of_tokens] == (of_tokens if output == "token_forecast" else [])
        of_all = [n for n in book.sheet_names if n not in ("Actions", "Findings", *of_tokens)]
        own = ["Hubs"] if output in HUB_RULES else ["Evidence"] if output == "claim_answers" else []
        assert of_all == ["About", "List", "Since last month", *own, "Columns"]
        assert ("Actions" in book.sheet_names) == (output in REVIEWS)
        about = book.get_sheet_by_name("About").to_python(skip_empty_area=False)
        words = {str(row[0]): row[1] for row in about if row}
        assert about[0][0] == sheet_of(output).title
        assert words["Review month"] == month
        assert words["As of"] == date(2026, 5, 31) if month == "2026-05" else date(2026, 10, 31)
        assert words["Figures are"] in {"provisional", "settled", "restated"}
        assert "What could not be assessed" in words and "Made from these files" in words


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_list_of_a_workbook_holds_what_the_database_holds(demo: Reviewed, published, output):
    by = "drop" if output in {"file_register", "rejected_rows"} else "review_month"
    cursor = published.execute(f'select * from calendar.{output} where "{by}" = ?', [MONTH])
    names = [d[0] for d in cursor.description]
    wanted = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found = rows_of(workbook(demo.data / "published", output), "List") if wanted else []

    def plain(value: object) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, str | date):
            return str(value)
        return f"{float(value):.6g}"  # type: ignore[arg-type]

    # A number that is not known is called so in the counts; an empty cell would be read as zero.
    numbers = {
        d[0] for d in cursor.description if output in {"licence_position", "auditor_count"} and str(d[1]) != "VARCHAR"
    }
    for row in wanted:
        row.update({n: "not known" for n in numbers if row[n] is None})
    shown = [n for n in names if n not in {by, "produced_at", "signed_off_at"}]
    assert sorted([plain(row[n]) for n in shown] for row in found) == sorted(
        [plain(row[n]) for n in shown] for row in wanted
    )


def test_a_number_that_is_not_known_is_called_so_in_the_counts(demo: Reviewed, tmp_path: Path):
    folder = tmp_path / "published"
    folder.mkdir()
    shutil.copy(demo.published, folder / "selfaudit.duckdb")
    with duckdb.connect(str(folder / "selfaudit.duckdb")) as connection:
        connection.execute("update calendar.licence_position set active_90d = null")
        connection.execute("update calendar.auditor_count set inactive = null, gap_after = null")
        write_books(connection, books_of(connection, [MONTH]), folder, folder / "scratch")
    for output, column in (
        ("licence_position", "active_90d"),
        ("auditor_count", "inactive"),
        ("auditor_count", "gap_after"),
    ):
        rows = rows_of(workbook(folder, output), "List")
        assert rows and {r[column] for r in rows} == {"not known"}, output


def test_dates_are_dates_and_money_is_numbers(demo: Reviewed):
    rows = rows_of(workbook(demo.data / "published", "deprovisioning_list"), "List")
    assert {type(r["last_use_date"]) for r in rows if r["last_use_date"] != ""} == {date}
    assert {type(r["exposure_amount"]) for r in rows if r["exposure_amount"] != ""} == {float}


def test_lists_that_can_be_decided_are_filled_in_with_what_was_decided_and_empty_else(demo: Reviewed, published):
    decided = dict(
        published.execute(
            "select finding_id, [decision, coalesce(cast(until as varchar), ''), decided_by, reason_for_decision] "
            "from calendar.findings where review_month = ? and decision is not null",
            [MONTH],
        ).fetchall()
    )
    filled = set()
    for output in ("deprovisioning_list", "compliance_gap_register", "reallocation_candidates", "findings"):
        rows = rows_of(workbook(demo.data / "published", output), "List")
        assert rows, output
        for row in rows:
            ids = str(row.get("finding_ids") or row["finding_id"]).split(";")
            said = {tuple(decided.get(i, [""] * 4)) for i in ids}
            assert [str(row[c]) for c in DECISION_COLUMNS] == list(said.pop() if len(said) == 1 else [""] * 4), output
            filled |= set(ids) & set(decided)
    assert filled == set(decided)


def test_a_review_holds_its_findings_and_actions_and_the_cells_for_a_signature(demo: Reviewed, published):
    rules = "select rule_id from meta.rule_catalogue where list_contains(string_split(calendar_output, ';'), ?)"
    for output in sorted(REVIEWS):
        book = workbook(demo.data / "published", output)
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
        found = {
            identifier
            for rows in sheets.values()
            if "Finding id" in rows[0]
            for identifier in (r[rows[0].index("Finding id")] for r in rows[1:])
        }
        want = published.execute(
            f"select finding_id from calendar.findings where review_month = ? and rule_id in ({rules})", [MONTH, output]
        ).fetchall()
        assert {i for (i,) in want} <= found, output
        actions = sheets["Actions"]
        shown = {r[actions[0].index("Action id")] for r in actions[1:]} if "Action id" in actions[0] else set()
        want = published.execute(
            "select action_id from calendar.actions where review_month = ? and last_seen_month = review_month and "
            f"list_has_any(string_split(rule_ids, ';'), (select list(rule_id) from ({rules})))",
            [MONTH, output],
        ).fetchall()
        assert {i for (i,) in want} == shown, output
        due = published.execute(
            "select activity from calendar.review_calendar where review_month = ? and output = ? and due limit 1",
            [MONTH, output],
        ).fetchall()
        labels = {str(r[0]): r[1] for r in sheets["About"]}
        assert ("Signed off by" in labels) == bool(due)
        assert not due or labels["Review to sign off"] == due[0][0]


def test_each_responsible_person_has_a_workbook_of_the_actions_of_the_month_and_of_no_others(demo: Reviewed, published):
    want = published.execute(
        "select responsible, action_id from calendar.actions where review_month = ? and last_seen_month = ? and "
        "responsible is not null",
        [MONTH, MONTH],
    ).fetchall()
    shown = []
    for path in (demo.data / "published" / "reviewers").glob("*/*.xlsx"):
        assert path.stem == MONTH
        head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("List").to_python()
        who = {r[head.index("Responsible")] for r in rows}
        assert len(who) == 1 and path.parent.name == file_name(str(*who))
        shown += [(r[head.index("Responsible")], r[head.index("Action id")]) for r in rows]
    assert sorted(shown) == sorted(want) and len({who for who, _ in want}) > 1


def test_the_workbook_of_a_person_has_the_same_bytes_whenever_it_is_written(demo: Reviewed, published, tmp_path: Path):
    for book in reviewer_books(published, MONTH):
        path = write_reviewer_book(book, tmp_path, tmp_path)
        assert path.read_bytes() == (demo.data / "published" / book.path).read_bytes()


def test_a_list_that_can_be_decided_offers_the_decisions(demo: Reviewed):
    with zipfile.ZipFile(demo.data / "published" / "files" / MONTH / "findings.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    assert 'type="list"' in sheet and "accepted,waived,remediated,false_positive" in sheet
    assert "<autoFilter" in sheet and 'state="frozen"' in sheet


def test_headers_and_columns_translate_both_ways():
    for sheet in SHEETS.values():
        for name in (*sheet.lead, *DECISION_COLUMNS):
            assert column_of(label(name)) == name


def test_a_finding_that_came_and_one_that_went_are_in_since_last_month(demo: Reviewed, published):
    changes = rows_of(workbook(demo.data / "published", "findings"), "Since last month")
    kinds = {k: {r["finding_id"] for r in changes if r["since_2026-09"] == k} for k in ("new", "closed")}
    ids = "select finding_id from calendar.findings where review_month = '{}'"
    now = {i for (i,) in published.execute(ids.format("2026-10")).fetchall()}
    before = {i for (i,) in published.execute(ids.format("2026-09")).fetchall()}
    assert now - before and kinds["new"] == now - before
    assert kinds["closed"] == before - now


@pytest.mark.parametrize("output", HUB_RULES)
def test_what_is_found_in_hubs_stands_on_a_sheet_of_its_own(demo: Reviewed, published, output):
    head, *rows = workbook(demo.published.parent, output).get_sheet_by_name("Hubs").to_python()
    found = published.execute(
        "select finding_id, detail from calendar.findings where review_month = ? and list_contains(?, rule_id)",
        [MONTH, list(HUB_RULES[output])],
    ).fetchall()
    says, number = head.index("In words"), head.index("Finding")
    assert sorted((row[number], row[says]) for row in rows) == sorted(found) != []


def test_a_month_without_members_of_hubs_has_no_such_sheet():
    with duckdb.connect() as con:
        con.execute("create schema calendar; create table calendar.file_register (drop text, input text, verdict text)")
        con.execute("insert into calendar.file_register values ('2026-10', 'hub_members', 'rejected')")
        assert hub_rows(con, "deprovisioning_list", "2026-10") is None


def test_no_cell_is_a_formula_whatever_a_name_begins_with(renamed: Path):
    seen = set()
    for path in renamed.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/"):
                    text = archive.read(name).decode()
                    assert "<f>" not in text and "<f " not in text and "<hyperlink" not in text, (path, name)
    for row in rows_of(workbook(renamed, "deprovisioning_list"), "List"):
        seen.add(str(row["display_name"]).replace("_x000D_", "\r"))
    assert seen <= set(DANGEROUS) and len(seen) >= 4


def test_the_same_publication_gives_the_same_bytes(demo: Reviewed, tmp_path: Path, published):
    written = write_books(published, books_of(published, [MONTH]), tmp_path / "again", tmp_path / "scratch")
    assert len(written) == len(OUTPUTS)
    for path in written:
        assert path.read_bytes() == (demo.data / "published" / path.relative_to(tmp_path / "again")).read_bytes(), path
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_other_software_imports_has_no_workbook(demo: Reviewed):
    names = {path.name for path in (demo.data / "published" / "files").rglob("*")}
    assert {"sam_export.csv", "focus.csv"} <= names
    assert not {"sam_export.xlsx", "focus.xlsx"} & names


def test_a_workbook_of_an_output_that_has_none_any_more_goes_and_the_others_stay(tmp_path: Path):
    paths = {o: path_of(tmp_path, (o, MONTH)) for o in ("sam_export", "findings")}
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"of an earlier version")
    remove_former_books(tmp_path, [MONTH])
    assert not paths["sam_export"].exists() and paths["findings"].exists()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed on this machine")
def test_workbooks_open_in_libreoffice_and_say_the_same(renamed: Path, tmp_path: Path):
    sources = sorted(renamed.rglob("*.xlsx"))
    second_sheet_as_csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            second_sheet_as_csv,
            "--outdir",
            str(tmp_path),
            *map(str, sources),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    converted = {p.name.split("-")[0]: p for p in tmp_path.glob("*.csv")}
    assert set(converted) == {s.stem for s in sources}
    for source in sources:
        with converted[source.stem].open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle))
        wanted = CalamineWorkbook.from_path(str(source)).get_sheet_by_name("List").to_python(skip_empty_area=False)
        assert len(rows) == len(wanted), source.stem
        assert rows[0][: len(wanted[0])] == wanted[0], source.stem
    with converted["deprovisioning_list"].open(encoding="utf-8", newline="") as handle:
        texts = {cell for row in csv.reader(handle) for cell in row}
    assert {"+1+1", "-2+3", "@SUM(A1)", DANGEROUS[0]} & texts
    assert not any(t.startswith(("Err:", "#NAME", "#REF", "#VALUE")) for t in texts)
