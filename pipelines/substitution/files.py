"""Values in files of any form: texts in any encoding, JSON, LDIF, saved pages, workbooks, archives within archives,
Parquet, SQLite. Each is written beside and moved in; one that holds nothing is left alone.

A record is a line, an entry of LDIF, a row of a page or a workbook, an object of JSON. Forms are told by content. What
cannot be rewritten (an encrypted archive, a PDF, a database of DuckDB) is reported by `unread`, not passed over.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pipelines.substitution import workbook
from pipelines.substitution.tables import replace_values
from pipelines.substitution.values import Values
from pipelines.warehouse import connect_file

# Text is worked on in pieces of so many characters, to the end of a record.
PIECE = 1 << 23
MEMORY = Path(":memory:")
# JSON that is one value is read whole; larger ones are worked on line by line.
MOST_JSON = 1 << 27
SQLITE, GZIP, ZIP, PARQUET, PDF = b"SQLite format 3\0", b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06"), b"PAR1", b"%PDF"
DUCKDB = b"DUCK"
_OF_SQLITE = ("-wal", "-shm", "-journal")
_LDIF = re.compile(r"^(?:version: *1\s+)?dn::? ", re.MULTILINE)
_ENCODED = re.compile(r"^([\w;.-]+):: *([A-Za-z0-9+/=]+)$", re.MULTILINE)


class UnreadableError(Exception):
    """A file in which nothing can be looked for; the message says why."""


def rewrite(path: Path, values: Values, scratch: Path, write: bool = True) -> bool:
    """Replace what a file holds; where nothing is to be replaced it is left alone. Returns whether something was, or
    would be. Raises UnreadableError.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    part = scratch / f"erased{path.suffix}"
    part.unlink(missing_ok=True)
    try:
        if write and path.name.endswith(_OF_SQLITE):  # brought into its database, which has its turn
            return False
        changed = _rewrite(path, part, values)
        if changed and write and _is_sqlite(part):
            # In place: a daemon may hold it open.
            _in_sqlite(path, values)
        elif changed and write:
            shutil.copystat(path, part)
            part.replace(path)
        return changed
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, sqlite3.Error) as error:
        raise UnreadableError(str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(len(SQLITE)) == SQLITE


def _rewrite(path: Path, part: Path, values: Values) -> bool:
    with path.open("rb") as handle:
        head = handle.read(4096)
    if head.startswith(SQLITE):
        return _sqlite(path, part, values)
    if head.startswith(PARQUET):
        return _parquet(path, part, values)
    if head.startswith(PDF):
        return _pdf(path.read_bytes(), values)
    if head[8:12] == DUCKDB:
        return False
    if head.startswith((GZIP, *ZIP)):
        try:
            made = _packed(path.read_bytes(), values)
        except (zipfile.BadZipFile, gzip.BadGzipFile):  # damaged: looked through as it lies
            return _text_file(path, part, head, values)
        if made is not None:
            part.write_bytes(made)
        return made is not None
    if _is_one_json(head, path.stat().st_size):
        made = _bytes(path.read_bytes(), values)
        if made is not None:
            part.write_bytes(made)
        return made is not None
    return _text_file(path, part, head, values)


def _bytes(content: bytes, values: Values) -> bytes | None:
    """The content with everything replaced; None where nothing is."""
    if content.startswith((GZIP, *ZIP)):
        return _packed(content, values)
    if content.startswith(PARQUET):
        return _packed_parquet(content, values)
    encoding = _encoding(content[:4096])
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:  # what the head did not show, or no text at all
        encoding = "latin-1"
        text = content.decode(encoding)
    if not values.may_be_in(text) and not _LDIF.search(text):
        return None
    made = _json(text, values) if _is_one_json(content[:4096], len(content)) else None
    if made is None:
        made = records(text, values)
    return made.encode(encoding) if made != text else None


def _packed(content: bytes, values: Values) -> bytes | None:
    if content.startswith(GZIP):
        inner = _bytes(gzip.decompress(content), values)
        return None if inner is None else gzip.compress(inner, mtime=0)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if any(m.flag_bits & 1 for m in members):
            raise UnreadableError("it is an archive with a password")
        made: dict[str, bytes] = {}
        if workbook.is_workbook(archive):
            made = workbook.rewritten(archive, values)
        else:
            for member in members:
                inner = None if member.is_dir() else _bytes(archive.read(member), values)
                if inner is not None:
                    made[member.filename] = inner
        names = {m.filename: values.text(m.filename) for m in members}
        if not made and all(old == new for old, new in names.items()):
            return None
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for member in members:
                info = zipfile.ZipInfo(names[member.filename], member.date_time)
                info.compress_type, info.external_attr = member.compress_type, member.external_attr
                target.writestr(info, made.get(member.filename, b"" if member.is_dir() else archive.read(member)))
    return out.getvalue()


def _encoding(head: bytes) -> str:
    """An encoding that gives every byte back: UTF-8 or UTF-16 by its mark or its zeros, else one letter a byte."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if head.startswith(b"\xff\xfe") else "utf-16-be"
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        head[: len(head) - 4].decode("utf-8") if len(head) == 4096 else head.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _text_file(path: Path, part: Path, head: bytes, values: Values) -> bool:
    try:
        return _by_pieces(path, part, _encoding(head), values)
    except UnicodeDecodeError:  # what the head did not show
        return _by_pieces(path, part, "latin-1", values)


def _by_pieces(path: Path, part: Path, encoding: str, values: Values) -> bool:
    changed, is_ldif = False, None
    with path.open(encoding=encoding, newline="") as source, part.open("w", encoding=encoding, newline="") as target:
        while piece := source.read(PIECE):
            piece += source.readline()
            is_ldif = bool(_LDIF.search(piece)) if is_ldif is None else is_ldif
            while is_ldif and not piece.endswith(("\n\n", "\r\n\r\n")) and (line := source.readline()):
                piece += line
            made = records(piece, values) if is_ldif or values.may_be_in(piece) else piece
            changed = changed or made != piece
            target.write(made)
    return changed


def records(text: str, values: Values) -> str:
    """A text with everything replaced, record by record."""
    if _LDIF.search(text[:PIECE]):
        text = _ENCODED.sub(lambda m: f"{m[1]}:: {_encoded(m[2], values)}", text)
        pieces = re.split(r"(\r?\n[ \t]*\r?\n)", text)
    elif "<tr" in text[:PIECE].lower():
        pieces = re.split(r"(?=<tr\b)", text, flags=re.IGNORECASE)
    else:
        if not values.names(text) and values.text(text) == text:
            return text
        pieces = text.splitlines(keepends=True)
    return "".join(values.record(piece) for piece in pieces)


def _encoded(text: str, values: Values) -> str:
    try:
        plain = base64.b64decode(text).decode("utf-8")
    except ValueError:
        return text
    made = values.text(plain)
    return text if made == plain else base64.b64encode(made.encode()).decode()


def _is_one_json(head: bytes, size: int) -> bool:
    return size <= MOST_JSON and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _json(text: str, values: Values) -> str | None:
    """JSON of one value; None where it is none, as lines of JSON are not."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    try:
        content = json.loads(text.removeprefix(mark))
    except (ValueError, RecursionError):
        return None
    made = _in_json(content, values, False)
    if made == content:
        return text
    indent = 1 if "\n" in text.strip() else None
    return mark + json.dumps(made, ensure_ascii=False, indent=indent) + ("\n" if text.endswith("\n") else "")


def _in_json(content: Any, values: Values, is_own: bool) -> Any:
    """is_own: an object around it holds the person."""
    if isinstance(content, str):
        return values.own(content) if is_own else values.text(content)
    if isinstance(content, list):
        return [_in_json(one, values, is_own) for one in content]
    if isinstance(content, dict):
        mine = is_own or any(isinstance(v, str) and values.names(v) for v in content.values())
        return {values.text(k): _in_json(v, values, mine) for k, v in content.items()}
    return content


def _packed_parquet(content: bytes, values: Values) -> bytes | None:
    with tempfile.TemporaryDirectory() as folder:
        path, part = Path(folder) / "a.parquet", Path(folder) / "b.parquet"
        path.write_bytes(content)
        return part.read_bytes() if _parquet(path, part, values) else None


def _parquet(path: Path, part: Path, values: Values) -> bool:
    with closing(connect_file(MEMORY, read_only=False)) as connection:
        quoted = str(path).replace("'", "''")
        connection.execute(
            f"create table rows as select * from read_parquet('{quoted}', hive_partitioning = false, "
            "file_row_number = true)"
        )
        if not replace_values(connection, values)[1]:
            return False
        target = str(part).replace("'", "''")
        # Every column may be null, as in what is published.
        connection.execute("set disabled_optimizers = 'statistics_propagation'")
        connection.execute(
            "copy (select * exclude (file_row_number) from rows order by file_row_number) to "
            f"'{target}' (format parquet, compression zstd)"
        )
    return True


def _sqlite(path: Path, part: Path, values: Values) -> bool:
    """Whether a database holds something, tried on a copy with everything that waits beside it."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    return _in_sqlite(part, values)


def _in_sqlite(path: Path, values: Values) -> bool:
    changed = False
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("erased", 1, lambda t: values.record(t) if isinstance(t, str) else t)
        connection.execute("pragma secure_delete = on")
        tables = [n for (n,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall()]
        for table in tables:
            for column in [row[1] for row in connection.execute(f'pragma table_info("{table}")').fetchall()]:
                done = connection.execute(
                    f'update "{table}" set "{column}" = erased("{column}") where typeof("{column}") = \'text\' and '
                    f'erased("{column}") <> "{column}"'
                )
                changed = changed or done.rowcount > 0
        connection.commit()
        if changed:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")
    return changed


def _pdf(content: bytes, values: Values) -> bool:
    """Whether a document shows the person; raises UnreadableError where it does, since it is not rewritten."""
    texts: Iterator[bytes] = (content, *_streams(content)).__iter__()
    if any(values.names(text.decode("latin-1")) for text in texts):
        raise UnreadableError("it is a PDF, which is not rewritten")
    return False


def _streams(content: bytes) -> list[bytes]:
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, flags=re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found
