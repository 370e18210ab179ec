"""Decisions that reviewers typed into a workbook: read from its rows, judged one by one, joined with those decided
before.

Pure: rows, known findings, earlier decisions and the time come in; new decisions and refusals go out. A decision that
says nothing new is not written again, so the same workbook can be handed in twice.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

DECISIONS = ("accepted", "waived", "remediated", "false_positive")
COLUMNS = ("finding_id", "decided_at", "decision", "until", "by", "reason")
MOMENT = "%Y-%m-%d %H:%M:%S"
LONGEST_REASON = 4000


@dataclass(frozen=True)
class Disposition:
    """One row of the reference table `dispositions`."""

    finding_id: str
    decided_at: datetime
    decision: str
    until: date | None
    by: str
    reason: str
    # The month that is judged, where the file says one; empty is the month of decided_at.
    review_month: str = ""

    @property
    def content(self) -> tuple[str, date | None, str, str]:
        """What was decided, whenever it was and whichever month it was first decided for."""
        return (self.decision, self.until, self.by, self.reason)


@dataclass(frozen=True)
class Refusal:
    """A row that does not fit: its number in the sheet, and why."""

    row: int
    why: str


@dataclass(frozen=True)
class Outcome:
    """What a workbook says: decisions to be written, how many were known already, rows refused, rows left open."""

    new: list[Disposition]
    known: int
    refused: list[Refusal]
    undecided: int


class Subject(NamedTuple):
    """What a finding is about, by its key; empty where the rule names none."""

    team_alias: str = ""
    offering_key: str = ""
    person_key: str = ""


class DecisionFileError(ValueError):
    """The file of dispositions or the workbook is not one that decisions can be read from; the message says why."""


def judge(
    rows: Sequence[tuple[int, Mapping[str, str]]],
    findings: Mapping[str, Subject],
    earlier: Sequence[Disposition],
    moment: datetime,
    by: str = "",
) -> Outcome:
    """Judge every row of a sheet.

    rows: (number, texts by column). findings: what is published, with what each finding is about; a row that says
    something else is refused. by: who decides where the row does not say. A row of an action comes filled in with what
    was decided before: as long as it says the same, it decides nothing.
    """
    latest: dict[str, Disposition] = {}
    for old in sorted(earlier, key=lambda d: d.decided_at):
        latest[old.finding_id] = old
    refused: list[Refusal] = []
    found: dict[str, tuple[int, Disposition]] = {}
    known = undecided = 0
    for number, texts in rows:
        given = {k: texts.get(k, "").strip() for k in ("decision", "until", "decided_by", "reason_for_decision")}
        if not any(given.values()):
            undecided += 1
            continue
        ids = [i for i in re.split(r"[;\s]+", texts.get("finding_ids") or texts.get("finding_id") or "") if i]
        if texts.get("action_id") and any(i in latest and _says(given) == _written(latest[i]) for i in ids):
            known += len(ids)
            continue
        try:
            month = _month(texts.get("review_month", ""))
            _refuse_strangers(ids, texts, findings)
            made = [replace(_read(i, given, moment, by, findings, latest.get(i)), review_month=month) for i in ids]
            if not made:
                raise ValueError("the row names no finding")
        except ValueError as error:
            refused.append(Refusal(number, str(error)))
            continue
        for one in made:
            if one.finding_id in found and found[one.finding_id][1].content != one.content:
                refused.append(
                    Refusal(
                        number,
                        f"finding {one.finding_id} was decided otherwise in row {found[one.finding_id][0]}; one of "
                        "the two must go",
                    )
                )
            else:
                found.setdefault(one.finding_id, (number, one))
    new = []
    for _, one in found.values():
        before = latest.get(one.finding_id)
        if before is not None and before.content == one.content:
            known += 1
        else:
            new.append(_after(one, before))
    return Outcome(sorted(new, key=lambda d: d.finding_id), known, refused, undecided)


def _after(one: Disposition, before: Disposition | None) -> Disposition:
    """A later word on the same finding is later by at least a second, so that it counts and its key is its own."""
    if before is None or one.decided_at > before.decided_at:
        return one
    later = before.decided_at + timedelta(seconds=1)
    return replace(one, decided_at=later)


def _says(given: Mapping[str, str]) -> tuple[str, str, str, str]:
    """A row's decision, end, name and reason, as `_written` has them."""
    return (_folded(given["decision"]), given["until"][:10], given["decided_by"], given["reason_for_decision"])


def _written(before: Disposition) -> tuple[str, str, str, str]:
    """An earlier decision as the cells of a row that comes filled in."""
    return (before.decision, before.until.isoformat() if before.until else "", before.by, before.reason)


