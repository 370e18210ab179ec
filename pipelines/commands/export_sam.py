"""`selfaudit export-sam MONTH`: the month's usage and assignments as CSV for the company's SAM tool, from the published file only."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.cli import DONE, UserError
from pipelines.partitions import parse_range
from pipelines.publish.sam import MAP, ColumnMapError, months_with_export, read_map, write_export
from pipelines.settings import Settings
from pipelines.warehouse import connect_file


def export_sam(settings: Settings, month: str, to: Path | None, columns: Path | None, as_json: bool) -> int:
    """Write the files and say where they are. Raises UserError where nothing is published for the month or the column map is wrong."""
    parse_range(month)
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run {month}`.")
    if columns is not None and not columns.is_file():
        raise UserError(
            f"There is no column map at {columns}. The project's own is {MAP}: copy it and change the headers."
        )
    try:
        chosen = read_map(columns or MAP)
    except ColumnMapError as error:
        raise UserError(str(error)) from error
    connection = connect_file(settings.published_database)
    try:
        months = months_with_export(connection)
        if month not in months:
            raise UserError(
                f"{month} is not among the published months ({', '.join(months) or 'none'}). Make it with `selfaudit run {month}`."
            )
        written = write_export(connection, month, to or settings.published / "sam" / month, chosen)
    finally:
        connection.close()
    if as_json:
        print(json.dumps([{"file": str(w.file), "rows": w.rows} for w in written], indent=2))
    else:
        for entry in written:
            print(f"{entry.rows:>8,} rows  {entry.file}")
    return DONE
