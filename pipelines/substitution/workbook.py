"""Values in a workbook (XLSX): the texts that its sheets share, and rows that hold the person.

Works on the XML as text, so that nothing else of a workbook changes. Another sheet's row may share a text with the row
of the person: what is replaced in one row only is written into the cell.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from html import escape, unescape

from pipelines.substitution.values import Values

SHARED = "xl/sharedStrings.xml"
_ITEM = re.compile(r"<si\b[^>]*?(?:/>|>.*?</si>)", re.DOTALL)
_TEXT = re.compile(r"(<(?:\w+:)?t\b[^>]*>)([^<]*)(</(?:\w+:)?t>)")
_ROW = re.compile(r"<row\b.*?</row>", re.DOTALL)
_CELL = re.compile(r"<c\b((?:[^>/]|/(?!>))*)>(.*?)</c>", re.DOTALL)
_VALUE = re.compile(r"<v>([^<]*)</v>")


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether an archive is a workbook."""
    return "xl/workbook.xml" in archive.namelist()


def rewritten(archive: zipfile.ZipFile, values: Values) -> dict[str, bytes]:
    """Member → its new content, of those in which something is replaced."""
    made: dict[str, bytes] = {}
    before = archive.read(SHARED).decode("utf-8") if SHARED in archive.namelist() else ""
    items = _ITEM.findall(before)
    texts = [_joined(item) for item in items]
    used: set[int] = set()
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")) or name == SHARED:
            continue
        content = archive.read(name).decode("utf-8", "surrogateescape")
        changed = content
        if name.startswith("xl/worksheets/"):
            changed = _ROW.sub(lambda m: _row(m[0], texts, values, used), content)
        # Names of sheets, comments, properties, links.
        changed = _in_xml(changed, values.text)
        if changed != content:
            made[name] = changed.encode("utf-8", "surrogateescape")
    if items:
        place, by_others = iter(range(len(items))), {-number - 1 for number in used if number < 0}

        def item(match: re.Match[str]) -> str:
            number = next(place)
            if values.text(texts[number]) != texts[number]:
                return _in_xml(match[0], values.text)
            # A text that only rows of the person showed.
            weak = values.own(texts[number]) != texts[number]
            return "<si><t></t></si>" if weak and number in used and number not in by_others else match[0]

        left = _ITEM.sub(item, before)
        if left != before:
            made[SHARED] = left.encode("utf-8")
    return made


def _joined(item: str) -> str:
    return "".join(unescape(m[2]) for m in _TEXT.finditer(item))


def _in_xml(content: str, change: Callable[[str], str]) -> str:
    """Texts of elements and values of attributes."""

    def other(text: str, quote: bool) -> str:
        plain = unescape(text)
        made = change(plain)
        return text if made == plain else escape(made, quote=quote)

    content = re.sub(r">([^<]+)<", lambda m: f">{other(m[1], False)}<", content)
    return re.sub(r'="([^"<]*)"', lambda m: f'="{other(m[1], True)}"', content)


def _row(row: str, texts: list[str], values: Values, used: set[int]) -> str:
    """A row of a sheet. used: numbers of shared texts that rows of the person show; of those that others show, the
    negative number less one.
    """
    cells = _CELL.findall(row)
    shown = [_shown(attributes, inner, texts) for attributes, inner in cells]
    numbers = [_number(attributes, inner) for attributes, inner in cells]
    is_own = any(text and values.names(text) for text in shown)
    if not is_own:
        used.update(-n - 1 for n in numbers if n is not None)
        return row
    used.update(n for n in numbers if n is not None)

    def cell(match: re.Match[str]) -> str:
        text = _shown(match[1], match[2], texts)
        made = values.own(text) if text else text
        if made == text:
            return match[0]
        attributes = re.sub(r'\bt="[^"]*"', "", match[1]).rstrip()
        return f'<c{attributes} t="inlineStr"><is><t xml:space="preserve">{escape(made, quote=False)}</t></is></c>'

    return _CELL.sub(cell, row)


def _number(attributes: str, inner: str) -> int | None:
    value = _VALUE.search(inner)
    return int(value[1]) if value and 't="s"' in attributes and value[1].isdigit() else None


def _shown(attributes: str, inner: str, texts: list[str]) -> str:
    number = _number(attributes, inner)
    if number is not None:
        return texts[number] if number < len(texts) else ""
    value = _VALUE.search(inner)
    return unescape(value[1]) if value else _joined(inner)
