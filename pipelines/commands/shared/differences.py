"""Shared by `verify` and `replay`: the published file, and the list of differences at the end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import DONE, FAILED, UserError
from pipelines.run.discretion import said
from pipelines.settings import Settings

PUT_BACK = (
    "The next `selfaudit run` puts back what is missing in the warehouse, in the published file and among the "
    "partitions, from what is still as it was published, and says what it could not (docs/operations.md, What is "
    "recorded)."
)


def published_file(settings: Settings) -> Path:
    """The published DuckDB file. Raises UserError if nothing is published."""
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet. Start with `selfaudit run`.")
    return settings.published_database


def report_differences(
    settings: Settings, what: str, wrong: Sequence[str], as_json: bool, advice: str = "", notes: Sequence[str] = ()
) -> int:
    """Print the differences, one line each, or that there are none. advice: what to do about them. notes: further
    information. Returns the exit code.
    """
    # File names in the landing zone may contain names of persons.
    wrong, notes = said(settings, wrong), said(settings, notes)
    if as_json:
        print(json.dumps({"checked": what, "differences": wrong, **({"notes": notes} if notes else {})}, indent=2))
    elif wrong:
        print(f"{what}: {len(wrong)} {'difference' if len(wrong) == 1 else 'differences'}")
        for sentence in wrong:
            print(f"  {sentence}")
        if advice:
            print(advice)
    else:
        print(f"{what}: everything is as it was published.")
    for note in () if as_json else notes:
        print(f"  note: {note}")
    return FAILED if wrong else DONE