def _folded(decision: str) -> str:
    return re.sub(r"[\s-]+", "_", decision.casefold())


def _month(text: str) -> str:
    """The month of a cell, YYYY-MM, or empty; a spreadsheet may have made a date of it."""
    found = text.strip()[:7]
    if found and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", found):
        raise ValueError(f"'{text.strip()}' is not a review month; expected YYYY-MM, for example 2026-10")
    return found


def _refuse_strangers(ids: Sequence[str], texts: Mapping[str, str], findings: Mapping[str, Subject]) -> None:
    """A row whose team, offering or person is not that of its finding: rows were sorted without their ids, or typed
    over.
    """
    for finding in ids:
        for name, said in zip(Subject._fields, findings.get(finding, Subject()), strict=True):
            given = texts.get(name, "").strip().lstrip("'")
            if said and given and given != said.strip():
                raise ValueError(
                    f"finding {finding} is about the {name.partition('_')[0]} '{said}', and the row about '{given}'; "
                    "were the rows sorted without all of their columns?"
                )


def _read(
    finding: str,
    given: Mapping[str, str],
    moment: datetime,
    by: str,
    findings: Mapping[str, Subject],
    before: Disposition | None,
) -> Disposition:
    if not given["decision"]:
        raise ValueError("there is a date, a name or a reason, but no decision")
    decision = _folded(given["decision"])
    if decision not in DECISIONS:
        raise ValueError(f"'{given['decision']}' is no decision; it must be one of {', '.join(DECISIONS)}")
    if finding not in findings:
        raise ValueError(f"there is no finding '{finding}' in what is published")
    until = None
    if given["until"]:
        if decision != "waived":
            raise ValueError(f"'until' ({given['until']}) belongs to a waiver; {decision} has no end")
        try:
            until = date.fromisoformat(given["until"][:10])
        except ValueError:
            raise ValueError(f"'{given['until']}' is not a date; expected YYYY-MM-DD, for example 2026-12-31") from None
        # A waiver that was given in time stays what it was.
        if until < moment.date() and not (before is not None and before.until == until):
            raise ValueError(f"the waiver would have ended on {until}, before it is decided on {moment.date()}")
    if decision == "waived" and not (until and given["reason_for_decision"]):
        raise ValueError("a waiver needs a day until which it holds ('Until') and a reason")
    name = given["decided_by"] or by
    if not name:
        raise ValueError("nobody is named as deciding; fill the column 'Decided by' or give --by NAME")
    if len(given["reason_for_decision"]) > LONGEST_REASON:
        raise ValueError(f"the reason is longer than {LONGEST_REASON} characters")
    return Disposition(finding, moment, decision, until, name, given["reason_for_decision"])


def parse(text: str) -> list[Disposition]:
    """The rows of a file of dispositions as this software writes it. Raises DecisionFileError if it is another one."""
    reader = csv.DictReader(io.StringIO(text))
    missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
    if missing:
        raise DecisionFileError(
            f"it lacks the columns {', '.join(missing)} (comma separated, as `selfaudit decide` writes them)"
        )
    found = []
    for number, row in enumerate(reader, start=1):
        try:
            found.append(
                Disposition(
                    row["finding_id"],
                    datetime.fromisoformat(row["decided_at"]).replace(tzinfo=None),
                    row["decision"],
                    date.fromisoformat(row["until"]) if row["until"] else None,
                    row["by"] or "",
                    row["reason"] or "",
                    row.get("review_month") or "",
                )
            )
        except (ValueError, TypeError) as error:
            raise DecisionFileError(f"its row {number} cannot be read: {error}") from error
    return found


def write(earlier: Sequence[Disposition], new: Sequence[Disposition]) -> str:
    """The file of dispositions with the new ones after the earlier ones."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    every = [*earlier, *new]
    has_month = any(d.review_month for d in every)
    writer.writerow([*COLUMNS, "review_month"] if has_month else COLUMNS)
    for d in every:
        until = d.until.isoformat() if d.until else ""
        cells = [d.finding_id, d.decided_at.strftime(MOMENT), d.decision, until, d.by, d.reason]
        writer.writerow([*cells, d.review_month] if has_month else cells)
    return out.getvalue()


def place_of_head(names: Sequence[Sequence[str]]) -> int | None:
    """Which of the first rows, given as names of columns, is the header: the one with a decision and a finding. None if
    there is none.
    """
    for place, row in enumerate(names[:20]):
        if "decision" in row and ("finding_id" in row or "finding_ids" in row):
            return place
    return None
