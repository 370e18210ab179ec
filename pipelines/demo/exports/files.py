"""Writing one file: delimited text as a portal writes it, bytes, workbooks. The same rows give the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

Row = Sequence[Any]


def text_of(header: Sequence[str], rows: Sequence[Row], separator: str = ",") -> str:
    """A delimited text with CRLF line ends; None is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([["" if v is None else v for v in row] for row in rows])
    return buffer.getvalue()


def put(path: Path, data: bytes) -> None:
    """Write bytes, making the folders above."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def put_zip(path: Path, member: str, text: str) -> None:
    """An archive with one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member), text)
    put(path, buffer.getvalue())


def put_workbook(path: Path, header: Sequence[str], rows: Sequence[Row], created: date) -> None:
    """A workbook with a filter sheet and one of rows, dates in date cells."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(created.year, created.month, created.day)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        filters = book.add_worksheet("Filter")
        filters.write_row(0, 0, ["Filters", "Value"])
        filters.write_row(1, 0, ["Range", "last 2 months"])
        sheet = book.add_worksheet("Nutzer")
        sheet.write_row(0, 0, header)
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(r, c, datetime(value.year, value.month, value.day), day)
                elif value is not None:
                    sheet.write(r, c, value)
