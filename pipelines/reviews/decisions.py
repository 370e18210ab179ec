"""Decisions that reviewers typed into the rows of a workbook, validated one row at a time against what is published and
what was decided before.

Pure: takes rows, published findings and actions, earlier decisions and the time; returns new decisions and an answer
for every row. A row that repeats an earlier decision decides nothing, so the same workbook can be handed in twice, even
if a different decision was made in between.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pipelines.reviews.dispositions import DECISIONS, Disposition, History, Words, as_cell

LONGEST_REASON = 4000
NOTHING = Words()
TAKEN, KNOWN, REFUSED, UNDECIDED = "taken", "known", "refused", "undecided"
# The columns in which a reviewer writes, in the order of `Words`.
WRITTEN = ("decision", "until", "decided_by", "reason_for_decision")
AGAIN = "Correct the row and hand the workbook in again."
# The form into which a spreadsheet converts an identifier that looks like a number.
_NUMBER = re.compile(r"[0-9.,]+(e[+-]?[0-9]+)?", re.IGNORECASE)


class Given(NamedTuple):
    """A row of a workbook: its sheet, its row number there, its texts by column."""

    sheet: str
    row: int
    texts: Mapping[str, str]


class Subject(NamedTuple):
    """The subject of a finding or an action, by key; empty fields do not apply."""

    team_alias: str = ""
    offering_key: str = ""
    person_key: str = ""
    rule_id: str = ""


class Action(NamedTuple):
    """An action of a month: its subject, its findings, and the decision that its row shows."""

    subject: Subject
    findings: frozenset[str]
    words: Words = NOTHING


@dataclass(frozen=True)
class Published:
    """What can be decided: findings by id, actions by (month, id), the published months.

    Without months the month of a row is not checked.
    """

    findings: Mapping[str, Subject]
    actions: Mapping[tuple[str, str], Action] = field(default_factory=dict)
    months: Collection[str] = ()


@dataclass(frozen=True)
class RowAnswer:
    """The verdict on a row: taken, known, refused or undecided.

    why: an explanation, if there is one. column: the faulty column, by its database name. advice: how to correct it.
    findings: those that were decided. words: the decision.
    """

    sheet: str
    row: int
    verdict: str
    why: str = ""
    column: str = ""
    advice: str = ""
    findings: tuple[str, ...] = ()
    words: Words = NOTHING


@dataclass(frozen=True)
class Outcome:
    """Result for a workbook: the decisions to be written, and the answer to every row, in row order."""

    new: list[Disposition]
    rows: list[RowAnswer]

    def of(self, verdict: str) -> list[RowAnswer]:
        """The rows with that verdict."""
        return [r for r in self.rows if r.verdict == verdict]

    @property
    def refused(self) -> list[RowAnswer]:
        """The refused rows."""
        return self.of(REFUSED)

    @property
    def known(self) -> int:
        """Number of decisions on findings that were known already."""
        return sum(len(r.findings) for r in self.of(KNOWN))

    @property
    def undecided(self) -> int:
        """Number of rows left undecided."""
        return len(self.of(UNDECIDED))


class _RowError(ValueError):
    """An invalid row: why, in which column, and what to do."""

    def __init__(self, why: str, column: str, advice: str = AGAIN) -> None:
        super().__init__(why)
        self.column, self.advice = column, advice


def judge(rows: Sequence[Given], published: Published, history: History, moment: datetime, by: str = "") -> Outcome:
    """Judge every row of a workbook; each gets exactly one answer, and a refused row decides nothing.

    by: the decider, if a row does not name one. If two rows decide differently on one finding, both are refused: only
    their writer knows which is meant. A row that repeats an earlier decision only contradicts rows of the same kind: a
    row of an action is pre-filled with the decision on its findings, so that a new decision on the finding takes
    effect, and vice versa.
    """
    answers: dict[int, RowAnswer] = {}
    made: dict[int, list[Disposition]] = {}
    for place, given in enumerate(rows):
        if not any(given.texts.get(c, "").strip() for c in WRITTEN):
            answers[place] = RowAnswer(given.sheet, given.row, UNDECIDED)
            continue
        try:
            found = _decided(given, published, history, moment, by)
        except _RowError as error:
            answers[place] = RowAnswer(given.sheet, given.row, REFUSED, str(error), error.column, error.advice)
            continue
        if isinstance(found, RowAnswer):
            answers[place] = found
        else:
            made[place] = found
    known = {p: a for p, a in answers.items() if a.verdict == KNOWN}
    answers |= _contradictions(rows, {p: m for p, m in made.items() if p not in answers}, known)
    new: dict[str, Disposition] = {}
    for place, decisions in made.items():
        if place in answers:
            continue
        given, ids = rows[place], tuple(d.finding_id for d in decisions)
        words = decisions[0].words
        if all(i in new for i in ids):
            answers[place] = RowAnswer(
                given.sheet, given.row, KNOWN, "another row says the same", findings=ids, words=words
            )
            continue
        replaced = dict.fromkeys(_described(d) for i in ids if (d := history.latest(i)) is not None)
        why = f"replaces: {'; '.join(replaced)}" if replaced else ""
        answers[place] = RowAnswer(given.sheet, given.row, TAKEN, why, findings=ids, words=words)
        for one in decisions:
            new.setdefault(one.finding_id, _after(one, history.latest(one.finding_id)))
    return Outcome(sorted(new.values(), key=lambda d: d.finding_id), [answers[p] for p in range(len(rows))])


def _decided(
    given: Given, published: Published, history: History, moment: datetime, by: str
) -> list[Disposition] | RowAnswer:
    """The decisions of a row, or the answer that it adds nothing new. Raises _RowError."""
    texts = given.texts
    month = _month(texts.get("review_month", ""), published)
    ids = _findings_of(texts, month, published)
    words = _words(texts, by)
    said = [d for i in ids if (d := history.find(i, words)) is not None]
    if said:
        action = published.actions.get((month, texts.get("action_id", "").strip()))
        # A row of an action is pre-filled with the current decision on any of its findings.
        filled_in = action is not None and action.words == words
        ids = [] if filled_in else [i for i in ids if history.latest(i) is None]
        if not ids:
            return _known(given, said, history)
    until = _until(words, moment)
    return [Disposition(i, moment, words.decision, until, words.by, words.reason, month) for i in _checked(words, ids)]


def _known(given: Given, said: Sequence[Disposition], history: History) -> RowAnswer:
    """The answer to a row that repeats an earlier decision, and whether that decision is still current."""
    one = said[-1]
    stands = history.latest(one.finding_id)
    why = f"decided before, on {one.decided_at:%Y-%m-%d}"
    advice = ""
    if stands is not None and stands.words != one.words:
        why += f"; since then {_described(stands)}, which is in force"
        advice = "Where the earlier decision is meant again, give another reason."
    findings = tuple(d.finding_id for d in said)
    return RowAnswer(given.sheet, given.row, KNOWN, why, "decision", advice, findings, one.words)


def _described(one: Disposition) -> str:
    until = f" until {one.until}" if one.until else ""
    return f"{one.decision}{until} by {one.by} on {one.decided_at:%Y-%m-%d}"


def _contradictions(
    rows: Sequence[Given], made: Mapping[int, list[Disposition]], known: Mapping[int, RowAnswer]
) -> dict[int, RowAnswer]:
    """Refusals of rows that decide differently on one finding. known: rows that repeat an earlier decision."""
    words = {p: decisions[0].words for p, decisions in made.items()} | {p: a.words for p, a in known.items()}
    of_finding: dict[str, list[int]] = {}
    for place, ids in [(p, [d.finding_id for d in m]) for p, m in made.items()] + [
        (p, [*a.findings]) for p, a in known.items()
    ]:
        for one in ids:
            of_finding.setdefault(one, []).append(place)
    found: dict[int, RowAnswer] = {}
    for finding, places in sorted(of_finding.items()):
        for place in (p for p in places if p in made):
            others = [
                p
                for p in places
                if words[p] != words[place] and (p in made or _is_of_action(rows[p]) == _is_of_action(rows[place]))
            ]
            if not others:
                continue
            given, other = rows[place], rows[min(others)]
            where = f"row {other.row}" + (f" of the sheet {other.sheet}" if other.sheet != given.sheet else "")
            found.setdefault(
                place,
                RowAnswer(
                    given.sheet,
                    given.row,
                    REFUSED,
                    f"finding {finding} is decided differently in {where}",
                    "decision",
                    "Remove one of the two. " + AGAIN,
                ),
            )
    return found


def _is_of_action(given: Given) -> bool:
    return bool(given.texts.get("action_id", "").strip())


def _after(one: Disposition, before: Disposition | None) -> Disposition:
    """A later decision on the same finding gets a time at least a second later, so that it takes precedence and has its
    own key.
    """
    if before is None or one.decided_at > before.decided_at:
        return one
    return replace(one, decided_at=before.decided_at + timedelta(seconds=1))


def _words(texts: Mapping[str, str], by: str) -> Words:
    """The decision of a row as it would be written, unchecked."""
    decision, until, name, reason = (as_cell(texts.get(c, "")) for c in WRITTEN)
    return Words(re.sub(r"[\s-]+", "_", decision.casefold()), until[:10], name or as_cell(by), reason)


def _month(text: str, published: Published) -> str:
    """The month of a cell as YYYY-MM, or empty; a spreadsheet may have converted it to a date."""
    found = text.strip()[:7]
    if found and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", found):
        raise _RowError(
            f"'{text.strip()}' is not a review month; expected YYYY-MM, for example 2026-10", "review_month"
        )
    if found and published.months and found not in published.months:
        raise _RowError(f"the review of {found} is not published", "review_month")
    return found


def _findings_of(texts: Mapping[str, str], month: str, published: Published) -> list[str]:
    """The findings of a row, each known and with the same subject as the row. Raises _RowError."""
    column = "finding_ids" if texts.get("finding_ids", "").strip() else "finding_id"
    ids = list(dict.fromkeys(i for i in re.split(r"[;\s]+", texts.get(column, "")) if i))
    name = texts.get("action_id", "").strip()
    if name and published.actions:
        if not month:
            raise _RowError("the row names no review month", "review_month")
        action = published.actions.get((month, name))
        if action is None:
            raise _RowError(
                f"there is no action '{name}' in the review of {month}",
                "action_id",
                _about_numbers(name) + "Take the row from the published workbook again.",
            )
        _check_subject(f"action {name}", action.subject, texts)
        strange = [i for i in ids if i not in action.findings]
        if strange:
            raise _RowError(
                f"finding {strange[0]} is not one of action {name}",
                "finding_ids",
                "Were the rows sorted without all of their columns? Take the row from the published workbook again.",
            )
        ids = ids or sorted(action.findings)
    if not ids:
        raise _RowError("the row names no finding", "finding_id", "Take the row from the published workbook again.")
    for finding in ids:
        subject = published.findings.get(finding)
        if subject is None:
            raise _RowError(
                f"there is no finding '{finding}' in what is published",
                column,
                _about_numbers(finding) + "Take the row from the published workbook again.",
            )
        _check_subject(f"finding {finding}", subject, texts)
    return ids


def _about_numbers(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return "A spreadsheet may have turned the identifier into a number; the workbook (.xlsx) keeps it. "
    return ""


def _check_subject(name: str, subject: Subject, texts: Mapping[str, str]) -> None:
    """Raises _RowError if the row's team, offering, person or rule is not that of its finding: the rows were sorted
    without their ids, or overwritten.
    """
    for column, said in zip(Subject._fields, subject, strict=True):
        given = texts.get(column, "").strip().lstrip("'")
        if said and given and given.casefold() != said.strip().casefold():
            raise _RowError(
                f"{name} is about the {column.partition('_')[0]} '{said}', and the row is about '{given}'",
                column,
                "Were the rows sorted without all of their columns? Take the row from the published workbook again.",
            )


def _checked(words: Words, ids: list[str]) -> list[str]:
    """The findings, if the words are a valid decision. Raises _RowError."""
    if not words.decision:
        raise _RowError(
            "there is a date, a name or a reason, but no decision",
            "decision",
            f"Choose one of {', '.join(DECISIONS)}, or empty the row's other yellow cells. {AGAIN}",
        )
    if words.decision not in DECISIONS:
        raise _RowError(f"'{words.decision}' is not a decision; expected one of {', '.join(DECISIONS)}", "decision")
    if words.decision == "waived" and not (words.until and words.reason):
        raise _RowError(
            "a waiver needs its last day ('Until') and a reason",
            "until" if not words.until else "reason_for_decision",
        )
    if not words.by:
        raise _RowError(
            "the row does not say who decides",
            "decided_by",
            "Fill the column 'Decided by' or the cell of that name on the first sheet, or give --by NAME.",
        )
    if len(words.reason) > LONGEST_REASON:
        raise _RowError(f"the reason is longer than {LONGEST_REASON} characters", "reason_for_decision")
    return ids


def _until(words: Words, moment: datetime) -> date | None:
    """The last day of a waiver. Raises _RowError."""
    if not words.until:
        return None
    if words.decision in DECISIONS and words.decision != "waived":
        raise _RowError(
            f"'until' ({words.until}) belongs to a waiver; {words.decision} has no end",
            "until",
            f"Empty the cell, or choose waived. {AGAIN}",
        )
    try:
        until = date.fromisoformat(words.until)
    except ValueError:
        raise _RowError(
            f"'{words.until}' is not a date; expected YYYY-MM-DD, for example 2026-12-31", "until"
        ) from None
    if until < moment.date():
        raise _RowError(f"the waiver would have ended on {until}, before it is decided on {moment.date()}", "until")
    return until


def find_header(names: Sequence[Sequence[str]]) -> int | None:
    """Index of the header among the first rows, given as column names: the row with a decision and a finding or an
    action. None if there is none.
    """
    for place, row in enumerate(names[:20]):
        if "decision" in row and ("finding_id" in row or "finding_ids" in row):
            return place
    return None
