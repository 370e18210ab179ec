"""Files in the folder of another month: the newest date of use in a file, held against the month of its drop. Reads
typed rows, writes nothing.

What is newer than the end of the month is ordinary: exports are made in the month after. Source: definition of this
project, docs/exporting.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import duckdb

from pipelines.ingest.conform.judged import Judged
from pipelines.ingest.landing.files import REFERENCE_DROP
from pipelines.partitions import as_of

# Days after the end of its month up to which the newest date of a file is ordinary.
LATE_DAYS = 31
# Input → columns that hold dates of use, access, sign-in or event.
DAYS = {
    "usage_report": ("last_accessed",),
    "usage": ("day_used",),
    "seat_usage": ("day_used",),
    "token_usage": ("day_used",),
    "lrt": ("event_at",),
    "tokenflex": ("usage_date",),
    "directory_users": ("last_sign_in_at",),
    "nlm_log": ("event_at",),
    "nlm_status": ("status_at", "started_at"),
    "device_inventory": ("last_seen_at",),
    "sam_usage": ("last_used",),
}


def with_newest_day(con: duckdb.DuckDBPyConnection, table: Judged) -> Judged:
    """The same with its `newest_day`, if it is loaded and its input has such a date."""
    if not table.is_loaded or not table.typed:
        return table
    columns = [c for c in DAYS.get(table.contract.name, ()) if c in table.contract.column_names]
    if not columns:
        return table
    newest = ", ".join(f'max(cast("{c}" as date)) filter (where _reason is null)' for c in columns)
    found = [d for d in con.execute(f"select {newest} from {table.typed}").fetchall()[0] if d is not None]
    return replace(table, newest_day=max(found, default=None))


def misplaced(drop: str, newest: date | None) -> str:
    """What to say of a file whose newest date is that, '' where it is in the right folder."""
    if newest is None or drop == REFERENCE_DROP:
        return ""
    first, last = date.fromisoformat(f"{drop}-01"), as_of(drop)
    if first <= newest <= last + timedelta(days=LATE_DAYS):
        return ""
    side = (
        f"before {first}, when its month begins"
        if newest < first
        else f"more than {LATE_DAYS} days after {last}, when its month ends"
    )
    return f"the newest date in it is {newest}, {side}: is it in the right folder?"
