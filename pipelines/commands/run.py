"""`selfaudit run`: selects the months, runs the three steps in this process, and prints the summary."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from pipelines.commands.alerts import around_run
from pipelines.commands.shared.arguments import Commands, add_command, add_json, add_today
from pipelines.commands.shared.logs import console_progress, progress_log
from pipelines.commands.shared.summary import print_put_back, print_strays, print_summary, summarise
from pipelines.errors import (
    DONE,
    DONE_IN_PART,
    NOT_ALL_ASSESSED,
    UserError,
    first_cause,
    in_words,
    refusal,
    step_failed,
)
from pipelines.ingest.landing.files import REFERENCE_DROP
from pipelines.ingest.landing.fingerprints import batches_started, drop_fingerprints, loaded_drops
from pipelines.ingest.landing.strays import strays
from pipelines.ingest.write.schema import to_look
from pipelines.partitions import parse_range
from pipelines.quality import gx_worker
from pipelines.run import (
    basis,
    history,
    ingestion,
    mailbox,
    models,
    object_store,
    on_spark,
    parts,
    publishing,
    retention,
)
from pipelines.run import months as run_months
from pipelines.run.answers import sentences
from pipelines.run.batches import TooLittleDiskError, position
from pipelines.run.dbt_call import begin_loading, project_as_it_is
from pipelines.run.discretion import is_asked_for, said
from pipelines.run.due import all_months, months_asked_for, months_left, months_to_come
from pipelines.run.erasure import refuse_unfinished
from pipelines.run.parts import Plan
from pipelines.run.progress import INGEST, PUBLISH, TRANSFORM, Progress, at
from pipelines.run.sealing import sealed
from pipelines.settings import FAIL, SPARK, Settings
from pipelines.warehouse import connect, connect_to_look, writer_lock


def run(
    settings: Settings,
    months: str | None,
    today: date | None,
    as_json: bool,
    record: bool,
    moment: datetime | None = None,
) -> int:
    """Review the months and print the summary. Exit code 4 if something was not made, else 3 if some rule could not be
    assessed, unless the settings treat that as success.

    moment: now, in UTC; if None, the mailbox is not read, and no month is refused because it is not over.
    """
    if hindered := refusal(settings) or on_spark.hindrance(settings):
        raise UserError(hindered)
    # Opening the warehouse takes time, so it is held open until dbt opens it itself.
    made: list[str] = []
    with (
        console_progress(settings),
        writer_lock(settings, progress_log.info),
        object_store.exchanged(settings),
        sealed(settings, made) as changed,
        project_as_it_is(),
        ExitStack() as held,
    ):
        for sentence in changed:
            progress_log.warning(f"changed outside a run: {sentence}")
        refuse_unfinished(settings)
        mail = mailbox.read_mailbox(settings, moment).answers if moment else []
        if mail and not as_json:
            print("\n".join(sentences(mail, is_asked_for(settings))))
        put_back = history.hold_to_record(settings)
        for sentence in put_back:
            progress_log.warning(f"changed outside a run: {sentence}")
        put_back = [*changed, *put_back]
        for sentence in retention.sentences(settings, moment.date()) if moment else ():
            progress_log.warning(sentence)
        present = drop_fingerprints(settings.landing) if settings.landing.is_dir() else {}
        if settings.warehouse.is_file():
            held.enter_context(connect(settings))
        wanted = _months(settings, months, present, moment)
        if not wanted:
            print("Nothing is new or changed since the last run; the publication is unchanged.")
            print_put_back(put_back)
            print_strays(_strays(settings))
            return DONE
        more = f" to {wanted[-1]} ({len(wanted)} months)" if wanted[1:] else ""
        progress_log.info(f"reviewing {wanted[0]}{more}")
        plan = _execute(settings, wanted, today, record, months is not None, present, held.close)
        made += plan.months
    if not plan.months:
        return _nothing_made(settings, wanted, as_json, put_back)
    summary = summarise(settings, list(plan.months))
    summary["because"] = {month: list(sources) for month, sources in plan.because.items()}
    summary["outputs_made"] = plan.outputs
    summary["mailbox"] = said(settings, [a.sentence for a in mail])
    summary["not_read"] = _strays(settings)
    summary["changed_outside"] = said(settings, put_back)
    if as_json:
        print(json.dumps(summary, indent=2, default=str))
    else:
        print_summary(settings, summary)
    return exit_code(summary, settings.not_assessable)


def exit_code(summary: Mapping[str, Any], not_assessable: str) -> int:
    """The exit code of a completed run. not_assessable: the configured treatment of rules that were not assessable."""
    if summary["not_made"]:
        return DONE_IN_PART
    lacking = any(r["assessability"] == "not_assessable" for r in summary["not_assessed"])
    return NOT_ALL_ASSESSED if lacking and not_assessable == FAIL else DONE


def _strays(settings: Settings) -> list[dict[str, str]]:
    """What is in the landing zone and not read, in publishable form."""
    return [dict(zip(a, said(settings, list(a.values())), strict=True)) for a in map(asdict, strays(settings.landing))]


def _nothing_made(settings: Settings, months: list[str], as_json: bool, put_back: Sequence[str]) -> int:
    """The summary of a run none of whose months depend on anything that changed."""
    text = "Nothing published depends on what changed: nothing was made, and the publication is unchanged."
    if as_json:
        found = {"months": [], "asked": months, "because": {}, "outputs_made": [], "message": text}
        print(json.dumps({**found, "changed_outside": list(put_back)}, indent=2))
    else:
        print(text)
        print_put_back(put_back)
        print_strays(_strays(settings))
    return DONE


def _months(settings: Settings, text: str | None, present: Mapping[str, str], moment: datetime | None) -> list[str]:
    from pipelines.ingest.landing.files import drops_with_files, list_drops
    from pipelines.run.landing_check import due_now
    from pipelines.run.models import rules_changed
    from pipelines.run.months import months_done, months_restated_by

    if not settings.landing.is_dir():
        raise UserError(
            f"There is no landing zone at {settings.landing}. Put one folder per review month there (for example "
            "2026-10/ with the portal's exports in it), make an empty one with `selfaudit init`, or try `selfaudit "
            "demo`."
        )
    listed, done = list_drops(settings.landing), months_done(settings)
    drops = drops_with_files(settings.landing)
    if text is not None:
        wanted = parse_range(text)
        if moment and (early := months_to_come(wanted, drops, moment.date())):
            more = f" and {len(early) - 1} more" if early[1:] else ""
            raise UserError(
                f"{early[0]}{more}: not over yet on {moment.date()}, and without a drop. Expected a month that is "
                f"over, or one with files in {settings.landing / early[0]}."
            )
        run_months.refuse_frozen(settings, wanted)
        frozen = run_months.frozen_months(settings)
        drops, done = [d for d in drops if d not in frozen], [d for d in done if d not in frozen]
        if done and rules_changed(settings):
            return all_months(wanted, done)
        restated = [m for m in months_restated_by(settings, [d for d in wanted if d in drops]) if m not in frozen]
        return months_asked_for(wanted, drops, done, restated)
    if not drops and listed and not done:
        raise UserError(
            f"{settings.landing / listed[-1]} holds no file yet. Put the exports of that month into it; file and "
            "folder names are free."
        )
    if not listed:
        raise UserError(
            f"{settings.landing} holds no drop. A drop is a folder named YYYY-MM with the exports of that month in it; "
            "`selfaudit init` makes an empty one with pages that say what to put there."
            + "".join(f"\n  {s.sentence()}" for s in strays(settings.landing))
        )
    return due_now(settings, listed, present)


def _months_left_over(settings: Settings, wanted: list[str], present: Mapping[str, str]) -> list[str]:
    """The unpublished months of an interrupted run in batches over these months; all of them if there was none, or
    files or rules have changed since.
    """
    if not settings.warehouse.is_file() or models.rules_changed(settings):
        return wanted
    with connect_to_look(settings) as warehouse, to_look(warehouse) as connection:
        left = months_left(wanted, batches_started(connection))
        if left != wanted:
            if set(present) - loaded_drops(connection, present):
                return wanted
            progress_log.info(
                f"continuing with {left[0]}: an earlier run over the same months was stopped; what it published is kept"
            )
    return left


def _execute(
    settings: Settings,
    months: list[str],
    today: date | None,
    record: bool,
    asked: bool,
    present: Mapping[str, str],
    let_go: Callable[[], None],
) -> Plan:
    """Run the three steps in this process, one batch of months at a time. Returns what was made, and why.

    record: as Dagster runs, kept in its storage. asked: the months were named by the user. present: the fingerprints of
    the landing zone. let_go: closes what holds the warehouse open. Raises UserError if a step fails; earlier batches
    stay published.
    """
    anew = models.rules_changed(settings)
    plan = parts.whole(months, basis.SOFTWARE) if anew else parts.whole(months)
    if not settings.warehouse.is_file():
        gx_worker.start()  # every drop will be judged; otherwise the first drop that is read starts it
    left = _months_left_over(settings, months, present)
    say, reached = progress_log.info, [at(INGEST, left)]
    if not record and settings.engine != SPARK and _is_large(settings, present):
        begin_loading(settings)
    try:
        expected = run_months.expected_batches(settings, left)
        if record:
            let_go()
            # A history cannot mix months made by different rules: a Dagster run makes all of them or none.
            for part in [left] if models.rules_changed(settings) else [list(b.months) for b in expected]:
                _record(settings, part, today)
            return plan
        for warning in ingestion.ingest(settings, left, today, say).warnings:
            progress_log.warning(warning)
        reached.append(TRANSFORM)
        if not anew and left == months:
            plan = parts.plan(settings, months, asked)
            if not plan.months:
                publishing.publish_nothing(settings, months, plan)
                return plan
            if plan.models is not None:
                with connect(settings) as connection:
                    parts.narrow(connection, plan)
            elif len(plan.months) < len(months):
                run_months.begin_batch(settings, plan.months)
        return _make_batches(settings, plan, months, left == months, let_go, reached)
    except TooLittleDiskError as error:
        raise UserError(
            f"The disk is full, or nearly: {error} The previous publication is unchanged. Free some space on the "
            "volume of "
            f"{settings.data}, "
            "or move the data folder to a larger one, and run the same command again."
        ) from error
    except UserError:
        raise
    except Exception as error:  # whatever it is, the user reads one line that names the step
        text = step_failed(reached[-1], first_cause(error))
        raise UserError(in_words(text, settings) or text) from error


def _make_batches(
    settings: Settings,
    plan: Plan,
    months: Sequence[str],
    from_the_first: bool,
    let_go: Callable[[], None],
    reached: list[str],
) -> Plan:
    """Make and publish the months of the plan, one batch at a time. Returns what got different rows, or all if a batch
    was made as a whole. from_the_first: no batch of these months is published yet. reached: called with each step.
    """
    say, started, made = progress_log.info, time.monotonic(), set[str]()
    batches = run_months.batches_of(settings)
    wanted = list(plan.months) if from_the_first else list(months)
    models.begin_batches(settings, wanted if len(batches) > 1 else [], from_the_first, say)
    for place, batch in enumerate(batches):
        reached.append(at(TRANSFORM, batch.months))
        if len(batches) > 1:
            say(position(batches, place, time.monotonic() - started))
            run_months.begin_batch(settings, batch.months)
        part = _build_part(settings, plan, batch.months, say) if plan.models is not None else None
        if part is None:
            plan = part = replace(plan, models=None)
            let_go()
            models.build(settings, say)
            if place + 1 < len(batches):  # on Spark there is one
                begin_loading(settings)  # the project, for the next build
        reached.append(at(PUBLISH, batch.months))
        if len(batches) == 1 and not part.is_of_published:
            publishing.publish_nothing(settings, months, part)
            return replace(part, months=())
        publishing.publish(settings, batch.months, say, part, months if place + 1 == len(batches) else ())
        made |= part.models or set()
    publishing.settle(settings, months)
    return plan if plan.models is None else replace(plan, models=frozenset(made))


def _is_large(settings: Settings, present: Mapping[str, str]) -> bool:
    """Whether the run will probably make everything: a drop is new or changed, or the current state is unknown."""
    if not settings.warehouse.is_file() or models.rules_changed(settings):
        return True
    with connect(settings) as connection:
        return bool(set(present) - {REFERENCE_DROP} - loaded_drops(connection, present)) or not basis.stored(connection)


def _build_part(settings: Settings, plan: Plan, months: Sequence[str], say: Progress) -> Plan | None:
    """Make what depends on the change, for the months of a batch. Returns the plan of what got different rows; None if
    that fails: the warehouse is then set to these months again, for all models.
    """
    part = replace(plan, months=tuple(months))
    with connect(settings) as connection:
        parts.narrow(connection, part)
    made = models.build_part(settings, part, say)
    if made is None:
        run_months.begin_batch(settings, months)
    return made


def _record(settings: Settings, months: list[str], today: date | None) -> None:
    from pipelines.defs.in_process import RunFailedError, execute  # imported late: Dagster takes seconds to import

    try:
        execute(settings, months, today)
    except RunFailedError as error:
        raise UserError(in_words(str(error), settings) or str(error)) from error


def work(settings: Settings, arguments: argparse.Namespace) -> int:
    """`run` and `backfill`, with alerts around them if requested."""
    moment = arguments.clock().replace(tzinfo=None)
    if not arguments.alerts:
        return run(settings, arguments.months, arguments.today, arguments.json, arguments.record, moment)
    with around_run(settings, arguments.months, arguments.clock):
        return run(settings, arguments.months, arguments.today, arguments.json, arguments.record, moment)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "run",
        "Review a month, a range of months, or (with nothing given) every drop that is new or changed.",
        "selfaudit run 2026-05..2026-10",
        work,
    )
    parser.add_argument("months", nargs="?", default=None, metavar="MONTH|FROM..TO", help="YYYY-MM or YYYY-MM..YYYY-MM")
    add_run_options(parser)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """The options that `run` and `backfill` share."""
    add_today(parser, "the clock of the review calendar (default: the end of the latest drop)")
    parser.add_argument(
        "--record", action="store_true", help="keep the run in Dagster's storage, so that its UI shows it"
    )
    parser.add_argument("--alerts", action="store_true", help="send alerts after it, also when it fails (see `alerts`)")
    add_json(parser, "the summary as JSON")
