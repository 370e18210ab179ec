"""The watch: asset checks that look at what is published and what lies in the landing zone, by the day on which they
run. They make nothing.

Overdue reviews, absent months, months that stay provisional, and whether alerts reach whoever they go to. A body is a
call into `calendar` and `alerts`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines.alerts.conditions import JUDGED, due_alerts
from pipelines.alerts.deliver import channels, deliver
from pipelines.alerts.facts import read_facts
from pipelines.defs.names import key_of
from pipelines.defs.tables import rows_as_table
from pipelines.reviews.overdue import absent_months, overdue_provisional_months, overdue_reviews
from pipelines.settings import Settings, load_alert_settings

OVERDUE, ABSENT, SETTLED, ALERTS = (
    "no_review_is_overdue",
    "no_month_is_absent",
    "months_settle_in_time",
    "alerts_get_through",
)
CALENDAR, REGISTER = ("calendar", "review_calendar"), ("raw", "file_register")
POSITION, DATABASE = ("calendar", "licence_position"), ("published", "selfaudit")
# Check → the asset that it is of, and what it finds.
CHECKS = {
    OVERDUE: (CALENDAR, "Reviews whose due date has passed today and that nobody signed, or that were never produced."),
    ABSENT: (
        REGISTER,
        "Months between the first and the last drop without one, and months whose reviews came due without a drop.",
    ),
    SETTLED: (POSITION, "Months that are provisional though the drop that settles them is past its day."),
    ALERTS: (DATABASE, "What is late or runs out was said, once, on every channel that the environment names."),
}


def _specs(tenant: str) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(name, asset=key_of(tenant, *asset), description=text)
        for name, (asset, text) in CHECKS.items()
    ]


def watch_selection(tenant: str) -> dg.AssetSelection:
    """The checks of the watch."""
    return dg.AssetSelection.checks(*(s.key for s in _specs(tenant)))


def watch_checks(settings: Settings) -> dg.AssetChecksDefinition:
    """All checks of the watch in one step; one reading of what is published."""

    @dg.multi_asset_check(name="watch_of_the_day", specs=_specs(settings.tenant), can_subset=True)
    def watch_of_the_day(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        """Judge what is late today, and say what is new of it."""
        now = datetime.now(UTC)
        today, facts = now.date(), read_facts(settings)
        wanted = {k.name for k in context.selected_asset_check_keys}
        late = {
            OVERDUE: [asdict(r) for r in overdue_reviews(facts.reviews, facts.contracts, today)],
            ABSENT: [asdict(a) for a in absent_months(facts.drops, today)],
            SETTLED: [{"review_month": m} for m in overdue_provisional_months(facts.states, today)],
        }
        for name, rows in late.items():
            if name in wanted:
                yield _result(settings.tenant, name, rows, {"today": today.isoformat()})
        # A run that makes assets has the checks of these with it; whoever clicks on one does not ask for mail.
        if ALERTS in wanted and not context.run.asset_selection:
            to = load_alert_settings()
            done = deliver(settings, to, due_alerts(facts, today), now, JUDGED)
            failed = [{"channel": c, "problem": p} for c, p in done.failures.items()]
            sent = ", ".join(f"{c}: {n} new" for c, n in done.sent.items())
            yield _result(
                settings.tenant,
                ALERTS,
                failed,
                {"channels": ", ".join(channels(to)) or "none is set", "sent": sent or "nothing"},
            )

    return watch_of_the_day


def _result(tenant: str, name: str, rows: Sequence[Mapping[str, object]], more: dict[str, str]) -> dg.AssetCheckResult:
    asset = key_of(tenant, *CHECKS[name][0])
    metadata: dict[str, Any] = {"rows": len(rows), **more}
    if rows:
        metadata["failing rows"] = rows_as_table(rows)
    return dg.AssetCheckResult(
        asset_key=asset, check_name=name, passed=not rows, severity=dg.AssetCheckSeverity.WARN, metadata=metadata
    )
