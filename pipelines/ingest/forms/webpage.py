"""Web pages that are called .xls: the one table in them as rows of texts. Also the other texts that programs call .xls,
each with why it is refused.

Only the shape of the table is read (rows, cells, spans); nothing is fetched and no script is looked at. Which input it
is, is `recognise`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from pipelines.contracts.limits import MAX_COLUMNS, MAX_PAGE_BYTES, beyond_bytes

CHUNK = 1 << 16
# Characters of a tag; a bracket without its end within them is text.
MAX_TAG = 4_096
# Limits for pages that are made to hurt: cells in all, depth of tables in tables, characters that cells reaching over
# several rows are repeated by.
MAX_CELLS, MAX_DEPTH, MAX_REPEATED = 20_000_000, 50, 64 << 20
ADVICE = "open it in Excel and save it as .xlsx or .csv"
_SILENT = {"script", "style", "head", "title"}


class WebPageError(ValueError):
    """A web page of which no table is read; the message says why and what to do."""


def _start(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").decode("utf-8", "replace").lower()
    while found := re.match(r"\s*(<!--.*?-->|<\?xml[^>]*\?>)\s*", text, re.DOTALL):
        text = text[found.end() :]
    return text.lstrip()


def is_web_page(head: bytes) -> bool:
    """Whether a text begins as a web page, or is a bare table of one."""
    return bool(re.match(r"<(!doctype\s+html|html|head|body|table|meta|style|div|center)\b", _start(head)))


def refused_text(head: bytes) -> str:
    """Why a text that Excel opens is refused without being read, '' for any other."""
    start = _start(head)
    if re.match(r"(<\?mso-application[^>]*>\s*)?<(\w+:)?workbook\b", start):
        return f"this is an XML spreadsheet of Excel 2003 and not a workbook: {ADVICE}"
    if start.startswith("mime-version:") and "multipart" in start[:2000]:
        return f"this is a web archive (MHTML) named as a workbook: {ADVICE}"
    return ""


def is_other_xml(head: bytes) -> bool:
    """Whether a text is XML of another kind, of which no table is known."""
    marked = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b", head) is not None
    return not is_web_page(head) and (marked or bool(re.match(r"<[a-z][\w.:-]*(\s[^<>]*)?/?>", _start(head))))


def declared_encoding(head: bytes) -> str | None:
    """The encoding that a page names in its head, if it is one that is known."""
    found = re.search(
        rb"<meta[^<>]{0,500}charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_\-:]{2,30})", head, re.IGNORECASE
    )
    if found is None:
        return None
    name = found[1].decode()
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        return None
    return name


class _Tables(HTMLParser):
    """Collects the tables of a page; of tables in tables, those that hold none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[_Table] = []
        self._silent = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, row or cell; what scripts and styles hold is passed over. Raises WebPageError where tables are
        nested too deep.
        """
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            if len(self._open) >= MAX_DEPTH:
                raise WebPageError(f"this is a web page with tables nested {MAX_DEPTH} deep or more: {ADVICE}")
            if self._open:
                self._open[-1].holds_tables = True
            self._open.append(_Table())
        elif self._open:
            table = self._open[-1]
            if tag == "tr":
                table.end_row()
                table.row = []
            elif tag in ("td", "th"):
                self._cells += 1
                if self._cells > MAX_CELLS:
                    raise WebPageError(f"the table of the page has more than {MAX_CELLS} cells")
                said = dict(attrs)
                table.begin_cell(_span(said.get("colspan")), _span(said.get("rowspan")))
            elif tag == "br" and table.text is not None:
                table.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._open:
            return
        elif tag in ("td", "th"):
            self._open[-1].end_cell()
        elif tag == "tr":
            self._open[-1].end_row()
        elif tag == "table":
            self._close()

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent and self._open[-1].text is not None:
            self._open[-1].text.append(data)

    def close(self) -> None:
        super().close()
        while self._open:
            self._close()

    def _close(self) -> None:
        table = self._open.pop()
        table.end_row()
        if table.rows and not table.holds_tables:
            self.tables.append(table.rows)


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.row: list[str] | None = None
        self.text: list[str] | None = None
        self.holds_tables = False
        self._span = (1, 1)
        self._repeated = 0
        # Column → rows that a cell above still reaches into, and its text.
        self._reaching: dict[int, tuple[int, str]] = {}

    def begin_cell(self, colspan: int, rowspan: int) -> None:
        self.end_cell()
        if self.row is None:
            self.row = []
        self._fill()
        self.text, self._span = [], (colspan, rowspan)

    def _fill(self) -> None:
        """Cells of rows above that reach into this one."""
        assert self.row is not None
        while len(self.row) in self._reaching:
            left, text = self._reaching.pop(len(self.row))
            if left > 1:
                self._reaching[len(self.row)] = (left - 1, text)
            self._repeated += len(text) + 1
            if self._repeated > MAX_REPEATED:
                raise WebPageError(f"cells of the page span too many rows: {ADVICE}")
            self.row.append(text)

    def end_cell(self) -> None:
        if self.text is None or self.row is None:
            return
        text = " ".join("".join(self.text).split())
        columns, rows = self._span
        if len(self.row) + columns > MAX_COLUMNS:
            raise WebPageError(f"the table of the page has more than {MAX_COLUMNS} columns")
        for number in range(columns):
            if rows > 1:
                self._reaching[len(self.row)] = (rows - 1, text)
            self.row.append(text if number == 0 else "")
        self.text = None

    def end_row(self) -> None:
        self.end_cell()
        if self.row is not None:
            self._fill()
            if any(self.row):
                self.rows.append(self.row)
        self.row = None


def _span(text: str | None) -> int:
    return (
        min(int(text), MAX_COLUMNS) if text is not None and re.fullmatch(r"[0-9]{1,6}", text) and int(text) > 0 else 1
    )


def _without_comments(text: str) -> Iterator[str]:
    """The pieces of a page without comments, declarations and instructions, a bracket that begins no tag as `&lt;`.

    The parser of the standard library looks at the whole rest of a page for each of them that has no end, and fails at
    some.
    """
    at = 0
    while (start := text.find("<", at)) >= 0:
        yield text[at:start]
        if text.startswith("<!--", start):
            end = text.find("-->", start + 4)
            if end < 0:
                return
            at = end + 3
            continue
        end = text.find(">", start, start + MAX_TAG)
        if end < 0:
            yield "&lt;"
            at = start + 1
            continue
        if not text.startswith(("<!", "<?"), start):
            yield text[start : end + 1]
        at = end + 1
    yield text[at:]


def read_web_page(path: Path) -> list[list[str]]:
    """The rows of the one table in a page (UTF-8), all as wide as the widest. Raises WebPageError where it has none or
    several.
    """
    if (size := path.stat().st_size) > MAX_PAGE_BYTES:
        raise WebPageError(beyond_bytes("the web page has {}", size, MAX_PAGE_BYTES, ADVICE))
    parser = _Tables()
    held: list[str] = []
    chars = 0
    for piece in _without_comments(path.read_text(encoding="utf-8-sig", errors="replace")):
        held.append(piece)
        chars += len(piece)
        if chars > CHUNK:
            parser.feed("".join(held))
            held, chars = [], 0
    parser.feed("".join(held))
    parser.close()
    tables = [t for t in parser.tables if len(t) > 1]
    if not tables:
        raise WebPageError(
            "this is a web page without a table, often a sign-in page that was saved instead of the export: "
            f"{ADVICE}, or export again"
        )
    if len(tables) > 1:
        raise WebPageError(
            f"this is a web page with {len(tables)} tables, and nothing shows which one to read: {ADVICE}"
        )
    width = max(len(row) for row in tables[0])
    return [[*row, *[""] * (width - len(row))] for row in tables[0]]
