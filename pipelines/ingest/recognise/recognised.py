"""Second step of ingestion, *recognised*: which tables a delivered file holds, whatever its form, and which input each
is of. Opens archives, workbooks and texts, and looks at headers; the rows are the next step's (`read`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.contracts import Contract, Kind
from pipelines.contracts.aliases import fold_header
from pipelines.contracts.limits import MAX_COLUMNS, MAX_PACKINGS, beyond
from pipelines.errors import is_of_surroundings, root_in_one_line
from pipelines.ingest.forms import adapters
from pipelines.ingest.forms.adapters import licensing
from pipelines.ingest.forms.encodings import to_utf8
from pipelines.ingest.forms.foreign import foreign_archive, foreign_bytes, foreign_stream
from pipelines.ingest.forms.objects import parse_json, table_of, within_limits
from pipelines.ingest.forms.own_csv import row_writer
from pipelines.ingest.forms.text_table import TextTable
from pipelines.ingest.forms.webpage import (
    WebPageError,
    declared_encoding,
    is_other_xml,
    is_web_page,
    read_web_page,
    refused_text,
)
from pipelines.ingest.forms.workbook import OLD, TWINS, error_cells, read_workbook
from pipelines.ingest.landing.archives import Allowance, gunzip, members, workbook_form
from pipelines.ingest.landing.delivered import Delivered
from pipelines.ingest.landing.files import REFERENCE_DROP, FileDamageError, kind_of, left_by_program, readable_name
from pipelines.ingest.landing.filter_block import MAX_ROWS, is_filter_block
from pipelines.ingest.landing.manifests import Manifest
from pipelines.ingest.landing.paging import Page, joined, page_of
from pipelines.ingest.landing.scratch import Scratch
from pipelines.ingest.recognise.headers import NARROWER, Header, read_header
from pipelines.ingest.recognise.hints import explain
from pipelines.ingest.recognise.inputs import Match, contract_of, match_linked, match_nameless_group, recognise
from pipelines.ingest.recognise.linked import FORMS, linked_answer
from pipelines.ingest.recognise.mended import (
    FOREIGN_ENDS,
    QUOTED_LINES,
    without_foreign_ends,
    without_quotes_around,
)
from pipelines.ingest.recognise.month_sheets import of_other_months
from pipelines.ingest.recognise.server_text import contract_of_text, other_server_text, refusal_of_text

HEAD = 1 << 16
BLANK = f"its first {HEAD >> 10} KB are blank; take the blank lines at its beginning away"
HIDDEN = "the sheet is hidden"
TOO_DEEP = "what it holds is nested too deeply; export the list without what is nested in its objects"
AS_OBJECTS = "export an array with an object for each row, or CSV"
XML = "this is XML, of which no table is read: export the list as CSV or a workbook, or open it in Excel and save it so"
# Keys of the answer of a service that refuses a question, which has few.
ERROR_KEYS, MAX_ERROR_KEYS = frozenset({"error", "errors", "fault", "errorcode", "error_code", "error_description"}), 8
REFUSAL = "this looks like the refusal of a service and not like its list: sign in again, and export again"
UNKNOWN_KIND = "the kind of file is not known; hand in CSV, a workbook, JSON, LDIF or a text of the licence server"


@dataclass(frozen=True)
class Delimited:
    """A delimited text in UTF-8. constant: what a cell behind the file's own says in every row, or None."""

    plain: Path
    header: Header
    constant: str | None = None


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet or of a web page's table, as a CSV that was made of them."""

    csv: Path
    header: Header


@dataclass(frozen=True)
class ServerText:
    """A text of a licence server in UTF-8."""

    plain: Path
    contract: Contract


Source = Delimited | Sheet | TextTable | ServerText


