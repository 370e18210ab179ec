"""One file of a drop to tables of texts in DuckDB: which reader, which sheets and members, which input. Judging cells
is `conform`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pipelines.contracts import Contract
from pipelines.contracts.limits import MAX_COLUMNS, MAX_PACKINGS, MAX_ROW_BYTES, beyond
from pipelines.errors import is_of_surroundings, root_in_one_line
from pipelines.ingest.landing.archives import Allowance, gunzip, members, workbook_form
from pipelines.ingest.landing.files import FileDamageError, kind_of, left_by_program, readable_name
from pipelines.ingest.landing.filter_block import MAX_ROWS, is_filter_block
from pipelines.ingest.landing.manifests import Manifest
from pipelines.ingest.landing.paging import Page, joined, page_of
from pipelines.ingest.read import adapters
from pipelines.ingest.read.adapters import licensing
from pipelines.ingest.read.delimited import BadRow, has_wide_record, split_records, write_rows
from pipelines.ingest.read.encodings import to_utf8
from pipelines.ingest.read.objects import parse_json, table_of, within_limits
from pipelines.ingest.read.server_text import contract_of_text, read_text, refusal_of_text
from pipelines.ingest.read.text_table import TextTable
from pipelines.ingest.read.webpage import WebPageError, declared_encoding, is_web_page, read_web_page, refused_text
from pipelines.ingest.read.workbook import OLD, TWINS, read_workbook
from pipelines.ingest.recognise.headers import NARROWER, Header, body_of, read_header, total_lines, without_totals
from pipelines.ingest.recognise.hints import explain
from pipelines.ingest.recognise.inputs import Match, match_linked, match_nameless_group, recognise
from pipelines.ingest.recognise.linked import FORMS, linked_answer
from pipelines.ingest.sqltext import literal

HEAD = 1 << 16
# A row that was written anew: every quote of it doubled, with its number and separators.
CLEAN_ROW_BYTES = 2 * MAX_ROW_BYTES + (64 << 10)


@dataclass(frozen=True)
class Unread:
    """A delimited file of which only the header was read. constant: what a cell behind the file's own says in every
    row, or None.
    """

    plain: Path
    header: Header
    records: str
    constant: str | None = None

    def relation(self) -> str:
        """SQL of its records as cells c0..cn, in the file's order; an error of DuckDB's where one is not as wide as the
        header.
        """
        if self.constant is None:
            return self.records
        return f"(select *, {literal(self.constant)} as c{len(self.header.texts)} from {self.records})"


@dataclass
class Part:
    """A file, sheet or member: its path in the drop, and where its rows stand, or the verdict that there are none.

    One of: table: temporary table with _row_number, c0..cn; typed: relation of rows that their reader typed already;
    unread: a file to be read. rows: rows read; bad: rows that are no rows of the table.
    """

    path: str
    verdict: str
    message: str = ""
    sha256: str | None = None
    # Which member of an archive it is of: sheets of one workbook have one hash, and are no copies of each other.
    member: str = ""
    match: Match | None = None
    encoding: str | None = None
    separator: str | None = None
    table: str | None = None
    typed: str | None = None
    unread: Unread | None = None
    rows: int = 0
    bad: list[BadRow] = field(default_factory=list)
    filters: str = ""
    # Whether its reader failed in a way that nobody expected.
    failed: bool = False
    # What an answer of an API says about its place among its pages.
    page: Page | None = None
    # Of an answer of the Team Admin API: the team that answer or request name.
    team: str = ""
    # What the text itself says is not in it.
    missing: str = ""
    # Lines above the header, field by field.
    titles: list[list[str]] = field(default_factory=list)
    # Lines of totals below the data; they are no rows.
    totals: int = 0

    def say(self, *remarks: str) -> None:
        """Add remarks to the message."""
        self.message = "; ".join(m for m in (self.message, *remarks) if m)


def failed_reading(error: Exception) -> str:
    """What is said of a file whose reader failed in a way that nobody expected."""
    return f"its reader failed ({root_in_one_line(error)}); export it again, and report this line if it fails again"


def stem_of(path: str) -> str:
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
    ), f"the list names no device; the file's own name is taken: {device}"


class Reader:
    """Turns files of one drop into parts. Keeps the connection, a scratch folder and whether the drop is the reference
    folder.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, scratch: Path, prefer_reference: bool) -> None:
        self.con = con
        self.scratch = scratch
        self.prefer_reference = prefer_reference
        self._count = 0

    def _name(self) -> str:
        self._count += 1
        return f"_f{self._count}"

    def read(
        self, path: str, real: Path, manifest: Manifest, depth: int = 0, allowance: Allowance | None = None
    ) -> Iterator[Part]:
        """Every part of a file. Damage becomes a part with verdict `rejected`; an unknown kind one with
        `unrecognised`.

        depth, allowance: of what an archive holds, how many archives it lies in, and what unpacking may still take.
        """
        try:
            yield from self._read(path, real, manifest, depth, allowance or Allowance.of(real.stat().st_size))
        except FileDamageError as error:
            yield Part(path, "rejected", str(error))
        except OSError as error:
            if is_of_surroundings(error):
                raise
            yield Part(path, "rejected", f"the file could not be read: {error.strerror or error}")
        except Exception as error:  # whatever a file does to its reader, the others are read
            if is_of_surroundings(error):
                raise
            yield Part(path, "rejected", failed_reading(error), failed=True)

    def _read(self, path: str, real: Path, manifest: Manifest, depth: int, allowance: Allowance) -> Iterator[Part]:
        with real.open("rb") as handle:
            head = handle.read(HEAD)
        kind = kind_of(head)
        if kind in {"empty", "binary"}:
            yield Part(path, "unrecognised", "the file is empty" if kind == "empty" else "bytes of no known kind")
        elif kind == "ole":
            yield from self._workbook(path, real, manifest.named_input, OLD)
        elif kind == "gzip":
            if depth >= MAX_PACKINGS:
                yield Part(
                    path, "unrecognised", f"packed more than {MAX_PACKINGS} times: unpack it and hand in the table"
                )
                return
            plain = self.scratch / f"{self._name()}.plain"
            gunzip(real, plain, allowance)
            yield from self._read(path, plain, manifest, depth + 1, allowance)
        elif kind == "zip" and (form := workbook_form(real)):
            yield from self._workbook(path, real, manifest.named_input, form)
        elif kind == "zip":
            if depth > 1:
                yield Part(path, "unrecognised", "an archive in an archive in an archive")
                return
            for member, plain, digest in members(real, self.scratch, self._name(), allowance):
                name = readable_name(member)
                if left := left_by_program(name):
                    yield Part(f"{path}!{name}", "ignored", left, sha256=digest)
                    continue
                for part in self.read(f"{path}!{name}", plain, manifest, depth + 1, allowance):
                    if part.sha256 is None:
                        part.sha256, part.member = digest, plain.name
                    yield part
        else:
            yield from self._text(path, real, kind, head, manifest)

    def _text(self, path: str, real: Path, kind: str, head: bytes, manifest: Manifest) -> Iterator[Part]:
        target = self.scratch / f"{self._name()}.utf8"
        page = is_web_page(head if kind == "text" else head.decode("utf-16", "replace").encode())
        decoded = to_utf8(real, kind, target, manifest.encoding or (declared_encoding(head) if page else None))
        first = decoded.path.open("rb").read(HEAD) if decoded.path != real else head
        for part in self._decoded(path, decoded.path, kind, first, manifest.named_input):
            part.encoding = decoded.encoding
            part.say(decoded.remark)
            yield part

    def _decoded(self, path: str, plain: Path, kind: str, first: bytes, named: str | None) -> Iterator[Part]:
        """The parts of a text in UTF-8."""
        server = contract_of_text(first, named)
        if server is not None:
            if refusal := refusal_of_text(first):
                yield Part(path, "rejected", refusal, match=Match(server, {}, "flexnet"))
            else:
                yield self._server_text(path, plain, server)
            return
        if why := refused_text(first):
            yield Part(path, "rejected", why)
            return
        if is_web_page(first):
            yield self._web_page(path, plain, named)
            return
        tables: list[TextTable] | None = None
        remark = ""
        if kind == "json" or kind_of(first) == "json":
            tables, remark = self._json(plain)
        elif adapters.is_ldif(first):
            try:
                tables = adapters.adapt(plain, "ldif")
            except ValueError as error:
                raise FileDamageError(f"the LDIF is damaged: {error}") from error
        if tables is not None:
            for part in self._objects(path, tables, named):
                part.say(remark)
                yield part
            return
        header = read_header(plain, self.prefer_reference, named)
        if header.match is not None:
            yield self._delimited(path, plain, header)
            return
        group = match_nameless_group(header.texts) if named in (None, "directory_group_members") else None
        if group is not None:
            yield self._members(path, plain, replace(header, match=group))
        elif header.problem:
            yield Part(path, "rejected", header.problem)
        elif header.texts and header.texts[0].lower().startswith("version:v"):
            yield Part(path, "unrecognised", "a template for bulk changes of a directory, no export")
        else:
            yield Part(path, "unrecognised", self._why(header, named))

    def _why(self, header: Header, named: str | None) -> str:
        """Why a header is that of no input, or not of the one that a manifest names."""
        said = explain(header.texts, header.line)
        return f"the manifest says {named}, but its columns are not all there; {said}" if named else said

    def _web_page(self, path: str, plain: Path, named: str | None) -> Part:
        """The one table of a web page that is called .xls."""
        try:
            rows = read_web_page(plain)
        except WebPageError as error:
            return Part(path, "rejected", str(error))
        clean = self.scratch / f"{self._name()}.csv"
        with clean.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(rows)
        header = read_header(clean, self.prefer_reference, named)
        if header.problem:
            return Part(path, "rejected", header.problem)
        if header.match is None:
            why = self._why(header, named)
            return Part(path, "unrecognised", f"this is a web page that holds a table, saved as .xls; {why}")
        part = self._sheet(path, clean, header)
        part.separator = "html"
        part.say("a web page, of which the table was read")
        return part

    def _json(self, plain: Path) -> tuple[list[TextTable], str]:
        """The tables of a JSON or NDJSON file, each with the page that it is, and what to say of the text."""
        parsed = parse_json(plain)
        data = joined(parsed.data)
        tables = adapters.adapt_data(data)
        if tables is None:
            found = table_of(data, "ndjson" if parsed.by_lines else "json")
            tables = [found] if found else []
        page = page_of(data)
        for table in tables:
            table.page = page
        return tables, parsed.remark

    def _members(self, path: str, plain: Path, header: Header) -> Part:
        """Members of a group that only the file's name tells."""
        name = stem_of(path)
        part = self._delimited(path, plain, header, constant=name)
        part.say(f"the file names no group; its own name is taken: {name}")
        return part

    def _server_text(self, path: str, plain: Path, contract: Contract) -> Part:
        name = self._name()
        found = read_text(self.con, contract, plain, self.scratch / name, name)
        part = Part(path, "loaded", found.message, match=Match(contract, {}, "flexnet"))
        part.typed, part.rows, part.missing = found.relation, found.rows, found.missing
        return part

    def _objects(self, path: str, tables: list[TextTable], named: str | None) -> Iterator[Part]:
        if not tables:
            yield Part(path, "unrecognised", "the JSON holds no list of objects")
        for number, given in enumerate(tables):
            within_limits(given.header)
            helper = given.form == licensing.FORM
            table, message = _of_device(given, stem_of(path)) if helper else (given, "")
            label = path if len(tables) == 1 else f"{path}#{number + 1}"
            if table.answers and named in (None, FORMS[f"Team Admin API: {table.answers}"].input):
                match: Match | None = match_linked(linked_answer(table.answers, table.header))
            else:
                match = recognise(table.header, self.prefer_reference, named)
            if match is None:
                yield Part(label, "unrecognised", explain(table.header))
                continue
            clean = self.scratch / f"{self._name()}.csv"
            read, bad = write_rows(iter(table.rows), len(table.header), clean)
            part = Part(label, "loaded", message, match=match, separator=table.form, rows=read, bad=bad)
            part.page, part.team = given.page, given.team
            part.table = self._stage_numbered(clean, len(table.header))
            yield part

    def _workbook(self, path: str, real: Path, named: str | None, form: str) -> Iterator[Part]:
        sheets = read_workbook(real, self.scratch / self._name(), form)
        filters: list[str] = []
        parts: list[Part] = []
        for sheet in sheets:
            label = f"{path}#{readable_name(sheet.name)}"
            if sheet.is_twin:
                parts.append(Part(label, "rejected", TWINS))
                continue
            if sheet.rows == 0:
                continue
            header = read_header(sheet.csv, self.prefer_reference, named)
            if header.problem:
                parts.append(Part(label, "rejected", header.problem))
                continue
            if header.match is None:
                if sheet.rows <= MAX_ROWS and is_filter_block(_rows_of(sheet.csv)):
                    filters.append(sheet.csv.read_text(encoding="utf-8").strip())
                else:
                    parts.append(Part(label, "unrecognised", self._why(header, named)))
                continue
            parts.append(self._sheet(label, sheet.csv, header))
        if not parts:
            parts.append(Part(path, "unrecognised", "the workbook holds no table"))
        for part in parts:
            part.filters = "\n".join(filters)
            part.encoding = form
        yield from parts

    def _sheet(self, label: str, path: Path, found: Header) -> Part:
        """A sheet (a CSV of its texts) whose header was found."""
        assert found.match is not None
        clean = self.scratch / f"{self._name()}.csv"
        left_out: list[list[str | None]] = []
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.reader(handle)
            for _ in range(found.before):
                next(reader)
            header = next(reader)
            if found.labels:
                next(reader)
            width = max((i + 1 for i, t in enumerate(header) if t.strip()), default=0)
            rows: Iterator[list[str | None]] = (list(r) for r in reader)
            read, bad = write_rows(without_totals(rows, found.match, left_out), width, clean)
        part = Part(label, "loaded", match=found.match, separator="cells", rows=read, bad=bad)
        part.titles, part.totals = found.titles, len(left_out)
        part.table = self._stage_numbered(clean, width)
        return part

    def _delimited(self, path: str, plain: Path, header: Header, constant: str | None = None) -> Part:
        if len(header.texts) > MAX_COLUMNS:  # the last ones without a name
            raise FileDamageError(beyond("the header has {} columns", len(header.texts), MAX_COLUMNS, NARROWER))
        part = Part(path, "loaded", match=header.match, separator=header.separator, titles=header.titles)
        totals = total_lines(plain, header)
        part.totals = len(totals)
        plain, header = body_of(plain, header, totals, self.scratch / f"{self._name()}.body")
        link = self.scratch / f"{self._name()}.link"
        link.symlink_to(plain.resolve())
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header.texts)))
        records = (
            f"read_csv({literal(str(link))}, auto_detect=false, columns={{{columns}}}, "
            f"delim={literal(header.separator)}, quote='\"', escape='\"', "
            f"header=false, skip={header.lines}, strict_mode=true, max_line_size={MAX_ROW_BYTES}, encoding='utf-8', "
            "compression='none')"
        )
        part.unread = Unread(plain, header, records, constant)
        return part

    def stage(self, part: Part) -> None:
        """Read the file of a part into its table of texts, with DuckDB's reader, or record by record where that
        cannot.
        """
        assert part.unread is not None
        name = self._name()
        try:
            self.con.execute(
                f"create or replace temp table {name} as select row_number() over () as _row_number, * from "
                f"{part.unread.relation()}"
            )
        except duckdb.Error:
            self.split(part)
            return
        part.table = name
        part.rows = int(self.con.execute(f"select count(*) from {name}").fetchall()[0][0])
        if has_wide_record(part.unread.plain, part.unread.header, part.rows):
            self.con.execute(f"drop table {name}")
            self.split(part)

    def split(self, part: Part) -> None:
        """The same, record by record: those that are not as wide as the header become bad rows."""
        unread = part.unread
        assert unread is not None
        clean = self.scratch / f"{self._name()}.csv"
        part.rows, part.bad = split_records(unread.plain, unread.header, clean)
        width = len(unread.header.texts)
        part.table = self._stage_numbered(clean, width)
        if unread.constant is not None:
            self.con.execute(f"alter table {part.table} add column c{width} varchar default {literal(unread.constant)}")

    def _stage_numbered(self, clean: Path, width: int) -> str:
        name = self._name()
        columns = ", ".join(["'_row_number': 'BIGINT'", *(f"'c{i}': 'VARCHAR'" for i in range(width))])
        self.con.execute(
            f"create or replace temp table {name} as select * from read_csv({literal(str(clean))}, auto_detect=false, "
            f"columns={{{columns}}}, delim=',', quote='\"', escape='\"', header=false, strict_mode=true, "
            f"max_line_size={CLEAN_ROW_BYTES}, compression='none')"
        )
        return name
