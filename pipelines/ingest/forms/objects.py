"""JSON and NDJSON as tables of texts: lists of objects, wrapped lists, column-oriented answers. Tree-shaped forms are
`adapters`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts.limits import (
    MAX_COLUMNS,
    MAX_HEADER_CHARS,
    MAX_JSON_BYTES,
    beyond,
    beyond_bytes,
    json_values_for,
)
from pipelines.ingest.forms.text_table import TextTable
from pipelines.ingest.landing.files import FileDamageError

NARROWER = "export the properties that are needed"
TOO_DEEP = "the JSON is nested too deeply"
# An escape of a JSON text, two halves of a character together: a half alone is no character and can be kept nowhere.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
WRAPPERS = ("value", "Resources", "data", "items", "records", "rows", "results", "users")


@dataclass(frozen=True)
class Parsed:
    """The value in a JSON file, or the list of those of an NDJSON file; whether it is NDJSON; what to say of it."""

    data: Any
    by_lines: bool = False
    remark: str = ""


def load_json(text: str) -> Any:
    """The value that a JSON text is, its numbers as texts and halves of characters as U+FFFD. Raises ValueError, and
    RecursionError where it is nested too deeply.
    """
    return json.loads(_whole_characters(text)[0], parse_float=str, parse_int=str)


def _whole_characters(text: str) -> tuple[str, int]:
    """(the text with U+FFFD for halves of characters, how many there were)."""
    if not _HALF.search(text):
        return text, 0
    halves = 0

    def whole(found: re.Match[str]) -> str:
        nonlocal halves
        if found[1] is None:
            return found[0]
        halves += 1
        return r"\ufffd"

    return _ESCAPE.sub(whole, text), halves


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except RecursionError as error:
        raise FileDamageError(TOO_DEEP) from error


def _objects(items: list[Any], form: str) -> TextTable | None:
    header: dict[str, None] = {}
    for item in items:
        if isinstance(item, dict):
            header.update(dict.fromkeys(map(str, item)))
            within_limits(header)
    if not header:
        return None
    names = list(header)

    def rows() -> Iterator[list[str | None]]:
        for item in items:
            # What is no object becomes a row of the wrong width, so that it is named and not lost.
            yield [_text(item.get(n)) for n in names] if isinstance(item, dict) else [_text(item)]

    return TextTable(names, rows(), form)


def within_limits(names: Collection[str]) -> None:
    """Raise FileDamageError where these are more columns, or longer names, than a table may have."""
    if len(names) > MAX_COLUMNS:
        raise FileDamageError(beyond("the JSON has {} columns or more", len(names), MAX_COLUMNS, NARROWER))
    if (chars := sum(map(len, names))) > MAX_HEADER_CHARS:
        raise FileDamageError(beyond("the names of the columns have {} characters", chars, MAX_HEADER_CHARS, NARROWER))


def parse_json(path: Path) -> Parsed:
    """What a JSON or NDJSON file holds. Numbers stay texts. Raises FileDamageError naming the damage."""
    if (size := path.stat().st_size) > MAX_JSON_BYTES:
        raise FileDamageError(beyond_bytes("the JSON has {}", size, MAX_JSON_BYTES, "export it as CSV, or in parts"))
    text = path.read_text(encoding="utf-8-sig")
    # By the signs that part or begin one: a value of one character takes as much memory as a long one.
    if (values := sum(map(text.count, ",[{"))) > (most := json_values_for(size)):
        raise FileDamageError(beyond("the JSON holds {} values", values, most, "export it as CSV, or in parts"))
    text, halves = _whole_characters(text)
    remark = f"{halves} halves of characters (lone surrogates) are read as U+FFFD" if halves else ""
    try:
        return Parsed(json.loads(text, parse_float=str, parse_int=str), False, remark)
    except RecursionError as error:
        raise FileDamageError(TOO_DEEP) from error
    except ValueError as error:
        return Parsed(_lines(text, error), True, remark)


def table_of(data: Any, form: str) -> TextTable | None:
    """The table in parsed JSON, None if it holds no list of objects."""
    if isinstance(data, list) and len(data) > 1 and all(isinstance(r, list) for r in data):
        data = {"columns": data[0], "rows": data[1:]}
    if isinstance(data, dict) and (columns := _by_columns(data)):
        data = columns
    if isinstance(data, dict) and isinstance(data.get("columns"), list):
        rows = data.get("rows", data.get("data"))
        if isinstance(rows, list):
            names = [str(c.get("name", "")) if isinstance(c, dict) else str(c) for c in data["columns"]]
            within_limits(names)
            cells = ([_text(v) for v in r] if isinstance(r, list) else [_text(r)] for r in rows)
            return TextTable(names, cells, f"{form} columns")
    if isinstance(data, dict):
        for name in WRAPPERS:
            if isinstance(data.get(name), list):
                return _objects(data[name], form)
        return _objects([data], form)
    return _objects(data, form) if isinstance(data, list) else None


def _by_columns(data: dict[str, Any]) -> dict[str, Any] | None:
    """The columns and rows of an object that has a list for each column, or an object of row numbers as pandas writes
    it; None for any other.
    """
    columns = list(data.values())
    if len(columns) < 2:
        return None
    first = columns[0]
    if isinstance(first, dict):
        numbers = list(first)
        if not numbers or not all(n.isdecimal() for n in numbers):
            return None
        if not all(isinstance(c, dict) and list(c) == numbers for c in columns):
            return None
        columns = [list(c.values()) for c in columns]
    elif not all(isinstance(c, list) and len(c) == len(first) for c in columns):
        return None
    if any(isinstance(v, dict | list) for c in columns for v in c):
        return None
    return {"columns": list(data), "rows": [list(row) for row in zip(*columns, strict=True)]}


def _lines(text: str, error: ValueError) -> list[Any]:
    items: list[Any] = []
    # Other characters that part lines may stand in a text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                items.append(json.loads(line, parse_float=str, parse_int=str))
            except (ValueError, RecursionError):
                if len(items) < 2:
                    raise FileDamageError(f"the JSON is damaged: {error}") from error
                raise FileDamageError(f"line {number} of the NDJSON is damaged") from error
    return items
