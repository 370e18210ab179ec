"""The sheet "Hubs": findings in the cloud hubs, in the workbooks for removing seats and for the administrator roster.
Only if the month has members of hubs.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.publish.workbooks.cells import OpenBook
from pipelines.publish.workbooks.listing import MOST_ROWS
from pipelines.publish.workbooks.terms import SEVERITY_PLACE

# Output → the rules that its reviewer answers for.
RULES = {
    "deprovisioning_list": ("HUB-01", "HUB-03", "HUB-04", "HUB-05"),
    "admin_roster_reconciliation": ("HUB-01", "HUB-02"),
}
HEADERS = ("Severity", "What", "Person", "Team", "Hub", "Offering", "In words", "Status", "Months open", "Finding")


def has_hubs(connection: duckdb.DuckDBPyConnection, review_month: str) -> bool:
    """Whether the drop of the month has members of hubs."""
    found = connection.execute(
        "select count(*) from calendar.file_register where drop = ? and input = 'hub_members' and verdict = 'loaded'",
        [review_month],
    ).fetchall()
    return bool(found[0][0])


def hub_rows(connection: duckdb.DuckDBPyConnection, output: str, review_month: str) -> list[tuple[Any, ...]] | None:
    """The rows of the sheet, worst first, at most MOST_ROWS; None if the workbook has no such sheet."""
    if output not in RULES or not has_hubs(connection, review_month):
        return None
    return connection.execute(
        "select severity, title, person_key, team_alias, scope, offering_key, detail, status, months_open, finding_id "
        "from calendar.findings where review_month = ? and list_contains(?, rule_id) "
        f"order by {SEVERITY_PLACE}, rule_id, scope, person_key, team_alias nulls first, offering_key, finding_id "
        "limit ?",
        [review_month, list(RULES[output]), MOST_ROWS],
    ).fetchall()


def hub_sheet(book: OpenBook, connection: duckdb.DuckDBPyConnection, output: str, review_month: str) -> None:
    """Write the sheet if the workbook has one."""
    rows = hub_rows(connection, output, review_month)
    if rows is None:
        return
    sheet = book.book.add_worksheet("Hubs")
    for first, last, width in ((0, 0, 11), (1, 2, 30), (3, 3, 18), (4, 5, 26), (6, 6, 70), (7, 9, 18)):
        book.width(sheet, first, last, width)
    book.table(sheet, 0, HEADERS, rows)
    if len(rows) == MOST_ROWS:
        sheet.write_string(MOST_ROWS + 2, 0, "More than these are in findings.csv.")
    if not rows:
        sheet.write_string(1, 0, "Nothing was found in the hubs of the month.")
    sheet.freeze_panes(1, 0)
