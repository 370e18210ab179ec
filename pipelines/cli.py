"""The command `selfaudit`: arguments, exit codes, where a command's work is found. The work itself is in `pipelines/commands`.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done but some rule was not assessable, 4 done in part: something was not made.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

from pipelines.faults import of_error, of_surroundings
from pipelines.partitions import MonthError
from pipelines.settings import Settings, SettingsError, load_settings

DONE, FAILED, WRONG_USE, NOT_ALL_ASSESSED, DONE_IN_PART = 0, 1, 2, 3, 4


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class UserError(Exception):
    """Something the user can mend; the message says what, where and what to do."""


def _demo(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.demo import demo

    return demo(settings, arguments.persons, arguments.months, arguments.seed, arguments.last_month, arguments.no_run)


def _init(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.init import init

    if arguments.folder is not None and arguments.data is not None:
        print("selfaudit: the folder is given twice; leave out --data or DIR", file=sys.stderr)
        return WRONG_USE
    chosen = load_settings(arguments.folder) if arguments.folder is not None else settings
    return init(chosen, arguments.month, date.today(), arguments.json)


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.run import run

    if not arguments.alerts:
        return run(settings, arguments.months, arguments.today, arguments.json, arguments.record)
    from pipelines.commands.alerts import around_run

    with around_run(settings, arguments.months, lambda: datetime.now(UTC)):
        return run(settings, arguments.months, arguments.today, arguments.json, arguments.record)


def _workbooks(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.workbooks import workbooks

    return workbooks(settings, arguments.months, arguments.json)


def _alerts(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.alerts import alerts

    moment = datetime.combine(arguments.today, datetime.min.time(), UTC) if arguments.today else datetime.now(UTC)
    return alerts(settings, moment, arguments.dry_run, arguments.test, arguments.json)


def _status(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.status import status

    return status(settings, arguments.today or datetime.now(UTC).date(), arguments.json)


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.doctor import doctor

    return doctor(settings, datetime.now(UTC).date(), arguments.json)


def _explain(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.explain import explain

    return explain(settings, arguments.finding_id, arguments.month, arguments.json)


def _decide(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.decide import decide

    moment = arguments.at or datetime.now(UTC).replace(tzinfo=None)
    return decide(settings, arguments.workbook, arguments.by, moment, arguments.dry_run, arguments.json)


def _sign_off(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.sign_off import sign_off

    moment = arguments.at or datetime.now(UTC).replace(tzinfo=None)
    return sign_off(
        settings, arguments.activity, arguments.period, arguments.by, moment, arguments.note, arguments.json
    )


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.verify import verify

    return verify(settings, arguments.pack, arguments.json)


def _replay(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.verify import replay

    return replay(settings, arguments.month, arguments.json)


def _what_if(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.what_if import what_if

    return what_if(settings, arguments.month, arguments.parameters, arguments.json)


def _export_sam(settings: Settings, arguments: argparse.Namespace) -> int:
    from pipelines.commands.export_sam import export_sam

    return export_sam(settings, arguments.month, arguments.to, arguments.columns, arguments.tool, arguments.json)


def _add(
    commands: Commands,
    name: str,
    summary: str,
    example: str,
    action: Callable[[Settings, argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(action=action)
    return parser


def build_parser() -> argparse.ArgumentParser:
    """The argument parser; every command has a one-line summary and an example."""
    parser = argparse.ArgumentParser(
        prog="selfaudit",
        description="Reviews an Autodesk estate every month from the files the company can already download.",
        epilog="example:\n  selfaudit --data ./data run 2026-10",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=None, metavar="DIR", help="data folder (default: SELFAUDIT_DATA, else ./data)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for declare in _COMMANDS:
        declare(commands)
    return parser


def _declare_init(commands: Commands) -> None:
    init = _add(
        commands,
        "init",
        "Make a data folder for your own files: month folder, empty reference tables, and what to put where.",
        "selfaudit init ./data --month 2026-10",
        _init,
    )
    init.add_argument("folder", nargs="?", type=Path, default=None, metavar="DIR", help="default: the data folder")
    init.add_argument(
        "--month", default=None, metavar="YYYY-MM", help="first review month (default: the last that is over)"
    )
    init.add_argument("--json", action="store_true", help="the files written, as JSON")


def _declare_demo(commands: Commands) -> None:
    demo = _add(
        commands,
        "demo",
        "Write a made-up enterprise's landing zone and review it.",
        "selfaudit demo --persons 400 --months 6 --seed 7",
        _demo,
    )
    demo.add_argument("--persons", type=int, default=400, help="people in the estate (default 400)")
    demo.add_argument("--months", type=int, default=6, help="number of monthly drops (default 6)")
    demo.add_argument("--seed", type=int, default=7, help="same seed, same bytes (default 7)")
    demo.add_argument("--last-month", default="2026-10", metavar="YYYY-MM", help="last drop (default 2026-10)")
    demo.add_argument("--no-run", action="store_true", help="only write the landing zone")


def _declare_run(commands: Commands) -> None:
    run = _add(
        commands,
        "run",
        "Review a month, a range of months, or (with nothing given) every drop that is new or changed.",
        "selfaudit run 2026-05..2026-10",
        _run,
    )
    run.add_argument("months", nargs="?", default=None, metavar="MONTH|FROM..TO", help="YYYY-MM or YYYY-MM..YYYY-MM")
    run.add_argument(
        "--today",
        type=date.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD",
        help="the clock of the review calendar (default: the end of the latest drop)",
    )
    run.add_argument("--record", action="store_true", help="keep the run in Dagster's storage, so that its UI shows it")
    run.add_argument("--alerts", action="store_true", help="send alerts after it, also when it fails (see `alerts`)")
    run.add_argument("--json", action="store_true", help="the ending as JSON")


def _declare_backfill(commands: Commands) -> None:
    backfill = _add(
        commands,
        "backfill",
        "Review a range of months in one run (the same as `run FROM..TO`).",
        "selfaudit backfill 2024-11..2026-10",
        _run,
    )
    backfill.add_argument("months", metavar="FROM..TO", help="YYYY-MM..YYYY-MM")
    backfill.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="as for run")
    backfill.add_argument("--record", action="store_true", help="as for run")
    backfill.add_argument("--alerts", action="store_true", help="as for run")
    backfill.add_argument("--json", action="store_true", help="the ending as JSON")


def _declare_workbooks(commands: Commands) -> None:
    workbooks = _add(
        commands,
        "workbooks",
        "Write the workbooks of a month from what is published, also where SELFAUDIT_WORKBOOKS=latest leaves them out.",
        "selfaudit workbooks 2026-03",
        _workbooks,
    )
    workbooks.add_argument("months", metavar="MONTH|FROM..TO", help="YYYY-MM or YYYY-MM..YYYY-MM")
    workbooks.add_argument("--json", action="store_true", help="the files written, as JSON")


def _declare_status(commands: Commands) -> None:
    status = _add(commands, "status", "What has been made, and what is due.", "selfaudit status", _status)
    status.add_argument(
        "--today",
        type=date.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD",
        help="the day on which something is late (default: today, UTC)",
    )
    status.add_argument("--json", action="store_true", help="as JSON")


def _declare_alerts(commands: Commands) -> None:
    alerts = _add(
        commands,
        "alerts",
        "Say what is late or runs out, once, to a webhook and by mail.",
        "selfaudit alerts --dry-run",
        _alerts,
    )
    alerts.add_argument("--dry-run", action="store_true", help="print what is worth an alert and send nothing")
    alerts.add_argument("--test", action="store_true", help="send a test to every channel that is set")
    alerts.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="as for status")
    alerts.add_argument("--json", action="store_true", help="as JSON")


def _declare_doctor(commands: Commands) -> None:
    doctor = _add(commands, "doctor", "What is missing, and what to do about it.", "selfaudit doctor", _doctor)
    doctor.add_argument("--json", action="store_true", help="as JSON")


def _declare_explain(commands: Commands) -> None:
    explain = _add(
        commands,
        "explain",
        "One finding: the rule in words, the numbers put into it, the rows it stands on.",
        "selfaudit explain 0f3a9c1d2b4e5f60",
        _explain,
    )
    explain.add_argument("finding_id", metavar="FINDING_ID")
    explain.add_argument("--month", default=None, metavar="YYYY-MM", help="default: the latest month that has it")
    explain.add_argument("--json", action="store_true", help="as JSON")


def _declare_what_if(commands: Commands) -> None:
    what_if = _add(
        commands,
        "what-if",
        "A month with other rule parameters, prices or rates, beside the month as it stands; nothing is published.",
        "selfaudit what-if --parameters stricter.csv 2026-10",
        _what_if,
    )
    what_if.add_argument("month", metavar="YYYY-MM")
    what_if.add_argument(
        "--parameters",
        type=Path,
        required=True,
        metavar="FILE",
        help="rows to try, as a table of landing/reference/ (rule_parameters, prices, flex_rates ...)",
    )
    what_if.add_argument("--json", action="store_true", help="everything, as JSON")


def _declare_decide(commands: Commands) -> None:
    decide = _add(
        commands,
        "decide",
        "Read the decisions that were typed into a workbook back; the next run shows them.",
        'selfaudit decide deprovisioning_list.xlsx --by "Ada Example"',
        _decide,
    )
    decide.add_argument("workbook", type=Path, metavar="FILE.xlsx")
    decide.add_argument("--by", default="", metavar="NAME", help="who decides, where the workbook does not say")
    decide.add_argument(
        "--at",
        type=datetime.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD[THH:MM:SS]",
        help="when it was decided (default: now, UTC); it counts in months that end on or after that day",
    )
    decide.add_argument("--dry-run", action="store_true", help="judge the rows and write nothing")
    decide.add_argument("--json", action="store_true", help="as JSON")


def _declare_sign_off(commands: Commands) -> None:
    sign = _add(
        commands,
        "sign-off",
        "Sign a review of a month; the next run shows it in the review calendar.",
        'selfaudit sign-off user_activity_audit 2026-10 --by "Ada Example"',
        _sign_off,
    )
    sign.add_argument("activity", metavar="ACTIVITY", help="as in the review calendar, or the name of the output")
    sign.add_argument("period", metavar="YYYY-MM")
    sign.add_argument("--by", required=True, metavar="NAME", help="who signs")
    sign.add_argument("--note", default="", help="what should be remembered")
    sign.add_argument(
        "--at",
        type=datetime.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD[THH:MM:SS]",
        help="when it was signed (default: now, UTC)",
    )
    sign.add_argument("--json", action="store_true", help="as JSON")


def _declare_verify(commands: Commands) -> None:
    verify = _add(
        commands,
        "verify",
        "Whether an evidence pack, or the whole publication, and the raw files are what they were.",
        "selfaudit verify data/published/packs/2026-10.zip",
        _verify,
    )
    verify.add_argument(
        "pack", type=Path, nargs="?", default=None, metavar="PACK", help="default: everything published"
    )
    verify.add_argument("--json", action="store_true", help="as JSON")


def _declare_replay(commands: Commands) -> None:
    replay = _add(
        commands,
        "replay",
        "Rebuild a month from its raw files in an empty warehouse and compare it, byte by byte.",
        "selfaudit replay 2026-03",
        _replay,
    )
    replay.add_argument("month", metavar="YYYY-MM")
    replay.add_argument("--json", action="store_true", help="as JSON")


def _declare_export_sam(commands: Commands) -> None:
    export = _add(
        commands,
        "export-sam",
        "Write who holds and who uses what as CSV for the company's SAM tool.",
        "selfaudit export-sam 2026-10",
        _export_sam,
    )
    export.add_argument("month", metavar="YYYY-MM")
    export.add_argument(
        "--to", type=Path, default=None, metavar="DIR", help="folder to write to (default: published/sam/YYYY-MM)"
    )
    form = export.add_mutually_exclusive_group()
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
    export.add_argument("--json", action="store_true", help="the files written, as JSON")


# In the order of the help: a place for the files, months, what is made of them, decisions and evidence.
_COMMANDS = (
    _declare_init,
    _declare_demo,
    _declare_run,
    _declare_backfill,
    _declare_workbooks,
    _declare_status,
    _declare_alerts,
    _declare_doctor,
    _declare_explain,
    _declare_what_if,
    _declare_decide,
    _declare_sign_off,
    _declare_verify,
    _declare_replay,
    _declare_export_sam,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the command. Returns the exit code; errors a user can mend are one message, not a stack trace."""
    arguments = build_parser().parse_args(argv)
    try:
        settings = load_settings(arguments.data)
        settings.apply_to_environment()
        code = int(arguments.action(settings, arguments))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has enough (`| head`). What is left in the buffer must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (MonthError, SettingsError) as error:
        print(f"selfaudit: {error}", file=sys.stderr)
        return WRONG_USE
    except UserError as error:
        print(f"selfaudit: {error}", file=sys.stderr)
        return FAILED
    except of_surroundings() as error:
        print(f"selfaudit: {of_error(error, settings)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("selfaudit: stopped; the former publication is untouched", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
