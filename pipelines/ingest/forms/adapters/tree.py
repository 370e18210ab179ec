"""Helpers for parsed JSON: a value at a path as text. Holds no form and reads no file."""

from __future__ import annotations

from typing import Any


def text(value: Any) -> str | None:
    """A scalar as text (`true`/`false` for booleans); None for null, lists and objects."""
    if value is None or isinstance(value, list | dict):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def at(node: Any, *path: str) -> Any:
    """The value at a path of keys, compared without regard to case; None where the path ends early."""
    for key in path:
        if not isinstance(node, dict):
            return None
        if key in node:
            node = node[key]
            continue
        wanted = key.lower()
        node = next((value for name, value in node.items() if name.lower() == wanted), None)
    return node


def text_at(node: Any, *path: str) -> str | None:
    """`text` of `at`."""
    return text(at(node, *path))


def objects(node: Any) -> list[dict[str, Any]] | None:
    """A list that holds objects only (and at least one), else None."""
    if isinstance(node, list) and node and all(isinstance(item, dict) for item in node):
        return node
    return None


def listed(node: Any, *path: str) -> list[Any]:
    """The list at a path; empty where there is none or something else stands there."""
    found = at(node, *path)
    return found if isinstance(found, list) else []


def joined_texts(values: list[Any]) -> str | None:
    """The texts of a list with `;` between them; of objects their `value` or `address`. None if there is none."""
    texts = [text(v) or text_at(v, "value") or text_at(v, "address") for v in values]
    return ";".join(t for t in texts if t) or None
