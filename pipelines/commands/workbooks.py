"""`selfaudit workbooks MONTH`: the workbooks of months that are published, written on demand."""

from __future__ import annotations

import json
from contextlib import closing

from pipelines.cli import DONE, UserError
from pipelines.partitions import parse_range
from pipelines.report.month import published_months
from pipelines.run.publication import write_workbooks
from pipelines.settings import Settings
from pipelines.warehouse import connect_file, writer_lock


def workbooks(settings: Settings, months: str, as_json: bool) -> int:
    """Write every workbook of the months. Nothing of the record is touched. Raises UserError where a month is not published."""
    wanted = parse_range(months)
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run`.")
    with closing(connect_file(settings.published_database)) as published:
        known = published_months(published)
    if missing := [m for m in wanted if m not in known]:
        raise UserError(f"{', '.join(missing)}: not published. Published: {', '.join(known)}.")
    with writer_lock(settings):
        written = write_workbooks(settings, wanted)
    if as_json:
        print(json.dumps({"months": wanted, "workbooks": written}, indent=2))
    else:
        print(
            f"{len(written)} workbooks of {wanted[0]}{f' to {wanted[-1]}' if wanted[1:] else ''} written to {settings.published}."
        )
    return DONE
