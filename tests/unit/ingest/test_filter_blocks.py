"""Sheets of a workbook that describe the export: kept with the file's record in whatever language, and never a table of
their own.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.landing.filter_block import MAX_ROWS, is_filter_block, names_filters
from pipelines.ingest.load import load_landing
from pipelines.ingest.write.schema import ensure_schema

USERS = [["email", "offering_name", "team_alias", "role"], ["ada@firm.example", "Revit", "T", "User"]]
LABELS = (
    "Applied filters",
    "Reporting period",
    "Date range",
    "Angewandte Filter",
    "Berichtszeitraum",
    "Exportdatum",
    "Filtres appliqués",
    "Période",
    "Plage de dates",
    "Filtros aplicados",
    "Período",
    "Rango de fechas",
    "Intervalo",
    "Filtri",
    "Periodo di riferimento",
    "Intervallo",
    "Intervalo de datas",
    "Tijdvak",
    "Periode",
    "Filtry",
    "Okres",
    "Zakres dat",
    "フィルター",
    "対象期間",
    "範囲",
    "筛选条件",
    "日期范围",
    "필터",
    "기간",
    "Suodattimet",
    "Období",
    "Időszak",
    "Dönem",
    "Tarih aralığı",
    "Φίλτρα",
    "Περίοδος",
    "Фильтры",
    "Отчётный период",
    "Діапазон",
)


def workbook(path: Path, **sheets: list[list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)


def register(folder: Path) -> list[tuple]:
    con = duckdb.connect()
    ensure_schema(con)
    load_landing(con, folder / "landing", ["2026-10"], folder / "scratch")
    return con.execute("select path, verdict, rows_loaded, manifest from raw.file_register order by path").fetchall()


@pytest.mark.parametrize("label", LABELS)
def test_a_label_names_filters_period_or_range_in_the_languages_of_the_products(label):
    assert names_filters(label)
    assert is_filter_block([["Usage report"], ["Team", "Firm"], [label, "All"]])


@pytest.mark.parametrize(
    "label", ["Geschäftsbereich", "Orange", "Kostenstelle", "Email", "Team", "Bereich", "Region", "Name", "部門"]
)
def test_a_label_of_a_list_is_no_filter(label):
    assert not names_filters(label)
    assert not is_filter_block([[label, "Leiter"], ["A", "B"]])


@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=4), min_size=1, max_size=5))
def test_more_than_two_filled_columns_are_never_a_filter_block(rows):
    wide = [["Filter", "b", "c"], *rows]
    assert not is_filter_block(wide)


def test_two_days_in_one_cell_are_a_period_whatever_the_label_says():
    assert is_filter_block([["Ukuphumela", "Yonke"], ["Isikhathi", "01.09.2026 – 30.09.2026"]])
    assert not is_filter_block([["Ukuphumela", "Yonke"], ["Isikhathi", "01.09.2026"]])
    assert not is_filter_block([["Zeitraum", str(n)] for n in range(61)])


def test_description_sheets_stay_with_the_record_of_the_data_and_other_sheets_have_a_row_of_their_own(tmp_path: Path):
    workbook(
        tmp_path / "landing" / "2026-10" / "users.xlsx",
        Info=[["Exportdatum", "2026-10-03"], ["Filter", "Alle Teams"], ["Zeitraum", "2026-09-01 - 2026-09-30"]],
        Data=USERS,
        About=[["", "Rapport d'utilisation"], ["", "Équipe", "Tout"], ["", "Période", "septembre"]],
        Notes=[["Kostenstelle", "Leiter"], ["4711", "Ada"]],
    )
    rows = register(tmp_path)
    assert [r[:3] for r in rows] == [("users.xlsx#Data", "loaded", 1), ("users.xlsx#Notes", "unrecognised", 0)]
    kept = json.loads(rows[0][3])["filter_sheet"]
    assert "Alle Teams" in kept and "Période" in kept


def test_a_description_is_as_long_as_people_read_and_a_longer_list_is_a_table():
    rows = [["Period", "September"], *([f"Team {n}", "x"] for n in range(1, MAX_ROWS))]
    assert is_filter_block(rows) and not is_filter_block([*rows, ["Team", "x"]])
