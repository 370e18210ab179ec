"""The first step of a run: loads every drop that its months use, and sets the warehouse to these months. Knows no model
and publishes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from pipelines.failures import omissions
from pipelines.failures.omissions import Unmade
from pipelines.ingest.landing.files import drops_with_files, list_drops
from pipelines.ingest.landing.fingerprints import remember_pending
from pipelines.ingest.load import LandingReport, load_landing
from pipelines.ingest.write.events import extend_events
from pipelines.ingest.write.judgement import Judgement, Pending
from pipelines.ingest.write.schema import begin_run, ensure_schema
from pipelines.partitions import as_of, shift
from pipelines.publish.versions import forget_variants
from pipelines.quality import gx_worker
from pipelines.quality.company_suites import strange_files
from pipelines.quality.failing import failing_rows
from pipelines.quality.judge import begin_judging
from pipelines.quality.verdict import CRITICAL, Verdict, judgement_of
from pipelines.reference.predicate import ensure_predicate_schema
from pipelines.reference.resolve import ensure_reference_schema
from pipelines.run import dbt_call, privacy
from pipelines.run.delivered_again import apply_requests
from pipelines.run.erasure import refuse_unfinished
from pipelines.run.months import RESTATE_MONTHS, note_restated, refuse_frozen, restate_months, set_months
from pipelines.run.progress import Progress, silent
from pipelines.settings import Settings
from pipelines.warehouse import connect, transaction

ANOTHER_FILE = "Export the file again, or remove it, and run the same command."


@dataclass(frozen=True)
class IngestResult:
    """Result of ingestion: the report of the landing zone and warnings of the reference tables."""

    landing: LandingReport
    warnings: list[str] = field(default_factory=list)


def ingest(
    settings: Settings, months: Sequence[str], today: date | None = None, progress: Progress = silent
) -> IngestResult:
    """Load every drop that the months use (unchanged ones are skipped), resolve the reference tables, set the months of
    the run and their variants.

    today: the date of the review calendar; None = the end of the latest drop, so that the same files give the same
    bytes.
    """
    refuse_unfinished(settings)
    refuse_frozen(settings, months)
    with connect(settings) as connection:
        with transaction(connection):  # one commit; each costs a flush to disk
            ensure_schema(connection)
            begin_run(connection)
            ensure_reference_schema(connection)
            ensure_predicate_schema(connection)
        if dbt_call.has_results(connection):
            forget_variants(connection)  # of a run that was killed
        remember_pending(connection, sorted(months), touches_later=False)
        # A pack is written if the month has a new version, or if it failed: publishing knows that from the record.
        omissions.forget(connection, months, [k for k in omissions.KINDS if k != omissions.PACK])
        report = LandingReport()
        last = shift(max(months), RESTATE_MONTHS)
        while True:
            drops = [d for d in list_drops(settings.landing) if d <= last]
            report.add(
                load_landing(
                    connection,
                    settings.landing,
                    drops,
                    settings.scratch,
                    progress=progress,
                    judge=partial(_judge, settings),
                    begin=gx_worker.start,
                )
            )
            needed = max(shift(m, restate_months(connection, m)) for m in months)
            if needed <= last:
                break
            last = needed
        said = apply_requests(settings, connection, report.loaded)
        extend_events(connection)
        there = drops_with_files(settings.landing)
        clock = today or as_of(max([*there, *months]))
        connection.execute("insert into raw.run_info values ('today', ?)", [clock.isoformat()])
        note_restated(settings, connection)
        warnings = said + set_months(settings, connection, months)
        privacy.refuse_a_switch(settings, connection)
        failed = connection.execute(
            "select drop, path, input, reason from raw.failed_input where list_contains(?, drop) order by all",
            [list(months)],
        ).fetchall()
        omissions.remember(
            connection,
            [
                Unmade(
                    drop,
                    omissions.INPUT,
                    f"{drop}/{path}",
                    f"{drop}/{path}" + (f" ({name})" if name else ""),
                    reason,
                    None,
                    ANOTHER_FILE,
                )
                for drop, path, name, reason in failed
            ],
        )

    return IngestResult(report, [*warnings, *strange_files(settings.expectations)])


def _with_place(con: duckdb.DuckDBPyConnection, verdict: Verdict, added: Path) -> Verdict:
    """A verdict that refuses its input, with the file and row of the first row concerned. The rows of the drop are in
    their table.
    """
    if verdict.passed or verdict.severity != CRITICAL:
        return verdict
    rows = failing_rows(con, verdict.input, verdict.drop, 1, {(verdict.expectation, verdict.column)}, added)
    if not rows:
        return verdict
    # Its own message refers to the first row by the number of its file.
    message = verdict.message.partition("; first: row ")[0].rstrip(".")
    return replace(verdict, message=f"{message} (first in {rows[0]['drop']}/{rows[0]['file']}, row {rows[0]['row']})")


def _judge(settings: Settings, con: duckdb.DuckDBPyConnection, drop: str, tables: Mapping[str, str]) -> Pending:
    """Begin to judge the rows of a drop. The judgement is requested once they are in their tables."""
    added = settings.expectations
    pending = begin_judging(con, drop, tables, added=added, scratch=settings.scratch)

    def judgement() -> Judgement:
        return judgement_of([_with_place(con, verdict, added) for verdict in pending()])

    return judgement
