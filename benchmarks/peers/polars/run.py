"""Peer (b): some rules with Polars: `python -m benchmarks.peers.polars.run LANDING OUT`. Every month of a landing zone
as a backfill leaves it, in one process.

What somebody writes who knows Polars: lazy scans with the columns that are needed, joins and groups, one loop over the
months that carries the events of the last year. Position (ENT-01, ENT-02, ENT-04), idle and doubled seats (USE-01,
USE-02, USE-07, USE-08), people who have left (IDN-01, IDN-02, CON-01), telemetry without a right (LRT-07) and with too
many devices (LRT-04).

What the hand-written script leaves out is left out here too; besides: evidence, teams that hide personal data, contract
numbers of prices, directory and HR matches by anything else than e-mail.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from benchmarks.peers.polars.findings import findings
from benchmarks.peers.polars.month import Month
from benchmarks.peers.polars.read import Events
from benchmarks.peers.tables import COLUMNS, LATER_DROPS, begin, by_command, publish
from pipelines.partitions import as_of, shift

RULES = [
    "ENT-01",
    "ENT-02",
    "ENT-04",
    "USE-01",
    "USE-02",
    "USE-07",
    "USE-08",
    "IDN-01",
    "IDN-02",
    "CON-01",
    "LRT-04",
    "LRT-07",
]
EQUAL: dict[str, str] = {}


def main(landing: Path, out: Path) -> None:
    """Write the findings of every month. landing: the landing zone; out: folder, made if missing."""
    drops = begin(landing, out)
    events, left = Events(landing), list(drops)
    for month in drops:
        while left and left[0] <= shift(month, LATER_DROPS):
            events.read(left.pop(0), as_of(month) - timedelta(days=366))
        findings(Month(landing, month, events)).sort(COLUMNS[:5]).write_csv(out / f"findings-{month}.csv")
    publish(out)


if __name__ == "__main__":
    by_command("polars", main)
