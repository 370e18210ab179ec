"""A workbook being written: its formats, and typed cells. A text is always written as a text, so that no cell can
become a formula.

Knows nothing of outputs; `write` decides which sheets there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.partitions import as_of

MOST_TEXT = 32_000
ROWS_IN_MEMORY = 5_000
# A column without a width gets the program's default; numbers shorter than this fit into the narrowest column.
STANDARD_WIDTH = 8.43
LONG_NUMBER = 10_000
_COLOURS = {
    "critical": ("#8C1039", "#FFFFFF"),
    "high": ("#B84A00", "#FFFFFF"),
    "medium": ("#F0C05A", "#1B1B1B"),
    "low": ("#BBD7EA", "#1B1B1B"),
    "info": ("#E8E8E8", "#1B1B1B"),
}


class OpenBook:
    """A workbook being written, with its formats."""

    def __init__(self, path: Path, review_month: str, title: str, rows: int) -> None:
        import xlsxwriter

        # Small workbooks are built in memory (no temporary files), large ones row by row on disk.
        way: dict[str, object] = (
            {"in_memory": True} if rows <= ROWS_IN_MEMORY else {"constant_memory": True, "tmpdir": str(path.parent)}
        )
        self.book = xlsxwriter.Workbook(str(path), {**way, "default_date_format": "yyyy-mm-dd"})
        self.book.set_properties(
            {
                "title": f"{title}, {review_month}",
                "author": "selfaudit",
                "created": datetime.combine(as_of(review_month), time()),
            }
        )
        self._widths: dict[tuple[Any, int], tuple[float, Any]] = {}
        self._longest: dict[tuple[Any, int], int] = {}
        add = self.book.add_format
        self.head = add(
            {
                "bold": True,
                "bg_color": "#1F3A4D",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "vcenter",
                "border": 1,
                "border_color": "#FFFFFF",
            }
        )
        self.decide_head = add(
            {
                "bold": True,
                "bg_color": "#8A6D00",
                "font_color": "#FFFFFF",
                "text_wrap": True,
                "valign": "vcenter",
                "border": 1,
                "border_color": "#FFFFFF",
            }
        )
        self.decide = add({"bg_color": "#FFF8DC", "border": 1, "border_color": "#E0D9B8"})
        self.decide_date = add(
            {
                "bg_color": "#FFF8DC",
                "border": 1,
                "border_color": "#E0D9B8",
                "num_format": "yyyy-mm-dd",
                "align": "left",
            }
        )
        self.title = add({"bold": True, "font_size": 16})
        self.strong = add({"bold": True})
        self.date = add({"num_format": "yyyy-mm-dd", "align": "left"})
        self.stamp = add({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self.money = add({"num_format": "#,##0.00"})
        self.whole = add({"num_format": "#,##0"})
        self.fraction = add({"num_format": "#,##0.00##"})
        self.severity = {
            name: add({"bg_color": back, "font_color": front, "bold": True}) for name, (back, front) in _COLOURS.items()
        }

    def width(self, sheet: Any, first: int, last: int, width: float, style: Any = None) -> None:
        """Set the width of columns in characters; a column with a longer number is widened to show it."""
        sheet.set_column(first, last, width, style)
        self._widths.update({(sheet, column): (width, style) for column in range(first, last + 1)})

    def close(self) -> None:
        """Widen the columns whose numbers would show as `#####`, and write the file."""
        for (sheet, column), longest in self._longest.items():
            width, style = self._widths.get((sheet, column), (STANDARD_WIDTH, None))
            if longest > width:
                sheet.set_column(column, column, longest, style)
        self.book.close()

    def _number(self, sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
        sheet.write_number(row, column, float(value), style)
        if abs(value) >= LONG_NUMBER:
            place = sheet, column
            self._longest[place] = max(self._longest.get(place, 0), len(f"{value:,.2f}") + 2)

    def put(self, sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
        """Write one cell by its type: a date as a date, money as money, a text never as anything else."""
        if value is None:
            if style is not None:
                sheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int):
            self._number(sheet, row, column, value, style or self.whole)
        elif isinstance(value, Decimal):
            self._number(sheet, row, column, value, style or self.money)
        elif isinstance(value, float):
            self._number(sheet, row, column, value, style or (self.whole if value.is_integer() else self.fraction))
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, style or self.stamp)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style or self.date)
        else:
            text = str(value)
            if len(text) > MOST_TEXT:
                text = text[:MOST_TEXT] + " … (truncated; the CSV has the full text)"
            sheet.write_string(row, column, text, style)

    def table(self, sheet: Any, row: int, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        """Write a small table with a header from `row` on. Returns the next free row."""
        for column, header in enumerate(headers):
            self.put(sheet, row, column, header, self.head)
        for values in rows:
            row += 1
            for column, value in enumerate(values):
                self.put(sheet, row, column, value, self.severity.get(value) if isinstance(value, str) else None)
        return row + 2
