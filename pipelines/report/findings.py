"""The findings of a month as embedded in the page: column-wise, with repeated texts stored once, and the files and rows
of their evidence.

Reads the published tables; the page's script displays them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.publish.workbooks.terms import SEVERITY_PLACE
from pipelines.report.evidence import file_names, rows_of
from pipelines.report.rows import Connection, query

MOST_FINDINGS = 50_000
COLUMNS = (
    "finding_id",
    "rule_id",
    "severity",
    "status",
    "team_alias",
    "offering_key",
    "person_key",
    "scope",
    "exposure_amount",
    "currency",
    "months_open",
    "first_seen_month",
    "confidence",
    "recommended_action",
    "detail",
    "observed",
    "threshold",
    "evidence_count",
    "evidence",
)
# Columns with few repeated values are stored as is.
WHOLE = {"finding_id", "detail", "observed", "threshold", "evidence_count", "exposure_amount", "months_open"}


def findings(connection: Connection, review_month: str) -> dict[str, Any]:
    """The findings of the month by column, with repeated texts stored once, and the files of their evidence.

    At most MOST_FINDINGS, worst first; `all` is their total number.
    """
    rows = connection.execute(
        f"select {', '.join(COLUMNS)} from calendar.findings where review_month = ? "
        f"order by {SEVERITY_PLACE}, exposure_amount desc nulls last, rule_id, finding_id limit ?",
        [review_month, MOST_FINDINGS],
    ).fetchall()
    in_all = connection.execute(
        "select count(*) from calendar.findings where review_month = ?", [review_month]
    ).fetchall()
    by_column: dict[str, list[Any]] = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    evidence, shas = _evidence(by_column.pop("evidence"))
    names = file_names(connection)
    catalogue = query(
        connection,
        "select rule_id, title, question, definition, source from meta.rule_catalogue where list_contains(?, rule_id) "
        "order by rule_id",
        sorted(set(by_column["rule_id"])),
    )
    return {
        "rows": len(rows),
        "all": in_all[0][0],
        "columns": {name: values if name in WHOLE else _deduplicated(values) for name, values in by_column.items()},
        "evidence": evidence,
        "files": [[names.get(sha, "a file that is no longer registered"), sha[:12]] for sha in shas],
        "rules": {r.pop("rule_id"): r for r in catalogue},
    }


def _deduplicated(values: Sequence[Any]) -> dict[str, list[Any]]:
    """The distinct values (`of`) in order of appearance, and for each row the index of its value (`at`)."""
    place: dict[Any, int] = {}
    at = [place.setdefault(v, len(place)) for v in values]
    return {"of": list(place), "at": at}


def _evidence(texts: Sequence[str | None]) -> tuple[list[list[Any]], list[str]]:
    """Per row [file number, rows] for each file of its evidence `sha256:row,row;…`, and the files by number."""
    shas: dict[str, int] = {}
    found = []
    for text in texts:
        found.append([[shas.setdefault(sha, len(shas)), numbers] for sha, numbers in rows_of(text)])
    return found, list(shas)
