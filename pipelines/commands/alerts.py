"""`selfaudit alerts`: sends each alert once, to the webhook and mail addresses configured in the environment."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from pipelines.alerts.alert import Alert, as_text
from pipelines.alerts.conditions import JUDGED, a_test, due_alerts, failed_run
from pipelines.alerts.deliver import Delivery, channels, deliver
from pipelines.alerts.delivery_log import MemoryFileError
from pipelines.alerts.facts import read_facts
from pipelines.commands.shared.arguments import Commands, add_command, add_json, add_today
from pipelines.errors import DONE, FAILED, UserError
from pipelines.run.discretion import said
from pipelines.settings import AlertSettings, Settings, load_alert_settings

UNSET = (
    "No channel is set: set SELFAUDIT_ALERT_WEBHOOK, or SELFAUDIT_SMTP_HOST with SELFAUDIT_ALERT_FROM and "
    "SELFAUDIT_ALERT_TO."
)


def alerts(settings: Settings, moment: datetime, dry_run: bool, test: bool, as_json: bool) -> int:
    """Send new alerts. Exit code 1 if a channel failed; what it missed is sent the next time."""
    to = load_alert_settings()
    if not settings.landing.is_dir() and not settings.published_database.is_file() and not test:
        raise UserError(f"There is nothing in {settings.data} to send alerts about yet. Start with `selfaudit run`.")
    found = [a_test(moment.isoformat(timespec="seconds"))] if test else due_alerts(read_facts(settings), moment.date())
    try:
        done = Delivery() if dry_run else deliver(settings, to, found, moment, () if test else JUDGED)
    except MemoryFileError as error:
        raise UserError(str(error)) from error
    if as_json:
        print(json.dumps(_as_data(found, to, done), indent=2))
    else:
        print(as_text(found, to.names).rstrip() if found else "There is nothing to send alerts about today.")
        _print_delivery(to, done, dry_run)
    return FAILED if done.failures else DONE


@contextmanager
def around_run(settings: Settings, months: str | None, clock: Callable[[], datetime]) -> Iterator[None]:
    """Send the alerts of the run inside the block: that it failed (the error is re-raised), or what its figures
    give.
    """
    try:
        yield
    except Exception as error:
        after_run(settings, clock(), str(error) or type(error).__name__, [months] if months else [])
        raise
    after_run(settings, clock(), "", [])


def after_run(settings: Settings, moment: datetime, failure: str, months: Sequence[str]) -> None:
    """Send the alerts of a run: that it failed, or what its figures give. A failed channel prints a line and never ends
    the run.
    """
    told = "".join(said(settings, [failure])) if failure else ""
    found = [failed_run(months, told, moment.date())] if failure else due_alerts(read_facts(settings), moment.date())
    try:
        done = deliver(settings, load_alert_settings(), found, moment, () if failure else JUDGED)
    except (MemoryFileError, OSError, ValueError) as error:
        print(f"alerts: {error}", file=sys.stderr)
        return
    for channel, count in done.sent.items():
        print(f"alerts: {count} alert{'s' if count != 1 else ''} sent to {channel}", file=sys.stderr)
    for channel, problem in done.failures.items():
        print(f"alerts: {channel} failed: {problem}. The missed alerts are sent the next time.", file=sys.stderr)


def _as_data(found: Sequence[Alert], to: AlertSettings, done: Delivery) -> dict[str, object]:
    return {
        "alerts": [{"kind": a.kind, "title": a.title, "items": [i.words(to.names) for i in a.items]} for a in found],
        "channels": channels(to),
        "sent": done.sent,
        "failures": done.failures,
        "remarks": done.remarks,
    }


def _print_delivery(to: AlertSettings, done: Delivery, dry_run: bool) -> None:
    print()
    if not channels(to):
        print(UNSET)
    elif dry_run:
        print(f"Nothing was sent. Alerts would go to: {', '.join(channels(to))}.")
    for channel, count in done.sent.items():
        print(f"{channel}: {count} sent" if count else f"{channel}: nothing new")
    for channel, problem in done.failures.items():
        print(f"{channel} failed: {problem}. The missed alerts are sent the next time.")
    for remark in done.remarks:
        print(remark)


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    moment = datetime.combine(arguments.today, datetime.min.time(), UTC) if arguments.today else arguments.clock()
    return alerts(settings, moment, arguments.dry_run, arguments.test, arguments.json)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "alerts",
        "Send alerts about what is overdue or about to expire, each once, to a webhook and by mail.",
        "selfaudit alerts --dry-run",
        _work,
    )
    parser.add_argument("--dry-run", action="store_true", help="print the alerts and send nothing")
    parser.add_argument("--test", action="store_true", help="send a test to every channel that is set")
    add_today(parser, "as for status")
    add_json(parser)
