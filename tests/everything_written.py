"""Every byte that a run wrote, as text: archives and workbooks unpacked, Parquet and DuckDB files read as tables,
streams of documents inflated. For tests that look for what must not be there.
"""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb

PACKED = (".zip", ".xlsx")


def texts(folder: Path, without: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
    """(name, text) of every file below a folder, its name too. without: beginnings of paths that are left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.startswith(without):
            continue
        yield name, name.encode()
        yield from _inside(name, path.read_bytes(), path)


def _inside(name: str, content: bytes, path: Path | None = None) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if name.endswith(PACKED) and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield f"{name}!{member}", member.encode()
                yield from _inside(f"{name}!{member}", archive.read(member))
    elif content.startswith(b"\x1f\x8b"):
        yield from _inside(name.removesuffix(".gz"), gzip.decompress(content))
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield name, content.decode("utf-16", "replace").encode()
    elif name.endswith(".pdf"):
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, flags=re.S):
            try:
                yield name, zlib.decompress(stream)
            except zlib.error:
                continue
    elif name.endswith(".parquet"):
        with closing(duckdb.connect()) as connection, tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(content)
            rows = connection.execute("select to_json(t) from read_parquet(?) as t", [file.name]).fetchall()
            yield name, _joined(rows)
    elif path is not None and name.endswith(".duckdb"):
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
                rows = connection.execute(f'select to_json(t) from {schema}."{table}" as t').fetchall()
                yield f"{name}/{schema}.{table}", _joined(rows)
    elif path is not None and content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
                yield f"{name}/{table}", repr(connection.execute(f'select * from "{table}"').fetchall()).encode()


def _joined(rows: list[tuple[str]]) -> bytes:
    return "\n".join(row for (row,) in rows).encode()


def found(folder: Path, pattern: bytes, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Name → what of the pattern (in lower case) is in it, whatever its case."""
    looked_for = re.compile(pattern)
    seen = {name: sorted(set(looked_for.findall(text.lower()))) for name, text in texts(folder, without)}
    return {name: [m.decode() for m in matches][:5] for name, matches in seen.items() if matches}
