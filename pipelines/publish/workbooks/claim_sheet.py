"""The sheet "Evidence" of the workbook of answers to claims: the file rows for and against each line, with whether each
may be shared. The text of the rows is in the archive (`publish/claim_pack`).
"""

from __future__ import annotations

import duckdb

from pipelines.publish.datasets import OUTPUT_ORDER
from pipelines.publish.workbooks.cells import OpenBook
from pipelines.publish.workbooks.listing import MOST_ROWS

OUTPUT = "claim_answers"
HEADERS = ("Claim", "Speaks", "As", "Marking", "Person", "Day", "Covered by", "Input", "Drop", "File", "Row", "SHA-256")


def claim_sheet(book: OpenBook, connection: duckdb.DuckDBPyConnection, output: str, review_month: str) -> None:
    """Write the sheet if the workbook is the one of the answers."""
    if output != OUTPUT:
        return
    rows = connection.execute(
        "select claim_id, side, replace(kind, '_', ' '), marking, person_key, day, covered_by, input, drop, path, "
        f"row_number, sha256 from calendar.claim_evidence where review_month = ? "
        f"order by {', '.join(OUTPUT_ORDER['claim_evidence'])} limit ?",
        [review_month, MOST_ROWS],
    ).fetchall()
    sheet = book.book.add_worksheet("Evidence")
    for first, last, width in ((0, 3, 13), (4, 4, 30), (5, 8, 13), (9, 9, 40), (10, 10, 9), (11, 11, 24)):
        book.width(sheet, first, last, width)
    book.table(sheet, 0, HEADERS, rows)
    if len(rows) == MOST_ROWS:
        sheet.write_string(MOST_ROWS + 2, 0, "More than these are in claim_evidence.csv.")
    sheet.freeze_panes(1, 0)
