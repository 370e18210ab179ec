"""`selfaudit explain`: one finding in words, with the numbers filled into the rule, and its evidence rows.

The wording is data: columns of the rule catalogue (`in_words`, `unit`, `observed_is`, `threshold_is`, `excess_is`,
`scope_is`). The exact definition, in the terms of the models, is in `--json` and in `meta.rule_catalogue`.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.commands.shared.arguments import Commands, add_command, add_json
from pipelines.errors import UserError
from pipelines.report.words import action, money, number
from pipelines.run.discretion import said
from pipelines.run.privacy import mode_of, real_finding, shown_id
from pipelines.settings import Settings
from pipelines.warehouse import connect_file, connect_to_look

SHOWN_ROWS = 10
# A share is shown in per cent; other units follow the number.
UNITS = {"days": "day", "tokens": "token", "hours": "hour"}
NUMBERS = (("Observed", "observed"), ("Threshold", "threshold"), ("Excess", "excess"))
# Parenthesised words after a number: they give its purpose, not what is counted.
BRACKETED = ("limit", "allowed", "needed", "tolerated", "wanted", "difference", "by ", "the ", "usual")
# Scopes that are internal names, not delivered texts.
SPOKEN_SCOPES = {"ADM-05", "ENT-03", "IDN-01", "IDN-12", "LRT-03", "LRT-14", "USE-07"}
# File columns that are meaningless to a reader.
NOT_SHOWN = {"hashed_autodesk_id", "user_hash"}


def explain(settings: Settings, finding_id: str, month: str | None, as_json: bool, named: bool = False) -> int:
    """Print the finding. Raises UserError if there is none with that id. named: with real names even in privacy
    mode.
    """
    finding, rule, offering = _read(settings, shown_id(settings, finding_id), month)
    rows, limits = _from_warehouse(settings, finding)
    if named:
        finding = real_finding(settings, finding)
    elif mode_of(settings):
        rows = [{**row, "text": "(withheld; --named shows it)"} for row in rows]
        paths = said(settings, [row["path"] for row in rows])
        rows = [{**row, "path": path} for row, path in zip(rows, paths, strict=True)]
    if as_json:
        print(json.dumps({"finding": finding, "rule": rule, "evidence": rows}, indent=2, default=str))
        return 0
    print(f"{finding['rule_id']}  {rule.get('title', '')}")
    print(f"Finding {finding['finding_id']} of {finding['review_month']}: {finding['severity']}, {_status(finding)}")
    print(f"About:      {_subject(finding, rule, offering)}\n")
    print(f"Question:   {rule.get('question', '')}")
    print(f"The rule:   {rule.get('in_words', '')}")
    if limits:
        print(f"Set to:     {limits}")
    partly = "; the rule could be assessed only in part" if finding["assessability"] == "partly" else ""
    print(f"Confidence: {finding['confidence']}{partly}")
    print(f"Source:     {rule.get('source', '')} (version {finding['rule_version']})\n")
    print(f"Here:       {finding['detail']}")
    for label, text in _numbers(finding, rule):
        print(f"{label + ':':<12}{text}")
    print(f"Money:      {_priced(finding)}")
    print(f"To do:      {action(finding['recommended_action'])}")
    print(
        f"History:    first seen in {finding['first_seen_month']}, open for "
        f"{_counted(finding['months_open'], 'month')}\n"
    )
    print(_evidence_text(finding, rows))
    for row in rows:
        print(f"  {row['drop']}/{row['path']} row {row['row_number']} (sha256 {row['sha256'][:12]})")
        print(f"      {row['text']}")
    return 0


def _counted(count: Any, noun: str) -> str:
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def _status(finding: dict[str, Any]) -> str:
    return str(finding["status"]).replace("_", " ")


def _subject(finding: dict[str, Any], rule: dict[str, Any], offering: str | None) -> str:
    """Subject of the finding, offerings by name."""
    key = finding["offering_key"]
    parts = [
        ("team", finding["team_alias"]),
        ("offering", f"{offering} ({key})" if offering and offering != key else key),
        ("person", finding["person_key"]),
        (rule.get("scope_is") or "scope", _scope(finding)),
    ]
    return ", ".join(f"{label} {value}" for label, value in parts if value) or "the organisation"


def _scope(finding: dict[str, Any]) -> str | None:
    scope = finding["scope"]
    return scope.replace("_", " ").replace(":", ", ") if scope and finding["rule_id"] in SPOKEN_SCOPES else scope


def _numbers(finding: dict[str, Any], rule: dict[str, Any]) -> list[tuple[str, str]]:
    """The numbers with their units; empty for a yes-or-no rule."""
    unit = rule.get("unit") or "number"
    if unit == "none":
        return []
    found = []
    for label, column in NUMBERS:
        what = rule.get(f"{column}_is") or ""
        if not what:
            continue
        value = finding[column]
        # If an excess has another unit than the observed number, its words say so in parentheses.
        plain = column == "excess" and "(a number of" in what
        of_shares = "points" if column == "excess" and unit == "share" else unit
        found.append(
            (label, _with_words(value, "number" if plain else of_shares, what.split(" (a number of")[0], finding))
        )
    return found


def _with_words(value: float | None, unit: str, what: str, finding: dict[str, Any]) -> str:
    if value is None:
        return "not known"
    said = _said(value, unit, finding["currency"])
    if what.startswith(BRACKETED):
        return f"{said} ({what})"
    first, _, rest = what.partition(" ")
    if unit == "number" and value == 1 and first.endswith("s"):
        first = first.removesuffix("s")
    return f"{said} {first} {rest}".strip()


def _said(value: float, unit: str, currency: str | None) -> str:
    if unit == "money":
        return money(Decimal(str(value)), currency)
    if unit == "share":
        return f"{number(value * 100)} %"
    if unit == "points":
        return f"{number(value * 100)} points"
    if unit == "release":
        return f"{value:.0f}"
    return _counted(value, UNITS[unit]) if unit in UNITS else number(value)


def _priced(finding: dict[str, Any]) -> str:
    amount = finding["exposure_amount"]
    if amount is None:
        return "not priced"
    own = finding["exposure_amount_org"]
    text = f"{money(amount, finding['currency'])} at the {finding['price_basis']} price"
    if own is not None and finding["currency_org"] != finding["currency"]:
        text += f", {money(own, finding['currency_org'])} in the organisation's currency"
    return text


def _evidence_text(finding: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    if not finding["evidence_count"]:
        return "Based on no row of a file: it is about something that was not done."
    if not rows:
        return f"Based on {_counted(finding['evidence_count'], 'row')}; the warehouse is not available to show them."
    more = finding["evidence_count"] > len(rows)
    return f"Based on {_counted(finding['evidence_count'], 'row')}" + (f", {len(rows)} of them:" if more else ":")


def _read(settings: Settings, finding_id: str, month: str | None) -> tuple[dict[str, Any], dict[str, Any], str | None]:
    """The finding, its rule, and the name of its offering."""
    if not settings.published_database.is_file():
        raise UserError("Nothing is published yet. Start with `selfaudit run` or `selfaudit demo`.")
    connection = connect_file(settings.published_database)
    try:
        found = _rows(
            connection,
            "select * from calendar.findings where finding_id = ? and (? is null or review_month = ?) order by "
            "review_month desc limit 1",
            [finding_id.strip().lower(), month, month],
        )
        if not found:
            raise UserError(
                f"There is no finding {finding_id}{f' in {month}' if month else ''}. Ids are in the column finding_id "
                "of calendar.findings."
            )
        rules = _rows(connection, "select * from meta.rule_catalogue where rule_id = ?", [found[0]["rule_id"]])
        names = _rows(
            connection,
            "select max(offering_name) as name from marts.dim_offering where review_month = ? and offering_key = ?",
            [found[0]["review_month"], found[0]["offering_key"]],
        )
    finally:
        connection.close()
    return found[0], rules[0] if rules else {}, names[0]["name"]


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _from_warehouse(settings: Settings, finding: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """The raw rows behind the finding and the parameters of its rule in that month; both empty if the warehouse is not
    available.
    """
    if not settings.warehouse.is_file():
        return [], ""
    with connect_to_look(settings) as connection:
        limits = _rows(
            connection,
            "select parameter, value from reference.rule_parameters where review_month = ? and rule_id = ? "
            "and valid_from <= last_day(cast(? || '-01' as date)) and valid_to >= last_day(cast(? || '-01' as date)) "
            "order by parameter",
            [finding["review_month"], finding["rule_id"], finding["review_month"], finding["review_month"]],
        )
        rows = _evidence_rows(connection, finding["evidence"], finding["review_month"])
    return rows, ", ".join(f"{name.replace('_', ' ')} = {value}" for name, value in _in_force(limits, finding).items())


def _in_force(limits: list[dict[str, Any]], finding: dict[str, Any]) -> dict[str, str]:
    """Parameter → value for the finding's offering: an override for this offering replaces the general value; overrides
    for others are ignored.
    """
    values: dict[str, str] = {}
    for row in sorted(limits, key=lambda r: ":" in r["parameter"]):
        name, _, offering = row["parameter"].partition(":")
        if not offering or offering == finding["offering_key"]:
            values[name] = row["value"]
    return dict(sorted(values.items()))


def _evidence_rows(connection: duckdb.DuckDBPyConnection, evidence: str | None, month: str) -> list[dict[str, Any]]:
    """The rows of `sha256:row,row;sha256:row`, newest drop first; at least one row per file while the limit allows."""
    files: list[tuple[tuple[int, str, str, str], list[int]]] = []
    for part in (evidence or "").split(";"):
        sha, _, numbers = part.partition(":")
        # The same bytes can be in several drops: use that of the month, else the latest before it.
        known = connection.execute(
            "select _file_no, drop, path, input from raw.file_register where sha256 = ? and verdict = 'loaded' "
            "order by drop = 'reference', drop > ?, drop desc, path limit 1",
            [sha, month],
        ).fetchall()
        if known:
            files.append((known[0], sorted(int(n) for n in numbers.split(","))))
    files.sort(key=lambda f: f[0][2])
    files.sort(key=lambda f: (f[0][1] != "reference", f[0][1]), reverse=True)
    shown: list[set[int]] = [set() for _ in files]
    for round_ in range(max((len(n) for _, n in files), default=0)):
        for place, (_, lines) in enumerate(files):
            if round_ < len(lines) and sum(map(len, shown)) < SHOWN_ROWS:
                shown[place].add(lines[round_])
    rows = []
    for ((file_no, drop, path, name), lines), wanted in zip(files, shown, strict=True):
        sha = connection.execute("select sha256 from raw.file_register where _file_no = ?", [file_no]).fetchall()[0][0]
        table = name if drop != "reference" and name in _inputs() else f"ref_{name}"
        for line in (n for n in lines if n in wanted):
            for values in _rows(
                connection, f"select * from raw.{table} where _file_no = ? and _row_number = ?", [file_no, line]
            ):
                rows.append({"drop": drop, "path": path, "row_number": line, "sha256": sha, "text": _as_text(values)})
    return rows


def _as_text(values: dict[str, Any]) -> str:
    """The non-empty columns of a row as text, without internal and meaningless ones."""
    return ", ".join(
        f"{column.replace('_', ' ')}: {_cell(value)}"
        for column, value in values.items()
        if value is not None and not column.startswith("_") and column not in NOT_SHOWN
    )


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


def _inputs() -> set[str]:
    from pipelines.contracts import INPUTS

    return set(INPUTS)


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    return explain(settings, arguments.finding_id, arguments.month, arguments.json, arguments.named)


def declare(commands: Commands) -> None:
    """Declare the arguments."""
    parser = add_command(
        commands,
        "explain",
        "Explain a finding: the rule in words, the numbers put into it, the rows it is based on.",
        "selfaudit explain 0f3a9c1d2b4e5f60",
        _work,
    )
    parser.add_argument("finding_id", metavar="FINDING_ID")
    parser.add_argument("--month", default=None, metavar="YYYY-MM", help="default: the latest month that has it")
    parser.add_argument("--named", action="store_true", help="with names and rows, also where privacy mode is on")
    add_json(parser)
