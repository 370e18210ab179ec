"""One workbook per output and month: what it is, the list with a column for the decision, what changed since last month, the columns.

Reads the published tables only. Byte-stable: the document's dates are the as-of date, the order of rows is total. A text is always
written as a text, so that no cell can become a formula. What a workbook says about an output is in `sheets.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.partitions import as_of
from pipelines.publish.datasets import OUTPUT_ORDER, existing_outputs, order_by
from pipelines.publish.sheets import DECISION_COLUMNS, DECISIONS, Sheet, label, sheet_of

# Day-by-day token use goes into the millions, and its monthly sums are in the workbook of the forecast; the history of all seats is for BI tools; causes stand beside
# what they brought, on the sheets "Since last month".
WITHOUT_WORKBOOK = {"token_burn", "assignment_history", "publications", "finding_causes"}
MOST_ROWS = 25_000
MOST_TEXT = 32_000
ROWS_IN_MEMORY = 5_000
# An output and a month: one workbook.
Book = tuple[str, str]
SEVERITIES = ("critical", "high", "medium", "low", "info")
_SEVERITY_PLACE = (
    "case severity when 'critical' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5 end"
)
_BY = {"file_register": "drop", "rejected_rows": "drop"}
_COLOURS = {
    "critical": ("#8C1039", "#FFFFFF"),
    "high": ("#B84A00", "#FFFFFF"),
    "medium": ("#F0C05A", "#1B1B1B"),
    "low": ("#BBD7EA", "#1B1B1B"),
    "info": ("#E8E8E8", "#1B1B1B"),
}
_WIDTHS = {
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
}


@dataclass(frozen=True)
class Month:
    """What every workbook of a month says on its first sheet: read once per month."""

    review_month: str
    state: str
    files: list[tuple[Any, ...]]
    not_assessed: list[tuple[Any, ...]]
    outputs_of_rule: Mapping[str, str]


def books_of(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[Book]:
    """The workbooks of the months, by month and then in the order of the outputs."""
    outputs = [o for o in existing_outputs(connection) if o not in WITHOUT_WORKBOOK]
    return [(output, month) for month in sorted(months) for output in outputs]


def column_of_month(output: str) -> str:
    """The column of an output that says which month's workbook a row stands in."""
    return _BY.get(output, "review_month")


def write_books(
    connection: duckdb.DuckDBPyConnection, books: Sequence[Book], published: Path, scratch: Path
) -> list[Path]:
    """Write workbooks from the published tables, each beside and moved in. Returns their paths, in the order of `books`."""
    written = []
    scratch.mkdir(parents=True, exist_ok=True)
    columns = _descriptions(connection)
    months = {month: _read_month(connection, month) for month in sorted({month for _, month in books})}
    for output, review_month in books:
        folder = published / output / f"review_month={review_month}"
        folder.mkdir(parents=True, exist_ok=True)
        part = scratch / f"{output}.{review_month}.xlsx"
        _write(connection, output, months[review_month], columns.get(output, []), part)
        target = folder / f"{output}.xlsx"
        part.replace(target)
        written.append(target)
    return written


