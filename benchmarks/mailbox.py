"""`python -m benchmarks.mailbox [WORKBOOKS] [ROWS]`: how long the mailbox takes for the workbooks of many persons.

Writes a published file of as many findings, and filled workbooks of as many columns as those that are published, into a
folder of its own; measures the reading alone. A fifth of the rows does not fit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb
import xlsxwriter

from pipelines.publish.workbooks.terms import label
from pipelines.run.mailbox import read_mailbox
from pipelines.settings import Settings

MONTH = "2026-10"
FILLER = [f"column {n}" for n in range(30)]
HEAD = [
    "review_month", "team_alias", "offering_key", "person_key", "decision", "until", "decided_by",
    "reason_for_decision", "finding_id",
]  # fmt: skip


def publish(settings: Settings, rows: int) -> None:
    """A published file with so many findings and nothing else of use."""
    settings.published.mkdir(parents=True)
    with duckdb.connect(str(settings.published_database)) as con:
        con.execute("create schema calendar")
        con.execute(
            f"create table calendar.findings as select '{MONTH}' as review_month, "
            "printf('%016x', n) as finding_id, 'Team ' || n % 40 as team_alias, 'revit' as offering_key, "
            "'p' || n || '@a.example' as person_key, 'USE-01' as rule_id from range(?) as t(n)",
            [rows],
        )
        con.execute(f"create table calendar.rule_runs as select '{MONTH}' as review_month")
        con.execute(
            "create table calendar.review_calendar (activity varchar, output varchar, period varchar, state varchar)"
        )


def fill(settings: Settings, workbooks: int, rows: int) -> None:
    """The workbooks of so many persons, the rows shared out among them."""
    folder = settings.landing / "decisions"
    folder.mkdir(parents=True)
    for number in range(workbooks):
        with xlsxwriter.Workbook(str(folder / f"person{number}.xlsx"), {"in_memory": True}) as book:
            book.add_worksheet("About").write_row(0, 0, ["Decided by", f"person{number}@a.example"])
            sheet = book.add_worksheet("List")
            sheet.write_row(0, 0, [*(label(c) for c in HEAD), *FILLER])
            for place, n in enumerate(range(number, rows, workbooks), start=1):
                person = f"p{n if n % 5 else n + 1}@a.example"
                cells = [MONTH, f"Team {n % 40}", "revit", person, "accepted", "", "", "seen", f"{n:016x}"]
                sheet.write_row(place, 0, [*cells, *FILLER])


def main() -> None:
    """Measure and print one line."""
    workbooks, rows = (int(a) for a in (sys.argv[1:] or ["400", "10000"]))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        publish(settings, rows)
        fill(settings, workbooks, rows)
        started = time.perf_counter()
        answers = read_mailbox(settings, datetime(2026, 11, 5)).answers
        seconds = time.perf_counter() - started
    counts = {v: sum(a.number(v) for a in answers) for v in ("taken", "known", "refused", "undecided")}
    print(f"{len(answers)} workbooks, {rows} rows: {seconds:.1f} s; {counts}")


if __name__ == "__main__":
    main()
