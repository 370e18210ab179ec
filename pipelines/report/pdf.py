"""A document as PDF, laid out by Typst: no external program, bundled fonts, the same bytes on every machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path

from pipelines.publish.workbooks.book_context import REST_OF_REFERENCE
from pipelines.report.document import Cell, Document, Table
from pipelines.report.figures import Figure
from pipelines.report.words import money, number, things_to_do

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"


def pdf(document: Document) -> bytes:
    """The PDF. Its date is the as-of date; texts are passed as data, so none of them can be read as markup."""
    import typst

    data = {
        "title": document.title,
        "subtitle": document.subtitle,
        "as_of": document.as_of.isoformat(),
        "date": [document.as_of.year, document.as_of.month, document.as_of.day],
        "state": document.state or "without a position",
        "position": document.position,
        "headline": [[words, " + ".join(map(_text, figures)) or "not priced"] for words, figures in document.headline],
        "todo": things_to_do(len(document.steps)),
        "steps": [{"what": s.what, "money": _text(s.money) if s.money else "", "why": s.why} for s in document.steps],
        "limits": document.limits,
        "tables": [
            {
                "title": t.title,
                "intro": t.intro,
                "headers": t.headers,
                "numbers": t.numbers,
                "rows": [[_text(c) for c in row] for row in t.rows],
                "source": t.source,
            }
            for t in [*document.tables, _files(document)]
        ],
    }
    made = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=int(datetime.combine(document.as_of, time(), UTC).timestamp()),
    )
    return bytes(made)


def _text(cell: Cell) -> str:
    if not isinstance(cell, Figure):
        return cell
    if not cell.known:
        return "not priced" if cell.kind == "money" else "not known"
    return money(cell.value, cell.currency) if cell.kind == "money" else number(cell.value)


def _files(document: Document) -> Table:
    return Table(
        "Source files",
        "Each with the first digits of its SHA-256.",
        ["File", "Read as", "Verdict", "Rows used", "SHA-256"],
        [False, False, False, True, False],
        [
            [
                f"{f['drop']}/{f['path']}",
                f["input"] or "",
                f["verdict"],
                number(f["rows_loaded"]),
                f["sha256"][:16],
            ]
            for f in document.files
        ],
        f"calendar.file_register, drop {document.review_month}. {REST_OF_REFERENCE}",
    )