def _descriptions(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(
        "select table_name, column_name, column_description from meta.columns where schema_name = 'calendar' order by all"
    ).fetchall()
    for table, column, description in rows:
        found.setdefault(table, []).append((column, description or ""))
    return found


def _read_month(connection: duckdb.DuckDBPyConnection, review_month: str) -> Month:
    state = connection.execute(
        "select max(state) from calendar.licence_position where review_month = ?", [review_month]
    ).fetchall()[0][0]
    files = connection.execute(
        "select drop, path, input, verdict, rows_read, rows_loaded, rows_rejected, sha256 from calendar.file_register "
        "where drop = ? or drop = 'reference' order by drop, path, sha256",
        [review_month],
    ).fetchall()
    not_assessed = connection.execute(
        "select rule_id, title, assessability, reason from calendar.rule_runs "
        "where review_month = ? and assessability <> 'assessed' order by rule_id",
        [review_month],
    ).fetchall()
    outputs = dict(connection.execute("select rule_id, calendar_output from meta.rule_catalogue").fetchall())
    return Month(review_month, state or "no position in this month", files, not_assessed, outputs)


@dataclass(frozen=True)
class Changes:
    """What changed since the last month that has rows: its columns after the kind of change, the rows, that month."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    previous: str | None


class _Book:
    """A workbook under way, with its formats."""

    def __init__(self, path: Path, review_month: str, title: str, rows: int) -> None:
        import xlsxwriter

        # Small books are made in memory (no temporary files), large ones row by row on disk.
        way: dict[str, object] = (
            {"in_memory": True} if rows <= ROWS_IN_MEMORY else {"constant_memory": True, "tmpdir": str(path.parent)}
        )
        self.book = xlsxwriter.Workbook(str(path), {**way, "default_date_format": "yyyy-mm-dd"})
        self.book.set_properties(
            {
                "title": f"{title}, {review_month}",
                "author": "selfaudit",
                "created": datetime.combine(as_of(review_month), time()),
            }
        )
        add = self.book.add_format
        self.head = add({"bold": True, "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": "#FFFFFF"})  # fmt: skip
        self.decide_head = add({"bold": True, "bg_color": "#8A6D00", "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": "#FFFFFF"})  # fmt: skip
        self.decide = add({"bg_color": "#FFF8DC", "border": 1, "border_color": "#E0D9B8"})
        self.title = add({"bold": True, "font_size": 16})
        self.strong = add({"bold": True})
        self.wrap = add({"text_wrap": True, "valign": "top"})
        self.date = add({"num_format": "yyyy-mm-dd", "align": "left"})
        self.stamp = add({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self.money = add({"num_format": "#,##0.00"})
        self.whole = add({"num_format": "#,##0"})
        self.fraction = add({"num_format": "#,##0.00##"})
        self.severity = {
            name: add({"bg_color": back, "font_color": front, "bold": True}) for name, (back, front) in _COLOURS.items()
        }

    def put(self, sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
        """Write one cell as what it is: a date as a date, money as money, a text never as anything else."""
        if value is None:
            if style is not None:
                sheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int):
            sheet.write_number(row, column, value, style or self.whole)
        elif isinstance(value, Decimal):
            sheet.write_number(row, column, float(value), style or self.money)
        elif isinstance(value, float):
            sheet.write_number(row, column, value, style or (self.whole if value.is_integer() else self.fraction))
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, style or self.stamp)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style or self.date)
        else:
            text = str(value)
            if len(text) > MOST_TEXT:
                text = text[:MOST_TEXT] + " … (cut here; whole in the CSV)"
            sheet.write_string(row, column, text, style)

    def table(self, sheet: Any, row: int, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        """A small table with a head from `row` on. Returns the first row after it."""
        for column, header in enumerate(headers):
            self.put(sheet, row, column, header, self.head)
        for values in rows:
            row += 1
            for column, value in enumerate(values):
                self.put(sheet, row, column, value, self.severity.get(value) if isinstance(value, str) else None)
        return row + 2


def _write(
    connection: duckdb.DuckDBPyConnection,
    output: str,
    month: Month,
    descriptions: Sequence[tuple[str, str]],
    path: Path,
) -> None:
    sheet = sheet_of(output)
    by = column_of_month(output)
    kinds = dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = 'calendar' and table_name = ? order by column_index",
            [output],
        ).fetchall()
    )
    rows, total = _rows(connection, output, sheet, list(kinds), by, month.review_month)
    changes = _changes(connection, output, sheet, kinds, by, month.review_month)
    book = _Book(path, month.review_month, sheet.title, max(len(rows[1]), len(changes.rows)))
    about = book.book.add_worksheet("About")
    listing = book.book.add_worksheet("List")
    since = book.book.add_worksheet("Since last month")
    _about(book, about, connection, output, sheet, kinds, by, month, total, len(rows[1]), changes)
    _list(book, listing, sheet, rows[0], rows[1])
    _since(book, since, sheet, changes)
    if output == "token_forecast":
        _burn(book, connection, month.review_month)
    _columns(book, descriptions)
    book.book.close()


def _rows(
    connection: duckdb.DuckDBPyConnection, output: str, sheet: Sheet, names: list[str], by: str, review_month: str
) -> tuple[tuple[list[str], list[tuple[Any, ...]]], int]:
    """(columns in the order of the sheet, rows worst first) and the number of all rows."""
    selected = {n: f'o."{n}"' for n in names if n != by}
    join = ""
    if output == "deprovisioning_list":
        selected["reason_in_words"] = "c.reason_in_words"
        join = (
            "left join (select rule_id as catalogue_rule, title as reason_in_words from meta.rule_catalogue) as c "
            "on c.catalogue_rule = o.primary_reason"
        )
    worst = ([_SEVERITY_PLACE] if "severity" in names else []) + (
        ["exposure_amount desc nulls last"] if "exposure_amount" in names else []
    )
    order = ", ".join([*worst, order_by(names, output)])
    lead = [n for n in sheet.lead if n in selected]
    columns = [*lead, *(n for n in selected if n not in lead)]
    total = connection.execute(f'select count(*) from calendar.{output} where "{by}" = ?', [review_month]).fetchall()
    found = connection.execute(
        f"select {', '.join(selected[n] for n in columns)} from "
        f'(select * from calendar.{output} where "{by}" = ? order by {order} limit {MOST_ROWS}) as o {join} '
        f"order by {order}",
        [review_month],
    ).fetchall()
    return (columns, found), int(total[0][0])


def _list(book: _Book, sheet: Any, layout: Sheet, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    lead = len([c for c in layout.lead if c in columns])
    order: list[str] = [*columns[:lead], *(DECISION_COLUMNS if layout.decidable else ()), *columns[lead:]]
    source = {name: index for index, name in enumerate(columns)}
    for column, name in enumerate(order):
        width = _WIDTHS.get(name, max(11, min(24, len(label(name)) + 4)))
        sheet.set_column(column, column, width, book.date if name == "until" else None)
    sheet.set_row(0, 30)
    for column, name in enumerate(order):
        book.put(sheet, 0, column, label(name), book.decide_head if name in DECISION_COLUMNS else book.head)
    # Texts, most of the cells, go the short way; everything else says what it is in `put`.
    places = [(column, source[name], name == "severity") for column, name in enumerate(order) if name in source]
    write_string, put, severity = sheet.write_string, book.put, book.severity
    for number, values in enumerate(rows, start=1):
        for column, index, coloured in places:
            value = values[index]
            if value is None:
                continue
            if type(value) is str and len(value) <= MOST_TEXT:
                write_string(number, column, value, severity.get(value) if coloured else None)
            else:
                put(sheet, number, column, value)
    if not rows:
        sheet.write_string(1, 0, "No rows. The first sheet says whether this was due and what could not be assessed.")
    last = max(len(rows), 1)
    sheet.autofilter(0, 0, last, len(order) - 1)
    sheet.freeze_panes(1, layout.frozen)
    sheet.print_area(0, 0, last, (lead or len(order)) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if layout.decidable and rows:
        place = order.index("decision")
        yellow = {"type": "formula", "criteria": "=TRUE", "format": book.decide}
        sheet.conditional_format(1, place, last, place + len(DECISION_COLUMNS) - 1, yellow)
        sheet.data_validation(
            1,
            place,
            last,
            place,
            {
                "validate": "list",
                "source": list(DECISIONS),
                "error_title": "Not a decision",
                "error_message": "Choose accepted, waived, remediated or false_positive.",
            },
        )
        sheet.data_validation(
            1,
            place + 1,
            last,
            place + 1,
            {
                "validate": "date",
                "criteria": ">",
                "value": date(2000, 1, 1),
                "input_title": "Until",
                "input_message": "Only for waived: the last day of the waiver. Empty means without end.",
                "error_title": "Not a date",
                "error_message": "Enter a date, for example 2026-12-31.",
            },
        )


_ORDER_OF_CHANGE = {"new": 1, "reopened": 2, "worse": 3, "better": 4, "closed": 5, "waived": 6, "not verified": 7}


def _changes(
    connection: duckdb.DuckDBPyConnection,
    output: str,
    sheet: Sheet,
    kinds: Mapping[str, str],
    by: str,
    review_month: str,
) -> Changes:
    """(change, key…, severity before, now, measure before, now, exposure before, now, cause) against the last month that has rows, and that month."""
    previous = connection.execute(
        f'select max("{by}") from calendar.{output} where "{by}" < ? and "{by}" <> \'reference\'', [review_month]
    ).fetchall()[0][0]
    key = sheet.key or OUTPUT_ORDER.get(output, ())
    names = [n for n in key if n in kinds]
    if previous is None or not names:
        return Changes([], [], None)
    words = [
        n for n in ("title", "team_alias", "offering_key", "person_key", "detail") if n in kinds and n not in names
    ]
    shown = [*names, *words]

    def have(name: str | None, alias: str) -> str:
        return f'{alias}."{name}"' if name and name in kinds else "null"

    rank = _SEVERITY_PLACE.replace("case severity", "case {}.severity")
    severity = "severity" in kinds
    worse = [f"{rank.format('n')} < {rank.format('b')}"] if severity else []
    better = [f"{rank.format('n')} > {rank.format('b')}"] if severity else []
    if sheet.measure in kinds:
        worse.append(f'n."{sheet.measure}" > b."{sheet.measure}"')
        better.append(f'n."{sheet.measure}" < b."{sheet.measure}"')
    unverified = "false"
    if sheet.rules:
        unverified = (
            "exists (select 1 from calendar.rule_runs as r where r.review_month = $month and r.assessability = 'not_assessable' "
            f"and strpos(';' || b.\"{sheet.rules}\" || ';', ';' || r.rule_id || ';') > 0)"
        )
    status = "n.status" if "status" in kinds else "''"
    change = (
        f"case when n.here is null and {unverified} then 'not verified' when n.here is null then 'closed' "
        f"when {status} in ('waived', 'false_positive') then 'waived' "
        f"when {status} = 'reopened' and b.here is null then 'reopened' when b.here is null then 'new' "
        f"when {' or '.join(worse) or 'false'} then 'worse' when {' or '.join(better) or 'false'} then 'better' end"
    )
    exposure = "exposure_amount" if "exposure_amount" in kinds else None
    on = " and ".join(f'n."{k}" is not distinct from b."{k}"' for k in names)
    columns = ", ".join(f'coalesce(n."{name}", b."{name}") as "{name}"' for name in shown)
    places = " ".join(f"when '{name}' then {place}" for name, place in _ORDER_OF_CHANGE.items())
    order = ", ".join(f'"{name}" nulls first' for name in shown)
    found = connection.execute(
        f"select * from (select {change} as change, {columns}, "
        f"{have('severity', 'b')} as severity_before, {have('severity', 'n')} as severity_now, "
        f"{have(sheet.measure, 'b')} as measure_before, {have(sheet.measure, 'n')} as measure_now, "
        f"{have(exposure, 'b')} as exposure_before, {have(exposure, 'n')} as exposure_now, {_cause(kinds)} as cause "
        f'from (select *, true as here from calendar.{output} where "{by}" = $month) as n '
        f'full outer join (select *, true as here from calendar.{output} where "{by}" = $previous) as b on {on}) '
        f"where change is not null order by case change {places} end, {order} limit {MOST_ROWS}",
        {"month": review_month, "previous": previous},
    ).fetchall()
    return Changes(shown, found, previous)


def _cause(kinds: Mapping[str, str]) -> str:
    """SQL of what alone made a row come or go: a changed parameter, price, rate or term of its findings; null where none did."""
    if "finding_id" in kinds:
        mine = "c.finding_id = coalesce(n.finding_id, b.finding_id)"
    elif "finding_ids" in kinds:
        mine = "strpos(coalesce(n.finding_ids, '') || ';' || coalesce(b.finding_ids, ''), c.finding_id) > 0"
    else:
        return "null"
    return (
        "(select string_agg(distinct c.cause || ': ' || c.detail, '; ' order by c.cause || ': ' || c.detail) "
        f"from calendar.finding_causes as c where c.review_month = $month and {mine} "
        "and (c.change = 'appeared') = (n.here is not null))"
    )


def _since(book: _Book, sheet: Any, layout: Sheet, changes: Changes) -> None:
    if changes.previous is None:
        sheet.write_string(0, 0, "There is no earlier month with rows to compare with.", book.strong)
        return
    sheet.set_column(0, 0, 14)
    if not changes.rows:
        sheet.write_string(0, 0, f"Nothing is new, gone, worse or better since {changes.previous}.", book.strong)
        return
    measure = label(layout.measure) if layout.measure else "Measure"
    headers = [
        f"Since {changes.previous}",
        *(label(n) for n in changes.columns),
        "Severity before",
        "Severity now",
        f"{measure} before",
        f"{measure} now",
        "Exposure before",
        "Exposure now",
        "Because of a change in",
    ]
    for column, name in enumerate(changes.columns, start=1):
        sheet.set_column(column, column, _WIDTHS.get(name, 18))
    sheet.set_column(len(changes.columns) + 1, len(headers) - 2, 15)
    sheet.set_column(len(headers) - 1, len(headers) - 1, 60)
    book.table(sheet, 0, headers, changes.rows)
    sheet.autofilter(0, 0, len(changes.rows), len(headers) - 1)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _about(
    book: _Book,
    sheet: Any,
    connection: duckdb.DuckDBPyConnection,
    output: str,
    layout: Sheet,
    kinds: Mapping[str, str],
    by: str,
    month: Month,
    total: int,
    shown: int,
    changes: Changes,
) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 46)
    sheet.set_column(2, 7, 18)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, layout.title, book.title)
    sheet.write_string(1, 0, layout.purpose)
    facts: list[tuple[str, Any]] = [
        ("Review month", month.review_month),
        ("As of", as_of(month.review_month)),
        ("Figures are", month.state),
        ("Rows", total),
    ]
    if shown < total:
        facts.append(("Rows in this workbook", f"the first {shown:,}, worst first; all of them are in {output}.csv"))
    due = connection.execute(
        "select contract_number, due, due_on, state, signed_off_by from calendar.review_calendar "
        "where review_month = ? and output = ? order by contract_number, due_on",
        [month.review_month, output],
    ).fetchall()
    for contract, is_due, due_on, state, signer in due:
        words = f"{state.replace('_', ' ')}, due {due_on}" if is_due else "not due in this month"
        facts.append((f"Review {contract}".strip(), words + (f", signed off by {signer}" if signer else "")))
    row = 3
    for name, value in facts:
        sheet.write_string(row, 0, name, book.strong)
        book.put(sheet, row, 1, value)
        row += 1
    row += 1
    row = _totals(book, sheet, row, connection, output, kinds, by, month.review_month)
    if changes.previous is not None:
        counted = {c: sum(1 for r in changes.rows if r[0] == c) for c in _ORDER_OF_CHANGE}
        found = [(c, n) for c, n in counted.items() if n]
        row = book.table(sheet, row, [f"Since {changes.previous}", "Rows"], found or [("unchanged", total)])
    row = _limits(book, sheet, row, output, month)
    if layout.decidable:
        sheet.write_string(row, 0, "How to decide", book.strong)
        for text in (
            "On the sheet List, choose a decision in the yellow column; a waiver may have a last day; give the reason.",
            "Save the file and hand it back: selfaudit decide FILE.xlsx. The next run shows it.",
        ):
            row += 1
            sheet.write_string(row, 0, text)
        row += 2
    sheet.write_string(row, 0, "Made from these files", book.strong)
    book.table(
        sheet,
        row + 1,
        ["Drop", "File", "Read as", "Verdict", "Rows read", "Rows used", "Rows rejected", "SHA-256"],
        month.files,
    )
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _totals(
    book: _Book,
    sheet: Any,
    row: int,
    connection: duckdb.DuckDBPyConnection,
    output: str,
    kinds: Mapping[str, str],
    by: str,
    review_month: str,
) -> int:
    if "severity" in kinds:
        rows = connection.execute(
            f'select severity, count(*) from calendar.{output} where "{by}" = ? and severity is not null group by 1 order by {_SEVERITY_PLACE}',
            [review_month],
        ).fetchall()
        if rows:
            row = book.table(sheet, row, ["Severity", "Rows"], rows)
    money = [n for n in ("exposure_amount", "saving", "shortfall_amount", "wasted_year", "cost_year") if n in kinds]
    if money and "currency" in kinds:
        rows = connection.execute(
            f'select currency, {", ".join(f"sum({n})" for n in money)} from calendar.{output} where "{by}" = ? and currency is not null group by 1 order by 1',
            [review_month],
        ).fetchall()
        if rows:
            row = book.table(sheet, row, ["Totals in", *(label(n) for n in money)], rows)
    return row


def _limits(book: _Book, sheet: Any, row: int, output: str, month: Month) -> int:
    mine = [
        r
        for r in month.not_assessed
        if output in {"findings", "rule_runs"} or output in (month.outputs_of_rule.get(r[0]) or "").split(";")
    ]
    sheet.write_string(row, 0, "What could not be assessed", book.strong)
    if not mine:
        sheet.write_string(row, 1, "Every rule behind this list was assessed in full.")
        return row + 2
    sheet.write_string(row, 1, "This is not the same as nothing found.")
    return book.table(sheet, row + 1, ["Rule", "Title", "Assessability", "Why"], mine)


def _burn(book: _Book, connection: duckdb.DuckDBPyConnection, review_month: str) -> None:
    sheet = book.book.add_worksheet("Use by month")
    rows = connection.execute(
        "select review_month, team_alias, offering_key, sum(tokens), max(persons) from marts.fct_token_monthly "
        "where review_month <= ? group by 1, 2, 3 order by 1 desc, 2, 3",
        [review_month],
    ).fetchall()
    sheet.set_column(0, 4, 20)
    book.table(sheet, 0, ["Review month", "Team", "Offering", "Tokens", "Persons"], rows)
    sheet.freeze_panes(1, 0)


def _columns(book: _Book, descriptions: Sequence[tuple[str, str]]) -> None:
    sheet = book.book.add_worksheet("Columns")
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2, 100)
    rows = [(label(name), name, description) for name, description in descriptions]
    book.table(sheet, 0, ["Header", "Column in the database", "What it holds"], rows)
    sheet.freeze_panes(1, 0)