@dataclass(frozen=True)
class Recognised:
    """A table of a delivered file: its path in the drop, the input that it is of, and where its rows are found; or the
    verdict that nothing of it is used (`rejected`, `unrecognised`, `ignored`) and why.

    message: remarks for the register. member, sha256: of what an archive holds, which member it is of and its hash:
    sheets of one workbook have one hash, and are no copies of each other. failed: its reader failed in a way that
    nobody expected. filters: the block of filters beside the sheets of a workbook. page: what an answer of an API says
    about its place among its pages; team: the team that answer or request name. titles: lines above the header, field
    by field. from_1904: numbers of days count from 1904.
    """

    path: str
    verdict: str = "loaded"
    message: str = ""
    match: Match | None = None
    source: Source | None = None
    sha256: str | None = None
    member: str = ""
    failed: bool = False
    encoding: str | None = None
    separator: str | None = None
    filters: str = ""
    page: Page | None = None
    team: str = ""
    titles: list[list[str]] = field(default_factory=list)
    from_1904: bool = False

    def saying(self, *remarks: str) -> Recognised:
        """The same with further remarks."""
        return replace(self, message="; ".join(m for m in (self.message, *remarks) if m))


def failed_reading(error: Exception) -> str:
    """What is said of a file whose reader failed in a way that nobody expected."""
    return f"reading it failed ({root_in_one_line(error)}); export it again, and report this message if it fails again"


def rejected_for(path: str, error: Exception) -> Recognised:
    """What becomes of a file that its reader cannot read: whatever a file does to its reader, the others are read.
    Raises the error where it is not the file's (a full disk).
    """
    if isinstance(error, FileDamageError):
        return Recognised(path, "rejected", str(error))
    if is_of_surroundings(error):
        raise error
    if isinstance(error, RecursionError):
        return Recognised(path, "rejected", TOO_DEEP)
    if isinstance(error, OSError):
        return Recognised(path, "rejected", f"the file could not be read: {error.strerror or error}")
    return Recognised(path, "rejected", failed_reading(error), failed=True)


def recognised_tables(delivered: Delivered, scratch: Scratch, drop: str) -> Iterator[Recognised]:
    """Every table of a file, one by one. drop: the month in whose folder it lies, or the reference folder."""
    path, manifest = delivered.file.path, delivered.manifest
    named = manifest.named_input
    if delivered.verdict:
        yield Recognised(path, delivered.verdict, delivered.reason)
    elif named is not None and contract_of(named) is None:
        yield Recognised(path, "unrecognised", f"the manifest names the input '{named}', which is not known")
    else:
        yield from _Recogniser(manifest, scratch, drop).tables(path, delivered.file.real)


def _stem_of(path: str) -> str:
    """The name of a file without folder, archive and endings: what its owner called it."""
    name = path.replace("!", "/").rpartition("/")[2]
    for ending in (".gz", ".csv", ".tsv", ".txt", ".json"):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name
    return name.strip()


def _rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def _of_device(table: TextTable, device: str) -> tuple[TextTable, str]:
    """The list of installed products with the file's name as the device where the list names none."""
    rows = [list(r) for r in table.rows]
    if all(r[0] for r in rows):
        return table, ""
    named = [[r[0] or device, *r[1:]] for r in rows]
    return TextTable(
        table.header, named, table.form
    ), f"the list names no device, so the name of the file is used: {device}"


