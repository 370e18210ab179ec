"""The HTML pages: one per month, the index, the documents that are sent; one self-contained file each, written beside and moved in.

A page carries its style, scripts and data, and a policy that forbids it the network. Templates escape every text; the data is JSON in
which `<` cannot occur. Byte-stable: what is on a page comes from the published tables and from the files of this folder only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.report import words
from pipelines.report.document import Document
from pipelines.report.documents import document_links, read_documents
from pipelines.report.figures import figure
from pipelines.report.findings import findings
from pipelines.report.month import (
    AGES,
    exposure,
    figure_state,
    offering_names,
    published_months,
    read_month,
    severities,
)
from pipelines.report.pdf import pdf

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
SCRIPTS = ("d3-7.9.2.min.js", "plot-0.6.17.min.js", "page.js")


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=words.number, money=words.money, month_name=words.month_name)
    environment.globals.update(
        FIGURE_STATES=words.FIGURE_STATES,
        STATES=words.STATES,
        ACTIVITIES=words.ACTIVITIES,
        OUTPUTS=words.OUTPUTS,
        METHODS=words.METHODS,
        SEVERITIES=words.SEVERITIES,
        things_to_do=words.things_to_do,
    )
    return environment


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").strip()


def script_policy(scripts: Sequence[str]) -> str:
    """The sources that the policy allows: exactly these scripts, by their hashes."""
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    return " ".join(f"'sha256-{h}'" for h in hashes) or "'none'"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def embedded_json(value: Any) -> str:
    """JSON that may stand inside a script element: no text in it can end the element or open a comment."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        text.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def render(template: str, scripts: Sequence[str] = (), **values: Any) -> str:
    """A page as text. `scripts` are the only ones its policy lets run."""
    from markupsafe import Markup

    return str(
        _environment()
        .get_template(template)
        .render(
            css=Markup(_asset("page.css")),
            scripts=[Markup(s) for s in scripts],
            script_policy=Markup(script_policy(scripts)),
            **values,
        )
    )


def month_page(
    connection: duckdb.DuckDBPyConnection, review_month: str, documents: Sequence[tuple[str, str]] = ()
) -> str:
    """The page of a month."""
    from markupsafe import Markup

    shown = read_month(connection, review_month)
    listed = findings(connection, review_month)
    payload = {
        "as_of": shown["as_of"],
        "months": shown["months"],
        "position": shown["position"],
        "auditor": shown["auditor"],
        "pools": shown["pools"],
        "ghosts": shown["ghosts"]["rows"],
        "ages": AGES,
        "trend": shown["trend"],
        "findings": listed,
        "offerings": offering_names(connection, review_month),
        "actions": words.ACTIONS,
    }
    silent = any(
        r["rule_id"] == "IDN-01" and r["assessability"] == "not_assessable" for r in shown["assessed"]["limits"]
    )
    return render(
        "month.j2",
        [_asset(s) for s in SCRIPTS],
        d=shown,
        month=review_month,
        previous=shown["previous"],
        as_of=shown["as_of"],
        ghost_rule_silent=silent,
        cut=listed["rows"] < listed["all"],
        shown_findings=listed["rows"],
        all_findings=listed["all"],
        documents=documents,
        payload=Markup(embedded_json(payload)),
    )


def index_page(connection: duckdb.DuckDBPyConnection, documents: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """The page over all months, the latest first."""
    months = []
    for month in reversed(published_months(connection)):
        reviews = connection.execute(
            "select state, count(*) from calendar.review_calendar where review_month = ? and state <> 'not_due' group by 1",
            [month],
        ).fetchall()
        places = list(words.STATES)
        months.append(
            {
                "month": month,
                "state": figure_state(connection, month),
                "exposure": [e["auditor"] for e in exposure(connection, month, None)],
                "severities": severities(connection, month, None),
                "limits": figure(
                    connection,
                    "calendar.rule_runs",
                    "count(*)",
                    {"review_month": month, "assessability": ["partly", "not_assessable"]},
                ),
                "reviews": sorted(reviews, key=lambda r: places.index(r[0])),
                "documents": documents.get(month, ()),
            }
        )
    return render("index.j2", months=months)


def document_page(document: Document) -> str:
    """A document as HTML; it needs no script."""
    return render("document.j2", doc=document, pdf=f"{document.name}.pdf")


def write_pages(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], published: Path, scratch: Path
) -> list[Path]:
    """Write the pages and documents of the months and the index into `published/pages`. Returns their paths, the index last."""
    folder = published / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(parents=True, exist_ok=True)
    written = []
    for month in sorted(months):
        documents = read_documents(connection, month)
        for document in documents:
            written.append(_write(document_page(document).encode(), folder / f"{document.name}.html", scratch))
            written.append(_write(pdf(document), folder / f"{document.name}.pdf", scratch))
        written.append(
            _write(
                month_page(connection, month, document_links(connection, month)).encode(),
                folder / f"{month}.html",
                scratch,
            )
        )
        for stale in set(folder.glob(f"{month}-*")) - set(written):
            stale.unlink()
    links = {month: document_links(connection, month) for month in published_months(connection)}
    written.append(_write(index_page(connection, links).encode(), folder / "index.html", scratch))
    return written


def _write(content: bytes, target: Path, scratch: Path) -> Path:
    part = scratch / f"page.{target.name}"
    part.write_bytes(content)
    part.replace(target)
    return target
