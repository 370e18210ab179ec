"""What decisions and signatures are validated against, and the two company tables to which they are added. Shared by
the commands `decide` and `sign-off` and by the mailbox.

Reads the published file and `landing/reference`. Validates nothing; `pipelines/reviews` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UserError
from pipelines.ingest.read.filled import FilledSheet
from pipelines.publish.datasets import existing_outputs
from pipelines.publish.publications import read_chain
from pipelines.publish.workbooks.terms import ACTIVITY, DECIDED_BY, SIGNED_BY, SIGNED_ON, column_of
from pipelines.reviews.decisions import WRITTEN, Action, Given, Published, Subject, find_header
from pipelines.reviews.dispositions import DecisionFileError, Disposition, Words, parse, write
from pipelines.reviews.sign_off import SignOff, as_csv
from pipelines.run.privacy import decided_on
from pipelines.run.sealing import sign_sign_offs
from pipelines.run.sign_off_table import sign_offs_file
from pipelines.settings import Settings
from pipelines.warehouse import connect_file

_NAMING = ("finding_id", "finding_ids", "action_id", *WRITTEN)
_FACTS = (ACTIVITY, "Review month", SIGNED_BY, SIGNED_ON, DECIDED_BY)


@dataclass(frozen=True)
class Filled:
    """Content of a workbook: the rows of all its sheets that can be decided, and the cells of its first sheet by label.
    is_ours: whether it has any rows or cells of this software.
    """

    rows: list[Given]
    facts: Mapping[str, str]
    is_ours: bool


def filled(sheets: Sequence[FilledSheet]) -> Filled:
    """The rows below every header with a decision, with their texts by column."""
    rows: list[Given] = []
    is_ours = False
    for sheet in sheets:
        names = [[column_of(cell) for cell in cells] for _, cells in sheet.rows[:20]]
        place = find_header(names)
        if place is not None:
            is_ours = True
            head = names[place]
            below = [
                Given(sheet.name, number, dict(zip(head, cells, strict=False)))
                for number, cells in sheet.rows[place + 1 :]
            ]
            # A row that neither names a finding nor decides is a remark below the list.
            rows += [g for g in below if any(g.texts.get(c, "").strip() for c in _NAMING)]
    facts = _facts(sheets[0]) if sheets else {}
    return Filled(rows, facts, is_ours or bool(facts.get(ACTIVITY)))


def _facts(sheet: FilledSheet) -> dict[str, str]:
    """Label → text of the cell next to it, for known labels."""
    labels = {label.casefold(): label for label in _FACTS}
    found: dict[str, str] = {}
    for _, cells in sheet.rows:
        label = labels.get(" ".join(cells[0].split()).casefold())
        if label is not None and len(cells) > 1:
            found.setdefault(label, cells[1].strip())
    return found


def read_published(settings: Settings) -> Published:
    """What can be decided. Raises UserError if nothing is published."""
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet, so there is nothing to decide on.")
    with decided_on(settings) as (connection, where):
        findings = connection.execute(
            "select distinct finding_id, coalesce(team_alias, ''), coalesce(offering_key, ''), "
            f"coalesce(person_key, ''), rule_id from {where('calendar.findings')}"
        ).fetchall()
        months = connection.execute(f"select distinct review_month from {where('calendar.rule_runs')}").fetchall()
        actions = (
            connection.execute(
                "select review_month, action_id, coalesce(team_alias, ''), coalesce(offering_key, ''), "
                "coalesce(person_key, ''), finding_ids, coalesce(decision, ''), "
                "coalesce(cast(until as varchar), ''), coalesce(decided_by, ''), coalesce(reason_for_decision, '') "
                f"from {where('calendar.actions')}"
            ).fetchall()
            if "actions" in existing_outputs(connection)
            else []
        )
    return Published(
        {finding: Subject(*about) for finding, *about in findings},
        {
            (month, action): Action(Subject(team, offering, person), frozenset((ids or "").split(";")), Words(*words))
            for month, action, team, offering, person, ids, *words in actions
        },
        {month for (month,) in months},
    )


def dispositions_file(settings: Settings) -> Path:
    """Path of the company's table of decisions."""
    return settings.landing / "reference" / "dispositions.csv"


def earlier_decisions(settings: Settings) -> list[Disposition]:
    """Every decision of the table, in order. Raises UserError if this software did not write the table."""
    target = dispositions_file(settings)
    if not target.is_file():
        return []
    try:
        return parse(target.read_text(encoding="utf-8-sig"))
    except (DecisionFileError, UnicodeDecodeError) as error:
        raise UserError(
            f"{target} is not a file that `selfaudit decide` wrote: {error}. Give it another name (every file of that "
            "folder is read), "
            "then try again."
        ) from error


def add_decisions(settings: Settings, earlier: Sequence[Disposition], new: Iterable[Disposition]) -> Path:
    """Append the new decisions to the table, atomically. Returns its path."""
    target = dispositions_file(settings)
    _replace(settings, target, write(earlier, new))
    return target


def add_sign_offs(settings: Settings, earlier: Sequence[Mapping[str, str]], *new: SignOff) -> Path:
    """Append the new signatures to the table, atomically, and sign them if a key is configured. Returns its path."""
    target = sign_offs_file(settings)
    _replace(settings, target, as_csv(earlier, *new))
    sign_sign_offs(settings, [one.row() for one in new])
    return target


@dataclass(frozen=True)
class Reviews:
    """What can be signed: the rows of the review calendar, and (output, month) → its latest entry of the record."""

    rows: list[dict[str, object]]
    entries: Mapping[tuple[str, str], str]

    def entry(self, activity: str, period: str) -> str:
        """The hash of what is signed; '' if nothing is published. activity: or the name of its output."""
        output = next((str(r["output"]) for r in self.rows if activity in (r["activity"], r["output"])), "")
        return self.entries.get((output, period), "")


def read_reviews(settings: Settings) -> Reviews:
    """What can be signed. Raises UserError if nothing is published."""
    if not settings.published_database.is_file():
        raise UserError(f"Nothing is published in {settings.published} yet, so there is nothing to sign.")
    names = ("activity", "output", "period", "state")
    with closing(connect_file(settings.published_database)) as connection:
        rows = connection.execute(
            f"select {', '.join(names)} from calendar.review_calendar where not is_ahead order by all"
        ).fetchall()
        entries = {(e.output, e.review_month): e.entry_hash for e in read_chain(connection)}
    return Reviews([dict(zip(names, row, strict=True)) for row in rows], entries)


def _replace(settings: Settings, target: Path, text: str) -> None:
    settings.scratch.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = settings.scratch / target.name
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(target)
