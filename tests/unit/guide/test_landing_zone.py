"""`selfaudit init`: the empty landing zone is complete, says what it holds, overwrites nothing, and its tables are read
for what they are.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.cli import main
from pipelines.commands.init import init
from pipelines.contracts import INPUTS, REFERENCE, Form
from pipelines.errors import WRONG_USE, UserError
from pipelines.guide.landing import EXPORTING, FOLDERS, FORMS, START, chapters, empty_landing_zone
from pipelines.guide.meanings import FILE, meanings
from pipelines.guide.tables import example_row, template
from pipelines.ingest.landing.files import holds_files
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema
from pipelines.partitions import MonthError
from pipelines.settings import Settings

MONTH = "2026-10"


def loaded(data: Path) -> dict[str, tuple[str, str, int, str]]:
    """Path → (input, verdict, rows loaded, message) of every file of a landing zone."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    ensure_schema(con)
    load_landing(con, data / "landing", [MONTH], data / "scratch")
    rows = con.execute("select path, input, verdict, rows_loaded, message from raw.file_register").fetchall()
    return {path: (name, verdict, count, message) for path, name, verdict, count, message in rows}


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    assert main(["init", str(tmp_path / "data"), "--month", MONTH]) == 0
    return tmp_path / "data"


def test_every_empty_template_is_recognised_by_its_header_as_its_own_table_with_no_rows(zone: Path):
    assert loaded(zone) == {f"{name}.csv": (name, "loaded", 0, None) for name in REFERENCE}


def test_a_template_filled_with_the_example_row_loads_that_row(zone: Path):
    for name, contract in REFERENCE.items():
        with (zone / "landing" / "reference" / f"{name}.csv").open("a", encoding="utf-8") as handle:
            handle.write(example_row(contract))
    assert loaded(zone) == {f"{name}.csv": (name, "loaded", 1, None) for name in REFERENCE}


def test_a_form_filled_with_the_example_row_loads_as_that_input(zone: Path):
    for name in FORMS:
        text = (zone / "docs" / "templates" / f"{name}.csv").read_text(encoding="utf-8")
        target = zone / "landing" / MONTH / "1-user-management" / f"{name}.csv"
        target.write_text(text + example_row(INPUTS[name]), encoding="utf-8")
    found = {path: row for path, row in loaded(zone).items() if "/" in path}
    assert found == {f"1-user-management/{name}.csv": (name, "loaded", 1, None) for name in FORMS}


def test_pages_lie_beside_the_landing_zone_and_the_month_holds_no_file_that_would_be_registered(zone: Path):
    assert {p.suffix for p in (zone / "landing").rglob("*") if p.is_file()} == {".csv", ".yml"}
    assert not holds_files(zone / "landing" / MONTH)
    assert {p.name for p in (zone / "landing" / MONTH).iterdir() if p.is_dir()} == set(FOLDERS)


def test_the_example_manifest_says_nothing_until_a_line_is_uncommented_and_then_what_it_shows(zone: Path):
    text = (zone / "landing" / MONTH / "_manifest.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text) is None
    said = yaml.safe_load(
        "\n".join(line[2:] for line in text.splitlines() if line.startswith("# ") and ": " in line[:20])
    )
    assert said["range_start"] == date(2025, 11, 1) and said["range_end"] == date(2026, 10, 31)
    assert said["date_order"] == "dmy" and said["exported_at"].year == 2026


def test_every_section_has_a_folder_and_a_page_with_its_steps_and_what_to_watch_for(zone: Path):
    headings = chapters(EXPORTING.read_text(encoding="utf-8"))
    assert {h for h in headings if h[:1].isdigit()} == {h for h in FOLDERS.values() if h[:1].isdigit()}
    for name, heading in FOLDERS.items():
        page = (zone / "docs" / f"{name}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {heading}\n") and "what to watch for" in page.lower(), name
        if heading[:1].isdigit():
            assert "\n1. " in page, f"{name} has no steps"
    assert "14 days" in (zone / "docs" / "0-every-section.md").read_text(encoding="utf-8")


def test_every_table_has_a_page_with_the_meaning_of_each_column_and_an_example(zone: Path):
    for name, contract in REFERENCE.items():
        page = (zone / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
        assert template(contract) + example_row(contract) in page
        for column in contract.column_names:
            assert f"| `{column}` |" in page


def test_every_column_of_every_contract_has_a_meaning_and_no_meaning_is_left_over():
    with FILE.open(encoding="utf-8", newline="") as handle:
        assert {len(row) for row in csv.reader(handle)} == {4}
    tables = {**INPUTS, **REFERENCE}
    assert {(t, c) for t, contract in tables.items() for c in contract.column_names} == set(meanings())
    assert [key for key, m in meanings().items() if not m.meaning.strip() or m.meaning.endswith(".")] == []


def test_examples_of_tables_that_people_fill_show_every_column_that_must_be_filled():
    for name in [*REFERENCE, *FORMS]:
        contract = REFERENCE.get(name) or INPUTS[name]
        assert contract.form is Form.TABLE
        for column in contract.required:
            assert meanings()[(name, column)].example, (name, column)


def test_nothing_is_written_where_one_file_is_there_already_and_the_message_names_it(tmp_path: Path):
    there = tmp_path / "landing" / "reference" / "prices.csv"
    there.parent.mkdir(parents=True)
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match=r"landing/reference/prices\.csv"):
        init(Settings(tmp_path), MONTH, date(2026, 11, 25), False)
    assert there.read_text(encoding="utf-8") == "mine"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [there]


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert init(Settings(tmp_path), MONTH, date(2026, 11, 25), False) == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / START).is_file()


def test_without_a_month_the_last_one_that_is_over_is_prepared(tmp_path: Path):
    init(Settings(tmp_path), None, date(2026, 1, 31), False)
    assert (tmp_path / "landing" / "2025-12").is_dir()


def test_a_month_that_is_none_and_a_folder_given_twice_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(MonthError):
        init(Settings(tmp_path), "2026-13", date(2026, 11, 25), False)
    assert main(["--data", str(tmp_path / "a"), "init", str(tmp_path / "b")]) == WRONG_USE
    assert "given twice" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_same_month_gives_the_same_files():
    assert empty_landing_zone(MONTH) == empty_landing_zone(MONTH)
