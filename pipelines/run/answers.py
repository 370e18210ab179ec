"""The answer to a file in the mailbox, as a text for its sender: what was accepted, what was not and why, row by row.

Pure: formats what `mailbox` found, and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pipelines.publish.workbooks.terms import label
from pipelines.reviews.decisions import KNOWN, REFUSED, TAKEN, UNDECIDED, Outcome, RowAnswer


@dataclass(frozen=True)
class Answer:
    """The result for a file in the mailbox.

    name: its path below the mailbox. moved_to: its present path below the mailbox; '' if it was not moved. problem: why
    none of it could be read, and what to do. signed, not_signed: the result for the signature cell.
    """

    name: str
    moved_to: str = ""
    problem: str = ""
    outcome: Outcome | None = None
    signed: str = ""
    not_signed: str = ""

    def number(self, verdict: str) -> int:
        """Number of rows with that verdict."""
        return len(self.outcome.of(verdict)) if self.outcome else 0

    @property
    def sentence(self) -> str:
        """The whole answer in one line."""
        if self.problem:
            return f"{self.name}: not read. {self.problem}"
        counts = ", ".join(
            f"{self.number(verdict)} {words}"
            for verdict, words in (
                (TAKEN, "rows taken"),
                (KNOWN, "already known"),
                (REFUSED, "not taken"),
                (UNDECIDED, "left open"),
            )
        )
        signature = "; ".join(s for s in (self.signed, self.not_signed) if s)
        return f"{self.name}: {counts}" + (f"; {signature}" if signature else "")


def sentences(found: Sequence[Answer], private: bool) -> list[str]:
    """The results for the files in the mailbox, one line each; their answer files have the details. private: only their
    number, since the lines name who decided and signed.
    """
    if found and private:
        return [f"{len(found)} files of landing/decisions were answered, each in a file next to it."]
    return [f"landing/decisions: {one.sentence}" for one in found]


# How the first line of an answer ends.
_READ_ON = re.compile(r", read on (\d{4}-\d{2}-\d{2}) \d{2}:\d{2} UTC\.$")


def read_on(text: str) -> date | None:
    """The day on which a file was read, according to its answer; None if the text is not an answer."""
    found = _READ_ON.search(text.partition("\n")[0])
    return date.fromisoformat(found[1]) if found else None


def text_of(answer: Answer, moment: datetime, sha256: str, private: bool) -> str:
    """The answer file. moment: UTC. sha256: of the answered file. private: without who decided and signed, which the
    answered file itself contains.
    """
    if private and answer.signed:
        answer = replace(answer, signed="taken")
    lines = [f"Answer to {answer.name}, read on {moment:%Y-%m-%d %H:%M} UTC.", ""]
    if answer.problem:
        lines += [f"None of it was taken. {answer.problem}", ""]
    else:
        lines += [answer.sentence.removeprefix(f"{answer.name}: ") + ".", ""]
        if answer.signed:
            lines += [f"Signature: {answer.signed}.", ""]
        if answer.not_signed:
            lines += [f"Signature not taken: {answer.not_signed}", ""]
        assert answer.outcome is not None
        for verdict, title in (
            (REFUSED, "Not taken"),
            (TAKEN, "Taken (the next run shows it)"),
            (KNOWN, "Already known, so nothing new"),
        ):
            if rows := answer.outcome.of(verdict):
                lines += [f"{title}:", *(_row(r, private) for r in rows), ""]
    where = f"The file is kept as {answer.moved_to}." if answer.moved_to else "The file was left where it is."
    return "\n".join([*lines, where, f"SHA-256 of the file: {sha256}", ""])


def _row(row: RowAnswer, private: bool) -> str:
    where = (f"sheet {row.sheet}, " if row.sheet else "") + f"row {row.row}"
    if row.verdict == REFUSED:
        return f"  {where}, column {label(row.column)}: {row.why}. {row.advice}"
    decision, until, by, _ = row.words
    who = "" if private else f" by {by}"
    said = f"{decision}{f' until {until}' if until else ''}{who}, on {_findings(len(row.findings))}"
    more = "; ".join(s for s in (row.why, row.advice) if s)
    return f"  {where}: {said}" + (f"; {more}" if more else "")


def _findings(number: int) -> str:
    return f"{number} finding" if number == 1 else f"{number} findings"
