"""Changes of a file that `torture` makes: of its bytes, its lines, its header, its cells, the nodes of a JSON text, and
of what an archive or workbook holds, packed again so that its sums are right.

Pure: bytes and a generator of random numbers come in, bytes go out. Knows no input and loads nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

# What a file is not packed again beyond, so that no mutation makes a large file by itself.
MOST_BYTES = 4 << 20
LENGTHS = (1, 2, 8, 40, 400)
TOKENS = [
    b"\x00", b'"', b",", b";", b"\n", b"\r", b"\\ud800", b"{", b"[", b"]", b"}", b"null", b"9" * 25, b"-", b"=", b"<",
    b"&", b":", b"''", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"0001-01-01", b"9999-12-31", b"1e999", b"(" * 40,
    b"PK\x03\x04", b"\x1f\x8b", b" " * 50, "²".encode(), b"*", b"&x", b"!!set", b"NaN", b"Infinity", b"1.10E+11",
    b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xc3", b"\xf0\x9f\x98\x80", b"\t", b"|", b"\x1a", b"\x0b\x0c",
    b"\x85", b"]]>", b"<!--", b"<![CDATA[", b"&#x110000;", b"&amp;lol;", b"%s%n", b"{{", b"../../", b"\\",
    b"'; drop table x; --",
]  # fmt: skip
# Cells that a column of another type has, dates of other calendars, and letters that look like others.
CELLS = [
    "", " ", "\u00a0", "0", "-1", "-0", "1e308", "1e-320", "9" * 15, "9" * 38, "9" * 400, "0x1F", "1,234,567.89",
    "1.234.567,89", "1'234", "1 234,5", "٣٤", "１２３", "½", "∞", "NaN", "-inf", "+", "true", "nein", "5 %", "$ 5.00",
    "0000-00-00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00", "10000-01-01", "-0044-03-15", "1900-02-29",
    "2027-02-29", "2026-13-01", "31.11.2026", "1448-05-12", "2569-10-01", "令和8年10月1日", "１０/０１/２０２６",
    "5787-01-20", "20261001", "46296", "46296.99999", "1e5", "1759276800", "1759276800000", "133000000000000000",
    "24:00:00", "2026-10-01T25:61:61Z", "2026-10-01T08:00:00+99:99", "2026-W40-4", "P1D", "now", "infinity", "epoch",
    "АDA@firm.example", "ada@firm.example\u200b", "a@b@c", "@", "a" * 5000 + "@firm.example", "ada@\u202efirm.example",
    "İI\u0131i", "ﬁ", "e\u0301" * 40, "\u0000", "\ufffd", "\ufeff", "\U0010ffff", "=1+1", "@SUM(A1)", "'", '"', "\\",
    "a\nb", "a\r\nb", "null", "None", "#N/A", "#REF!", "[]", "{}", '{"a":1}', ";", "\t", "user() matches (", "a and",
    "department = 'x' or " * 50, "(" * 300 + "a = 'b'", "not " * 300, "x in ()", "like '%'", "*" * 50,
]  # fmt: skip
# Values that another kind of node takes the place of.
NODES: list[Any] = [
    None, True, 0, -1, 10**18, 10**400, 1.5, float("nan"), float("inf"), "", "x", "\ud800", "\x00", [], {}, [[]],
    [None], [1, "a", None], {"": ""}, {"id": {"id": []}}, [{}], "a" * 20_000, {"value": []}, {"href": 1},
    "[]", '{"data":[]}',
]  # fmt: skip


def mutated(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The bytes changed in one to six places, each in another way. others: files that parts are taken of."""
    for _ in range(rng.randrange(1, 7)):
        data = rng.choice(_WAYS)(data, others, rng)
    return data