class _Recogniser:
    """Opens one file, of which these things are said, and what it holds."""

    def __init__(self, manifest: Manifest, scratch: Scratch, drop: str) -> None:
        self.manifest, self.named = manifest, manifest.named_input
        self.scratch, self.drop, self.prefer_reference = scratch, drop, drop == REFERENCE_DROP

    def tables(self, path: str, real: Path, depth: int = 0, allowance: Allowance | None = None) -> Iterator[Recognised]:
        """Every table of a file. depth, allowance: of what an archive holds, how many archives it lies in, and what
        unpacking may still take.
        """
        try:
            yield from self._of_any_form(path, real, depth, allowance or Allowance.of(real.stat().st_size))
        except Exception as error:
            yield rejected_for(path, error)

    def _of_any_form(self, path: str, real: Path, depth: int, allowance: Allowance) -> Iterator[Recognised]:
        with real.open("rb") as handle:
            head = handle.read(HEAD)
        kind = kind_of(head)
        if foreign := self._foreign(kind, head, real):
            yield Recognised(path, "unrecognised", foreign)
        elif kind in {"empty", "binary"}:
            empty = BLANK if len(head) == HEAD else "the file is empty"
            yield Recognised(path, "unrecognised", empty if kind == "empty" else UNKNOWN_KIND)
        elif kind == "ole":
            yield from self._workbook(path, real, OLD)
        elif kind == "gzip":
            if depth >= MAX_PACKINGS:
                yield Recognised(
                    path, "unrecognised", f"compressed more than {MAX_PACKINGS} times: unpack it and hand in the table"
                )
                return
            plain = self.scratch.path(".plain")
            gunzip(real, plain, allowance)
            yield from self._of_any_form(path, plain, depth + 1, allowance)
        elif kind == "zip" and (form := workbook_form(real)):
            yield from self._workbook(path, real, form)
        elif kind == "zip":
            if depth > 1:
                yield Recognised(
                    path,
                    "unrecognised",
                    "archives are nested more than two deep: unpack the inner one and hand in its files",
                )
                return
            yield from self._members(path, real, depth, allowance)
        else:
            yield from self._text(path, real, kind, head)

    def _foreign(self, kind: str, head: bytes, real: Path) -> str:
        """What to say of a file that is known to hold no table that can be read; '' for any other."""
        if kind == "zip":
            return foreign_archive(real)
        return foreign_stream(head) if kind == "ole" else foreign_bytes(head)

    def _members(self, path: str, real: Path, depth: int, allowance: Allowance) -> Iterator[Recognised]:
        """What the members of an archive hold."""
        is_empty = True
        for member, plain, digest in members(real, self.scratch.folder, self.scratch.name(), allowance):
            is_empty = False
            name = readable_name(member)
            if left := left_by_program(name):
                yield Recognised(f"{path}!{name}", "ignored", left, sha256=digest)
                continue
            for table in self.tables(f"{path}!{name}", plain, depth + 1, allowance):
                yield table if table.sha256 is not None else replace(table, sha256=digest, member=plain.name)
        if is_empty:
            yield Recognised(path, "unrecognised", "the archive holds no file")

    def _text(self, path: str, real: Path, kind: str, head: bytes) -> Iterator[Recognised]:
        page = is_web_page(head if kind == "text" else head.decode("utf-16", "replace").encode())
        encoding = self.manifest.encoding or (declared_encoding(head) if page else None)
        decoded = to_utf8(real, kind, self.scratch.path(".utf8"), encoding)
        first = decoded.path.open("rb").read(HEAD) if decoded.path != real else head
        for table in self._decoded(path, decoded.path, kind, first):
            yield replace(table, encoding=decoded.encoding).saying(decoded.remark)

    def _decoded(self, path: str, plain: Path, kind: str, first: bytes) -> Iterator[Recognised]:
        """The tables of a text in UTF-8."""
        server = contract_of_text(first, self.named)
        if server is not None:
            match, refusal = Match(server, {}, "flexnet"), refusal_of_text(first)
            if refusal:
                yield Recognised(path, "rejected", refusal, match)
            else:
                yield Recognised(path, match=match, source=ServerText(plain, server))
            return
        if why := refused_text(first):
            yield Recognised(path, "rejected", why)
            return
        if is_web_page(first):
            yield self._web_page(path, plain)
            return
        if is_other_xml(first):
            yield Recognised(path, "unrecognised", XML)
            return
        tables: list[TextTable] | None = None
        remark = ""
        if kind == "json" or kind_of(first) == "json":
            tables, remark = self._json(path, plain)
        elif adapters.is_ldif(first):
            try:
                tables = adapters.adapt(plain, "ldif")
            except ValueError as error:
                raise FileDamageError(f"the LDIF is damaged: {error}") from error
        if tables is not None:
            for table in self._objects(path, tables):
                yield table.saying(remark)
            return
        plain, header, remark = self._mended(plain, read_header(plain, self.prefer_reference, self.named))
        if header.match is not None:
            yield self._delimited(path, plain, header).saying(remark)
            return
        if other := other_server_text(first):
            yield Recognised(path, "unrecognised", other)
            return
        group = match_nameless_group(header.texts) if self.named in (None, "directory_group_members") else None
        if group is not None:
            yield self._members_of_group(path, plain, replace(header, match=group))
        elif header.problem:
            yield Recognised(path, "rejected", header.problem)
        elif header.texts and header.texts[0].lower().startswith("version:v"):
            yield Recognised(path, "unrecognised", "a template for bulk changes of a directory, not an export")
        else:
            yield Recognised(path, "unrecognised", self._why(header, path))

    def _mended(self, plain: Path, header: Header) -> tuple[Path, Header, str]:
        """A text without what a spreadsheet of another language put around its lines when it saved them, its header,
        and what to say of that; the text itself where it is as its program wrote it.
        """
        for without, remark in ((without_quotes_around, QUOTED_LINES), (without_foreign_ends, FOREIGN_ENDS)):
            target = self.scratch.path(".mended")
            if without(plain, header, target):
                found = read_header(target, self.prefer_reference, self.named)
                if found.match is not None:
                    return target, found, remark
        return plain, header, ""

    def _why(self, header: Header, path: str) -> str:
        """Why a header is that of no input, or not of the one that a manifest names."""
        said = explain(header.texts, header.line, _stem_of(path) if self.prefer_reference else "")
        return (
            f"the manifest names the input {self.named}, but not all of its columns are there; {said}"
            if self.named
            else said
        )

    def _delimited(self, path: str, plain: Path, header: Header, constant: str | None = None) -> Recognised:
        if len(header.texts) > MAX_COLUMNS:  # the last ones without a name
            raise FileDamageError(beyond("the header has {} columns", len(header.texts), MAX_COLUMNS, NARROWER))
        source = Delimited(plain, header, constant)
        found = Recognised(path, match=header.match, source=source, separator=header.separator, titles=header.titles)
        return found.saying(_named_twice(header))

    def _members_of_group(self, path: str, plain: Path, header: Header) -> Recognised:
        """Members of a group that only the file's name tells."""
        name = _stem_of(path)
        found = self._delimited(path, plain, header, constant=name)
        return found.saying(f"the file names no group, so its own name is used: {name}")

    def _web_page(self, path: str, plain: Path) -> Recognised:
        """The one table of a web page that is called .xls."""
        try:
            rows = read_web_page(plain)
        except WebPageError as error:
            return Recognised(path, "rejected", str(error))
        clean = self.scratch.path(".csv")
        with clean.open("w", encoding="utf-8", newline="") as out:
            write = row_writer(out)
            for row in rows:
                write(row)
        header = read_header(clean, self.prefer_reference, self.named)
        if header.problem:
            return Recognised(path, "rejected", header.problem)
        if header.match is None:
            why = self._why(header, path)
            return Recognised(path, "unrecognised", f"this is a web page that holds a table, saved as .xls; {why}")
        found = replace(_sheet(path, clean, header), separator="html")
        return found.saying("a web page; its table was read")

    def _json(self, path: str, plain: Path) -> tuple[list[TextTable], str]:
        """The tables of a JSON or NDJSON file, each with the page that it is, and what to say of the text."""
        parsed = parse_json(plain)
        data = joined(parsed.data)
        tables = adapters.adapt_data(data, path)
        if tables is None:
            found = table_of(data, "ndjson" if parsed.by_lines else "json")
            tables = [found] if found else []
        page = page_of(data)
        for table in tables:
            table.page = table.page or page
        return tables, parsed.remark

    def _objects(self, path: str, tables: list[TextTable]) -> Iterator[Recognised]:
        if not tables:
            yield Recognised(path, "unrecognised", f"the JSON holds no list of objects; {AS_OBJECTS}")
        for number, given in enumerate(tables):
            within_limits(given.header)
            helper = given.form == licensing.FORM
            table, message = _of_device(given, _stem_of(path)) if helper else (given, "")
            label = path if len(tables) == 1 else f"{path}#{number + 1}"
            if table.answers and self.named in (None, FORMS[f"Team Admin API: {table.answers}"].input):
                match: Match | None = match_linked(linked_answer(table.answers, table.header))
            else:
                match = recognise(table.header, self.prefer_reference, self.named)
            if match is None:
                why = explain(table.header)
                is_error = {fold_header(h) for h in table.header} & ERROR_KEYS and len(table.header) <= MAX_ERROR_KEYS
                yield Recognised(label, "unrecognised", f"{REFUSAL}; {why}" if is_error else why)
                continue
            found = Recognised(label, "loaded", message, match, table, separator=table.form)
            yield replace(found, page=given.page, team=given.team)

    def _workbook(self, path: str, real: Path, form: str) -> Iterator[Recognised]:
        filters: list[str] = []
        found: list[Recognised] = []
        seen: set[str] = set()
        hidden: dict[int, str] = {}
        states: dict[str, str] = {}
        for sheet in read_workbook(real, self.scratch.folder / self.scratch.name(), form):
            label = f"{path}#{readable_name(sheet.name)}"
            if sheet.is_twin:
                found.append(Recognised(label, "rejected", TWINS))
                continue
            if sheet.rows == 0:
                continue
            header = read_header(sheet.csv, self.prefer_reference, self.named)
            if header.problem:
                found.append(Recognised(label, "rejected", header.problem))
            elif header.match is not None:
                name = header.match.contract.name
                if sheet.is_hidden:
                    hidden[len(found)] = name
                else:
                    seen.add(name)
                    if header.match.contract.kind is Kind.STATE:
                        states[label] = name
                table = replace(_sheet(label, sheet.csv, header), from_1904=sheet.from_1904)
                found.append(table.saying(HIDDEN if sheet.is_hidden else ""))
            elif sheet.rows <= MAX_ROWS and is_filter_block(_rows_of(sheet.csv)):
                filters.append(sheet.csv.read_text(encoding="utf-8").strip())
            else:
                found.append(Recognised(label, "unrecognised", self._why(header, path)))
        if not found:
            found.append(Recognised(path, "unrecognised", "the workbook holds no table"))
        for place, name in hidden.items():
            if name in seen:
                found[place] = Recognised(
                    found[place].path, "ignored", f"{HIDDEN}, and another one that is not holds {name}"
                )
        other = {} if self.prefer_reference else of_other_months(states, self.drop)
        found = [Recognised(t.path, "ignored", other[t.path]) if t.path in other else t for t in found]
        errors = error_cells(real) if form == "xlsx" and any(t.source is not None for t in found) else 0
        remark = f"{errors} cells of the workbook show an error (such as #N/A) and are read as empty" if errors else ""
        for table in found:
            said = table.saying(remark) if table.source is not None else table
            yield replace(said, filters="\n".join(filters), encoding=form)


def _sheet(label: str, path: Path, header: Header) -> Recognised:
    """A sheet whose header was found."""
    found = Recognised(label, match=header.match, source=Sheet(path, header), separator="cells", titles=header.titles)
    return found.saying(_named_twice(header))


def _named_twice(header: Header) -> str:
    """What to say of columns that are read and have the name of another column."""
    assert header.match is not None
    keys = [fold_header(t) for t in header.texts]
    twice = [
        header.texts[p] for p in sorted(header.match.positions.values()) if p < len(keys) and keys.count(keys[p]) > 1
    ]
    return f"more than one column is called {', '.join(twice)}: the first one was read" if twice else ""
