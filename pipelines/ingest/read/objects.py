"""JSON and NDJSON as tables of texts: lists of objects, wrapped lists, column-oriented answers. Tree-shaped forms are
`adapters`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.ingest.landing.files import FileDamageError
from pipelines.ingest.read.text_table import TextTable

WRAPPERS = ("value", "Resources", "data", "items", "records", "rows", "results", "users")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _objects(items: list[Any], form: str) -> TextTable | None:
    header: dict[str, None] = {}
    for item in items:
        if isinstance(item, dict):
            header.update(dict.fromkeys(map(str, item)))
    if not header:
        return None
    names = list(header)

    def rows() -> Iterator[list[str | None]]:
        for item in items:
            # What is no object becomes a row of the wrong width, so that it is named and not lost.
            yield [_text(item.get(n)) for n in names] if isinstance(item, dict) else [_text(item)]

    return TextTable(names, rows(), form)


def parse_json(path: Path) -> tuple[Any, bool]:
    """(the value in a JSON file, or the list of those of an NDJSON file; whether it is NDJSON). Numbers stay texts.
    Raises FileDamageError naming the damage.
    """
    text = path.read_text(encoding="utf-8-sig")
    try:
        return json.loads(text, parse_float=str, parse_int=str), False
    except RecursionError as error:
        raise FileDamageError("the JSON is nested too deeply") from error
    except ValueError as error:
        return _lines(text, error), True


def table_of(data: Any, form: str) -> TextTable | None:
    """The table in parsed JSON, None if it holds no list of objects."""
    if isinstance(data, dict) and isinstance(data.get("columns"), list) and isinstance(data.get("rows"), list):
        names = [str(c.get("name", "")) if isinstance(c, dict) else str(c) for c in data["columns"]]
        rows = ([_text(v) for v in r] if isinstance(r, list) else [_text(r)] for r in data["rows"])
        return TextTable(names, rows, f"{form} columns")
    if isinstance(data, dict):
        for name in WRAPPERS:
            if isinstance(data.get(name), list):
                return _objects(data[name], form)
        return _objects([data], form)
    return _objects(data, form) if isinstance(data, list) else None


def _lines(text: str, error: ValueError) -> list[Any]:
    items: list[Any] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                items.append(json.loads(line, parse_float=str, parse_int=str))
            except (ValueError, RecursionError):
                if len(items) < 2:
                    raise FileDamageError(f"the JSON is damaged: {error}") from error
                raise FileDamageError(f"line {number} of the NDJSON is damaged") from error
    return items
