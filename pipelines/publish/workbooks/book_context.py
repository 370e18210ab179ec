"""What a workbook is about: an output, how it is laid out, and the month, of which every workbook says the same. Read
once; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.publish.notes import Note, notes
from pipelines.publish.workbooks.sheets import Sheet

# The files of the reference folder that need a look. The others stand in the register, and in no workbook or page: each
# company's row would change them all.
OF_REFERENCE = (
    "(drop = 'reference' and (verdict not in ('loaded', 'ignored') or rows_rejected > 0 or "
    "coalesce(complete = 'no', false)))"
)
# Where the others are, in a sentence.
REST_OF_REFERENCE = (
    "The tables of the reference folder stand in calendar.file_register and in the evidence pack, "
    "each with its SHA-256."
)


@dataclass(frozen=True)
class Month:
    """What every workbook of a month says on its first sheet: read once per month."""

    review_month: str
    state: str
    files: list[tuple[Any, ...]]
    not_assessed: list[tuple[Any, ...]]
    outputs_of_rule: Mapping[str, str]
    notes: list[Note]


def read_month(connection: duckdb.DuckDBPyConnection, review_month: str) -> Month:
    """State, files, rules not assessed in full, and the outputs of each rule, as the published tables have them for the
    month.
    """
    state = connection.execute(
        "select max(state) from calendar.licence_position where review_month = ?", [review_month]
    ).fetchall()[0][0]
    files = connection.execute(
        "select drop, path, input, verdict, rows_read, rows_loaded, rows_rejected, sha256 from calendar.file_register "
        f"where drop = ? or {OF_REFERENCE} order by drop, path, sha256",
        [review_month],
    ).fetchall()
    not_assessed = connection.execute(
        "select rule_id, title, assessability, reason from calendar.rule_runs "
        "where review_month = ? and assessability <> 'assessed' order by rule_id",
        [review_month],
    ).fetchall()
    outputs = dict(connection.execute("select rule_id, calendar_output from meta.rule_catalogue").fetchall())
    return Month(
        review_month,
        state or "no position in this month",
        files,
        not_assessed,
        outputs,
        notes(connection, review_month),
    )


@dataclass(frozen=True)
class Subject:
    """One output in one month. kinds: its columns and their types, in order. by: its column that holds the month.
    is_review: whether a review of the calendar is about it, so that the workbook holds what can be decided in it.
    """

    output: str
    layout: Sheet
    kinds: Mapping[str, str]
    by: str
    month: Month
    is_review: bool = False

    @property
    def decides(self) -> bool:
        """Whether the workbook has rows that can be decided."""
        return self.layout.decidable or self.is_review

    @property
    def rules(self) -> list[str]:
        """The rules whose findings stand in the output."""
        found = self.month.outputs_of_rule.items()
        return sorted(rule for rule, outputs in found if self.output in (outputs or "").split(";"))
