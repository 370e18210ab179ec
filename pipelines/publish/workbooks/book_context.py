"""The context of a workbook: its output and layout, and the month, described identically in every workbook of the
month. Read once; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.publish.notes import Note, notes
from pipelines.publish.workbooks.sheets import Sheet

# The files of the reference folder that need attention. The others are in the register only, not in workbooks and
# pages: one company table with another row would otherwise change all of them.
OF_REFERENCE = (
    "(drop = 'reference' and (verdict not in ('loaded', 'ignored') or rows_rejected > 0 or "
    "coalesce(complete = 'no', false)))"
)
# A sentence that says where the others are listed.
REST_OF_REFERENCE = (
    "The tables of the reference folder are listed in calendar.file_register and in the evidence pack, "
    "each with its SHA-256."
)


@dataclass(frozen=True)
class Month:
    """What every workbook of a month shows on its first sheet; read once per month."""

    review_month: str
    state: str
    files: list[tuple[Any, ...]]
    not_assessed: list[tuple[Any, ...]]
    outputs_of_rule: Mapping[str, str]
    notes: list[Note]


def read_month(connection: duckdb.DuckDBPyConnection, review_month: str) -> Month:
    """State, files, rules not fully assessed, and the outputs of each rule, from the published tables of the month."""
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
    """One output in one month. kinds: its columns and their types, in order. by: the column that holds its month.
    is_review: whether it is the subject of a review of the calendar, so that the workbook holds what can be decided in
    it.
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
        """The rules whose findings the output contains."""
        found = self.month.outputs_of_rule.items()
        return sorted(rule for rule, outputs in found if self.output in (outputs or "").split(";"))