def _bytes(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    out = bytearray(data)
    at = rng.randrange(len(out) + 1)
    length = rng.choice(LENGTHS)
    kind = rng.randrange(6)
    if kind == 0 and out:
        out[at % len(out)] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del out[at : at + length]
    elif kind == 2:
        out[at:at] = rng.choice(TOKENS)
    elif kind == 3:
        out[at:at] = out[at : at + length] * rng.choice([1, 2, 30])
    elif kind == 4 and (other := rng.choice(others)):
        start = rng.randrange(len(other))
        out[at:at] = other[start : start + length]
    elif kind == 5 and rng.random() < 0.3:
        del out[at:]
    return bytes(out)


def _number(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    found = [m.start() for m in re.finditer(rb"[0-9]+", data[:20_000])]
    if not found:
        return data
    place = rng.choice(found)
    return data[:place] + rng.choice(TOKENS) + data[place + 1 :]


def _lines(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(8)
    if kind == 0:
        rng.shuffle(lines)
    elif kind == 1:
        lines.insert(one, lines[other])
    elif kind == 2:
        del lines[one]
    elif kind == 3:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 4:
        lines.insert(one, rng.choice(others)[:2000].split(b"\n")[0])
    elif kind == 5:
        # Ends of lines as three systems write them, and none at all.
        return b"".join(line + rng.choice([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n", b""]) for line in lines)
    elif kind == 6:
        lines[one] = lines[one] * rng.choice([2, 50])
    else:
        lines[one] = b" " + lines[one]
    return b"\n".join(lines)


def _encoding(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """One line, or everything, in another encoding."""
    page = rng.choice(
        ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp932", "latin-1", "utf-7"]
    )
    if rng.random() < 0.3:
        return data.decode("utf-8", "replace").encode(page, "replace")
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    text = lines[place].decode("utf-8", "replace")
    lines[place] = (text[:2000] + rng.choice(["", "ÄÖÜ", "Жуков", "田中"])).encode(page, "replace")
    return b"\n".join(lines)


def _table(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """A cell, a column or the header of a delimited text."""
    try:
        text = data.decode("utf-8")
        separator = max(",;\t|", key=text[:2000].count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except (UnicodeDecodeError, csv.Error):
        return _bytes(data, others, rng)
    rows = [r for r in rows if r]
    if not rows or len(rows) > 2000:
        return _bytes(data, others, rng)
    column = rng.randrange(len(rows[0]))
    kind = rng.randrange(9)
    if kind <= 2:
        row = rng.choice(rows)
        row[column % len(row)] = rng.choice(CELLS)
    elif kind == 3:  # a whole column of another type
        said = rng.choice(CELLS)
        for row in rows[1:]:
            row[column % len(row)] = said
    elif kind == 4:  # a header renamed, doubled or taken away
        rows[0][column] = rng.choice(
            ["", "email", "x", rows[0][0], rows[0][-1].upper(), rows[0][column] + " ", "a" * 300]
        )
    elif kind == 5:
        for row in rows:
            del row[column % len(row) :]
            row.append("")
    elif kind == 6:  # two columns the other way round, in the header alone
        other = rng.randrange(len(rows[0]))
        rows[0][column], rows[0][other] = rows[0][other], rows[0][column]
    elif kind == 7:
        rows = [[*row, *row] for row in rows]
    else:
        rows = [rows[0], *rows[1:] * 3]
    out = io.StringIO()
    end = rng.choice(["\n", "\r\n"])
    if rng.random() < 0.5:
        writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator=end)
    else:
        writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def _json(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """One node of a JSON text, or of one line of it."""
    try:
        text = data.decode("utf-8-sig")
        lines = text.split("\n") if text.count("\n{") else [text]
        place = rng.randrange(len(lines))
        tree: Any = [json.loads(lines[place])]
    except (ValueError, RecursionError):
        return _table(data, others, rng)
    nodes: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting and len(nodes) < 2000:
        node = waiting.pop()
        for key, value in list(node.items()) if isinstance(node, dict) else list(enumerate(node)):
            nodes.append((node, key))
            if isinstance(value, dict | list):
                waiting.append(value)
    parent, key = rng.choice(nodes)
    kind = rng.randrange(7)
    if kind <= 1:
        parent[key] = rng.choice(NODES)
    elif kind == 2 and parent is not tree:
        del parent[key]
    elif kind == 3:
        parent[key] = [parent[key]] * rng.choice([1, 2, 30])
    elif kind == 4:
        parent[key] = {rng.choice(["value", "data", "body", "response", "id", "items", "profile", "next"]): parent[key]}
    elif kind == 5 and isinstance(parent, dict):
        parent[rng.choice(["", "id", "value", "email", "\ud800", "a" * 300, "@odata.nextLink", "Resources"])] = parent[
            key
        ]
    else:
        depth = rng.choice([3, 90, 400, 900, 3000])
        name = rng.choice(["", "body", "data", "members", "value"])
        begin, end = (f'{{"{name}":' * depth, "}" * depth) if name else ("[" * depth, "]" * depth)
        parent[key] = "\x01"
        whole = json.dumps(tree[0]).replace('"\\u0001"', f"{begin}1{end}")
        lines[place] = whole
        return "\n".join(lines).encode("utf-8", "surrogatepass")
    lines[place] = json.dumps(tree[0], ensure_ascii=rng.random() < 0.7)
    return "\n".join(lines).encode("utf-8", "replace")


def _packed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """What an archive, a gzip file or a workbook holds, changed and packed again; any other file packed."""
    if data.startswith(b"\x1f\x8b"):
        try:
            plain = zlib.decompressobj(31).decompress(data, MOST_BYTES)
        except zlib.error:
            return _bytes(data, others, rng)
        return gzip.compress(_changed(plain, others, rng), mtime=0)
    if data.startswith(b"PK\x03\x04"):
        return _archive(data, others, rng)
    if rng.random() < 0.3 and len(data) < MOST_BYTES:
        return gzip.compress(data, mtime=0)
    return _table(data, others, rng)


def _changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    return rng.choice([_bytes, _lines, _table, _json, _encoding])(data, others, rng)


def _archive(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(i.file_size for i in archive.infolist()) > MOST_BYTES:
                return _bytes(data, others, rng)
            members = [(i.filename, archive.read(i), i.compress_type) for i in archive.infolist()]
    except Exception:  # an archive that was broken before is broken further
        return _bytes(data, others, rng)
    if not members:
        return _bytes(data, others, rng)
    place = rng.randrange(len(members))
    name, plain, packing = members[place]
    kind = rng.randrange(8)
    if kind <= 3:
        changed = _xml(plain, rng) if plain.lstrip().startswith(b"<") and rng.random() < 0.7 else None
        members[place] = (name, changed or _changed(plain, others, rng), packing)
    elif kind == 4:
        del members[place]
    elif kind == 5:
        members.append((name, rng.choice(others)[:20_000], packing))
    elif kind == 6:
        names = [
            "../" * 5 + name,
            "/" + name,
            name + "/",
            "",
            "a" * 300,
            "\u202e" + name,
            "con",
            "a\nb",
            "x.zip",
            "é\ud7ff",
        ]
        members[place] = (rng.choice(names), plain, packing)
    else:
        members = [(n, d, rng.choice([0, 8, 12, 14])) for n, d, _ in members]
    out = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "w") as archive:
        for n, d, how in members:
            archive.writestr(zipfile.ZipInfo(n, (2026, 10, 1, 0, 0, 0)), d, how)
    found = bytearray(out.getvalue())
    if rng.random() < 0.15:
        # A flag or the method of a header: encrypted, a name in UTF-8, a packing that nobody knows, a newer version.
        heads = [m.start() for m in re.finditer(rb"PK\x01\x02", bytes(found))]
        if heads:
            found[rng.choice(heads) + rng.choice([6, 8, 9, 10, 20, 24, 28, 30, 42])] = rng.choice(
                [0, 1, 8, 14, 63, 99, 255]
            )
    return bytes(found)


def _xml(data: bytes, rng: random.Random) -> bytes:
    """A part of a workbook: an element, an attribute or a number of it."""
    kind = rng.randrange(5)
    tags = list(re.finditer(rb"<[^<>]+>", data[:200_000]))
    if not tags:
        return data
    one = rng.choice(tags)
    if kind == 0:
        return data[: one.start()] + data[one.end() :]
    if kind == 1:
        return data[: one.end()] + one[0] * rng.choice([1, 30, 400]) + data[one.end() :]
    if kind == 2:
        return data[: one.end()] + rng.choice(TOKENS) + data[one.end() :]
    numbers = list(re.finditer(rb'"[^"<>]*"|>[0-9]+<', data[:200_000]))
    if kind == 3 and numbers:
        place = rng.choice(numbers)
        said = rng.choice(
            [
                b"-1",
                b"0",
                b"1048577",
                b"4294967296",
                b"9" * 20,
                b"",
                b"XFE1",
                b"A0",
                b"A1:XFD1048576",
                b"1e9",
                b"s",
                b"d",
            ]
        )
        return data[: place.start() + 1] + said + data[place.end() - 1 :]
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return re.sub(rb"^(<\?xml[^>]*\?>)?", lambda m: m[0] + entity, data, count=1)


_Way = Callable[[bytes, list[bytes], random.Random], bytes]
_WAYS: tuple[_Way, ...] = (_bytes, _bytes, _bytes, _number, _lines, _encoding, _table, _json, _packed, _packed)
