"""Workbooks and rows that tests of ingestion are made with."""

from __future__ import annotations

import io

import xlsxwriter

from tests.unit.ingest.judged import connection, judge

con = connection()


def workbook(rows: list[list], merged: tuple[str, ...] = (), **options: bool) -> bytes:
    """A workbook of one sheet, S. merged: ranges whose first cell stands for all of them."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for cells in merged:
            row, column = xlsxwriter.utility.xl_cell_to_rowcol(cells.partition(":")[0])
            sheet.merge_range(cells, rows[row][column])
    return made.getvalue()


def worker(**cells: str) -> list[dict]:
    """The rows of one worker with these cells."""
    given = {"employee_id": "1", "status": "active", **cells}
    return judge(con, "hr_workers", list(given), [list(given.values())]).rows
