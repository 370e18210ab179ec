"""`selfaudit explain`: one finding in words, with the numbers put into the rule and the rows of the files it stands on."""

from __future__ import annotations

import json
from typing import Any

from pipelines.cli import UserError
from pipelines.settings import Settings
from pipelines.warehouse import connect, connect_file

SHOWN_ROWS = 10


def explain(settings: Settings, finding_id: str, month: str | None, as_json: bool) -> int:
    """Print the finding. Raises UserError if there is none of that id."""
    finding, rule = _read(settings, finding_id, month)
    rows = _evidence_rows(settings, finding["evidence"])
    if as_json:
        print(json.dumps({"finding": finding, "rule": rule, "evidence": rows}, indent=2, default=str))
        return 0
    subject = ", ".join(
        f"{label} {finding[column]}"
        for label, column in (
            ("team", "team_alias"),
            ("offering", "offering_key"),
            ("person", "person_key"),
            ("scope", "scope"),
        )
        if finding[column]
    )
    print(f"{finding['rule_id']}  {rule.get('title', '')}")
    print(f"Finding {finding['finding_id']} of {finding['review_month']}: {finding['severity']}, {finding['status']}")
    print(f"Subject: {subject}\n")
    print(f"Question:   {rule.get('question', '')}")
    print(f"Definition: {rule.get('definition', '')}")
    print(f"Source:     {rule.get('source', '')} (rule version {finding['rule_version']})\n")
    print(f"Here:       {finding['detail']}")
    print(f"Observed    {finding['observed']}   ({rule.get('observed', '')})")
    print(f"Threshold   {finding['threshold']}   ({rule.get('threshold', '')})")
    print(f"Excess      {finding['excess']}   ({rule.get('excess', '')})")
    amount = finding["exposure_amount"]
    priced = f"{amount} {finding['currency']} ({finding['price_basis']} price)"
    print(f"Exposure    {'not priced' if amount is None else priced}")
    print(f"To do       {finding['recommended_action']}")
    print(f"History     first seen {finding['first_seen_month']}, {finding['months_open']} months in this run\n")
    print(f"Stands on {finding['evidence_count']} rows" + (f", the first {len(rows)}:" if rows else ":"))
    for row in rows:
        print(f"  {row['drop']}/{row['path']} row {row['row_number']} (sha256 {row['sha256'][:12]})")
        print(f"      {row['text']}")
    return 0


def _read(settings: Settings, finding_id: str, month: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    if not settings.published_database.is_file():
        raise UserError("Nothing is published yet. Start with `selfaudit run` or `selfaudit demo`.")
    connection = connect_file(settings.published_database)
    try:
        cursor = connection.execute(
            "select * from calendar.findings where finding_id = ? and (? is null or review_month = ?) order by review_month desc limit 1",
            [finding_id.strip().lower(), month, month],
        )
        names = [d[0] for d in cursor.description or []]
        found = cursor.fetchall()
        if not found:
            raise UserError(
                f"There is no finding {finding_id}{f' in {month}' if month else ''}. Ids are in the column finding_id of calendar.findings."
            )
        finding = dict(zip(names, found[0], strict=True))
        cursor = connection.execute("select * from meta.rule_catalogue where rule_id = ?", [finding["rule_id"]])
        names = [d[0] for d in cursor.description or []]
        rules = cursor.fetchall()
    finally:
        connection.close()
    return finding, dict(zip(names, rules[0], strict=True)) if rules else {}


def _evidence_rows(settings: Settings, evidence: str | None) -> list[dict[str, Any]]:
    """The raw rows behind `sha256:row,row;sha256:row`, from the warehouse; empty if it is not at hand."""
    wanted = [
        (sha, int(number))
        for part in (evidence or "").split(";")
        if part
        for sha, _, numbers in [part.partition(":")]
        for number in numbers.split(",")
    ][:SHOWN_ROWS]
    if not wanted or not settings.warehouse.is_file():
        return []
    rows = []
    with connect(settings, read_only=True) as connection:
        for sha, number in wanted:
            files = connection.execute(
                "select _file_no, drop, path, input from raw.file_register where sha256 = ? and verdict = 'loaded' order by drop, path limit 1",
                [sha],
            ).fetchall()
            if not files:
                continue
            file_no, drop, path, name = files[0]
            table = name if drop != "reference" and name in _inputs() else f"ref_{name}"
            cursor = connection.execute(
                f"select * from raw.{table} where _file_no = ? and _row_number = ?", [file_no, number]
            )
            columns = [d[0] for d in cursor.description or []]
            for values in cursor.fetchall():
                text = ", ".join(
                    f"{c}={v}" for c, v in zip(columns, values, strict=True) if v is not None and not c.startswith("_")
                )
                rows.append({"drop": drop, "path": path, "row_number": number, "sha256": sha, "text": text})
    return rows


def _inputs() -> set[str]:
    from pipelines.contracts import INPUTS

    return set(INPUTS)
