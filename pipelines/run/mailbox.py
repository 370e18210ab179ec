"""The mailbox `landing/decisions/`: completed workbooks put there are read, judged, answered in a file next to each,
and moved to `landing/decisions/taken/`.

Decisions are written to the same table as by `selfaudit decide`, signatures to that of `selfaudit sign-off`; the next
run makes what depends on them. An unreadable file is answered and left. No user's file is deleted or overwritten. Reads
no clock.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from pipelines.errors import UserError
from pipelines.ingest.landing.files import REFERENCE_DROP, FileDamageError, left_by_program, sha256_of
from pipelines.ingest.landing.fingerprints import reference_fingerprint
from pipelines.ingest.read.filled import WORKBOOK_ENDINGS, FilledSheet, read_filled
from pipelines.publish.workbooks.terms import ACTIVITY, DECIDED_BY, SIGNED_BY, SIGNED_ON
from pipelines.reviews.decisions import Published, judge
from pipelines.reviews.dispositions import Disposition, History
from pipelines.reviews.sign_off import AlreadySignedError, SignOff, SignOffError, sign
from pipelines.run.answers import Answer, read_on, text_of
from pipelines.run.decided import (
    Filled,
    Reviews,
    add_decisions,
    add_sign_offs,
    earlier_decisions,
    filled,
    read_published,
    read_reviews,
)
from pipelines.run.discretion import is_asked_for, said
from pipelines.run.landing_check import UNFINISHED
from pipelines.run.privacy import Real, read_real
from pipelines.run.sign_off_table import read_sign_offs
from pipelines.settings import Settings
from pipelines.warehouse import BusyError, writer_lock

FOLDER, TAKEN = "decisions", "taken"
ANSWER = ".answer.txt"
# A longer name, in bytes, leaves no room for the suffix of its answer.
LONGEST_NAME = 200
NOT_OURS = (
    "It has no sheet with the columns 'Decision' and 'Finding id' or 'Finding ids'. Fill in a workbook of published/ "
    "and put the whole file here."
)


@dataclass(frozen=True)
class Mail:
    """Result of a check of the mailbox. answers: to every answered file, by name. seen: `decisions/<hash of the name>`
    → SHA-256, for the next check. has_news: whether decisions or signatures were written.
    """

    answers: list[Answer] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    has_news: bool = False


@dataclass
class _Letter:
    """A file of the mailbox: its displayed path below the mailbox, its actual path, its SHA-256, the answer."""

    name: str
    path: Path
    sha256: str = ""
    answer: Answer | None = None

    @property
    def key(self) -> str:
        """Its key in what a check has seen, where drops are listed too: a hash, since Dagster keeps it, and file names
        may contain names of persons.
        """
        return f"{FOLDER}/{hashlib.sha256(self.name.encode()).hexdigest()[:16]}"


def read_mailbox(settings: Settings, moment: datetime, before: Mapping[str, str] | None = None) -> Mail:
    """Read, judge, answer and move every file now in the mailbox.

    moment: in UTC. before: `seen` of the previous check, for periodic checks: a text file, which does not show whether
    it is complete, then waits until two checks find the same bytes. Without it everything is read at once. Two
    decisions on one finding or review are judged in the order of the file names.
    """
    mailbox = settings.landing / FOLDER
    letters = list(_letters(mailbox))
    if not letters:
        return Mail()
    with writer_lock(settings):
        seen: dict[str, str] = {}
        waiting = set()
        for letter in letters:
            _hash_or_refuse(letter)
            if letter.sha256:
                seen[letter.key] = letter.sha256
            is_text = letter.path.suffix.lower() not in WORKBOOK_ENDINGS
            if letter.answer is None and before is not None and is_text and before.get(letter.key) != letter.sha256:
                waiting.add(letter.name)
        readable = [m for m in letters if m.answer is None and m.name not in waiting]
        has_news = _judge_all(settings, readable, moment.replace(microsecond=0))
        answers = [_deliver(settings, mailbox, m, moment) for m in letters if m.answer is not None]
        _remove_stale_answers(mailbox)
    return Mail(answers, seen, has_news)


def look(settings: Settings, before: Mapping[str, str], moment: datetime) -> tuple[Mail, Mapping[str, str]]:
    """A check by the sensor: the mailbox is read, and what the previous check saw of the landing zone is returned with
    the current reference folder, since what is written to it here is complete at once. While another process writes,
    the mailbox waits.

    before: what the previous check saw, drops and files of the mailbox. moment: in UTC.
    """
    if next(_letters(settings.landing / FOLDER), None) is None:
        return Mail(), before
    try:
        with writer_lock(settings, wait=False):
            was_quiet = reference_fingerprint(settings.landing) == before.get(REFERENCE_DROP)
            mail = read_mailbox(settings, moment, before)
    except BusyError:
        return Mail(seen={k: v for k, v in before.items() if k.startswith(f"{FOLDER}/")}), before
    if mail.has_news and was_quiet:
        return mail, {**before, REFERENCE_DROP: reference_fingerprint(settings.landing)}
    return mail, before


def _letters(mailbox: Path) -> Iterator[_Letter]:
    """Every file of the mailbox and its subfolders, except answers, files already taken, and folder metadata of file
    managers.
    """
    if not mailbox.is_dir():
        return
    for base, folders, names in os.walk(mailbox):
        if Path(base) == mailbox and TAKEN in folders:
            folders.remove(TAKEN)
        folders.sort()
        for name in sorted(names):
            if name.endswith(ANSWER) or (left_by_program(name) and not _is_lock(name)):
                continue
            path = Path(base) / name
            yield _Letter(shown(path.relative_to(mailbox)), path)


def _is_lock(name: str) -> bool:
    return name.startswith(("~$", ".~lock."))


def _hash_or_refuse(letter: _Letter) -> None:
    """Hash a file, or answer it if it must not be opened."""
    name = letter.path.name
    problem = ""
    if _is_lock(name):
        problem = (
            "A spreadsheet program keeps this file while a workbook is open. It disappears when the workbook is "
            "closed; what is saved by then is read at the next check."
        )
    elif UNFINISHED.search(name):
        problem = "Its name says that it is still being copied; it is read once it has its final name."
    elif letter.path.is_symlink() or not letter.path.is_file():
        problem = "It is a link and is not followed. Put the file itself here."
    else:
        try:
            letter.sha256 = sha256_of(letter.path)
        except OSError as error:
            problem = f"It cannot be read: {error.strerror}. If it is open, close it; it is read at the next check."
    if problem:
        letter.answer = Answer(letter.name, problem=problem)


def _judge_all(settings: Settings, letters: list[_Letter], moment: datetime) -> bool:
    """Judge the files one after the other, write what is new in all of them, and answer each. Returns whether anything
    is new.
    """
    if not letters:
        return False
    try:
        published, reviews, real = read_published(settings), read_reviews(settings), read_real(settings)
        earlier, signed = earlier_decisions(settings), read_sign_offs(settings)
    except UserError as error:
        for letter in letters:
            letter.answer = Answer(letter.name, problem=f"{error} It is read at the next check after that.")
        return False
    history, new, signatures = History(earlier), list[Disposition](), list[SignOff]()
    for letter, read in zip(letters, read_filled([m.path for m in letters]), strict=True):
        letter.answer = _judged(letter, read, published, reviews, history, [*signed, *_rows(signatures)], moment, real)
        if isinstance(letter.answer, _Judged):
            new += letter.answer.outcome.new if letter.answer.outcome else []
            history.add(letter.answer.outcome.new if letter.answer.outcome else [])
            signatures += letter.answer.signatures
    if new:
        add_decisions(settings, earlier, new)
    if signatures:
        add_sign_offs(settings, signed, *signatures)
    return bool(new or signatures)


@dataclass(frozen=True)
class _Judged(Answer):
    """An answer with the signatures that are to be written."""

    signatures: tuple[SignOff, ...] = ()


def _rows(signatures: list[SignOff]) -> list[dict[str, str]]:
    return [s.row() for s in signatures]


def _judged(
    letter: _Letter,
    read: list[FilledSheet] | FileDamageError,
    published: Published,
    reviews: Reviews,
    history: History,
    signed: list[dict[str, str]],
    moment: datetime,
    real: Real,
) -> Answer:
    """The answer to one file; nothing is written."""
    if isinstance(read, FileDamageError):
        return Answer(
            letter.name,
            problem=f"It cannot be read as a workbook or CSV file: {read}. If it is still being copied, it is read at "
            "the next check; otherwise save it again as .xlsx and put it here.",
        )
    found = filled(read)
    if not found.is_ours:
        return Answer(letter.name, problem=NOT_OURS)
    outcome = judge(real.rows(found.rows), published, history, moment, found.facts.get(DECIDED_BY, ""))
    answer = _Judged(letter.name, outcome=outcome)
    return _signed(answer, found, reviews, signed, moment)


def _signed(
    answer: _Judged, found: Filled, reviews: Reviews, signed: list[dict[str, str]], moment: datetime
) -> _Judged:
    """The answer, including the result for the signature cell."""
    by, activity, period = (found.facts.get(n, "") for n in (SIGNED_BY, ACTIVITY, "Review month"))
    if not by:
        return answer
    if not activity:
        return replace(
            answer, not_signed=f"the first sheet names no review beside '{ACTIVITY}'; sign in the workbook of a review."
        )
    said_on, at, note = found.facts.get(SIGNED_ON, ""), moment, ""
    if said_on:
        try:
            day = date.fromisoformat(said_on[:10])
        except ValueError:
            return replace(
                answer,
                not_signed=f"'{said_on}' beside '{SIGNED_ON}' is not a date; expected YYYY-MM-DD. Correct it and hand "
                "the workbook in again.",
            )
        if day > moment.date():
            return replace(
                answer,
                not_signed=f"'{SIGNED_ON}' is {day}, which is in the future. Correct it and hand the workbook in "
                "again.",
            )
        if f"{day:%Y-%m}" < period:
            return replace(answer, not_signed=f"'{SIGNED_ON}' is {day}, before {period}, the month that is reviewed.")
        if day != moment.date():
            # Readers of the record see both days: a cell cannot make a late review timely.
            at, note = datetime.combine(day, time()), f"handed in on {moment.date()}"
    try:
        new = sign(reviews.rows, signed, activity, period, by, at, reviews.entry(activity, period), note)
    except AlreadySignedError as error:
        if error.by.casefold() == by.casefold():
            return replace(answer, signed=f"{activity} of {period} was signed by {error.by} before")
        return replace(answer, not_signed=f"{error} That stands, and {by} was not added.")
    except SignOffError as error:
        return replace(answer, not_signed=str(error))
    return replace(answer, signed=f"{new.activity} of {new.period} is signed by {new.by}", signatures=(new,))


def _deliver(settings: Settings, mailbox: Path, letter: _Letter, moment: datetime) -> Answer:
    """Move a file that was read, and write the answer at its original location and next to the moved file. If a file
    cannot be moved or answered, the answer says so and it is checked again.
    """
    answer, kept = letter.answer, None
    assert answer is not None
    try:
        if not answer.problem and (kept := _moved(mailbox, letter)):
            answer = replace(answer, moved_to=shown(kept.relative_to(mailbox)))
        text = _as_may_be_said(settings, answer, moment, letter.sha256)
        beside = letter.path.with_name(answer_name(letter.path.name))
        if not (answer.problem and _same_answer_exists(beside, text)):
            beside.write_bytes(text)
        if kept is not None:
            kept.with_name(answer_name(kept.name)).write_bytes(text)
    except OSError as error:
        problem = f"It was read, but could not be moved or answered: {error.strerror}: {error.filename}."
        return replace(answer, problem=answer.problem or problem)
    return answer


def _as_may_be_said(settings: Settings, answer: Answer, moment: datetime, sha256: str) -> bytes:
    text = text_of(answer, moment, sha256, is_asked_for(settings))
    # A file name may contain bytes that are not text.
    return "\n".join(said(settings, text.split("\n"))).encode("utf-8", "replace")


def _moved(mailbox: Path, letter: _Letter) -> Path | None:
    """The file's new path in the folder of taken files, under an unused name. A file whose bytes changed since they
    were read is left to be read again: None.
    """
    if sha256_of(letter.path) != letter.sha256:
        return None
    place = mailbox / TAKEN / letter.path.relative_to(mailbox)
    target = place
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while target.exists() or target.with_name(answer_name(target.name)).exists():
        number += 1
        target = place.with_stem(f"{place.stem}-{number}")
    letter.path.rename(target)
    return target


def shown(path: Path) -> str:
    """A path as printable text: file names may contain any bytes."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", path.as_posix().encode("utf-8", "replace").decode())


