"""The vocabulary of the workbooks: decisions and the columns and cells that are read back, column labels, widths, and
the order of severity.

Plain data and the conversion between a column and its label. Titles and purposes of workbooks are in `sheets`.
"""

from __future__ import annotations

DECISIONS = ("accepted", "waived", "remediated", "false_positive")

# The reviewer's columns; `selfaudit decide` reads them back by these names.
DECISION_COLUMNS = ("decision", "until", "decided_by", "reason_for_decision")

# Labels of cells on the first sheet: the mailbox reads the cell next to each of them back.
ACTIVITY, SIGNED_BY, SIGNED_ON, DECIDED_BY = "Review to sign off", "Signed off by", "Signed off on", "Decided by"

# SQL: worst first.
SEVERITY_PLACE = (
    "case severity when 'critical' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5 end"
)

# Column widths in characters, for columns whose header is no guide.
WIDTHS = {
    "detail": 60,
    "reason": 60,
    "levers": 60,
    "evidence": 40,
    "email": 34,
    "person_key": 34,
    "display_name": 24,
    "title": 28,
    "reason_in_words": 28,
    "path": 40,
    "message": 50,
    "row_text": 60,
    "reason_for_decision": 40,
    "recommended_action": 20,
    "offering_key": 22,
    "team_alias": 20,
    "proposed_predicate": 44,
    "description": 90,
    "inputs_present": 34,
    "inputs_missing": 34,
    "to_settle": 48,
    "internal_note": 48,
}

LABELS = {
    "team_alias": "Team",
    "offering_key": "Offering",
    "person_key": "Person",
    "exposure_amount": "Exposure",
    "title": "Finding",
    "decision": "Decision",
    "until": "Until",
    "decided_by": "Decided by",
    "reason_for_decision": "Reason for decision",
}


def label(column: str) -> str:
    """The header for people; names of a standard (with inner capitals) are kept."""
    return LABELS.get(column) or (column if column != column.lower() else column.replace("_", " ").capitalize())


def column_of(header: str) -> str:
    """The column of a header; inverse of `label`."""
    back = {text.casefold(): name for name, text in LABELS.items()}
    folded = " ".join(header.split()).casefold()
    return back.get(folded, folded.replace(" ", "_"))
