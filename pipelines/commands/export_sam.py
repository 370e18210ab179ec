"""`selfaudit export-sam MONTH`: the month's usage and assignments as CSV for the company's SAM tool, from the published
file only.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import DONE, UserError
from pipelines.partitions import parse_range
from pipelines.publish.sam import MAP, ColumnMapError, months_with_export, read_map, tools, write_export
from pipelines.settings import Settings
from pipelines.warehouse import connect_file


def export_sam(
    settings: Settings, month: str, to: Path | None, columns: Path | None, tool: str | None, as_json: bool
) -> int:
    """Write the files and print their paths. Raises UserError if the month is not published or the column map is
    invalid.
    """
    parse_range(month)
    if tool is not None:
        columns = _map_of(tool)
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
                f"{month} is not among the published months ({', '.join(months) or 'none'}). Make it with `selfaudit "
                f"run {month}`."
            )
        folder = settings.published / "sam" / month
        written = write_export(connection, month, to or (folder / tool if tool else folder), chosen)
    finally:
        connection.close()
    if as_json:
        print(json.dumps([{"file": str(w.file), "rows": w.rows} for w in written], indent=2))
    else:
        for entry in written:
            print(f"{entry.rows:>8,} rows  {entry.file}")
    return DONE


def _map_of(name: str) -> Path:
    """The column map of a SAM tool. Raises UserError, listing the existing maps, if there is none."""
    known = {t.name: t for t in tools()}
    with_map = ", ".join(n for n, t in known.items() if t.map)
    if name not in known:
        raise UserError(
            f"No SAM tool {name!r} is known. There are maps for {with_map}; for another copy {MAP}, change the "
            "headers and give it with --columns."
        )
    found = known[name]
    if found.map is None:
        raise UserError(
            f"There is no map for {found.title}: {found.note} Copy {MAP}, change the headers and give it with "
            f"--columns (maps: {with_map})."
        )
    return found.map


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return export_sam(settings, arguments.month, arguments.to, arguments.columns, arguments.tool, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "export-sam",
        "Write who holds and who uses what as CSV for the company's SAM tool.",
        "selfaudit export-sam 2026-10",
        _work,
    )
    parser.add_argument("month", metavar="YYYY-MM")
    parser.add_argument(
        "--to", type=Path, default=None, metavar="DIR", help="folder to write to (default: published/sam/YYYY-MM)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--columns", type=Path, default=None, metavar="FILE", help="your own column map (default: the project's form)"
    )
    form.add_argument(
        "--for",
        dest="tool",
        default=None,
        metavar="TOOL",
        help="the form of a SAM tool: flexera_one_saas, servicenow, torii, zluri",
    )
    add_json(parser, "the files written, as JSON")
