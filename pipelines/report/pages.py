"""The HTML pages: one per month, the index, and the documents for others; each is one self-contained file, written
under a temporary name and renamed.

A page contains its style, scripts and data, and a content security policy that denies network access. Templates escape
every text; the data is JSON in which `<` cannot occur. Byte-stable: the content depends only on the published tables
and the files of this folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines.failures.isolation import AllOrNothing, Spared
from pipelines.failures.omissions import OUTPUT, PAGE
from pipelines.publish.displayed_content import DisplayedContent
from pipelines.publish.workbooks.book_context import REST_OF_REFERENCE
from pipelines.report import words
from pipelines.report.document import Document
from pipelines.report.figures import figure
from pipelines.report.findings import findings
from pipelines.report.glance import exposure, severities
from pipelines.report.month import AGES, figure_state, offering_names, read_month
from pipelines.report.pdf import pdf
from pipelines.report.rows import months_with_files, published_months
from pipelines.report.sent_documents import KINDS, READS, document_links, due_documents, name_of, read_document
from pipelines.report.trends import MOST_MONTHS, trends
from pipelines.reviews.activities import EVENTS

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
        EVENTS=EVENTS,
        OUTPUTS=words.OUTPUTS,
        METHODS=words.METHODS,
        SEVERITIES=words.SEVERITIES,
        things_to_do=words.things_to_do,
        KINDS=words.KINDS,
        REST_OF_REFERENCE=REST_OF_REFERENCE,
    )
    return environment


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").strip()


def script_policy(scripts: Sequence[str]) -> str:
    """The script sources of the policy: exactly these scripts, by hash."""
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    return " ".join(f"'sha256-{h}'" for h in hashes) or "'none'"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def embedded_json(value: Any) -> str:
    """JSON that is safe inside a script element: no text in it can end the element or open a comment."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        text.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def render(template: str, scripts: Sequence[str] = (), **values: Any) -> str:
    """A page as text. `scripts` are the only ones that its policy allows."""
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
    """The page of a month. For a month without a drop it only says that there are no files."""
    from markupsafe import Markup

    if review_month not in months_with_files(connection):
        return render("no_files.j2", month=review_month)
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


def index_page(
    connection: duckdb.DuckDBPyConnection,
    documents: Mapping[str, Sequence[tuple[str, str]]],
    not_read: Sequence[str] = (),
) -> str:
    """The page over all months, latest first. not_read: files and folders of the landing zone that are not read, one
    sentence each.
    """
    months, known = [], months_with_files(connection)
    for month in reversed(published_months(connection)):
        reviews = connection.execute(
            "select state, count(*) from calendar.review_calendar where review_month = ? and state <> 'not_due' group "
            "by 1",
            [month],
        ).fetchall()
        places = list(words.STATES)
        months.append(
            {
                "month": month,
                "has_files": month in known,
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
    of_files = [m for m in published_months(connection) if m in known]
    course = trends(connection, of_files)
    return render("index.j2", months=months, not_read=not_read, shown=of_files[-MOST_MONTHS:], trends=course)


def document_page(document: Document) -> str:
    """A document as HTML, without scripts."""
    return render("document.j2", doc=document, pdf=f"{document.name}.pdf")


def write_pages(
    connection: duckdb.DuckDBPyConnection,
    months: Sequence[str],
    published: Path,
    scratch: Path,
    spared: Spared | None = None,
    not_read: Sequence[str] = (),
    as_they_were: Collection[str] = (),
) -> list[Path]:
    """Write the pages and documents of the months, and the index over all months, into `published/pages`. Returns the
    paths of those written, the index last.

    spared: what the run could not make; a document that reads it is left unchanged. Failed pages and documents are
    added to it; without it the error is raised. not_read: see `index_page`. as_they_were: paths below `published` whose
    content is unchanged; they are not written.
    """
    folder = published / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(parents=True, exist_ok=True)
    pages = _Pages(connection, folder, scratch, spared or AllOrNothing(), as_they_were)
    for month in sorted(months):
        pages.month(month)
    known = published_months(connection)
    with pages.spared.part(PAGE, "pages/index.html", max([*months, *known]), "the writer of pages"):
        links = {month: pages.links(month) for month in known}
        pages.write(index_page(connection, links, not_read).encode(), "index.html")
    return pages.written


def pages_shown(connection: duckdb.DuckDBPyConnection, shown: DisplayedContent, month: str) -> dict[str, str]:
    """Path below `published` of a month's page and of each document due in the month → fingerprint of its content."""
    found = {f"pages/{month}.html": shown.page(month)}
    for table, contract, _ in due_documents(connection, month):
        for form in ("html", "pdf"):
            found[f"pages/{name_of(table, month, contract)}.{form}"] = shown.tables(month, READS[table])
    return found


class _Pages:
    """Writes pages into a folder, one at a time."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        scratch: Path,
        spared: Spared,
        as_they_were: Collection[str],
    ) -> None:
        self.connection, self.folder, self.scratch, self.spared = connection, folder, scratch, spared
        self.as_they_were = as_they_were
        self.written: list[Path] = []

    def write(self, content: bytes, name: str) -> None:
        self.written.append(_write(content, self.folder / name, self.scratch))

    def links(self, month: str) -> list[tuple[str, str]]:
        """Links to the existing documents of the month."""
        return [(to, words) for to, words in document_links(self.connection, month) if (self.folder / to).is_file()]

    def month(self, month: str) -> None:
        """Write the documents of the month, then its page."""
        kept: set[Path] = set()
        documents: list[tuple[str, str, str]] = []
        with self.spared.part(PAGE, f"pages/{month}-*", month, "the list of documents"):
            documents = due_documents(self.connection, month)
        for table, contract, _ in documents:
            name = name_of(table, month, contract)
            kept |= {self.folder / f"{name}.html", self.folder / f"{name}.pdf"}
            self._document(table, month, contract, name)
        for stale in set(self.folder.glob(f"{month}-*")) - kept:
            # If an output was not made, its rows are unknown, and so is which documents are due.
            if not any((table, month) in self.spared.missing(OUTPUT) for table, _, _ in KINDS):
                stale.unlink()
        if f"pages/{month}.html" in self.as_they_were:
            return
        with self.spared.part(PAGE, f"pages/{month}.html", month, "the writer of pages"):
            self.write(month_page(self.connection, month, self.links(month)).encode(), f"{month}.html")

    def _document(self, table: str, month: str, contract: str, name: str) -> None:
        lacking = next((u for u in self.spared.known if u.review_month == month and u.name in READS[table]), None)
        files = (f"{name}.html", f"{name}.pdf")
        if lacking is not None:
            for file in files:
                self.spared.note(PAGE, f"pages/{file}", month, lacking.cause, f"{lacking.name} was not made")
            return
        if all(f"pages/{file}" in self.as_they_were for file in files):
            return
        before = len(self.spared.unmade)
        with self.spared.part(PAGE, f"pages/{files[0]}", month, "the writer of documents"):
            document = read_document(self.connection, table, month, contract)
            self.write(document_page(document).encode(), files[0])
        if len(self.spared.unmade) == before:
            with self.spared.part(PAGE, f"pages/{files[1]}", month, "the writer of PDF documents"):
                self.write(pdf(document), files[1])
        else:
            self.spared.note(PAGE, f"pages/{files[1]}", month, *self._last())

    def _last(self) -> tuple[str, str]:
        return self.spared.unmade[-1].cause, self.spared.unmade[-1].reason


def _write(content: bytes, target: Path, scratch: Path) -> Path:
    part = scratch / f"page.{target.name}"
    part.write_bytes(content)
    part.replace(target)
    return target