def answer_name(name: str) -> str:
    """The name of the answer to a file; a very long file name is truncated."""
    while len(os.fsencode(name)) > LONGEST_NAME:
        name = name[:-1]
    return name + ANSWER


def _same_answer_exists(path: Path, text: bytes) -> bool:
    """Whether an answer with this content exists, whenever it was given: the time is in its first line."""
    try:
        return path.read_bytes().partition(b"\n")[2] == text.partition(b"\n")[2]
    except OSError:
        return False


def remove_handed_in(settings: Settings, before: date) -> int:
    """Delete files taken before a day, their answers, and folders that become empty. For a file without an answer, its
    modification time is used. Returns the number of files.
    """
    taken = settings.landing / FOLDER / TAKEN
    found = 0
    for path in sorted(p for p in taken.rglob("*") if p.is_file() and not p.name.endswith(ANSWER)):
        beside = path.with_name(answer_name(path.name))
        text = beside.read_text(encoding="utf-8", errors="replace") if beside.is_file() else ""
        day = read_on(text) or _written_on(path)
        if day < before:
            path.unlink()
            beside.unlink(missing_ok=True)
            found += 1
    for folder in sorted((p for p in taken.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return found


def _written_on(path: Path) -> date:
    """The day of a file's modification time, which may be outside any calendar."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except (OverflowError, ValueError):
        return date.max


def _remove_stale_answers(mailbox: Path) -> None:
    """Delete the answers to lock files and incomplete copies that no longer exist."""
    for path in mailbox.rglob(f"*{ANSWER}"):
        name = path.name.removesuffix(ANSWER)
        about_program = _is_lock(name) or UNFINISHED.search(name)
        if about_program and not path.with_name(name).exists():
            path.unlink(missing_ok=True)
